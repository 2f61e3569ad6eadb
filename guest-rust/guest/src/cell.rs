//! A static that can change, in a program with one thread.

use core::cell::UnsafeCell;

/// State of this library. A guest has one vCPU and takes no interrupts; exceptions are delivered on a
/// stack of their own and never return into the code they stopped while it holds a borrow from here.
pub(crate) struct GuestCell<T>(UnsafeCell<T>);

// SAFETY: a guest has exactly one thread, so nothing is ever shared between two.
unsafe impl<T> Sync for GuestCell<T> {}

impl<T> GuestCell<T> {
    pub(crate) const fn new(value: T) -> Self {
        Self(UnsafeCell::new(value))
    }

    /// Runs `with` on the value. `with` must not come back to the same cell: callers are the leaf
    /// functions of this crate, each of which touches its cell and returns.
    pub(crate) fn with<R>(&self, with: impl FnOnce(&mut T) -> R) -> R {
        // SAFETY: one thread, and no caller re-enters (see above), so this is the only reference.
        with(unsafe { &mut *self.0.get() })
    }

    /// The raw place, for values that are borrowed longer than a closure.
    pub(crate) const fn get(&self) -> *mut T {
        self.0.get()
    }
}
