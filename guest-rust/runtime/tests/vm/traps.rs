//! Traps are told apart, and what comes after one works.

use hl_abi::message::{FailureKind, TrapKind};
use hl_vmm::{Deadline, ErrorKind, Expiry, GuestFailure, Limits};
use std::time::Duration;

use crate::support::{RUN, Wire, has_hypervisor, load, load_with};

fn failure(kind: ErrorKind) -> GuestFailure {
    match kind {
        ErrorKind::Guest(failure) => failure,
        other => panic!("{other:?}"),
    }
}

#[test]
fn each_trap_has_its_kind_and_the_next_call_works() {
    if !has_hypervisor() {
        return;
    }
    let mut traps = load("traps");
    let number = |value: u32| Wire::new().u32(value);
    let table = [
        ("unreachable", Wire::new(), TrapKind::Unreachable),
        ("divide-by-zero", number(1), TrapKind::DivideByZero),
        ("remainder-by-zero", number(1), TrapKind::DivideByZero),
        ("integer-overflow", number(1), TrapKind::IntegerOverflow),
        ("bad-conversion", Wire::new(), TrapKind::BadConversion),
        ("conversion-overflow", Wire::new(), TrapKind::IntegerOverflow),
        ("null-call", Wire::new(), TrapKind::IndirectCall),
        ("wrong-type-call", Wire::new(), TrapKind::IndirectCall),
        ("beyond-table-call", Wire::new(), TrapKind::IndirectCall),
        ("stack-overflow", number(0), TrapKind::StackOverflow),
        ("load", number(65_533), TrapKind::OutOfBounds),
        ("load", number(65_536), TrapKind::OutOfBounds),
        ("load", number(0x8000_0000), TrapKind::OutOfBounds),
        ("load", number(u32::MAX), TrapKind::OutOfBounds),
        ("store", number(65_533), TrapKind::OutOfBounds),
        ("store", number(u32::MAX), TrapKind::OutOfBounds),
        ("bulk", number(7), TrapKind::OutOfBounds),
    ];
    for (function, request, kind) in table {
        let failure = failure(traps.fails(None, function, &request));
        assert_eq!((failure.kind, failure.trap), (FailureKind::Trap, Some(kind)), "{function}: {failure:?}");
        assert!(!failure.stack.is_empty() && !failure.message.is_empty(), "{function}: {failure:?}");
        assert_eq!(traps.call(None, "load", &number(65_532)).expect("in bounds"), [0; 4]);
    }
}

#[test]
fn memory_grows_up_to_the_limit_and_is_taken_back() {
    if !has_hypervisor() {
        return;
    }
    let limits = Limits { memory_bytes: 64 << 20, ..Limits::default() };
    let mut traps = load_with("traps", limits, |_, _| Err("no imports".into()));
    for _ in 0..2 {
        assert_eq!(traps.call(None, "grow", &Wire::new().u32(16)).unwrap(), 1_i32.to_le_bytes());
        assert_eq!(traps.call(None, "store", &Wire::new().u32(17 * 65_536 - 4)).unwrap(), Vec::<u8>::new());
        assert_eq!(traps.call(None, "load", &Wire::new().u32(17 * 65_536 - 4)).unwrap(), 1_u32.to_le_bytes());
        // 128 MiB are more than there may be: the guest is told, and goes on.
        assert_eq!(traps.call(None, "grow", &Wire::new().u32(2048)).unwrap(), (-1_i32).to_le_bytes());
        assert_eq!(traps.call(None, "grow", &Wire::new().u32(0)).unwrap(), 17_i32.to_le_bytes());
        traps.sandbox.reset().expect("a reset");
        let failure = failure(traps.fails(None, "load", &Wire::new().u32(65_536)));
        assert_eq!(failure.trap, Some(TrapKind::OutOfBounds));
    }
}

#[test]
fn a_panic_in_rust_prints_its_message_and_tells_where_it_happened() {
    if !has_hypervisor() {
        return;
    }
    let mut conformance = load("conformance");
    let failure = failure(conformance.fails(Some(RUN), "panic", &Wire::new().string("out of cheese")));
    assert_eq!(failure.trap, Some(TrapKind::Unreachable));
    assert!(
        failure.stack.contains("run::Guest>::panic") || failure.stack.contains("#panic"),
        "{}",
        failure.stack
    );
    assert!(
        conformance.host.printed.iter().any(|(stream, text)| *stream == 2 && text.contains("out of cheese"))
    );
}

#[test]
fn endless_loops_and_recursion_end() {
    if !has_hypervisor() {
        return;
    }
    let mut conformance = load("conformance");
    // Rust's own stack lies in linear memory and ends first.
    let recursed = failure(conformance.fails(Some(RUN), "recurse", &Wire::new().u32(0)));
    assert!(matches!(recursed.trap, Some(TrapKind::OutOfBounds | TrapKind::StackOverflow)), "{recursed:?}");
    let mut traps = load("traps");
    let spin = traps.export(None, "spin");
    let deadline = Deadline::after(Duration::from_millis(30));
    let error = traps.sandbox.call(spin, &[], &deadline, &mut traps.host).expect_err("spins");
    assert!(matches!(error.kind(), ErrorKind::Expired(Expiry::Wall)), "{error}");
    traps.sandbox.reset().expect("a reset");
    assert_eq!(traps.call(None, "load", &Wire::new().u32(0)).unwrap(), [0; 4]);
}

#[test]
fn a_counter_counts_until_it_is_reset() {
    if !has_hypervisor() {
        return;
    }
    let mut counter = load("counter");
    let mut next =
        |count: u32| assert_eq!(counter.call(None, "next", &Wire::new()).unwrap(), count.to_le_bytes());
    (1..=3).for_each(&mut next);
    counter.sandbox.reset().expect("a reset");
    assert_eq!(counter.call(None, "next", &Wire::new()).unwrap(), 1_u32.to_le_bytes());
}
