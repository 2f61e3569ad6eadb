//! A sandbox's own thread: makes its micro-VM, takes commands until it is closed, and takes the VM down.

use crate::error::{closed, internal};
use crate::event::{BindingError, BindingEvent, Bytes};
use crate::host::JavaScriptHost;
use crate::inbox::{Call, Command, Inbox};
use crate::options::Create;
use crate::outlet::Outlet;
use crate::snapshot::{self, Held};
use crate::stats::SharedStats;
use crate::{code, describe};
use hl_vmm::{Base, Deadline, Error, Sandbox};
use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// Nothing on this thread recurses or keeps large values on the stack.
const STACK_BYTES: usize = 1 << 20;

/// What the thread shares with the JavaScript side.
pub(crate) struct Shared {
    pub(crate) inbox: Inbox,
    pub(crate) stats: SharedStats,
}

pub(crate) fn spawn(shared: Arc<Shared>, outlet: Outlet, create: Create) -> std::io::Result<JoinHandle<()>> {
    let life = move || {
        let mut worker = Worker {
            shared: &shared,
            outlet: &outlet,
            last_host_call: 0,
            needs_reset: false,
            cpu: create.cpu,
        };
        worker.live(&create);
        for command in shared.inbox.drain() {
            outlet.emit(BindingEvent::Failed { call: number(&command), error: closed() });
        }
        outlet.emit(BindingEvent::Closed);
    };
    std::thread::Builder::new().name("hl-sandbox".to_owned()).stack_size(STACK_BYTES).spawn(life)
}

struct Worker<'a> {
    shared: &'a Shared,
    outlet: &'a Outlet,
    last_host_call: u32,
    /// The last reset failed: the next command begins with another.
    needs_reset: bool,
    /// Limit of each call.
    cpu: Option<Duration>,
}

impl Worker<'_> {
    fn live(&mut self, create: &Create) {
        let mut sandbox = match guarded(|| self.create(create)) {
            Ok(sandbox) => sandbox,
            Err(error) => return self.fail(0, error),
        };
        self.shared.stats.publish(&sandbox.stats());
        self.outlet.emit(BindingEvent::Ready);
        while let Some(command) = self.shared.inbox.next() {
            let number = number(&command);
            // After a panic nothing is known of the VM: it goes, and what was still to be done fails.
            let served = guarded(|| {
                self.serve(&mut sandbox, command, create);
                Ok(())
            });
            if let Err(error) = served {
                return self.fail(number, error);
            }
        }
    }

    fn create(&mut self, create: &Create) -> Result<Sandbox, BindingError> {
        let interrupt = self.shared.inbox.interrupt_handle();
        if let Some(snapshot) = &create.snapshot {
            return snapshot.start(create, interrupt);
        }
        let program = describe::runtime().map_err(internal)?;
        let code = code::shared(&create.code)?;
        let deadline = Deadline { wall: create.wall, cpu: None };
        let mut host = host(self.shared, self.outlet, &mut self.last_host_call, 0);
        Ok(Sandbox::create(program, code, &create.load, create.limits, &deadline, interrupt, &mut host)?)
    }

    fn serve(&mut self, sandbox: &mut Sandbox, command: Command, create: &Create) {
        match command {
            Command::Call(call) => self.call(sandbox, call),
            Command::Reset { request } => {
                let outcome = sandbox.reset();
                self.needs_reset = outcome.is_err();
                self.done(request, outcome);
            }
            Command::Rebase { request } => {
                let outcome = sandbox.rebase();
                self.done(request, outcome);
            }
            Command::Capture { request, current } => {
                let captured = self.capture(sandbox, current);
                match captured.map(|base| snapshot::hold(Held { base, load: create.load.clone() })) {
                    Ok(snapshot) => self.outlet.emit(BindingEvent::Captured { request, snapshot }),
                    Err(error) => self.fail(request, error.into()),
                }
            }
        }
        self.shared.stats.publish(&sandbox.stats());
    }

    fn call(&mut self, sandbox: &mut Sandbox, call: Call) {
        let Call { call: number, keep_state, .. } = call;
        self.shared.stats.count_call();
        let answer = self.answer(sandbox, call);
        self.shared.inbox.call_is_over();
        let returned = answer.is_ok();
        match answer {
            Ok(event) => self.outlet.emit(event),
            Err(error) => self.fail(number, error),
        }
        if !returned || !keep_state {
            self.needs_reset = sandbox.reset().is_err();
        }
    }

    fn answer(&mut self, sandbox: &mut Sandbox, call: Call) -> Result<BindingEvent, BindingError> {
        if call.interrupted {
            return Err(BindingError::Interrupted);
        }
        if self.needs_reset {
            sandbox.reset()?;
            self.needs_reset = false;
        }
        let started = Instant::now();
        let exits_before = sandbox.stats().exits;
        let deadline = Deadline { wall: call.wall, cpu: self.cpu };
        let mut host = host(self.shared, self.outlet, &mut self.last_host_call, call.call);
        let reply = Bytes(sandbox.call(call.function, &call.request, &deadline, &mut host)?.to_vec());
        let (host_calls, host_time) = (host.host_calls, host.host_time);
        let stats = sandbox.stats();
        Ok(BindingEvent::Returned {
            call: call.call,
            reply,
            micros: micros(started.elapsed()),
            wake_micros: 0.0,
            exits: (stats.exits - exits_before) as f64,
            pages: stats.pages_written as f64,
            host_calls: host_calls as f64,
            host_micros: micros(host_time),
        })
    }

    fn capture(&mut self, sandbox: &mut Sandbox, current: bool) -> Result<Base, Error> {
        if !current {
            return Ok(sandbox.base());
        }
        if self.needs_reset {
            sandbox.reset()?;
            self.needs_reset = false;
        }
        sandbox.capture()
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

fn host<'a>(
    shared: &'a Shared,
    outlet: &'a Outlet,
    last_host_call: &'a mut u32,
    call: u32,
) -> JavaScriptHost<'a> {
    JavaScriptHost {
        inbox: &shared.inbox,
        outlet,
        call,
        last_host_call,
        host_calls: 0,
        host_time: Duration::ZERO,
    }
}

fn number(command: &Command) -> u32 {
    match command {
        Command::Call(call) => call.call,
        Command::Reset { request } | Command::Rebase { request } | Command::Capture { request, .. } => {
            *request
        }
    }
}

fn micros(duration: Duration) -> f64 {
    duration.as_nanos() as f64 / 1e3
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
