//! Counters that tell where a sandbox's time and memory go.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// Counts since the sandbox was created.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stats {
    /// Calls that were answered, and what they cost together; see [`Figures`].
    pub calls: u64,
    pub call_time: Duration,
    pub wake_time: Duration,
    pub host_time: Duration,
    pub host_calls: u64,
    /// Sum of the write sets' sizes at the ends of calls.
    pub call_pages: u64,
    /// Times the guest left its VM.
    pub exits: u64,
    /// Exceptions that the host resolved or delivered, page grants among them.
    pub exceptions: u64,
    pub resets: u64,
    /// Pages in the current VM's write set.
    pub pages_written: u64,
    /// Pages put back by all resets together.
    pub pages_restored: u64,
    /// VMs given up and replaced by a clone.
    pub replacements: u64,
    /// Time in resets, replacements included.
    pub reset_time: Duration,
    /// Of the last one.
    pub last_reset_time: Duration,
}

/// What one call cost.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Figures {
    /// Nanoseconds from the message to the answer.
    pub ns: u64,
    /// Of those, until the vCPU's thread was awake; 0 if it was, or the guest watched.
    pub wake_ns: u64,
    /// Of those, in host functions.
    pub host_ns: u64,
    pub host_calls: u64,
    pub exits: u64,
    /// Pages that the VM has written by now: what a reset puts back.
    pub pages: u64,
}

/// The same, counted by whichever thread has the turn, and read by any.
#[derive(Default)]
pub(crate) struct Counters {
    calls: AtomicU64,
    call_ns: AtomicU64,
    wake_ns: AtomicU64,
    host_ns: AtomicU64,
    host_calls: AtomicU64,
    call_pages: AtomicU64,
    exits: AtomicU64,
    exceptions: AtomicU64,
    resets: AtomicU64,
    pages_written: AtomicU64,
    pages_restored: AtomicU64,
    replacements: AtomicU64,
    reset_ns: AtomicU64,
    last_reset_ns: AtomicU64,
}

/// One writer at a time: a plain addition is enough, and cheaper.
fn add(counter: &AtomicU64, more: u64) {
    counter.store(counter.load(Ordering::Relaxed).wrapping_add(more), Ordering::Relaxed);
}

impl Counters {
    pub(crate) fn count_call(&self, figures: &Figures) {
        add(&self.calls, 1);
        add(&self.call_ns, figures.ns);
        add(&self.wake_ns, figures.wake_ns);
        add(&self.host_ns, figures.host_ns);
        add(&self.host_calls, figures.host_calls);
        add(&self.call_pages, figures.pages);
        self.pages_written.store(figures.pages, Ordering::Relaxed);
    }

    pub(crate) fn count_reset(&self, pages: u64, time: Duration) {
        add(&self.resets, 1);
        add(&self.pages_restored, pages);
        self.count_reset_time(time);
    }

    pub(crate) fn count_reset_time(&self, time: Duration) {
        let ns = time.as_nanos() as u64;
        add(&self.reset_ns, ns);
        self.last_reset_ns.store(ns, Ordering::Relaxed);
    }

    pub(crate) fn count_replacement(&self) {
        add(&self.replacements, 1);
    }

    /// The sandbox's thread tells what its VM's counters have grown by.
    pub(crate) fn count_exits(&self, exits: u64, exceptions: u64) {
        add(&self.exits, exits);
        add(&self.exceptions, exceptions);
    }

    pub(crate) fn exits(&self) -> u64 {
        self.exits.load(Ordering::Relaxed)
    }

    /// Each counter by itself is right; together they may be from two moments.
    pub(crate) fn read(&self) -> Stats {
        let count = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        let time = |counter: &AtomicU64| Duration::from_nanos(counter.load(Ordering::Relaxed));
        Stats {
            calls: count(&self.calls),
            call_time: time(&self.call_ns),
            wake_time: time(&self.wake_ns),
            host_time: time(&self.host_ns),
            host_calls: count(&self.host_calls),
            call_pages: count(&self.call_pages),
            exits: count(&self.exits),
            exceptions: count(&self.exceptions),
            resets: count(&self.resets),
            pages_written: count(&self.pages_written),
            pages_restored: count(&self.pages_restored),
            replacements: count(&self.replacements),
            reset_time: time(&self.reset_ns),
            last_reset_time: time(&self.last_reset_ns),
        }
    }
}
