//! The buffers that an environment's JavaScript and this add-on share: control block, request, reply.
//!
//! Attached once, then read and written through pointers, so that a call makes no object on either side. Only
//! the environment's own thread touches them, never while JavaScript runs.

use napi::bindgen_prelude::{Float64ArraySlice, JsValue, Uint8ArraySlice};
use napi::{Env, Error, Result, Status, sys};
use std::cell::Cell;
use std::ptr::NonNull;

/// Numbers in the control block.
pub(crate) const CONTROL_LEN: usize = 32;

/// Where each number lies in the control block: what JavaScript writes before a call.
pub(crate) mod call {
    pub(crate) const NUMBER: usize = 0;
    pub(crate) const FUNCTION: usize = 1;
    pub(crate) const REQUEST_BYTES: usize = 2;
    /// Bit 0: the call's effects on the guest's state are kept.
    pub(crate) const FLAGS: usize = 3;
    /// 0: none.
    pub(crate) const TIMEOUT_MS: usize = 4;
    pub(crate) const WAIT_US: usize = 5;
}

/// What JavaScript writes before it answers a host call.
pub(crate) mod resume {
    pub(crate) const HOST_CALL: usize = 0;
    pub(crate) const PAYLOAD_BYTES: usize = 2;
    /// 1: the payload is the result; 0: a message in UTF-8.
    pub(crate) const OK: usize = 3;
    pub(crate) const WAIT_US: usize = 5;
}

/// What the add-on writes before it answers a status.
pub(crate) mod answer {
    pub(crate) const REPLY_BYTES: usize = 8;
    pub(crate) const HOST_CALL: usize = 9;
    pub(crate) const IMPORT: usize = 10;
    /// Micros in the VM, host functions included.
    pub(crate) const MICROS: usize = 11;
    pub(crate) const WAKE_MICROS: usize = 12;
    pub(crate) const HOST_MICROS: usize = 13;
    pub(crate) const HOST_CALLS: usize = 14;
    pub(crate) const EXITS: usize = 15;
    pub(crate) const PAGES: usize = 16;
}

#[derive(Clone, Copy)]
pub(crate) struct Scratch {
    control: NonNull<f64>,
    request: (NonNull<u8>, usize),
    reply: (NonNull<u8>, usize),
    /// They keep the three arrays from being collected.
    references: [sys::napi_ref; 3],
}

thread_local! {
    static SCRATCH: Cell<Option<Scratch>> = const { Cell::new(None) };
}

/// Takes these arrays as the environment's buffers, in place of those before.
pub(crate) fn attach(
    env: &Env,
    control: Float64ArraySlice<'_>,
    request: Uint8ArraySlice<'_>,
    reply: Uint8ArraySlice<'_>,
) -> Result<()> {
    if control.len() != CONTROL_LEN {
        return Err(invalid(format!("control has {} numbers, not {CONTROL_LEN}", control.len())));
    }
    let (requests, replies) = (request.as_ptr_range(), reply.as_ptr_range());
    if requests.start < replies.end && replies.start < requests.end {
        return Err(invalid("request and reply buffer overlap".to_owned()));
    }
    let values = [control.value().value, request.value().value, reply.value().value];
    let mut references = [std::ptr::null_mut(); 3];
    for (reference, value) in references.iter_mut().zip(values) {
        // SAFETY: called on the environment's own thread, with a value of the function call under way.
        let status = unsafe { sys::napi_create_reference(env.raw(), value, 1, reference) };
        if status != sys::Status::napi_ok {
            return Err(Error::new(Status::from(status), "a buffer cannot be kept"));
        }
    }
    let scratch = Scratch {
        control: NonNull::from(&*control).cast(),
        request: (NonNull::from(&*request).cast(), request.len()),
        reply: (NonNull::from(&*reply).cast(), reply.len()),
        references,
    };
    match SCRATCH.replace(Some(scratch)) {
        // Its arrays go with the environment; so must the pointers.
        None => env.add_env_cleanup_hook((), |()| SCRATCH.set(None)).map(drop),
        Some(before) => {
            for reference in before.references {
                // SAFETY: as above; each reference is deleted once, here or with its environment.
                unsafe { sys::napi_delete_reference(env.raw(), reference) };
            }
            Ok(())
        }
    }
}

/// The buffers of the environment that runs on this thread.
///
/// # Errors
/// If none are attached.
pub(crate) fn attached() -> Result<Scratch> {
    SCRATCH.get().ok_or_else(|| invalid("no buffers are attached".to_owned()))
}

impl Scratch {
    pub(crate) fn read(&self, index: usize) -> f64 {
        assert!(index < CONTROL_LEN, "the control block has no number {index}");
        // SAFETY: inside the array by the assert; the reference keeps it alive, and JavaScript does not run now.
        unsafe { self.control.add(index).read() }
    }

    pub(crate) fn write(&self, index: usize, value: f64) {
        assert!(index < CONTROL_LEN, "the control block has no number {index}");
        // SAFETY: as in `read`.
        unsafe { self.control.add(index).write(value) };
    }

    /// What JavaScript laid into the request buffer, and the whole reply buffer.
    ///
    /// # Errors
    /// If `request_bytes` is more than fits.
    pub(crate) fn windows<'a>(&mut self, request_bytes: f64) -> Result<(&'a [u8], &'a mut [u8])> {
        let ((request, request_len), (reply, reply_len)) = (self.request, self.reply);
        if !(0.0..=request_len as f64).contains(&request_bytes) {
            return Err(invalid(format!("{request_bytes} bytes cannot lie in a buffer of {request_len}")));
        }
        // SAFETY: inside the arrays, by the check and by what they are; as in `read`. The slices are used before
        // JavaScript runs again, by one function call at a time. That the two arrays are not one is checked when
        // they are attached.
        Ok(unsafe {
            (
                std::slice::from_raw_parts(request.as_ptr(), request_bytes as usize),
                std::slice::from_raw_parts_mut(reply.as_ptr(), reply_len),
            )
        })
    }
}

fn invalid(message: String) -> Error {
    Error::new(Status::InvalidArg, message)
}
