//! Closed sandboxes whose VMs serve others: nothing of the one is left in the other, whatever state that starts from.

mod support;

use hl_vmm::{Code, Deadline, ErrorKind, Expiry, Interrupt, Limits, Program, Sandbox, Shell};
use std::sync::Arc;
use std::time::Duration;
use support::{ECHO, Mirror, echo, has_hypervisor, sandbox, soon};

fn call(sandbox: &mut Sandbox, function: u32, request: &[u8]) -> Vec<u8> {
    sandbox.call(function, request, &soon(), &mut Mirror::default()).expect("a reply")
}

fn count(sandbox: &mut Sandbox) -> u32 {
    u32::from_le_bytes(call(sandbox, echo::COUNT, &[]).try_into().expect("four bytes"))
}

fn shell(sandbox: Sandbox) -> Shell {
    sandbox.into_shell().expect("a VM that can serve another")
}

#[test]
fn a_shell_serves_the_same_state_and_others_in_turn() {
    if !has_hypervisor() {
        return;
    }
    let limits = Limits::default();
    let mut first = sandbox(ECHO);
    let fresh = first.base();
    let counts = [count(&mut first), count(&mut first)];
    let later = first.capture().expect("a snapshot");
    assert_eq!(counts, [1, 2]);
    let mut left = shell(first);
    assert!(left.is_clone_of(&fresh, limits) && !left.is_clone_of(&later, limits));
    for turn in 0..8 {
        let (base, expected) = if turn % 3 == 0 { (&later, 3) } else { (&fresh, 1) };
        let mut next = Sandbox::from_base(base, limits, &Interrupt::new(), Some(left)).expect("a sandbox");
        next.audit().expect("the state of its base");
        assert_eq!(count(&mut next), expected, "turn {turn}");
        let long = vec![turn as u8; 300_000];
        assert!(call(&mut next, echo::ECHO, &long) == long);
        next.reset().expect("a reset");
        next.audit().expect("the state of its base after a reset");
        assert_eq!(count(&mut next), expected, "turn {turn}, after a reset");
        assert_eq!(next.stats().replacements, 0);
        left = shell(next);
    }
}

#[test]
fn a_shell_serves_another_program_s_sandbox_only_as_a_new_vm() {
    if !has_hypervisor() {
        return;
    }
    let left = shell(sandbox(ECHO));
    let program: Arc<Program> = Program::parse(ECHO).expect("a program");
    let mut other = Sandbox::create(
        program,
        Code::empty(),
        &[],
        Limits::default(),
        &soon(),
        &Interrupt::new(),
        &mut Mirror::default(),
    )
    .expect("a sandbox");
    let base = other.base();
    assert!(!left.is_clone_of(&base, Limits::default()));
    let mut next =
        Sandbox::from_base(&base, Limits::default(), &Interrupt::new(), Some(left)).expect("a sandbox");
    assert_eq!([count(&mut other), count(&mut next), count(&mut next)], [1, 1, 2]);
}

#[test]
fn what_was_interrupted_or_failed_in_a_vm_is_over_in_the_next_sandbox() {
    if !has_hypervisor() {
        return;
    }
    let mut left = None;
    let interrupt = Interrupt::new();
    let base = sandbox(ECHO).base();
    for function in [echo::SPIN, echo::FAULT, echo::PANIC, echo::NOOP] {
        let mut doomed = Sandbox::from_base(&base, Limits::default(), &interrupt, left).expect("a sandbox");
        assert_eq!(count(&mut doomed), 1);
        let briefly = Deadline::after(std::time::Duration::from_millis(5));
        let outcome = doomed.call(function, &[], &briefly, &mut Mirror::default());
        assert_eq!(outcome.is_ok(), function == echo::NOOP, "{outcome:?}");
        interrupt.fire();
        left = doomed.into_shell();
        interrupt.clear();
        assert!(left.is_some(), "function {function}");
    }
}

#[test]
fn the_clock_and_chance_differ_in_each_sandbox() {
    if !has_hypervisor() {
        return;
    }
    let mut seen = std::collections::HashSet::new();
    let base = sandbox(ECHO).base();
    let mut left = None;
    for _ in 0..50 {
        let mut next =
            Sandbox::from_base(&base, Limits::default(), &Interrupt::new(), left).expect("a sandbox");
        assert!(seen.insert(call(&mut next, echo::SENSE, &[])[..16].to_vec()), "the same random bytes twice");
        left = Some(shell(next));
    }
}

#[test]
fn a_guest_that_boots_meanwhile_takes_no_deadline_from_a_shell() {
    if !has_hypervisor() {
        return;
    }
    let mut first = sandbox(ECHO);
    let base = first.base();
    let before = Deadline::after(Duration::from_millis(50));
    first.call(echo::NOOP, &[], &before, &mut Mirror::default()).expect("a reply");
    let left = shell(first);
    // The timer that was set for the call goes off; the signal meets the thread's next VM.
    std::thread::sleep(Duration::from_millis(100));
    drop(sandbox(ECHO));
    let interrupt = Interrupt::new();
    let mut next = Sandbox::from_base(&base, Limits::default(), &interrupt, Some(left)).expect("a sandbox");
    let in_vain = interrupt.clone();
    std::thread::spawn(move || {
        std::thread::sleep(Duration::from_secs(10));
        in_vain.fire();
    });
    let deadline = Deadline::after(Duration::from_millis(50));
    let outcome = next.call(echo::SPIN, &[], &deadline, &mut Mirror::default());
    let kind = outcome.map_err(hl_vmm::Error::into_kind);
    assert!(matches!(kind, Err(ErrorKind::Expired(Expiry::Wall))), "{kind:?}");
}
