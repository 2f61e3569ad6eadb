//! Lowering what has no fixed length: strings, lists and maps get room from the component's own allocator.

use alloc::string::String;
use alloc::vec::Vec;
use core::mem::MaybeUninit;

use wasmtime::component::__internal::{
    InterfaceType, LowerContext,
    wasmtime_environ::component::{CanonicalOptionsDataModel, StringEncoding},
};
use wasmtime::component::Lower;
use wasmtime::{Result, ValRaw};

use super::super::wire::{Malformed, Source};
use super::super::{Elements, UNREACHABLE, bulk_bytes};
use super::{Slots, lower_memory, store};

/// Where a string or list was put, and how many units or elements it has.
pub struct Placed {
    at: usize,
    count: usize,
}

impl Placed {
    pub fn push(&self, slots: &mut Slots<'_>) {
        slots.push(self.at as u64);
        slots.push(self.count as u64);
    }

    pub fn store<T>(&self, cx: &mut LowerContext<'_, T>, at: usize) {
        store(cx, at, &(self.at as u32).to_le_bytes());
        store(cx, at + 4, &(self.count as u32).to_le_bytes());
    }
}

pub fn lower_elements<T>(
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
pub fn lower_run<T>(
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

pub fn lower_string<T>(cx: &mut LowerContext<'_, T>, source: &mut impl Source) -> Result<Placed> {
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
