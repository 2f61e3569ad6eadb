//! The host's side of the mailbox: posting a message, and taking the guest's answer as a claim.

use crate::clock;
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
use std::sync::atomic::{AtomicU32, AtomicUsize, Ordering};

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
    /// How the guest waits from now on; `None`: as before.
    pub(crate) patience: Option<Patience>,
}

impl<'a> Post<'a> {
    /// The message with as much of `payload` as fits the window.
    pub(crate) fn with_payload(kind: HostMessage, argument: u32, payload: &'a [u8]) -> Self {
        let chunk = &payload[..payload.len().min(REQUEST_BYTES)];
        Self { kind, argument, chunk, total_bytes: payload.len() as u64, patience: None }
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

/// How the guest waits.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Patience {
    /// Ticks for which it watches for what it asked for.
    pub(crate) watch_ticks: u32,
    /// Ticks for which it watches for the next message, after its answer.
    pub(crate) rest_ticks: u32,
    /// Whether it rests after its answer: see [`HostHeader::rests`].
    pub(crate) rests: bool,
}

/// Host and guest each have a word that tells the number of the message that they are at. One side of the
/// host's at a time uses a mailbox, the vCPU's thread or a caller's; which one is not decided here.
pub(crate) struct Mailbox {
    pub(crate) memory: Mapping,
    /// Number of the last message that was posted.
    sequence: AtomicU32,
    /// Bytes of the request window that hold something since the last wipe.
    request_used: AtomicUsize,
    tsc_hz: u64,
}

impl Mailbox {
    /// `tsc_hz`: how fast the guest's time-stamp counter counts.
    pub(crate) fn new(tsc_hz: u64) -> Result<Self, Error> {
        Ok(Self {
            memory: Mapping::new(MAILBOX_BYTES, Backing::Small)?,
            sequence: AtomicU32::new(0),
            request_used: AtomicUsize::new(0),
            tsc_hz,
        })
    }

    pub(crate) fn tsc_hz(&self) -> u64 {
        self.tsc_hz
    }

    pub(crate) fn sequence(&self) -> u32 {
        self.sequence.load(Ordering::Relaxed)
    }

    /// Counts from `sequence` on, after a reset or in a clone. The guest's pages must be as they shall be: it may be
    /// watching both words, the host's last.
    pub(crate) fn resume_at(&self, sequence: u32) {
        self.sequence.store(sequence, Ordering::Relaxed);
        self.guests_sequence().store(sequence, Ordering::Relaxed);
        self.hosts_sequence().store(sequence, Ordering::Release);
    }

    /// Wipes everything of the last messages that the guest can read: an exception's address, say, is of
    /// the guest's own choosing, and would tell the next call what this one knew. The words that a resting guest
    /// watches stay.
    pub(crate) fn wipe(&self) {
        let kept = offset_of!(HostHeader, kind);
        self.memory.zero(HOST_HEADER_OFFSET + kept, size_of::<HostHeader>() - kept);
        self.memory.zero(REQUEST_OFFSET, self.request_used.swap(0, Ordering::Relaxed));
    }

    /// True if the guest can read nothing there but the number of the last message and how to wait for the next.
    pub(crate) fn is_wiped(&self) -> bool {
        let mut seen = Vec::new();
        let kept = offset_of!(HostHeader, kind);
        self.memory.read_to(HOST_HEADER_OFFSET + kept, PAGE_BYTES - kept, &mut seen);
        self.memory.read_to(REQUEST_OFFSET, REQUEST_BYTES, &mut seen);
        seen.iter().all(|byte| *byte == 0)
    }

    /// True if the guest has answered the last message, or claims so.
    pub(crate) fn is_answered(&self) -> bool {
        self.guests_sequence().load(Ordering::Acquire) == self.sequence()
    }

    /// True if the guest is still at the message before the last: it has rung without an answer.
    pub(crate) fn is_behind_by_one(&self) -> bool {
        self.guests_sequence().load(Ordering::Acquire) == self.sequence().wrapping_sub(1)
    }

    /// How long the guest watches from now on: one that watches already leaves as soon as its time is over.
    pub(crate) fn set_ticks(&self, watch_ticks: u32, rest_ticks: u32) {
        let header = self.host_header();
        // SAFETY: the header lies inside our mapping, which the guest cannot write; raw field writes,
        // because the guest may be reading it.
        unsafe {
            addr_of_mut!((*header).watch_ticks).write_volatile(watch_ticks);
            addr_of_mut!((*header).rest_ticks).write_volatile(rest_ticks);
        }
    }

    /// Has the guest leave the VM as soon as it waits, whatever it was told before.
    pub(crate) fn call_out(&self) {
        self.set_ticks(0, 0);
    }

    /// Writes the message; the sequence word last.
    pub(crate) fn post(&self, post: &Post<'_>) {
        self.memory.write(REQUEST_OFFSET, post.chunk);
        self.request_used.fetch_max(post.chunk.len(), Ordering::Relaxed);
        let header = self.host_header();
        // SAFETY: the header lies inside our mapping, which the guest cannot write; raw field writes,
        // because the guest may be reading it.
        unsafe {
            addr_of_mut!((*header).kind).write_volatile(post.kind as u32);
            addr_of_mut!((*header).argument).write_volatile(post.argument);
            addr_of_mut!((*header).chunk_bytes).write_volatile(post.chunk.len() as u32);
            addr_of_mut!((*header).total_bytes).write_volatile(post.total_bytes);
            addr_of_mut!((*header).wall_ns).write_volatile(clock::wall_ns());
            addr_of_mut!((*header).monotonic_ns).write_volatile(clock::monotonic_ns());
            addr_of_mut!((*header).tsc_hz).write_volatile(self.tsc_hz);
        }
        if let Some(patience) = post.patience {
            // SAFETY: as above.
            unsafe { addr_of_mut!((*header).rests).write_volatile(patience.rests.into()) };
        }
        let sequence = self.sequence().wrapping_add(1);
        self.sequence.store(sequence, Ordering::Relaxed);
        self.hosts_sequence().store(sequence, Ordering::Release);
        // Only now: less time, seen before the message, would call a guest out that watches for it.
        if let Some(patience) = post.patience {
            self.set_ticks(patience.watch_ticks, patience.rest_ticks);
        }
    }

    /// Gives the guest fresh random bytes.
    pub(crate) fn set_random(&self, bytes: &[u8; 32]) {
        self.memory.write(HOST_HEADER_OFFSET + offset_of!(HostHeader, random), bytes);
    }

    pub(crate) fn set_exception(&self, record: ExceptionRecord) {
        // SAFETY: as in `post`.
        unsafe { addr_of_mut!((*self.host_header()).exception).write_volatile(record) };
    }

    /// Copies the guest's header out, once, and checks it.
    ///
    /// # Errors
    /// A breach if the guest has not answered the last message, or not with a message.
    pub(crate) fn claim(&self) -> Result<Claim, Error> {
        let header = self.guest_header();
        // SAFETY: inside our mapping and aligned; volatile, because the guest may change it meanwhile: the
        // copy is what gets checked and used.
        let header = unsafe {
            // The sequence word first: what stands behind it was written before it.
            if !self.is_answered() {
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

    /// Copies the claimed bytes of the reply window to `into`, if it has room for them.
    pub(crate) fn copy_reply(&self, claim: &Claim, into: &mut [u8]) -> bool {
        let has_room = claim.chunk_bytes <= into.len();
        if has_room {
            self.memory.read(REPLY_OFFSET, &mut into[..claim.chunk_bytes]);
        }
        has_room
    }

    /// Appends the claimed bytes of the reply window to private memory.
    pub(crate) fn take_reply(&self, claim: &Claim, into: &mut Vec<u8>) {
        self.memory.read_to(REPLY_OFFSET, claim.chunk_bytes, into);
    }

    fn host_header(&self) -> *mut HostHeader {
        self.memory.at(HOST_HEADER_OFFSET, size_of::<HostHeader>()).cast()
    }

    fn guest_header(&self) -> *mut GuestHeader {
        self.memory.at(GUEST_HEADER_OFFSET, size_of::<GuestHeader>()).cast()
    }

    pub(crate) fn hosts_sequence(&self) -> &AtomicU32 {
        // SAFETY: inside our mapping, aligned, and alive as long as `self`.
        unsafe { AtomicU32::from_ptr(addr_of_mut!((*self.host_header()).sequence)) }
    }

    pub(crate) fn guests_sequence(&self) -> &AtomicU32 {
        // SAFETY: as above.
        unsafe { AtomicU32::from_ptr(addr_of_mut!((*self.guest_header()).sequence)) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ErrorKind;
    use std::sync::atomic::AtomicBool;

    fn answered(sequence: u32, kind: u32, chunk_bytes: u32) -> Result<Claim, Error> {
        let mailbox = Mailbox::new(1).unwrap();
        mailbox.post(&Post::empty(HostMessage::Call, 0));
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

    /// Another thread plays a guest that changes its header between any two reads of the host's.
    #[test]
    fn what_is_copied_is_what_was_checked_however_the_guest_changes_it() {
        const LENGTHS: [u32; 4] = [8, REPLY_BYTES as u32, REPLY_BYTES as u32 + 1, u32::MAX];
        let mailbox = Mailbox::new(1).unwrap();
        mailbox.post(&Post::empty(HostMessage::Call, 0));
        mailbox.memory.write(GUEST_HEADER_OFFSET, &mailbox.sequence().to_le_bytes());
        let (mut claims, mut breaches) = ([0; 2], 0);
        let is_over = AtomicBool::new(false);
        std::thread::scope(|scope| {
            scope.spawn(|| {
                for round in 0_u32.. {
                    let len = LENGTHS[round as usize % LENGTHS.len()];
                    let kind = GuestMessage::Returned as u32 + round / 7 % 11;
                    mailbox.memory.write(GUEST_HEADER_OFFSET + 64, &kind.to_le_bytes());
                    let at = GUEST_HEADER_OFFSET + offset_of!(GuestHeader, chunk_bytes);
                    mailbox.memory.write(at, &len.to_le_bytes());
                    if is_over.load(Ordering::Relaxed) {
                        return;
                    }
                }
            });
            let mut into = Vec::new();
            while claims.contains(&0) || breaches < 1000 {
                match mailbox.claim() {
                    Ok(claim) => {
                        let which = LENGTHS[..2].iter().position(|len| *len as usize == claim.chunk_bytes);
                        claims[which.expect("a length that fits the window")] += 1;
                        into.clear();
                        mailbox.take_reply(&claim, &mut into);
                        assert_eq!(into.len(), claim.chunk_bytes);
                    }
                    Err(error) => {
                        assert!(matches!(error.kind(), ErrorKind::Breach(_)), "{error}");
                        breaches += 1;
                    }
                }
            }
            is_over.store(true, Ordering::Relaxed);
        });
    }

    #[test]
    fn a_wipe_leaves_nothing_of_a_message() {
        let mailbox = Mailbox::new(1).unwrap();
        mailbox.post(&Post::with_payload(HostMessage::Call, 0, b"secret"));
        mailbox.post(&Post::with_payload(HostMessage::Call, 0, b"x"));
        mailbox.set_exception(ExceptionRecord { address: 42, ..Default::default() });
        assert!(!mailbox.is_wiped());
        mailbox.wipe();
        assert!(mailbox.is_wiped());
    }
}
