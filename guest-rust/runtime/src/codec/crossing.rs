//! Which types can cross, and how many flat values they have.

use wasmtime::component::__internal::{InterfaceType, wasmtime_environ::component::ComponentTypes};
use wasmtime::component::Type;
use wasmtime::{Result, bail};

/// Refuses types that no value can be made of here.
pub fn check(types: &ComponentTypes, ty: &InterfaceType) -> Result<()> {
    let check = |ty: &InterfaceType| check(types, ty);
    let optional = |ty: Option<&InterfaceType>| ty.map_or(Ok(()), check);
    match ty {
        InterfaceType::Bool
        | InterfaceType::S8
        | InterfaceType::U8
        | InterfaceType::S16
        | InterfaceType::U16
        | InterfaceType::S32
        | InterfaceType::U32
        | InterfaceType::S64
        | InterfaceType::U64
        | InterfaceType::Float32
        | InterfaceType::Float64
        | InterfaceType::Char
        | InterfaceType::String
        | InterfaceType::Flags(_)
        | InterfaceType::Enum(_)
        | InterfaceType::Own(_)
        | InterfaceType::Borrow(_) => Ok(()),
        InterfaceType::Record(index) => types[*index].fields.iter().try_for_each(|field| check(&field.ty)),
        InterfaceType::Tuple(index) => types[*index].types.iter().try_for_each(check),
        InterfaceType::Variant(index) => {
            types[*index].cases.iter().try_for_each(|(_, payload)| optional(payload.as_ref()))
        }
        InterfaceType::List(index) => check(&types[*index].element),
        InterfaceType::FixedLengthList(index) => check(&types[*index].element),
        InterfaceType::Map(index) => check(&types[*index].key).and_then(|()| check(&types[*index].value)),
        InterfaceType::Option(index) => check(&types[*index].ty),
        InterfaceType::Result(index) => {
            optional(types[*index].ok.as_ref()).and_then(|()| optional(types[*index].err.as_ref()))
        }
        InterfaceType::Future(_) | InterfaceType::Stream(_) | InterfaceType::ErrorContext(_) => {
            bail!("a stream, future or error context cannot cross")
        }
    }
}

/// How many core values stand for all of `types`; wasmtime knows, but tells it only once a type is fixed.
pub fn flat_count(types: impl Iterator<Item = Type>) -> usize {
    types.map(|ty| flat_count_of(&ty)).fold(0, usize::saturating_add)
}

fn flat_count_of(ty: &Type) -> usize {
    let optional = |ty: Option<Type>| ty.map_or(0, |ty| flat_count_of(&ty));
    match ty {
        Type::String | Type::List(_) | Type::Map(_) => 2,
        Type::Record(record) => flat_count(record.fields().map(|field| field.ty)),
        Type::Tuple(tuple) => flat_count(tuple.types()),
        Type::FixedLengthList(list) => flat_count_of(&list.ty()).saturating_mul(list.len() as usize),
        Type::Variant(variant) => {
            (variant.cases().map(|case| optional(case.ty)).max().unwrap_or(0)).saturating_add(1)
        }
        Type::Option(option) => flat_count_of(&option.ty()).saturating_add(1),
        Type::Result(result) => optional(result.ok()).max(optional(result.err())).saturating_add(1),
        Type::Flags(flags) => flags.names().count().div_ceil(32),
        Type::Bool
        | Type::S8
        | Type::U8
        | Type::S16
        | Type::U16
        | Type::S32
        | Type::U32
        | Type::S64
        | Type::U64
        | Type::Float32
        | Type::Float64
        | Type::Char
        | Type::Enum(_)
        | Type::Own(_)
        | Type::Borrow(_)
        | Type::Future(_)
        | Type::Stream(_)
        | Type::ErrorContext => 1,
    }
}

/// Whether a value of this type holds a resource.
pub fn has_resource(ty: &Type) -> bool {
    let optional = |ty: Option<Type>| ty.is_some_and(|ty| has_resource(&ty));
    match ty {
        Type::Own(_) | Type::Borrow(_) => true,
        Type::List(list) => has_resource(&list.ty()),
        Type::FixedLengthList(list) => has_resource(&list.ty()),
        Type::Map(map) => has_resource(&map.key()) || has_resource(&map.value()),
        Type::Record(record) => record.fields().any(|field| has_resource(&field.ty)),
        Type::Tuple(tuple) => tuple.types().any(|ty| has_resource(&ty)),
        Type::Variant(variant) => variant.cases().any(|case| optional(case.ty)),
        Type::Option(option) => has_resource(&option.ty()),
        Type::Result(result) => optional(result.ok()) || optional(result.err()),
        Type::Bool
        | Type::S8
        | Type::U8
        | Type::S16
        | Type::U16
        | Type::S32
        | Type::U32
        | Type::S64
        | Type::U64
        | Type::Float32
        | Type::Float64
        | Type::Char
        | Type::String
        | Type::Enum(_)
        | Type::Flags(_)
        | Type::Future(_)
        | Type::Stream(_)
        | Type::ErrorContext => false,
    }
}
