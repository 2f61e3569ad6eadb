//! How long a guest watches for the next message before it leaves its VM, and how many guests may do so at once.
//!
//! Watching spares an exit and an entry, and the caller a thread's waking; but a guest that watches keeps a core.
//! So it pays only while the next message comes soon, and only where there is a core left for whoever sends it.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

/// The longest watch: a few times what leaving and entering the VM costs where that is slow. With more threads
/// than cores, longer ones end in time slices of milliseconds.
const WATCH_MAX: Duration = Duration::from_micros(100);
/// A pause of the caller's after which watching would have paid: the watch itself, and the reset before it.
const GAP_MAX: Duration = Duration::from_micros(150);
/// How many vain watches it takes to give up, and half as many hits to begin again.
const CREDIT_MAX: u8 = 8;

/// VMs of this process that are in KVM_RUN.
static RUNNING: AtomicUsize = AtomicUsize::new(0);
static CORES: OnceLock<usize> = OnceLock::new();

/// Counts a VM among those that run, until it is dropped.
pub(crate) struct InVm(());

impl InVm {
    pub(crate) fn begin() -> Self {
        RUNNING.fetch_add(1, Ordering::Relaxed);
        Self(())
    }
}

impl Drop for InVm {
    fn drop(&mut self) {
        RUNNING.fetch_sub(1, Ordering::Relaxed);
    }
}

/// What one sandbox's calls have shown.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Watch {
    credit: u8,
}

impl Default for Watch {
    fn default() -> Self {
        Self { credit: CREDIT_MAX / 2 }
    }
}

impl Watch {
    /// The next message came `gap` after the last answer.
    pub(crate) fn learn(&mut self, gap: Duration) {
        self.credit =
            if gap <= GAP_MAX { (self.credit + 2).min(CREDIT_MAX) } else { self.credit.saturating_sub(1) };
    }

    /// Ticks for which the guest may watch for the next message.
    pub(crate) fn ticks(self, tsc_hz: u64) -> u32 {
        if self.credit == 0 { 0 } else { ticks(tsc_hz) }
    }
}

/// Ticks for which a guest may watch for what it asked for in the middle of a call; none if every core is needed.
pub(crate) fn ticks(tsc_hz: u64) -> u32 {
    let cores = *CORES.get_or_init(|| std::thread::available_parallelism().map_or(1, usize::from));
    // One core is for whoever sends the message. The VM that asks may be among those that run, or about to be.
    if RUNNING.load(Ordering::Relaxed).max(1) < cores {
        u32::try_from(u128::from(tsc_hz) * WATCH_MAX.as_nanos() / 1_000_000_000).unwrap_or(u32::MAX)
    } else {
        0
    }
}

/// Looks in a row at which a guest that has nothing to do was still in its VM: it does not leave when it should.
const OVERSTAYS_MAX: u32 = 2;

/// Looks in a row at which a guest was in its VM without a reason, and got no message in between.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Overstays {
    sequence: u32,
    looks: u32,
}

impl Overstays {
    /// One more, when `sequence` was the number of the last message; true if the guest is to be given up.
    pub(crate) fn look(&mut self, sequence: u32) -> bool {
        let looks = if self.sequence == sequence { self.looks + 1 } else { 1 };
        *self = Self { sequence, looks };
        looks >= OVERSTAYS_MAX
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOON: Duration = Duration::from_micros(3);
    const LATE: Duration = Duration::from_millis(1);

    #[test]
    fn a_guest_whose_caller_comes_late_again_and_again_stops_watching_and_begins_when_it_pays() {
        let mut watch = Watch::default();
        for _ in 0..CREDIT_MAX {
            watch.learn(LATE);
        }
        assert_eq!(watch.ticks(2_500_000_000), 0);
        watch.learn(SOON);
        assert!(watch.credit > 0);
        for _ in 0..100 {
            watch.learn(SOON);
        }
        assert_eq!(watch.credit, CREDIT_MAX);
    }

    #[test]
    fn a_guest_that_got_a_message_between_two_looks_does_not_overstay() {
        let mut overstays = Overstays::default();
        for sequence in [7, 8, 9, 3] {
            assert!(!overstays.look(sequence), "{sequence}");
        }
        assert!(overstays.look(3));
    }

    #[test]
    fn nobody_watches_when_every_core_has_a_vm_to_run() {
        let all: Vec<InVm> = (0..1024).map(|_| InVm::begin()).collect();
        assert_eq!(ticks(2_500_000_000), 0);
        drop(all);
    }
}
