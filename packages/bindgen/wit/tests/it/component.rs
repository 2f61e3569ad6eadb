//! A built component is described like the WIT that it was built from.

use hl_wit::{describe_component, describe_wit};
use wit_component::{ComponentEncoder, StringEncoding, dummy_module, embed_component_metadata};
use wit_parser::{ManglingAndAbi, Resolve};

const WIT: &str = "package acme:shop@1.0.0;
    interface stock {
        record item { sku: string, tags: list<string> }
        variant failure { missing, other(string) }
        count: func(item: item) -> result<u32, failure>;
    }
    interface quotes { resource basket { constructor(); add: func(sku: string); } }
    world shop {
        import stock;
        import note: func(text: string);
        export quotes;
        export price: func(sku: option<string>) -> tuple<u64, f32>;
    }";

/// A component that implements the only world of `wit`, and traps whatever is called.
fn build(wit: &str) -> Vec<u8> {
    let mut resolve = Resolve::default();
    let package = resolve.push_source("world.wit", wit).unwrap();
    let world = resolve.select_world(&[package], None).unwrap();
    let abi = ManglingAndAbi::Legacy(wit_parser::LiftLowerAbi::Sync);
    let mut module = dummy_module(&resolve, world, abi);
    embed_component_metadata(&mut module, &resolve, world, StringEncoding::UTF8).unwrap();
    ComponentEncoder::default().module(&module).unwrap().encode().unwrap()
}

#[test]
fn a_component_has_the_functions_of_its_wit() {
    let component = describe_component(&build(WIT)).unwrap();
    let wit = describe_wit(&[("world.wit", WIT)], None).unwrap();
    assert_eq!(component.descriptor.name, "root:component/root");
    let functions = |interfaces: &[hl_wit::descriptor::InterfaceDescriptor]| {
        let mut found: Vec<String> = (interfaces.iter())
            .flat_map(|it| it.functions.iter().map(|f| format!("{:?} {}", it.name, f.wit)))
            .collect();
        found.sort();
        found
    };
    assert_eq!(functions(&component.descriptor.imports), functions(&wit.descriptor.imports));
    assert_eq!(functions(&component.descriptor.exports), functions(&wit.descriptor.exports));
}

#[test]
fn a_components_wit_can_be_parsed_again() {
    let component = describe_component(&build(WIT)).unwrap();
    let again = describe_wit(&[("all.wit", &component.wit)], None).unwrap();
    assert_eq!(component.descriptor, again.descriptor);
}

/// @hl/bindgen's tests read a component too; it is this one. `HL_BLESS=1` writes it anew.
#[test]
fn the_component_that_bindgen_is_tested_with_is_this_one() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../test/features/component.wasm");
    let built = build(WIT);
    if std::env::var_os("HL_BLESS").is_some() {
        std::fs::write(path, &built).unwrap();
    }
    assert!(std::fs::read(path).unwrap() == built, "{path} is stale, run with HL_BLESS=1");
}

#[test]
fn a_component_cut_off_anywhere_is_an_error_and_no_panic() {
    let bytes = build(WIT);
    for length in 8..bytes.len() {
        // A cut between two sections leaves a valid, smaller component.
        let _ = describe_component(&bytes[..length]);
    }
    assert!(describe_component(&bytes[..bytes.len() - 1]).is_err());
}

#[test]
fn a_wit_package_in_binary_form_is_no_component() {
    let mut resolve = Resolve::default();
    let package = resolve.push_source("world.wit", WIT).unwrap();
    let bytes = wit_component::encode(&resolve, package).unwrap();
    assert_eq!(
        describe_component(&bytes).unwrap_err().to_string(),
        "this is a WIT package in binary form, which has no code; a component is needed"
    );
}

/// Readers tell the host's resource from the component's by where it is used, so both stand in the table once.
#[test]
fn a_resource_whose_interface_is_imported_and_exported_is_one_type_here_too() {
    let wit = "package a:b;
        interface things { resource thing { constructor(); merge: static func(other: thing) -> thing; } }
        world both { use things.{thing}; import things; export things; export feed: func(thing: thing); }";
    let component = describe_component(&build(wit)).unwrap().descriptor;
    let is_resource =
        |it: &hl_wit::descriptor::TypeDescriptor| matches!(it.kind, hl_wit::descriptor::TypeKind::Resource);
    assert_eq!(component.types.iter().filter(|it| is_resource(it)).count(), 1);
    let things = |interfaces: &[hl_wit::descriptor::InterfaceDescriptor]| {
        interfaces.iter().find(|it| it.name.as_deref() == Some("a:b/things")).cloned().unwrap()
    };
    assert_eq!(things(&component.imports), things(&component.exports));
}
