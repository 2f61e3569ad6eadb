//! What can be asked of a state from which sandboxes start.

use crate::limits::Limits;
use crate::sandbox::Base;
use hl_abi::layout::{STACK_BYTES, TRAP_STACK_BYTES};
use std::sync::Arc;

impl Base {
    /// True if it is the very same state, not just an equal one.
    pub fn is_same(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.snapshot, &other.snapshot) && Arc::ptr_eq(&self.code, &other.code)
    }

    /// The least memory limit of a sandbox that starts from it.
    pub fn memory_bytes_min(&self) -> usize {
        let layout = self.snapshot.memory_bytes;
        let arena = self.snapshot.space.arena_bytes();
        if arena <= (Limits { memory_bytes: layout, ..Limits::default() }).arena_bytes() {
            return layout;
        }
        // It grew in a sandbox that had more than the one which booted.
        arena + Limits::HEAP_BYTES_MAX + STACK_BYTES + TRAP_STACK_BYTES
    }

    /// Memory that the state takes by itself.
    pub fn bytes(&self) -> usize {
        self.snapshot.memory.len()
    }
}
