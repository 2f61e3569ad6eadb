//! From a built component's bytes to its world; and what to say about bytes that are not a component.

use wit_parser::decoding::{DecodedWasm, decode as decode_wasm};
use wit_parser::{PackageId, Resolve, WorldId};

use crate::error::Error;

const MAGIC: [u8; 4] = *b"\0asm";
/// The half-word after the magic and the 16-bit version: 0 for a core module, 1 for a component.
const LAYER_COMPONENT: u16 = 1;

pub fn decode(bytes: &[u8]) -> Result<(Resolve, WorldId), Error> {
    check_header(bytes)?;
    match decode_wasm(bytes) {
        Ok(DecodedWasm::Component(resolve, world)) => Ok((resolve, world)),
        Ok(DecodedWasm::WitPackage(..)) => {
            Err(Error::new("this is a WIT package in binary form, which has no code; a component is needed"))
        }
        Err(error) => Err(Error::new(format!("not a valid component: {error:#}"))),
    }
}

/// A WIT package that `wasm-tools component wit --wasm` or a registry made.
pub fn decode_package(bytes: &[u8]) -> Result<(Resolve, PackageId), Error> {
    check_header(bytes)?;
    match decode_wasm(bytes) {
        Ok(DecodedWasm::WitPackage(resolve, package)) => Ok((resolve, package)),
        Ok(DecodedWasm::Component(..)) => {
            Err(Error::new("this is a component, a WIT package in binary form is needed"))
        }
        Err(error) => Err(Error::new(format!("not a valid WIT package: {error:#}"))),
    }
}

fn check_header(bytes: &[u8]) -> Result<(), Error> {
    let Some((header, _)) = bytes.split_first_chunk::<8>() else {
        return Err(Error::new(match bytes {
            [] => "the file is empty, a component is needed".to_owned(),
            _ => format!("only {} bytes, a component is needed", bytes.len()),
        }));
    };
    if header[..4] != MAGIC {
        let is_text = std::str::from_utf8(bytes.get(..512).unwrap_or(bytes)).is_ok();
        return Err(Error::new(if is_text {
            "this is text, a component in binary form is needed (`wasm-tools parse` makes one from WAT)"
        } else {
            "this is not WebAssembly: it does not begin with `\\0asm`"
        }));
    }
    if u16::from_le_bytes([header[6], header[7]]) != LAYER_COMPONENT {
        return Err(Error::new(
            "this is a core WebAssembly module, a component is needed (`wasm-tools component new` makes one)",
        ));
    }
    Ok(())
}
