//! The first instructions of a guest, those after a reset, those while it rests, and those after an exception.
//!
//! All of it lies in read-only text: a guest that broke out of its own rules cannot change what the next
//! reset runs.

use core::arch::global_asm;
use hl_abi::layout::{MAILBOX_GVA, STACK_TOP_GVA};
use hl_abi::mailbox::{GUEST_HEADER_OFFSET, HOST_HEADER_OFFSET, HostHeader};
use hl_abi::{ABI_VERSION, DOORBELL_PORT, ENTRY_MAGIC, Operation};

global_asm!(
    // The entry table: see `hl_abi::EntryTable`.
    ".section .text.hl_entry, \"ax\"",
    ".balign 64",
    ".global hl_entry",
    "hl_entry:",
    "jmp 3f",
    ".balign 8",
    ".quad {magic}",
    ".quad hl_trap_landing",
    ".quad hl_reset_entry",
    ".quad 4f",
    // Boot. Where `wrpkru` does not exist the host skips it.
    "3:",
    "xor eax, eax",
    "xor ecx, ecx",
    "xor edx, edx",
    "4:",
    "wrpkru",
    "mov rsp, {stack}",
    "xor ebp, ebp",
    "call {boot}",
    "ud2",
    // A full reset: memory is the snapshot's again and the host has set every register it can reach.
    // PKRU first, for it may forbid the very next read; then x87, vector and mask registers, all to
    // their initial state, from an image whose state bitmap is empty.
    "hl_reset_entry:",
    "test edi, edi",
    "jz 2f",
    "xor eax, eax",
    "xor ecx, ecx",
    "xor edx, edx",
    "wrpkru",
    "2:",
    "mov eax, -1",
    "mov edx, -1",
    "lea rcx, [rip + {clean}]",
    "xrstor64 [rcx]",
    "xor edi, edi",
    "mov r9d, {guest}",
    "mov edi, [r9]",
    "jmp 5f",
    // Rest: EDI is the number of the message that is answered hereby, the last write to memory until a message
    // has come. Meanwhile the host may put all of it back, and give both words another number: that is none.
    // Found from any object: the compiler may put `rest` into another one than this.
    ".global hl_rest",
    "hl_rest:",
    "mov r9d, {guest}",
    "mov [r9], edi",
    "5:",
    "mov r8d, {host}",
    "6:",
    "rdtsc",
    "shl rdx, 32",
    "or rdx, rax",
    "mov rsi, rdx",
    "7:",
    "mov eax, [r8]",
    "cmp eax, edi",
    "jne 9f",
    "8:",
    "pause",
    "rdtsc",
    "shl rdx, 32",
    "or rdx, rax",
    "sub rdx, rsi",
    "mov ecx, [r8 + {rest_ticks}]",
    "cmp rdx, rcx",
    "jb 7b",
    // A message that came together with shorter time is none to ring for.
    "mov eax, [r8]",
    "cmp eax, edi",
    "jne 9f",
    "mov al, {doorbell}",
    "out {port}, al",
    "jmp 6b",
    "9:",
    "mov edi, [r9]",
    "cmp eax, edi",
    "je 8b",
    "mov rsp, {stack}",
    "xor ebp, ebp",
    "call {serve}",
    "ud2",
    // The host lands here with RSP at the trap stack's top and RBP as it was.
    "hl_trap_landing:",
    "mov rdi, rbp",
    "call {trap}",
    "ud2",
    ".previous",
    magic = const (ABI_VERSION as u64) << 32 | ENTRY_MAGIC as u64,
    stack = const STACK_TOP_GVA,
    boot = sym crate::serve::boot,
    serve = sym crate::serve::serve,
    clean = sym CLEAN_XSAVE_IMAGE,
    trap = sym crate::trap::landed,
    host = const MAILBOX_GVA as usize + HOST_HEADER_OFFSET,
    guest = const MAILBOX_GVA as usize + GUEST_HEADER_OFFSET,
    rest_ticks = const core::mem::offset_of!(HostHeader, rest_ticks),
    doorbell = const Operation::Doorbell as u8,
    port = const DOORBELL_PORT,
);

/// Tells the host that message `sequence` is answered, and rests until it sends another, which begins on an empty stack.
pub(crate) fn rest(sequence: u32) -> ! {
    // SAFETY: never comes back; what follows needs nothing of this stack. The answer is written, and no
    // payload's slice is in use any more.
    unsafe { core::arch::asm!("jmp hl_rest", in("edi") sequence, options(noreturn)) }
}

/// An XSAVE area that says "everything initial": only MXCSR (always loaded) is not zero.
/// Intel SDM volume 1, 13.8.1: a component whose bit in XSTATE_BV is clear is set to its initial state.
#[repr(C, align(64))]
struct XsaveImage([u8; 1024]);

static CLEAN_XSAVE_IMAGE: XsaveImage = {
    let mut image = [0; 1024];
    let mxcsr = 0x1f80_u32.to_le_bytes();
    image[24] = mxcsr[0];
    image[25] = mxcsr[1];
    XsaveImage(image)
};
