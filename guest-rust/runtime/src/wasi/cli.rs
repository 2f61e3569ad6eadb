//! `wasi:cli`: leaving. Environment, arguments and terminals are empty and need no code.

use wasmtime::Result;

use super::{Arguments, Results, Wasi};
use crate::codec::Source;
use crate::fault::Fault;

/// `exit(status: result)`
pub fn exit(_: &mut Wasi, arguments: &mut Arguments<'_>, _: &mut Results) -> Result<()> {
    let failed = arguments.number(1)?;
    Err(Fault::Exit(failed as u32).into())
}

/// `exit-with-code(status-code: u8)`
pub fn exit_with_code(_: &mut Wasi, arguments: &mut Arguments<'_>, _: &mut Results) -> Result<()> {
    let status = arguments.number(1)?;
    Err(Fault::Exit(status as u32).into())
}
