//! What a component sees of the world: time, chance, two streams to print to, and nothing else.

use hl_abi::message::FailureKind;
use hl_vmm::{ErrorKind, Limits};
use std::time::{SystemTime, UNIX_EPOCH};

use crate::support::{RUN, Wire, has_hypervisor, load, try_load};

#[test]
fn printed_text_arrives_in_order_before_the_result() {
    if !has_hypervisor() {
        return;
    }
    let mut c = load("conformance");
    c.run("print", &Wire::new().string("one"));
    c.run("print-error", &Wire::new().string("two"));
    let long = "long ".repeat(20_000);
    c.run("print", &Wire::new().string(&long));
    let text = |wanted: u32| -> String {
        c.host.printed.iter().filter(|(stream, _)| *stream == wanted).map(|(_, text)| text.as_str()).collect()
    };
    assert_eq!(text(1), format!("one\n{long}\n"));
    assert_eq!(text(2), "two\n");
}

#[test]
fn there_is_no_environment_no_file_no_network_and_no_input() {
    if !has_hypervisor() {
        return;
    }
    let mut c = load("conformance");
    assert_eq!(c.run("environment", &Wire::new()), 0_u32.to_le_bytes());
    assert_eq!(c.run("read-line", &Wire::new()), [0]);
    let mut refused = |function: &str, operand: &str, error: &str| {
        let reply = c.run(function, &Wire::new().string(operand));
        assert_eq!(reply, Wire::new().u8(1).string(error).0, "{function} {operand}");
    };
    refused("open-file", "/etc/passwd", "NotFound");
    refused("connect", "127.0.0.1:80", "PermissionDenied");
    refused("fetch", "example.com", "ErrorCode::HttpRequestDenied");
    refused("connect", "localhost:80", "PermissionDenied");
}

#[test]
fn clocks_move_and_sleep_waits() {
    if !has_hypervisor() {
        return;
    }
    let mut c = load("conformance");
    let number = |bytes: Vec<u8>| u64::from_le_bytes(bytes.try_into().unwrap());
    let here = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis() as u64;
    let there = number(c.run("wall-clock-ms", &Wire::new()));
    assert!(there.abs_diff(here) < 5_000, "{there} against {here}");
    let before = number(c.run("monotonic-ns", &Wire::new()));
    c.run("sleep-ms", &Wire::new().u32(20));
    let after = number(c.run("monotonic-ns", &Wire::new()));
    assert!(after - before >= 20_000_000, "{before} to {after}");
}

#[test]
fn two_fresh_calls_draw_different_numbers() {
    if !has_hypervisor() {
        return;
    }
    let mut c = load("conformance");
    let first = c.run("random-u64", &Wire::new());
    c.sandbox.reset().expect("a reset");
    assert_ne!(c.run("random-u64", &Wire::new()), first);
}

#[test]
fn exit_ends_the_call_with_its_status() {
    if !has_hypervisor() {
        return;
    }
    let mut c = load("conformance");
    for (ok, status) in [(1, 0), (0, 1)] {
        match c.fails(Some(RUN), "exit", &Wire::new().u8(ok)) {
            ErrorKind::Guest(failure) => {
                assert_eq!((failure.kind, failure.status), (FailureKind::Exit, status))
            }
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn a_component_larger_than_the_limit_is_told_so() {
    if !has_hypervisor() {
        return;
    }
    let component =
        wat::parse_str("(component (core module $m (memory 2048)) (core instance (instantiate $m)))");
    let limits = Limits { memory_bytes: 64 << 20, ..Limits::default() };
    match try_load(&component.unwrap(), limits, |_, _| Ok(Vec::new())).err().map(hl_vmm::Error::into_kind) {
        Some(ErrorKind::Guest(failure)) => assert_eq!(failure.kind, FailureKind::Load, "{failure:?}"),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_trap_while_instantiating_is_a_failure_to_load() {
    if !has_hypervisor() {
        return;
    }
    let component = wat::parse_str(
        "(component (core module $m (func $start unreachable) (start $start)) (core instance (instantiate $m)))",
    );
    match try_load(&component.unwrap(), Limits::default(), |_, _| Ok(Vec::new()))
        .err()
        .map(hl_vmm::Error::into_kind)
    {
        Some(ErrorKind::Guest(failure)) => {
            assert_eq!(failure.kind, FailureKind::Load, "{failure:?}");
            assert!(failure.message.contains("unreachable"), "{failure:?}");
        }
        other => panic!("{other:?}"),
    }
}
