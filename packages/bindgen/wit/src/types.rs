//! The descriptor's type table: every type that a world needs, each after the types that it refers to.

use std::collections::HashMap;

use wit_parser::{Docs, Handle, InterfaceId, Resolve, Stability, Type, TypeDefKind, TypeId, TypeOwner};

use crate::descriptor::{Case, Field, Label, Primitive, TypeDescriptor, TypeKind, TypeRef};

/// Collects types and numbers them in the order in which they are complete.
pub struct TypeTable<'a> {
    resolve: &'a Resolve,
    /// Names of inline interfaces, which know no name themselves.
    inline: HashMap<InterfaceId, String>,
    indices: HashMap<TypeId, u32>,
    types: Vec<TypeDescriptor>,
}

impl<'a> TypeTable<'a> {
    pub fn new(resolve: &'a Resolve, inline: HashMap<InterfaceId, String>) -> Self {
        Self { resolve, inline, indices: HashMap::new(), types: Vec::new() }
    }

    pub fn into_types(self) -> Vec<TypeDescriptor> {
        self.types
    }

    pub fn reference(&mut self, ty: &Type) -> TypeRef {
        let primitive = match ty {
            Type::Id(id) => return TypeRef::Index(self.index(*id)),
            Type::Bool => Primitive::Bool,
            Type::U8 => Primitive::U8,
            Type::S8 => Primitive::S8,
            Type::U16 => Primitive::U16,
            Type::S16 => Primitive::S16,
            Type::U32 => Primitive::U32,
            Type::S32 => Primitive::S32,
            Type::U64 => Primitive::U64,
            Type::S64 => Primitive::S64,
            Type::F32 => Primitive::F32,
            Type::F64 => Primitive::F64,
            Type::Char => Primitive::Char,
            Type::String => Primitive::String,
            Type::ErrorContext => Primitive::ErrorContext,
        };
        TypeRef::Primitive(primitive)
    }

    /// The table's index of `root`, which is entered together with all that it refers to.
    ///
    /// Not recursive: how deep types nest is up to whoever made the component.
    pub fn index(&mut self, root: TypeId) -> u32 {
        let mut pending = vec![root];
        while let Some(&id) = pending.last() {
            if self.indices.contains_key(&id) {
                pending.pop();
                continue;
            }
            let before = pending.len();
            pending
                .extend(parts(self.resolve, id).into_iter().filter(|part| !self.indices.contains_key(part)));
            if pending.len() == before {
                pending.pop();
                let descriptor = self.describe(id);
                let index = u32::try_from(self.types.len()).expect("wasmparser admits fewer types than 2^32");
                self.types.push(descriptor);
                self.indices.insert(id, index);
            }
        }
        self.indices[&root]
    }

    fn describe(&mut self, id: TypeId) -> TypeDescriptor {
        let definition = &self.resolve.types[id];
        TypeDescriptor {
            name: definition.name.clone(),
            owner: match definition.owner {
                TypeOwner::Interface(interface) => {
                    self.resolve.id_of(interface).or_else(|| self.inline.get(&interface).cloned())
                }
                TypeOwner::World(_) | TypeOwner::None => None,
            },
            docs: docs_of(&definition.docs, &definition.stability),
            kind: self.kind(&definition.kind),
        }
    }

    fn kind(&mut self, kind: &TypeDefKind) -> TypeKind {
        match kind {
            TypeDefKind::Record(record) => TypeKind::Record {
                fields: (record.fields.iter())
                    .map(|it| Field {
                        name: it.name.clone(),
                        ty: self.reference(&it.ty),
                        docs: docs(&it.docs),
                    })
                    .collect(),
            },
            TypeDefKind::Variant(variant) => TypeKind::Variant {
                cases: (variant.cases.iter())
                    .map(|it| Case { name: it.name.clone(), ty: self.optional(&it.ty), docs: docs(&it.docs) })
                    .collect(),
            },
            TypeDefKind::Enum(it) => TypeKind::Enum {
                cases: it
                    .cases
                    .iter()
                    .map(|it| Label { name: it.name.clone(), docs: docs(&it.docs) })
                    .collect(),
            },
            TypeDefKind::Flags(it) => TypeKind::Flags {
                flags: it
                    .flags
                    .iter()
                    .map(|it| Label { name: it.name.clone(), docs: docs(&it.docs) })
                    .collect(),
            },
            TypeDefKind::Tuple(tuple) => {
                TypeKind::Tuple { types: tuple.types.iter().map(|ty| self.reference(ty)).collect() }
            }
            TypeDefKind::Option(ty) => TypeKind::Option { ty: self.reference(ty) },
            TypeDefKind::Result(result) => {
                TypeKind::Result { ok: self.optional(&result.ok), err: self.optional(&result.err) }
            }
            TypeDefKind::List(ty) => TypeKind::List { ty: self.reference(ty) },
            TypeDefKind::FixedLengthList(ty, length) => {
                TypeKind::FixedList { ty: self.reference(ty), length: *length }
            }
            TypeDefKind::Map(key, value) => {
                TypeKind::Map { key: self.reference(key), value: self.reference(value) }
            }
            TypeDefKind::Type(ty) => TypeKind::Alias { ty: self.reference(ty) },
            TypeDefKind::Resource => TypeKind::Resource,
            TypeDefKind::Handle(Handle::Own(id)) => TypeKind::Own { resource: self.resource(*id) },
            TypeDefKind::Handle(Handle::Borrow(id)) => TypeKind::Borrow { resource: self.resource(*id) },
            TypeDefKind::Stream(ty) => TypeKind::Stream { ty: self.optional(ty) },
            TypeDefKind::Future(ty) => TypeKind::Future { ty: self.optional(ty) },
            TypeDefKind::Unknown => unreachable!("wit-parser leaves no unknown type in a resolved package"),
        }
    }

    fn optional(&mut self, ty: &Option<Type>) -> Option<TypeRef> {
        ty.as_ref().map(|ty| self.reference(ty))
    }

    /// The index of the resource that `id` is, or is another name for.
    pub fn resource(&mut self, id: TypeId) -> u32 {
        let resource = resource_behind(self.resolve, id);
        self.index(resource)
    }
}

/// The comment of an item, with the tag that editors strike it out for if it is deprecated.
pub fn docs_of(text: &Docs, stability: &Stability) -> Option<String> {
    let (Stability::Stable { deprecated: Some(version), .. }
    | Stability::Unstable { deprecated: Some(version), .. }) = stability
    else {
        return docs(text);
    };
    let before = docs(text).map(|text| format!("{text}\n\n")).unwrap_or_default();
    Some(format!("{before}@deprecated since version {version}"))
}

/// An empty comment is no comment.
pub fn docs(docs: &Docs) -> Option<String> {
    docs.contents.as_deref().map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned)
}

fn resource_behind(resolve: &Resolve, mut id: TypeId) -> TypeId {
    while let TypeDefKind::Type(Type::Id(next)) = resolve.types[id].kind {
        id = next;
    }
    id
}

/// The defined types that `id` refers to directly.
fn parts(resolve: &Resolve, id: TypeId) -> Vec<TypeId> {
    let types: Vec<Type> = match &resolve.types[id].kind {
        TypeDefKind::Record(record) => record.fields.iter().map(|field| field.ty).collect(),
        TypeDefKind::Variant(variant) => variant.cases.iter().filter_map(|case| case.ty).collect(),
        TypeDefKind::Tuple(tuple) => tuple.types.clone(),
        TypeDefKind::Result(result) => [result.ok, result.err].into_iter().flatten().collect(),
        TypeDefKind::Map(key, value) => vec![*key, *value],
        TypeDefKind::Option(ty)
        | TypeDefKind::List(ty)
        | TypeDefKind::FixedLengthList(ty, _)
        | TypeDefKind::Type(ty) => vec![*ty],
        TypeDefKind::Future(ty) | TypeDefKind::Stream(ty) => ty.iter().copied().collect(),
        TypeDefKind::Handle(Handle::Own(id) | Handle::Borrow(id)) => {
            vec![Type::Id(resource_behind(resolve, *id))]
        }
        TypeDefKind::Enum(_) | TypeDefKind::Flags(_) | TypeDefKind::Resource | TypeDefKind::Unknown => vec![],
    };
    let defined = |ty| if let Type::Id(id) = ty { Some(id) } else { None };
    types.into_iter().filter_map(defined).collect()
}
