//! Secrets in registers, and a look for them afterwards.

use crate::attack::{Fate, RESET_HOOK_MAGIC, REVEALED_WORDS, REVEALED_XSAVE_BYTES, Registers, SECRET};
use crate::attempt::{Trial, attempt};
use crate::mailbox::Forged;
use core::arch::naked_asm;
use core::ptr::addr_of;
use hl_guest::Writer;
use hl_guest::abi::DOORBELL_PORT;

/// State components saved: x87, SSE, AVX, MPX, AVX-512, PKRU.
const COMPONENTS: u32 = 0x2ff;
const NOTED_WORDS: usize = REVEALED_WORDS - 2;

#[repr(C, align(64))]
struct Aligned<const BYTES: usize>([u8; BYTES]);

static PATTERN: Aligned<64> = Aligned([SECRET; 64]);
/// What [`note_registers`] saw at the last reset.
static mut NOTED: [u64; NOTED_WORDS] = [0; NOTED_WORDS];
/// A stack of two words for [`note_registers`].
static mut NOTING_STACK: [u64; 2] = [0; 2];

/// Defines code that puts something into registers and rings the doorbell with a finished answer.
macro_rules! keeper {
    ($name:ident, $($line:literal),*) => {
        #[unsafe(naked)]
        unsafe extern "C" fn $name(_pattern: u64, _: u64, _: u64) -> u64 {
            naked_asm!($($line,)* "mov al, 1", "out {port}, al", "ud2", port = const DOORBELL_PORT)
        }
    };
}

keeper!(
    general,
    "mov rax, [rdi]",
    "mov rbx, rax",
    "mov rcx, rax",
    "mov rdx, rax",
    "mov rsi, rax",
    "mov rdi, rax",
    "mov rbp, rax",
    "mov r8, rax",
    "mov r9, rax",
    "mov r10, rax",
    "mov r11, rax",
    "mov r12, rax",
    "mov r13, rax",
    "mov r14, rax",
    "mov r15, rax"
);
keeper!(flags, "push 0x240cd7", "popfq");
keeper!(
    segments,
    "xor eax, eax",
    "mov ds, eax",
    "mov eax, 3",
    "mov es, eax",
    "mov eax, 2",
    "mov fs, eax",
    "mov eax, 1",
    "mov gs, eax"
);
keeper!(bases, "mov rax, 0x5a5a5a5a5a5a", "wrfsbase rax", "wrgsbase rax");
keeper!(
    x87,
    "fninit",
    "mov dword ptr [rsp - 8], 0xc7f",
    "fldcw [rsp - 8]",
    "fldpi",
    "fldpi",
    "fldpi",
    "fldpi",
    "fldpi",
    "fldpi",
    "fldpi",
    "fld1"
);
keeper!(
    mmx,
    "movq mm0, [rdi]",
    "movq mm1, mm0",
    "movq mm2, mm0",
    "movq mm3, mm0",
    "movq mm4, mm0",
    "movq mm5, mm0",
    "movq mm6, mm0",
    "movq mm7, mm0"
);
keeper!(
    xmm,
    "movdqu xmm0, [rdi]",
    "movdqa xmm1, xmm0",
    "movdqa xmm2, xmm0",
    "movdqa xmm3, xmm0",
    "movdqa xmm4, xmm0",
    "movdqa xmm5, xmm0",
    "movdqa xmm6, xmm0",
    "movdqa xmm7, xmm0",
    "movdqa xmm8, xmm0",
    "movdqa xmm9, xmm0",
    "movdqa xmm10, xmm0",
    "movdqa xmm11, xmm0",
    "movdqa xmm12, xmm0",
    "movdqa xmm13, xmm0",
    "movdqa xmm14, xmm0",
    "movdqa xmm15, xmm0"
);
keeper!(mxcsr, "mov dword ptr [rsp - 8], 0xffbf", "ldmxcsr [rsp - 8]");
keeper!(
    ymm,
    "vmovdqu ymm0, [rdi]",
    "vmovdqa ymm1, ymm0",
    "vmovdqa ymm2, ymm0",
    "vmovdqa ymm3, ymm0",
    "vmovdqa ymm4, ymm0",
    "vmovdqa ymm5, ymm0",
    "vmovdqa ymm6, ymm0",
    "vmovdqa ymm7, ymm0",
    "vmovdqa ymm8, ymm0",
    "vmovdqa ymm9, ymm0",
    "vmovdqa ymm10, ymm0",
    "vmovdqa ymm11, ymm0",
    "vmovdqa ymm12, ymm0",
    "vmovdqa ymm13, ymm0",
    "vmovdqa ymm14, ymm0",
    "vmovdqa ymm15, ymm0"
);
keeper!(
    zmm,
    "vmovdqu64 zmm0, [rdi]",
    "vmovdqa64 zmm1, zmm0",
    "vmovdqa64 zmm7, zmm0",
    "vmovdqa64 zmm8, zmm0",
    "vmovdqa64 zmm15, zmm0",
    "vmovdqa64 zmm16, zmm0",
    "vmovdqa64 zmm17, zmm0",
    "vmovdqa64 zmm18, zmm0",
    "vmovdqa64 zmm19, zmm0",
    "vmovdqa64 zmm20, zmm0",
    "vmovdqa64 zmm21, zmm0",
    "vmovdqa64 zmm22, zmm0",
    "vmovdqa64 zmm23, zmm0",
    "vmovdqa64 zmm24, zmm0",
    "vmovdqa64 zmm25, zmm0",
    "vmovdqa64 zmm26, zmm0",
    "vmovdqa64 zmm27, zmm0",
    "vmovdqa64 zmm28, zmm0",
    "vmovdqa64 zmm29, zmm0",
    "vmovdqa64 zmm30, zmm0",
    "vmovdqa64 zmm31, zmm0"
);
keeper!(
    mask,
    "mov eax, 0xa5a5",
    "kmovw k0, eax",
    "kmovw k1, eax",
    "kmovw k2, eax",
    "kmovw k3, eax",
    "kmovw k4, eax",
    "kmovw k5, eax",
    "kmovw k6, eax",
    "kmovw k7, eax"
);
keeper!(pkru, "xor ecx, ecx", "xor edx, edx", "mov eax, 0xfffffffc", "wrpkru");
keeper!(pkru_all, "xor ecx, ecx", "xor edx, edx", "mov eax, 0xffffffff", "wrpkru");

/// Answers the call with registers full of secrets. Returns only where there are no such registers.
pub fn keep(class: u64) -> Option<Fate> {
    let keeper: Trial = match Registers::ALL.get(usize::try_from(class).ok()?)? {
        Registers::General => general,
        Registers::Flags => flags,
        Registers::Segments => segments,
        Registers::Bases => bases,
        Registers::X87 => x87,
        Registers::Mmx => mmx,
        Registers::Xmm => xmm,
        Registers::Mxcsr => mxcsr,
        Registers::Ymm => ymm,
        Registers::Zmm => zmm,
        Registers::Mask => mask,
        Registers::Pkru => pkru,
        Registers::PkruAll => pkru_all,
    };
    Forged::empty_reply().lay(0);
    Some(attempt(keeper, PATTERN.0.as_ptr() as u64, 0, 0))
}

/// Writes what the registers hold now, and what the general ones held when the last reset entered ring 3.
pub fn reveal(reply: &mut Writer) {
    let mut area = Aligned([0_u8; REVEALED_XSAVE_BYTES]);
    let saved = attempt(save, area.0.as_mut_ptr() as u64, u64::from(COMPONENTS), 0);
    let masks = attempt(fold_masks, 0, 0, 0);
    let keys = attempt(read_keys, 0, 0, 0);
    // SAFETY: one thread; only `note_registers` writes it, never while this runs.
    let noted = unsafe { addr_of!(NOTED).read() };
    for word in [saved.trapped, 0, 0, 0].into_iter().chain(noted) {
        reply.u64(word);
    }
    for fate in [masks, keys] {
        reply.u64(if fate.trapped == 0 { fate.value } else { u64::MAX });
    }
    reply.write(&area.0);
}

#[unsafe(naked)]
unsafe extern "C" fn save(_area: u64, _components: u64, _: u64) -> u64 {
    naked_asm!("mov eax, esi", "xor edx, edx", "xsave64 [rdi]", "ret")
}

#[unsafe(naked)]
unsafe extern "C" fn fold_masks(_: u64, _: u64, _: u64) -> u64 {
    naked_asm!(
        "xor eax, eax",
        "kmovw ecx, k0",
        "or eax, ecx",
        "kmovw ecx, k1",
        "or eax, ecx",
        "kmovw ecx, k2",
        "or eax, ecx",
        "kmovw ecx, k3",
        "or eax, ecx",
        "kmovw ecx, k4",
        "or eax, ecx",
        "kmovw ecx, k5",
        "or eax, ecx",
        "kmovw ecx, k6",
        "or eax, ecx",
        "kmovw ecx, k7",
        "or eax, ecx",
        "ret"
    )
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
        "lea r8, [r8 + rax]", "lea r8, [r8 + rbx]", "lea r8, [r8 + rcx]", "lea r8, [r8 + rdx]",
        "lea r8, [r8 + rsi]", "lea r8, [r8 + rbp]", "lea r8, [r8 + r9]", "lea r8, [r8 + r10]",
        "lea r8, [r8 + r11]", "lea r8, [r8 + r12]", "lea r8, [r8 + r13]", "lea r8, [r8 + r14]",
        "lea r8, [r8 + r15]",
        "mov eax, 0", "lahf", "seto al", "mov r9, rax",
        "mov r10, rsp",
        "test edi, edi", "jz 2f",
        "xor eax, eax", "xor ecx, ecx", "xor edx, edx", "wrpkru",
        "2:",
        "lea rbx, [rip + {noted}]",
        "mov [rbx], r8", "mov [rbx + 8], r9", "mov [rbx + 16], r10", "mov [rbx + 24], rdi",
        "lea rsp, [rip + {stack} + 16]",
        "pushfq", "pop rax", "mov [rbx + 32], rax",
        "mov eax, ds", "mov [rbx + 40], rax", "mov eax, es", "mov [rbx + 48], rax",
        "mov eax, fs", "mov [rbx + 56], rax", "mov eax, gs", "mov [rbx + 64], rax",
        "mov eax, ss", "mov [rbx + 72], rax", "mov eax, cs", "mov [rbx + 80], rax",
        "rdfsbase rax", "mov [rbx + 88], rax", "rdgsbase rax", "mov [rbx + 96], rax",
        "mov rsp, r10",
        "xor eax, eax", "xor ebx, ebx", "xor ecx, ecx", "xor edx, edx", "xor r8d, r8d", "xor r9d, r9d",
        "xor r10d, r10d",
        "jmp qword ptr [rip + {hook} + 16]",
        noted = sym NOTED,
        stack = sym NOTING_STACK,
        hook = sym RESET_HOOK,
    )
}
