//! Values of every type come back as they went in, to the byte.

use hl_abi::message::FailureKind;
use hl_vmm::ErrorKind;

use crate::support::{ECHO, Loaded, Wire, has_hypervisor, load};

/// Calls an echo function and compares wire with wire.
fn check(component: &mut Loaded, function: &str, value: Wire) {
    match component.call(Some(ECHO), function, &value) {
        Ok(reply) => assert_eq!(reply, value.0, "{function}"),
        Err(error) => panic!("{function}: {error}"),
    }
}

fn wire() -> Wire {
    Wire::new()
}

#[test]
fn scalars_come_back_at_their_limits() {
    if !has_hypervisor() {
        return;
    }
    let c = &mut load("conformance");
    for value in [0, 1] {
        check(c, "echo-bool", wire().u8(value));
    }
    for value in [0, 1, 0x7f, 0x80, u8::MAX] {
        check(c, "echo-u8", wire().u8(value));
        check(c, "echo-s8", wire().u8(value));
    }
    for value in [0, 0x7fff, 0x8000, u16::MAX] {
        check(c, "echo-u16", wire().u16(value));
        check(c, "echo-s16", wire().u16(value));
    }
    for value in [0, 0x7fff_ffff, 0x8000_0000, u32::MAX] {
        check(c, "echo-u32", wire().u32(value));
        check(c, "echo-s32", wire().u32(value));
    }
    for value in [0, u64::MAX / 2, 1 << 63, u64::MAX] {
        check(c, "echo-u64", wire().u64(value));
        check(c, "echo-s64", wire().u64(value));
    }
    for value in [0.0, -0.0, 1.5, f32::MIN_POSITIVE, f32::INFINITY] {
        check(c, "echo-f32", wire().f32(value));
        check(c, "echo-f64", wire().f64(f64::from(value) / 3.0));
    }
    for value in ['\0', 'é', '\u{d7ff}', '\u{e000}', '🦀', char::MAX] {
        check(c, "echo-char", wire().u32(value.into()));
    }
}

#[test]
fn text_and_lists_come_back_at_every_length() {
    if !has_hypervisor() {
        return;
    }
    let c = &mut load("conformance");
    for text in ["", "a", "Grüße, 世界 🦀", &"ä".repeat(5000)] {
        check(c, "echo-string", wire().string(text));
        check(c, "echo-option", wire().u8(1).string(text));
    }
    // Its length comes before a list: the longest that fits the window, and one more.
    let whole = hl_abi::mailbox::REQUEST_BYTES as u32 - 4;
    for len in [0, 1, 4096, whole, whole + 1, (5 << 20) + 3] {
        let bytes: Vec<u8> = (0..len).map(|i: u32| (i * 7) as u8).collect();
        check(c, "echo-bytes", wire().bytes(&bytes));
    }
    check(c, "echo-bools", wire().u32(3).u8(1).u8(0).u8(1));
    check(c, "echo-chars", wire().u32(2).u32('x'.into()).u32('🦀'.into()));
    check(c, "echo-s16s", wire().u32(2).i16(-2).i16(i16::MAX));
    check(c, "echo-f64s", (0..200_000).fold(wire().u32(200_000), |list, i| list.f64(f64::from(i) / 7.0)));
    // Elements straddle the window's end.
    let strings = (0..100_000).fold(wire().u32(100_000), |list, i| list.string(&format!("number {i}")));
    check(c, "echo-strings", strings);
    let nested = wire().u32(2).u32(1).u32(2).u16(1).u16(2).u32(0);
    check(c, "echo-nested", nested);
}

#[test]
fn records_variants_and_flags_come_back_alone_and_in_lists() {
    if !has_hypervisor() {
        return;
    }
    let c = &mut load("conformance");
    let point = |list: Wire, x: i32| list.i32(x).i32(-x);
    check(c, "echo-point", point(wire(), i32::MIN + 1));
    check(c, "echo-points", (0..1000).fold(wire().u32(1000), point));
    let scalars = wire().u8(1).u8(2).u16(3).u32(4).u64(5).i8(-6).i16(-7).i32(-8).i64(-9);
    check(c, "echo-scalars", scalars.f32(10.5).f64(-11.25).u32('z'.into()).string("end"));
    let person =
        |list: Wire| list.string("Ada").u8(1).u8(36).u32(2).string("a").string("").f64(1.0).f64(-2.0);
    let nobody = |list: Wire| list.string("").u8(0).u32(0).f64(0.0).f64(0.0);
    check(c, "echo-person", person(wire()));
    check(c, "echo-people", nobody(person(wire().u32(2))));
    check(c, "echo-tuple", wire().u8(1).string("two").u64(3));
    check(c, "echo-color", wire().u8(2));
    check(c, "echo-colors", wire().u32(3).u8(2).u8(0).u8(1));
    let polygon = point(point(wire().u8(2).u32(2), 1), 2);
    for shape in
        [wire().u8(0), wire().u8(1).f64(2.5), polygon, point(wire().u8(3).string("x"), 4), wire().u8(4).u8(1)]
    {
        check(c, "echo-shape", shape);
    }
    check(c, "echo-shapes", point(wire().u32(3).u8(0).u8(3).string("label"), 9).u8(1).f64(0.5));
    let mixed =
        [wire().u8(0).u8(255), wire().u8(1).u64(u64::MAX), wire().u8(2).f32(-1.5), wire().u8(3).f64(1e300)];
    for value in mixed {
        check(c, "echo-mixed", value);
    }
    check(c, "echo-mixed", wire().u8(4).string("text"));
    check(c, "echo-mixes", wire().u32(3).u8(2).f32(0.5).u8(4).string("t").u8(1).u64(7));
    for bits in 0..8 {
        check(c, "echo-permissions", wire().u8(bits));
    }
    for bits in [0, 1, 0x8000_0000, u32::MAX] {
        check(c, "echo-many", wire().u32(bits));
        check(c, "echo-many-list", wire().u32(2).u32(bits).u32(!bits));
    }
    for value in [wire().u8(0), wire().u8(1).u8(0), wire().u8(1).u8(1).u32(7)] {
        check(c, "echo-deep-option", value);
    }
}

#[test]
fn results_and_long_parameter_lists_cross() {
    if !has_hypervisor() {
        return;
    }
    let c = &mut load("conformance");
    let many =
        wire().u8(1).string("two").u64(3).f32(4.5).string("five").i16(-6).i32(7).i32(-7).string("eight");
    check(c, "echo-many-parameters", many.bytes(&[9, 9]).u8(1).u32('k'.into()));
    let mut call = |function: &str, value: Wire| c.call(Some(ECHO), function, &value).unwrap();
    assert_eq!(call("echo-result", wire().u8(0).u32(0x0403_0201)), wire().u8(0).bytes(&[1, 2, 3, 4]).0);
    assert_eq!(call("echo-result", wire().u8(1).string("no")), wire().u8(1).string("no").0);
    assert_eq!(call("fail", wire().u32(0)), wire().u8(0).u32(7).0);
    assert_eq!(call("fail", wire().u32(1)), wire().u8(1).u8(0).string("sku").0);
    assert_eq!(call("fail", wire().u32(2)), wire().u8(1).u8(1).0);
    assert_eq!(call("fail", wire().u32(9)), wire().u8(1).u8(2).u32(9).0);
    assert_eq!(c.call(None, "version", &wire()).unwrap(), wire().string("0.0.0").0);
}

#[test]
fn other_encodings_of_text_are_converted() {
    if !has_hypervisor() {
        return;
    }
    let mut c = load("utf16");
    for text in ["", "plain", "Grüße", "世界 🦀"] {
        for function in ["utf16", "latin1"] {
            assert_eq!(
                c.call(None, function, &wire().string(text)).unwrap(),
                wire().string(text).0,
                "{function}"
            );
        }
    }
}

#[test]
fn a_request_that_is_not_of_the_type_is_refused() {
    if !has_hypervisor() {
        return;
    }
    let mut c = load("conformance");
    let table = [
        ("echo-bool", wire().u8(2)),
        ("echo-char", wire().u32(0xd800)),
        ("echo-u32", wire().u16(1)),
        ("echo-u32", wire().u32(1).u8(0)),
        ("echo-string", wire().u32(u32::MAX)),
        ("echo-string", wire().u32(2).u8(0xff).u8(0xfe)),
        ("echo-points", wire().u32(1_000_000)),
        ("echo-color", wire().u8(3)),
        ("echo-shape", wire().u8(5)),
        ("echo-option", wire().u8(2)),
        ("echo-permissions", wire().u8(8)),
    ];
    for (function, request) in table {
        match c.fails(Some(ECHO), function, &request) {
            ErrorKind::Guest(failure) => {
                assert_eq!(failure.kind, FailureKind::BadRequest, "{function}: {failure:?}")
            }
            other => panic!("{function}: {other:?}"),
        }
    }
    check(&mut c, "echo-u32", wire().u32(5));
}

#[test]
fn a_result_that_breaks_the_canonical_abi_is_the_guests_failure() {
    if !has_hypervisor() {
        return;
    }
    let mut c = load("bad-results");
    let table = [
        ("text", wire().u32(16), "not UTF-8"),
        ("text", wire().u32(32), "out of bounds"),
        ("text", wire().u32(18), "not aligned"),
        ("text", wire().u32(65_532), "out of bounds"),
        ("numbers", wire().u32(48), "out of bounds"),
        ("numbers", wire().u32(64), "not aligned"),
        ("character", wire(), "Unicode"),
    ];
    for (function, request, message) in table {
        match c.fails(None, function, &request) {
            ErrorKind::Guest(failure) => {
                assert_eq!(failure.kind, FailureKind::BadResult, "{function}: {failure:?}");
                assert!(failure.message.contains(message), "{function}: {failure:?}");
            }
            other => panic!("{function}: {other:?}"),
        }
    }
    assert_eq!(c.call(None, "truth", &wire()).unwrap(), [1]);
}

#[test]
fn resources_get_a_number_each_until_they_are_given_up() {
    if !has_hypervisor() {
        return;
    }
    const THINGS: Option<&str> = Some("hl:resources/things");
    const DROP: &str = "[resource-drop]thing";
    let mut c = load("resources");
    for number in 0..3_u32 {
        assert_eq!(c.call(THINGS, "make", &wire()).unwrap(), number.to_le_bytes());
    }
    assert!(c.call(THINGS, DROP, &wire().u32(1)).unwrap().is_empty());
    assert_eq!(c.call(THINGS, "make", &wire()).unwrap(), 1_u32.to_le_bytes());
    for nothing in [3, u32::MAX] {
        match c.fails(THINGS, DROP, &wire().u32(nothing)) {
            ErrorKind::Guest(failure) => assert_eq!(failure.kind, FailureKind::BadRequest, "{failure:?}"),
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(c.call(None, "answer", &wire()).unwrap(), 42_u32.to_le_bytes());
}
