//! `wasi:io/streams` and the three standard streams: text goes out, nothing comes in.

use wasmtime::Result;

use super::{Arguments, Results, Wasi};
use crate::codec::Source;
use crate::console::{self, Stream};
use crate::fault::Fault;

/// Representations; an output stream of any other number takes everything and keeps nothing.
const STDIN: u32 = 0;
const STDOUT: u32 = 1;
const STDERR: u32 = 2;

/// What a component may write at once.
const WRITE_BYTES_MAX: u64 = 64 << 10;
/// `result<_, stream-error>` that is ok.
const DONE: u8 = 0;

/// `get-stdin() -> input-stream`
pub fn stdin(_: &mut Wasi, _: &mut Arguments<'_>, results: &mut Results) -> Result<()> {
    results.extend(STDIN.to_le_bytes());
    Ok(())
}

/// `get-stdout() -> output-stream`
pub fn stdout(_: &mut Wasi, _: &mut Arguments<'_>, results: &mut Results) -> Result<()> {
    results.extend(STDOUT.to_le_bytes());
    Ok(())
}

/// `get-stderr() -> output-stream`
pub fn stderr(_: &mut Wasi, _: &mut Arguments<'_>, results: &mut Results) -> Result<()> {
    results.extend(STDERR.to_le_bytes());
    Ok(())
}

/// `subscribe() -> pollable`, ready at once: output never waits, and closed input has nothing to wait for.
pub fn subscribe(wasi: &mut Wasi, _: &mut Arguments<'_>, results: &mut Results) -> Result<()> {
    results.extend(wasi.pollables.insert(0)?.to_le_bytes());
    Ok(())
}

/// `output-stream.check-write() -> result<u64, stream-error>`
pub fn check_write(_: &mut Wasi, _: &mut Arguments<'_>, results: &mut Results) -> Result<()> {
    results.push(DONE);
    results.extend(WRITE_BYTES_MAX.to_le_bytes());
    Ok(())
}

/// `output-stream.write(contents: list<u8>) -> result<_, stream-error>`
pub fn write(_: &mut Wasi, arguments: &mut Arguments<'_>, results: &mut Results) -> Result<()> {
    let rep = arguments.number(4)? as u32;
    let count = arguments.count()?;
    print(rep, arguments.chunk(count)?);
    results.push(DONE);
    Ok(())
}

/// `output-stream.write-zeroes(len: u64) -> result<_, stream-error>`
pub fn write_zeroes(_: &mut Wasi, arguments: &mut Arguments<'_>, results: &mut Results) -> Result<()> {
    let rep = arguments.number(4)? as u32;
    let mut left = arguments.number(8)?;
    if left > WRITE_BYTES_MAX {
        return Err(
            Fault::BadResult("write-zeroes was asked for more than check-write permits".into()).into()
        );
    }
    while left > 0 {
        let zeroes = [0; 256];
        let now = left.min(zeroes.len() as u64);
        print(rep, &zeroes[..now as usize]);
        left -= now;
    }
    results.push(DONE);
    Ok(())
}

fn print(rep: u32, bytes: &[u8]) {
    match rep {
        STDOUT => console::write(Stream::Stdout, bytes),
        STDERR => console::write(Stream::Stderr, bytes),
        _ => {}
    }
}
