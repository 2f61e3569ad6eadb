//! Lowering: values in wire form become a component's, flat or in linear memory.

use alloc::string::String;
use alloc::vec::Vec;
use core::mem::MaybeUninit;

use wasmtime::component::__internal::{
    InterfaceType, LowerContext,
    wasmtime_environ::component::{CanonicalOptionsDataModel, StringEncoding},
};
use wasmtime::component::Lower;
use wasmtime::{Result, ValRaw};

use super::wire::{Malformed, Source};
use super::{Cases, Elements, UNREACHABLE, bulk_bytes, flags_mask, scalar_bytes};

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
            let handle = lower_handle(cx, ty, source)?;
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
            let handle = lower_handle(cx, ty, source)?;
            store(cx, at, &handle.to_le_bytes());
        }
        _ => {
            let cases = Cases::of(types, ty).ok_or(UNREACHABLE)?;
            let bytes = cases.discriminant_bytes();
            let discriminant = source.number(bytes)?;
            let payload = cases.payload(discriminant as u32)?;
            store(cx, at, &discriminant.to_le_bytes()[..bytes]);
            if let Some(payload) = payload {
                lower_memory(cx, &payload, source, at + cases.payload_offset())?;
            }
        }
    }
    Ok(())
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

fn lower_handle<T>(
    cx: &mut LowerContext<'_, T>,
    ty: &InterfaceType,
    source: &mut impl Source,
) -> Result<u32> {
    let rep = source.number(4)? as u32;
    match ty {
        InterfaceType::Own(table) => cx.guest_resource_lower_own(*table, rep),
        InterfaceType::Borrow(table) => cx.guest_resource_lower_borrow(*table, rep),
        _ => Err(UNREACHABLE.into()),
    }
}

/// Where a string or list was put, and how many units or elements it has.
struct Placed {
    at: usize,
    count: usize,
}

impl Placed {
    fn push(&self, slots: &mut Slots<'_>) {
        slots.push(self.at as u64);
        slots.push(self.count as u64);
    }

    fn store<T>(&self, cx: &mut LowerContext<'_, T>, at: usize) {
        store(cx, at, &(self.at as u32).to_le_bytes());
        store(cx, at + 4, &(self.count as u32).to_le_bytes());
    }
}

fn lower_elements<T>(
    cx: &mut LowerContext<'_, T>,
    elements: &Elements,
    source: &mut impl Source,
) -> Result<Placed> {
    let count = source.count()?;
    let bytes =
        count.checked_mul(elements.bytes).ok_or(Malformed("a list is larger than linear memory can be"))?;
    let at = cx.realloc(0, 0, elements.align, bytes)?;
    match elements.second {
        None => lower_run(cx, &elements.first, elements.bytes, count, source, at)?,
        Some((second, offset)) => {
            for entry in (at..).step_by(elements.bytes).take(count) {
                lower_memory(cx, &elements.first, source, entry)?;
                lower_memory(cx, &second, source, entry + offset)?;
            }
        }
    }
    Ok(Placed { at, count })
}

/// `count` values of one type, one behind the other from `at`.
fn lower_run<T>(
    cx: &mut LowerContext<'_, T>,
    ty: &InterfaceType,
    bytes: usize,
    count: usize,
    source: &mut impl Source,
    at: usize,
) -> Result<()> {
    if bulk_bytes(ty).is_some() {
        return Ok(copy(cx, source, at, count * bytes)?);
    }
    for at in (at..).step_by(bytes).take(count) {
        lower_memory(cx, ty, source, at)?;
    }
    Ok(())
}

fn copy<T>(
    cx: &mut LowerContext<'_, T>,
    source: &mut impl Source,
    at: usize,
    bytes: usize,
) -> Result<(), Malformed> {
    let mut into = &mut cx.as_slice_mut()[at..][..bytes];
    while !into.is_empty() {
        let chunk = source.chunk(into.len())?;
        let (now, later) = into.split_at_mut(chunk.len());
        now.copy_from_slice(chunk);
        into = later;
    }
    Ok(())
}

fn lower_string<T>(cx: &mut LowerContext<'_, T>, source: &mut impl Source) -> Result<Placed> {
    let count = source.count()?;
    let encoding = match cx.options().data_model {
        CanonicalOptionsDataModel::LinearMemory(_) => cx.options().string_encoding,
        CanonicalOptionsDataModel::Gc {} => return Err(UNREACHABLE.into()),
    };
    match encoding {
        StringEncoding::Utf8 => {
            let at = cx.realloc(0, 0, 1, count)?;
            copy(cx, source, at, count)?;
            core::str::from_utf8(&cx.as_slice_mut()[at..][..count]).map_err(|_| NOT_UTF8)?;
            Ok(Placed { at, count })
        }
        StringEncoding::Utf16 | StringEncoding::CompactUtf16 => transcode(cx, source, count),
    }
}

const NOT_UTF8: Malformed = Malformed("a string is not UTF-8");

/// Leaves the encodings that few toolchains use to wasmtime, which wants the whole string.
fn transcode<T>(cx: &mut LowerContext<'_, T>, source: &mut impl Source, count: usize) -> Result<Placed> {
    let mut bytes = Vec::new();
    bytes.try_reserve_exact(count).map_err(|_| Malformed("a string is too large to be transcoded"))?;
    while bytes.len() < count {
        bytes.extend_from_slice(source.chunk(count - bytes.len())?);
    }
    let text = String::from_utf8(bytes).map_err(|_| NOT_UTF8)?;
    let mut flat = MaybeUninit::<[ValRaw; 2]>::uninit();
    text.as_str().linear_lower_to_flat(cx, InterfaceType::String, &mut flat)?;
    // SAFETY: lowering a string to flat values initialises both.
    let [at, count] = unsafe { flat.assume_init() };
    Ok(Placed { at: at.get_u32() as usize, count: count.get_u32() as usize })
}
