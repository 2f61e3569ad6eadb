//! How much one sandbox may take.

use hl_abi::layout::{PAGE_BYTES, STACK_BYTES, TRAP_STACK_BYTES};

/// Limits of one sandbox; those that end in `_max` count anew for each call.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// All memory that the guest can make the VM hold.
    pub memory_bytes: usize,
    /// One reply, or one host function's arguments.
    pub reply_bytes_max: usize,
    /// Text printed.
    pub output_bytes_max: usize,
    pub host_calls_max: u64,
}

/// Smallest VM: the runtime with a small component.
pub(crate) const MEMORY_BYTES_MIN: usize = 16 << 20;

impl Default for Limits {
    fn default() -> Self {
        Self {
            memory_bytes: 256 << 20,
            reply_bytes_max: 64 << 20,
            output_bytes_max: 16 << 20,
            host_calls_max: 1_000_000,
        }
    }
}

impl Limits {
    pub(crate) const HEAP_BYTES_MAX: usize = 64 << 20;

    /// Part of the memory that is the guest program's own heap.
    pub(crate) fn heap_bytes(&self) -> usize {
        (self.memory_bytes / 4).clamp(4 << 20, Self::HEAP_BYTES_MAX) / (2 << 20) * (2 << 20)
    }

    /// What is left for the arena (linear memories, tables).
    pub(crate) fn arena_bytes(&self) -> usize {
        self.memory_bytes - self.heap_bytes() - STACK_BYTES - TRAP_STACK_BYTES
    }

    pub(crate) fn pages_max(&self) -> usize {
        self.memory_bytes / PAGE_BYTES
    }
}
