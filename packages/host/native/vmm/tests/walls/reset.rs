//! A reset puts back every byte, in place or by a clone, and nothing of the guest's is left to find.

use crate::attack::Attack;
use crate::victim::{HEAP_PAGES, Outcome, Victim};
#[cfg(not(feature = "sabotage"))]
use {
    crate::victim::{Way, in_each_way},
    hl_abi::layout::MAILBOX_GVA,
    hl_abi::mailbox::ExceptionRecord,
    hl_abi::mailbox::HostHeader,
    std::mem::offset_of,
};

#[cfg(not(feature = "sabotage"))]
in_each_way!(
    a_reset_in_place_restores_every_byte,
    a_guest_that_wrote_everything_it_has_leaves_nothing,
    the_record_of_an_exception_does_not_outlive_the_reset,
);

/// A byte of which no sixteen in a row are in the guest's own program.
const PATTERN: u64 = 0x5c;

fn fill(victim: &mut Victim, heap_pages: u64) {
    let outcome = victim.attack(Attack::Fill, [PATTERN, heap_pages, 0]);
    assert!(matches!(outcome, Outcome::Empty), "{outcome:?}");
    victim.sandbox.audit().expect_err("memory full of a pattern is not the base state");
}

fn assert_nothing_left(victim: &mut Victim) {
    victim.sandbox.audit().expect("every byte is as in the base state");
    let outcome = victim.attack(Attack::Search, [PATTERN, HEAP_PAGES, 0]);
    assert_eq!(outcome.value(), 0, "{outcome:?}");
    victim.recover("a search");
}

#[cfg(not(feature = "sabotage"))]
fn a_reset_in_place_restores_every_byte(way: Way) {
    let Some(mut victim) = Victim::by(way) else { return };
    // Once so that the next clone has the pages from the start, once in that clone.
    for _ in 0..3 {
        let before = victim.sandbox.stats();
        fill(&mut victim, 64);
        assert!(victim.sandbox.stats().pages_written > 800, "stack, reply window and heap are filled");
        victim.put_back().expect("a reset");
        assert_eq!(victim.sandbox.stats().replacements, before.replacements, "the VM was put back in place");
        assert_nothing_left(&mut victim);
    }
}

#[cfg(not(feature = "sabotage"))]
fn a_guest_that_wrote_everything_it_has_leaves_nothing(way: Way) {
    let Some(mut victim) = Victim::by(way) else { return };
    fill(&mut victim, HEAP_PAGES);
    victim.put_back().expect("a reset");
    assert_nothing_left(&mut victim);
}

/// The test above, with the tracking of pages sabotaged on purpose: it must notice.
#[cfg(feature = "sabotage")]
#[test]
fn a_page_that_is_not_tracked_is_noticed() {
    let Some(mut victim) = Victim::new() else { return };
    fill(&mut victim, 64);
    victim.put_back().expect("a reset");
    victim.sandbox.audit().expect_err("a page of the pattern is still there");
}

#[cfg(not(feature = "sabotage"))]
fn the_record_of_an_exception_does_not_outlive_the_reset(way: Way) {
    const ADDRESS: u64 = 0x1234_5678_9000;
    let Some(mut victim) = Victim::by(way) else { return };
    let outcome = victim.attack(Attack::Read, [ADDRESS, ADDRESS, 0]);
    assert!(outcome.trapped(), "{outcome:?}");
    victim.put_back().expect("a reset");
    let record = MAILBOX_GVA + offset_of!(HostHeader, exception) as u64;
    for word in 0..size_of::<ExceptionRecord>() as u64 / 8 {
        let outcome = victim.attack(Attack::Peek, [record + word * 8, 0, 0]);
        assert_eq!(outcome.value(), 0, "word {word}");
    }
}
