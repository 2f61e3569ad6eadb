//! Makes a component of an input: a core module of wasm-smith's, behind an interface that uses every part of the codec.

use crate::bytes::Bytes;
use ValType::{F32, F64, I32, I64};
use arbitrary::Unstructured;
use std::sync::LazyLock;
use wasm_encoder::{
    CanonicalOption, ComponentBuilder, ComponentExportKind, ComponentTypeRef, ComponentValType, ExportKind,
    ExportSection, FunctionSection, ImportSection, MemorySection, MemoryType, Module, ModuleArg,
    PrimitiveValType, TypeSection, ValType,
};
use wasm_smith::{Config, Module as SmithModule};

/// The host function: `func(a: u32, b: u64) -> u32`.
pub const IMPORT: &str = "ask";
const IMPORT_PARAMS: [ValType; 2] = [I32, I64];

const MEMORY: &str = "memory";
const REALLOC: &str = "realloc";

/// Rounds of a loop and calls, all together, before such a module traps.
const FUEL: u32 = 1000;
/// One module of so many runs as long as it likes.
const ENDLESS_ONE_IN: u8 = 64;
/// One of so many may use reference types; most of those the engine refuses.
const REFERENCES_ONE_IN: u8 = 32;

/// An exported function.
pub struct Export {
    pub name: &'static str,
    params: &'static [(&'static str, Type)],
    result: Option<Type>,
    /// As the canonical ABI has it.
    core_params: &'static [ValType],
    core_results: &'static [ValType],
    pub request: fn(&mut Bytes<'_>) -> Vec<u8>,
}

/// The types that functions use.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Type {
    U32,
    U64,
    F32,
    F64,
    Char,
    Text,
    Words,
    MaybeTexts,
    Either,
}

const TYPES: [Type; 9] = [
    Type::U32,
    Type::U64,
    Type::F32,
    Type::F64,
    Type::Char,
    Type::Text,
    Type::Words,
    Type::MaybeTexts,
    Type::Either,
];

/// What a module returns is where its result lies, or so it says.
pub const EXPORTS: [Export; 5] = [
    Export {
        name: "number",
        params: &[("a", Type::U32), ("b", Type::U64), ("c", Type::F32), ("d", Type::F64)],
        result: Some(Type::U64),
        core_params: &[I32, I64, F32, F64],
        core_results: &[I64],
        request: |bytes| bytes.take(24).iter().copied().chain([0; 24]).take(24).collect(),
    },
    Export {
        name: "text",
        params: &[("a", Type::Text)],
        result: Some(Type::Text),
        core_params: &[I32, I32],
        core_results: &[I32],
        request: text,
    },
    Export {
        name: "texts",
        params: &[],
        result: Some(Type::MaybeTexts),
        core_params: &[],
        core_results: &[I32],
        request: |_| Vec::new(),
    },
    Export {
        name: "words",
        params: &[("a", Type::Words), ("b", Type::Char)],
        result: Some(Type::Either),
        core_params: &[I32, I32, I32],
        core_results: &[I32],
        request: |bytes| {
            let count = u32::from(bytes.u8() % 16);
            let mut request = count.to_le_bytes().to_vec();
            (0..count).for_each(|_| request.extend(bytes.u64().to_le_bytes()));
            request.extend((bytes.u32() % 0x11_8000).to_le_bytes());
            request
        },
    },
    Export {
        name: "nothing",
        params: &[("a", Type::MaybeTexts)],
        result: None,
        core_params: &[I32, I32, I32],
        core_results: &[],
        request: |bytes| {
            // Most are some; one in eight is of no such case.
            let case = 1_u8.min(bytes.u8() % 8) + u8::from(bytes.u8() % 8 == 7);
            let mut request = vec![case];
            if case == 1 {
                let count = u32::from(bytes.u8() % 4);
                request.extend(count.to_le_bytes());
                (0..count).for_each(|_| request.extend(text(bytes)));
            }
            request
        },
    },
];

/// Often one that claims another length than it has, or is not UTF-8.
fn text(bytes: &mut Bytes<'_>) -> Vec<u8> {
    let claimed = bytes.u8();
    let taken = bytes.take(usize::from(claimed % 64));
    let mut text = (taken.len() as u32 + u32::from(claimed == 0xff)).to_le_bytes().to_vec();
    text.extend(taken);
    text
}

/// `None` if the input is too short for a module.
pub fn component_of(input: &[u8]) -> Option<Vec<u8>> {
    let (kind, rest) = input.split_first()?;
    let config = Config {
        reference_types_enabled: kind % REFERENCES_ONE_IN == 1,
        // Most code traps before it has got anywhere.
        disallow_traps: kind & 2 == 0,
        ..config()
    };
    let mut module = SmithModule::new(config, &mut Unstructured::new(rest)).ok()?;
    if !kind.is_multiple_of(ENDLESS_ONE_IN) {
        module.ensure_termination(FUEL).ok()?;
    }
    Some(wrap(&module.to_bytes()))
}

fn config() -> Config {
    static SHAPE: LazyLock<(Vec<u8>, Vec<u8>)> = LazyLock::new(|| (imports(), exports()));
    let (imports, exports) = SHAPE.clone();
    Config {
        available_imports: Some(imports),
        exports: Some(exports),
        export_everything: false,
        max_instructions: 120,
        // What is left of the input then is for the functions' bodies.
        max_types: 8,
        max_imports: 2,
        max_globals: 4,
        max_elements: 8,
        max_exports: EXPORTS.len() + 2,
        max_funcs: 8,
        min_funcs: 1,
        max_memories: 1,
        max_memory32_bytes: 4 << 20,
        memory_max_size_required: true,
        max_tables: 2,
        max_table_elements: 1000,
        max_data_segments: 4,
        max_element_segments: 4,
        bulk_memory_enabled: true,
        exceptions_enabled: false,
        gc_enabled: false,
        memory64_enabled: false,
        relaxed_simd_enabled: false,
        shared_everything_threads_enabled: false,
        custom_page_sizes_enabled: false,
        wide_arithmetic_enabled: false,
        threads_enabled: false,
        ..Config::default()
    }
}

/// A module of nothing but the import that others may have.
fn imports() -> Vec<u8> {
    let (mut types, mut imports) = (TypeSection::new(), ImportSection::new());
    types.ty().function(IMPORT_PARAMS, [I32]);
    imports.import("host", IMPORT, wasm_encoder::EntityType::Function(0));
    let mut module = Module::new();
    module.section(&types).section(&imports);
    module.finish()
}

/// A module with what the others must export; its functions need no bodies that work.
fn exports() -> Vec<u8> {
    let (mut types, mut functions) = (TypeSection::new(), FunctionSection::new());
    let (mut exports, mut code) = (ExportSection::new(), wasm_encoder::CodeSection::new());
    let realloc = [(REALLOC, &[I32; 4][..], &[I32][..])];
    let all =
        EXPORTS.iter().map(|export| (export.name, export.core_params, export.core_results)).chain(realloc);
    for (index, (name, params, results)) in (0..).zip(all) {
        types.ty().function(params.iter().copied(), results.iter().copied());
        functions.function(index);
        exports.export(name, ExportKind::Func, index);
        let mut body = wasm_encoder::Function::new([]);
        body.instructions().unreachable().end();
        code.function(&body);
    }
    let mut memories = MemorySection::new();
    let memory =
        MemoryType { minimum: 1, maximum: Some(16), memory64: false, shared: false, page_size_log2: None };
    memories.memory(memory);
    exports.export(MEMORY, ExportKind::Memory, 0);
    let mut module = Module::new();
    module.section(&types).section(&functions).section(&memories).section(&exports).section(&code);
    module.finish()
}

fn wrap(module: &[u8]) -> Vec<u8> {
    let mut builder = ComponentBuilder::default();
    let types = TYPES.map(|ty| value_type(&mut builder, ty));
    let of = |ty: Type| types[TYPES.iter().position(|known| *known == ty).unwrap_or_default()];
    let (ask_type, mut function) = builder.type_function(None);
    function.params([("a", of(Type::U32)), ("b", of(Type::U64))]).result(Some(of(Type::U32)));
    let ask = builder.import(IMPORT, ComponentTypeRef::Func(ask_type));
    let lowered = builder.lower_func(None, ask, []);
    let module = builder.core_module_raw(None, module);
    let host = builder.core_instantiate_exports(None, [(IMPORT, ExportKind::Func, lowered)]);
    let instance = builder.core_instantiate(None, module, [("host", ModuleArg::Instance(host))]);
    let memory = builder.core_alias_export(None, instance, MEMORY, ExportKind::Memory);
    let realloc = builder.core_alias_export(None, instance, REALLOC, ExportKind::Func);
    for export in &EXPORTS {
        let core = builder.core_alias_export(None, instance, export.name, ExportKind::Func);
        let (ty, mut function) = builder.type_function(None);
        function
            .params(export.params.iter().map(|(name, ty)| (*name, of(*ty))))
            .result(export.result.map(of));
        let options =
            [CanonicalOption::UTF8, CanonicalOption::Memory(memory), CanonicalOption::Realloc(realloc)];
        let lifted = builder.lift_func(None, core, ty, options);
        builder.export(export.name, ComponentExportKind::Func, lifted, None);
    }
    builder.finish()
}

fn value_type(builder: &mut ComponentBuilder, ty: Type) -> ComponentValType {
    let primitive = |ty: PrimitiveValType| ComponentValType::Primitive(ty);
    let mut list = |item: ComponentValType| {
        let (index, encoder) = builder.type_defined(None);
        encoder.list(item);
        ComponentValType::Type(index)
    };
    match ty {
        Type::U32 => primitive(PrimitiveValType::U32),
        Type::U64 => primitive(PrimitiveValType::U64),
        Type::F32 => primitive(PrimitiveValType::F32),
        Type::F64 => primitive(PrimitiveValType::F64),
        Type::Char => primitive(PrimitiveValType::Char),
        Type::Text => primitive(PrimitiveValType::String),
        Type::Words => list(primitive(PrimitiveValType::U64)),
        Type::MaybeTexts => {
            let texts = list(primitive(PrimitiveValType::String));
            let (index, encoder) = builder.type_defined(None);
            encoder.option(texts);
            ComponentValType::Type(index)
        }
        Type::Either => {
            let texts = list(primitive(PrimitiveValType::F32));
            let (index, encoder) = builder.type_defined(None);
            encoder.result(Some(texts), Some(primitive(PrimitiveValType::Char)));
            ComponentValType::Type(index)
        }
    }
}
