//! The functions of a sandbox's life, by its handle; those on the path of a call are in `calls`.

use crate::error::internal;
use crate::event::BindingEvent;
use crate::inbox::Command;
use crate::options::{BindingCreate, Create};
use crate::outlet::{Delivery, Outlet};
use crate::registry::{self, Entry};
use crate::snapshot;
use crate::stats::BindingStats;
use crate::worker::{self, Life, Shared};
use napi::bindgen_prelude::Function;
use napi::{Env, Error, Result, Status, sys};
use napi_derive::napi;
use std::cell::Cell;
use std::rc::Rc;
use std::sync::Arc;

/// Starts a sandbox's thread. Answers its handle at once; then comes the event `ready`, or `failed` and `closed`.
#[napi]
pub fn create_sandbox(
    env: Env,
    options: BindingCreate,
    on_event: Function<'_, BindingEvent, ()>,
) -> Result<f64> {
    let create = Create::try_from(options)?;
    let shared = Arc::new(Shared::new(create.cpu));
    let delivery = Arc::<Delivery>::default();
    let handle = Rc::new(Cell::new(0));
    let own_handle = Rc::clone(&handle);
    let outlet = Outlet::new(&on_event, Arc::clone(&delivery), move |env, event| match event {
        BindingEvent::Closed { .. } => registry::remove(own_handle.get()),
        BindingEvent::Captured { request, snapshot } => {
            match number_captured(env, own_handle.get(), *request) {
                Ok(number) => *snapshot = number,
                Err(error) => {
                    *event = BindingEvent::Failed { call: *request, error: internal(error.to_string()) };
                }
            }
        }
        _ => {}
    })?;
    let entry = Entry { shared: Arc::clone(&shared), delivery, function: outlet.function() };
    handle.set(registry::insert(&env, entry)?);
    worker::start(Life { shared, outlet, create });
    Ok(handle.get() as f64)
}

/// From now on JavaScript has to release what the sandbox's thread captured for this request.
fn number_captured(env: &Env, handle: u64, request: u32) -> Result<f64> {
    let captured = registry::get(handle as f64)?.shared.captured.take(request);
    let held = captured.ok_or_else(|| Error::from_reason(format!("request {request} captured nothing")))?;
    snapshot::hold(env, held)
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

/// The guest has told what is no value: its VM is ended, now or after the call under way, and a new one takes its
/// place. It serves no other sandbox either.
#[napi]
pub fn condemn(handle: f64) -> Result<()> {
    registry::get(handle)?.shared.inbox.condemn();
    Ok(())
}

/// Takes a snapshot of the base state or of the current one. Answered by the event `captured` or `failed`.
#[napi]
pub fn capture(
    handle: f64,
    request: u32,
    #[napi(ts_arg_type = "'base' | 'current'")] source: String,
) -> Result<()> {
    let current = source == "current";
    registry::get(handle)?.shared.inbox.push(Command::Capture { request, current });
    Ok(())
}

#[napi]
pub fn stats(handle: f64) -> Result<BindingStats> {
    Ok(registry::get(handle)?.shared.stats())
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
