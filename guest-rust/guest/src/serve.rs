//! Boot, and the loop that answers the host's messages for the rest of the guest's life.

use crate::cell::GuestCell;
use crate::failure::Failure;
use crate::mailbox::{self, Answer, Message};
use crate::payload::{Reader, Writer};
use alloc::boxed::Box;
use alloc::format;
use hl_abi::ABI_VERSION;
use hl_abi::layout::CODE_GVA;
use hl_abi::message::{FailureKind, GuestMessage, HostMessage};

/// A program that runs in a micro-VM.
pub trait Guest {
    /// Makes ready what `payload` describes; its meaning is the guest's own. Called at most once.
    ///
    /// # Errors
    /// The host gives the VM up.
    fn load(&mut self, payload: &mut Reader) -> Result<(), Failure> {
        match payload.remaining() {
            0 => Ok(()),
            bytes => Err(Failure::new(
                FailureKind::Load,
                format!("nothing can be loaded into this guest ({bytes} bytes)"),
            )),
        }
    }

    /// Serves one call.
    ///
    /// # Errors
    /// The failure goes to the caller in place of a reply; what was written of one is dropped.
    fn call(&mut self, function: u32, request: &mut Reader, reply: &mut Writer) -> Result<(), Failure>;
}

unsafe extern "Rust" {
    /// Defined by [`crate::guest!`].
    safe fn hl_guest_make() -> Box<dyn Guest>;
}

static CODE_BYTES: GuestCell<usize> = GuestCell::new(0);

/// The read-only region that the host filled for this guest; empty where there is nothing to load.
pub fn code() -> &'static [u8] {
    match CODE_BYTES.with(|bytes| *bytes) {
        0 => &[],
        // SAFETY: the host maps that many bytes, readable and never written, for the guest's whole life.
        bytes => unsafe { core::slice::from_raw_parts(CODE_GVA as *const u8, bytes) },
    }
}

static GUEST: GuestCell<Option<Box<dyn Guest>>> = GuestCell::new(None);

/// First Rust code of a guest's life.
pub(crate) extern "C" fn boot() -> ! {
    let message = mailbox::next();
    let mut payload = Reader::new(message);
    let (version, _, heap_bytes, code_bytes) = (payload.u32(), payload.u32(), payload.u64(), payload.u64());
    assert_eq!(version, Ok(ABI_VERSION), "host and guest were built from different versions");
    crate::heap::claim(heap_bytes.expect("a boot message tells the heap's length") as usize);
    CODE_BYTES.with(|bytes| *bytes = code_bytes.expect("a boot message tells the code's length") as usize);
    let guest = hl_guest_make();
    // SAFETY: `serve` has not run yet, so there is no other reference.
    unsafe { *GUEST.get() = Some(guest) };
    answer_forever(Answer::new(GuestMessage::Ready))
}

/// Begins with a message that has come while the guest rested, on an empty stack.
pub(crate) extern "C" fn serve() -> ! {
    let message = mailbox::next();
    answer_forever(answer(message))
}

fn answer_forever(first: Answer) -> ! {
    let mut next = first;
    loop {
        next = answer(mailbox::finish(next));
    }
}

fn answer(message: Message) -> Answer {
    // SAFETY: this is the only place that borrows the guest; it is not re-entered, because a guest's own
    // code never comes back here.
    let guest = unsafe { (*GUEST.get()).as_mut() }.expect("boot makes the guest before anything is served");
    let mut request = Reader::new(message);
    match message.kind {
        Some(HostMessage::Load) => match guest.load(&mut request) {
            Ok(()) => Answer::new(GuestMessage::Ready),
            Err(failure) => failed(&failure),
        },
        Some(HostMessage::Call) => {
            let mut reply = Writer::new();
            match guest.call(message.argument, &mut request, &mut reply) {
                Ok(()) => Answer { chunk_bytes: reply.finish(), ..Answer::new(GuestMessage::Returned) },
                Err(failure) => failed(&failure),
            }
        }
        Some(HostMessage::Boot | HostMessage::HostReply | HostMessage::Chunk | HostMessage::Continue)
        | None => {
            panic!("the host sent {:?} out of turn", message.kind)
        }
    }
}

/// Longest text of a failure that is sent: both fit the window, for a failure has no second chunk.
const TEXT_BYTES_MAX: usize = 64 << 10;

fn failed(failure: &Failure) -> Answer {
    let mut payload = Writer::new();
    payload.string(beginning(&failure.message));
    payload.string(beginning(&failure.stack));
    Answer {
        argument: failure.kind as u32,
        detail: failure.detail(),
        chunk_bytes: payload.finish(),
        ..Answer::new(GuestMessage::Failed)
    }
}

fn beginning(text: &str) -> &str {
    &text[..text.floor_char_boundary(TEXT_BYTES_MAX)]
}
