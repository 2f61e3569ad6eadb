//! The codec between the wire and a component's linear memory, for every WIT value type at once.
//!
//! Two Rust types implement wasmtime's `Lower` and `Lift` by walking the reflected type at run time: bytes
//! go straight from the mailbox into linear memory and back, with no value in between. wasmtime computes
//! each type's layout once for the component; the walk only reads it.

mod crossing;
mod empty;
mod export;
mod handle;
mod import;
mod lift;
mod lower;
mod wire;

pub use crossing::{flat_count, has_resource};
pub use export::{Request, Returned, deliver_to};
pub use handle::{give_up, host_type};
pub use import::{Arguments, Outcome, Reply};
pub use wire::{ARGUMENT_BYTES_MAX, Malformed, Source};

use wasmtime::component::__internal::{InterfaceType, wasmtime_environ::component as types};

/// Bytes of a scalar, which are the same on the wire and in linear memory.
const fn scalar_bytes(ty: &InterfaceType) -> Option<usize> {
    match ty {
        InterfaceType::Bool | InterfaceType::U8 | InterfaceType::S8 => Some(1),
        InterfaceType::U16 | InterfaceType::S16 => Some(2),
        InterfaceType::U32 | InterfaceType::S32 | InterfaceType::Float32 | InterfaceType::Char => Some(4),
        InterfaceType::U64 | InterfaceType::S64 | InterfaceType::Float64 => Some(8),
        InterfaceType::String
        | InterfaceType::Record(_)
        | InterfaceType::Variant(_)
        | InterfaceType::List(_)
        | InterfaceType::Tuple(_)
        | InterfaceType::Map(_)
        | InterfaceType::Flags(_)
        | InterfaceType::Enum(_)
        | InterfaceType::Option(_)
        | InterfaceType::Result(_)
        | InterfaceType::Own(_)
        | InterfaceType::Borrow(_)
        | InterfaceType::Future(_)
        | InterfaceType::Stream(_)
        | InterfaceType::ErrorContext(_)
        | InterfaceType::FixedLengthList(_) => None,
    }
}

/// Bytes of a scalar for which every bit pattern is a value, so that a run of them can be copied unseen.
const fn bulk_bytes(ty: &InterfaceType) -> Option<usize> {
    match ty {
        InterfaceType::Bool | InterfaceType::Char => None,
        _ => scalar_bytes(ty),
    }
}

/// What linear memory holds for a sequence of unknown length: its elements lie one behind the other.
struct Elements {
    /// One type, or key and value of a map with the value's offset.
    first: InterfaceType,
    second: Option<(InterfaceType, usize)>,
    bytes: usize,
    align: u32,
}

impl Elements {
    fn of_list(types: &types::ComponentTypes, index: types::TypeListIndex) -> Self {
        let first = types[index].element;
        let abi = types.canonical_abi(&first);
        Self { first, second: None, bytes: abi.size32 as usize, align: abi.align32 }
    }

    fn of_map(types: &types::ComponentTypes, index: types::TypeMapIndex) -> Self {
        let map = &types[index];
        Self {
            first: map.key,
            second: Some((map.value, map.value_offset32 as usize)),
            bytes: map.entry_abi.size32 as usize,
            align: map.entry_abi.align32,
        }
    }
}

/// Layout and cases of everything that is a variant underneath.
struct Cases<'a> {
    info: &'a types::VariantInfo,
    types: &'a types::ComponentTypes,
    ty: InterfaceType,
}

impl<'a> Cases<'a> {
    /// `None` for a type that is not laid out as a variant.
    fn of(types: &'a types::ComponentTypes, ty: &InterfaceType) -> Option<Self> {
        let info = match ty {
            InterfaceType::Variant(index) => &types[*index].info,
            InterfaceType::Enum(index) => &types[*index].info,
            InterfaceType::Option(index) => &types[*index].info,
            InterfaceType::Result(index) => &types[*index].info,
            _ => return None,
        };
        Some(Self { info, types, ty: *ty })
    }

    /// Bytes of the discriminant, on the wire and in linear memory.
    fn discriminant_bytes(&self) -> usize {
        self.info.size.byte_size() as usize
    }

    fn payload_offset(&self) -> usize {
        self.info.payload_offset32 as usize
    }

    /// The payload of the case that `discriminant` names, if it names one.
    fn payload(&self, discriminant: u32) -> Result<Option<InterfaceType>, Malformed> {
        let case = discriminant as usize;
        let unknown = Malformed("a discriminant names no case");
        match self.ty {
            InterfaceType::Variant(index) => {
                self.types[index].cases.get_index(case).map(|(_, payload)| *payload).ok_or(unknown)
            }
            InterfaceType::Enum(index) if case < self.types[index].names.len() => Ok(None),
            InterfaceType::Option(_) if case == 0 => Ok(None),
            InterfaceType::Option(index) if case == 1 => Ok(Some(self.types[index].ty)),
            InterfaceType::Result(index) if case == 0 => Ok(self.types[index].ok),
            InterfaceType::Result(index) if case == 1 => Ok(self.types[index].err),
            _ => Err(unknown),
        }
    }
}

/// Bits of flags that exist, in the last of their bytes' words of `bytes` bytes.
fn flags_mask(count: usize, word: usize, bytes: usize) -> u32 {
    let left = count.saturating_sub(word * 32).min(bytes * 8);
    if left >= 32 { u32::MAX } else { (1 << left) - 1 }
}

/// Types that no value can be made of here: they are refused before anything is called.
const UNREACHABLE: Malformed = Malformed("a stream, future or error context cannot cross");
