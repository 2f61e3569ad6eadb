//! The place where a call's answer is laid while the JavaScript thread waits for it.
//!
//! Each answer goes exactly one way: into the slot if the waiting side still waits for that very call,
//! otherwise back to the worker, which sends it as an event. One atomic decides.

use std::sync::atomic::{AtomicU8, AtomicU32, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Nobody waits.
const CLOSED: u8 = 0;
/// The JavaScript thread waits for the answer to `call`.
const OPEN: u8 = 1;
/// The worker is laying the answer down.
const FILLING: u8 = 2;
/// It lies there.
const FULL: u8 = 3;

/// Looks before the waiting thread begins to offer its core to others.
const LOOKS_WITHOUT_YIELD: u32 = 200;

pub(crate) struct Slot<T> {
    state: AtomicU8,
    call: AtomicU32,
    answer: Mutex<Option<T>>,
}

impl<T> Slot<T> {
    pub(crate) const fn new() -> Self {
        Self { state: AtomicU8::new(CLOSED), call: AtomicU32::new(0), answer: Mutex::new(None) }
    }

    /// The JavaScript thread: from now on the answer to `call` may be laid here. [`Slot::wait`] must follow.
    pub(crate) fn open(&self, call: u32) {
        self.call.store(call, Ordering::Relaxed);
        self.state.swap(OPEN, Ordering::SeqCst);
    }

    /// The JavaScript thread: the answer, if it comes within `patience` and nothing else comes first.
    pub(crate) fn wait(&self, patience: Duration) -> Option<T> {
        let end = Instant::now() + patience;
        let mut looks = 0_u32;
        loop {
            match self.state.load(Ordering::Acquire) {
                FULL => {
                    let answer = self.answer.lock().unwrap_or_else(PoisonError::into_inner).take();
                    self.state.store(CLOSED, Ordering::Release);
                    return answer;
                }
                OPEN if Instant::now() >= end => {
                    if self.close() {
                        return None;
                    }
                }
                OPEN | FILLING => {
                    looks = looks.saturating_add(1);
                    if looks > LOOKS_WITHOUT_YIELD {
                        std::thread::yield_now();
                    } else {
                        std::hint::spin_loop();
                    }
                }
                _ => return None,
            }
        }
    }

    /// The worker: lays down the answer to `call`.
    ///
    /// # Errors
    /// Gives it back if nobody waits for it any more.
    pub(crate) fn offer(&self, call: u32, answer: T) -> Result<(), T> {
        if self.state.compare_exchange(OPEN, FILLING, Ordering::Acquire, Ordering::Relaxed).is_err() {
            return Err(answer);
        }
        if self.call.load(Ordering::Relaxed) != call {
            self.state.store(CLOSED, Ordering::Release);
            return Err(answer);
        }
        *self.answer.lock().unwrap_or_else(PoisonError::into_inner) = Some(answer);
        self.state.store(FULL, Ordering::Release);
        Ok(())
    }

    /// Ends the wait without an answer, so that what follows goes through the event loop, in order. True if
    /// somebody waited and no answer was under way.
    pub(crate) fn close(&self) -> bool {
        self.state.compare_exchange(OPEN, CLOSED, Ordering::SeqCst, Ordering::Acquire).is_ok()
    }
}

#[cfg(test)]
mod tests {
    use super::Slot;
    use std::time::Duration;

    const LONG: Duration = Duration::from_secs(60);

    #[test]
    fn an_answer_reaches_the_one_who_waits_for_it() {
        let slot = Slot::new();
        slot.open(7);
        assert_eq!(slot.offer(7, "seven"), Ok(()));
        assert_eq!(slot.wait(LONG), Some("seven"));
        assert_eq!(slot.offer(7, "late"), Err("late"));
    }

    #[test]
    fn another_calls_answer_ends_the_wait_and_goes_back() {
        let slot = Slot::new();
        slot.open(7);
        assert_eq!(slot.offer(6, "six"), Err("six"));
        assert_eq!(slot.wait(LONG), None);
        assert_eq!(slot.offer(7, "seven"), Err("seven"), "what follows takes the same way");
    }

    #[test]
    fn closing_ends_the_wait() {
        let slot = Slot::<()>::new();
        slot.open(1);
        assert!(slot.close());
        assert_eq!(slot.wait(LONG), None);
        assert!(!slot.close());
    }

    #[test]
    fn every_answer_goes_exactly_one_way_however_the_wait_ends() {
        let slot = Slot::new();
        let (begin, begun) = std::sync::mpsc::channel::<u32>();
        let (refuse, refused) = std::sync::mpsc::channel::<u32>();
        std::thread::scope(|scope| {
            scope.spawn(|| {
                for call in begun {
                    for _ in 0..call % 300 {
                        std::hint::spin_loop();
                    }
                    refuse.send(slot.offer(call, call).err().unwrap_or(0)).unwrap();
                }
            });
            for call in 1..20_000_u32 {
                slot.open(call);
                begin.send(call).unwrap();
                let waited = slot.wait(Duration::from_nanos(u64::from(call % 7) * 500));
                let refused = Some(refused.recv().unwrap()).filter(|call| *call != 0);
                assert_eq!(waited.xor(refused), Some(call), "waited {waited:?}, refused {refused:?}");
            }
            drop(begin);
        });
    }
}
