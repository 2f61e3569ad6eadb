//! What JavaScript hears from a sandbox, and what is wrong when something is.

use crate::stats::BindingStats;
use napi::bindgen_prelude::{ToNapiValue, Uint8ArraySlice};
use napi::{Env, sys};
use napi_derive::napi;

#[napi(object_from_js = false, discriminant = "kind", discriminant_case = "camelCase")]
pub enum BindingEvent {
    Ready,
    /// The last one, with what the sandbox has counted: it cannot be asked any more.
    Closed {
        stats: BindingStats,
    },
    Done {
        request: u32,
    },
    Captured {
        request: u32,
        /// Given on delivery: until then it is [`UNNUMBERED`].
        snapshot: f64,
    },
    Returned {
        call: u32,
        #[napi(ts_type = "Uint8Array")]
        reply: Bytes,
        micros: f64,
        /// Of those, until the VM was awake.
        wake_micros: f64,
        exits: f64,
        pages: f64,
        host_calls: f64,
        host_micros: f64,
    },
    Failed {
        /// 0 for the creation, otherwise the number of the call, reset, rebase or capture.
        call: u32,
        error: BindingError,
    },
    HostCall {
        host_call: u32,
        call: u32,
        import: u32,
        #[napi(ts_type = "Uint8Array")]
        arguments: Bytes,
    },
    Output {
        stream: u32,
        #[napi(ts_type = "Uint8Array")]
        bytes: Bytes,
    },
}

/// No snapshot's number.
pub(crate) const UNNUMBERED: f64 = 0.0;

#[napi(object_from_js = false, discriminant = "code", discriminant_case = "kebab-case")]
#[derive(Clone, Debug)]
pub enum BindingError {
    Trap { trap: &'static str, message: String, stack: String },
    Timeout { kind: &'static str },
    Interrupted,
    Limit { limit: &'static str },
    HostFunction { message: String },
    BadRequest { message: String, stack: String },
    BadResult { message: String, stack: String },
    Load { message: String, stack: String },
    Exit { message: String, stack: String, status: u32 },
    Breach { message: String },
    Panic { message: String },
    DamagedCode { message: String },
    Snapshot { reason: &'static str, message: String },
    Exhausted { message: String },
    Internal { message: String },
    Closed { message: String },
    Unavailable { reason: &'static str, message: String },
}

/// Bytes on their way to JavaScript, where they become a `Uint8Array`.
///
/// They are copied, however long they are. An external buffer could not be transferred to another thread; and its
/// memory would come back when the garbage collector finds it, so that each call would take pages that are new to the
/// process: a fault for each costs many times the copy.
pub struct Bytes(pub(crate) Vec<u8>);

impl ToNapiValue for Bytes {
    unsafe fn to_napi_value(env: sys::napi_env, Self(bytes): Self) -> napi::Result<sys::napi_value> {
        let slice = Uint8ArraySlice::copy_from(&Env::from_raw(env), bytes)?;
        // SAFETY: the caller's promise: `env` is the environment that runs now.
        unsafe { Uint8ArraySlice::to_napi_value(env, slice) }
    }
}
