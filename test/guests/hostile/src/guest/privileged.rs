//! Instructions, ports, selectors and stacks that ring 3 has no right to.

use super::attack::{Access, Endless, Fate};
use super::attempt::{Trial, attempt, attempt_each};
use super::instructions::instructions;
use core::arch::naked_asm;
use hl_guest::abi::layout::SYSTEM_GVA;
use hl_guest::abi::{DOORBELL_PORT, Operation};

macro_rules! trials {
    ($($name:literal $expected:ident [$($line:literal),*];)*) => {
        [$({
            #[unsafe(naked)]
            unsafe extern "C" fn trial(_: u64, _: u64, _: u64) -> u64 {
                naked_asm!("mov rbp, rsp", $($line,)* "mov rsp, rbp", "ret")
            }
            ($name, trial as Trial)
        }),*]
    };
}

static INSTRUCTIONS: &[(&str, Trial)] = &instructions!(trials);

/// Of the stack that every guest has.
const USER_STACK_SELECTOR: u64 = 0x2b;

#[repr(align(64))]
struct Scratch([u64; 8]);

/// The names of the instructions, in their order.
pub fn instructions() -> impl Iterator<Item = &'static str> {
    INSTRUCTIONS.iter().map(|(name, _)| *name)
}

pub fn instruction(number: u64) -> Option<Fate> {
    let mut scratch = Scratch([0; 8]);
    let (_, trial) = INSTRUCTIONS.get(usize::try_from(number).ok()?)?;
    Some(attempt(*trial, scratch.0.as_mut_ptr() as u64, SYSTEM_GVA, 0))
}

/// `int n; ret` for every n, three bytes each.
#[unsafe(naked)]
unsafe extern "C" fn every_interrupt(_: u64, _: u64, _: u64) -> u64 {
    naked_asm!(".set n, 0", ".rept 256", ".byte 0xcd, n, 0xc3", ".set n, n + 1", ".endr",)
}

const INTERRUPT_BYTES: usize = 3;

#[unsafe(naked)]
unsafe extern "C" fn call_first(_: u64, _: u64, _: u64) -> u64 {
    naked_asm!("call rdi", "ret")
}

pub fn interrupts() -> impl Iterator<Item = Fate> {
    (0..256).map(|number| {
        let at = every_interrupt as *const () as usize + number * INTERRUPT_BYTES;
        attempt(call_first, at as u64, 0, 0)
    })
}

macro_rules! trial {
    ($name:ident, $($line:literal),* $(, const $constant:expr)?) => {
        #[unsafe(naked)]
        unsafe extern "C" fn $name(_: u64, _: u64, _: u64) -> u64 {
            naked_asm!($($line),* $(, constant = const $constant)?)
        }
    };
}

trial!(out8, "mov edx, edi", "mov eax, 1", "out dx, al", "ret");
trial!(out16, "mov edx, edi", "mov eax, 1", "out dx, ax", "ret");
trial!(out32, "mov edx, edi", "mov eax, 1", "out dx, eax", "ret");
trial!(in8, "mov edx, edi", "in al, dx", "ret");
trial!(in16, "mov edx, edi", "in ax, dx", "ret");
trial!(in32, "mov edx, edi", "in eax, dx", "ret");
trial!(operation, "mov eax, edi", "out {constant}, al", "ret", const DOORBELL_PORT);
trial!(string_out, "mov rcx, rdi", "mov edx, {constant}", "rep outsb", "ret", const DOORBELL_PORT);
trial!(far_return, "push rdi", "lea rax, [rip + 2f]", "push rax", "retfq", "2: ret");
trial!(load_ds, "mov ds, edi", "ret");
trial!(load_es, "mov es, edi", "ret");
trial!(load_fs, "mov fs, edi", "ret");
trial!(load_gs, "mov gs, edi", "ret");
trial!(load_ss, "mov ss, edi", "ret");
// To stack selector RDX.
trial!(
    interrupt_return,
    "mov rax, rsp",
    "push rdx",
    "push rax",
    "push rsi",
    "push rdi",
    "lea rax, [rip + 2f]",
    "push rax",
    "iretq",
    "2: cli",
    "ret"
);
trial!(push_at, "mov rsp, rdi", "push rax", "ud2");
trial!(undefined_at, "mov rsp, rdi", "ud2");
trial!(jump_forever, "2: jmp 2b");
trial!(pause_forever, "2: pause", "jmp 2b");
trial!(doorbell_forever, "mov eax, 1", "2: out {constant}, al", "jmp 2b", const DOORBELL_PORT);
trial!(touch_null, "mov rax, [0]", "ret");
trial!(overflow, "2: push rax", "jmp 2b");

pub fn ports(from: u64, to: u64, access: u64) -> Option<Fate> {
    let trial = match Access::ALL.get(usize::try_from(access).ok()?)? {
        Access::Out8 => out8,
        Access::Out16 => out16,
        Access::Out32 => out32,
        Access::In8 => in8,
        Access::In16 => in16,
        Access::In32 => in32,
    };
    Some(attempt_each(from, to, 1, |port| attempt(trial, port, 0, 0)))
}

pub fn doorbell(byte: u64) -> Fate {
    attempt(operation, byte, 0, 0)
}

pub fn doorbell_string(count: u64) -> Fate {
    let bytes = [Operation::Doorbell as u8; 64];
    attempt(string_out, count.min(64), bytes.as_ptr() as u64, 0)
}

pub fn far_returns(from: u64, to: u64) -> Fate {
    attempt_each(from, to, 1, |selector| attempt(far_return, selector, 0, 0))
}

pub fn selectors(from: u64, to: u64, register: u64) -> Option<Fate> {
    let trial =
        *[load_ds as Trial, load_es, load_fs, load_gs, load_ss].get(usize::try_from(register).ok()?)?;
    Some(attempt_each(from, to, 1, |selector| attempt(trial, selector, 0, 0)))
}

/// A stack selector of 0 means the one that is in use.
pub fn interrupt_returns(selector: u64, flags: u64, stack: u64) -> Fate {
    attempt(interrupt_return, selector, flags, if stack == 0 { USER_STACK_SELECTOR } else { stack })
}

pub fn stack(pointer: u64, undefined: bool) -> Fate {
    attempt(if undefined { undefined_at } else { push_at }, pointer, 0, 0)
}

pub fn forever(what: u64) -> Option<Fate> {
    match Endless::ALL.get(usize::try_from(what).ok()?)? {
        Endless::Jump => Some(attempt(jump_forever, 0, 0, 0)),
        Endless::Pause => Some(attempt(pause_forever, 0, 0, 0)),
        Endless::Doorbell => Some(attempt(doorbell_forever, 0, 0, 0)),
        Endless::Faults => loop {
            attempt(touch_null, 0, 0, 0);
        },
        Endless::FaultsInHandler => {
            hl_guest::set_trap_handler(|_, _| fault_in_handler());
            Some(attempt(touch_null, 0, 0, 0))
        }
        Endless::StackOverflow => loop {
            attempt(overflow, 0, 0, 0);
        },
    }
}

fn fault_in_handler() {
    // SAFETY: faults at once, which is what it is for.
    unsafe { core::ptr::null::<u8>().wrapping_add(8).read_volatile() };
}
