//! When a call has to be over.

use crate::clock;
use std::time::{Duration, Instant};

/// The end of a call's time, as a moment for the wall clock and an amount for the CPU.
#[derive(Clone, Copy, Debug, Default)]
pub struct Deadline {
    /// The whole call must be over by then; `None`: never.
    pub wall: Option<Instant>,
    /// CPU time that the guest may use from the call's beginning; `None`: any.
    pub cpu: Option<Duration>,
}

impl Deadline {
    pub const NEVER: Self = Self { wall: None, cpu: None };

    /// A deadline `timeout` from now.
    pub fn after(timeout: Duration) -> Self {
        Self { wall: Instant::now().checked_add(timeout), cpu: None }
    }
}

/// Which clock ran out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expiry {
    Wall,
    Cpu,
}

/// A deadline of a call that has begun: both ends are moments.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Running {
    pub(crate) wall: Option<Instant>,
    /// On this thread's CPU clock.
    pub(crate) cpu: Option<Duration>,
}

impl Running {
    pub(crate) fn begin(deadline: &Deadline) -> Self {
        let cpu =
            deadline.cpu.map(|budget| clock::cpu_time(libc::CLOCK_THREAD_CPUTIME_ID).saturating_add(budget));
        Self { wall: deadline.wall, cpu }
    }

    /// Which clock has run out, if one has.
    pub(crate) fn expired(&self) -> Option<Expiry> {
        if self.wall.is_some_and(|end| Instant::now() >= end) {
            return Some(Expiry::Wall);
        }
        (self.cpu.is_some_and(|end| clock::cpu_time(libc::CLOCK_THREAD_CPUTIME_ID) >= end))
            .then_some(Expiry::Cpu)
    }
}
