//! Stopping a running sandbox from another thread.

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

    /// From now on until the guard drops, `fire` signals the calling thread, which must block the signal.
    pub(crate) fn attach(&self) -> Attached {
        // SAFETY: asks for our own thread's number.
        let thread = unsafe { libc::gettid() };
        *self.0.thread.lock().unwrap_or_else(PoisonError::into_inner) = Some(thread);
        Attached(self.clone())
    }
}

/// See [`Interrupt::attach`].
pub(crate) struct Attached(Interrupt);

impl Drop for Attached {
    fn drop(&mut self) {
        *self.0.0.thread.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }
}
