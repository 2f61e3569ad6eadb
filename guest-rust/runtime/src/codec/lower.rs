//! Lowering: values in wire form become a component's, flat or in linear memory.

mod sequence;

use core::mem::MaybeUninit;

use wasmtime::component::__internal::{InterfaceType, LowerContext};
use wasmtime::{Result, ValRaw};

use super::wire::{Malformed, Source};
use super::{Cases, Elements, UNREACHABLE, flags_mask, handle, scalar_bytes};
use sequence::{lower_elements, lower_run, lower_string};

/// Flat values in the order in which the core function takes them.
pub struct Slots<'a> {
    values: &'a mut [MaybeUninit<ValRaw>],
    next: usize,
}

impl<'a> Slots<'a> {
    pub fn new(values: &'a mut [MaybeUninit<ValRaw>]) -> Self {
        Self { values, next: 0 }
    }

    /// Every narrower type reads the low bits of this.
    pub fn push(&mut self, value: u64) {
        self.values[self.next].write(ValRaw::u64(value));
        self.next += 1;
    }
}

/// The next scalar of type `ty`, which has `bytes` bytes.
fn scalar(source: &mut impl Source, ty: &InterfaceType, bytes: usize) -> Result<u64, Malformed> {
    let value = source.number(bytes)?;
    match ty {
        InterfaceType::Bool if value > 1 => Err(Malformed("a bool is neither 0 nor 1")),
        InterfaceType::Char if char::from_u32(value as u32).is_none() => {
            Err(Malformed("a char is not a Unicode scalar value"))
        }
        _ => Ok(value),
    }
}

/// The next value as flat values.
pub fn lower_flat<T>(
    cx: &mut LowerContext<'_, T>,
    ty: &InterfaceType,
    source: &mut impl Source,
    slots: &mut Slots<'_>,
) -> Result<()> {
    let types = cx.types;
    if let Some(bytes) = scalar_bytes(ty) {
        let value = scalar(source, ty, bytes)?;
        slots.push(match ty {
            InterfaceType::S8 => u64::from(value as i8 as i32 as u32),
            InterfaceType::S16 => u64::from(value as i16 as i32 as u32),
            _ => value,
        });
        return Ok(());
    }
    match ty {
        InterfaceType::String => lower_string(cx, source)?.push(slots),
        InterfaceType::List(index) => {
            lower_elements(cx, &Elements::of_list(types, *index), source)?.push(slots);
        }
        InterfaceType::Map(index) => {
            lower_elements(cx, &Elements::of_map(types, *index), source)?.push(slots);
        }
        InterfaceType::Record(index) => {
            for field in &types[*index].fields {
                lower_flat(cx, &field.ty, source, slots)?;
            }
        }
        InterfaceType::Tuple(index) => {
            for ty in &types[*index].types {
                lower_flat(cx, ty, source, slots)?;
            }
        }
        InterfaceType::FixedLengthList(index) => {
            let list = &types[*index];
            for _ in 0..list.size {
                lower_flat(cx, &list.element, source, slots)?;
            }
        }
        InterfaceType::Flags(index) => {
            let flags = &types[*index];
            for (word, bytes) in words(flags.abi.size32 as usize) {
                slots.push(u64::from(flags_word(source, flags.names.len(), word, bytes)?));
            }
        }
        InterfaceType::Own(_) | InterfaceType::Borrow(_) => {
            let handle = handle::lower(cx, ty, source.number(4)? as u32)?;
            slots.push(u64::from(handle));
        }
        _ => lower_flat_variant(cx, ty, source, slots)?,
    }
    Ok(())
}

fn lower_flat_variant<T>(
    cx: &mut LowerContext<'_, T>,
    ty: &InterfaceType,
    source: &mut impl Source,
    slots: &mut Slots<'_>,
) -> Result<()> {
    let cases = Cases::of(cx.types, ty).ok_or(UNREACHABLE)?;
    let flat_count = cx.types.canonical_abi(ty).flat_count(usize::MAX).ok_or(UNREACHABLE)?;
    let end = slots.next + flat_count;
    let discriminant = source.number(cases.discriminant_bytes())?;
    let payload = cases.payload(discriminant as u32)?;
    slots.push(discriminant);
    if let Some(payload) = payload {
        lower_flat(cx, &payload, source, slots)?;
    }
    // Another case has more flat values than this one.
    while slots.next < end {
        slots.push(0);
    }
    Ok(())
}

/// The next value at `at`, which is aligned and has room for it.
pub fn lower_memory<T>(
    cx: &mut LowerContext<'_, T>,
    ty: &InterfaceType,
    source: &mut impl Source,
    at: usize,
) -> Result<()> {
    let types = cx.types;
    if let Some(bytes) = scalar_bytes(ty) {
        let value = scalar(source, ty, bytes)?;
        store(cx, at, &value.to_le_bytes()[..bytes]);
        return Ok(());
    }
    let mut end = at;
    match ty {
        InterfaceType::String => lower_string(cx, source)?.store(cx, at),
        InterfaceType::List(index) => {
            lower_elements(cx, &Elements::of_list(types, *index), source)?.store(cx, at);
        }
        InterfaceType::Map(index) => {
            lower_elements(cx, &Elements::of_map(types, *index), source)?.store(cx, at);
        }
        InterfaceType::Record(index) => {
            for field in &types[*index].fields {
                let at = types.canonical_abi(&field.ty).next_field32_size(&mut end);
                lower_memory(cx, &field.ty, source, at)?;
            }
        }
        InterfaceType::Tuple(index) => {
            for ty in &types[*index].types {
                let at = types.canonical_abi(ty).next_field32_size(&mut end);
                lower_memory(cx, ty, source, at)?;
            }
        }
        InterfaceType::FixedLengthList(index) => {
            let list = &types[*index];
            let bytes = types.canonical_abi(&list.element).size32 as usize;
            lower_run(cx, &list.element, bytes, list.size as usize, source, at)?;
        }
        InterfaceType::Flags(index) => {
            let flags = &types[*index];
            for (word, bytes) in words(flags.abi.size32 as usize) {
                let value = flags_word(source, flags.names.len(), word, bytes)?;
                store(cx, at + word * 4, &value.to_le_bytes()[..bytes]);
            }
        }
        InterfaceType::Own(_) | InterfaceType::Borrow(_) => {
            let handle = handle::lower(cx, ty, source.number(4)? as u32)?;
            store(cx, at, &handle.to_le_bytes());
        }
        _ => lower_memory_variant(cx, ty, source, at)?,
    }
    Ok(())
}

fn lower_memory_variant<T>(
    cx: &mut LowerContext<'_, T>,
    ty: &InterfaceType,
    source: &mut impl Source,
    at: usize,
) -> Result<()> {
    let cases = Cases::of(cx.types, ty).ok_or(UNREACHABLE)?;
    let bytes = cases.discriminant_bytes();
    let discriminant = source.number(bytes)?;
    let payload = cases.payload(discriminant as u32)?;
    store(cx, at, &discriminant.to_le_bytes()[..bytes]);
    match payload {
        Some(payload) => lower_memory(cx, &payload, source, at + cases.payload_offset()),
        None => Ok(()),
    }
}

fn store<T>(cx: &mut LowerContext<'_, T>, at: usize, bytes: &[u8]) {
    cx.as_slice_mut()[at..][..bytes.len()].copy_from_slice(bytes);
}

/// Index and length of each 32-bit word of flags; the last may be shorter.
pub fn words(bytes: usize) -> impl Iterator<Item = (usize, usize)> {
    (0..bytes.div_ceil(4)).map(move |word| (word, (bytes - word * 4).min(4)))
}

fn flags_word(source: &mut impl Source, count: usize, word: usize, bytes: usize) -> Result<u32, Malformed> {
    let value = source.number(bytes)? as u32;
    if value & !flags_mask(count, word, bytes) == 0 {
        Ok(value)
    } else {
        Err(Malformed("a flag does not exist"))
    }
}
