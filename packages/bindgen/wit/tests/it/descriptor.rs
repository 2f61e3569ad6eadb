//! Descriptors, one WIT feature a test.

use serde_json::{Value, json};

use crate::{json as describe, named};

/// The type table's entry of a parameter of the first imported function.
fn param(wit_type: &str) -> (Value, Value) {
    let descriptor = describe(&format!("package a:b; world w {{ import f: func(p: {wit_type}); }}"));
    let ty = descriptor["imports"][0]["functions"][0]["params"][0]["type"].clone();
    let entry = ty.as_u64().map_or(Value::Null, |index| descriptor["types"][index as usize].clone());
    (ty, entry)
}

#[test]
fn a_small_world_is_described_in_full() {
    let descriptor = describe(
        "package acme:shop@1.0.0;
         /// What is in store.
         interface stock {
             /// Stock keeping unit.
             type sku = string;
             /// How many there are.
             count: func(sku: sku) -> u32;
         }
         /// A shop.
         world shop {
             import stock;
             export price: func(items: list<string>) -> result<u64, string>;
         }",
    );
    assert_eq!(
        descriptor,
        json!({
            "version": 1,
            "name": "acme:shop/shop@1.0.0",
            "docs": "A shop.",
            "types": [
                { "name": "sku", "owner": "acme:shop/stock@1.0.0", "docs": "Stock keeping unit.", "kind": "alias", "type": "string" },
                { "kind": "list", "type": "string" },
                { "kind": "result", "ok": "u64", "err": "string" },
            ],
            "imports": [{
                "name": "acme:shop/stock@1.0.0",
                "docs": "What is in store.",
                "types": [0],
                "functions": [{
                    "name": "count", "kind": "function", "params": [{ "name": "sku", "type": 0 }], "result": "u32",
                    "wit": "count: func(sku: sku) -> u32", "docs": "How many there are.",
                }],
            }],
            "exports": [{
                "name": null,
                "types": [],
                "functions": [{
                    "name": "price", "kind": "function", "params": [{ "name": "items", "type": 1 }], "result": 2,
                    "wit": "price: func(items: list<string>) -> result<u64, string>",
                }],
            }],
        })
    );
}

#[test]
fn primitives_stand_by_name() {
    for name in [
        "bool",
        "u8",
        "s8",
        "u16",
        "s16",
        "u32",
        "s32",
        "u64",
        "s64",
        "f32",
        "f64",
        "char",
        "string",
        "error-context",
    ] {
        assert_eq!(param(name).0, json!(name));
    }
}

#[test]
fn anonymous_types_stand_in_the_table_by_structure() {
    let cases = [
        ("option<u8>", json!({ "kind": "option", "type": "u8" })),
        ("list<u8>", json!({ "kind": "list", "type": "u8" })),
        ("list<u8, 4>", json!({ "kind": "fixed-list", "type": "u8", "length": 4 })),
        ("map<string, u8>", json!({ "kind": "map", "key": "string", "value": "u8" })),
        ("tuple<u8, string>", json!({ "kind": "tuple", "types": ["u8", "string"] })),
        ("result", json!({ "kind": "result" })),
        ("result<u8>", json!({ "kind": "result", "ok": "u8" })),
        ("result<_, u8>", json!({ "kind": "result", "err": "u8" })),
        ("stream<u8>", json!({ "kind": "stream", "type": "u8" })),
        ("stream", json!({ "kind": "stream" })),
        ("future<string>", json!({ "kind": "future", "type": "string" })),
        ("future", json!({ "kind": "future" })),
    ];
    for (wit, expected) in cases {
        assert_eq!(param(wit).1, expected, "{wit}");
    }
}

#[test]
fn named_types_carry_their_owner_and_the_docs_of_their_parts() {
    let descriptor = describe(
        "package a:b;
         interface i {
             record point { /// across
                 x: s32, y: s32 }
             variant shape { circle(f64), /// nothing
                 none }
             enum color { red, /// the dark one
                 dark-green }
             flags access { read, /// and write
                 write }
         }
         world w { import i; }",
    );
    assert_eq!(
        named(&descriptor, "point"),
        &json!({ "name": "point", "owner": "a:b/i", "kind": "record",
                 "fields": [{ "name": "x", "type": "s32", "docs": "across" }, { "name": "y", "type": "s32" }] })
    );
    assert_eq!(
        named(&descriptor, "shape")["cases"],
        json!([{ "name": "circle", "type": "f64" }, { "name": "none", "docs": "nothing" }])
    );
    assert_eq!(
        named(&descriptor, "color")["cases"][1],
        json!({ "name": "dark-green", "docs": "the dark one" })
    );
    assert_eq!(named(&descriptor, "access")["flags"][1], json!({ "name": "write", "docs": "and write" }));
    assert_eq!(descriptor["imports"][0]["types"], json!([0, 1, 2, 3]));
    assert_eq!(descriptor["imports"][0]["functions"], json!([]));
}

#[test]
fn resources_come_with_their_functions_and_handles() {
    let descriptor = describe(
        "package a:b;
         interface i {
             resource bucket {
                 constructor(name: string);
                 get: func(key: string) -> option<string>;
                 merge: static func(a: bucket, b: borrow<bucket>) -> bucket;
             }
         }
         world w { export i; }",
    );
    let functions = descriptor["exports"][0]["functions"].as_array().unwrap();
    let summary: Vec<Value> = functions
        .iter()
        .map(|it| json!([it["name"], it["kind"], it["resource"], it["params"].as_array().unwrap().len()]))
        .collect();
    assert_eq!(
        json!(summary),
        json!([
            ["[constructor]bucket", "constructor", 0, 1],
            ["[method]bucket.get", "method", 0, 2],
            ["[static]bucket.merge", "static", 0, 2],
        ])
    );
    assert_eq!(descriptor["types"][0], json!({ "name": "bucket", "owner": "a:b/i", "kind": "resource" }));
    let kinds: Vec<&Value> = descriptor["types"].as_array().unwrap().iter().map(|it| &it["kind"]).collect();
    assert_eq!(json!(kinds), json!(["resource", "own", "borrow", "option"]));
}

#[test]
fn a_handle_names_the_resource_itself_and_not_the_name_that_use_gave_it() {
    let descriptor = describe(
        "package a:b;
         interface i { resource bucket; }
         interface j { use i.{bucket as pail}; take: func(pail: pail); }
         world w { import j; }",
    );
    let own = descriptor["types"].as_array().unwrap().iter().find(|it| it["kind"] == "own").unwrap();
    assert_eq!(descriptor["types"][own["resource"].as_u64().unwrap() as usize]["name"], "bucket");
}

#[test]
fn async_functions_are_marked() {
    let descriptor = describe("package a:b; world w { export run: async func(); export go: func(); }");
    assert_eq!(descriptor["exports"][0]["functions"][0]["async"], true);
    assert_eq!(descriptor["exports"][0]["functions"][1].get("async"), None);
}

#[test]
fn use_makes_an_alias_and_imports_what_it_uses() {
    let descriptor = describe(
        "package a:b;
         interface types { record item { id: u32 } }
         interface store { use types.{item as thing}; get: func() -> thing; }
         world w { export store; }",
    );
    assert_eq!(descriptor["imports"][0]["name"], "a:b/types");
    assert_eq!(
        named(&descriptor, "thing"),
        &json!({ "name": "thing", "owner": "a:b/store", "kind": "alias", "type": 0 })
    );
}

#[test]
fn the_worlds_own_level_comes_first_and_its_types_have_no_owner() {
    let descriptor = describe(
        "package a:b;
         interface i { f: func(); }
         world w {
             import i;
             type id = u32;
             record item { id: id }
             import log: func(text: string);
             export run: func(item: item);
         }",
    );
    let names: Vec<&Value> = descriptor["imports"].as_array().unwrap().iter().map(|it| &it["name"]).collect();
    assert_eq!(json!(names), json!([null, "a:b/i"]));
    assert_eq!(named(&descriptor, "item").get("owner"), None);
    assert_eq!(descriptor["imports"][0]["types"].as_array().unwrap().len(), 2);
}

#[test]
fn inline_interfaces_have_plain_names_that_own_their_types() {
    let descriptor = describe(
        "package a:b;
         world w { import host: interface { record event { id: u8 } emit: func(it: event); } export go: func(); }",
    );
    assert_eq!(descriptor["imports"][0]["name"], "host");
    assert_eq!(named(&descriptor, "event")["owner"], "host");
}

#[test]
fn include_brings_in_another_worlds_items() {
    let wit = "package a:b;
         interface i { f: func(); }
         world base { import i; export start: func(); }
         world w { include base with { start as begin } export stop: func(); }";
    let descriptor = hl_wit::describe_wit(&[("world.wit", wit)], Some("w")).unwrap().descriptor;
    assert_eq!(descriptor.imports[0].name.as_deref(), Some("a:b/i"));
    let exported: Vec<&str> = descriptor.exports[0].functions.iter().map(|it| it.name.as_str()).collect();
    assert_eq!(exported, ["stop", "begin"]);
}

#[test]
fn one_interface_can_be_imported_and_exported() {
    let descriptor = describe(
        "package a:b;
         interface i { record item { id: u32 } f: func(item: item) -> item; }
         world w { import i; export i; }",
    );
    assert_eq!(descriptor["imports"], descriptor["exports"]);
}

#[test]
fn two_versions_of_one_package_stay_apart() {
    let files = [
        ("world.wit", "package a:b; world w { import x:y/i@1.0.0; import x:y/i@2.0.0; }"),
        ("deps/one.wit", "package x:y@1.0.0; interface i { f: func() -> u8; }"),
        ("deps/two/i.wit", "package x:y@2.0.0; interface i { f: func() -> u16; }"),
    ];
    let descriptor = serde_json::to_value(hl_wit::describe_wit(&files, None).unwrap().descriptor).unwrap();
    assert_eq!(descriptor["imports"][0]["name"], "x:y/i@1.0.0");
    assert_eq!(descriptor["imports"][1]["functions"][0]["result"], "u16");
}

#[test]
fn types_that_nest_very_deep_do_not_overflow_the_stack() {
    let mut wit = "package a:b; interface i { type t0 = u8;".to_owned();
    for level in 1..20_000 {
        wit.push_str(&format!("type t{level} = option<t{}>;", level - 1));
    }
    wit.push_str("f: func(t: t19999); } world w { import i; }");
    let descriptor = describe(&wit);
    assert_eq!(descriptor["types"].as_array().unwrap().len(), 20_000);
}

#[test]
fn the_printed_wit_can_be_parsed_again_to_the_same_descriptor() {
    let files = [
        (
            "world.wit",
            "package a:b@1.0.0; /// doc\nworld w { import x:y/i@1.0.0; export run: func() -> list<u8, 4>; }",
        ),
        ("deps/one.wit", "package x:y@1.0.0; interface i { use p:q/t.{n}; f: func() -> n; }"),
        ("deps/two.wit", "package p:q; interface t { type n = u8; }"),
        ("deps/unused.wit", "package u:v; interface nothing {}"),
    ];
    let world = hl_wit::describe_wit(&files, None).unwrap();
    let again = hl_wit::describe_wit(&[("all.wit", &world.wit)], Some("w")).unwrap();
    assert_eq!(world.descriptor, again.descriptor);
    assert!(!world.wit.contains("u:v"), "{}", world.wit);
}
