//! The guest's virtual address map, the same in every VM. Address 0 is never mapped.

/// The unit in which the host grants memory.
pub const PAGE_BYTES: usize = 4096;

/// Supervisor-only pages that the CPU itself needs (descriptor tables, stub, stub's stack). Nothing else
/// of the host's is mapped, and no page table at all.
pub const SYSTEM_GVA: u64 = 0x10_0000;
pub const SYSTEM_BYTES: usize = 16 * PAGE_BYTES;

/// The guest's own program: text, read-only data, data.
pub const IMAGE_GVA: u64 = 0x40_0000;
pub const IMAGE_BYTES_MAX: usize = 60 << 20;

/// The mailbox: see [`crate::mailbox`].
pub const MAILBOX_GVA: u64 = 0x1000_0000;

/// The stack grows down from here; the page below its end is a guard page.
pub const STACK_TOP_GVA: u64 = 0x1800_0000;
pub const STACK_BYTES: usize = 2 << 20;

/// Exceptions are handled on a stack of their own: the other one may have just overflowed.
pub const TRAP_STACK_TOP_GVA: u64 = 0x1900_0000;
pub const TRAP_STACK_BYTES: usize = 128 << 10;

/// The guest's heap. Its length is told in [`crate::message::Boot`].
pub const HEAP_GVA: u64 = 0x2000_0000;
pub const HEAP_BYTES_MAX: usize = 1 << 30;

/// Read-only region with one component's compiled code and data.
pub const CODE_GVA: u64 = 0x1_0000_0000;
pub const CODE_BYTES_MAX: usize = 1 << 30;

/// Address space from which the guest takes reservations as it likes; memory appears in it by
/// [`crate::message::GuestMessage::Commit`] only.
pub const ARENA_GVA: u64 = 0x100_0000_0000;
pub const ARENA_BYTES: u64 = 32 << 40;

const _: () = {
    assert!(SYSTEM_GVA + SYSTEM_BYTES as u64 <= IMAGE_GVA);
    assert!(IMAGE_GVA + IMAGE_BYTES_MAX as u64 <= MAILBOX_GVA);
    assert!(MAILBOX_GVA + crate::mailbox::MAILBOX_BYTES as u64 <= STACK_TOP_GVA - STACK_BYTES as u64);
    assert!(STACK_TOP_GVA <= TRAP_STACK_TOP_GVA - (TRAP_STACK_BYTES + PAGE_BYTES) as u64);
    assert!(TRAP_STACK_TOP_GVA <= HEAP_GVA);
    assert!(HEAP_GVA + HEAP_BYTES_MAX as u64 <= CODE_GVA);
    assert!(CODE_GVA + CODE_BYTES_MAX as u64 <= ARENA_GVA);
    assert!(ARENA_GVA + ARENA_BYTES <= 1 << 47, "user half of the address space");
};
