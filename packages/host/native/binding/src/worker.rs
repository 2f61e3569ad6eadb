//! A sandbox's own thread: makes its micro-VM, takes commands until it is closed, and leaves the VM to the next
//! sandbox or takes it down.

use crate::error::{PROCESS_MEMORY, closed, internal};
use crate::event::{BindingError, BindingEvent, Bytes, UNNUMBERED};
use crate::host::{self, LoadingHost};
use crate::inbox::{Command, Inbox};
use crate::options::Create;
use crate::outlet::Outlet;
use crate::recycling::{self, Vacancy};
use crate::snapshot::{Captured, Held};
use crate::stats::BindingStats;
use crate::{code, describe};
use hl_vmm::{Attended, Base, Deadline, Error, Figures, Line, Sandbox, Shell};
use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::sync_channel;
use std::time::{Duration, Instant};

/// Nothing on this thread recurses or keeps large values on the stack.
const STACK_BYTES: usize = 1 << 20;

/// What a VM that waits takes to go, most of the time.
const TAKE_DOWN_TIME: Duration = Duration::from_millis(10);

/// What the thread shares with the JavaScript side.
pub(crate) struct Shared {
    pub(crate) inbox: Inbox,
    /// CPU time that a guest may use in a call.
    pub(crate) cpu: Option<Duration>,
    pub(crate) captured: Captured,
    is_over: AtomicBool,
}

impl Shared {
    pub(crate) fn new(cpu: Option<Duration>) -> Self {
        Self { inbox: Inbox::default(), cpu, captured: Captured::default(), is_over: AtomicBool::new(false) }
    }

    /// At any time, without waiting for the thread.
    pub(crate) fn stats(&self) -> BindingStats {
        self.inbox.line().map(Line::stats).unwrap_or_default().into()
    }

    /// True once the thread has nothing of this sandbox any more.
    pub(crate) fn is_over(&self) -> bool {
        self.is_over.load(Ordering::Acquire)
    }
}

/// One sandbox for a thread to run.
pub(crate) struct Life {
    pub(crate) shared: Arc<Shared>,
    pub(crate) outlet: Outlet,
    pub(crate) create: Create,
}

/// Has a thread that waits for it run the sandbox, or else a new one.
pub(crate) fn start(life: Life) {
    let Some(life) = recycling::hand_over(life) else { return };
    let threads = std::thread::Builder::new().name("hl-sandbox".to_owned()).stack_size(STACK_BYTES);
    let (way, arrived) = sync_channel(1);
    match threads.spawn(move || arrived.recv().map(run)) {
        // The thread waits for it, and for nothing else.
        Ok(_) => drop(way.send(life)),
        Err(error) => {
            let Life { shared, outlet, .. } = life;
            let error = Error::system("starting a sandbox's thread", error).into();
            outlet.emit(BindingEvent::Failed { call: 0, error });
            outlet.emit(BindingEvent::Closed { stats: shared.stats() });
            shared.is_over.store(true, Ordering::Release);
        }
    }
}

/// Runs one sandbox after the other, each in the VM that the last one left.
fn run(first: Life) {
    let mut next = Some((first, None));
    while let Some((life, shell)) = next.take() {
        let Life { shared, outlet, create } = life;
        let left = Worker { shared: &shared, outlet: &outlet }.live(&create, shell);
        for command in shared.inbox.drain() {
            if let Some(call) = number(&command) {
                outlet.emit(BindingEvent::Failed { call, error: closed() });
            }
        }
        // Who hears that this one is closed may count on its VM.
        let vacancy = left.map(|(base, shell)| (Vacancy::offer(base, create.limits), shell));
        outlet.emit(BindingEvent::Closed { stats: shared.stats() });
        drop((outlet, create));
        shared.is_over.store(true, Ordering::Release);
        next = vacancy.and_then(|(vacancy, shell)| Some((vacancy.wait()?, Some(shell))));
    }
}

struct Worker<'a> {
    shared: &'a Shared,
    outlet: &'a Outlet,
}

impl Worker<'_> {
    /// From the sandbox's creation until it is closed. Answers what can be used again, and the state that it is in.
    fn live(&self, create: &Create, shell: Option<Shell>) -> Option<(Base, Shell)> {
        let made = guarded(|| self.create(create, shell)).or_else(|error| match error {
            // VMs that nobody uses must not stand in the way of one that somebody wants.
            BindingError::Limit { limit: PROCESS_MEMORY } | BindingError::Exhausted { .. }
                if recycling::end_all() =>
            {
                std::thread::sleep(TAKE_DOWN_TIME);
                guarded(|| self.create(create, None))
            }
            error => Err(error),
        });
        let mut sandbox = match made {
            Ok(sandbox) => sandbox,
            Err(error) => {
                self.fail(0, error);
                return None;
            }
        };
        sandbox.use_reset(create.reset);
        self.shared.inbox.open(sandbox.line());
        self.outlet.emit(BindingEvent::Ready);
        let mut doing = 0;
        // After a panic nothing is known of the VM: it goes, and what was still to be done fails.
        let lived = guarded(|| {
            self.attend(&mut sandbox, create, &mut doing);
            Ok(())
        });
        if let Err(error) = lived {
            self.fail(doing, error);
            return None;
        }
        if self.shared.inbox.is_condemned() {
            sandbox.give_up();
        }
        guarded(|| Ok((sandbox.base(), sandbox.into_shell())))
            .ok()
            .and_then(|(base, shell)| Some((base, shell?)))
    }

    fn create(&self, create: &Create, shell: Option<Shell>) -> Result<Sandbox, BindingError> {
        let inbox = &self.shared.inbox;
        if let Some(snapshot) = &create.snapshot {
            return snapshot.start(create, inbox.interrupt_handle(), shell);
        }
        let program = describe::runtime().map_err(internal)?;
        let code = code::shared(&create.code)?;
        let deadline = Deadline { wall: create.wall, cpu: None };
        let mut host = LoadingHost { inbox, outlet: self.outlet };
        let interrupt = inbox.interrupt_handle();
        let base = Base::load(program, code, &create.load, create.limits, &deadline, interrupt, &mut host)?;
        Ok(Sandbox::from_base(&base, create.limits, interrupt, shell)?)
    }

    /// Serves the line and the inbox until the sandbox is closed. `doing`: what fails if this panics.
    fn attend(&self, sandbox: &mut Sandbox, create: &Create, doing: &mut u32) {
        let inbox = &self.shared.inbox;
        loop {
            match sandbox.attend(&|| inbox.is_waiting()) {
                Attended::Wanted if inbox.is_closing() => return,
                Attended::Wanted => {
                    if let Some(command) = inbox.next() {
                        *doing = number(&command).unwrap_or(0);
                        self.serve(sandbox, command, create);
                    }
                }
                Attended::Returned { call, reply, figures } => {
                    self.outlet.emit(returned(call, reply, &figures));
                }
                Attended::Failed { call, error } => self.fail(call, error.into()),
                Attended::HostCall { call, host_call, import, arguments } => {
                    let arguments = Bytes(arguments);
                    self.outlet.emit(BindingEvent::HostCall { host_call, call, import, arguments });
                }
                Attended::Printed { stream, text } => host::print(inbox, self.outlet, stream, text),
            }
        }
    }

    fn serve(&self, sandbox: &mut Sandbox, command: Command, create: &Create) {
        let inbox = &self.shared.inbox;
        match command {
            Command::Call(call) if call.interrupted => self.fail(call.call, BindingError::Interrupted),
            Command::Call(call) => {
                let timeout = call.wall.map(|end| end.saturating_duration_since(Instant::now()));
                let begun = sandbox.begin(&hl_vmm::Call {
                    number: call.call,
                    function: call.function,
                    request: &call.request,
                    keep_state: call.keep_state,
                    timeout,
                    cpu: self.shared.cpu,
                });
                if let Err(error) = begun {
                    self.fail(call.call, error.into());
                }
            }
            Command::Reset { request } => self.done(request, sandbox.reset()),
            Command::Rebase { request } => self.done(request, sandbox.rebase()),
            Command::Replace => {
                sandbox.give_up();
                // Whoever calls next tries again, and is told.
                let _ = sandbox.reset();
                inbox.pardon();
            }
            Command::Capture { request, current } => {
                let captured = if current { sandbox.capture() } else { Ok(sandbox.base()) };
                match captured {
                    Ok(base) => {
                        self.shared.captured.put(request, Held { base, load: create.load.clone() });
                        self.outlet.emit(BindingEvent::Captured { request, snapshot: UNNUMBERED });
                    }
                    Err(error) => self.fail(request, error.into()),
                }
            }
        }
    }

    fn done(&self, request: u32, outcome: Result<(), Error>) {
        match outcome {
            Ok(()) => self.outlet.emit(BindingEvent::Done { request }),
            Err(error) => self.fail(request, error.into()),
        }
    }

    /// Tells of an error; what a closing sandbox was interrupted for is that it closes.
    fn fail(&self, call: u32, error: BindingError) {
        let error = match error {
            BindingError::Interrupted if self.shared.inbox.is_closing() => closed(),
            error => error,
        };
        self.outlet.emit(BindingEvent::Failed { call, error });
    }
}

/// By which JavaScript hears of its outcome, if it does.
fn number(command: &Command) -> Option<u32> {
    match command {
        Command::Call(call) => Some(call.call),
        Command::Reset { request } | Command::Rebase { request } | Command::Capture { request, .. } => {
            Some(*request)
        }
        Command::Replace => None,
    }
}

fn returned(call: u32, reply: Vec<u8>, figures: &Figures) -> BindingEvent {
    BindingEvent::Returned {
        call,
        reply: Bytes(reply),
        micros: figures.ns as f64 / 1e3,
        wake_micros: figures.wake_ns as f64 / 1e3,
        exits: figures.exits as f64,
        pages: figures.pages as f64,
        host_calls: figures.host_calls as f64,
        host_micros: figures.host_ns as f64 / 1e3,
    }
}

/// Runs `work`; a panic in it becomes an error of ours.
fn guarded<T>(work: impl FnOnce() -> Result<T, BindingError>) -> Result<T, BindingError> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|panic| {
        Err(internal(format!("hl-vmm panicked: {}; please report this", panic_text(panic.as_ref()))))
    })
}

fn panic_text(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("no reason given")
}

#[cfg(test)]
mod tests {
    use super::guarded;
    use crate::event::BindingError;

    #[test]
    fn a_panic_becomes_an_error_that_tells_its_text() {
        let outcome = guarded::<()>(|| panic!("page {} is lost", 7));
        match outcome {
            Err(BindingError::Internal { message }) => {
                assert!(message.contains("page 7 is lost"), "{message}")
            }
            _ => panic!("expected an internal error"),
        }
    }
}
