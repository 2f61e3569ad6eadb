//! The payload of the runtime's `Load` message: which functions are exported, which imports the host serves.

/// Both lists, each: 32-bit count, then for each function a byte that tells whether an interface's name
/// follows, that name, the function's name; a name is its 32-bit length and UTF-8.
pub(crate) fn payload(exports: &[(Option<String>, String)], imports: &[(Option<String>, String)]) -> Vec<u8> {
    let mut payload = Vec::new();
    for functions in [exports, imports] {
        push_length(&mut payload, functions.len());
        for (interface, function) in functions {
            payload.push(u8::from(interface.is_some()));
            for name in interface.iter().chain([function]) {
                push_length(&mut payload, name.len());
                payload.extend_from_slice(name.as_bytes());
            }
        }
    }
    payload
}

/// JavaScript has neither arrays nor strings of 2^32 elements.
fn push_length(payload: &mut Vec<u8>, length: usize) {
    payload.extend_from_slice(&(length as u32).to_le_bytes());
}

#[cfg(test)]
mod tests {
    use super::payload;

    #[test]
    fn a_payload_names_exports_then_imports() {
        let exports = [(Some("a:b/c".to_owned()), "f".to_owned()), (None, "main".to_owned())];
        let expected = b"\x02\0\0\0\x01\x05\0\0\0a:b/c\x01\0\0\0f\0\x04\0\0\0main\0\0\0\0";
        assert_eq!(payload(&exports, &[]), expected);
    }
}
