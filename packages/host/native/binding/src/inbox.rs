//! What a sandbox's thread still has to do besides serving the line, and the ways to stop what it does.

use hl_vmm::{Interrupt, Line};
use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Instant;

/// One call that could not begin at once, with its request's bytes.
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
    /// The VM is not to be used again: see [`Inbox::condemn`].
    Replace,
    /// Of the state as it is now, or of the base state.
    Capture {
        request: u32,
        current: bool,
    },
}

#[derive(Default)]
pub(crate) struct Inbox {
    commands: Mutex<VecDeque<Command>>,
    /// There are commands, or it is closing: what the thread looks at between two steps.
    is_waiting: AtomicBool,
    closing: AtomicBool,
    /// The guest that is in the VM now has lied.
    is_condemned: AtomicBool,
    interrupt: Interrupt,
    /// The way to the guest, and to its thread's attention, once there is a VM.
    line: OnceLock<Line>,
}

impl Inbox {
    pub(crate) fn interrupt_handle(&self) -> &Interrupt {
        &self.interrupt
    }

    /// The worker, once it has a VM.
    pub(crate) fn open(&self, line: Line) {
        // Set once in a thread's life.
        let _ = self.line.set(line);
    }

    pub(crate) fn line(&self) -> Option<&Line> {
        self.line.get()
    }

    /// Appends a command.
    pub(crate) fn push(&self, command: Command) {
        let mut commands = self.lock();
        commands.push_back(command);
        self.is_waiting.store(true, Ordering::SeqCst);
        drop(commands);
        self.fetch();
    }

    /// Ends `call`, whether it runs or waits in the queue; does nothing if it is over.
    pub(crate) fn interrupt(&self, call: u32) {
        for command in self.lock().iter_mut() {
            if let Command::Call(queued) = command
                && queued.call == call
            {
                queued.interrupted = true;
                return;
            }
        }
        if let Some(line) = self.line() {
            line.interrupt(call);
        }
    }

    /// Has a new VM take the place of this one before anything else is done in it. What is under way may end.
    pub(crate) fn condemn(&self) {
        self.is_condemned.store(true, Ordering::SeqCst);
        self.push(Command::Replace);
    }

    /// The worker: whether the VM must not be used again.
    pub(crate) fn is_condemned(&self) -> bool {
        self.is_condemned.load(Ordering::SeqCst)
    }

    /// The worker, once another VM has taken its place.
    pub(crate) fn pardon(&self) {
        self.is_condemned.store(false, Ordering::SeqCst);
    }

    /// Ends what runs, for good.
    pub(crate) fn close(&self) {
        self.closing.store(true, Ordering::SeqCst);
        self.is_waiting.store(true, Ordering::SeqCst);
        self.interrupt.fire();
        self.fetch();
    }

    pub(crate) fn is_closing(&self) -> bool {
        self.closing.load(Ordering::SeqCst)
    }

    /// The worker: whether [`Inbox::next`] has something, or it is closing.
    pub(crate) fn is_waiting(&self) -> bool {
        self.is_waiting.load(Ordering::SeqCst)
    }

    /// The worker: the next command, if there is one.
    pub(crate) fn next(&self) -> Option<Command> {
        let mut commands = self.lock();
        let command = commands.pop_front();
        if let (Some(Command::Call(call)), Some(line)) = (&command, self.line()) {
            line.expect(call.call);
        }
        self.is_waiting.store(!commands.is_empty() || self.is_closing(), Ordering::SeqCst);
        command
    }

    /// The worker, once closing: what will not be done.
    pub(crate) fn drain(&self) -> VecDeque<Command> {
        std::mem::take(&mut self.lock())
    }

    fn fetch(&self) {
        if let Some(line) = self.line() {
            line.fetch();
        }
    }

    fn lock(&self) -> MutexGuard<'_, VecDeque<Command>> {
        self.commands.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests;
