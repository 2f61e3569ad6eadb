//! What stays of a sandbox that was closed, for the next one: a VM is dear to make and cheap to turn over.

use crate::interrupt::Interrupt;
use crate::kvm::KvmPartition;
use crate::limits::Limits;
use crate::machine::Machine;
use crate::sandbox::Base;
use std::marker::PhantomData;

/// A VM whose guest took more memory than this is not kept.
const SHELL_BYTES_MAX: usize = 16 << 20;

/// A VM without a guest: the next sandbox on this thread takes it over, which saves most of the making of one.
pub struct Shell {
    machine: Machine<KvmPartition>,
    /// It is in the state of its own snapshot.
    is_put_back: bool,
    _one_thread: PhantomData<*const ()>,
}

impl Shell {
    pub(crate) fn new(machine: Machine<KvmPartition>) -> Self {
        Self { machine, is_put_back: false, _one_thread: PhantomData }
    }

    /// False if its guest broke a rule, or the hypervisor failed: it must not run again.
    pub(crate) fn is_usable(&self) -> bool {
        !self.machine.is_dead()
    }

    /// Puts it back to its own snapshot's state, now and not when it is used again: nothing of its guest stays for
    /// longer than it has to. `None` if it is not worth keeping.
    pub(crate) fn put_back(mut self) -> Option<Self> {
        self.is_put_back = self.machine.reset().ok()?;
        if self.machine.frames_bytes() > SHELL_BYTES_MAX {
            return None;
        }
        if !self.is_put_back {
            self.machine.discard_contents().ok()?;
        }
        Some(self)
    }

    /// Whether a sandbox in the state of `base` finds everything in place, under limits like these.
    pub fn is_clone_of(&self, base: &Base, limits: Limits) -> bool {
        self.is_put_back && self.machine.is_clone_of(&base.snapshot, &base.code, limits)
    }

    /// The machine as a clone of `base`, if it can be made one.
    pub(crate) fn into_clone_of(
        mut self,
        base: &Base,
        limits: Limits,
        interrupt: &Interrupt,
    ) -> Option<Machine<KvmPartition>> {
        if self.is_clone_of(base, limits) {
            self.machine.adopt(limits, interrupt);
            return Some(self.machine);
        }
        let Base { snapshot, program, code } = base;
        let outcome = self.machine.recast(snapshot, program, code, limits, interrupt);
        // A new machine will tell what is wrong, if it is not this one.
        outcome.unwrap_or(false).then_some(self.machine)
    }
}
