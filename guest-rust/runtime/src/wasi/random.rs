//! `wasi:random`: fresh bytes with every request. The insecure functions give secure ones too.

use wasmtime::Result;

use super::{Arguments, Results, Wasi};
use crate::codec::Source;
use crate::fault::Fault;

/// What one call may ask for; a component that needs more asks again.
const BYTES_MAX: u64 = 1 << 20;

/// `get-random-bytes(len: u64) -> list<u8>`
pub fn bytes(_: &mut Wasi, arguments: &mut Arguments<'_>, results: &mut Results) -> Result<()> {
    let count = arguments.number(8)?;
    if count > BYTES_MAX {
        return Err(Fault::Exhausted("random bytes").into());
    }
    results.extend((count as u32).to_le_bytes());
    results.resize(results.len() + count as usize, 0);
    hl_guest::random(&mut results[4..]);
    Ok(())
}

/// `get-random-u64() -> u64`
pub fn number(_: &mut Wasi, _: &mut Arguments<'_>, results: &mut Results) -> Result<()> {
    results.resize(8, 0);
    hl_guest::random(results);
    Ok(())
}

/// `insecure-seed() -> tuple<u64, u64>`
pub fn seed(_: &mut Wasi, _: &mut Arguments<'_>, results: &mut Results) -> Result<()> {
    results.resize(16, 0);
    hl_guest::random(results);
    Ok(())
}
