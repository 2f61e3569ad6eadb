//! Owns the claim that this program has one thread.

use core::cell::UnsafeCell;

/// A value that types ask to be shareable between threads, of which a guest has one.
pub struct OneThread<T>(UnsafeCell<T>);

// SAFETY: a VM has one vCPU and no interrupts.
unsafe impl<T> Send for OneThread<T> {}
// SAFETY: as above.
unsafe impl<T> Sync for OneThread<T> {}

impl<T> OneThread<T> {
    pub const fn new(value: T) -> Self {
        Self(UnsafeCell::new(value))
    }

    /// Runs `with` on the value; `with` must not come back to it.
    pub fn with<R>(&self, with: impl FnOnce(&mut T) -> R) -> R {
        // SAFETY: one thread, and no caller re-enters, so this is the only reference.
        with(unsafe { &mut *self.0.get() })
    }
}
