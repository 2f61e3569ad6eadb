//! What a sandbox's thread still has to do, and the ways to stop what it does.

use hl_vmm::Interrupt;
use std::collections::VecDeque;
use std::sync::atomic::{AtomicI32, AtomicU32, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// How long a thread that was just busy looks for the next command before it sleeps: about what waking it
/// up costs. A sandbox in a loop of calls then never sleeps, an idle one never looks. Nor does one whose
/// caller was last on the same core: it would keep the next command from being given.
const LOOK_BEFORE_SLEEP: Duration = Duration::from_micros(50);

/// One call, with its request's bytes.
pub(crate) struct Call {
    pub(crate) call: u32,
    pub(crate) function: u32,
    pub(crate) request: Vec<u8>,
    pub(crate) keep_state: bool,
    /// End of the whole call, its time in this queue included.
    pub(crate) wall: Option<Instant>,
    /// Taken back before its turn came.
    pub(crate) interrupted: bool,
}

pub(crate) enum Command {
    Call(Call),
    Reset {
        request: u32,
    },
    Rebase {
        request: u32,
    },
    /// Of the state as it is now, or of the base state.
    Capture {
        request: u32,
        current: bool,
    },
}

/// What JavaScript answered to a host call.
pub(crate) type Reply = Result<Vec<u8>, String>;

/// How waiting for a [`Reply`] ended.
pub(crate) enum Waited {
    Replied(Reply),
    Interrupted,
    Expired,
}

pub(crate) struct Inbox {
    state: Mutex<State>,
    changed: Condvar,
    /// Goes up with each change that the worker waits for, so that it can look without the lock.
    changes: AtomicU32,
    /// The core on which the last change was made.
    changed_on: AtomicI32,
    interrupt: Interrupt,
}

#[derive(Default)]
struct State {
    commands: VecDeque<Command>,
    /// The call under way.
    current: Option<u32>,
    /// The host call that is waited for.
    awaited: Option<u32>,
    reply: Option<Reply>,
    closing: bool,
    sleeping: bool,
}

impl Inbox {
    pub(crate) fn new() -> Self {
        let interrupt = Interrupt::new();
        Self {
            state: Mutex::default(),
            changed: Condvar::new(),
            changes: AtomicU32::new(0),
            changed_on: AtomicI32::new(UNKNOWN_CORE),
            interrupt,
        }
    }

    pub(crate) fn interrupt_handle(&self) -> &Interrupt {
        &self.interrupt
    }

    /// Appends a command.
    pub(crate) fn push(&self, command: Command) {
        self.change(|state| state.commands.push_back(command));
    }

    /// Ends `call`, whether it runs or waits in the queue; does nothing if it is over.
    pub(crate) fn interrupt(&self, call: u32) {
        self.change(|state| {
            if state.current == Some(call) {
                self.interrupt.fire();
            }
            for command in &mut state.commands {
                if let Command::Call(queued) = command {
                    queued.interrupted |= queued.call == call;
                }
            }
        });
    }

    /// Answers the host call that is waited for; false: it comes too late and is dropped.
    pub(crate) fn reply(&self, host_call: u32, reply: Reply) -> bool {
        self.change(|state| {
            let is_awaited = state.awaited == Some(host_call);
            if is_awaited {
                state.awaited = None;
                state.reply = Some(reply);
            }
            is_awaited
        })
    }

    /// Ends what runs, for good.
    pub(crate) fn close(&self) {
        self.change(|state| {
            state.closing = true;
            self.interrupt.fire();
        });
    }

    pub(crate) fn is_closing(&self) -> bool {
        self.lock().closing
    }

    /// The worker: the next command, waited for; `None` once the sandbox is closing.
    pub(crate) fn next(&self) -> Option<Command> {
        self.wait_until(None, |state| {
            if state.closing {
                return Some(None);
            }
            let command = state.commands.pop_front()?;
            if let Command::Call(call) = &command {
                state.current = Some(call.call);
            }
            Some(Some(command))
        })
        .flatten()
    }

    /// The worker: the call under way is over, an interrupt can no longer mean it.
    pub(crate) fn call_is_over(&self) {
        let mut state = self.lock();
        state.current = None;
        if !state.closing {
            self.interrupt.clear();
        }
    }

    /// The worker, once closing: what will not be done.
    pub(crate) fn drain(&self) -> VecDeque<Command> {
        std::mem::take(&mut self.lock().commands)
    }

    /// The worker, before it asks: from now on an answer to `host_call` is kept.
    pub(crate) fn await_reply(&self, host_call: u32) {
        let mut state = self.lock();
        state.awaited = Some(host_call);
        state.reply = None;
    }

    /// The worker: waits for the answer announced by [`Inbox::await_reply`].
    pub(crate) fn wait_for_reply(&self, end: Option<Instant>) -> Waited {
        let waited = self.wait_until(end, |state| {
            if let Some(reply) = state.reply.take() {
                return Some(Waited::Replied(reply));
            }
            self.interrupt.is_fired().then_some(Waited::Interrupted)
        });
        self.lock().awaited = None;
        waited.unwrap_or(Waited::Expired)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn change<T>(&self, change: impl FnOnce(&mut State) -> T) -> T {
        let mut state = self.lock();
        let outcome = change(&mut state);
        self.changes.fetch_add(1, Ordering::Release);
        self.changed_on.store(current_core(), Ordering::Relaxed);
        let sleeping = state.sleeping;
        // First, or the worker would wake up only to wait for the lock.
        drop(state);
        if sleeping {
            self.changed.notify_one();
        }
        outcome
    }

    /// Looks until `ready` has something, first without sleeping; `None` once `end` has passed.
    fn wait_until<T>(
        &self,
        end: Option<Instant>,
        mut ready: impl FnMut(&mut State) -> Option<T>,
    ) -> Option<T> {
        let shares_core = current_core() == self.changed_on.load(Ordering::Relaxed);
        let looking_ends = Instant::now() + if shares_core { Duration::ZERO } else { LOOK_BEFORE_SLEEP };
        loop {
            let seen = self.changes.load(Ordering::Acquire);
            let mut state = self.lock();
            if let Some(found) = ready(&mut state) {
                return Some(found);
            }
            let now = Instant::now();
            if end.is_some_and(|end| now >= end) {
                return None;
            }
            if now < looking_ends {
                drop(state);
                while self.changes.load(Ordering::Acquire) == seen && Instant::now() < looking_ends {
                    std::hint::spin_loop();
                }
                continue;
            }
            state.sleeping = true;
            state = match end {
                Some(end) => {
                    let patience = end.saturating_duration_since(now);
                    self.changed.wait_timeout(state, patience).unwrap_or_else(PoisonError::into_inner).0
                }
                None => self.changed.wait(state).unwrap_or_else(PoisonError::into_inner),
            };
            state.sleeping = false;
        }
    }
}

/// What [`current_core`] never is.
const UNKNOWN_CORE: i32 = -1;

/// The core that this thread runs on now; a moment later it may be another.
fn current_core() -> i32 {
    // SAFETY: takes nothing and changes nothing; fails only on kernels without it, the same way on each core.
    unsafe { libc::sched_getcpu() }
}

#[cfg(test)]
mod tests;
