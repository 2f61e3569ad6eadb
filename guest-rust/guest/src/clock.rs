//! Time: the host's clocks as the last message told them, and the cycles since then.

use crate::cell::GuestCell;
use crate::mailbox;
use core::arch::x86_64::_rdtsc;

struct Arrival {
    /// Time-stamp counter when the message was seen.
    ticks: u64,
    /// Last monotonic answer: the clock never goes back, even where the host's messages disagree a little.
    monotonic_ns: u64,
}

static ARRIVAL: GuestCell<Arrival> = GuestCell::new(Arrival { ticks: 0, monotonic_ns: 0 });

/// Both clocks, read at one moment.
#[derive(Clone, Copy, Debug)]
pub struct Clocks {
    /// Nanoseconds since 1970.
    pub wall_ns: u64,
    /// Nanoseconds since some moment in the host's past; never goes back within one state.
    pub monotonic_ns: u64,
}

/// Reads the clocks. Costs no VM exit.
pub fn clocks() -> Clocks {
    let (wall_ns, monotonic_ns, tsc_hz) = mailbox::host_clocks();
    let ticks = ticks();
    ARRIVAL.with(|arrival| {
        let since =
            u128::from(ticks.saturating_sub(arrival.ticks)) * 1_000_000_000 / u128::from(tsc_hz.max(1));
        let since = since as u64;
        arrival.monotonic_ns = arrival.monotonic_ns.max(monotonic_ns.saturating_add(since));
        Clocks { wall_ns: wall_ns.saturating_add(since), monotonic_ns: arrival.monotonic_ns }
    })
}

/// Notes the moment from which cycles count.
pub(crate) fn message_arrived() {
    let ticks = ticks();
    ARRIVAL.with(|arrival| arrival.ticks = ticks);
}

/// The time-stamp counter.
pub(crate) fn ticks() -> u64 {
    // SAFETY: every x86-64 CPU has it, and the host leaves CR4.TSD clear.
    unsafe { _rdtsc() }
}
