//! Threads whose sandbox was closed: each keeps its VM for a while, for the next sandbox of whichever environment.
//!
//! They may outlive the last environment; the code that they run does not go then, for napi keeps an add-on loaded
//! whose event functions were ever used.

use crate::worker::Life;
use hl_vmm::{Base, Limits};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// How long a VM that nobody wants is kept.
const KEPT_FOR: Duration = Duration::from_secs(5);

/// How many are. More sandboxes than this are seldom closed and made again within that time, and each holds memory.
const KEPT_MAX: usize = 4;

/// The threads that wait, latest last.
static OFFERS: Mutex<Vec<Offer>> = Mutex::new(Vec::new());
static LAST: AtomicU64 = AtomicU64::new(0);

struct Offer {
    number: u64,
    base: Base,
    memory_bytes: usize,
    /// Room for one.
    way: SyncSender<Life>,
}

/// A thread's end of its offer.
pub(crate) struct Vacancy {
    number: u64,
    life: Receiver<Life>,
}

/// Gives the sandbox to the thread that has most of what it needs; back if there is none.
pub(crate) fn hand_over(life: Life) -> Option<Life> {
    let mut offers = lock();
    let memory_bytes = life.create.limits.memory_bytes;
    let wanted = life.create.snapshot.as_ref();
    let fits = |offer: &Offer| offer.memory_bytes == memory_bytes;
    let is_same = |offer: &Offer| wanted.is_some_and(|held| held.base.is_same(&offer.base));
    let found = offers
        .iter()
        .rposition(|offer| fits(offer) && is_same(offer))
        .or_else(|| offers.iter().rposition(fits));
    let Some(found) = found else { return Some(life) };
    // Under the lock: a thread that finds its offer gone finds the sandbox there.
    offers.remove(found).way.send(life).err().map(|refused| refused.0)
}

/// Ends the threads that wait; true if there were any. Their VMs are gone a moment later.
pub(crate) fn end_all() -> bool {
    let offers = std::mem::take(&mut *lock());
    !offers.is_empty()
}

impl Vacancy {
    /// From now on the calling thread may be given another sandbox, for which it has to [`Vacancy::wait`].
    pub(crate) fn offer(base: Base, limits: Limits) -> Self {
        let number = LAST.fetch_add(1, Ordering::Relaxed);
        let (way, life) = sync_channel(1);
        let mut offers = lock();
        let too_old = (offers.len() >= KEPT_MAX).then(|| offers.remove(0));
        offers.push(Offer { number, base, memory_bytes: limits.memory_bytes, way });
        drop(offers);
        drop(too_old);
        Self { number, life }
    }

    /// The next sandbox; `None` if nobody had one in time.
    pub(crate) fn wait(self) -> Option<Life> {
        match self.life.recv_timeout(KEPT_FOR) {
            Ok(life) => return Some(life),
            Err(RecvTimeoutError::Disconnected) => return None,
            Err(RecvTimeoutError::Timeout) => {}
        }
        let mut offers = lock();
        let own = offers.iter().position(|offer| offer.number == self.number);
        let withdrawn = own.map(|own| offers.remove(own));
        drop(offers);
        drop(withdrawn);
        self.life.try_recv().ok()
    }
}

fn lock() -> MutexGuard<'static, Vec<Offer>> {
    OFFERS.lock().unwrap_or_else(PoisonError::into_inner)
}
