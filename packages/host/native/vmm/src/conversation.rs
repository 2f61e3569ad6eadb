//! From a message of the host's to the guest's answer: what each thing that the guest says means.
//!
//! One step at a time, so that whoever has the turn, the vCPU's thread or a caller, can take the next.

use crate::error::{Error, ErrorKind, GuestFailure, LimitKind};
use crate::limits::Limits;
use crate::mailbox::{Claim, Mailbox, Patience, Post};
use hl_abi::mailbox::REQUEST_BYTES;
use hl_abi::message::{
    FailureKind, GuestMessage, HostMessage, HostReplyStatus, PanicKind, STDERR, STDOUT, TrapKind,
};

/// One message of the host's and all that belongs to it.
#[derive(Default)]
pub(crate) struct Conversation {
    /// What came of a payload so far: private memory, whose capacity is kept between calls.
    pub(crate) payload: Vec<u8>,
    /// What the guest has not asked for yet of a payload that is longer than the window.
    rest: Vec<u8>,
    sent: usize,
    output_bytes: usize,
    pub(crate) host_calls: u64,
}

/// Kind, argument and payload of a message.
pub(crate) type Message<'a> = (HostMessage, u32, &'a [u8]);

/// What the guest's message means for the host.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// It answered [`HostMessage::Boot`] or [`HostMessage::Load`].
    Ready,
    /// It answered [`HostMessage::Call`]: the result is in the payload.
    Returned,
    /// It calls this host function: the arguments are in the payload. Answered by [`Conversation::reply`].
    HostCall(u32),
    /// It wants the next chunk. Answered by [`Conversation::send_next`].
    More,
    /// It waits for leave to go on. Answered by [`Conversation::go_on`].
    Flushed,
    /// It printed this to that stream. Answered by [`Conversation::go_on`].
    Printed(u32, Vec<u8>),
    /// It wants memory. Answered by [`Conversation::go_on`], with whether it was refused.
    Commit,
}

impl Conversation {
    /// Begins with a message of the host's.
    pub(crate) fn begin(&mut self, mailbox: &Mailbox, message: Message<'_>, patience: Patience) {
        (self.output_bytes, self.host_calls) = (0, 0);
        self.send(mailbox, message, patience);
    }

    /// Gives the guest a host function's outcome.
    pub(crate) fn reply(
        &mut self,
        mailbox: &Mailbox,
        status: HostReplyStatus,
        payload: &[u8],
        patience: Patience,
    ) {
        self.send(mailbox, (HostMessage::HostReply, status as u32, payload), patience);
    }

    fn send(&mut self, mailbox: &Mailbox, (kind, argument, payload): Message<'_>, patience: Patience) {
        self.payload.clear();
        let post = Post { patience: Some(patience), ..Post::with_payload(kind, argument, payload) };
        self.rest.clear();
        self.rest.extend_from_slice(&payload[post.chunk.len()..]);
        self.sent = 0;
        mailbox.post(&post);
    }

    /// # Errors
    /// A breach if there is nothing left.
    pub(crate) fn send_next(&mut self, mailbox: &Mailbox) -> Result<(), Error> {
        let rest = &self.rest[self.sent..];
        if rest.is_empty() {
            return Err(Error::breach("asked for more of a message than there is"));
        }
        let post = Post::with_payload(HostMessage::Chunk, 0, &rest[..rest.len().min(REQUEST_BYTES)]);
        self.sent += post.chunk.len();
        mailbox.post(&post);
        Ok(())
    }

    pub(crate) fn go_on(&self, mailbox: &Mailbox, refused: bool) {
        mailbox.post(&Post::empty(HostMessage::Continue, u32::from(refused)));
    }

    /// What `claim` means. What it carries is taken, once.
    ///
    /// # Errors
    /// The guest's failure, a limit, or a breach.
    pub(crate) fn step(&mut self, mailbox: &Mailbox, limits: &Limits, claim: &Claim) -> Result<Step, Error> {
        match claim.kind {
            GuestMessage::Ready => Ok(Step::Ready),
            GuestMessage::Returned => self.take(mailbox, limits, claim).map(|()| Step::Returned),
            GuestMessage::Failed => Err(self.failure(mailbox, limits, claim)?),
            GuestMessage::Panic => Err(self.panic(mailbox, limits, claim)?),
            GuestMessage::More => Ok(Step::More),
            GuestMessage::Flush => self.take(mailbox, limits, claim).map(|()| Step::Flushed),
            GuestMessage::Output => self.print(mailbox, limits, claim),
            GuestMessage::Commit => Ok(Step::Commit),
            GuestMessage::HostCall => {
                self.count_host_call(limits)?;
                self.take(mailbox, limits, claim)?;
                Ok(Step::HostCall(claim.argument))
            }
        }
    }

    /// # Errors
    /// If the guest has used up its calls.
    pub(crate) fn count_host_call(&mut self, limits: &Limits) -> Result<(), Error> {
        if self.host_calls >= limits.host_calls_max {
            return Err(ErrorKind::Limit(LimitKind::HostCalls).into());
        }
        self.host_calls += 1;
        Ok(())
    }

    /// Appends the claimed bytes to the payload.
    fn take(&mut self, mailbox: &Mailbox, limits: &Limits, claim: &Claim) -> Result<(), Error> {
        if self.payload.len() + claim.chunk_bytes > limits.reply_bytes_max {
            return Err(ErrorKind::Limit(LimitKind::Reply).into());
        }
        mailbox.take_reply(claim, &mut self.payload);
        Ok(())
    }

    fn print(&mut self, mailbox: &Mailbox, limits: &Limits, claim: &Claim) -> Result<Step, Error> {
        if claim.argument != STDOUT && claim.argument != STDERR {
            return Err(Error::breach(format!("printed to stream {}", claim.argument)));
        }
        self.output_bytes += claim.chunk_bytes;
        if self.output_bytes > limits.output_bytes_max {
            return Err(ErrorKind::Limit(LimitKind::Output).into());
        }
        let mut text = Vec::new();
        mailbox.take_reply(claim, &mut text);
        Ok(Step::Printed(claim.argument, text))
    }

    /// What was flushed of a reply before is dropped.
    fn failure(&mut self, mailbox: &Mailbox, limits: &Limits, claim: &Claim) -> Result<Error, Error> {
        self.payload.clear();
        self.take(mailbox, limits, claim)?;
        let Some(kind) = FailureKind::parse(claim.argument) else {
            return Err(Error::breach(format!("failed in an unknown way: {}", claim.argument)));
        };
        let mut rest = self.payload.as_slice();
        let message = take_text(&mut rest);
        let stack = take_text(&mut rest);
        let trap =
            (kind == FailureKind::Trap).then(|| TrapKind::parse(claim.detail).unwrap_or(TrapKind::Other));
        let status = if kind == FailureKind::Exit { claim.detail } else { 0 };
        Ok(ErrorKind::Guest(GuestFailure { kind, trap, status, message, stack }).into())
    }

    fn panic(&mut self, mailbox: &Mailbox, limits: &Limits, claim: &Claim) -> Result<Error, Error> {
        self.payload.clear();
        self.take(mailbox, limits, claim)?;
        if PanicKind::parse(claim.argument) == Some(PanicKind::OutOfMemory) {
            return Ok(ErrorKind::Limit(LimitKind::Memory).into());
        }
        Ok(ErrorKind::GuestPanic(String::from_utf8_lossy(&self.payload).into_owned()).into())
    }
}

/// A string in front of `rest`; what is missing of it is left out, for it is text for people.
fn take_text(rest: &mut &[u8]) -> String {
    let Some((len, after)) = rest.split_first_chunk() else { return String::new() };
    let len = (u32::from_le_bytes(*len) as usize).min(after.len());
    let (text, after) = after.split_at(len);
    *rest = after;
    String::from_utf8_lossy(text).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_that_claims_to_be_longer_than_it_is_is_cut() {
        let mut rest: &[u8] = &[2, 0, 0, 0, b'h', b'i', 255, 255, 255, 255, b'x'];
        assert_eq!(take_text(&mut rest), "hi");
        assert_eq!(take_text(&mut rest), "x");
        assert_eq!(take_text(&mut rest), "");
    }

    #[test]
    fn a_long_payload_goes_in_chunks_that_end() {
        let mailbox = Mailbox::new(1).unwrap();
        let mut conversation = Conversation::default();
        let payload = vec![7; REQUEST_BYTES * 2 + 5];
        conversation.begin(&mailbox, (HostMessage::Call, 0, &payload), Patience::default());
        for left in [REQUEST_BYTES + 5, 5] {
            assert_eq!(conversation.rest.len() - conversation.sent, left);
            conversation.send_next(&mailbox).unwrap();
        }
        let error = conversation.send_next(&mailbox).unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::Breach(_)));
    }
}
