//! Reads, writes and jumps where the guest has no business, and a pattern in every byte where it has.

use super::attack::Fate;
use super::attempt::{attempt, attempt_each};
use super::mailbox::{fill_reply_window, host_sequence};
use core::arch::naked_asm;
use core::mem::offset_of;
use core::ops::Range;
use core::ptr::addr_of;
use hl_guest::abi::layout::{
    ARENA_GVA, HEAP_GVA, IMAGE_GVA, MAILBOX_GVA, PAGE_BYTES, STACK_BYTES, STACK_TOP_GVA, TRAP_STACK_BYTES,
    TRAP_STACK_TOP_GVA,
};
use hl_guest::abi::mailbox::{GUEST_HEADER_OFFSET, GuestHeader, MAILBOX_BYTES, REPLY_BYTES, REPLY_OFFSET};
use hl_guest::abi::message::GuestMessage;
use hl_guest::abi::{DOORBELL_PORT, Operation};

/// Stretches of writable image that are looked for: constants after relocation, and data.
const IMAGE_STRETCHES: usize = 2;
/// Stack above this distance from the current frame is filled by registers alone.
const STACK_IN_USE_BYTES: u64 = 32 << 10;
const PAGE: u64 = PAGE_BYTES as u64;
/// What [`touch_heap`] goes through.
const HEAP_TOUCHED_PAGES: u64 = 256;

unsafe extern "C" {
    /// The linker's: first address after the image.
    static _end: u8;
}

#[unsafe(naked)]
unsafe extern "C" fn load(_: u64, _: u64, _: u64) -> u64 {
    naked_asm!("mov al, [rdi]", "ret")
}

#[unsafe(naked)]
unsafe extern "C" fn load_word(_: u64, _: u64, _: u64) -> u64 {
    naked_asm!("mov rax, [rdi]", "ret")
}

#[unsafe(naked)]
unsafe extern "C" fn load_and_store(_: u64, _: u64, _: u64) -> u64 {
    naked_asm!("mov al, [rdi]", "mov [rdi], al", "ret")
}

#[unsafe(naked)]
unsafe extern "C" fn store_zero(_: u64, _: u64, _: u64) -> u64 {
    naked_asm!("mov byte ptr [rdi], 0", "ret")
}

#[unsafe(naked)]
unsafe extern "C" fn jump(_: u64, _: u64, _: u64) -> u64 {
    naked_asm!("call rdi", "ret")
}

pub fn reads(from: u64, to: u64, step: u64) -> Fate {
    if from == to {
        return attempt(load, from, 0, 0);
    }
    attempt_each(from, to, step.max(1), |at| attempt(load, at, 0, 0))
}

pub fn peek(address: u64) -> Fate {
    attempt(load_word, address, 0, 0)
}

pub fn writes(from: u64, to: u64, step: u64) -> Fate {
    if from == to {
        return attempt(store_zero, from, 0, 0);
    }
    attempt_each(from, to, step.max(1), |at| attempt(load_and_store, at, 0, 0))
}

pub fn execute(address: u64) -> Fate {
    attempt(jump, address, 0, 0)
}

fn image() -> Range<u64> {
    IMAGE_GVA..addr_of!(_end) as u64
}

fn mailbox() -> Range<u64> {
    MAILBOX_GVA..MAILBOX_GVA + MAILBOX_BYTES as u64
}

fn pages(range: Range<u64>) -> impl Iterator<Item = u64> {
    range.step_by(PAGE_BYTES)
}

/// Pages that have sixteen equal bytes `byte` in a row.
pub fn search(byte: u8, heap_pages: u64) -> Fate {
    let stack = STACK_TOP_GVA - STACK_BYTES as u64..STACK_TOP_GVA;
    let trap_stack = TRAP_STACK_TOP_GVA - TRAP_STACK_BYTES as u64..TRAP_STACK_TOP_GVA;
    let heap = HEAP_GVA..HEAP_GVA + heap_pages * PAGE;
    let arena = ARENA_GVA..ARENA_GVA + PAGE;
    let (mut found, mut first) = (0, 0);
    for page in [image(), mailbox(), stack, trap_stack, heap, arena].into_iter().flat_map(pages) {
        if attempt(load, page, 0, 0).trapped == 0 && page_holds(page, byte) {
            if found == 0 {
                first = page;
            }
            found += 1;
        }
    }
    Fate { trapped: 0, value: found, error_code: 0, address: first }
}

fn page_holds(page: u64, byte: u8) -> bool {
    let mut run = 0;
    (page..page + PAGE).any(|at| {
        // SAFETY: the page was just read from, and only the host unmaps.
        run = if unsafe { (at as *const u8).read_volatile() } == byte { run + 1 } else { 0 };
        run == 16
    })
}

/// Leaves bytes `byte` in `heap_pages` pages of heap and in the reply window.
pub fn litter(byte: u8, heap_pages: u64) -> Fate {
    let pages = alloc::vec![byte; heap_pages as usize * PAGE_BYTES];
    let address = pages.leak().as_ptr() as u64;
    fill_reply_window(byte);
    Fate { trapped: 0, value: heap_pages, error_code: 0, address }
}

/// Writes one byte to each page of the heap that it may write to.
pub fn touch_heap(byte: u8) {
    for page in pages(HEAP_GVA..HEAP_GVA + HEAP_TOUCHED_PAGES * PAGE) {
        if attempt(load_and_store, page, 0, 0).trapped == 0 {
            // SAFETY: the page can be written. What the allocator keeps there is lost, and not asked for any more.
            unsafe { (page as *mut u8).add(PAGE_BYTES - 1).write_volatile(byte) };
        }
    }
}

/// What the last step of [`fill`] keeps in registers: it overwrites its own stack and data.
#[repr(C)]
struct Last {
    image: [(u64, u64); IMAGE_STRETCHES],
    stack: (u64, u64),
    header: (u64, u64),
}

/// Fills every page that can be written with `byte`, then answers an empty list.
pub fn fill(byte: u8, heap_pages: u64) -> ! {
    let image = writable_stretches();
    let frame = addr_of!(image) as u64;
    let stack_split = (frame - STACK_IN_USE_BYTES) & !(PAGE - 1);
    let reply = MAILBOX_GVA + REPLY_OFFSET as u64;
    fill_writable(HEAP_GVA..HEAP_GVA + heap_pages * PAGE, byte);
    fill_writable(reply..reply + REPLY_BYTES as u64, byte);
    fill_writable(STACK_TOP_GVA - STACK_BYTES as u64..stack_split, byte);
    fill_writable(TRAP_STACK_TOP_GVA - TRAP_STACK_BYTES as u64..TRAP_STACK_TOP_GVA, byte);
    let header = MAILBOX_GVA + GUEST_HEADER_OFFSET as u64;
    let last = Last { image, stack: (stack_split, STACK_TOP_GVA - stack_split), header: (header, PAGE) };
    // SAFETY: never returns; nothing of this program is needed until the host has put it back.
    unsafe { fill_last(&last, u64::from(byte), u64::from(host_sequence())) }
}

fn fill_writable(range: Range<u64>, byte: u8) {
    for page in pages(range) {
        if attempt(load_and_store, page, 0, 0).trapped == 0 {
            // SAFETY: the page can be written, and holds nothing that is needed before the next reset.
            unsafe { core::ptr::write_bytes(page as *mut u8, byte, PAGE_BYTES) };
        }
    }
}

/// The image's writable pages, as at most [`IMAGE_STRETCHES`] stretches of start and length.
fn writable_stretches() -> [(u64, u64); IMAGE_STRETCHES] {
    let mut stretches = [(image().end, 0); IMAGE_STRETCHES];
    let mut count = 0;
    let mut end = 0;
    for page in pages(image()).filter(|page| attempt(load_and_store, *page, 0, 0).trapped == 0) {
        if page != end || count == 0 {
            stretches[count].0 = page;
            count += 1;
        }
        stretches[count - 1].1 += PAGE;
        end = page + PAGE;
    }
    stretches
}

#[unsafe(naked)]
unsafe extern "C" fn fill_last(_: &Last, _byte: u64, _sequence: u64) -> ! {
    naked_asm!(
        "mov eax, esi",
        "mov ebx, edx",
        "mov r8, [rdi]", "mov r9, [rdi + 8]", "mov r10, [rdi + 16]", "mov r11, [rdi + 24]",
        "mov r12, [rdi + 32]", "mov r13, [rdi + 40]", "mov r14, [rdi + 48]", "mov r15, [rdi + 56]",
        "mov rdi, r8", "mov rcx, r9", "rep stosb",
        "mov rdi, r10", "mov rcx, r11", "rep stosb",
        "mov rdi, r12", "mov rcx, r13", "rep stosb",
        "mov rdi, r14", "mov rcx, r15", "rep stosb",
        "mov dword ptr [r14 + {kind}], {returned}",
        "mov dword ptr [r14 + {argument}], 0",
        "mov dword ptr [r14 + {detail}], 0",
        "mov dword ptr [r14 + {chunk_bytes}], 4",
        "mov dword ptr [{reply}], 0",
        "mov [r14 + {sequence}], ebx",
        "mov eax, {doorbell}",
        "out {port}, al",
        "ud2",
        kind = const offset_of!(GuestHeader, kind),
        argument = const offset_of!(GuestHeader, argument),
        detail = const offset_of!(GuestHeader, detail),
        chunk_bytes = const offset_of!(GuestHeader, chunk_bytes),
        sequence = const offset_of!(GuestHeader, sequence),
        reply = const MAILBOX_GVA + REPLY_OFFSET as u64,
        returned = const GuestMessage::Returned as u32,
        doorbell = const Operation::Doorbell as u8,
        port = const DOORBELL_PORT,
    )
}
