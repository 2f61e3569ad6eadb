//! The snapshots that JavaScript holds: found by number, on the thread of the environment that was told it, and
//! released with that environment at the latest.

use crate::event::BindingError;
use crate::options::Create;
use hl_vmm::{Base, Interrupt, Sandbox, Saved, Shell};
use napi::Env;
use napi_derive::napi;
use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

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

#[derive(Default)]
struct Snapshots {
    entries: HashMap<u64, Entry>,
    hooked: bool,
}

thread_local! {
    static SNAPSHOTS: RefCell<Snapshots> = RefCell::default();
}

static LAST: AtomicU64 = AtomicU64::new(0);

/// The number by which JavaScript has it from now on; none is used twice in the process.
///
/// # Errors
/// If the environment takes nothing any more.
pub(crate) fn hold(env: &Env, held: Held) -> napi::Result<f64> {
    insert(env, Entry::Ready(Arc::new(held)))
}

/// Likewise, for what [`take_loading`] asks for next.
///
/// # Errors
/// As [`hold`].
pub(crate) fn hold_loading(env: &Env, saved: Saved, load: Vec<u8>) -> napi::Result<f64> {
    insert(env, Entry::Loading { saved, load })
}

fn insert(env: &Env, entry: Entry) -> napi::Result<f64> {
    SNAPSHOTS.with_borrow_mut(|snapshots| {
        if !snapshots.hooked {
            env.add_env_cleanup_hook((), |()| release_all())?;
            snapshots.hooked = true;
        }
        let number = LAST.fetch_add(1, Ordering::Relaxed) + 1;
        snapshots.entries.insert(number, entry);
        Ok(number as f64)
    })
}

/// The environment goes down. What a task brings even later goes with the thread.
fn release_all() {
    let all = SNAPSHOTS.try_with(RefCell::take);
    drop(all);
}

/// # Errors
/// If JavaScript has released it.
pub(crate) fn get(number: f64) -> napi::Result<Arc<Held>> {
    SNAPSHOTS.with_borrow(|snapshots| match snapshots.entries.get(&(number as u64)) {
        Some(Entry::Ready(held)) => Ok(held.clone()),
        Some(Entry::Loading { .. }) | None => {
            let message = format!("no snapshot has number {number}: it is released");
            Err(napi::Error::new(napi::Status::InvalidArg, message))
        }
    })
}

/// What was read from a file under that number, once.
pub(crate) fn take_loading(number: f64) -> Option<(Saved, Vec<u8>)> {
    SNAPSHOTS.with_borrow_mut(|Snapshots { entries, .. }| match entries.remove(&(number as u64))? {
        Entry::Loading { saved, load } => Some((saved, load)),
        ready @ Entry::Ready(_) => {
            entries.insert(number as u64, ready);
            None
        }
    })
}

/// JavaScript has no more use for it. VMs that run from it keep what they need. Does nothing a second time.
#[napi]
pub fn release_snapshot(number: f64) {
    let released = SNAPSHOTS.with_borrow_mut(|snapshots| snapshots.entries.remove(&(number as u64)));
    drop(released);
}

/// What a sandbox's thread has captured and JavaScript has not been told of, by request.
///
/// It lies here and not in the event: events that are never delivered are never dropped either.
#[derive(Default)]
pub(crate) struct Captured(Mutex<HashMap<u32, Held>>);

impl Captured {
    pub(crate) fn put(&self, request: u32, held: Held) {
        self.lock().insert(request, held);
    }

    pub(crate) fn take(&self, request: u32) -> Option<Held> {
        self.lock().remove(&request)
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<u32, Held>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
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
