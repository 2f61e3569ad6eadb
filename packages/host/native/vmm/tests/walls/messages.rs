//! Messages that break the protocol, and floods of those that do not.

use crate::attack::Attack;
use crate::victim::{Outcome, Victim, Way, in_each_way};
use hl_abi::layout::{ARENA_BYTES, ARENA_GVA, HEAP_GVA, PAGE_BYTES};
use hl_abi::mailbox::REPLY_BYTES;
use hl_abi::message::{FailureKind, GuestMessage, HostMessage, PanicKind};
use std::time::Duration;

in_each_way!(
    messages_out_of_turn_end_the_vm,
    lengths_that_no_window_holds_end_the_vm,
    failures_of_garbage_are_failures,
    memory_is_granted_in_the_arena_alone,
    floods_end_by_limit_or_deadline,
);

const PAGE: u64 = PAGE_BYTES as u64;

/// A guest header without its sequence word.
#[derive(Clone, Copy, Default)]
struct Message {
    kind: u32,
    argument: u32,
    detail: u32,
    chunk_bytes: u32,
    address: u64,
    length: u64,
}

impl Message {
    fn of(kind: GuestMessage) -> Self {
        Self { kind: kind as u32, ..Self::default() }
    }

    fn commit(address: u64, length: u64) -> Self {
        Self { address, length, ..Self::of(GuestMessage::Commit) }
    }

    fn bytes(self) -> Vec<u8> {
        let words =
            [self.kind, self.argument, self.detail, self.chunk_bytes].into_iter().flat_map(u32::to_le_bytes);
        words.chain([self.address, self.length].into_iter().flat_map(u64::to_le_bytes)).collect()
    }
}

/// Posts `message` once, with a payload of bytes `filler` and a sequence number `lead` ahead.
fn post(victim: &mut Victim, message: Message, lead: u32, filler: u8) -> Outcome {
    let words = [lead.into(), 0, filler.into()];
    victim.attack_with(Attack::Post, words, &message.bytes(), Duration::from_secs(60))
}

fn refused(outcome: &Outcome) -> bool {
    matches!(outcome, Outcome::Answered(fate, _)
        if fate.value == HostMessage::Continue as u64 && fate.error_code != 0 && fate.address == 1)
}

fn messages_out_of_turn_end_the_vm(way: Way) {
    let Some(mut victim) = Victim::by(way) else { return };
    for kind in [0, 10, 11, 255, 0x8000_0000, u32::MAX] {
        let outcome = post(&mut victim, Message { kind, ..Message::default() }, 0, 0);
        victim.check(&format!("kind {kind}"), &outcome, outcome.breached());
    }
    for lead in [1, 2, 0x8000_0000, u32::MAX - 1] {
        let outcome = post(&mut victim, Message::of(GuestMessage::Returned), lead, 0);
        victim.check(&format!("sequence number {lead} ahead"), &outcome, outcome.breached());
    }
    // As if it had watched in vain when the message came: once is no breach, and leads to nothing.
    let outcome = post(&mut victim, Message::of(GuestMessage::Returned), u32::MAX, 0);
    victim.check("ringing once without an answer", &outcome, outcome.harmless());
    for (name, kind) in
        [("ready during a call", GuestMessage::Ready), ("more than there is", GuestMessage::More)]
    {
        let outcome = post(&mut victim, Message::of(kind), 0, 0);
        victim.check(name, &outcome, outcome.breached());
    }
    for stream in [0, 3, u32::MAX] {
        let message = Message { argument: stream, chunk_bytes: 1, ..Message::of(GuestMessage::Output) };
        let outcome = post(&mut victim, message, 0, b'x');
        victim.check(&format!("text for stream {stream}"), &outcome, outcome.breached());
    }
}

fn lengths_that_no_window_holds_end_the_vm(way: Way) {
    let Some(mut victim) = Victim::by(way) else { return };
    for kind in [GuestMessage::Returned, GuestMessage::Flush, GuestMessage::HostCall, GuestMessage::Panic] {
        for chunk_bytes in [REPLY_BYTES as u32 + 1, 0x7fff_ffff, u32::MAX] {
            let outcome = post(&mut victim, Message { chunk_bytes, ..Message::of(kind) }, 0, 0);
            victim.check(&format!("{kind:?} of {chunk_bytes} bytes"), &outcome, outcome.breached());
        }
    }
}

fn failures_of_garbage_are_failures(way: Way) {
    let Some(mut victim) = Victim::by(way) else { return };
    for kind in [0, 8, u32::MAX] {
        let outcome =
            post(&mut victim, Message { argument: kind, ..Message::of(GuestMessage::Failed) }, 0, 0);
        victim.check(&format!("failure of kind {kind}"), &outcome, outcome.breached());
    }
    for detail in [0, 9, u32::MAX] {
        for (chunk_bytes, filler) in [(0, 0), (3, 1), (64, 0xff), (4096, 0x80)] {
            let argument = FailureKind::Trap as u32;
            let message = Message { argument, detail, chunk_bytes, ..Message::of(GuestMessage::Failed) };
            let outcome = post(&mut victim, message, 0, filler);
            victim.check("a trap with a garbled text", &outcome, matches!(outcome, Outcome::GuestFailed));
        }
    }
    for (kind, is_limit) in
        [(PanicKind::Bug as u32, false), (PanicKind::OutOfMemory as u32, true), (7, false)]
    {
        let message = Message { argument: kind, chunk_bytes: 4096, ..Message::of(GuestMessage::Panic) };
        let outcome = post(&mut victim, message, 0, 0xff);
        let expected = if is_limit {
            matches!(outcome, Outcome::Limited)
        } else {
            matches!(outcome, Outcome::GuestFailed)
        };
        victim.check(&format!("a panic of kind {kind} with a garbled text"), &outcome, expected);
    }
}

fn memory_is_granted_in_the_arena_alone(way: Way) {
    let Some(mut victim) = Victim::by(way) else { return };
    for (address, length) in [
        (0, PAGE),
        (HEAP_GVA, PAGE),
        (ARENA_GVA - PAGE, PAGE),
        (ARENA_GVA - PAGE, 2 * PAGE),
        (ARENA_GVA + 1, PAGE),
        (ARENA_GVA, 1),
        (ARENA_GVA, PAGE + 1),
        (ARENA_GVA, 1 << 40),
        (ARENA_GVA + ARENA_BYTES, PAGE),
        (ARENA_GVA + ARENA_BYTES - PAGE, 2 * PAGE),
        (u64::MAX - PAGE + 1, PAGE),
        (ARENA_GVA, u64::MAX - PAGE + 1),
        (u64::MAX, u64::MAX),
    ] {
        let outcome = post(&mut victim, Message::commit(address, length), 0, 0);
        victim.check(&format!("a commit of {length:#x} bytes at {address:#x}"), &outcome, refused(&outcome));
    }
    let outcome = post(&mut victim, Message::commit(ARENA_GVA, PAGE), 0, 0);
    victim.check("an honest commit", &outcome, outcome.harmless() && !refused(&outcome));
    let outcome = victim.attack(Attack::Read, [ARENA_GVA, ARENA_GVA, 0]);
    victim.check("what was committed before the reset", &outcome, outcome.trapped());
}

fn floods_end_by_limit_or_deadline(way: Way) {
    let Some(mut victim) = Victim::by(way) else { return };
    let chunk = |kind, chunk_bytes| Message { argument: 1, chunk_bytes, ..Message::of(kind) };
    for (name, message) in [
        ("flushes", chunk(GuestMessage::Flush, 1 << 20)),
        ("output", chunk(GuestMessage::Output, 1 << 16)),
        ("host calls", chunk(GuestMessage::HostCall, 8)),
    ] {
        let outcome =
            victim.attack_with(Attack::PostForever, [0; 3], &message.bytes(), Duration::from_secs(60));
        victim.check(name, &outcome, matches!(outcome, Outcome::Limited));
    }
    for (name, message) in [
        ("empty flushes", chunk(GuestMessage::Flush, 0)),
        ("empty output", chunk(GuestMessage::Output, 0)),
        ("commits of one page", Message::commit(ARENA_GVA, PAGE)),
        ("refused commits", Message::commit(0, PAGE)),
    ] {
        let outcome = victim.attack_for_ever(Attack::PostForever, [0; 3], &message.bytes());
        victim.check(name, &outcome, matches!(outcome, Outcome::Expired));
    }
}
