//! Secrets in registers do not survive a reset, whichever class of register they are kept in.

use crate::attack::{Attack, Keeping, REVEALED_WORDS, REVEALED_XSAVE_BYTES, Registers};
use crate::victim::{Outcome, Victim, Way, in_each_way};
use hl_vmm::Reset;
use std::time::{Duration, Instant};

/// Where XSAVE says which components are not in their initial state. Hypervisors that switch these registers
/// change it without the guest; what the components hold is compared.
const STATE_BITS: std::ops::Range<usize> = REVEALED_WORDS * 8 + 512..REVEALED_WORDS * 8 + 520;

in_each_way!(no_register_keeps_a_secret_over_a_reset, a_secret_in_a_register_is_seen_without_a_reset);

/// All that the guest can see of its registers.
fn reveal(victim: &mut Victim) -> Vec<u8> {
    revealed(victim.attack(Attack::Reveal, [0; 3]))
}

fn revealed(outcome: Outcome) -> Vec<u8> {
    match outcome {
        Outcome::Answered(fate, mut bytes) => {
            assert_eq!(fate.trapped, 0, "XSAVE works");
            assert_eq!(bytes.len(), REVEALED_WORDS * 8 + REVEALED_XSAVE_BYTES);
            bytes[STATE_BITS].fill(0);
            bytes
        }
        other => panic!("expected the registers, got {other:?}"),
    }
}

/// The first byte that differs, for messages shorter than the registers.
fn difference(seen: &[u8], clean: &[u8]) -> Option<usize> {
    seen.iter().zip(clean).position(|(seen, clean)| seen != clean)
}

/// How an attempt to keep a secret may end; true if it was kept.
fn is_kept(outcome: &Outcome, class: Registers, keeping: Keeping, way: Way) -> bool {
    match (outcome, keeping) {
        (Outcome::Empty, Keeping::Rings) => true,
        (Outcome::Expired, Keeping::Stays) if !way.is_by_the_line() => true,
        // Its answer is there before it is in its loop, and the line looks at answers.
        (Outcome::Empty, Keeping::Stays) if way.is_by_the_line() => true,
        // Some flags and keys let no honest code run any more.
        (_, Keeping::Rests) => outcome.harmless(),
        (outcome, _) => {
            assert!(outcome.trapped(), "{class:?}, {keeping:?}: {outcome:?}");
            false
        }
    }
}

fn no_register_keeps_a_secret_over_a_reset(way: Way) {
    let Some(mut victim) = Victim::noting_registers(way) else { return };
    victim.recover("create");
    let clean = reveal(&mut victim);
    victim.recover("a look at the registers");
    assert_eq!(difference(&reveal(&mut victim), &clean), None, "two looks at clean registers see the same");
    victim.recover("another look");
    let mut kept = 0;
    for class in Registers::ALL {
        for keeping in Keeping::ALL {
            let words = [*class as u64, *keeping as u64, 0];
            let outcome = victim.attack_for_ever(Attack::Keep, words, &[]);
            kept += u32::from(is_kept(&outcome, *class, *keeping, way));
            victim.put_back().unwrap_or_else(|error| panic!("{class:?}: {error}"));
            let seen = reveal(&mut victim);
            assert_eq!(difference(&seen, &clean), None, "{class:?}: byte of what the next call sees");
            victim.recover(&format!("{class:?}"));
        }
    }
    println!("{kept} of {} ways to keep a secret exist here", Keeping::ALL.len() * Registers::ALL.len());
    assert!(
        kept >= 20,
        "general, flag, segment, x87, MMX and SSE registers are everywhere, {kept} ways were tried"
    );
}

/// The look itself is trusted by the test above: a secret that is not reset must be seen.
fn a_secret_in_a_register_is_seen_without_a_reset(way: Way) {
    let Some(mut victim) = Victim::noting_registers(way) else { return };
    for class in [Registers::Xmm, Registers::Mmx, Registers::X87, Registers::Mxcsr] {
        victim.recover("the class before");
        let clean = reveal(&mut victim);
        victim.put_back().expect("a reset");
        // The guest is left waiting in the middle of its attempt, and goes on there with the next message:
        // its `ud2` is caught, and the call is answered.
        let outcome = victim.attack(Attack::Keep, [class as u64, Keeping::Rings as u64, 0]);
        assert!(matches!(outcome, Outcome::Empty), "{class:?}: {outcome:?}");
        let outcome = victim.attack(Attack::Ping, [0; 3]);
        assert!(outcome.trapped(), "{class:?}: {outcome:?}");
        assert!(difference(&reveal(&mut victim), &clean).is_some(), "{class:?}");
    }
}

/// The resets that the line has made between two calls, with a caller that is there for the next one at once.
#[test]
fn no_register_keeps_a_secret_from_one_call_of_the_line_to_the_next() {
    for way in [Way::Watched, Way::HandedOver] {
        let Some(mut victim) = Victim::noting_registers(way) else { return };
        victim.session(|session| {
            let look = [0; 3];
            let clean = revealed(session.attack(Attack::Reveal, look));
            for (class, keeping) in
                Registers::ALL.iter().flat_map(|class| Keeping::ALL.iter().map(|keeping| (*class, *keeping)))
            {
                let resets = session.stats().resets + session.stats().replacements;
                let outcome = session.attack(Attack::Keep, [class as u64, keeping as u64, 0]);
                is_kept(&outcome, class, keeping, way);
                let seen = revealed(session.attack(Attack::Reveal, look));
                assert_eq!(difference(&seen, &clean), None, "{way:?}, {class:?}, {keeping:?}");
                let now = session.stats();
                assert!(now.resets + now.replacements > resets, "{way:?}, {class:?}: nothing was reset");
            }
        });
    }
}

/// What `reset: 'memory'` does not promise: a guest that broke out of WebAssembly finds in its registers what it left
/// there. Every byte of memory is back all the same.
#[test]
fn a_reset_of_memory_alone_leaves_registers_and_no_byte() {
    for way in [Way::Watched, Way::HandedOver] {
        let Some(mut victim) = Victim::noting_registers(way) else { return };
        victim.sandbox.use_reset(Reset::Memory);
        let clean = victim.session(|session| revealed(session.attack(Attack::Reveal, [0; 3])));
        let words = [Registers::Xmm as u64, Keeping::Rests as u64, 0];
        victim.session(|session| {
            let (resets, end) = (session.stats().resets, Instant::now() + Duration::from_secs(10));
            assert!(session.attack(Attack::Keep, words).harmless());
            // Nobody calls: the sandbox's own thread puts memory back.
            while session.stats().resets == resets {
                assert!(Instant::now() < end, "{way:?}: nobody puts memory back");
                std::thread::yield_now();
            }
        });
        victim.sandbox.audit().unwrap_or_else(|difference| panic!("{way:?}: {difference}"));
        let seen = victim.session(|session| {
            assert!(session.attack(Attack::Keep, words).harmless());
            // A caller puts it back, if it comes in time.
            revealed(session.attack(Attack::Reveal, [0; 3]))
        });
        // What was noted at the last full reset lies in memory.
        let is_kept = difference(&seen[REVEALED_WORDS * 8..], &clean[REVEALED_WORDS * 8..]).is_some();
        assert!(is_kept, "{way:?}: the promise has become stronger: say so");
    }
}
