//! Tries something that may fault, and comes back either way.

use super::attack::Fate;
use core::arch::naked_asm;
use core::ptr::{addr_of, addr_of_mut};
use hl_guest::abi::layout::ARENA_GVA;
use hl_guest::abi::mailbox::ExceptionRecord;

/// Code under trial. It may change every register but the stack pointer.
pub type Trial = unsafe extern "C" fn(u64, u64, u64) -> u64;

/// Where [`enter`] goes on after an exception: its stack pointer; 0 while nothing is tried.
static mut RESUME: u64 = 0;
/// The host stops a guest that faults all the time without a word in between: so many are safe.
const FAULTS_IN_A_ROW: u32 = 4;
/// Exceptions since the last message.
static mut FAULTS: u32 = 0;

/// The exception that ended the last trial.
static mut CAUGHT: ExceptionRecord =
    ExceptionRecord { vector: 0, error_code: 0, instruction: 0, stack: 0, address: 0 };

#[repr(C)]
struct Ended {
    value: u64,
    trapped: u64,
}

/// Runs `trial(a, b, c)`.
pub fn attempt(trial: Trial, a: u64, b: u64, c: u64) -> Fate {
    // SAFETY: `enter` keeps what the calling convention asks for, however the trial ends; what the trial
    // itself does to memory is the point of this program.
    let ended = unsafe { enter(trial, a, b, c) };
    // SAFETY: one thread; the trap handler that writes it has come back through `enter`.
    let caught = unsafe {
        RESUME = 0;
        addr_of!(CAUGHT).read()
    };
    match ended.trapped {
        0 => Fate { trapped: 0, value: ended.value, error_code: 0, address: 0 },
        _ => {
            speak_after_faults();
            Fate { trapped: 1, value: caught.vector, error_code: caught.error_code, address: caught.address }
        }
    }
}

/// Asks the host for nothing, every now and then.
fn speak_after_faults() {
    // SAFETY: one thread, and nothing else uses the counter.
    let due = unsafe {
        FAULTS = (FAULTS + 1) % FAULTS_IN_A_ROW;
        FAULTS == 0
    };
    if due {
        // No memory is asked for, so it does not matter whether it is granted.
        let _ = hl_guest::commit(ARENA_GVA, 0);
    }
}

/// Runs `trial` for every value from `from` up to `to`; answers how many did not fault, the first of them, and
/// which exceptions there were.
pub fn attempt_each(from: u64, to: u64, step: u64, mut trial: impl FnMut(u64) -> Fate) -> Fate {
    let mut at = from;
    let (mut passed, mut first, mut vectors) = (0, 0, 0);
    while at < to {
        let fate = trial(at);
        if fate.trapped == 0 {
            if passed == 0 {
                first = at;
            }
            passed += 1;
        } else {
            vectors |= 1 << fate.value;
        }
        match at.checked_add(step) {
            Some(next) => at = next,
            None => break,
        }
    }
    Fate { trapped: 0, value: passed, error_code: vectors, address: first }
}

/// The guest's trap handler: ends the trial under way.
pub fn caught(exception: &ExceptionRecord, _frame_pointer: usize) {
    // SAFETY: one thread. RESUME is a stack pointer inside `enter`, whose frame is alive while it is set.
    unsafe {
        if RESUME != 0 {
            addr_of_mut!(CAUGHT).write(*exception);
            resume();
        }
    }
}

#[unsafe(naked)]
unsafe extern "C" fn enter(trial: Trial, a: u64, b: u64, c: u64) -> Ended {
    naked_asm!(
        "push rbx", "push rbp", "push r12", "push r13", "push r14", "push r15",
        "sub rsp, 8",
        "mov [rip + {resume}], rsp",
        "mov rax, rdi",
        "mov rdi, rsi",
        "mov rsi, rdx",
        "mov rdx, rcx",
        "call rax",
        "mov rsp, [rip + {resume}]",
        "xor edx, edx",
        "push 2", "popfq",
        "add rsp, 8",
        "pop r15", "pop r14", "pop r13", "pop r12", "pop rbp", "pop rbx",
        "ret",
        resume = sym RESUME,
    )
}

#[unsafe(naked)]
unsafe extern "C" fn resume() -> ! {
    naked_asm!(
        "mov rsp, [rip + {resume}]",
        "xor eax, eax",
        "mov edx, 1",
        "push 2", "popfq",
        "add rsp, 8",
        "pop r15", "pop r14", "pop r13", "pop r12", "pop rbp", "pop rbx",
        "ret",
        resume = sym RESUME,
    )
}
