//! The functions on the path of a call. Arguments and answers lie in the attached buffers (`scratch`).

use crate::event::{BindingEvent, Bytes};
use crate::inbox::{Call, Command};
use crate::options::timeout;
use crate::registry::{self, Entry};
use crate::scratch::{self, Scratch, answer, call, resume};
use napi::bindgen_prelude::{Float64ArraySlice, Uint8ArraySlice};
use napi::{Env, Result};
use napi_derive::napi;
use std::time::{Duration, Instant};

/// What a call has come to; the numbers are part of the interface. A host call of a call that is waited for
/// has the status 2, or 5 where its arguments are longer than the buffer.
#[derive(Clone, Copy)]
enum Status {
    /// The rest comes as events.
    Pending = 0,
    /// The reply lies in the reply buffer.
    Returned = 1,
    /// `take_reply` gives the reply.
    ReturnedLarge = 3,
    /// That host call is over: its answer was dropped.
    Stale = 4,
}

/// Makes these arrays the environment's buffers. They must never be detached.
#[napi]
pub fn attach(
    env: Env,
    control: Float64ArraySlice<'_>,
    request: Uint8ArraySlice<'_>,
    reply: Uint8ArraySlice<'_>,
) -> Result<()> {
    scratch::attach(&env, control, request, reply)
}

/// Starts the call that control block and request buffer describe, and waits for it as long as they say.
#[napi(js_name = "call")]
pub fn call_attached(handle: f64) -> Result<u32> {
    let scratch = scratch::attached()?;
    let request = scratch.request(scratch.read(call::REQUEST_BYTES))?.to_vec();
    start(handle, &scratch, request)
}

/// The same with a request that lies elsewhere.
#[napi]
pub fn call_with(handle: f64, request: &[u8]) -> Result<u32> {
    start(handle, &scratch::attached()?, request.to_vec())
}

/// Answers the host call that the control block names with what lies in the request buffer.
#[napi(js_name = "resume")]
pub fn resume_attached(handle: f64) -> Result<u32> {
    let scratch = scratch::attached()?;
    let payload = scratch.request(scratch.read(resume::PAYLOAD_BYTES))?.to_vec();
    go_on(handle, &scratch, payload)
}

/// The same with a payload that lies elsewhere.
#[napi]
pub fn resume_with(handle: f64, payload: &[u8]) -> Result<u32> {
    go_on(handle, &scratch::attached()?, payload.to_vec())
}

/// The reply that was too long for the reply buffer; empty where there is none.
#[napi(ts_return_type = "Uint8Array")]
pub fn take_reply(handle: f64) -> Result<Bytes> {
    Ok(Bytes(registry::get(handle)?.large_reply.take()))
}

fn start(handle: f64, scratch: &Scratch, request: Vec<u8>) -> Result<u32> {
    let entry = registry::get(handle)?;
    let number = scratch.read(call::NUMBER) as u32;
    let wait = Duration::from_micros(scratch.read(call::WAIT_US) as u64);
    let waits = !wait.is_zero() && entry.delivery.open(number);
    let wall = timeout(scratch.read(call::TIMEOUT_MS));
    entry.shared.inbox.push(Command::Call(Call {
        call: number,
        function: scratch.read(call::FUNCTION) as u32,
        request,
        keep_state: scratch.read(call::FLAGS) as u32 & 1 != 0,
        wall: wall.and_then(|timeout| Instant::now().checked_add(timeout)),
        interrupted: false,
    }));
    let event = if waits { entry.delivery.slot.wait(wait) } else { None };
    Ok(tell(&entry, scratch, event) as u32)
}

fn tell(entry: &Entry, scratch: &Scratch, event: Option<BindingEvent>) -> Status {
    let Some(BindingEvent::Returned {
        reply,
        micros,
        wake_micros,
        exits,
        pages,
        host_calls,
        host_micros,
        ..
    }) = event
    else {
        return Status::Pending;
    };
    let Bytes(reply) = reply;
    scratch.write(answer::REPLY_BYTES, reply.len() as f64);
    scratch.write(answer::MICROS, micros);
    scratch.write(answer::WAKE_MICROS, wake_micros);
    scratch.write(answer::HOST_MICROS, host_micros);
    scratch.write(answer::HOST_CALLS, host_calls);
    scratch.write(answer::EXITS, exits);
    scratch.write(answer::PAGES, pages);
    if scratch.lay_reply(&reply) {
        return Status::Returned;
    }
    entry.large_reply.replace(reply);
    Status::ReturnedLarge
}

fn go_on(handle: f64, scratch: &Scratch, payload: Vec<u8>) -> Result<u32> {
    let host_call = scratch.read(resume::HOST_CALL) as u32;
    let reply = if scratch.read(resume::OK) == 1.0 {
        Ok(payload)
    } else {
        Err(String::from_utf8_lossy(&payload).into_owned())
    };
    let was_awaited = registry::get(handle)?.shared.inbox.reply(host_call, reply);
    Ok(if was_awaited { Status::Pending } else { Status::Stale } as u32)
}
