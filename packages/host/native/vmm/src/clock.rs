//! The host's clocks as plain nanoseconds, for what is compared or handed over on every call.

use std::time::{Duration, Instant};

/// Nanoseconds since 1970.
pub(crate) fn wall_ns() -> u64 {
    read(libc::CLOCK_REALTIME)
}

/// Nanoseconds since some moment in the past.
pub(crate) fn monotonic_ns() -> u64 {
    read(libc::CLOCK_MONOTONIC)
}

/// CPU time that the thread behind `clock` has used.
pub(crate) fn cpu_time(clock: libc::clockid_t) -> Duration {
    Duration::from_nanos(read(clock))
}

/// The calling thread's CPU clock, for other threads to read.
pub(crate) fn own_cpu_clock() -> libc::clockid_t {
    let mut clock = libc::CLOCK_THREAD_CPUTIME_ID;
    // SAFETY: asks for our own thread's clock and writes it to a place of ours. Where there is none, the
    // clock of whoever reads it serves: its time is no less.
    unsafe { libc::pthread_getcpuclockid(libc::pthread_self(), &raw mut clock) };
    clock
}

/// The moment `at_ns` on the monotonic clock; one that is over is now.
pub(crate) fn instant(at_ns: u64) -> Option<Instant> {
    Instant::now().checked_add(Duration::from_nanos(at_ns.saturating_sub(monotonic_ns())))
}

fn read(clock: libc::clockid_t) -> u64 {
    let mut now = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: writes one timespec of ours; the clocks exist on every Linux.
    unsafe { libc::clock_gettime(clock, &raw mut now) };
    now.tv_sec as u64 * 1_000_000_000 + now.tv_nsec as u64
}
