//! Exceptions that the host delivers to the guest, and the end of a guest that cannot go on.

use crate::cell::GuestCell;
use crate::heap;
use crate::mailbox::{self, Answer};
use crate::payload::Writer;
use core::fmt::Write as _;
use core::panic::PanicInfo;
use hl_abi::mailbox::ExceptionRecord;
use hl_abi::message::{GuestMessage, PanicKind};

type TrapHandler = fn(exception: &ExceptionRecord, frame_pointer: usize);

static HANDLER: GuestCell<Option<TrapHandler>> = GuestCell::new(None);

/// Longest panic text that is sent.
const PANIC_BYTES_MAX: usize = 4096;

/// Registers the function that looks at each exception first, on the trap stack. It gives control back to
/// where the guest can go on by leaving that stack; returning means that the exception is not its own,
/// and the guest panics.
pub fn set_trap_handler(handler: TrapHandler) {
    HANDLER.with(|place| *place = Some(handler));
}

/// First Rust code after an exception. `frame_pointer` is RBP as it was.
pub(crate) extern "C" fn landed(frame_pointer: usize) -> ! {
    let exception = mailbox::exception();
    if let Some(handler) = HANDLER.with(|handler| *handler) {
        handler(&exception, frame_pointer);
    }
    let ExceptionRecord { vector, error_code, instruction, address, .. } = exception;
    panic!(
        "exception {vector} (error {error_code:#x}) at {instruction:#x}, address {address:#x}, is nobody's"
    )
}

#[panic_handler]
fn panicked(info: &PanicInfo<'_>) -> ! {
    let kind = if heap::is_exhausted() { PanicKind::OutOfMemory } else { PanicKind::Bug };
    let mut text = Text::default();
    // Fails only when the text is full, and then the beginning is what counts.
    let _ = write!(text, "{info}");
    let mut payload = Writer::new();
    payload.write(&text.bytes[..text.len]);
    let chunk_bytes = payload.finish();
    let answer = Answer { argument: kind as u32, chunk_bytes, ..Answer::new(GuestMessage::Panic) };
    loop {
        mailbox::turn(answer);
    }
}

/// Text on the stack: a panic may be about the heap.
struct Text {
    bytes: [u8; PANIC_BYTES_MAX],
    len: usize,
}

impl Default for Text {
    fn default() -> Self {
        Self { bytes: [0; PANIC_BYTES_MAX], len: 0 }
    }
}

impl core::fmt::Write for Text {
    fn write_str(&mut self, part: &str) -> core::fmt::Result {
        let len = part.len().min(PANIC_BYTES_MAX - self.len);
        self.bytes[self.len..self.len + len].copy_from_slice(&part.as_bytes()[..len]);
        self.len += len;
        if len == part.len() { Ok(()) } else { Err(core::fmt::Error) }
    }
}
