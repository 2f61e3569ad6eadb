//! The snapshots that JavaScript holds: found by number, which every thread of the process may use.

use crate::error::internal;
use crate::event::BindingError;
use crate::options::Create;
use hl_vmm::{Base, Interrupt, Sandbox};
use napi_derive::napi;
use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError};

/// A state from which sandboxes start.
pub(crate) struct Held {
    pub(crate) base: Base,
    /// What the runtime was told to load on the way into this state: the numbers of functions follow from it.
    pub(crate) load: Vec<u8>,
}

static SNAPSHOTS: LazyLock<Mutex<HashMap<u64, Arc<Held>>>> = LazyLock::new(Mutex::default);
static LAST: AtomicU64 = AtomicU64::new(0);

/// The number by which JavaScript has it from now on; none is used twice.
pub(crate) fn hold(held: Held) -> f64 {
    let number = LAST.fetch_add(1, Ordering::Relaxed) + 1;
    lock().insert(number, Arc::new(held));
    number as f64
}

/// # Errors
/// If JavaScript has released it.
pub(crate) fn get(number: f64) -> napi::Result<Arc<Held>> {
    let released = || format!("no snapshot has number {number}: it is released");
    let found = lock().get(&(number as u64)).cloned();
    found.ok_or_else(|| napi::Error::new(napi::Status::InvalidArg, released()))
}

/// JavaScript has no more use for it. VMs that run from it keep what they need. Does nothing a second time.
#[napi]
pub fn release_snapshot(number: f64) {
    // Outside the lock: giving memory back takes its time.
    let released = lock().remove(&(number as u64));
    drop(released);
}

#[napi(object)]
pub struct BindingSnapshot {
    pub memory_bytes: f64,
    pub bytes: f64,
}

/// Throws if it was released.
#[napi]
pub fn describe_snapshot(number: f64) -> napi::Result<BindingSnapshot> {
    let base = &get(number)?.base;
    Ok(BindingSnapshot { memory_bytes: base.memory_bytes_min() as f64, bytes: base.bytes() as f64 })
}

impl Held {
    /// A sandbox in this state, as `create` wants it.
    pub(crate) fn start(&self, create: &Create, interrupt: &Interrupt) -> Result<Sandbox, BindingError> {
        if self.load != create.load {
            return Err(internal("the snapshot was loaded with other functions than are asked for"));
        }
        Ok(Sandbox::from_base(&self.base, create.limits, interrupt)?)
    }
}

fn lock() -> MutexGuard<'static, HashMap<u64, Arc<Held>>> {
    SNAPSHOTS.lock().unwrap_or_else(PoisonError::into_inner)
}
