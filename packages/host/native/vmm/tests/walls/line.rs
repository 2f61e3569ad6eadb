//! Guests that keep running after their answer, while the host reads it, puts memory back, or posts the next message.

use crate::attack::{Attack, LINGERING_BYTES, Lingering};
use crate::victim::{HEAP_PAGES, Outcome, Session, Victim, Way, in_each_way};
use hl_vmm::Reset;
use std::time::{Duration, Instant};

in_each_way!(a_guest_that_lingers_in_a_context_harms_itself_alone);

const LINE: [Way; 2] = [Way::Watched, Way::HandedOver];

/// A byte of which no sixteen in a row are in the guest's own program.
const PATTERN: u64 = 0x5c;

fn is_first_ping(outcome: &Outcome) -> bool {
    outcome.harmless() && outcome.value() == 1
}

/// The answer was there when the host looked; what it then said is the guest's own affair.
fn is_fair_end(outcome: &Outcome, how: Lingering) -> bool {
    match how {
        Lingering::Lengths | Lingering::Kinds => true,
        // It may be gone before the line has looked.
        Lingering::AnswerAhead | Lingering::AnswerAnything | Lingering::Fault | Lingering::Ring => {
            matches!(outcome, Outcome::Empty | Outcome::Expired | Outcome::GuestFailed | Outcome::Breach(_))
        }
        _ => matches!(outcome, Outcome::Empty),
    }
}

#[test]
fn a_full_reset_ends_whatever_lingers_and_the_next_call_is_from_the_base_state() {
    for way in LINE {
        let (Some(mut victim), Some(mut neighbour)) = (Victim::by(way), Victim::by(way)) else { return };
        for how in Lingering::ALL {
            victim.short_session(|session| {
                for round in 0..2 {
                    let outcome = session.attack(Attack::Linger, [*how as u64, 0, 0]);
                    assert!(is_fair_end(&outcome, *how), "{way:?}, {how:?}, {round}: {outcome:?}");
                    for ping in 0..3 {
                        let outcome = session.attack(Attack::Ping, [0; 3]);
                        assert!(is_first_ping(&outcome), "{way:?}, {how:?}, {round}, {ping}: {outcome:?}");
                    }
                }
            });
            victim.recover(&format!("{how:?}"));
            neighbour.recover(&format!("{how:?} next door"));
        }
        assert_eq!(neighbour.sandbox.stats().replacements, 0, "{way:?}: the neighbour kept its VM");
    }
}

/// Memory is put back while such a guest runs on, so calls may fail until one has; none hangs, and none lasts.
#[test]
fn a_reset_of_memory_under_a_guest_that_lingers_costs_calls_and_no_more() {
    for way in LINE {
        let (Some(mut victim), Some(mut neighbour)) = (Victim::by(way), Victim::by(way)) else { return };
        victim.sandbox.use_reset(Reset::Memory);
        for how in Lingering::ALL {
            victim.short_session(|session| {
                session.attack(Attack::Linger, [*how as u64, 0, 0]);
                let mut outcomes = Vec::new();
                while !outcomes.last().is_some_and(is_first_ping) {
                    outcomes.push(session.attack(Attack::Ping, [0; 3]));
                    // One that forges every answer fails when it is not what was asked for, or never.
                    let is_forged = matches!(outcomes.last(), Some(Outcome::Empty));
                    if is_forged && outcomes.len() >= 3 {
                        break;
                    }
                    assert!(outcomes.len() <= 4, "{way:?}, {how:?}: {outcomes:?}");
                }
            });
            victim.recover(&format!("{how:?}"));
            neighbour.recover(&format!("{how:?} next door"));
        }
        assert_eq!(neighbour.sandbox.stats().replacements, 0, "{way:?}: the neighbour kept its VM");
    }
}

fn a_guest_that_lingers_in_a_context_harms_itself_alone(way: Way) {
    let Some(mut victim) = Victim::by(way) else { return };
    for how in Lingering::ALL {
        // The same guest is called again, in the state in which it is.
        for (attack, word) in [(Attack::Linger, *how as u64), (Attack::Ping, 0)] {
            victim.attack_for_ever(attack, [word, 0, 0], &[]);
        }
        victim.recover(&format!("{how:?}"));
    }
}

/// A context's state that is gone with its VM is not the base state all of a sudden: its next call is told, once.
#[test]
fn the_state_that_a_given_up_guest_kept_is_missed_by_the_next_call_that_wants_it() {
    let Some(mut victim) = Victim::by(Way::Watched) else { return };
    let is_told = (0..20).any(|_| victim.short_session(is_loss_told));
    assert!(is_told, "the guest is never given up");
    victim.recover("a state that was lost");
}

/// False if the guest happened to be out of its VM when its answer was seen: then it stays there until it is called.
fn is_loss_told(session: &mut Session<'_>) -> bool {
    let (before, end) = (session.stats().replacements, Instant::now() + Duration::from_millis(300));
    let jumps = [Lingering::Jump as u64, 0, 0];
    let outcome = session.attack_with(Attack::Linger, jumps, &[], true);
    assert!(matches!(outcome, Outcome::Empty), "{outcome:?}");
    while session.stats().replacements == before && Instant::now() < end {
        std::thread::yield_now();
    }
    let mut ping = || session.attack_with(Attack::Ping, [0; 3], &[], true);
    let outcome = ping();
    if !outcome.breached() {
        assert!(matches!(outcome, Outcome::Expired), "{outcome:?}");
        return false;
    }
    assert_eq!([ping().value(), ping().value()], [1, 2], "a new state");
    true
}

/// The guest flips its lengths while the host checks and copies: what is copied is as long as what was checked.
#[test]
fn a_length_that_changes_after_it_was_checked_changes_nothing() {
    for way in LINE {
        let Some(mut victim) = Victim::by(way) else { return };
        let mut seen = [0; LINGERING_BYTES.len()];
        victim.session(|session| {
            for round in 0..60 {
                match session.bytes(Attack::Linger, [Lingering::Lengths as u64, 0, 0]) {
                    Ok(bytes) if bytes.is_empty() => {}
                    Ok(bytes) => {
                        let which = LINGERING_BYTES.iter().position(|len| *len as usize == bytes.len());
                        seen[which.unwrap_or_else(|| panic!("{way:?}, {round}: {} bytes", bytes.len()))] += 1;
                    }
                    Err(error) => assert!(error.to_string().contains("claims"), "{way:?}, {round}: {error}"),
                }
            }
        });
        println!("{way:?}: replies of {LINGERING_BYTES:?} bytes: {seen:?}");
        victim.recover("lengths that change");
    }
}

#[test]
fn neither_reset_leaves_a_byte_of_a_call_to_the_next_one() {
    for (way, reset) in LINE.iter().flat_map(|way| [(*way, Reset::Full), (*way, Reset::Memory)]) {
        let Some(mut victim) = Victim::by(way) else { return };
        victim.sandbox.use_reset(reset);
        let request = [PATTERN as u8; 10_000];
        let litter = (Attack::Litter, [PATTERN, 64, 0]);
        let search = (Attack::Search, [PATTERN, HEAP_PAGES, 0]);
        victim.session(|session| {
            for round in 0..3 {
                let outcome = session.attack_with(litter.0, litter.1, &request, false);
                assert!(outcome.harmless(), "{outcome:?}");
                let found = session.attack(search.0, search.1);
                assert_eq!(found.value(), 0, "{way:?}, {reset:?}, {round}: {found:?}");
            }
            assert!(session.attack_with(litter.0, litter.1, &request, true).harmless());
            let found = session.attack(search.0, search.1).value();
            assert!(found > 64, "{way:?}: what no reset has put back is found: {found} pages");
        });
        victim.recover("litter");
    }
}

#[test]
fn neither_reset_leaves_the_record_of_an_exception_to_the_next_call() {
    use hl_abi::layout::MAILBOX_GVA;
    use hl_abi::mailbox::{ExceptionRecord, HostHeader};
    const ADDRESS: u64 = 0x1234_5678_9000;
    let record = MAILBOX_GVA + std::mem::offset_of!(HostHeader, exception) as u64;
    for (way, reset) in LINE.iter().flat_map(|way| [(*way, Reset::Full), (*way, Reset::Memory)]) {
        let Some(mut victim) = Victim::by(way) else { return };
        victim.sandbox.use_reset(reset);
        victim.session(|session| {
            for word in 0..size_of::<ExceptionRecord>() as u64 / 8 {
                assert!(session.attack(Attack::Read, [ADDRESS, ADDRESS, 0]).trapped());
                let outcome = session.attack(Attack::Peek, [record + word * 8, 0, 0]);
                assert_eq!(outcome.value(), 0, "{way:?}, {reset:?}: word {word}");
            }
        });
    }
}

/// Messages are counted from a random number on after each reset.
#[test]
fn the_number_of_a_message_tells_nothing_of_the_calls_before() {
    const FAR: u32 = 1000;
    for (way, reset) in LINE.iter().flat_map(|way| [(*way, Reset::Full), (*way, Reset::Memory)]) {
        let Some(mut victim) = Victim::by(way) else { return };
        victim.sandbox.use_reset(reset);
        let numbers: Vec<u32> = victim.session(|session| {
            let mut number =
                || session.attack(Attack::Peek, [hl_abi::layout::MAILBOX_GVA, 0, 0]).value() as u32;
            (0..10).map(|_| number()).collect()
        });
        let near = numbers.windows(2).filter(|pair| pair[1].wrapping_sub(pair[0]) < FAR).count();
        assert!(near <= 1, "{way:?}, {reset:?}: {numbers:?}");
    }
}

/// Where memory is put back under it, the guest must hold nothing on its stack.
#[test]
fn a_guest_is_to_rest_after_a_call_from_the_base_state_and_not_in_a_context() {
    let word = hl_abi::layout::MAILBOX_GVA + std::mem::offset_of!(hl_abi::mailbox::HostHeader, rests) as u64;
    for way in LINE {
        let Some(mut victim) = Victim::by(way) else { return };
        victim.session(|session| {
            for (keep_state, rests) in [(false, 1), (true, 0)] {
                let outcome = session.attack_with(Attack::Peek, [word, 0, 0], &[], keep_state);
                assert_eq!(outcome.value() as u32, rests, "{way:?}, a context: {keep_state}");
            }
        });
    }
}
