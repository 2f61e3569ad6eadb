//! The snapshots that JavaScript holds: found by number, which every thread of the process may use.

use crate::event::BindingError;
use crate::options::Create;
use hl_vmm::{Base, Interrupt, Sandbox, Saved, Shell};
use napi_derive::napi;
use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError};

/// A state from which sandboxes start.
pub struct Held {
    pub(crate) base: Base,
    /// What the runtime was told to load on the way into this state: the numbers of functions follow from it.
    pub(crate) load: Vec<u8>,
}

/// What stands behind a number.
enum Entry {
    Ready(Arc<Held>),
    /// Read from a file; the code that it belongs to is still to be found.
    Loading {
        saved: Saved,
        load: Vec<u8>,
    },
}

static SNAPSHOTS: LazyLock<Mutex<HashMap<u64, Entry>>> = LazyLock::new(Mutex::default);
static LAST: AtomicU64 = AtomicU64::new(0);

/// The number by which JavaScript has it from now on; none is used twice.
pub(crate) fn hold(held: Held) -> f64 {
    insert(Entry::Ready(Arc::new(held)))
}

/// Likewise, for what [`take_loading`] asks for next.
pub(crate) fn hold_loading(saved: Saved, load: Vec<u8>) -> f64 {
    insert(Entry::Loading { saved, load })
}

fn insert(entry: Entry) -> f64 {
    let number = LAST.fetch_add(1, Ordering::Relaxed) + 1;
    lock().insert(number, entry);
    number as f64
}

/// # Errors
/// If JavaScript has released it.
pub(crate) fn get(number: f64) -> napi::Result<Arc<Held>> {
    match lock().get(&(number as u64)) {
        Some(Entry::Ready(held)) => Ok(held.clone()),
        Some(Entry::Loading { .. }) | None => {
            let message = format!("no snapshot has number {number}: it is released");
            Err(napi::Error::new(napi::Status::InvalidArg, message))
        }
    }
}

/// What was read from a file under that number, once.
pub(crate) fn take_loading(number: f64) -> Option<(Saved, Vec<u8>)> {
    let mut snapshots = lock();
    match snapshots.remove(&(number as u64))? {
        Entry::Loading { saved, load } => Some((saved, load)),
        ready @ Entry::Ready(_) => {
            snapshots.insert(number as u64, ready);
            None
        }
    }
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
    pub(crate) fn start(
        &self,
        create: &Create,
        interrupt: &Interrupt,
        shell: Option<Shell>,
    ) -> Result<Sandbox, BindingError> {
        if self.load == create.load {
            return Ok(Sandbox::from_base(&self.base, create.limits, interrupt, shell)?);
        }
        // What a snapshot of this process was loaded with follows from its component, as what is asked for does.
        let message = "the snapshot was saved by another version of this package: take it anew".to_owned();
        Err(BindingError::Snapshot { reason: "runtime", message })
    }
}

fn lock() -> MutexGuard<'static, HashMap<u64, Entry>> {
    SNAPSHOTS.lock().unwrap_or_else(PoisonError::into_inner)
}
