//! What a guest may ask of the host: call a function, print, give memory.

use crate::failure::{HostFailure, Refused};
use crate::mailbox::{self, Answer};
use crate::payload::{Reader, Writer};
use alloc::string::{String, ToString};
use hl_abi::mailbox::REPLY_BYTES;
use hl_abi::message::{GuestMessage, HostMessage, HostReplyStatus};

/// Longest reason of a failed host function that is kept.
const REASON_BYTES_MAX: usize = 64 << 10;

/// Calls host function `import` with what `write` writes; the reader holds its result.
///
/// # Errors
/// [`HostFailure`] if the function threw, or if a reply is half written (there is one window).
pub fn host_call<E: From<HostFailure>>(
    import: u32,
    write: impl FnOnce(&mut Writer) -> Result<(), E>,
) -> Result<Reader, E> {
    if Writer::in_use() {
        return Err(
            HostFailure { message: "a host call while a payload is being written".to_string() }.into()
        );
    }
    let mut arguments = Writer::new();
    if let Err(error) = write(&mut arguments) {
        arguments.finish();
        return Err(error);
    }
    let chunk_bytes = arguments.finish();
    let message =
        mailbox::turn(Answer { argument: import, chunk_bytes, ..Answer::new(GuestMessage::HostCall) });
    let mut reader = Reader::new(message);
    let status = (message.kind == Some(HostMessage::HostReply)).then_some(message.argument);
    match status.and_then(HostReplyStatus::parse) {
        Some(HostReplyStatus::Returned) => Ok(reader),
        Some(HostReplyStatus::Threw) => {
            let len = reader.remaining().min(REASON_BYTES_MAX as u64) as usize;
            let reason = reader.bytes(len).unwrap_or_default();
            Err(HostFailure { message: String::from_utf8_lossy(&reason).into_owned() }.into())
        }
        None => Err(HostFailure { message: "the host answered out of turn".to_string() }.into()),
    }
}

/// Sends text to stream `stream` ([`hl_abi::message::STDOUT`] or `STDERR`), in pieces if it is long.
///
/// # Panics
/// If a payload is half written: there is one window.
pub fn output(stream: u32, bytes: &[u8]) {
    assert!(!Writer::in_use(), "output while a payload is being written");
    for piece in bytes.chunks(REPLY_BYTES) {
        let mut writer = Writer::new();
        writer.write(piece);
        let chunk_bytes = writer.finish();
        mailbox::turn(Answer { argument: stream, chunk_bytes, ..Answer::new(GuestMessage::Output) });
    }
}

/// Makes `address .. address + length` readable and writable, zero at first.
///
/// # Errors
/// [`Refused`] where that is outside the arena or past the sandbox's memory limit.
pub fn commit(address: u64, length: u64) -> Result<(), Refused> {
    let message = mailbox::turn(Answer { address, length, ..Answer::new(GuestMessage::Commit) });
    match (message.kind, message.argument) {
        (Some(HostMessage::Continue), 0) => Ok(()),
        _ => Err(Refused),
    }
}
