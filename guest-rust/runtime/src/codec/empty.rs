//! Values that need nobody to make them: the empty one of a type, and an error case by name.

use alloc::vec::Vec;

use wasmtime::component::__internal::{InterfaceType, wasmtime_environ::component::ComponentTypes};

use super::{Cases, UNREACHABLE, scalar_bytes};
use crate::codec::Malformed;

/// Stands for a resource with nothing behind it.
pub const NOTHING: u32 = u32::MAX;

/// Appends the empty value of `ty`: zero, the empty list, `none`, `ok`, the first case.
pub fn empty(types: &ComponentTypes, ty: &InterfaceType, wire: &mut Vec<u8>) -> Result<(), Malformed> {
    if let Some(bytes) = scalar_bytes(ty) {
        wire.resize(wire.len() + bytes, 0);
        return Ok(());
    }
    match ty {
        InterfaceType::String | InterfaceType::List(_) | InterfaceType::Map(_) => wire.extend([0; 4]),
        InterfaceType::Record(index) => {
            for field in &types[*index].fields {
                empty(types, &field.ty, wire)?;
            }
        }
        InterfaceType::Tuple(index) => {
            for ty in &types[*index].types {
                empty(types, ty, wire)?;
            }
        }
        InterfaceType::FixedLengthList(index) => {
            for _ in 0..types[*index].size {
                empty(types, &types[*index].element, wire)?;
            }
        }
        InterfaceType::Flags(_) => {
            wire.resize(wire.len() + types.canonical_abi(ty).size32 as usize, 0);
        }
        InterfaceType::Own(_) | InterfaceType::Borrow(_) => wire.extend(NOTHING.to_le_bytes()),
        _ => case(types, ty, 0, wire)?,
    }
    Ok(())
}

/// Appends a result whose error is the case called `name`.
pub fn refusal(
    types: &ComponentTypes,
    ty: &InterfaceType,
    name: &str,
    wire: &mut Vec<u8>,
) -> Result<(), Malformed> {
    let unknown = Malformed("the refusal of this function has another type");
    let InterfaceType::Result(index) = ty else { return Err(unknown) };
    wire.push(1);
    match types[*index].err {
        Some(error @ InterfaceType::Enum(index)) => {
            let number = types[index].names.get_index_of(name).ok_or(unknown)?;
            case(types, &error, number, wire)
        }
        Some(error @ InterfaceType::Variant(index)) => {
            let number = types[index].cases.keys().position(|case| case == name).ok_or(unknown)?;
            case(types, &error, number, wire)
        }
        _ => Err(unknown),
    }
}

fn case(
    types: &ComponentTypes,
    ty: &InterfaceType,
    number: usize,
    wire: &mut Vec<u8>,
) -> Result<(), Malformed> {
    let cases = Cases::of(types, ty).ok_or(UNREACHABLE)?;
    wire.extend_from_slice(&number.to_le_bytes()[..cases.discriminant_bytes()]);
    cases.payload(number as u32)?.map_or(Ok(()), |payload| empty(types, &payload, wire))
}
