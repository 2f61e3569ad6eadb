//! Reading what the host sent and writing what goes back, each through a window, in as many chunks as it takes.

use crate::cell::GuestCell;
use crate::failure::Short;
use crate::mailbox::{self, Answer, Message};
use alloc::string::String;
use alloc::vec::Vec;
use hl_abi::mailbox::REPLY_BYTES;
use hl_abi::message::{GuestMessage, HostMessage};

/// Reads one payload of the host's, front to back.
///
/// A reader is good until the host sends another payload (as the answer to [`crate::host_call`], say):
/// after that every read is [`Short`], unless the payload was [kept](Self::keep).
pub struct Reader {
    epoch: u32,
    kept: Option<Vec<u8>>,
    /// Read position and end inside the window.
    at: usize,
    end: usize,
    /// Bytes that are not in the window yet.
    beyond: u64,
}

impl Reader {
    pub(crate) fn new(message: Message) -> Self {
        let end = message.chunk_bytes;
        Self {
            epoch: mailbox::window_epoch(),
            kept: None,
            at: 0,
            end,
            beyond: message.total_bytes.saturating_sub(end as u64),
        }
    }

    /// Bytes left in the whole payload.
    pub fn remaining(&self) -> u64 {
        (self.end - self.at) as u64 + self.beyond
    }

    /// Between 1 and `bytes_max` contiguous bytes (0 if `bytes_max` is 0), which are then read.
    ///
    /// # Errors
    /// [`Short`] at the payload's end.
    pub fn chunk(&mut self, bytes_max: usize) -> Result<&[u8], Short> {
        if self.kept.is_none() {
            if mailbox::window_epoch() != self.epoch {
                return Err(Short);
            }
            if self.at == self.end && bytes_max > 0 {
                self.next_window()?;
            }
        } else if self.at == self.end && bytes_max > 0 {
            return Err(Short);
        }
        let len = bytes_max.min(self.end - self.at);
        if let Some(kept) = &self.kept {
            let bytes = &kept[self.at..][..len];
            self.at += len;
            return Ok(bytes);
        }
        // SAFETY: the slice borrows `self`, so this reader does not turn the window while it is in use; where
        // another payload takes the window (the caller's own `host_call`) the bytes change under the slice,
        // which are plain bytes in memory that stays mapped, and the epoch stops every later read.
        let bytes = unsafe { mailbox::request_window(self.at, len) };
        self.at += len;
        Ok(bytes)
    }

    /// Reads all that is left into memory of the guest's own, from which it is read from now on.
    ///
    /// # Errors
    /// [`Short`] if another payload has come meanwhile.
    pub fn keep(&mut self) -> Result<(), Short> {
        let bytes = self.bytes(usize::try_from(self.remaining()).map_err(|_| Short)?)?;
        (self.at, self.end, self.beyond) = (0, bytes.len(), 0);
        self.kept = Some(bytes);
        Ok(())
    }

    fn next_window(&mut self) -> Result<(), Short> {
        if self.beyond == 0 {
            return Err(Short);
        }
        let message = mailbox::turn(Answer::new(GuestMessage::More));
        if message.kind != Some(HostMessage::Chunk) || message.chunk_bytes == 0 {
            return Err(Short);
        }
        self.epoch = mailbox::window_epoch();
        self.at = 0;
        self.end = message.chunk_bytes;
        self.beyond = self.beyond.saturating_sub(self.end as u64);
        Ok(())
    }

    /// Fills `into`.
    ///
    /// # Errors
    /// [`Short`] if fewer bytes are left.
    pub fn read(&mut self, into: &mut [u8]) -> Result<(), Short> {
        let mut filled = 0;
        while filled < into.len() {
            let chunk = self.chunk(into.len() - filled)?;
            into[filled..filled + chunk.len()].copy_from_slice(chunk);
            filled += chunk.len();
        }
        Ok(())
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], Short> {
        let mut bytes = [0; N];
        self.read(&mut bytes)?;
        Ok(bytes)
    }

    /// One byte.
    ///
    /// # Errors
    /// [`Short`] at the payload's end.
    pub fn u8(&mut self) -> Result<u8, Short> {
        self.array().map(u8::from_le_bytes)
    }

    /// Four bytes, little-endian.
    ///
    /// # Errors
    /// [`Short`] if fewer are left.
    pub fn u32(&mut self) -> Result<u32, Short> {
        self.array().map(u32::from_le_bytes)
    }

    /// Eight bytes, little-endian.
    ///
    /// # Errors
    /// [`Short`] if fewer are left.
    pub fn u64(&mut self) -> Result<u64, Short> {
        self.array().map(u64::from_le_bytes)
    }

    /// The next `len` bytes.
    ///
    /// # Errors
    /// [`Short`] if fewer are left; nothing is allocated then.
    pub fn bytes(&mut self, len: usize) -> Result<Vec<u8>, Short> {
        if len as u64 > self.remaining() {
            return Err(Short);
        }
        let mut bytes = alloc::vec![0; len];
        self.read(&mut bytes)?;
        Ok(bytes)
    }

    /// A string: four bytes of length, then UTF-8, at most `bytes_max`.
    ///
    /// # Errors
    /// [`Short`] if it is longer than that or than the payload, or not UTF-8.
    pub fn string(&mut self, bytes_max: usize) -> Result<String, Short> {
        let len = self.u32()? as usize;
        if len > bytes_max {
            return Err(Short);
        }
        String::from_utf8(self.bytes(len)?).map_err(|_| Short)
    }
}

/// Bytes of the current payload in the reply window. There is one window, so at most one payload is being
/// written at a time; requests to the host check it.
static WRITTEN: GuestCell<usize> = GuestCell::new(0);

/// Writes one payload for the host, front to back. A full window is handed over by itself.
pub struct Writer(());

impl Writer {
    /// A payload that begins now; what was left of an earlier one is dropped.
    pub(crate) fn new() -> Self {
        WRITTEN.with(|written| *written = 0);
        Self(())
    }

    /// True while bytes of some payload wait in the window.
    pub(crate) fn in_use() -> bool {
        WRITTEN.with(|written| *written > 0)
    }

    /// Appends `bytes`.
    pub fn write(&mut self, mut bytes: &[u8]) {
        while !bytes.is_empty() {
            let start = WRITTEN.with(|written| *written);
            if start == REPLY_BYTES {
                self.flush();
                continue;
            }
            let len = bytes.len().min(REPLY_BYTES - start);
            // SAFETY: the only slice of the window: it ends with this statement.
            unsafe { mailbox::reply_window()[start..start + len].copy_from_slice(&bytes[..len]) };
            WRITTEN.with(|written| *written = start + len);
            bytes = &bytes[len..];
        }
    }

    fn flush(&mut self) {
        let chunk_bytes = WRITTEN.with(core::mem::take);
        mailbox::turn(Answer { chunk_bytes, ..Answer::new(GuestMessage::Flush) });
    }

    /// Appends one byte.
    pub fn u8(&mut self, value: u8) {
        self.write(&[value]);
    }

    /// Appends four bytes, little-endian.
    pub fn u32(&mut self, value: u32) {
        self.write(&value.to_le_bytes());
    }

    /// Appends eight bytes, little-endian.
    pub fn u64(&mut self, value: u64) {
        self.write(&value.to_le_bytes());
    }

    /// Appends a string: four bytes of length, then UTF-8.
    pub fn string(&mut self, value: &str) {
        self.u32(u32::try_from(value.len()).expect("a string in a 32-bit length"));
        self.write(value.as_bytes());
    }

    /// Ends the payload: the number of its bytes that are still in the window, for the message to tell.
    pub(crate) fn finish(self) -> usize {
        WRITTEN.with(core::mem::take)
    }
}
