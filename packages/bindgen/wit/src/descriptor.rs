//! The descriptor itself: the data that all of Hyperlight's tools exchange about a world.

use serde::Serialize;

/// Raised when a reader of an older descriptor would misread a newer one.
pub const VERSION: u32 = 1;

/// A world: what a component may import and must export.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct WorldDescriptor {
    pub version: u32,
    /// Full name, `acme:shop/shop@1.0.0`; `root:component/root` for a built component.
    pub name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub docs: Option<String>,
    /// Every type that an import or export needs. A type refers only to types before it.
    pub types: Vec<TypeDescriptor>,
    pub imports: Vec<InterfaceDescriptor>,
    pub exports: Vec<InterfaceDescriptor>,
}

/// The functions and named types that stand under one name.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct InterfaceDescriptor {
    /// Full name with version, the plain name of an inline interface, or nothing for the world's own level.
    pub name: Option<String>,
    pub functions: Vec<FunctionDescriptor>,
    /// The named types that it declares or takes over with `use`, as indices.
    pub types: Vec<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub docs: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct FunctionDescriptor {
    /// As in WIT: `count`, `[method]bucket.get`.
    pub name: String,
    pub kind: FunctionKind,
    /// The resource that it belongs to; absent for plain functions.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resource: Option<u32>,
    pub params: Vec<Param>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub result: Option<TypeRef>,
    #[serde(rename = "async", skip_serializing_if = "std::ops::Not::not")]
    pub is_async: bool,
    /// The signature as a person would write it, for messages: `count: func(sku: string) -> u32`.
    pub wit: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub docs: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum FunctionKind {
    Function,
    Constructor,
    Method,
    Static,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Param {
    pub name: String,
    #[serde(rename = "type")]
    pub ty: TypeRef,
}

/// A primitive by its WIT name, or an index into [`WorldDescriptor::types`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum TypeRef {
    Primitive(Primitive),
    Index(u32),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Primitive {
    Bool,
    U8,
    S8,
    U16,
    S16,
    U32,
    S32,
    U64,
    S64,
    F32,
    F64,
    Char,
    String,
    ErrorContext,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct TypeDescriptor {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The interface that declares it; absent for anonymous types and for the world's own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub owner: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub docs: Option<String>,
    #[serde(flatten)]
    pub kind: TypeKind,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum TypeKind {
    Record {
        fields: Vec<Field>,
    },
    Tuple {
        types: Vec<TypeRef>,
    },
    Variant {
        cases: Vec<Case>,
    },
    Enum {
        cases: Vec<Label>,
    },
    Flags {
        flags: Vec<Label>,
    },
    Option {
        #[serde(rename = "type")]
        ty: TypeRef,
    },
    Result {
        #[serde(skip_serializing_if = "Option::is_none")]
        ok: Option<TypeRef>,
        #[serde(skip_serializing_if = "Option::is_none")]
        err: Option<TypeRef>,
    },
    List {
        #[serde(rename = "type")]
        ty: TypeRef,
    },
    FixedList {
        #[serde(rename = "type")]
        ty: TypeRef,
        length: u32,
    },
    Map {
        key: TypeRef,
        value: TypeRef,
    },
    Alias {
        #[serde(rename = "type")]
        ty: TypeRef,
    },
    Resource,
    Own {
        resource: u32,
    },
    Borrow {
        resource: u32,
    },
    Stream {
        #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
        ty: Option<TypeRef>,
    },
    Future {
        #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
        ty: Option<TypeRef>,
    },
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Field {
    pub name: String,
    #[serde(rename = "type")]
    pub ty: TypeRef,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub docs: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Case {
    pub name: String,
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    pub ty: Option<TypeRef>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub docs: Option<String>,
}

/// A case of an enum, or one flag.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Label {
    pub name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub docs: Option<String>,
}
