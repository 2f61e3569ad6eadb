//! The first instructions of a guest, those after a reset, and those after an exception.
//!
//! All of it lies in read-only text: a guest that broke out of its own rules cannot change what the next
//! reset runs.

use core::arch::global_asm;
use hl_abi::layout::STACK_TOP_GVA;
use hl_abi::{ABI_VERSION, ENTRY_MAGIC};

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
    "xor eax, eax",
    "xor edx, edx",
    "xor ecx, ecx",
    "xor edi, edi",
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
);

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
