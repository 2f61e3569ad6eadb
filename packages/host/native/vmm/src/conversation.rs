//! From a message of the host's to the guest's answer, serving what the guest asks for in between.

use crate::deadline::{Deadline, Expiry, Running};
use crate::error::{Error, ErrorKind, GuestFailure, LimitKind};
use crate::host::{Host, HostReply};
use crate::hypervisor::Partition;
use crate::limits::Limits;
use crate::machine::Machine;
use crate::mailbox::{Claim, Post};
use hl_abi::mailbox::REQUEST_BYTES;
use hl_abi::message::{FailureKind, GuestMessage, HostMessage, HostReplyStatus, STDERR, STDOUT, TrapKind};

/// One message of the host's and all that belongs to it.
pub(crate) struct Conversation<'a, P: Partition> {
    pub(crate) machine: &'a mut Machine<P>,
    pub(crate) limits: Limits,
    pub(crate) deadline: &'a Deadline,
    pub(crate) host: &'a mut dyn Host,
    /// Receives the payload of the guest's answer; private memory, whose capacity is kept between calls.
    pub(crate) payload: &'a mut Vec<u8>,
    pub(crate) host_calls: &'a mut u64,
}

/// How the guest answered, when it did not fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    Ready,
    /// The result is in the payload.
    Returned,
}

/// A payload on its way to the guest.
struct Outgoing<'a> {
    bytes: std::borrow::Cow<'a, [u8]>,
    sent: usize,
}

impl<'a> Outgoing<'a> {
    fn new(bytes: impl Into<std::borrow::Cow<'a, [u8]>>) -> Self {
        Self { bytes: bytes.into(), sent: 0 }
    }

    fn first(&mut self, kind: HostMessage, argument: u32) -> Post<'_> {
        let post = Post::with_payload(kind, argument, &self.bytes);
        self.sent = post.chunk.len();
        post
    }

    fn next(&mut self) -> Option<Post<'_>> {
        let rest = &self.bytes[self.sent..];
        let post = Post::with_payload(HostMessage::Chunk, 0, &rest[..rest.len().min(REQUEST_BYTES)]);
        self.sent += post.chunk.len();
        (!post.chunk.is_empty()).then_some(post)
    }
}

impl<P: Partition> Conversation<'_, P> {
    /// Posts `kind` with `payload` and returns the guest's answer.
    pub(crate) fn hold(mut self, kind: HostMessage, argument: u32, payload: &[u8]) -> Result<Answer, Error> {
        let running = Running::begin(self.deadline);
        let (host_calls_at_start, mut output_bytes) = (*self.host_calls, 0);
        let mut outgoing = Outgoing::new(payload);
        self.payload.clear();
        let mut claim = self.machine.turn(&outgoing.first(kind, argument), &running)?;
        loop {
            let post = match claim.kind {
                GuestMessage::Ready => return Ok(Answer::Ready),
                GuestMessage::Returned => {
                    self.take(&claim)?;
                    return Ok(Answer::Returned);
                }
                GuestMessage::Failed => return Err(self.failure(&claim)?),
                GuestMessage::Panic => return Err(self.panic(&claim)?),
                GuestMessage::More => match outgoing.next() {
                    Some(post) => post,
                    None => return Err(Error::breach("asked for more of a message than there is")),
                },
                GuestMessage::Flush => {
                    self.take(&claim)?;
                    Post::empty(HostMessage::Continue, 0)
                }
                GuestMessage::Output => {
                    self.output(&claim, &mut output_bytes)?;
                    Post::empty(HostMessage::Continue, 0)
                }
                GuestMessage::Commit => {
                    let granted = self.machine.commit(&claim)?;
                    Post::empty(HostMessage::Continue, u32::from(!granted))
                }
                GuestMessage::HostCall => {
                    if *self.host_calls - host_calls_at_start >= self.limits.host_calls_max {
                        return Err(ErrorKind::Limit(LimitKind::HostCalls).into());
                    }
                    let (status, reply) = self.host_call(&claim)?;
                    outgoing = Outgoing::new(reply);
                    outgoing.first(HostMessage::HostReply, status as u32)
                }
            };
            claim = self.machine.turn(&post, &running)?;
        }
    }

    /// Appends the claimed bytes to the payload.
    fn take(&mut self, claim: &Claim) -> Result<(), Error> {
        if self.payload.len() + claim.chunk_bytes > self.limits.reply_bytes_max {
            return Err(ErrorKind::Limit(LimitKind::Reply).into());
        }
        self.machine.mailbox.take_reply(claim, self.payload);
        Ok(())
    }

    fn output(&mut self, claim: &Claim, output_bytes: &mut usize) -> Result<(), Error> {
        if claim.argument != STDOUT && claim.argument != STDERR {
            return Err(Error::breach(format!("printed to stream {}", claim.argument)));
        }
        *output_bytes += claim.chunk_bytes;
        if *output_bytes > self.limits.output_bytes_max {
            return Err(ErrorKind::Limit(LimitKind::Output).into());
        }
        let mut text = Vec::new();
        self.machine.mailbox.take_reply(claim, &mut text);
        self.host.output(claim.argument, &text);
        Ok(())
    }

    fn host_call(&mut self, claim: &Claim) -> Result<(HostReplyStatus, Vec<u8>), Error> {
        *self.host_calls += 1;
        self.take(claim)?;
        let reply = self.host.call(claim.argument, self.payload, self.deadline);
        self.payload.clear();
        match reply {
            HostReply::Returned(bytes) => Ok((HostReplyStatus::Returned, bytes)),
            HostReply::Threw(reason) => Ok((HostReplyStatus::Threw, reason.into_bytes())),
            HostReply::Interrupted => Err(ErrorKind::Interrupted.into()),
            HostReply::Expired => Err(ErrorKind::Expired(Expiry::Wall).into()),
        }
    }

    /// What was flushed of a reply before is dropped.
    fn failure(&mut self, claim: &Claim) -> Result<Error, Error> {
        self.payload.clear();
        self.take(claim)?;
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

    fn panic(&mut self, claim: &Claim) -> Result<Error, Error> {
        self.payload.clear();
        self.take(claim)?;
        Ok(ErrorKind::GuestPanic(String::from_utf8_lossy(self.payload).into_owned()).into())
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
        let bytes = vec![7; REQUEST_BYTES * 2 + 5];
        let mut outgoing = Outgoing::new(bytes.as_slice());
        let first = outgoing.first(HostMessage::Call, 0);
        assert_eq!((first.chunk.len(), first.total_bytes), (REQUEST_BYTES, bytes.len() as u64));
        assert_eq!(outgoing.next().unwrap().chunk.len(), REQUEST_BYTES);
        assert_eq!(outgoing.next().unwrap().chunk.len(), 5);
        assert!(outgoing.next().is_none());
    }
}
