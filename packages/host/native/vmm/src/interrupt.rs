//! Stopping a running sandbox from another thread.

use crate::error::Error;
use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// A handle that ends the running call: it fails with [`crate::ErrorKind::Interrupted`].
///
/// One handle belongs to one sandbox, whose thread is known while the sandbox lives.
#[derive(Clone, Default)]
pub struct Interrupt(Arc<Shared>);

#[derive(Default)]
struct Shared {
    fired: AtomicBool,
    /// The thread to wake. Under a lock, so that no signal is sent to a thread that has ended.
    thread: Mutex<Option<libc::pid_t>>,
}

/// Wakes a vCPU thread: blocked everywhere but inside KVM_RUN, and without a handler.
pub(crate) fn kick_signal() -> libc::c_int {
    libc::SIGRTMIN() + 5
}

impl Interrupt {
    pub fn new() -> Self {
        Self::default()
    }

    /// Ends the running call, or the next one if none is running; [`Interrupt::clear`] takes it back.
    pub fn fire(&self) {
        self.0.fired.store(true, Ordering::SeqCst);
        self.kick();
    }

    /// Ends the current run of the vCPU, if there is one, without a reason of its own.
    pub(crate) fn kick(&self) {
        let thread = self.0.thread.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(thread) = *thread {
            // SAFETY: no memory involved. The thread lives (`attach` and `Attached::drop` bracket its use
            // under this lock) and blocks the signal outside KVM_RUN, so nothing but KVM_RUN notices.
            unsafe { libc::syscall(libc::SYS_tgkill, libc::getpid(), thread, kick_signal()) };
        }
    }

    pub fn clear(&self) {
        self.0.fired.store(false, Ordering::SeqCst);
    }

    pub fn is_fired(&self) -> bool {
        self.0.fired.load(Ordering::SeqCst)
    }

    /// From now on until the guard drops, `fire` signals the calling thread, which blocks every signal from now on: one
    /// that found it before it has a vCPU would end the process.
    pub(crate) fn attach(&self) -> Result<Attached, Error> {
        block_signals()?;
        // SAFETY: asks for our own thread's number.
        let thread = unsafe { libc::gettid() };
        *self.0.thread.lock().unwrap_or_else(PoisonError::into_inner) = Some(thread);
        Ok(Attached(self.clone()))
    }
}

/// See [`Interrupt::attach`].
pub(crate) struct Attached(Interrupt);

impl Drop for Attached {
    fn drop(&mut self) {
        *self.0.0.thread.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }
}

/// All that can be blocked, so that a process's own signals are handled on its other threads.
pub(crate) fn block_signals() -> Result<(), Error> {
    let mut all = empty_set();
    // SAFETY: changes one set of ours. The signals that a fault of this thread's own raises stay.
    unsafe {
        libc::sigfillset(&mut all);
        for fault in [libc::SIGSEGV, libc::SIGBUS, libc::SIGFPE, libc::SIGILL, libc::SIGTRAP] {
            libc::sigdelset(&mut all, fault);
        }
    }
    // SAFETY: reads one set of ours; changes this thread's mask only.
    match unsafe { libc::pthread_sigmask(libc::SIG_BLOCK, &all, std::ptr::null_mut()) } {
        0 => Ok(()),
        error => Err(Error::system("pthread_sigmask", io::Error::from_raw_os_error(error))),
    }
}

pub(crate) fn empty_set() -> libc::sigset_t {
    // SAFETY: plain data, for which zeroes are a value; then initialised as POSIX wants it.
    unsafe {
        let mut set: libc::sigset_t = std::mem::zeroed();
        libc::sigemptyset(&mut set);
        set
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_thread_that_has_no_vcpu_yet_may_be_interrupted() {
        let interrupt = Interrupt::new();
        let attached = std::sync::Barrier::new(2);
        std::thread::scope(|scope| {
            scope.spawn(|| {
                let _attached = interrupt.attach().unwrap();
                attached.wait();
                while !interrupt.is_fired() {
                    std::hint::spin_loop();
                }
            });
            attached.wait();
            // Would end this process.
            interrupt.fire();
        });
    }
}
