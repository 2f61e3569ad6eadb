//! Lifting what has no fixed length: strings, lists and maps, wherever the component claims that they are.

use alloc::string::String;

use wasmtime::component::__internal::{
    InterfaceType, LiftContext,
    wasmtime_environ::component::{CanonicalOptionsDataModel, StringEncoding},
};
use wasmtime::component::Lift;
use wasmtime::{Result, ValRaw};

use super::super::wire::{Malformed, Sink};
use super::super::{Elements, UNREACHABLE, bulk_bytes};
use super::lift_memory;

const OUT_OF_BOUNDS: Malformed = Malformed("a pointer is out of bounds of memory");

/// The part of linear memory that a list claims to take.
fn claimed<'a>(cx: &LiftContext<'a>, at: u32, bytes: usize, align: u32) -> Result<&'a [u8], Malformed> {
    if !at.is_multiple_of(align) {
        return Err(Malformed("a pointer is not aligned"));
    }
    cx.memory().get(at as usize..).and_then(|memory| memory.get(..bytes)).ok_or(OUT_OF_BOUNDS)
}

pub fn lift_elements(
    cx: &mut LiftContext<'_>,
    elements: &Elements,
    at: u32,
    count: u32,
    sink: &mut impl Sink,
) -> Result<()> {
    let bytes = (count as usize).checked_mul(elements.bytes).ok_or(OUT_OF_BOUNDS)?;
    let memory = claimed(cx, at, bytes, elements.align)?;
    sink.write(&count.to_le_bytes())?;
    match elements.second {
        None => lift_run(cx, &elements.first, elements.bytes, memory, sink),
        Some((second, offset)) => {
            for entry in memory.chunks_exact(elements.bytes) {
                lift_memory(cx, &elements.first, entry, sink)?;
                lift_memory(cx, &second, &entry[offset..], sink)?;
            }
            Ok(())
        }
    }
}

/// Values of one type, one behind the other, that fill `memory`.
pub fn lift_run(
    cx: &mut LiftContext<'_>,
    ty: &InterfaceType,
    bytes: usize,
    memory: &[u8],
    sink: &mut impl Sink,
) -> Result<()> {
    if bulk_bytes(ty).is_some() {
        return Ok(sink.write(memory)?);
    }
    for element in memory.chunks_exact(bytes) {
        lift_memory(cx, ty, element, sink)?;
    }
    Ok(())
}

pub fn lift_string(cx: &mut LiftContext<'_>, at: u32, count: u32, sink: &mut impl Sink) -> Result<()> {
    let encoding = match cx.options().data_model {
        CanonicalOptionsDataModel::LinearMemory(_) => cx.options().string_encoding,
        CanonicalOptionsDataModel::Gc {} => return Err(UNREACHABLE.into()),
    };
    let transcoded;
    let bytes = match encoding {
        StringEncoding::Utf8 => {
            let bytes = claimed(cx, at, count as usize, 1)?;
            core::str::from_utf8(bytes).map_err(|_| Malformed("a string is not UTF-8"))?;
            bytes
        }
        // Few toolchains use these; wasmtime knows them.
        StringEncoding::Utf16 | StringEncoding::CompactUtf16 => {
            let flat = [ValRaw::u32(at), ValRaw::u32(count)];
            transcoded = String::linear_lift_from_flat(cx, InterfaceType::String, &flat)?;
            transcoded.as_bytes()
        }
    };
    sink.write(&(bytes.len() as u32).to_le_bytes())?;
    Ok(sink.write(bytes)?)
}
