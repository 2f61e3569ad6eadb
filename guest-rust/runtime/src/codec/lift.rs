//! Lifting: a component's values, flat or in linear memory, become wire form.
//!
//! Everything in linear memory is the component's claim: pointers, lengths, discriminants and text are
//! checked here, before anyone else sees them.

mod sequence;

use wasmtime::component::__internal::{InterfaceType, LiftContext};
use wasmtime::{Result, ValRaw};

use super::lower::words;
use super::wire::{Malformed, Sink};
use super::{Cases, Elements, UNREACHABLE, flags_mask, handle, scalar_bytes};
use sequence::{lift_elements, lift_run, lift_string};

/// Flat values in the order in which the core function gave them.
pub struct Values<'a> {
    values: &'a [ValRaw],
    next: usize,
}

impl<'a> Values<'a> {
    pub fn new(values: &'a [ValRaw]) -> Self {
        Self { values, next: 0 }
    }

    fn next(&mut self) -> u64 {
        self.next += 1;
        self.values[self.next - 1].get_u64()
    }
}

/// Writes a scalar as it is on the wire.
fn scalar(sink: &mut impl Sink, ty: &InterfaceType, bytes: usize, value: u64) -> Result<(), Malformed> {
    match ty {
        // Any other number is true as well.
        InterfaceType::Bool => sink.write(&[u8::from(value as u32 != 0)]),
        InterfaceType::Char if char::from_u32(value as u32).is_none() => {
            Err(Malformed("a char is not a Unicode scalar value"))
        }
        _ => sink.write(&value.to_le_bytes()[..bytes]),
    }
}

/// The next value of `values`.
pub fn lift_flat(
    cx: &mut LiftContext<'_>,
    ty: &InterfaceType,
    values: &mut Values<'_>,
    sink: &mut impl Sink,
) -> Result<()> {
    let types = cx.types;
    if let Some(bytes) = scalar_bytes(ty) {
        return Ok(scalar(sink, ty, bytes, values.next())?);
    }
    match ty {
        InterfaceType::String => {
            let (at, count) = (values.next() as u32, values.next() as u32);
            lift_string(cx, at, count, sink)?;
        }
        InterfaceType::List(index) => {
            let (at, count) = (values.next() as u32, values.next() as u32);
            lift_elements(cx, &Elements::of_list(types, *index), at, count, sink)?;
        }
        InterfaceType::Map(index) => {
            let (at, count) = (values.next() as u32, values.next() as u32);
            lift_elements(cx, &Elements::of_map(types, *index), at, count, sink)?;
        }
        InterfaceType::Record(index) => {
            for field in &types[*index].fields {
                lift_flat(cx, &field.ty, values, sink)?;
            }
        }
        InterfaceType::Tuple(index) => {
            for ty in &types[*index].types {
                lift_flat(cx, ty, values, sink)?;
            }
        }
        InterfaceType::FixedLengthList(index) => {
            for _ in 0..types[*index].size {
                lift_flat(cx, &types[*index].element, values, sink)?;
            }
        }
        InterfaceType::Flags(index) => {
            let flags = &types[*index];
            for (word, bytes) in words(flags.abi.size32 as usize) {
                let value = values.next() as u32 & flags_mask(flags.names.len(), word, bytes);
                sink.write(&value.to_le_bytes()[..bytes])?;
            }
        }
        InterfaceType::Own(_) | InterfaceType::Borrow(_) => {
            let handle = values.next() as u32;
            sink.write(&handle::lift(cx, ty, handle)?.to_le_bytes())?;
        }
        _ => lift_flat_variant(cx, ty, values, sink)?,
    }
    Ok(())
}

fn lift_flat_variant(
    cx: &mut LiftContext<'_>,
    ty: &InterfaceType,
    values: &mut Values<'_>,
    sink: &mut impl Sink,
) -> Result<()> {
    let cases = Cases::of(cx.types, ty).ok_or(UNREACHABLE)?;
    let flat_count = cx.types.canonical_abi(ty).flat_count(usize::MAX).ok_or(UNREACHABLE)?;
    let end = values.next + flat_count;
    let discriminant = values.next() as u32;
    let payload = cases.payload(discriminant)?;
    sink.write(&discriminant.to_le_bytes()[..cases.discriminant_bytes()])?;
    if let Some(payload) = payload {
        lift_flat(cx, &payload, values, sink)?;
    }
    // Another case may have more flat values than this one.
    values.next = end;
    Ok(())
}

/// The value in `bytes`, which begin where it does and hold all of it.
pub fn lift_memory(
    cx: &mut LiftContext<'_>,
    ty: &InterfaceType,
    bytes: &[u8],
    sink: &mut impl Sink,
) -> Result<()> {
    let types = cx.types;
    if let Some(len) = scalar_bytes(ty) {
        let mut value = [0; 8];
        value[..len].copy_from_slice(&bytes[..len]);
        return Ok(scalar(sink, ty, len, u64::from_le_bytes(value))?);
    }
    let mut end = 0;
    match ty {
        InterfaceType::String => lift_string(cx, u32_at(bytes, 0), u32_at(bytes, 4), sink)?,
        InterfaceType::List(index) => {
            let elements = Elements::of_list(types, *index);
            lift_elements(cx, &elements, u32_at(bytes, 0), u32_at(bytes, 4), sink)?;
        }
        InterfaceType::Map(index) => {
            let elements = Elements::of_map(types, *index);
            lift_elements(cx, &elements, u32_at(bytes, 0), u32_at(bytes, 4), sink)?;
        }
        InterfaceType::Record(index) => {
            for field in &types[*index].fields {
                let at = types.canonical_abi(&field.ty).next_field32_size(&mut end);
                lift_memory(cx, &field.ty, &bytes[at..], sink)?;
            }
        }
        InterfaceType::Tuple(index) => {
            for ty in &types[*index].types {
                let at = types.canonical_abi(ty).next_field32_size(&mut end);
                lift_memory(cx, ty, &bytes[at..], sink)?;
            }
        }
        InterfaceType::FixedLengthList(index) => {
            let list = &types[*index];
            let element_bytes = types.canonical_abi(&list.element).size32 as usize;
            lift_run(cx, &list.element, element_bytes, &bytes[..list.abi.size32 as usize], sink)?;
        }
        InterfaceType::Flags(index) => {
            let flags = &types[*index];
            for (word, len) in words(flags.abi.size32 as usize) {
                let mut value = [0; 4];
                value[..len].copy_from_slice(&bytes[word * 4..][..len]);
                let value = u32::from_le_bytes(value) & flags_mask(flags.names.len(), word, len);
                sink.write(&value.to_le_bytes()[..len])?;
            }
        }
        InterfaceType::Own(_) | InterfaceType::Borrow(_) => {
            sink.write(&handle::lift(cx, ty, u32_at(bytes, 0))?.to_le_bytes())?;
        }
        _ => lift_memory_variant(cx, ty, bytes, sink)?,
    }
    Ok(())
}

fn lift_memory_variant(
    cx: &mut LiftContext<'_>,
    ty: &InterfaceType,
    bytes: &[u8],
    sink: &mut impl Sink,
) -> Result<()> {
    let cases = Cases::of(cx.types, ty).ok_or(UNREACHABLE)?;
    let len = cases.discriminant_bytes();
    let mut discriminant = [0; 4];
    discriminant[..len].copy_from_slice(&bytes[..len]);
    let payload = cases.payload(u32::from_le_bytes(discriminant))?;
    sink.write(&discriminant[..len])?;
    match payload {
        Some(payload) => lift_memory(cx, &payload, &bytes[cases.payload_offset()..], sink),
        None => Ok(()),
    }
}

fn u32_at(bytes: &[u8], at: usize) -> u32 {
    u32::from_le_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]])
}
