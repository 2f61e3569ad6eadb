//! What the test has the guest say: one forged message after the other, whatever the host answers.

use super::Answer;
use super::attack::Fate;
use super::mailbox::{Forged, host_message, host_sequence, ring};
use alloc::vec::Vec;
use hl_guest::{Reader, Short};

/// As much of each of the host's payloads is noted.
const NOTED_BYTES_MAX: usize = 256;

/// Longer than any look of the host's at what a guest does in its VM.
const PAUSE_NS: u64 = 50_000_000;

/// How a message is posted.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Posting {
    /// Leaves the VM once, then watches for the host's answer.
    Rings,
    /// Watches for the host's answer, and never leaves the VM.
    Watches,
    /// Goes on after a twentieth of a second, whatever the host has answered by then.
    Pauses,
    /// Goes on at once: nobody is to answer.
    GoesOn,
}

/// Reads messages from the request, and posts each. A message: how it is posted (32 bits), how far its sequence
/// number is ahead of the host's (32 bits), a [`Forged`], and its payload with 32 bits of length.
///
/// Answers, for each that was answered, 32 bits each: kind, argument, by how much the host's number went up, length
/// of the payload that was noted; then that payload.
pub fn play(request: &mut Reader) -> Result<Answer, Short> {
    let mut messages = Vec::new();
    // All of it first: the host's next payload takes the window.
    while request.remaining() > 0 {
        let (posting, lead, message) = (request.u32()?, request.u32()?, Forged::read(request)?);
        let len = request.u32()? as usize;
        let posting = match posting {
            0 => Posting::Rings,
            1 => Posting::Watches,
            2 => Posting::Pauses,
            _ => Posting::GoesOn,
        };
        messages.push((posting, lead, message, request.bytes(len)?));
    }
    let (mut answered, mut record) = (0, Vec::new());
    // The host's number when the message before was posted, if nobody has looked since.
    let mut paused_at = None;
    for (posting, lead, message, payload) in messages {
        Forged::fill(&payload);
        let before = paused_at.take().unwrap_or_else(host_sequence);
        let laid = before.wrapping_add(lead);
        message.lay_numbered(laid);
        if posting == Posting::Rings {
            ring();
        }
        if posting == Posting::Pauses {
            pause();
            paused_at = Some(before);
        }
        if matches!(posting, Posting::Pauses | Posting::GoesOn) {
            continue;
        }
        while host_sequence() == before || host_sequence() == laid {
            core::hint::spin_loop();
        }
        let (kind, argument, payload) = host_message(NOTED_BYTES_MAX);
        answered += 1;
        for word in [kind, argument, host_sequence().wrapping_sub(before), payload.len() as u32] {
            record.extend(word.to_le_bytes());
        }
        record.extend(payload);
    }
    Ok((Fate { trapped: 0, value: answered, error_code: 0, address: 0 }, record))
}

fn pause() {
    let began = hl_guest::clocks().monotonic_ns;
    while hl_guest::clocks().monotonic_ns - began < PAUSE_NS {
        core::hint::spin_loop();
    }
}
