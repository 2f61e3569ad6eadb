//! Secrets in registers, left there while a call is answered and after it.

use super::attack::{Fate, Keeping, Registers, SECRET};
use super::attempt::{Trial, attempt};
use super::mailbox::Forged;
use core::arch::naked_asm;
use hl_guest::abi::DOORBELL_PORT;

#[repr(C, align(64))]
struct Aligned([u8; 64]);

static PATTERN: Aligned = Aligned([SECRET; 64]);

/// Defines code that puts something into registers, and then rings the doorbell with a finished answer, waits for
/// a kick, or returns.
macro_rules! keeper {
    ($name:ident, $($line:literal),*) => {
        fn $name(keeping: Keeping) -> Trial {
            #[unsafe(naked)]
            unsafe extern "C" fn ring(_pattern: u64, _: u64, _: u64) -> u64 {
                naked_asm!($($line,)* "mov al, 1", "out {port}, al", "ud2", port = const DOORBELL_PORT)
            }
            #[unsafe(naked)]
            unsafe extern "C" fn stay(_pattern: u64, _: u64, _: u64) -> u64 {
                naked_asm!($($line,)* "2: jmp 2b")
            }
            #[unsafe(naked)]
            unsafe extern "C" fn come_back(_pattern: u64, _: u64, _: u64) -> u64 {
                naked_asm!($($line,)* "ret")
            }
            match keeping {
                Keeping::Rings => ring,
                Keeping::Stays => stay,
                Keeping::Rests => come_back,
            }
        }
    };
}

keeper!(
    general,
    "mov rax, [rdi]",
    ".irp register, rbx, rcx, rdx, rsi, rdi, rbp, r8, r9, r10, r11, r12, r13, r14, r15",
    "mov \\register, rax",
    ".endr"
);
// CF, PF, AF, ZF, SF, DF, OF, AC, ID.
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
    ".rept 7",
    "fldpi",
    ".endr",
    "fld tbyte ptr [rdi]"
);
keeper!(mmx, ".irp n, 0, 1, 2, 3, 4, 5, 6, 7", "movq mm\\n, [rdi]", ".endr");
keeper!(xmm, ".irp n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15", "movdqu xmm\\n, [rdi]", ".endr");
// Rounding towards zero, every flag raised.
keeper!(mxcsr, "mov dword ptr [rsp - 8], 0xffbf", "ldmxcsr [rsp - 8]");
keeper!(
    ymm,
    ".irp n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15",
    "vmovdqu ymm\\n, [rdi]",
    ".endr"
);
keeper!(
    zmm,
    ".irp n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15",
    "vmovdqu64 zmm\\n, [rdi]",
    ".endr",
    ".irp n, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31",
    "vmovdqu64 zmm\\n, [rdi]",
    ".endr"
);
keeper!(mask, "mov eax, [rdi]", ".irp n, 0, 1, 2, 3, 4, 5, 6, 7", "kmovw k\\n, eax", ".endr");
keeper!(pkru, "xor ecx, ecx", "xor edx, edx", "mov eax, 0xfffffffc", "wrpkru");
keeper!(pkru_all, "xor ecx, ecx", "xor edx, edx", "mov eax, 0xffffffff", "wrpkru");

/// Answers the call with registers full of secrets. Returns only where there are no such registers, or to answer as
/// an honest guest does.
pub fn keep(class: u64, keeping: u64) -> Option<Fate> {
    let keeping = *Keeping::ALL.get(usize::try_from(keeping).ok()?)?;
    let keeper: fn(Keeping) -> Trial = match Registers::ALL.get(usize::try_from(class).ok()?)? {
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
    if keeping != Keeping::Rests {
        Forged::honest_reply().lay(0);
    }
    Some(attempt(keeper(keeping), PATTERN.0.as_ptr() as u64, 0, 0))
}
