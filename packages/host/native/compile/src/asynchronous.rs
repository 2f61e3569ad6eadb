//! Owns finding what needs the asynchronous ABI, which the engine in the VM does not have.

use hl_wit::WorldDescriptor;
use hl_wit::descriptor::{FunctionDescriptor, Primitive, TypeKind, TypeRef};

/// One line for each function that is async, or has a stream, future or error context in its types; none if there
/// is none.
pub fn functions(world: &WorldDescriptor) -> Option<String> {
    let types = Types::new(world);
    let mut lines = Vec::new();
    for (side, interfaces) in [("import", &world.imports), ("export", &world.exports)] {
        for interface in interfaces {
            for function in &interface.functions {
                if let Some(reason) = types.of_function(function) {
                    let place = interface.name.as_ref().map_or_else(String::new, |name| format!("{name} "));
                    lines.push(format!("  {side} {place}{}: {reason}", function.wit));
                }
            }
        }
    }
    (!lines.is_empty()).then(|| lines.join("\n"))
}

type Reason = Option<&'static str>;

/// What each type holds that is asynchronous. A type refers only to types before it, so one pass will do.
struct Types(Vec<Reason>);

impl Types {
    fn new(world: &WorldDescriptor) -> Self {
        let mut types = Self(Vec::with_capacity(world.types.len()));
        for ty in &world.types {
            let reason = types.of_kind(&ty.kind);
            types.0.push(reason);
        }
        types
    }

    fn of_function(&self, function: &FunctionDescriptor) -> Reason {
        if function.is_async {
            return Some("it is async");
        }
        self.any(function.params.iter().map(|param| param.ty).chain(function.result))
    }

    fn of_kind(&self, kind: &TypeKind) -> Reason {
        match kind {
            TypeKind::Stream { .. } => Some("it has a stream"),
            TypeKind::Future { .. } => Some("it has a future"),
            TypeKind::Record { fields } => self.any(fields.iter().map(|field| field.ty)),
            TypeKind::Tuple { types } => self.any(types.iter().copied()),
            TypeKind::Variant { cases } => self.any(cases.iter().filter_map(|case| case.ty)),
            TypeKind::Option { ty }
            | TypeKind::List { ty }
            | TypeKind::FixedList { ty, .. }
            | TypeKind::Alias { ty } => self.of(*ty),
            TypeKind::Result { ok, err } => self.any(ok.iter().chain(err).copied()),
            TypeKind::Map { key, value } => self.any([*key, *value].into_iter()),
            TypeKind::Enum { .. }
            | TypeKind::Flags { .. }
            | TypeKind::Resource
            | TypeKind::Own { .. }
            | TypeKind::Borrow { .. } => None,
        }
    }

    fn any(&self, mut types: impl Iterator<Item = TypeRef>) -> Reason {
        types.find_map(|ty| self.of(ty))
    }

    fn of(&self, ty: TypeRef) -> Reason {
        match ty {
            TypeRef::Primitive(Primitive::ErrorContext) => Some("it has an error-context"),
            TypeRef::Primitive(_) => None,
            TypeRef::Index(index) => self.0.get(index as usize).copied().flatten(),
        }
    }
}
