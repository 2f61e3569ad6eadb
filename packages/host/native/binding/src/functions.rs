//! The functions that JavaScript calls with a sandbox's handle.

use crate::event::BindingEvent;
use crate::inbox::{Call, Command, Inbox};
use crate::options::{BindingCreate, Create, timeout};
use crate::outlet::{Delivery, Outlet};
use crate::registry::{self, Entry};
use crate::stats::{BindingStats, SharedStats};
use crate::worker::{self, Shared};
use napi::bindgen_prelude::Function;
use napi::{Env, Error, Result, Status, sys};
use napi_derive::napi;
use std::cell::Cell;
use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Starts a sandbox's thread. Answers its handle at once; then comes the event `ready`, or `failed` and `closed`.
#[napi]
pub fn create_sandbox(
    env: Env,
    options: BindingCreate,
    on_event: Function<'_, BindingEvent, ()>,
) -> Result<f64> {
    let create = Create::try_from(options)?;
    let shared = Arc::new(Shared { inbox: Inbox::new(), stats: SharedStats::default() });
    let delivery = Delivery::new();
    let handle = Rc::new(Cell::new(0));
    let own_handle = Rc::clone(&handle);
    let outlet = Outlet::new(&on_event, Arc::clone(&delivery), move |event| {
        if matches!(event, BindingEvent::Closed) {
            registry::remove(own_handle.get());
        }
    })?;
    let entry = Entry { shared: Arc::clone(&shared), delivery, function: outlet.function() };
    handle.set(registry::insert(&env, entry)?);
    match worker::spawn(shared, outlet, create) {
        Ok(thread) => registry::attach(handle.get(), thread),
        Err(error) => {
            registry::remove(handle.get());
            return Err(Error::from_reason(format!("a sandbox's thread cannot be started: {error}")));
        }
    }
    Ok(handle.get() as f64)
}

/// Hands over a call; `request` is copied. Waits up to `wait_us` for the answer: where it answers null, the
/// answer comes as an event. A timeout of 0 means none.
#[napi]
#[allow(
    clippy::too_many_arguments,
    reason = "one native call is cheaper than reading an object's properties"
)]
pub fn call(
    handle: f64,
    call: u32,
    function_index: u32,
    request: &[u8],
    keep_state: bool,
    timeout_ms: f64,
    cpu_timeout_ms: f64,
    wait_us: u32,
) -> Result<Option<BindingEvent>> {
    let Entry { shared, delivery, .. } = registry::get(handle)?;
    let waits = wait_us > 0 && delivery.open(call);
    shared.inbox.push(Command::Call(Call {
        call,
        function: function_index,
        request: request.to_vec(),
        keep_state,
        wall: timeout(timeout_ms).and_then(|timeout| Instant::now().checked_add(timeout)),
        cpu: timeout(cpu_timeout_ms),
        interrupted: false,
    }));
    Ok(if waits { delivery.slot.wait(Duration::from_micros(u64::from(wait_us))) } else { None })
}

/// Answers a host call; where it is not `ok`, the payload is a message in UTF-8.
#[napi]
pub fn reply(handle: f64, host_call: u32, ok: bool, payload: &[u8]) -> Result<()> {
    let reply = if ok { Ok(payload.to_vec()) } else { Err(String::from_utf8_lossy(payload).into_owned()) };
    registry::get(handle)?.shared.inbox.reply(host_call, reply);
    Ok(())
}

/// Ends that call, if it is not over yet.
#[napi]
pub fn interrupt(handle: f64, call: u32) -> Result<()> {
    registry::get(handle)?.shared.inbox.interrupt(call);
    Ok(())
}

/// Puts the base state back. Answered by the event `done` or `failed`.
#[napi]
pub fn reset(handle: f64, request: u32) -> Result<()> {
    registry::get(handle)?.shared.inbox.push(Command::Reset { request });
    Ok(())
}

/// Makes the state as it is now the base state. Answered by the event `done` or `failed`.
#[napi]
pub fn rebase(handle: f64, request: u32) -> Result<()> {
    registry::get(handle)?.shared.inbox.push(Command::Rebase { request });
    Ok(())
}

#[napi]
pub fn stats(handle: f64) -> Result<BindingStats> {
    Ok(registry::get(handle)?.shared.stats.read())
}

/// Ends what runs and takes the sandbox down; the event `closed` is its last. Does nothing a second time.
#[napi]
pub fn close(handle: f64) {
    if let Some(entry) = registry::find(handle) {
        entry.shared.inbox.close();
    }
}

/// Whether this sandbox's events keep the event loop alive; at first they do not.
#[napi]
pub fn hold(env: Env, handle: f64, held: bool) -> Result<()> {
    let function = registry::get(handle)?.function;
    if function.aborted() {
        return Ok(());
    }
    // SAFETY: called on the environment's own thread, and the function is not gone: `Closed` is delivered
    // through it before the registry forgets the sandbox, and it was just looked at that it is not aborted.
    let status = unsafe {
        match held {
            true => sys::napi_ref_threadsafe_function(env.raw(), function.raw()),
            false => sys::napi_unref_threadsafe_function(env.raw(), function.raw()),
        }
    };
    match Status::from(status) {
        Status::Ok => Ok(()),
        status => Err(Error::new(status, "holding the event loop failed")),
    }
}
