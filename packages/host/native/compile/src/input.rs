//! Owns reading the component, and telling apart what is plainly not one.

use std::io::Read;

use crate::failure::Failure;

/// Larger than any component seen by far, small enough to hold beside the compiler.
const COMPONENT_BYTES_MAX: u64 = 256 << 20;

const MAGIC: &[u8] = b"\0asm";
/// Version and layer as they follow [`MAGIC`].
const CORE_MODULE: &[u8] = &[1, 0, 0, 0];
const COMPONENT: &[u8] = &[0x0d, 0, 1, 0];

/// Reads to the end; whatever is returned at least begins like a component.
pub fn read(input: impl Read) -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::new();
    input.take(COMPONENT_BYTES_MAX + 1).read_to_end(&mut bytes).map_err(|error| {
        Failure::internal(format!("cannot read the component from standard input: {error}"))
    })?;
    if bytes.len() as u64 > COMPONENT_BYTES_MAX {
        return Err(Failure::limit(format!("the component is larger than {COMPONENT_BYTES_MAX} bytes")));
    }
    check(&bytes)?;
    Ok(bytes)
}

fn check(bytes: &[u8]) -> Result<(), Failure> {
    if bytes.is_empty() {
        return Err(Failure::invalid("the component is empty: expected the bytes of a .wasm file, got none"));
    }
    let Some(rest) = bytes.strip_prefix(MAGIC) else {
        return Err(Failure::invalid(match std::str::from_utf8(bytes) {
            Ok(_) => "this is text, not a component: compile it with `wasm-tools parse`".to_owned(),
            Err(_) => {
                format!("this is not WebAssembly: it begins with {:02x?}", &bytes[..bytes.len().min(4)])
            }
        }));
    };
    match rest.get(..4) {
        Some(COMPONENT) => Ok(()),
        Some(CORE_MODULE) => Err(Failure::invalid(
            "this is a core WebAssembly module, not a component: wrap it with \
             `npx @hl/guest-js wrap module.wasm --wit wit --out plugin.wasm`, or build it for wasm32-wasip2",
        )),
        Some(version) => Err(Failure::unsupported(format!("unknown WebAssembly version {version:02x?}"))),
        None => Err(Failure::invalid("the component is truncated: it ends within its header")),
    }
}
