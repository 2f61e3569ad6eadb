//! For `hl-fuzz`: what a guest says in its mailbox, heard without a VM.

pub use crate::snapshot::fuzzing::Files;

use crate::address_space::AddressSpace;
use crate::conversation::{Conversation, Step};
use crate::error::{Error, ErrorKind};
use crate::limits::Limits;
use crate::mailbox::{Claim, Mailbox, Patience};
use hl_abi::mailbox::{GUEST_HEADER_OFFSET, REPLY_BYTES, REPLY_OFFSET, REQUEST_BYTES};
use hl_abi::message::{HostMessage, HostReplyStatus};
use xxhash_rust::xxh3::xxh3_64;

/// Small, so that an input of a few messages reaches each of them.
const LIMITS: Limits =
    Limits { memory_bytes: 16 << 20, reply_bytes_max: 2048, output_bytes_max: 1024, host_calls_max: 4 };

/// What a caller has room for; a longer reply takes the other way.
const BUFFER_BYTES: usize = 64;

/// Whoever has the turn handles so many messages of one input.
const MESSAGES_MAX: usize = 64;

/// A message of an input: how far ahead its sequence number is, then the rest of a `GuestHeader`, as it lies there.
const LEAD_BYTES: usize = 1;
const HEADER_BYTES: usize = 32;

/// Where the rest of the header lies: its sequence word has a cache line of its own.
const BEHIND_SEQUENCE: usize = GUEST_HEADER_OFFSET + 64;

/// The host's side of a conversation, kept from one input to the next.
pub struct Listener {
    mailbox: Mailbox,
    talk: Conversation,
    /// Longer than the window, so that there is more to ask for.
    long: Vec<u8>,
    buffer: [u8; BUFFER_BYTES],
    seen: Vec<u8>,
}

impl Listener {
    /// # Errors
    /// If there is no memory for a mailbox.
    pub fn new() -> Result<Self, Error> {
        Ok(Self {
            mailbox: Mailbox::new(1_000_000_000)?,
            talk: Conversation::default(),
            long: vec![7; REQUEST_BYTES + 5],
            buffer: [0; BUFFER_BYTES],
            seen: Vec::new(),
        })
    }

    /// Hears messages until one of them ends the conversation; answers how many were understood.
    ///
    /// # Panics
    /// If anything is taken for what it is not.
    pub fn hear(&mut self, input: &[u8]) -> usize {
        // Copying so much is slow: one in a few hundred, and always the same.
        let is_long = xxh3_64(input).is_multiple_of(512);
        let request = if is_long { &self.long[..] } else { &[] };
        self.talk.begin(&self.mailbox, (HostMessage::Call, 0, request), Patience::default());
        let mut space = AddressSpace::default();
        let (mut rest, mut heard, mut laid) = (input, 0, 0);
        while let Some(payload_bytes) = self.lay(&mut rest) {
            laid = laid.max(payload_bytes);
            if heard == MESSAGES_MAX || !self.step(&mut space) {
                break;
            }
            heard += 1;
        }
        self.mailbox.memory.zero(REPLY_OFFSET, laid);
        self.mailbox.wipe();
        heard
    }

    /// Lays the next message of an input into the mailbox, and answers how long its payload is.
    fn lay(&self, input: &mut &[u8]) -> Option<usize> {
        let (message, rest) = input.split_at_checked(LEAD_BYTES + HEADER_BYTES)?;
        let (lead, header) = message.split_at(LEAD_BYTES);
        let sequence = self.mailbox.sequence().wrapping_add_signed((lead[0] as i8).into());
        let memory = &self.mailbox.memory;
        memory.write(GUEST_HEADER_OFFSET, &sequence.to_le_bytes());
        memory.write(BEHIND_SEQUENCE, header);
        let claimed = u32::from_le_bytes([header[12], header[13], header[14], header[15]]) as usize;
        let (payload, rest) = rest.split_at(claimed.min(rest.len()));
        memory.write(REPLY_OFFSET, payload);
        *input = rest;
        Some(payload.len())
    }

    /// False if the conversation is over.
    fn step(&mut self, space: &mut AddressSpace) -> bool {
        let Ok(claim) = self.mailbox.claim() else { return false };
        assert!(claim.chunk_bytes <= REPLY_BYTES, "a claim of more than there is: {claim:?}");
        let fits = self.mailbox.copy_reply(&claim, &mut self.buffer);
        assert_eq!(fits, claim.chunk_bytes <= BUFFER_BYTES);
        let before = self.talk.payload.len();
        match self.talk.step(&self.mailbox, &LIMITS, &claim) {
            Ok(step) => {
                self.check(&step, &claim, before);
                self.go_on(step, &claim, space)
            }
            Err(error) => {
                check_failure(&error, &claim);
                false
            }
        }
    }

    /// What was taken is what the guest had laid, and no more than it may.
    fn check(&mut self, step: &Step, claim: &Claim, before: usize) {
        let taken = match step {
            Step::Printed(_, text) => &text[..],
            Step::Returned | Step::Flushed | Step::HostCall(_) => &self.talk.payload[before..],
            Step::Ready | Step::More | Step::Commit => return,
        };
        self.seen.clear();
        self.mailbox.take_reply(claim, &mut self.seen);
        assert_eq!(taken, self.seen, "{step:?} of {claim:?}");
        assert!(taken.len() <= LIMITS.output_bytes_max || !matches!(step, Step::Printed(..)));
        assert!(self.talk.payload.len() <= LIMITS.reply_bytes_max);
        assert!(self.talk.host_calls <= LIMITS.host_calls_max);
    }

    fn go_on(&mut self, step: Step, claim: &Claim, space: &mut AddressSpace) -> bool {
        let mailbox = &self.mailbox;
        match step {
            Step::Ready | Step::Returned => return false,
            Step::HostCall(import) => {
                let status = if import == 0 { HostReplyStatus::Threw } else { HostReplyStatus::Returned };
                let reply = self.buffer;
                self.talk.reply(
                    mailbox,
                    status,
                    &reply[..import as usize % BUFFER_BYTES],
                    Patience::default(),
                );
            }
            Step::More => return self.talk.send_next(mailbox).is_ok(),
            Step::Flushed | Step::Printed(..) => self.talk.go_on(mailbox, false),
            Step::Commit => {
                let granted = space.commit(claim.address, claim.length, LIMITS.arena_bytes());
                assert!(space.arena_bytes() <= LIMITS.arena_bytes());
                if granted.is_ok() {
                    let pages = space.pages().count() * hl_abi::layout::PAGE_BYTES;
                    assert_eq!(pages, space.arena_bytes(), "{:x?}", space.stretches());
                }
                self.talk.go_on(mailbox, granted.is_err());
            }
        }
        true
    }
}

/// Text is no longer than its bytes, each of which may stand for one replacement character.
fn check_failure(error: &Error, claim: &Claim) {
    let text = match error.kind() {
        ErrorKind::Guest(failure) => failure.message.len() + failure.stack.len(),
        ErrorKind::GuestPanic(text) => text.len(),
        _ => 0,
    };
    assert!(text <= 3 * claim.chunk_bytes, "{text} bytes of text out of {claim:?}");
    assert!(!matches!(error.kind(), ErrorKind::Internal(_)), "a guest's words are no fault of ours: {error}");
}
