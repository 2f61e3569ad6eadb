//! The sandboxes of one environment: found by handle on its JavaScript thread, taken down with it.

use crate::outlet::{Delivery, EventFunction};
use crate::recycling;
use crate::slab::Slab;
use crate::worker::Shared;
use napi::{Env, Error, Result, Status};
use std::cell::RefCell;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

/// A thread takes its VM down in milliseconds. One that has not by then is left to the end of the process.
const TAKE_DOWN_TIME_MAX: Duration = Duration::from_secs(5);

/// What the JavaScript side has of a sandbox.
#[derive(Clone)]
pub(crate) struct Entry {
    pub(crate) shared: Arc<Shared>,
    pub(crate) delivery: Arc<Delivery>,
    pub(crate) function: Arc<EventFunction>,
}

struct Sandboxes {
    slab: Slab<Entry>,
    hooked: bool,
}

/// How many have had sandboxes and are not gone.
static ENVIRONMENTS: AtomicUsize = AtomicUsize::new(0);

thread_local! {
    static SANDBOXES: RefCell<Sandboxes> = const { RefCell::new(Sandboxes { slab: Slab::new(), hooked: false }) };
}

/// Makes a place for a sandbox.
pub(crate) fn insert(env: &Env, entry: Entry) -> Result<u64> {
    SANDBOXES.with_borrow_mut(|sandboxes| {
        if !sandboxes.hooked {
            env.add_env_cleanup_hook((), |()| take_down_all())?;
            sandboxes.hooked = true;
            ENVIRONMENTS.fetch_add(1, Ordering::SeqCst);
        }
        let full = || Error::from_reason("too many sandboxes: close some");
        sandboxes.slab.insert(entry).ok_or_else(full)
    })
}

pub(crate) fn get(handle: f64) -> Result<Entry> {
    find(handle).ok_or_else(|| no_sandbox(handle))
}

/// Looks at a sandbox's entry where it lies: on the path of a call, copies of it would cost more than the look.
pub(crate) fn with<T>(handle: f64, look: impl FnOnce(&Entry) -> T) -> Result<T> {
    SANDBOXES.with_borrow_mut(|sandboxes| match sandboxes.slab.get_mut(handle as u64) {
        Some(entry) => Ok(look(entry)),
        None => Err(no_sandbox(handle)),
    })
}

fn no_sandbox(handle: f64) -> Error {
    Error::new(Status::InvalidArg, format!("no sandbox has handle {handle}: it is closed"))
}

pub(crate) fn find(handle: f64) -> Option<Entry> {
    SANDBOXES.with_borrow_mut(|sandboxes| sandboxes.slab.get_mut(handle as u64).cloned())
}

/// Forgets a sandbox whose thread is done with it.
pub(crate) fn remove(handle: u64) {
    let removed = SANDBOXES.with_borrow_mut(|sandboxes| sandboxes.slab.remove(handle));
    drop(removed);
}

/// The environment goes down: so do its sandboxes, all at once, before their event functions are gone.
fn take_down_all() {
    let Ok(all) = SANDBOXES.try_with(|sandboxes| sandboxes.borrow_mut().slab.drain().collect::<Vec<_>>())
    else {
        return;
    };
    for entry in &all {
        entry.shared.inbox.close();
    }
    let end = Instant::now() + TAKE_DOWN_TIME_MAX;
    for entry in all {
        while !entry.shared.is_over() && Instant::now() < end {
            std::thread::sleep(Duration::from_micros(200));
        }
    }
    if ENVIRONMENTS.fetch_sub(1, Ordering::SeqCst) == 1 {
        let _ = recycling::end_all();
    }
}
