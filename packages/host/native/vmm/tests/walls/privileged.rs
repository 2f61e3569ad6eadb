//! Instructions, ports, selectors and stacks that ring 3 has no right to.

use crate::attack::{Access, Attack, Endless};
use crate::victim::{Outcome, Victim, Way, in_each_way};
use hl_abi::layout::{STACK_TOP_GVA, SYSTEM_GVA};
use hl_abi::{DOORBELL_PORT, Operation};

#[path = "../../../../../../test/guests/hostile/src/guest/instructions.rs"]
mod instructions;
use instructions::instructions;

in_each_way!(
    the_doorbell_takes_one_byte_that_means_something,
    loops_end_by_the_deadline_and_fault_storms_by_a_bound,
);

#[derive(Clone, Copy)]
enum Expected {
    /// An exception, or the end of the VM where the exception is none that guests handle.
    Trap,
    /// Nothing happened that matters, or it trapped.
    Either,
}

macro_rules! rows {
    ($($name:literal $expected:ident [$($line:literal),*];)*) => {
        &[$(($name, Expected::$expected)),*]
    };
}

static INSTRUCTIONS: &[(&str, Expected)] = instructions!(rows);

#[test]
fn privileged_instructions_trap() {
    let Some(mut victim) = Victim::new() else { return };
    for (number, (name, expected)) in INSTRUCTIONS.iter().enumerate() {
        let outcome = victim.attack(Attack::Instruction, [number as u64, 0, 0]);
        // Hypervisors differ: `--nocapture` shows what each comes to here.
        println!("{name}: {outcome:?}");
        let stopped = outcome.trapped() || outcome.breached();
        let allowed = match expected {
            Expected::Trap => stopped,
            Expected::Either => stopped || outcome.harmless(),
        };
        victim.check(name, &outcome, allowed);
    }
}

#[test]
fn every_port_but_the_doorbell_is_closed() {
    let Some(mut victim) = Victim::new() else { return };
    let doorbell = u64::from(DOORBELL_PORT);
    // All ports at one width, and those that matter in other ways: what a PC has, and the doorbell's neighbours.
    let every = if std::env::var_os("HL_WALLS_ALL_PORTS").is_some() { 0x1_0000 } else { 0x500 };
    for (access, width) in [
        (Access::Out8, 1),
        (Access::Out16, 2),
        (Access::Out32, 4),
        (Access::In8, 1),
        (Access::In16, 2),
        (Access::In32, 4),
    ] {
        // A wide access that begins below the doorbell covers a closed port as well, and so does one at it.
        let own = if width == 1 { doorbell..doorbell + 1 } else { doorbell..doorbell };
        for (from, to) in [(0, own.start), (own.end, every), (0xcf8, 0xd00), (0xff00, 0x1_0000)] {
            let name = format!("{access:?} of ports {from:#x} to {to:#x}");
            let outcome = victim.attack(Attack::Ports, [from, to, access as u64]);
            victim.check(&name, &outcome, outcome.harmless() && outcome.value() == 0);
        }
    }
    let outcome = victim.attack(Attack::Ports, [doorbell, doorbell + 1, Access::In8 as u64]);
    victim.check("reading the doorbell", &outcome, outcome.breached());
}

fn the_doorbell_takes_one_byte_that_means_something(way: Way) {
    let Some(mut victim) = Victim::by(way) else { return };
    // Each costs a VM. All others take the same way as these: no operation has their number.
    let none = [0, 3, 4, 0x7f, 0x80, 0xff];
    for byte in [Operation::Exception as u64].into_iter().chain(none) {
        let outcome = victim.attack(Attack::Operation, [byte, 0, 0]);
        victim.check(&format!("operation {byte}"), &outcome, outcome.breached());
    }
    // Some hypervisors split it into rings of one byte each, of which a few in vain are no breach.
    for count in [1, 2, 64] {
        let outcome = victim.attack(Attack::StringOut, [count, 0, 0]);
        let stopped = outcome.breached() || (count <= 2 && outcome.harmless());
        victim.check(&format!("{count} bytes by outsb"), &outcome, stopped);
    }
    let outcome = victim.attack_for_ever(Attack::Forever, [Endless::Doorbell as u64, 0, 0], &[]);
    victim.check("ringing without a message", &outcome, outcome.breached());
}

#[test]
fn no_selector_leads_anywhere() {
    const USER_CODE: u64 = 0x33;
    let Some(mut victim) = Victim::new() else { return };
    let outcome = victim.attack(Attack::FarReturn, [0, 0x200, 0]);
    let only_own = |outcome: &Outcome| outcome.harmless() && outcome.value() <= 4;
    victim.check("far returns", &outcome, outcome.breached() || only_own(&outcome));
    for selector in (0..0x80).filter(|selector| selector | 3 != USER_CODE) {
        let outcome = victim.attack(Attack::FarReturn, [selector, selector + 1, 0]);
        let nothing = outcome.harmless() && outcome.value() == 0;
        victim.check(&format!("a far return to {selector:#x}"), &outcome, nothing || outcome.breached());
        let outcome = victim.attack(Attack::InterruptReturn, [selector, 2, 0]);
        let stopped = outcome.trapped() || outcome.breached();
        victim.check(&format!("iretq to {selector:#x}"), &outcome, stopped);
    }
    for (register, name) in ["ds", "es", "fs", "gs", "ss"].into_iter().enumerate() {
        let outcome = victim.attack(Attack::LoadSelector, [0, 0x200, register as u64]);
        victim.check(name, &outcome, outcome.harmless() || outcome.breached());
    }
}

#[test]
fn iretq_gives_no_io_privilege() {
    const USER_CODE: u64 = 0x33;
    let Some(mut victim) = Victim::new() else { return };
    // IOPL 3, IF, NT, RF, VM, VIF, VIP, ID: each with the `cli` that follows.
    for flags in [0x3002, 0x3202, 0x4002, 0x1_0002, 0x2_0002, 0x8_0002, 0x10_0002, 0x20_0002, 0x3f_7fd7] {
        let outcome = victim.attack(Attack::InterruptReturn, [USER_CODE, flags, 0]);
        let stopped = outcome.trapped() || outcome.breached();
        victim.check(&format!("iretq with flags {flags:#x}, then cli"), &outcome, stopped);
    }
}

#[test]
fn a_fault_on_any_stack_is_a_fault_and_no_more() {
    let Some(mut victim) = Victim::new() else { return };
    for pointer in
        [0, 8, SYSTEM_GVA + 0x5000, STACK_TOP_GVA + 0x1000, 1 << 47, 0xffff_8000_0000_0000, u64::MAX - 7]
    {
        for undefined in [0, 1] {
            let outcome = victim.attack(Attack::Stack, [pointer, undefined, 0]);
            let stopped = outcome.trapped() || outcome.breached();
            victim.check(&format!("a fault with the stack at {pointer:#x}"), &outcome, stopped);
        }
    }
}

fn loops_end_by_the_deadline_and_fault_storms_by_a_bound(way: Way) {
    let Some(mut victim) = Victim::by(way) else { return };
    for what in [Endless::Jump, Endless::Pause, Endless::Faults, Endless::StackOverflow] {
        let outcome = victim.attack_for_ever(Attack::Forever, [what as u64, 0, 0], &[]);
        victim.check(&format!("{what:?}"), &outcome, matches!(outcome, Outcome::Expired));
    }
    let outcome = victim.attack_for_ever(Attack::Forever, [Endless::FaultsInHandler as u64, 0, 0], &[]);
    victim.check("faults while it handles a fault", &outcome, outcome.breached());
}

/// `int n` for every n: no gate is open to ring 3. What some hypervisors answer by themselves is harmless.
#[test]
fn no_software_interrupt_leads_anywhere() {
    let Some(mut victim) = Victim::new() else { return };
    let outcome = victim.attack(Attack::Interrupts, [0; 3]);
    let Outcome::Answered(_, words) = &outcome else { panic!("{outcome:?}") };
    let ran: Vec<usize> = (0..256).filter(|number| words[number * 8 + 1] == 0).collect();
    println!("without an exception: {ran:?}; {words:?}");
    assert!(ran.len() <= 1, "without an exception: {ran:?}");
    victim.check("int n", &outcome, true);
}
