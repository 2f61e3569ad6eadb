//! The line between a sandbox's thread and a caller on another: whose turn it is, and the short way of a call.
//!
//! A guest that watches its mailbox can be spoken to by any thread of the host. So a caller posts its message
//! itself and watches for the answer, while the vCPU's own thread stays in KVM_RUN; that thread comes in only for
//! what nobody else can do (page tables, memory, failures), or when the caller has waited long enough. One word,
//! the phase, says who has the turn, and changes by compare-and-swap only where both may want it.

mod bell;
mod caller;
#[cfg(test)]
mod tests;
mod turn;

pub(crate) use caller::TICK;
pub use caller::{Call, Outcome};
pub use turn::Reset;
pub(crate) use turn::Turn;

use crate::clone_memory::CloneMemory;
use crate::interrupt::Interrupt;
use crate::limits::Limits;
use crate::stats::{Counters, Stats};
use bell::Bell;
use std::sync::atomic::{AtomicI32, AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// Who has the turn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub(crate) enum Phase {
    /// The sandbox's thread does something that is no call.
    Busy,
    /// Nobody: the guest waits for a call.
    Ready,
    /// Nobody: the guest rests after a call of which nothing has been put back yet; who comes next does that.
    Dirty,
    /// The sandbox's thread is to put the guest back to its base state, or does so.
    Due,
    /// The caller: it puts a resting guest back.
    Restoring,
    /// The caller: it has posted a message and watches.
    Caller,
    /// The caller: it serves a host call.
    Host,
    /// The sandbox's thread: a call was left to it.
    Worker,
    /// The base state could not be put back: the next call tries again, on the sandbox's thread.
    Broken,
}

impl Phase {
    const ALL: [Self; 9] = [
        Self::Busy,
        Self::Ready,
        Self::Dirty,
        Self::Due,
        Self::Restoring,
        Self::Caller,
        Self::Host,
        Self::Worker,
        Self::Broken,
    ];

    pub(crate) fn is_in_call(self) -> bool {
        matches!(self, Self::Caller | Self::Host | Self::Worker)
    }
}

/// A deadline that never comes, in nanoseconds of the monotonic clock.
pub(crate) const NEVER_NS: u64 = u64::MAX;

/// The callers' end. Cheap to clone.
#[derive(Clone)]
pub struct Line(Arc<Shared>);

pub(crate) struct Shared {
    phase: AtomicU32,
    bell: Bell,
    /// Held by whoever has the turn, for as long as it works on it.
    turn: Mutex<Turn>,
    /// The call under way; 0: none.
    call: AtomicU32,
    /// The call that is to end before it is answered.
    interrupted: AtomicU32,
    /// When the call under way has to be over.
    deadline_ns: AtomicU64,
    /// When the sandbox's thread was woken first since the call under way began; 0: it was not.
    woke_ns: AtomicU64,
    /// Core on which the sandbox's thread entered the VM last.
    core: AtomicI32,
    pub(crate) counters: Counters,
    interrupt: Interrupt,
}

impl Line {
    pub(crate) fn new(limits: Limits, interrupt: Interrupt) -> Self {
        Self(Arc::new(Shared {
            phase: AtomicU32::new(Phase::Busy as u32),
            bell: Bell::default(),
            turn: Mutex::new(Turn::new(limits)),
            call: AtomicU32::new(0),
            interrupted: AtomicU32::new(0),
            deadline_ns: AtomicU64::new(NEVER_NS),
            woke_ns: AtomicU64::new(0),
            core: AtomicI32::new(-1),
            counters: Counters::default(),
            interrupt,
        }))
    }

    /// Counts so far.
    pub fn stats(&self) -> Stats {
        self.0.counters.read()
    }

    /// Ends `call`, if it is the one under way.
    pub fn interrupt(&self, call: u32) {
        if self.0.call.load(Ordering::SeqCst) == call {
            self.0.interrupted.store(call, Ordering::SeqCst);
            self.fetch();
            self.0.interrupt.kick();
        }
    }

    /// The sandbox's thread: `call` is about to begin, and can be interrupted from now on.
    pub fn expect(&self, call: u32) {
        self.0.call.store(call, Ordering::SeqCst);
    }

    /// Gets the sandbox's thread to look what is wanted of it: out of its sleep, or out of a VM whose guest watches.
    pub fn fetch(&self) {
        if self.0.bell.ring() {
            return;
        }
        // Whoever holds the turn now is at work and will look by itself.
        if let Ok(turn) = self.0.turn.try_lock()
            && let Some(memory) = &turn.memory
        {
            memory.mailbox.call_out();
        }
        self.0.bell.ring();
    }

    pub(crate) fn counters(&self) -> &Counters {
        &self.0.counters
    }

    pub(crate) fn phase(&self) -> Phase {
        Phase::ALL[self.0.phase.load(Ordering::Acquire) as usize]
    }

    /// From `from` to `to`, unless somebody else was first.
    pub(crate) fn advance(&self, from: Phase, to: Phase) -> bool {
        let (from, to) = (from as u32, to as u32);
        self.0.phase.compare_exchange(from, to, Ordering::AcqRel, Ordering::Acquire).is_ok()
    }

    /// For the one who has the turn.
    pub(crate) fn set_phase(&self, phase: Phase) {
        self.0.phase.store(phase as u32, Ordering::Release);
    }

    pub(crate) fn turn(&self) -> MutexGuard<'_, Turn> {
        self.0.turn.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The VM that callers speak to from now on.
    pub(crate) fn connect(&self, memory: Option<Arc<CloneMemory>>) {
        let mut turn = self.turn();
        turn.is_fresh = memory.is_some();
        turn.memory = memory;
    }

    /// Notes the call that is under way from now on.
    pub(crate) fn note_call(&self, call: u32, deadline_ns: u64) {
        self.0.deadline_ns.store(deadline_ns, Ordering::Relaxed);
        self.0.woke_ns.store(0, Ordering::Relaxed);
        self.0.call.store(call, Ordering::SeqCst);
    }

    /// Notes that `call` is over, and its deadline with it. For the one who has the turn, and only once nobody else
    /// can end the call, who would have to tell which one that was.
    pub(crate) fn note_over(&self, call: u32) {
        self.0.deadline_ns.store(NEVER_NS, Ordering::Relaxed);
        // Another one may be expected already.
        let _ = self.0.call.compare_exchange(call, 0, Ordering::SeqCst, Ordering::SeqCst);
    }

    pub(crate) fn call_under_way(&self) -> u32 {
        self.0.call.load(Ordering::SeqCst)
    }

    pub(crate) fn is_interrupted(&self, call: u32) -> bool {
        call != 0 && self.0.interrupted.load(Ordering::SeqCst) == call
    }

    pub(crate) fn deadline_ns(&self) -> u64 {
        self.0.deadline_ns.load(Ordering::Relaxed)
    }

    pub(crate) fn note_woken(&self, now_ns: u64) {
        // The first one of a call counts: while it waits for a host function the thread may sleep again.
        let _ = self.0.woke_ns.compare_exchange(0, now_ns, Ordering::Relaxed, Ordering::Relaxed);
    }

    pub(crate) fn woke_ns(&self) -> u64 {
        self.0.woke_ns.load(Ordering::Relaxed)
    }

    /// The sandbox's thread: it is about to enter the VM.
    pub(crate) fn note_core(&self) {
        self.0.core.store(own_core(), Ordering::Relaxed);
    }

    /// True if the sandbox's thread cannot be running, because the calling one has its core: the scheduler often puts
    /// them together when every other core has something to do. A thread that watches then waits for itself.
    fn shares_core(&self) -> bool {
        self.0.core.load(Ordering::Relaxed) == own_core()
    }

    /// The sandbox's thread: sleeps until it is fetched, unless `is_wanted` already.
    pub(crate) fn sleep_unless(&self, is_wanted: impl FnOnce() -> bool, patience: Option<Duration>) {
        self.0.bell.sleep_unless(is_wanted, patience);
    }

    /// Wakes the sandbox's thread if it sleeps; true if it did.
    fn ring(&self) -> bool {
        self.0.bell.ring()
    }
}

/// A look into memory that the kernel keeps for that.
fn own_core() -> i32 {
    // SAFETY: no memory involved.
    unsafe { libc::sched_getcpu() }
}
