//! The two guests, and the memory in which they run: page tables, a task segment, code, one shared page.

use std::arch::global_asm;
use std::sync::atomic::{AtomicU64, Ordering};

/// The port that the I/O bitmap opens. Also the immediate operand of each `out` below.
const PORT: usize = 0x10;

global_asm!(
    // Leaves the VM, again and again.
    ".global hl_floor_exit, hl_floor_exit_end",
    "hl_floor_exit:",
    "2: out 0x10, al",
    "jmp 2b",
    "hl_floor_exit_end:",
    // Watches the word at RBX and answers each new value 64 bytes further; leaves the VM at one with the top bit.
    ".global hl_floor_turn, hl_floor_turn_end",
    "hl_floor_turn:",
    "2: mov rax, [rbx]",
    "cmp rax, rcx",
    "jne 3f",
    "pause",
    "jmp 2b",
    "3: mov rcx, rax",
    "mov [rbx + 64], rax",
    "test rax, rax",
    "jns 2b",
    "out 0x10, al",
    "jmp 2b",
    "hl_floor_turn_end:",
);

unsafe extern "C" {
    static hl_floor_exit: u8;
    static hl_floor_exit_end: u8;
    static hl_floor_turn: u8;
    static hl_floor_turn_end: u8;
}

/// Leaves the VM by `out` for ever.
pub fn exiting() -> &'static [u8] {
    // SAFETY: both labels stand in the one block of assembly above, the end after the start.
    unsafe { between(&raw const hl_floor_exit, &raw const hl_floor_exit_end) }
}

/// Answers each value of [`Memory::request`] in [`Memory::reply`].
pub fn answering() -> &'static [u8] {
    // SAFETY: as above.
    unsafe { between(&raw const hl_floor_turn, &raw const hl_floor_turn_end) }
}

/// # Safety
/// `start` and `end` delimit one run of initialised, immutable bytes.
unsafe fn between(start: *const u8, end: *const u8) -> &'static [u8] {
    // SAFETY: the caller's.
    unsafe { std::slice::from_raw_parts(start, end.offset_from_unsigned(start)) }
}

const PAGE: usize = 4096;
const WORD: usize = size_of::<AtomicU64>();
pub const MEMORY_BYTES: usize = 8 * PAGE;

// Page 0 stays unmapped; pages 1 to 4 are the four levels of page tables, which no address leads to.
pub const PAGE_TABLE: usize = PAGE;
pub const CODE: usize = 5 * PAGE;
pub const TASK: usize = 6 * PAGE;
pub const SHARED: usize = 7 * PAGE;
const REPLY: usize = SHARED + 64;

/// A 64-bit task segment (Intel SDM volume 3, 8.7): where it says at which byte its I/O bitmap begins, and
/// the bitmap. It covers 64 ports, and a byte of ones must follow.
const TASK_BITMAP_BASE: usize = TASK + 96;
const TASK_BITMAP: usize = TASK + 104;
pub const TASK_LIMIT: usize = TASK_BITMAP + WORD - TASK;
const _: () = assert!(PORT < 64, "the I/O bitmap is one word");

// Page table entries. Accessed and Dirty are preset: under shadow paging the first touch is cheaper so.
const PRESENT: u64 = 1;
const WRITABLE: u64 = 1 << 1;
const USER: u64 = 1 << 2;
const USED: u64 = 1 << 5 | 1 << 6;
const NO_EXECUTE: u64 = 1 << 63;

/// Memory of one guest, guest-physical and guest-virtual addresses being the same. Atomics, because the
/// guest may be running while the host looks.
#[repr(C, align(4096))]
pub struct Memory([AtomicU64; MEMORY_BYTES / WORD]);

impl Memory {
    pub fn new(code: &[u8]) -> Box<Self> {
        let memory = Box::new(Self([const { AtomicU64::new(0) }; MEMORY_BYTES / WORD]));
        for level in 1..4 {
            memory.set(level * PAGE, entry((level + 1) * PAGE, PRESENT | WRITABLE | USER | USED));
        }
        for (page, access) in
            [(CODE, USER), (TASK, WRITABLE | NO_EXECUTE), (SHARED, USER | WRITABLE | NO_EXECUTE)]
        {
            memory.set(4 * PAGE + page / PAGE * WORD, entry(page, PRESENT | USED | access));
        }
        memory.set(TASK_BITMAP_BASE, ((TASK_BITMAP - TASK) as u64) << 48);
        memory.set(TASK_BITMAP, !(1 << PORT));
        memory.set(TASK_BITMAP + WORD, u64::MAX);
        for (index, bytes) in code.chunks(WORD).enumerate() {
            let mut word = [0; WORD];
            word[..bytes.len()].copy_from_slice(bytes);
            memory.set(CODE + index * WORD, u64::from_le_bytes(word));
        }
        memory
    }

    pub fn address(&self) -> u64 {
        self.0.as_ptr() as u64
    }

    /// The word that the answering guest watches.
    pub fn request(&self) -> &AtomicU64 {
        &self.0[SHARED / WORD]
    }

    /// The word in which it answers.
    pub fn reply(&self) -> &AtomicU64 {
        &self.0[REPLY / WORD]
    }

    fn set(&self, at: usize, word: u64) {
        self.0[at / WORD].store(word, Ordering::Relaxed);
    }
}

fn entry(page: usize, flags: u64) -> u64 {
    page as u64 | flags
}
