//! Every function of every interface of WASI 0.2, from its first version to its latest: served, and linked in a VM.

use std::path::PathBuf;
use std::process::Command;

use hl_engine::wasi::{Answer, answer};
use hl_vmm::Limits;
use wit_component::{ComponentEncoder, StringEncoding, dummy_module, embed_component_metadata};
use wit_parser::{Function, FunctionKind, ManglingAndAbi, Resolve, Type, TypeDefKind, WorldId};

use crate::support::{has_hypervisor, try_load};

/// What a component exports, and never imports.
const EXPORTED: [&str; 2] = ["wasi:cli/run", "wasi:http/incoming-handler"];

/// The packages whose sources carry the WIT, by the version of WASI.
const RELEASES: [(&str, &str); 3] = [
    ("0.2.0", "wasi@0.13.0+wasi-0.2.0"),
    ("0.2.4", "wasip2@1.0.0+wasi-0.2.4"),
    ("0.2.12", "wasip2@2.0.1+wasi-0.2.12"),
];

/// The WIT of one release, as cargo has it on this machine.
fn wit(package: &str) -> Resolve {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version=1", "--offline", "--manifest-path"])
        .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml"))
        .output()
        .expect("cargo runs");
    let metadata: serde_json::Value = serde_json::from_slice(&output.stdout).expect("cargo metadata");
    let found = metadata["packages"].as_array().unwrap().iter().find(|one| {
        format!("{}@{}", one["name"].as_str().unwrap(), one["version"].as_str().unwrap()) == package
    });
    let manifest = PathBuf::from(found.expect(package)["manifest_path"].as_str().unwrap());
    let mut resolve = Resolve { all_features: true, ..Resolve::default() };
    resolve.push_dir(manifest.with_file_name("wit")).expect("WIT that parses");
    resolve
}

/// Every function of the release with the full name of its interface.
fn functions(resolve: &Resolve) -> Vec<(String, &Function)> {
    let named = resolve.interfaces.iter().filter_map(|(id, interface)| {
        let package = &resolve.packages[interface.package?].name;
        Some((resolve.id_of(id)?, interface)).filter(|_| package.namespace == "wasi")
    });
    named
        .flat_map(|(name, interface)| interface.functions.values().map(move |one| (name.clone(), one)))
        .collect()
}

#[test]
fn every_function_of_every_release_is_served_with_an_answer_of_its_type() {
    for (version, package) in RELEASES {
        let resolve = wit(package);
        let functions = functions(&resolve);
        assert!(functions.len() > 150, "{version} has {} functions", functions.len());
        for (interface, function) in functions {
            let name = interface.split('@').next().unwrap();
            let answer = answer(&interface, &function.name);
            if EXPORTED.contains(&name) {
                assert_eq!(answer, None, "{interface}");
                continue;
            }
            let what = format!("{interface}#{}", function.name);
            let answer = answer.unwrap_or_else(|| panic!("nobody serves {what}"));
            if let Answer::Refused(case) = answer {
                assert!(has_error_case(&resolve, function.result, case), "{what} cannot answer {case}");
            }
            // Whoever drops the only handle of its kind has not called anything.
            assert!(!matches!(function.kind, FunctionKind::AsyncFreestanding), "{what} is async");
        }
    }
}

fn has_error_case(resolve: &Resolve, result: Option<Type>, case: &str) -> bool {
    let kind = |ty: Type| {
        let mut at = ty;
        loop {
            let Type::Id(id) = at else { return None };
            match &resolve.types[id].kind {
                TypeDefKind::Type(alias) => at = *alias,
                kind => return Some(kind),
            }
        }
    };
    let Some(TypeDefKind::Result(result)) = result.and_then(kind) else { return false };
    match result.err.and_then(kind) {
        Some(TypeDefKind::Enum(error)) => error.cases.iter().any(|one| one.name == case),
        Some(TypeDefKind::Variant(error)) => error.cases.iter().any(|one| one.name == case),
        _ => false,
    }
}

/// A component that imports all that the world does, and does nothing with it.
fn importer(resolve: &Resolve, world: WorldId) -> Vec<u8> {
    let mut module = dummy_module(resolve, world, ManglingAndAbi::Standard32);
    embed_component_metadata(&mut module, resolve, world, StringEncoding::UTF8).expect("metadata");
    let encoder = ComponentEncoder::default().module(&module).expect("a module");
    encoder.validate(true).encode().expect("a component")
}

#[test]
fn a_component_that_imports_all_of_a_release_links() {
    if !has_hypervisor() {
        return;
    }
    for (version, package) in RELEASES {
        let resolve = wit(package);
        let worlds = resolve.worlds.iter().filter(|(_, world)| world.name == "imports");
        for (id, world) in worlds {
            let name = &resolve.packages[world.package.unwrap()].name;
            let loaded = try_load(&importer(&resolve, id), Limits::default(), |_, _| Ok(Vec::new()));
            assert!(loaded.is_ok(), "{name} of {version}: {:?}", loaded.err());
        }
    }
}
