//! Addresses that ring 3 may not read, write or execute.

use crate::attack::Attack;
use crate::victim::{Outcome, Victim, read_only_segments};
use hl_abi::layout::{
    ARENA_GVA, CODE_GVA, HEAP_GVA, IMAGE_GVA, MAILBOX_GVA, PAGE_BYTES, STACK_BYTES, STACK_TOP_GVA,
    SYSTEM_BYTES, SYSTEM_GVA, TRAP_STACK_BYTES, TRAP_STACK_TOP_GVA,
};
use hl_abi::mailbox::{
    GUEST_HEADER_OFFSET, HOST_HEADER_OFFSET, MAILBOX_BYTES, REPLY_OFFSET, REQUEST_BYTES, REQUEST_OFFSET,
};

const PAGE: u64 = PAGE_BYTES as u64;
const PAGE_FAULT: u64 = 14;
/// What one entry of the top page table covers.
const TOP_ENTRY_BYTES: u64 = 1 << 39;

fn nothing(outcome: &Outcome) -> bool {
    outcome.harmless() && outcome.value() == 0
}

/// Every page outside the guest's own memory, where descriptor tables, stub, page tables or other
/// guests' pages might be thought to lie.
#[test]
fn nothing_of_the_hosts_can_be_read() {
    let Some(mut victim) = Victim::new() else { return };
    let guard = |top: u64, bytes: usize| (top - bytes as u64 - 16 * PAGE, top - bytes as u64, PAGE);
    for (name, (from, to, step)) in [
        ("the system pages", (SYSTEM_GVA, SYSTEM_GVA + SYSTEM_BYTES as u64, PAGE)),
        ("everything below the image", (0, IMAGE_GVA, PAGE)),
        (
            "what follows the system pages physically",
            (SYSTEM_GVA + SYSTEM_BYTES as u64, SYSTEM_GVA + (1 << 20), PAGE),
        ),
        ("between image and mailbox", (MAILBOX_GVA - (1 << 20), MAILBOX_GVA, PAGE)),
        (
            "behind the mailbox",
            (MAILBOX_GVA + MAILBOX_BYTES as u64, MAILBOX_GVA + MAILBOX_BYTES as u64 + (1 << 20), PAGE),
        ),
        ("below the stack", guard(STACK_TOP_GVA, STACK_BYTES)),
        ("above the stack", (STACK_TOP_GVA, STACK_TOP_GVA + 16 * PAGE, PAGE)),
        ("below the trap stack", guard(TRAP_STACK_TOP_GVA, TRAP_STACK_BYTES)),
        ("above the trap stack", (TRAP_STACK_TOP_GVA, TRAP_STACK_TOP_GVA + 16 * PAGE, PAGE)),
        ("an empty code region", (CODE_GVA, CODE_GVA + 64 * PAGE, PAGE)),
        ("guest-physical slots by their numbers", (0x8000_0000, 0x8000_0000 + 16 * PAGE, PAGE)),
        ("an arena of which nothing is granted", (ARENA_GVA, ARENA_GVA + 64 * PAGE, PAGE)),
        ("every top entry of the lower half", (CODE_GVA + (4 << 30), 1 << 47, TOP_ENTRY_BYTES)),
        ("addresses that are none", (1 << 47, 0xffff_8000_0000_0000, 1 << 55)),
        ("every top entry of the upper half", (0xffff_8000_0000_0000, u64::MAX, TOP_ENTRY_BYTES)),
        ("the last pages", (u64::MAX - 16 * PAGE + 1, u64::MAX, PAGE)),
    ] {
        let outcome = victim.attack(Attack::Read, [from, to, step]);
        victim.check(name, &outcome, nothing(&outcome));
    }
}

#[test]
fn what_the_host_writes_is_read_only() {
    let Some(mut victim) = Victim::new() else { return };
    let header = MAILBOX_GVA + HOST_HEADER_OFFSET as u64;
    let window = MAILBOX_GVA + REQUEST_OFFSET as u64;
    let system = (SYSTEM_GVA, SYSTEM_GVA + SYSTEM_BYTES as u64);
    let ranges = [
        ("system pages", system),
        ("host header", (header, header + PAGE)),
        ("request window", (window, window + REQUEST_BYTES as u64)),
    ];
    for (name, (from, to)) in ranges {
        let outcome = victim.attack(Attack::Write, [from, to, PAGE]);
        victim.check(name, &outcome, nothing(&outcome));
        let outcome = victim.attack(Attack::Write, [from, from, 0]);
        victim.check(name, &outcome, outcome.trapped());
    }
    for segment in read_only_segments() {
        let outcome = victim.attack(Attack::Write, [segment.start, segment.end, PAGE]);
        victim.check(&format!("the program at {segment:x?}"), &outcome, nothing(&outcome));
    }
}

#[test]
fn data_is_not_executed() {
    let Some(mut victim) = Victim::new() else { return };
    for (name, address) in [
        ("address 0", 0),
        ("the stub", SYSTEM_GVA + 2 * PAGE),
        ("the descriptor table", SYSTEM_GVA),
        ("read-only data", IMAGE_GVA),
        ("heap", HEAP_GVA),
        ("stack", STACK_TOP_GVA - PAGE),
        ("trap stack", TRAP_STACK_TOP_GVA - PAGE),
        ("host header", MAILBOX_GVA + HOST_HEADER_OFFSET as u64),
        ("guest header", MAILBOX_GVA + GUEST_HEADER_OFFSET as u64),
        ("request window", MAILBOX_GVA + REQUEST_OFFSET as u64),
        ("reply window", MAILBOX_GVA + REPLY_OFFSET as u64),
        ("the upper half", 0xffff_ffff_8100_0000),
    ] {
        let outcome = victim.attack(Attack::Execute, [address, 0, 0]);
        let faulted =
            matches!(&outcome, Outcome::Answered(fate, _) if fate.trapped == 1 && fate.value == PAGE_FAULT);
        victim.check(name, &outcome, faulted);
    }
    let outcome = victim.attack(Attack::Execute, [1 << 47, 0, 0]);
    victim.check("an address that is none", &outcome, outcome.trapped());
}
