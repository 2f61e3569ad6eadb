//! What bad input is answered with: always an error, with its place where it has one.

use hl_wit::{describe_component, describe_wit, package_text};

/// The error for one WIT file and, maybe, a world's name.
fn error(wit: &str, world: Option<&str>) -> String {
    match describe_wit(&[("world.wit", wit)], world) {
        Ok(world) => panic!("described as {:?}: {wit}", world.descriptor.name),
        Err(error) => error.to_string(),
    }
}

#[test]
fn errors_in_wit_name_file_line_column_and_what_is_wrong() {
    let cases = [
        ("package a:b;\nworld w { import f: func(x: nope); }", "world.wit:2:29: name `nope` does not exist"),
        ("package a:b;\n\n/*", "world.wit:3:1: unterminated block comment"),
        ("package", "world.wit:1:8: expected an identifier or string, found eof"),
        ("", "the main package: no `package` header was found in any WIT file for this package"),
        ("package a:b; interface i { type t = t; }", "world.wit:1:37: type `t` depends on itself"),
        ("package a:b; world w { include w; }", "world.wit:1:20: interface or world `w` depends on itself"),
        (
            "package a:b; world w { import f: func(a: u8, a: u8); }",
            "world.wit:1:46: param `a` is defined more than once",
        ),
        (
            "package a:b; world w { import x:y/z; }",
            "world.wit:1:31: package 'x:y' not found. known packages: `a:b`; put its WIT files into the folder deps/",
        ),
    ];
    for (wit, expected) in cases {
        assert_eq!(error(wit, None), expected, "{wit}");
    }
}

#[test]
fn an_error_in_a_dependency_names_the_dependencys_file() {
    let world = ("world.wit", "package a:b; world w {}");
    let broken =
        describe_wit(&[world, ("deps/io/streams.wit", "package x:y;\ninterface {")], None).unwrap_err();
    assert_eq!(broken.to_string(), "deps/io/streams.wit:2:11: expected an identifier or string, found '{'");
    let location = broken.location().unwrap();
    assert_eq!((location.file.as_str(), location.line, location.column), ("deps/io/streams.wit", 2, 11));

    let nameless = describe_wit(&[world, ("deps/io.wit", "interface i {}")], None).unwrap_err();
    assert_eq!(
        nameless.to_string(),
        "deps/io.wit: no `package` header was found in any WIT file for this package"
    );
}

#[test]
fn a_package_that_is_there_twice_is_named_with_both_places() {
    let files = [
        ("world.wit", "package a:b; world w {}"),
        ("deps/one.wit", "package x:y;"),
        ("deps/two/a.wit", "package x:y;"),
    ];
    let twice = describe_wit(&files, None).unwrap_err();
    assert_eq!(
        twice.to_string(),
        "deps/two/a.wit:1:9: package `x:y` is defined in two different locations: here and at deps/one.wit:1:9"
    );
}

#[test]
fn a_folder_without_a_main_package_is_refused() {
    let only_dependencies = describe_wit(&[("deps/io.wit", "package x:y;")], None).unwrap_err();
    assert_eq!(
        only_dependencies.to_string(),
        "there is no .wit file outside deps/, so there is no main package"
    );
}

#[test]
fn a_world_that_cannot_be_chosen_is_answered_with_the_choices() {
    let two = "package a:b; world one {} world two {}";
    assert_eq!(error(two, None), "package `a:b` has more than one world, choose one of `one`, `two`");
    assert_eq!(error(two, Some("three")), "package `a:b` has no world `three`, its worlds: `one`, `two`");
    assert_eq!(error("package a:b;", None), "package `a:b` has no world");
    assert_eq!(error("package a:b;", Some("w")), "package `a:b` has no world `w`, its worlds: none");
    assert_eq!(error(two, Some("x:y/w")), "no package here has the world `x:y/w`");
}

#[test]
fn a_full_name_chooses_a_world_with_or_without_its_version() {
    let files = [
        ("world.wit", "package a:b@1.0.0; world w { include a:b/w@2.0.0; }"),
        ("deps/two.wit", "package a:b@2.0.0; world w {} world other {}"),
    ];
    let name = |wanted| describe_wit(&files, Some(wanted)).map(|it| it.descriptor.name);
    assert_eq!(name("w").unwrap(), "a:b/w@1.0.0");
    assert_eq!(name("a:b/w@2.0.0").unwrap(), "a:b/w@2.0.0");
    assert_eq!(name("a:b/other").unwrap(), "a:b/other@2.0.0");
    assert_eq!(
        name("a:b/w").unwrap_err().to_string(),
        "`a:b/w` could be any of `a:b/w@1.0.0`, `a:b/w@2.0.0`, name its version too"
    );
}

#[test]
fn bytes_that_are_no_component_are_answered_with_what_they_are() {
    let cases: [(&[u8], &str); 6] = [
        (b"", "the file is empty, a component is needed"),
        (b"\0as", "only 3 bytes, a component is needed"),
        (
            b"(component)",
            "this is text, a component in binary form is needed (`wasm-tools parse` makes one from WAT)",
        ),
        (
            b"\0asm\x01\0\0\0",
            "this is a core WebAssembly module, a component is needed (`npx @hl/guest-js wrap` makes one from it)",
        ),
        (b"\x7fELF\xff........", "this is not WebAssembly: it does not begin with `\\0asm`"),
        (b"\0asm\x0d\0\x01\0\x01\x05", "not a valid component: unexpected end-of-file (at offset 0xa)"),
    ];
    for (bytes, expected) in cases {
        assert_eq!(describe_component(bytes).unwrap_err().to_string(), expected);
    }
}

#[test]
fn a_place_says_how_much_of_the_line_it_is() {
    let cases = [
        ("package a:b;\nworld w { import f: func(x: nope); }", 4),
        ("package a:b;\nworld w { import x:y/z; }", 3),
        ("package", 1),
    ];
    for (wit, width) in cases {
        let error = describe_wit(&[("world.wit", wit)], None).unwrap_err();
        assert_eq!(error.location().unwrap().width, width, "{wit}");
    }
}

#[test]
fn only_a_package_in_binary_form_has_a_text() {
    assert_eq!(package_text(b"text").unwrap_err().message(), "only 4 bytes, a WIT package is needed");
    let core = package_text(b"\0asm\x01\0\0\0").unwrap_err();
    assert!(core.message().starts_with("this is a core WebAssembly module"), "{core}");
}
