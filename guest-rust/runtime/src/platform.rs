//! What wasmtime asks of a platform: address space, memory, traps, one thread's storage. The names and
//! types are those of its C interface.
//!
//! The host owns the page tables, so memory is only ever asked for: nothing is unmapped, protected or made
//! executable from here, which keeps guard pages and W^X out of reach of whoever breaks out of wasm.

use core::ptr;

use hl_abi::layout::{ARENA_BYTES, ARENA_GVA, PAGE_BYTES};
use hl_abi::mailbox::ExceptionRecord;

use crate::one_thread::OneThread;

const OK: i32 = 0;
/// Any other number is a failure; these are Linux's, for whoever reads wasmtime's message.
const OUT_OF_MEMORY: i32 = 12;
const NOT_SUPPORTED: i32 = 95;

const PROTECT_NONE: u32 = 0;
const PROTECT_READ_WRITE: u32 = 0b11;

const PAGE_FAULT: u64 = 14;

/// First address of the arena that is not handed out. Address space is plentiful (32 TiB, of which a memory
/// reserves 4 GiB and its guards) and never taken back: a VM has one component, and dies with it.
static NEXT: OneThread<u64> = OneThread::new(ARENA_GVA);

/// Address space of `bytes` bytes, with memory in it if `protection` asks for that.
#[unsafe(no_mangle)]
extern "C" fn wasmtime_mmap_new(bytes: usize, protection: u32, place: &mut *mut u8) -> i32 {
    let reserved = NEXT.with(|next| {
        let address = *next;
        let end = address.checked_add(bytes as u64)?.checked_next_multiple_of(PAGE_BYTES as u64)?;
        *next = (end <= ARENA_GVA + ARENA_BYTES).then_some(end)?;
        Some(address)
    });
    let Some(address) = reserved else { return OUT_OF_MEMORY };
    *place = ptr::with_exposed_provenance_mut(address as usize);
    wasmtime_mprotect(*place, bytes, protection)
}

/// Used where memory is given back and taken anew, which an engine without pools never does.
#[unsafe(no_mangle)]
extern "C" fn wasmtime_mmap_remap(_: *mut u8, _: usize, _: u32) -> i32 {
    NOT_SUPPORTED
}

/// What an instantiation that failed leaves behind; the VM ends with it.
#[unsafe(no_mangle)]
extern "C" fn wasmtime_munmap(_: *mut u8, _: usize) -> i32 {
    OK
}

/// Makes memory of address space, where the sandbox's limit admits that.
#[unsafe(no_mangle)]
extern "C" fn wasmtime_mprotect(address: *mut u8, bytes: usize, protection: u32) -> i32 {
    match (protection, bytes) {
        (PROTECT_NONE, _) | (_, 0) => OK,
        (PROTECT_READ_WRITE, _) => match hl_guest::commit(address.addr() as u64, bytes as u64) {
            Ok(()) => OK,
            Err(hl_guest::Refused) => OUT_OF_MEMORY,
        },
        _ => NOT_SUPPORTED,
    }
}

#[unsafe(no_mangle)]
extern "C" fn wasmtime_page_size() -> usize {
    PAGE_BYTES
}

/// There are no images of initial memory: null says so, and wasmtime copies.
#[unsafe(no_mangle)]
extern "C" fn wasmtime_memory_image_new(_: *const u8, _: usize, image: &mut *mut u8) -> i32 {
    *image = ptr::null_mut();
    OK
}

#[unsafe(no_mangle)]
extern "C" fn wasmtime_memory_image_map_at(_: *mut u8, _: *mut u8, _: usize) -> i32 {
    NOT_SUPPORTED
}

#[unsafe(no_mangle)]
extern "C" fn wasmtime_memory_image_free(_: *mut u8) {}

static THREAD_STORAGE: OneThread<[*mut u8; 2]> = OneThread::new([ptr::null_mut(); 2]);

#[unsafe(no_mangle)]
extern "C" fn wasmtime_tls_get(slot: usize) -> *mut u8 {
    THREAD_STORAGE.with(|slots| slots[slot])
}

#[unsafe(no_mangle)]
extern "C" fn wasmtime_tls_set(slot: usize, value: *mut u8) {
    THREAD_STORAGE.with(|slots| slots[slot] = value);
}

/// Takes instruction, frame pointer, whether there is an address, and that address; returns only if the
/// exception is not of wasm's making.
type TrapHandler = extern "C" fn(usize, usize, bool, usize);

static TRAP_HANDLER: OneThread<Option<TrapHandler>> = OneThread::new(None);

#[unsafe(no_mangle)]
extern "C" fn wasmtime_init_traps(handler: TrapHandler) -> i32 {
    TRAP_HANDLER.with(|place| *place = Some(handler));
    hl_guest::set_trap_handler(trapped);
    OK
}

/// Runs on the trap stack.
fn trapped(exception: &ExceptionRecord, frame_pointer: usize) {
    if let Some(handler) = TRAP_HANDLER.with(|handler| *handler) {
        let has_address = exception.vector == PAGE_FAULT;
        handler(exception.instruction as usize, frame_pointer, has_address, exception.address as usize);
    }
}
