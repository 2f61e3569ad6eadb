//! Wakes the thread of a sandbox: one thread sleeps, any other rings, and a ring costs nothing while it is awake.

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering, fence};
use std::time::Duration;

#[derive(Default)]
pub(super) struct Bell {
    /// Changes with each ring that is meant to wake.
    rings: AtomicU32,
    sleeping: AtomicBool,
}

impl Bell {
    /// Sleeps until a ring, or until `patience` is over; not at all if `is_wanted`. Whoever rings has changed what
    /// `is_wanted` looks at before: one of the two sides sees the other.
    pub(super) fn sleep_unless(&self, is_wanted: impl FnOnce() -> bool, patience: Option<Duration>) {
        let seen = self.rings.load(Ordering::Acquire);
        self.sleeping.store(true, Ordering::SeqCst);
        fence(Ordering::SeqCst);
        if !is_wanted() {
            self.wait(seen, patience);
        }
        self.sleeping.store(false, Ordering::SeqCst);
    }

    /// Wakes the sleeper, if there is one; true if there was.
    pub(super) fn ring(&self) -> bool {
        fence(Ordering::SeqCst);
        let sleeping = self.sleeping.load(Ordering::SeqCst);
        if sleeping {
            self.rings.fetch_add(1, Ordering::Release);
            // SAFETY: the word is ours and lives; one waiter is woken at most.
            unsafe {
                let flags = libc::FUTEX_WAKE | libc::FUTEX_PRIVATE_FLAG;
                libc::syscall(libc::SYS_futex, self.rings.as_ptr(), flags, 1);
            }
        }
        sleeping
    }

    fn wait(&self, seen: u32, patience: Option<Duration>) {
        let timeout = patience.map(|patience| libc::timespec {
            tv_sec: libc::time_t::try_from(patience.as_secs()).unwrap_or(libc::time_t::MAX),
            tv_nsec: patience.subsec_nanos().into(),
        });
        let timeout = timeout.as_ref().map_or(std::ptr::null(), std::ptr::from_ref);
        // SAFETY: the word is ours and lives; the timeout is null or a structure of ours. Whatever ends the
        // wait, the caller looks again.
        unsafe {
            let flags = libc::FUTEX_WAIT | libc::FUTEX_PRIVATE_FLAG;
            libc::syscall(libc::SYS_futex, self.rings.as_ptr(), flags, seen, timeout);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_ring_is_lost_between_the_look_and_the_sleep() {
        let bell = Bell::default();
        let posted = AtomicU32::new(0);
        std::thread::scope(|scope| {
            scope.spawn(|| {
                for number in 1..=20_000 {
                    while posted.load(Ordering::SeqCst) != number {
                        bell.sleep_unless(|| posted.load(Ordering::SeqCst) == number, None);
                    }
                    posted.store(0, Ordering::SeqCst);
                }
            });
            for number in 1..=20_000 {
                posted.store(number, Ordering::SeqCst);
                bell.ring();
                while posted.load(Ordering::SeqCst) != 0 {
                    std::hint::spin_loop();
                }
            }
        });
    }

    #[test]
    fn a_sleep_ends_with_its_patience() {
        let bell = Bell::default();
        bell.sleep_unless(|| false, Some(Duration::from_millis(1)));
        assert!(!bell.ring());
    }
}
