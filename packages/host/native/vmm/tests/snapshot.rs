//! Sandboxes that start from a state, of another sandbox or from a file, on real KVM.

mod support;

use hl_vmm::{Base, Code, ErrorKind, Interrupt, LimitKind, Limits, Program, Sandbox, Saved};
use support::{ECHO, Mirror, echo, has_hypervisor, sandbox, soon};

const HASH: [u8; 32] = [7; 32];

fn count(sandbox: &mut Sandbox) -> u32 {
    let reply = sandbox.call(echo::COUNT, &[], &soon(), &mut Mirror::default()).expect("a count");
    u32::from_le_bytes(reply.try_into().expect("four bytes"))
}

fn start(base: &Base) -> Sandbox {
    Sandbox::from_base(base, Limits::default(), &Interrupt::new(), None).expect("a clone")
}

#[test]
fn clones_go_on_from_a_state_and_diverge() {
    if !has_hypervisor() {
        return;
    }
    let mut parent = sandbox(ECHO);
    assert_eq!([count(&mut parent), count(&mut parent)], [1, 2]);
    let current = parent.capture().expect("a snapshot");
    let (mut one, mut other, mut fresh) = (start(&current), start(&current), start(&parent.base()));
    assert_eq!(count(&mut parent), 3);
    assert_eq!([count(&mut one), count(&mut one), count(&mut other)], [3, 4, 3]);
    assert_eq!(count(&mut fresh), 1);
    one.reset().expect("a reset");
    one.audit().expect("the snapshot's memory");
    drop((parent, other, current));
    assert_eq!(count(&mut one), 3);
}

#[test]
fn a_file_brings_a_state_to_a_program_that_has_not_booted() {
    if !has_hypervisor() {
        return;
    }
    let path = std::env::temp_dir().join(format!("hl-vmm-{}.hlsnap", std::process::id()));
    let mut parent = sandbox(ECHO);
    assert_eq!([count(&mut parent), count(&mut parent)], [1, 2]);
    parent.capture().expect("a snapshot").save(&path, &HASH, b"note").expect("a file");
    let program = Program::parse(ECHO).expect("a program");
    let saved = Saved::load(&path, &program, &HASH).expect("a state");
    assert_eq!(saved.note(), b"note");
    let base = saved.with_code(Code::empty()).expect("a base");
    let mut clones = [start(&base), start(&base)];
    for clone in &mut clones {
        assert_eq!([count(clone), count(clone)], [3, 4]);
        clone.reset().expect("a reset");
        clone.audit().expect("the snapshot's memory");
        assert_eq!(count(clone), 3);
    }
    std::fs::remove_file(&path).expect("the file");
}

#[test]
fn a_clone_may_not_have_less_memory_than_its_state() {
    if !has_hypervisor() {
        return;
    }
    let base = sandbox(ECHO).base();
    assert_eq!(base.memory_bytes_min(), Limits::default().memory_bytes);
    let limits = Limits { memory_bytes: base.memory_bytes_min() - 4096, ..Limits::default() };
    let refused =
        Sandbox::from_base(&base, limits, &Interrupt::new(), None).err().map(hl_vmm::Error::into_kind);
    assert!(matches!(refused, Some(ErrorKind::Limit(LimitKind::Memory))), "{refused:?}");
}

#[test]
fn a_clone_gets_up_front_what_calls_have_written() {
    if !has_hypervisor() {
        return;
    }
    let mut parent = sandbox(ECHO);
    count(&mut parent);
    let exceptions = |sandbox: &mut Sandbox| {
        let before = sandbox.stats().exceptions;
        count(sandbox);
        sandbox.stats().exceptions - before
    };
    let mut clone = start(&parent.base());
    assert_eq!(exceptions(&mut clone), 0, "of the base state");
    let mut clone = start(&parent.capture().expect("a snapshot"));
    assert_eq!(exceptions(&mut clone), 0, "of the state as it is now");
}
