//! Secrets in registers do not survive a reset, whichever class of register they are kept in.

use crate::attack::{Attack, REVEALED_WORDS, REVEALED_XSAVE_BYTES, Registers};
use crate::victim::{Outcome, Victim};

/// Where XSAVE says which components are not in their initial state. Hypervisors that switch these registers
/// change it without the guest; what the components hold is compared.
const STATE_BITS: std::ops::Range<usize> = REVEALED_WORDS * 8 + 512..REVEALED_WORDS * 8 + 520;

/// All that the guest can see of its registers.
fn reveal(victim: &mut Victim) -> Vec<u8> {
    match victim.attack(Attack::Reveal, [0; 3]) {
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

#[test]
fn no_register_keeps_a_secret_over_a_reset() {
    let Some(mut victim) = Victim::noting_registers() else { return };
    victim.recover("create");
    let clean = reveal(&mut victim);
    victim.recover("a look at the registers");
    assert_eq!(difference(&reveal(&mut victim), &clean), None, "two looks at clean registers see the same");
    victim.recover("another look");
    let mut kept = 0;
    for class in Registers::ALL {
        for waits in [false, true] {
            let outcome = victim.attack_for_ever(Attack::Keep, [*class as u64, waits.into(), 0], &[]);
            match outcome {
                Outcome::Empty if !waits => kept += 1,
                Outcome::Expired if waits => kept += 1,
                ref other => assert!(other.trapped(), "{class:?}: {other:?}"),
            }
            victim.sandbox.reset().unwrap_or_else(|error| panic!("{class:?}: {error}"));
            let seen = reveal(&mut victim);
            assert_eq!(difference(&seen, &clean), None, "{class:?}: byte of what the next call sees");
            victim.recover(&format!("{class:?}"));
        }
    }
    println!("{kept} of {} ways to keep a secret exist here", 2 * Registers::ALL.len());
    assert!(
        kept >= 14,
        "general, flag, segment, x87, MMX and SSE registers are everywhere, {kept} ways were tried"
    );
}

/// The look itself is trusted by the test above: a secret that is not reset must be seen.
#[test]
fn a_secret_in_a_register_is_seen_without_a_reset() {
    let Some(mut victim) = Victim::noting_registers() else { return };
    for class in [Registers::Xmm, Registers::Mmx, Registers::X87, Registers::Mxcsr] {
        victim.recover("the class before");
        let clean = reveal(&mut victim);
        victim.sandbox.reset().expect("a reset");
        // The guest is left waiting in the middle of its attempt, and goes on there with the next message:
        // its `ud2` is caught, and the call is answered.
        let outcome = victim.attack(Attack::Keep, [class as u64, 0, 0]);
        assert!(matches!(outcome, Outcome::Empty), "{class:?}: {outcome:?}");
        let outcome = victim.attack(Attack::Ping, [0; 3]);
        assert!(outcome.trapped(), "{class:?}: {outcome:?}");
        assert!(difference(&reveal(&mut victim), &clean).is_some(), "{class:?}");
    }
}
