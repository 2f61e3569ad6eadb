//! Imports that the host serves.

use std::cell::Cell;
use std::rc::Rc;

use hl_abi::message::FailureKind;
use hl_vmm::{ErrorKind, Limits};

use crate::support::{RUN, Wire, has_hypervisor, load_with};

#[test]
fn arguments_arrive_and_results_return() {
    if !has_hypervisor() {
        return;
    }
    let notified = Rc::new(Cell::new(0));
    let count = Rc::clone(&notified);
    let mut c = load_with("conformance", Limits::default(), move |function, arguments| match function {
        "add" => {
            let number = |at: usize| u32::from_le_bytes(arguments[at..at + 4].try_into().unwrap());
            Ok(Wire::new().u32(number(0) + number(4)).0)
        }
        "notify" => {
            count.set(count.get() + 1);
            Ok(Vec::new())
        }
        "transform" => {
            let text = std::str::from_utf8(&arguments[4..]).unwrap();
            Ok(Wire::new().string(&text.to_uppercase()).0)
        }
        "describe" if arguments[0] == 0 => Ok(Wire::new().u8(1).u8(0).string("nobody").0),
        "describe" => Ok(Wire::new().u8(0).string(&format!("{} bytes", arguments.len())).0),
        "many-parameters" => {
            let expected = Wire::new().u8(1).string("two").u64(3).f32(4.5).string("five").i16(-6).u32(7);
            let expected = expected.string("eight").bytes(&[9, 9]).u8(1).u32('k'.into());
            assert_eq!(arguments, expected.0);
            Ok(Wire::new().u8(4).string("ok").u64(u64::MAX).0)
        }
        other => Err(format!("nobody serves {other}")),
    });
    let wire = Wire::new;
    assert_eq!(c.run("host-add", &wire().u32(100)), 4950_u32.to_le_bytes());
    c.run("host-notify", &wire());
    assert_eq!(notified.get(), 1);
    assert_eq!(c.run("host-transform", &wire().string("äbc")), wire().string("ÄBC").0);
    let long = "x".repeat(3 << 20);
    assert_eq!(c.run("host-transform", &wire().string(&long)), wire().string(&long.to_uppercase()).0);
    assert_eq!(c.run("host-describe", &wire().u32(0)), wire().u8(1).u8(0).string("nobody").0);
    let person = wire().u32(1).string("Ada").u8(1).u8(36).u32(1).string("tag").f64(1.0).f64(2.0);
    let described = format!("{} bytes", person.0.len());
    assert_eq!(c.run("host-describe", &person), wire().u8(0).string(&described).0);
    assert_eq!(c.run("host-many-parameters", &wire()), wire().u8(4).string("ok").u64(u64::MAX).0);
}

#[test]
fn a_host_function_that_fails_ends_the_call_with_its_reason() {
    if !has_hypervisor() {
        return;
    }
    let mut c = load_with("conformance", Limits::default(), |function, _| match function {
        "transform" => Err("the database is away".into()),
        // Not a number of 32 bits.
        "add" => Ok(vec![1, 2]),
        // A discriminant that does not exist.
        "describe" => Ok(vec![9]),
        _ => Ok(vec![0]),
    });
    let table = [
        ("host-transform", Wire::new().string("x"), "the database is away"),
        ("host-add", Wire::new().u32(1), "end too early"),
        ("host-describe", Wire::new().u32(0), "names no case"),
        ("host-notify", Wire::new(), "more bytes"),
    ];
    for (function, request, message) in table {
        match c.fails(Some(RUN), function, &request) {
            ErrorKind::Guest(failure) => {
                assert_eq!(failure.kind, FailureKind::HostFunction, "{function}: {failure:?}");
                assert!(failure.message.contains(message), "{function}: {failure:?}");
            }
            other => panic!("{function}: {other:?}"),
        }
        assert_eq!(c.run("counter-next", &Wire::new()), 1_u32.to_le_bytes());
    }
}

#[test]
fn arguments_that_are_too_large_for_the_runtimes_heap_fail_the_call_only() {
    if !has_hypervisor() {
        return;
    }
    let mut c = load_with("conformance", Limits::default(), |_, _| Err("nothing may arrive".into()));
    let request = Wire::new().string(&"x".repeat((16 << 20) + 1));
    match c.fails(Some(RUN), "host-transform", &request) {
        ErrorKind::Guest(failure) => {
            assert_eq!(failure.kind, FailureKind::BadResult, "{failure:?}");
            assert!(failure.message.contains("16 MiB"), "{failure:?}");
        }
        other => panic!("{other:?}"),
    }
    assert_eq!(c.run("counter-next", &Wire::new()), 1_u32.to_le_bytes());
}
