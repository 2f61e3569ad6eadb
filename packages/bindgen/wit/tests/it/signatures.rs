//! How signatures are written in messages.

use crate::describe;

#[test]
fn signatures_read_as_in_wit() {
    let written = [
        "count: func(sku: string) -> u32",
        "none: func()",
        "later: async func() -> future<u8>",
        "all: func(a: option<list<u8>>, b: tuple<u8, map<string, bool>>, c: list<f32, 3>) -> result<_, point>",
        "done: func() -> result",
        "read: func() -> stream",
    ];
    let items = written.iter().map(|it| format!("{it};")).collect::<String>();
    let wit =
        format!("package a:b; interface i {{ record point {{ x: u8 }} {items} }} world w {{ import i; }}");
    let functions = &describe(&wit).descriptor.imports[0].functions;
    let found: Vec<&str> = functions.iter().map(|it| it.wit.as_str()).collect();
    assert_eq!(found, written);
}

#[test]
fn a_resources_functions_stand_behind_its_name() {
    let world = describe(
        "package a:b;
         interface i {
             resource bucket {
                 constructor(name: string);
                 get: func(key: string) -> option<string>;
                 merge: static func(a: bucket, b: borrow<bucket>) -> bucket;
                 load: async func();
             }
             resource lock { constructor() -> result<lock, string>; }
         }
         world w { import i; }",
    );
    let found: Vec<&str> = world.descriptor.imports[0].functions.iter().map(|it| it.wit.as_str()).collect();
    assert_eq!(
        found,
        [
            "bucket: constructor(name: string)",
            "bucket.get: func(key: string) -> option<string>",
            "bucket.merge: static func(a: bucket, b: borrow<bucket>) -> bucket",
            "bucket.load: async func()",
            "lock: constructor() -> result<lock, string>",
        ]
    );
}

#[test]
fn a_signature_without_end_is_cut_off() {
    let nested = format!("{}u8{}", "option<".repeat(40), ">".repeat(40));
    let world = describe(&format!("package a:b; world w {{ import f: func(p: {nested}); }}"));
    let wit = &world.descriptor.imports[0].functions[0].wit;
    assert!(wit.contains('…') && wit.len() < 300, "{wit}");

    let mut wide = "u8".to_owned();
    for _ in 0..12 {
        wide = format!("tuple<{wide}, {wide}>");
    }
    let world = describe(&format!("package a:b; world w {{ import f: func(p: {wide}); }}"));
    assert!(world.descriptor.imports[0].functions[0].wit.len() < 4096);
}
