//! Whoever finds fault with an item of a world can say where it stands.

use hl_wit::describe_wit;

use crate::describe;

#[test]
fn functions_types_fields_and_flags_have_places() {
    let world = describe(
        "package a:b@1.0.0;
interface i {
  record r { one: u8, two: u8 }
  flags f { read }
  resource thing { get: func(); }
  use-it: func(r: r);
}
world w { export i; import x: interface { g: func(); } type t = u8; export h: func(t: t); }",
    );
    let expected = [
        ("a:b/i@1.0.0.r", 3, 10),
        ("a:b/i@1.0.0.r.two", 3, 23),
        ("a:b/i@1.0.0.f.read", 4, 13),
        ("a:b/i@1.0.0.thing", 5, 12),
        ("a:b/i@1.0.0#[method]thing.get", 5, 20),
        ("a:b/i@1.0.0#use-it", 6, 3),
        ("x#g", 8, 43),
        (".t", 8, 61),
        ("#h", 8, 76),
    ];
    for (item, line, column) in expected {
        let place = world.places.get(item).unwrap_or_else(|| panic!("{item} in {:?}", world.places));
        assert_eq!((place.line, place.column), (line, column), "{item}");
    }
}

#[test]
fn a_place_is_in_the_file_that_holds_the_item() {
    let files = [
        ("world.wit", "package a:b; world w { import x:y/z; }"),
        ("deps/z.wit", "package x:y; interface z { f: func(); }"),
    ];
    let world = describe_wit(&files, None).unwrap();
    assert_eq!(world.places["x:y/z#f"].file, "deps/z.wit");
}
