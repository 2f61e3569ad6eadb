//! The host's side of the mailbox: posting a message, and taking the guest's answer as a claim.

use crate::error::Error;
use crate::mapping::{Backing, Mapping};
use hl_abi::layout::PAGE_BYTES;
use hl_abi::mailbox::{
    ExceptionRecord, GUEST_HEADER_OFFSET, GuestHeader, HOST_HEADER_OFFSET, HostHeader, MAILBOX_BYTES,
    REPLY_BYTES, REPLY_OFFSET, REQUEST_BYTES, REQUEST_OFFSET,
};
use hl_abi::message::{GuestMessage, HostMessage};
use std::mem::offset_of;
use std::ptr::addr_of_mut;
use std::sync::atomic::{AtomicU32, Ordering};

/// Guest-physical address of the mailbox's slot.
pub(crate) const MAILBOX_GPA: u64 = 0x4000_0000;

/// A message to post: its first chunk at most fills the window.
#[derive(Clone, Copy)]
pub(crate) struct Post<'a> {
    pub(crate) kind: HostMessage,
    pub(crate) argument: u32,
    pub(crate) chunk: &'a [u8],
    /// Bytes of all chunks together.
    pub(crate) total_bytes: u64,
}

impl<'a> Post<'a> {
    /// The message with as much of `payload` as fits the window.
    pub(crate) fn with_payload(kind: HostMessage, argument: u32, payload: &'a [u8]) -> Self {
        let chunk = &payload[..payload.len().min(REQUEST_BYTES)];
        Self { kind, argument, chunk, total_bytes: payload.len() as u64 }
    }

    pub(crate) fn empty(kind: HostMessage, argument: u32) -> Self {
        Self::with_payload(kind, argument, &[])
    }
}

/// What the guest says: of the right types and in bounds, nothing more is known of it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Claim {
    pub(crate) kind: GuestMessage,
    pub(crate) argument: u32,
    pub(crate) detail: u32,
    pub(crate) chunk_bytes: usize,
    pub(crate) address: u64,
    pub(crate) length: u64,
}

pub(crate) struct Mailbox {
    pub(crate) memory: Mapping,
    sequence: u32,
    /// Bytes of the request window that hold something since the last wipe.
    request_used: usize,
}

impl Mailbox {
    pub(crate) fn new() -> Result<Self, Error> {
        Ok(Self { memory: Mapping::new(MAILBOX_BYTES, Backing::Small)?, sequence: 0, request_used: 0 })
    }

    pub(crate) fn sequence(&self) -> u32 {
        self.sequence
    }

    /// Goes on counting where the guest's memory says that it stopped: after a reset, or in a clone.
    pub(crate) fn resume_at(&mut self, sequence: u32) {
        self.sequence = sequence;
        self.guest_visible_sequence().store(sequence, Ordering::Relaxed);
    }

    /// Wipes everything of the last messages that the guest can read: an exception's address, say, is of
    /// the guest's own choosing, and would tell the next call what this one knew.
    pub(crate) fn wipe(&mut self) {
        self.memory.zero(HOST_HEADER_OFFSET, size_of::<HostHeader>());
        self.memory.zero(REQUEST_OFFSET, std::mem::take(&mut self.request_used));
    }

    /// True if the guest can read nothing there but the number of the last message.
    pub(crate) fn is_wiped(&self) -> bool {
        let mut seen = Vec::new();
        self.memory.read_to(HOST_HEADER_OFFSET + size_of::<u32>(), PAGE_BYTES - size_of::<u32>(), &mut seen);
        self.memory.read_to(REQUEST_OFFSET, REQUEST_BYTES, &mut seen);
        seen.iter().all(|byte| *byte == 0)
    }

    /// Writes the message; the sequence word last.
    pub(crate) fn post(&mut self, post: &Post<'_>, tsc_hz: u64) {
        self.memory.write(REQUEST_OFFSET, post.chunk);
        self.request_used = self.request_used.max(post.chunk.len());
        let header = self.host_header();
        // SAFETY: the header lies inside our mapping, which the guest cannot write; raw field writes,
        // because the guest may be reading it.
        unsafe {
            addr_of_mut!((*header).kind).write_volatile(post.kind as u32);
            addr_of_mut!((*header).argument).write_volatile(post.argument);
            addr_of_mut!((*header).chunk_bytes).write_volatile(post.chunk.len() as u32);
            addr_of_mut!((*header).total_bytes).write_volatile(post.total_bytes);
            addr_of_mut!((*header).wall_ns).write_volatile(clock_ns(libc::CLOCK_REALTIME));
            addr_of_mut!((*header).monotonic_ns).write_volatile(clock_ns(libc::CLOCK_MONOTONIC));
            addr_of_mut!((*header).tsc_hz).write_volatile(tsc_hz);
        }
        self.sequence = self.sequence.wrapping_add(1);
        self.guest_visible_sequence().store(self.sequence, Ordering::Release);
    }

    /// Gives the guest fresh random bytes.
    pub(crate) fn refresh_random(&mut self) -> Result<(), Error> {
        let mut bytes = [0u8; 32];
        // SAFETY: writes at most 32 bytes into an array of 32.
        let got = unsafe { libc::getrandom(bytes.as_mut_ptr().cast(), bytes.len(), 0) };
        if got != bytes.len() as isize {
            return Err(Error::system("getrandom", std::io::Error::last_os_error()));
        }
        self.memory.write(HOST_HEADER_OFFSET + offset_of!(HostHeader, random), &bytes);
        Ok(())
    }

    pub(crate) fn set_exception(&mut self, record: ExceptionRecord) {
        // SAFETY: as in `post`.
        unsafe { addr_of_mut!((*self.host_header()).exception).write_volatile(record) };
    }

    /// Copies the guest's header out, once, and checks it.
    ///
    /// # Errors
    /// A breach if the guest has not answered the last message, or not with a message.
    pub(crate) fn claim(&self) -> Result<Claim, Error> {
        let header = self.memory.at(GUEST_HEADER_OFFSET, size_of::<GuestHeader>()).cast::<GuestHeader>();
        // SAFETY: inside our mapping and aligned; volatile, because the guest may change it meanwhile: the
        // copy is what gets checked and used.
        let header = unsafe {
            // The sequence word first: what stands behind it was written before it.
            let sequence = AtomicU32::from_ptr(addr_of_mut!((*header).sequence)).load(Ordering::Acquire);
            if sequence != self.sequence {
                return Err(Error::breach("rang without an answer"));
            }
            header.read_volatile()
        };
        let Some(kind) = GuestMessage::parse(header.kind) else {
            return Err(Error::breach(format!("sent a message of unknown kind {}", header.kind)));
        };
        let chunk_bytes = header.chunk_bytes as usize;
        if chunk_bytes > REPLY_BYTES {
            return Err(Error::breach(format!("claims {chunk_bytes} bytes in a window of {REPLY_BYTES}")));
        }
        let GuestHeader { argument, detail, address, length, .. } = header;
        Ok(Claim { kind, argument, detail, chunk_bytes, address, length })
    }

    /// Appends the claimed bytes of the reply window to private memory.
    pub(crate) fn take_reply(&self, claim: &Claim, into: &mut Vec<u8>) {
        self.memory.read_to(REPLY_OFFSET, claim.chunk_bytes, into);
    }

    fn host_header(&self) -> *mut HostHeader {
        self.memory.at(HOST_HEADER_OFFSET, size_of::<HostHeader>()).cast()
    }

    fn guest_visible_sequence(&self) -> &AtomicU32 {
        // SAFETY: inside our mapping, aligned, and alive as long as `self`.
        unsafe { AtomicU32::from_ptr(addr_of_mut!((*self.host_header()).sequence)) }
    }
}

fn clock_ns(clock: libc::clockid_t) -> u64 {
    let mut now = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: writes one timespec of ours; both clocks exist on every Linux.
    unsafe { libc::clock_gettime(clock, &mut now) };
    now.tv_sec as u64 * 1_000_000_000 + now.tv_nsec as u64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ErrorKind;

    fn answered(sequence: u32, kind: u32, chunk_bytes: u32) -> Result<Claim, Error> {
        let mut mailbox = Mailbox::new().unwrap();
        mailbox.post(&Post::empty(HostMessage::Call, 0), 1);
        mailbox.memory.write(GUEST_HEADER_OFFSET, &sequence.to_le_bytes());
        mailbox.memory.write(GUEST_HEADER_OFFSET + 64, &kind.to_le_bytes());
        mailbox
            .memory
            .write(GUEST_HEADER_OFFSET + offset_of!(GuestHeader, chunk_bytes), &chunk_bytes.to_le_bytes());
        mailbox.claim()
    }

    #[test]
    fn an_answer_in_turn_is_a_claim_and_anything_else_a_breach() {
        assert_eq!(answered(1, GuestMessage::Returned as u32, 5).unwrap().chunk_bytes, 5);
        for (sequence, kind, chunk_bytes) in [
            (0, GuestMessage::Returned as u32, 0),
            (2, GuestMessage::Returned as u32, 0),
            (1, 0, 0),
            (1, u32::MAX, 0),
            (1, GuestMessage::Returned as u32, REPLY_BYTES as u32 + 1),
            (1, GuestMessage::Returned as u32, u32::MAX),
        ] {
            let error = answered(sequence, kind, chunk_bytes).unwrap_err();
            assert!(matches!(error.kind(), ErrorKind::Breach(_)), "{sequence} {kind} {chunk_bytes}");
        }
    }

    #[test]
    fn a_wipe_leaves_nothing_of_a_message() {
        let mut mailbox = Mailbox::new().unwrap();
        mailbox.post(&Post::with_payload(HostMessage::Call, 0, b"secret"), 1);
        mailbox.post(&Post::with_payload(HostMessage::Call, 0, b"x"), 1);
        mailbox.set_exception(ExceptionRecord { address: 42, ..Default::default() });
        assert!(!mailbox.is_wiped());
        mailbox.wipe();
        assert!(mailbox.is_wiped());
    }
}
