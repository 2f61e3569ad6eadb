//! Writes a function's signature as a person would in WIT, for messages and doc comments.

use wit_parser::{Function, FunctionKind, Handle, Resolve, Type, TypeDefKind, TypeId};

/// Types without a name can nest without end in a hostile component: past this depth stands an ellipsis.
const DEPTH_MAX: usize = 16;
/// And so can their width: past this many bytes too.
const BYTES_MAX: usize = 2048;

/// `count: func(sku: string) -> u32`; for a resource's function, its name stands before: `bucket.get: func()`.
pub fn signature(resolve: &Resolve, function: &Function) -> String {
    let mut printer = Printer { resolve, text: String::new() };
    let resource = function.kind.resource().and_then(|id| resolve.types[id].name.as_deref());
    match resource {
        Some(resource) if matches!(function.kind, FunctionKind::Constructor(_)) => {
            printer.text.push_str(resource);
        }
        Some(resource) => {
            printer.text.push_str(resource);
            printer.text.push('.');
            printer.text.push_str(function.item_name());
        }
        None => printer.text.push_str(&function.name),
    }
    printer.text.push_str(match function.kind {
        FunctionKind::Constructor(_) => ": constructor",
        FunctionKind::Freestanding | FunctionKind::Method(_) => ": func",
        FunctionKind::AsyncFreestanding | FunctionKind::AsyncMethod(_) => ": async func",
        FunctionKind::Static(_) => ": static func",
        FunctionKind::AsyncStatic(_) => ": static async func",
    });
    let is_method = matches!(function.kind, FunctionKind::Method(_) | FunctionKind::AsyncMethod(_));
    // A method's first parameter is `self`, which WIT does not write.
    let params = function.params.iter().skip(usize::from(is_method));
    printer.list("(", params, ")", |printer, param| {
        printer.text.push_str(&param.name);
        printer.text.push_str(": ");
        printer.print(&param.ty, 0);
    });
    // A constructor returns its own resource, which WIT does not write either, unless it can fail.
    let result = function.result.filter(|ty| match function.kind {
        FunctionKind::Constructor(_) => !is_handle(resolve, ty),
        _ => true,
    });
    if let Some(result) = result {
        printer.text.push_str(" -> ");
        printer.print(&result, 0);
    }
    printer.text
}

fn is_handle(resolve: &Resolve, ty: &Type) -> bool {
    matches!(ty, Type::Id(id) if matches!(resolve.types[*id].kind, TypeDefKind::Handle(_)))
}

struct Printer<'a> {
    resolve: &'a Resolve,
    text: String,
}

impl Printer<'_> {
    fn print(&mut self, ty: &Type, depth: usize) {
        if depth > DEPTH_MAX || self.text.len() > BYTES_MAX {
            self.text.push('…');
            return;
        }
        match ty {
            Type::Bool => self.text.push_str("bool"),
            Type::U8 => self.text.push_str("u8"),
            Type::U16 => self.text.push_str("u16"),
            Type::U32 => self.text.push_str("u32"),
            Type::U64 => self.text.push_str("u64"),
            Type::S8 => self.text.push_str("s8"),
            Type::S16 => self.text.push_str("s16"),
            Type::S32 => self.text.push_str("s32"),
            Type::S64 => self.text.push_str("s64"),
            Type::F32 => self.text.push_str("f32"),
            Type::F64 => self.text.push_str("f64"),
            Type::Char => self.text.push_str("char"),
            Type::String => self.text.push_str("string"),
            Type::ErrorContext => self.text.push_str("error-context"),
            Type::Id(id) => self.print_defined(*id, depth),
        }
    }

    fn print_defined(&mut self, id: TypeId, depth: usize) {
        let resolve = self.resolve;
        let definition = &resolve.types[id];
        if let Some(name) = &definition.name {
            self.text.push_str(name);
            return;
        }
        match &definition.kind {
            TypeDefKind::Handle(Handle::Own(id)) => self.print_defined(*id, depth + 1),
            TypeDefKind::Handle(Handle::Borrow(id)) => self.wrap("borrow", &[Some(Type::Id(*id))], depth),
            TypeDefKind::Tuple(tuple) => {
                self.list("tuple<", tuple.types.iter(), ">", |printer, ty| printer.print(ty, depth + 1));
            }
            TypeDefKind::Option(ty) => self.wrap("option", &[Some(*ty)], depth),
            TypeDefKind::List(ty) => self.wrap("list", &[Some(*ty)], depth),
            TypeDefKind::Map(key, value) => self.wrap("map", &[Some(*key), Some(*value)], depth),
            TypeDefKind::FixedLengthList(ty, length) => {
                self.text.push_str("list<");
                self.print(ty, depth + 1);
                self.text.push_str(&format!(", {length}>"));
            }
            TypeDefKind::Result(result) => match (result.ok, result.err) {
                (None, None) => self.text.push_str("result"),
                (ok, None) => self.wrap("result", &[ok], depth),
                (ok, err) => self.wrap("result", &[ok, err], depth),
            },
            TypeDefKind::Future(ty) => self.wrap("future", &[*ty], depth),
            TypeDefKind::Stream(ty) => self.wrap("stream", &[*ty], depth),
            TypeDefKind::Type(ty) => self.print(ty, depth + 1),
            // These always have a name, so what is printed here nobody will see.
            TypeDefKind::Record(_)
            | TypeDefKind::Resource
            | TypeDefKind::Flags(_)
            | TypeDefKind::Variant(_)
            | TypeDefKind::Enum(_)
            | TypeDefKind::Unknown => self.text.push_str(definition.kind.as_str()),
        }
    }

    fn wrap(&mut self, name: &str, arguments: &[Option<Type>], depth: usize) {
        self.text.push_str(name);
        if let [None] = arguments {
            return;
        }
        self.list("<", arguments.iter(), ">", |printer, argument| match argument {
            Some(ty) => printer.print(ty, depth + 1),
            None => printer.text.push('_'),
        });
    }

    fn list<T>(
        &mut self,
        open: &str,
        items: impl Iterator<Item = T>,
        close: &str,
        print: impl Fn(&mut Self, T),
    ) {
        self.text.push_str(open);
        for (index, item) in items.enumerate() {
            if index > 0 {
                self.text.push_str(", ");
            }
            if self.text.len() > BYTES_MAX {
                self.text.push('…');
                break;
            }
            print(self, item);
        }
        self.text.push_str(close);
    }
}
