//! A caller and a guest that another thread plays: how long the caller stays is its own choice, whatever the guest says.

use super::*;
use crate::address_space::AddressSpace;
use crate::deadline::Expiry;
use crate::error::{Error, ErrorKind};
use crate::mailbox::Mailbox;
use crate::mapping::{Backing, Mapping};
use crate::snapshot::Snapshot;
use hl_abi::layout::PAGE_BYTES;
use hl_abi::mailbox::{GUEST_HEADER_OFFSET, GuestHeader};
use hl_abi::message::{GuestMessage, HostReplyStatus};
use std::mem::offset_of;
use std::sync::atomic::AtomicBool;

const PATIENCE: Duration = Duration::from_micros(50);
/// Some times what a caller can take within its patience.
const ANSWERS_MAX: u32 = 5_000;
/// A guest that loses its core makes a pause, in which the caller looks at the clock in any case.
const ROUNDS: u32 = 200;

fn memory() -> Arc<CloneMemory> {
    let snapshot = Snapshot::capture(Vec::new(), AddressSpace::default(), 16 << 20).unwrap();
    let frames = Mapping::new(PAGE_BYTES, Backing::Small).unwrap();
    Arc::new(CloneMemory::new(Arc::new(snapshot), Arc::new(frames), Arc::new(Mailbox::new(1).unwrap())))
}

/// Says the same at once, and without a byte, to whatever the host posts. True if it has said that too often.
fn say_without_end(kind: GuestMessage, mailbox: &Mailbox, is_over: &AtomicBool) -> bool {
    let mut answered = 0;
    mailbox.memory.write(GUEST_HEADER_OFFSET + offset_of!(GuestHeader, kind), &(kind as u32).to_le_bytes());
    for _ in 0..ANSWERS_MAX {
        while mailbox.hosts_sequence().load(Ordering::Acquire) == answered {
            if is_over.load(Ordering::Relaxed) {
                return false;
            }
        }
        answered = mailbox.hosts_sequence().load(Ordering::Acquire);
        mailbox.guests_sequence().store(answered, Ordering::Release);
    }
    true
}

/// What becomes of `act`, while such a guest waits for calls; and whether it has heard all that the guest had to say.
fn beside<T>(kind: GuestMessage, act: impl FnOnce(&Line) -> T) -> (T, bool) {
    let memory = memory();
    let line = Line::new(Limits::default(), Interrupt::new());
    line.connect(Some(memory.clone()));
    line.set_phase(Phase::Ready);
    let is_over = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let guest = scope.spawn(|| say_without_end(kind, &memory.mailbox, &is_over));
        let outcome = act(&line);
        is_over.store(true, Ordering::Relaxed);
        (outcome, guest.join().unwrap())
    })
}

fn call(cpu: Option<Duration>) -> Call<'static> {
    Call { number: 1, function: 0, request: &[], keep_state: true, timeout: None, cpu }
}

#[test]
fn a_caller_does_not_stay_for_a_guest_that_has_ever_more_to_say() {
    for _ in 0..ROUNDS {
        let (phase, is_exhausted) = beside(GuestMessage::Flush, |line| {
            let outcome = line.call(&call(None), PATIENCE, &mut []);
            assert!(matches!(outcome, Outcome::Pending), "{outcome:?}");
            line.phase()
        });
        assert!(!is_exhausted, "the caller has heard all that the guest had to say");
        assert_eq!(phase, Phase::Worker, "the rest is the sandbox's thread's");
    }
}

/// Between two host calls a guest need not be in its VM for longer than a caller watches.
#[test]
fn a_guest_that_is_always_quick_to_call_the_host_has_no_more_cpu_time_for_it() {
    let long = Duration::from_secs(10);
    let resumed = |cpu| {
        let act = |line: &Line| {
            let outcome = line.call(&call(cpu), long, &mut []);
            let Outcome::HostCall { host_call, .. } = outcome else { panic!("{outcome:?}") };
            let outcome = line.resume(host_call, HostReplyStatus::Returned, &[], long, &mut []);
            (outcome, line.turn().failure.take().map(Error::into_kind))
        };
        beside(GuestMessage::HostCall, act).0
    };
    assert!(matches!(resumed(None), (Outcome::HostCall { .. }, None)));
    assert!(matches!(resumed(Some(long)), (Outcome::HostCall { .. }, None)));
    let used_up = resumed(Some(Duration::ZERO));
    assert!(matches!(used_up, (Outcome::Pending, Some(ErrorKind::Expired(Expiry::Cpu)))), "{used_up:?}");
}
