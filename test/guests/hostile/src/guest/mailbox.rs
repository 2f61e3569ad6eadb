//! Messages that no honest guest would post.

use super::attack::{Fate, LINGERING_BYTES};
use alloc::vec::Vec;
use core::arch::asm;
use core::ptr::{addr_of, addr_of_mut};
use hl_guest::abi::layout::MAILBOX_GVA;
use hl_guest::abi::mailbox::{
    GUEST_HEADER_OFFSET, GuestHeader, HOST_HEADER_OFFSET, HostHeader, REPLY_BYTES, REPLY_OFFSET,
    REQUEST_OFFSET,
};
use hl_guest::abi::message::GuestMessage;
use hl_guest::abi::{DOORBELL_PORT, Operation};
use hl_guest::{Reader, Short};

const HOST: *const HostHeader = (MAILBOX_GVA as usize + HOST_HEADER_OFFSET) as *const HostHeader;
const GUEST: *mut GuestHeader = (MAILBOX_GVA as usize + GUEST_HEADER_OFFSET) as *mut GuestHeader;
const REQUEST: *const u8 = (MAILBOX_GVA as usize + REQUEST_OFFSET) as *const u8;
const REPLY: *mut u8 = (MAILBOX_GVA as usize + REPLY_OFFSET) as *mut u8;

/// A message as the test wants it, true or not.
pub struct Forged {
    pub kind: u32,
    pub argument: u32,
    pub detail: u32,
    pub chunk_bytes: u32,
    pub address: u64,
    pub length: u64,
}

impl Forged {
    pub fn read(request: &mut Reader) -> Result<Self, Short> {
        Ok(Self {
            kind: request.u32()?,
            argument: request.u32()?,
            detail: request.u32()?,
            chunk_bytes: request.u32()?,
            address: request.u64()?,
            length: request.u64()?,
        })
    }

    /// Puts `payload` where the message's bytes are looked for, as far as there is room.
    pub fn fill(payload: &[u8]) {
        let len = payload.len().min(REPLY_BYTES);
        // SAFETY: the reply window is the guest's to write, and no writer is at work in this call yet.
        unsafe { core::ptr::copy_nonoverlapping(payload.as_ptr(), REPLY, len) };
    }

    /// An honest reply, which is an empty list.
    pub fn honest_reply() -> Self {
        Self::fill(&0_u32.to_le_bytes());
        Self { chunk_bytes: LINGERING_BYTES[0], ..Self::empty_reply() }
    }

    /// A reply to the call under way, without a byte.
    pub fn empty_reply() -> Self {
        Self {
            kind: GuestMessage::Returned as u32,
            argument: 0,
            detail: 0,
            chunk_bytes: 0,
            address: 0,
            length: 0,
        }
    }

    /// Lays the message into the mailbox with the host's sequence number plus `lead`, and rings nothing.
    pub fn lay(&self, lead: u32) {
        self.lay_numbered(host_sequence().wrapping_add(lead));
    }

    pub fn lay_numbered(&self, sequence: u32) {
        // SAFETY: the guest's own page, mapped before its first instruction.
        unsafe {
            addr_of_mut!((*GUEST).kind).write_volatile(self.kind);
            addr_of_mut!((*GUEST).argument).write_volatile(self.argument);
            addr_of_mut!((*GUEST).detail).write_volatile(self.detail);
            addr_of_mut!((*GUEST).chunk_bytes).write_volatile(self.chunk_bytes);
            addr_of_mut!((*GUEST).address).write_volatile(self.address);
            addr_of_mut!((*GUEST).length).write_volatile(self.length);
            addr_of_mut!((*GUEST).sequence).write_volatile(sequence);
        }
    }

    /// Lays lengths and kind alone: the message that they belong to may be read just now.
    pub fn lay_claim(&self) {
        // SAFETY: as above.
        unsafe {
            addr_of_mut!((*GUEST).chunk_bytes).write_volatile(self.chunk_bytes);
            addr_of_mut!((*GUEST).kind).write_volatile(self.kind);
        }
    }

    /// Posts it with a payload of bytes `filler`, and answers what the host posted in turn: its kind as
    /// value, its argument as error code, its sequence number's step as address.
    pub fn post(&self, lead: u32, filler: u8) -> Fate {
        let len = (self.chunk_bytes as usize).min(REPLY_BYTES);
        // SAFETY: the reply window is the guest's to write, and no writer is at work in this call yet.
        unsafe { core::ptr::write_bytes(REPLY, filler, len) };
        let before = host_sequence();
        self.lay(lead);
        ring();
        // SAFETY: mapped, readable, for ever.
        let (kind, argument) =
            unsafe { (addr_of!((*HOST).kind).read_volatile(), addr_of!((*HOST).argument).read_volatile()) };
        let step = host_sequence().wrapping_sub(before);
        Fate { trapped: 0, value: u64::from(kind), error_code: u64::from(argument), address: u64::from(step) }
    }
}

/// Posts it again and again, with a sequence number that fits. One that does not ring looks for the host's answer, and
/// never leaves its VM.
pub fn post_for_ever(message: &Forged, rings: bool) -> ! {
    loop {
        if rings {
            message.post(0, 0);
            continue;
        }
        let before = host_sequence();
        message.lay(0);
        while host_sequence() == before {
            core::hint::spin_loop();
        }
    }
}

/// Fills the reply window.
pub fn fill_reply_window(byte: u8) {
    // SAFETY: the window is the guest's to write, and no writer is at work.
    unsafe { core::ptr::write_bytes(REPLY, byte, REPLY_BYTES) };
}

pub fn host_sequence() -> u32 {
    // SAFETY: mapped, readable, for ever.
    unsafe { addr_of!((*HOST).sequence).read_volatile() }
}

pub fn ring() {
    // SAFETY: the one open port; the host changes memory meanwhile, so no `nomem`.
    unsafe {
        asm!("out {port}, al", port = const DOORBELL_PORT, in("al") Operation::Doorbell as u8, options(nostack))
    }
}

/// What the host posted last: kind, argument, and as much of its payload as `bytes_max` lets through.
pub fn host_message(bytes_max: usize) -> (u32, u32, Vec<u8>) {
    // SAFETY: mapped, readable, for ever; the host has posted, and waits.
    let (kind, argument, len) = unsafe {
        (
            addr_of!((*HOST).kind).read_volatile(),
            addr_of!((*HOST).argument).read_volatile(),
            addr_of!((*HOST).chunk_bytes).read_volatile() as usize,
        )
    };
    // SAFETY: the host announces no more than its window holds.
    let payload = unsafe { core::slice::from_raw_parts(REQUEST, len.min(bytes_max)) };
    (kind, argument, payload.to_vec())
}
