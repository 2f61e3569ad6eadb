//! From a built component's bytes to its world; and what to say about bytes that are not a component.

use wasmparser::Parser;
use wit_parser::decoding::{DecodedWasm, decode as decode_wasm};
use wit_parser::{PackageId, Resolve, WorldId};

use crate::error::Error;

const MAGIC: [u8; 4] = *b"\0asm";
/// The half-word after the magic and the 16-bit version: 0 for a core module, 1 for a component.
const LAYER_COMPONENT: u16 = 1;

pub fn decode(bytes: &[u8]) -> Result<(Resolve, WorldId), Error> {
    check_header(bytes, "a component", "npx @hl/guest-js wrap")?;
    match decode_checked(bytes) {
        Ok(DecodedWasm::Component(resolve, world)) => Ok((resolve, world)),
        Ok(DecodedWasm::WitPackage(..)) => {
            Err(Error::new("this is a WIT package in binary form, which has no code; a component is needed"))
        }
        Err(error) => Err(Error::new(format!("not a valid component: {error}"))),
    }
}

/// A WIT package that `wasm-tools component wit --wasm` or a registry made.
pub fn decode_package(bytes: &[u8]) -> Result<(Resolve, PackageId), Error> {
    check_header(bytes, "a WIT package", "wasm-tools component wit --wasm")?;
    match decode_checked(bytes) {
        Ok(DecodedWasm::WitPackage(resolve, package)) => Ok((resolve, package)),
        Ok(DecodedWasm::Component(..)) => Err(Error::new("this is a component, a WIT package is needed")),
        Err(error) => Err(Error::new(format!("not a valid WIT package: {error}"))),
    }
}

/// `what` is needed instead, and made from a core module by the command `from_module`.
fn check_header(bytes: &[u8], what: &str, from_module: &str) -> Result<(), Error> {
    let Some((header, _)) = bytes.split_first_chunk::<8>() else {
        return Err(Error::new(match bytes {
            [] => format!("the file is empty, {what} is needed"),
            _ => format!("only {} bytes, {what} is needed", bytes.len()),
        }));
    };
    if header[..4] != MAGIC {
        let is_text = std::str::from_utf8(bytes.get(..512).unwrap_or(bytes)).is_ok();
        return Err(Error::new(if is_text {
            format!("this is text, {what} in binary form is needed (`wasm-tools parse` makes one from WAT)")
        } else {
            "this is not WebAssembly: it does not begin with `\\0asm`".to_owned()
        }));
    }
    if u16::from_le_bytes([header[6], header[7]]) != LAYER_COMPONENT {
        return Err(Error::new(format!(
            "this is a core WebAssembly module, {what} is needed (`{from_module}` makes one from it)"
        )));
    }
    Ok(())
}

/// Only once every length in it fits what it is in: the decoder makes room for as much as a section or a function
/// claims, up to 4 GiB, before it looks for the bytes.
fn decode_checked(bytes: &[u8]) -> Result<DecodedWasm, String> {
    for part in Parser::new(0).parse_all(bytes) {
        part.map_err(|error| error.to_string())?;
    }
    decode_wasm(bytes).map_err(|error| format!("{error:#}"))
}
