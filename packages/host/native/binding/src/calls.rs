//! The functions on the path of a call. Arguments and answers lie in the attached buffers (`scratch`).

use crate::event::Bytes;
use crate::inbox::{Call, Command};
use crate::options::timeout;
use crate::registry::{self, Entry};
use crate::scratch::{self, Scratch, answer, call, resume};
use crate::worker::Shared;
use hl_abi::message::HostReplyStatus;
use hl_vmm::{Figures, Line, Outcome};
use napi::bindgen_prelude::{Float64ArraySlice, Uint8ArraySlice};
use napi::{Env, Result};
use napi_derive::napi;
use std::time::{Duration, Instant};

/// What a call has come to; the numbers are part of the interface.
#[derive(Clone, Copy)]
enum Status {
    /// The rest comes as events.
    Pending = 0,
    /// The reply lies in the reply buffer.
    Returned = 1,
    /// The guest calls the host: the arguments lie in the reply buffer.
    HostCall = 2,
    /// `take_reply` gives the reply.
    ReturnedLarge = 3,
    /// That host call is over: its answer was dropped.
    Stale = 4,
    /// As `HostCall`; `take_reply` gives the arguments.
    HostCallLarge = 5,
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
    let mut scratch = scratch::attached()?;
    let (request, reply) = scratch.windows(scratch.read(call::REQUEST_BYTES))?;
    start(handle, &scratch, request, reply)
}

/// The same with a request that lies elsewhere.
#[napi]
pub fn call_with(handle: f64, request: &[u8]) -> Result<u32> {
    let mut scratch = scratch::attached()?;
    let (_, reply) = scratch.windows(0.0)?;
    start(handle, &scratch, request, reply)
}

/// Answers the host call that the control block names with what lies in the request buffer.
#[napi(js_name = "resume")]
pub fn resume_attached(handle: f64) -> Result<u32> {
    let mut scratch = scratch::attached()?;
    let (payload, reply) = scratch.windows(scratch.read(resume::PAYLOAD_BYTES))?;
    go_on(handle, &scratch, payload, reply)
}

/// The same with a payload that lies elsewhere.
#[napi]
pub fn resume_with(handle: f64, payload: &[u8]) -> Result<u32> {
    let mut scratch = scratch::attached()?;
    let (_, reply) = scratch.windows(0.0)?;
    go_on(handle, &scratch, payload, reply)
}

/// The reply, or the arguments, that were too long for the reply buffer; empty where there are none.
#[napi(ts_return_type = "Uint8Array")]
pub fn take_reply(handle: f64) -> Result<Bytes> {
    registry::with(handle, |entry| {
        Bytes(entry.shared.inbox.line().map(Line::take_payload).unwrap_or_default())
    })
}

fn start(handle: f64, scratch: &Scratch, request: &[u8], reply: &mut [u8]) -> Result<u32> {
    let started = hl_vmm::Call {
        number: scratch.read(call::NUMBER) as u32,
        function: scratch.read(call::FUNCTION) as u32,
        request,
        keep_state: scratch.read(call::FLAGS) as u32 & 1 != 0,
        timeout: timeout(scratch.read(call::TIMEOUT_MS)),
        cpu: None,
    };
    registry::with(handle, |entry| {
        let Shared { inbox, cpu, .. } = &*entry.shared;
        let started = hl_vmm::Call { cpu: *cpu, ..started };
        let patience = patience(entry, scratch.read(call::WAIT_US));
        // Calls begin in order: none goes past those that wait.
        let line = inbox.line().filter(|_| !inbox.is_waiting());
        let outcome = line.map_or(Outcome::Busy, |line| line.call(&started, patience, reply));
        if matches!(outcome, Outcome::Busy) {
            inbox.push(Command::Call(Call {
                call: started.number,
                function: started.function,
                request: request.to_vec(),
                keep_state: started.keep_state,
                wall: started.timeout.and_then(|timeout| Instant::now().checked_add(timeout)),
                interrupted: false,
            }));
        }
        tell(scratch, &outcome) as u32
    })
}

fn go_on(handle: f64, scratch: &Scratch, payload: &[u8], reply: &mut [u8]) -> Result<u32> {
    let host_call = scratch.read(resume::HOST_CALL) as u32;
    let is_ok = scratch.read(resume::OK) == 1.0;
    let status = if is_ok { HostReplyStatus::Returned } else { HostReplyStatus::Threw };
    registry::with(handle, |entry| {
        let patience = patience(entry, scratch.read(resume::WAIT_US));
        let outcome = entry
            .shared
            .inbox
            .line()
            .map_or(Outcome::Stale, |line| line.resume(host_call, status, payload, patience, reply));
        tell(scratch, &outcome) as u32
    })
}

/// How long the thread may wait: not at all while the event loop is behind, for events come in order.
fn patience(entry: &Entry, micros: f64) -> Duration {
    if entry.delivery.is_behind() { Duration::ZERO } else { Duration::from_micros(micros as u64) }
}

/// Writes down what a status needs to be understood.
fn tell(scratch: &Scratch, outcome: &Outcome) -> Status {
    match *outcome {
        Outcome::Busy | Outcome::Pending => Status::Pending,
        Outcome::Stale => Status::Stale,
        Outcome::Returned { bytes, figures } => {
            tell_figures(scratch, bytes, &figures);
            Status::Returned
        }
        Outcome::ReturnedLarge { bytes, figures } => {
            tell_figures(scratch, bytes, &figures);
            Status::ReturnedLarge
        }
        Outcome::HostCall { host_call, import, bytes } => {
            tell_host_call(scratch, host_call, import, bytes);
            Status::HostCall
        }
        Outcome::HostCallLarge { host_call, import, bytes } => {
            tell_host_call(scratch, host_call, import, bytes);
            Status::HostCallLarge
        }
    }
}

fn tell_host_call(scratch: &Scratch, host_call: u32, import: u32, bytes: usize) {
    scratch.write(answer::REPLY_BYTES, bytes as f64);
    scratch.write(answer::HOST_CALL, host_call.into());
    scratch.write(answer::IMPORT, import.into());
}

fn tell_figures(scratch: &Scratch, bytes: usize, figures: &Figures) {
    scratch.write(answer::REPLY_BYTES, bytes as f64);
    scratch.write(answer::MICROS, figures.ns as f64 / 1e3);
    scratch.write(answer::WAKE_MICROS, figures.wake_ns as f64 / 1e3);
    scratch.write(answer::HOST_MICROS, figures.host_ns as f64 / 1e3);
    scratch.write(answer::HOST_CALLS, figures.host_calls as f64);
    scratch.write(answer::EXITS, figures.exits as f64);
    scratch.write(answer::PAGES, figures.pages as f64);
}
