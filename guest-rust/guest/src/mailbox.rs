//! The guest's side of the mailbox: posting a message, waiting for the next one.

use crate::cell::GuestCell;
use crate::clock::ticks;
use core::arch::asm;
use core::ptr::{addr_of, addr_of_mut};
use core::sync::atomic::{AtomicU32, Ordering};
use hl_abi::layout::MAILBOX_GVA;
use hl_abi::mailbox::{
    ExceptionRecord, GUEST_HEADER_OFFSET, GuestHeader, HOST_HEADER_OFFSET, HostHeader, REPLY_BYTES,
    REPLY_OFFSET, REQUEST_BYTES, REQUEST_OFFSET,
};
use hl_abi::message::{GuestMessage, HostMessage};
use hl_abi::{DOORBELL_PORT, Operation};

const HOST: *const HostHeader = (MAILBOX_GVA as usize + HOST_HEADER_OFFSET) as *const HostHeader;
const GUEST: *mut GuestHeader = (MAILBOX_GVA as usize + GUEST_HEADER_OFFSET) as *mut GuestHeader;
const REQUEST: *const u8 = (MAILBOX_GVA as usize + REQUEST_OFFSET) as *const u8;
const REPLY: *mut u8 = (MAILBOX_GVA as usize + REPLY_OFFSET) as *mut u8;

/// What the host posted.
#[derive(Clone, Copy)]
pub(crate) struct Message {
    /// `None` for a kind that this guest does not know.
    pub(crate) kind: Option<HostMessage>,
    pub(crate) argument: u32,
    /// Bytes in the request window.
    pub(crate) chunk_bytes: usize,
    pub(crate) total_bytes: u64,
}

/// What the guest answers.
#[derive(Clone, Copy)]
pub(crate) struct Answer {
    pub(crate) kind: GuestMessage,
    pub(crate) argument: u32,
    pub(crate) detail: u32,
    /// Bytes in the reply window.
    pub(crate) chunk_bytes: usize,
    pub(crate) address: u64,
    pub(crate) length: u64,
}

impl Answer {
    pub(crate) const fn new(kind: GuestMessage) -> Self {
        Self { kind, argument: 0, detail: 0, chunk_bytes: 0, address: 0, length: 0 }
    }
}

/// Reads one field of the host's header; it changes while the guest looks, so never through a reference.
macro_rules! host_field {
    ($field:ident) => {
        // SAFETY: the host maps this page, readable, before the guest's first instruction.
        unsafe { addr_of!((*HOST).$field).read_volatile() }
    };
}

/// How often the request window has got new contents: what a reader belongs to.
static WINDOW_EPOCH: GuestCell<u32> = GuestCell::new(0);

/// Posts something that the guest asks for, and waits for the answer.
pub(crate) fn turn(answer: Answer) -> Message {
    post(&answer);
    acknowledge();
    wait(|| host_field!(watch_ticks))
}

/// Posts the answer to the host's message, and waits for the next one: as it is, or at rest if the host wants that.
pub(crate) fn finish(answer: Answer) -> Message {
    post(&answer);
    if host_field!(rests) != 0 {
        crate::entry::rest(host_sequence().load(Ordering::Relaxed));
    }
    acknowledge();
    next()
}

/// Waits for the host's next message.
pub(crate) fn next() -> Message {
    wait(|| host_field!(rest_ticks))
}

pub(crate) fn window_epoch() -> u32 {
    WINDOW_EPOCH.with(|epoch| *epoch)
}

fn post(answer: &Answer) {
    // SAFETY: the page is the guest's to write, mapped before its first instruction, and the host reads
    // it only after the sequence word has changed.
    unsafe {
        addr_of_mut!((*GUEST).kind).write_volatile(answer.kind as u32);
        addr_of_mut!((*GUEST).argument).write_volatile(answer.argument);
        addr_of_mut!((*GUEST).detail).write_volatile(answer.detail);
        addr_of_mut!((*GUEST).chunk_bytes).write_volatile(answer.chunk_bytes as u32);
        addr_of_mut!((*GUEST).address).write_volatile(answer.address);
        addr_of_mut!((*GUEST).length).write_volatile(answer.length);
    }
}

/// From now on the host may read what was posted.
fn acknowledge() {
    own_sequence().store(host_sequence().load(Ordering::Relaxed), Ordering::Release);
}

/// Waits for a message that is not answered yet: watches for it as long as the host allows, then leaves the VM.
fn wait(ticks_max: impl Fn() -> u32) -> Message {
    let answered = own_sequence().load(Ordering::Relaxed);
    loop {
        let began = ticks();
        let mut is_over = false;
        // Once more after the time is over: a message that came together with shorter time is none to ring for.
        loop {
            if host_sequence().load(Ordering::Acquire) != answered {
                return arrived();
            }
            if is_over {
                break;
            }
            core::hint::spin_loop();
            is_over = ticks().wrapping_sub(began) >= u64::from(ticks_max());
        }
        doorbell();
    }
}

fn arrived() -> Message {
    crate::clock::message_arrived();
    let kind = HostMessage::parse(host_field!(kind));
    if kind != Some(HostMessage::Continue) {
        WINDOW_EPOCH.with(|epoch| *epoch = epoch.wrapping_add(1));
    }
    Message {
        kind,
        argument: host_field!(argument),
        chunk_bytes: host_field!(chunk_bytes) as usize,
        total_bytes: host_field!(total_bytes),
    }
}

/// Leaves the VM; returns when the host enters it again.
fn doorbell() {
    // SAFETY: the one port that the I/O bitmap opens. The host changes memory meanwhile, so no `nomem`.
    unsafe {
        asm!("out {port}, al", port = const DOORBELL_PORT, in("al") Operation::Doorbell as u8, options(nostack))
    }
}

fn host_sequence() -> &'static AtomicU32 {
    // SAFETY: mapped, aligned, for ever; the host stores to it atomically.
    unsafe { AtomicU32::from_ptr(addr_of!((*HOST).sequence).cast_mut()) }
}

fn own_sequence() -> &'static AtomicU32 {
    // SAFETY: mapped, aligned, for ever; accessed through atomics only.
    unsafe { AtomicU32::from_ptr(addr_of_mut!((*GUEST).sequence)) }
}

/// Part of the request window, which the host leaves alone until it sends a payload of its own.
///
/// # Safety
/// The slice must not be used after a turn that changes [`window_epoch`].
pub(crate) unsafe fn request_window(start: usize, len: usize) -> &'static [u8] {
    assert!(
        start <= REQUEST_BYTES && len <= REQUEST_BYTES - start,
        "the host announced more than its window holds"
    );
    // SAFETY: inside the window (just checked), which is mapped as far as the host has announced bytes.
    unsafe { core::slice::from_raw_parts(REQUEST.add(start), len) }
}

/// The reply window.
///
/// # Safety
/// There must be no other slice of it.
pub(crate) unsafe fn reply_window() -> &'static mut [u8] {
    // SAFETY: the host grants these pages on first touch; the caller says that it is the only one.
    unsafe { core::slice::from_raw_parts_mut(REPLY, REPLY_BYTES) }
}

/// The exception that brought the guest to its trap landing.
pub(crate) fn exception() -> ExceptionRecord {
    host_field!(exception)
}

/// The random bytes that came with the message.
pub(crate) fn random_seed() -> [u8; 32] {
    host_field!(random)
}

/// Wall clock, monotonic clock (nanoseconds) and time-stamp frequency that came with the message.
pub(crate) fn host_clocks() -> (u64, u64, u64) {
    (host_field!(wall_ns), host_field!(monotonic_ns), host_field!(tsc_hz))
}
