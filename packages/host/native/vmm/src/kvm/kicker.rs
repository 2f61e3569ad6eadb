//! Gets a vCPU out of KVM_RUN: a signal that only KVM_RUN lets through, sent by timers or other threads.

use crate::clock;
use crate::deadline::Running;
use crate::error::Error;
use crate::interrupt::{block_signals, empty_set, kick_signal};
use std::io;
use std::os::fd::{AsRawFd, RawFd};
use std::time::{Duration, Instant};

/// `_IOW(KVMIO, 0x8b, struct kvm_signal_mask)`, which kvm-ioctls does not wrap.
const KVM_SET_SIGNAL_MASK: libc::c_ulong = 0x4004_ae8b;

/// `struct kvm_signal_mask` with the kernel's 64-bit signal set.
#[repr(C, packed)]
struct SignalMask {
    len: u32,
    blocked: u64,
}

/// One vCPU's timers. Their thread blocks every signal: see [`crate::interrupt::Interrupt::attach`].
pub(super) struct Kicker {
    wall: Timer<Instant>,
    cpu: Timer<Duration>,
}

impl Kicker {
    /// For the calling thread, which is the vCPU's.
    pub(super) fn new(vcpu: &impl AsRawFd) -> Result<Self, Error> {
        block_signals()?;
        let_through(vcpu.as_raw_fd())?;
        Ok(Self { wall: Timer::new(libc::CLOCK_MONOTONIC)?, cpu: Timer::new(libc::CLOCK_THREAD_CPUTIME_ID)? })
    }

    /// Sets the timers for `deadline`. One that is still set for an earlier moment stays, and is set again when
    /// it has gone off: a kick without reason costs one exit, which is cheaper than a system call for each call.
    pub(super) fn arm(&mut self, deadline: &Running) -> Result<(), Error> {
        if let Some(end) = deadline.wall {
            self.wall.set(end, Instant::now, || end.saturating_duration_since(Instant::now()))?;
        }
        if let Some(end) = deadline.cpu {
            self.cpu.set_absolute(end)?;
        }
        Ok(())
    }

    /// Takes the signal that ended a run, and notes that a timer which has gone off is not set any more.
    pub(super) fn consume(&mut self) {
        let set = only_kick();
        let none = libc::timespec { tv_sec: 0, tv_nsec: 0 };
        // SAFETY: reads two structures of ours; the result is not asked for.
        while unsafe { libc::sigtimedwait(&set, std::ptr::null_mut(), &none) } > 0 {}
        self.wall.set_for = None;
        self.cpu.set_for = None;
    }
}

/// A POSIX timer that signals the thread which made it.
struct Timer<Moment> {
    id: libc::timer_t,
    set_for: Option<Moment>,
}

impl<Moment: Ord + Copy> Timer<Moment> {
    fn new(clock: libc::clockid_t) -> Result<Self, Error> {
        // SAFETY: plain data, for which zeroes are a value.
        let mut event: libc::sigevent = unsafe { std::mem::zeroed() };
        event.sigev_notify = libc::SIGEV_THREAD_ID;
        event.sigev_signo = kick_signal();
        // SAFETY: asks for our own thread's number.
        event.sigev_notify_thread_id = unsafe { libc::gettid() };
        let mut id: libc::timer_t = std::ptr::null_mut();
        // SAFETY: reads one structure of ours, writes one handle of ours.
        match unsafe { libc::timer_create(clock, &mut event, &mut id) } {
            0 => Ok(Self { id, set_for: None }),
            _ => Err(Error::system("timer_create", io::Error::last_os_error())),
        }
    }

    fn set(
        &mut self,
        end: Moment,
        now: impl FnOnce() -> Moment,
        remaining: impl FnOnce() -> Duration,
    ) -> Result<(), Error> {
        // Another vCPU of this thread may have taken the signal of one that has gone off.
        let is_set = |set_for| set_for <= end && set_for > now();
        if self.set_for.is_some_and(is_set) {
            return Ok(());
        }
        self.program(0, remaining().max(Duration::from_nanos(1)))?;
        self.set_for = Some(end);
        Ok(())
    }

    fn program(&self, flags: libc::c_int, value: Duration) -> Result<(), Error> {
        let seconds = libc::time_t::try_from(value.as_secs()).unwrap_or(libc::time_t::MAX);
        let value = libc::timespec { tv_sec: seconds, tv_nsec: value.subsec_nanos().into() };
        let once =
            libc::itimerspec { it_interval: libc::timespec { tv_sec: 0, tv_nsec: 0 }, it_value: value };
        // SAFETY: a live timer of ours; reads one structure of ours.
        match unsafe { libc::timer_settime(self.id, flags, &once, std::ptr::null_mut()) } {
            0 => Ok(()),
            _ => Err(Error::system("timer_settime", io::Error::last_os_error())),
        }
    }
}

impl Timer<Duration> {
    fn set_absolute(&mut self, end: Duration) -> Result<(), Error> {
        // As above.
        let is_set = |set_for| set_for <= end && set_for > clock::cpu_time(libc::CLOCK_THREAD_CPUTIME_ID);
        if self.set_for.is_some_and(is_set) {
            return Ok(());
        }
        self.program(libc::TIMER_ABSTIME, end.max(Duration::from_nanos(1)))?;
        self.set_for = Some(end);
        Ok(())
    }
}

impl<Moment> Drop for Timer<Moment> {
    fn drop(&mut self) {
        // SAFETY: a live timer of ours, deleted once.
        unsafe { libc::timer_delete(self.id) };
    }
}

/// Inside KVM_RUN the kick, and nothing else, is not blocked.
fn let_through(vcpu: RawFd) -> Result<(), Error> {
    let kick = 1u64 << (kick_signal() - 1);
    let mask = SignalMask { len: size_of::<u64>() as u32, blocked: !kick };
    // SAFETY: the ioctl reads `len` bytes after the header, which is the structure's second field.
    match unsafe { libc::ioctl(vcpu, KVM_SET_SIGNAL_MASK, &raw const mask) } {
        0 => Ok(()),
        _ => Err(Error::system("KVM_SET_SIGNAL_MASK", io::Error::last_os_error())),
    }
}

fn only_kick() -> libc::sigset_t {
    let mut set = empty_set();
    // SAFETY: changes one set of ours.
    unsafe { libc::sigaddset(&mut set, kick_signal()) };
    set
}
