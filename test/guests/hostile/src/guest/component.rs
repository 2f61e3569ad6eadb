//! The guest as the host takes it for: the runtime, with a component in it.
//!
//! Its exports are lies by their names: `attack` and `attack-lent` make an attempt, and answer what came of it, as they would a
//! `list<u8>`; those that begin with `tell-` call the host before they answer (see [`tell`]); every other one takes a
//! `list<u8>` and answers those bytes, which may be a value of its type or none.

use super::attack::Attack;
use super::mailbox::{Forged, host_message, post_for_ever};
use super::{attempt_of, bytes_of, found, privileged, script};
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use hl_guest::abi::message::{FailureKind, GuestMessage, HostMessage, HostReplyStatus, STDOUT};
use hl_guest::{Failure, Reader, Short, Writer, host_call};

/// Longest name that is read.
const NAME_BYTES_MAX: usize = 256;
/// An export whose name begins so tells what the guest does before it answers that it is loaded: see [`lie`].
const AT_LOAD: &str = "at-load-";
/// Makes an attempt; the other one while it has been lent a resource of the host's.
const ATTACK: &str = "attack";
const LENT: &str = "attack-lent";
/// Tells the host what its arguments say.
const TELL: &str = "tell-";
/// What the host calls when it gives up a resource of the component's.
const DROP: &str = "[resource-drop]";

pub struct Component {
    exports: Vec<String>,
    /// What the host said.
    payload: Vec<u8>,
}

impl Component {
    pub fn load(request: &mut Reader) -> Result<Self, Short> {
        request.keep()?;
        let mut exports = Vec::new();
        let mut payload = Vec::new();
        let count = request.u32()?;
        payload.extend(count.to_le_bytes());
        for _ in 0..count {
            let is_in_interface = request.u8()? == 1;
            payload.push(is_in_interface.into());
            let mut name = || -> Result<String, Short> {
                let name = request.string(NAME_BYTES_MAX)?;
                payload.extend((name.len() as u32).to_le_bytes());
                payload.extend(name.as_bytes());
                Ok(name)
            };
            if is_in_interface {
                name()?;
            }
            exports.push(name()?);
        }
        payload.extend(request.bytes(request.remaining() as usize)?);
        exports.iter().filter_map(|name| name.strip_prefix(AT_LOAD)).for_each(lie);
        Ok(Self { exports, payload })
    }

    /// Answers a call as the runtime would.
    pub fn call(
        &self,
        pings: &mut u64,
        function: u32,
        request: &mut Reader,
        reply: &mut Writer,
    ) -> Result<(), Failure> {
        let name =
            self.exports.get(function as usize).ok_or_else(|| Failure::bad_request("no such export"))?;
        if name.starts_with(DROP) {
            return Ok(());
        }
        if name.starts_with(TELL) {
            return tell(request, reply);
        }
        let is_lent = name == LENT;
        if name != ATTACK && !is_lent {
            let len = request.u32()? as usize;
            reply.write(&request.bytes(len)?);
            return Ok(());
        }
        let name = request.string(NAME_BYTES_MAX)?;
        let attack = *Attack::ALL
            .iter()
            .find(|attack| format!("{attack:?}") == name)
            .ok_or_else(|| Failure::bad_request("no such attack"))?;
        let words = (request.u64()?, request.u64()?, request.u64()?);
        if is_lent {
            // The handle: it is the first, and so 0.
            request.u32()?;
        }
        // The length of the bytes that follow, up to the end.
        request.u32()?;
        let bytes = bytes_of(match attack {
            Attack::Loaded => (found(0), self.payload.clone()),
            attack => attempt_of(attack, words, pings, request)?,
        });
        reply.u32(bytes.len() as u32);
        reply.write(&bytes);
        Ok(())
    }
}

/// Takes a `list<tuple<u32, list<u8>>>` of host functions with the bytes of their arguments, a `list<u8>` that is the
/// answer, and another of messages as `script.rs` has them. Calls as a runtime would, whatever comes of it, says the
/// messages, and answers.
fn tell(request: &mut Reader, reply: &mut Writer) -> Result<(), Failure> {
    // What the host says next takes the window.
    request.keep()?;
    for _ in 0..request.u32()? {
        let (import, len) = (request.u32()?, request.u32()? as usize);
        let arguments = request.bytes(len)?;
        let called = host_call(import, |writer| -> Result<(), Failure> {
            writer.write(&arguments);
            Ok(())
        });
        // All of it, or the host would still be at it.
        if let Ok(mut result) = called {
            result.bytes(result.remaining() as usize)?;
        }
    }
    let len = request.u32()? as usize;
    let answer = request.bytes(len)?;
    // The messages' length.
    request.u32()?;
    script::play(request)?;
    reply.write(&answer);
    Ok(())
}

/// Does what no runtime does while it loads. Where it comes back, the guest answers that it is loaded.
fn lie(how: &str) {
    let empty = |kind| Forged { kind: kind as u32, ..Forged::empty_reply() };
    let (message, lead, filler) = match how {
        "returned" => (empty(GuestMessage::Returned), 0, 0),
        "too-many" => (empty(GuestMessage::More), 0, 0),
        "ahead-of" => (empty(GuestMessage::Ready), 1, 0),
        "too-long" => (Forged { chunk_bytes: u32::MAX, ..empty(GuestMessage::Returned) }, 0, 0),
        "exit-now" => {
            let (argument, detail) = (FailureKind::Exit as u32, u32::MAX);
            (Forged { argument, detail, ..empty(GuestMessage::Failed) }, 0, 0)
        }
        "garbling" => {
            let (argument, chunk_bytes) = (FailureKind::Load as u32, 16);
            (Forged { argument, chunk_bytes, ..empty(GuestMessage::Failed) }, 0, 0xff)
        }
        "hostcall" => (empty(GuestMessage::HostCall), 0, 0),
        "printing" => {
            let text = Forged { argument: STDOUT, chunk_bytes: 1 << 16, ..empty(GuestMessage::Output) };
            post_for_ever(&text, true)
        }
        "panicked" => panic!("as it was told to"),
        "for-ever" => loop {
            core::hint::spin_loop();
        },
        "a-breach" => return assert_eq!(privileged::doorbell(0).trapped, 0, "the port is open"),
        _ => return,
    };
    message.post(lead, filler);
    if how == "hostcall" {
        let (kind, status, _) = host_message(0);
        let refused = (HostMessage::HostReply as u32, HostReplyStatus::Threw as u32);
        assert_eq!((kind, status), refused, "a host function was called before there was a call");
    }
}
