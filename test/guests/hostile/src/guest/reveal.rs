//! What registers hold: now, and when the last reset entered ring 3.

use super::Answer;
use super::attack::{Fate, RESET_HOOK_MAGIC, REVEALED_WORDS, REVEALED_XSAVE_BYTES};
use super::attempt::attempt;
use alloc::vec::Vec;
use core::arch::naked_asm;
use core::ptr::addr_of;

/// State components saved: x87, SSE, AVX, MPX, AVX-512, PKRU.
const COMPONENTS: u32 = 0x2ff;
const NOTED_WORDS: usize = REVEALED_WORDS - 2;

#[repr(C, align(64))]
struct Area([u8; REVEALED_XSAVE_BYTES]);

/// What [`note_registers`] saw at the last reset.
static mut NOTED: [u64; NOTED_WORDS] = [0; NOTED_WORDS];
/// Whether ring 3 may read the base addresses here: found out before the base state.
static mut HAS_BASES: u8 = 0;
/// A stack of two words for [`note_registers`].
static mut NOTING_STACK: [u64; 2] = [0; 2];

/// To be called once, at boot.
pub fn look_for_bases() {
    let fate = attempt(read_base, 0, 0, 0);
    // SAFETY: one thread, and no reset can happen before boot is over.
    unsafe { HAS_BASES = u8::from(fate.trapped == 0) };
}

/// What the registers hold now, and what the general ones held when the last reset entered ring 3.
pub fn reveal() -> Answer {
    let mut area = Area([0; REVEALED_XSAVE_BYTES]);
    let saved = attempt(save, area.0.as_mut_ptr() as u64, u64::from(COMPONENTS), 0);
    let masks = attempt(fold_masks, 0, 0, 0);
    let keys = attempt(read_keys, 0, 0, 0);
    // SAFETY: one thread; only `note_registers` writes it, never while this runs.
    let noted = unsafe { addr_of!(NOTED).read() };
    let fate = Fate { trapped: saved.trapped, value: 0, error_code: 0, address: 0 };
    let seen = [masks, keys].map(|fate| if fate.trapped == 0 { fate.value } else { u64::MAX });
    let words = noted.into_iter().chain(seen).flat_map(u64::to_le_bytes);
    let more: Vec<u8> = words.chain(area.0).collect();
    (fate, more)
}

#[unsafe(naked)]
unsafe extern "C" fn save(_area: u64, _components: u64, _: u64) -> u64 {
    naked_asm!("mov eax, esi", "xor edx, edx", "xsave64 [rdi]", "ret")
}

#[unsafe(naked)]
unsafe extern "C" fn fold_masks(_: u64, _: u64, _: u64) -> u64 {
    naked_asm!(
        "xor eax, eax",
        ".irp n, 0, 1, 2, 3, 4, 5, 6, 7",
        "kmovw ecx, k\\n",
        "or eax, ecx",
        ".endr",
        "ret"
    )
}

#[unsafe(naked)]
unsafe extern "C" fn read_base(_: u64, _: u64, _: u64) -> u64 {
    naked_asm!("rdfsbase rax", "ret")
}

#[unsafe(naked)]
unsafe extern "C" fn read_keys(_: u64, _: u64, _: u64) -> u64 {
    naked_asm!("xor ecx, ecx", "rdpkru", "ret")
}

#[repr(C)]
struct ResetHook {
    magic: u64,
    note: unsafe extern "C" fn() -> !,
    go_on: u64,
}

#[used]
static RESET_HOOK: ResetHook = ResetHook { magic: RESET_HOOK_MAGIC, note: note_registers, go_on: 0 };

/// Notes every register that the host sets at a reset before one of them changes, then goes on as if it
/// had not been here. EDI tells whether `wrpkru` is there, as it does for the library's own reset entry.
#[unsafe(naked)]
unsafe extern "C" fn note_registers() -> ! {
    naked_asm!(
        // Their sum goes into r8, by `lea`, which leaves the flags alone.
        ".irp register, rax, rbx, rcx, rdx, rsi, rbp, r9, r10, r11, r12, r13, r14, r15",
        "lea r8, [r8 + \\register]",
        ".endr",
        "mov eax, 0", "lahf", "seto al", "mov r9, rax",
        "mov r10, rsp",
        "test edi, edi", "jz 2f",
        "xor eax, eax", "xor ecx, ecx", "xor edx, edx", "wrpkru",
        "2:",
        "lea rbx, [rip + {noted}]",
        "mov [rbx], r8", "mov [rbx + 8], r9", "mov [rbx + 16], r10", "mov [rbx + 24], rdi",
        "lea rsp, [rip + {stack} + 16]",
        "pushfq", "pop rax", "mov [rbx + 32], rax",
        "add rbx, 40",
        ".irp segment, ds, es, fs, gs, ss, cs",
        "mov eax, \\segment",
        "mov [rbx], rax",
        "add rbx, 8",
        ".endr",
        "cmp byte ptr [rip + {has_bases}], 0",
        "jz 3f",
        "rdfsbase rax", "mov [rbx], rax",
        "rdgsbase rax", "mov [rbx + 8], rax",
        "3:",
        "mov rsp, r10",
        ".irp register, eax, ebx, ecx, edx, r8d, r9d, r10d",
        "xor \\register, \\register",
        ".endr",
        "jmp qword ptr [rip + {hook} + 16]",
        noted = sym NOTED,
        has_bases = sym HAS_BASES,
        stack = sym NOTING_STACK,
        hook = sym RESET_HOOK,
    )
}
