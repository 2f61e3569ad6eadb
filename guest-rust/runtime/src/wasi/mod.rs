//! The isolated WASI: what a component sees of a world of which it was granted nothing.
//!
//! [`hl_engine::wasi`] lists every function and how it answers; the few that need code have it here, as
//! functions from arguments to result, both in wire form. Nothing here reaches the host but text.

mod cli;
mod clocks;
mod poll;
mod random;
mod streams;

use alloc::vec::Vec;

use hl_engine::wasi::{Answer, Service};
use wasmtime::Result;
use wasmtime::component::Type;
use wasmtime::component::types::ComponentFunc;

use crate::codec::{Reply, has_resource};
use crate::fault::Fault;
use poll::Pollables;

/// More handles at once than any program needs, few enough for this program's heap.
const HANDLES_MAX: u32 = 16 << 10;

/// State of one component's WASI.
#[derive(Default)]
pub struct Wasi {
    pollables: Pollables,
    /// Resources that the component holds.
    handles: u32,
}

impl Wasi {
    /// The component has dropped a resource.
    pub fn dropped(&mut self, rep: u32, is_pollable: bool) {
        self.handles = self.handles.saturating_sub(1);
        if is_pollable {
            self.pollables.remove(rep);
        }
    }

    fn created(&mut self) -> Result<()> {
        if self.handles >= HANDLES_MAX {
            return Err(Fault::Exhausted("WASI resources").into());
        }
        self.handles += 1;
        Ok(())
    }
}

/// Arguments in wire form, read front to back; their form is the type's, which was checked at link time.
type Arguments<'a> = &'a [u8];
/// The result, appended in wire form.
type Results = Vec<u8>;
type Handler = fn(&mut Wasi, &mut Arguments<'_>, &mut Results) -> Result<()>;

/// How one import is served.
pub struct Import {
    answer: Answer,
    /// Resources that a call takes from, and gives to, the component.
    taken: u32,
    creates: bool,
}

impl Import {
    /// How `function` of `interface` is served; `None` if it is not.
    pub fn find(interface: &str, function: &str, ty: &ComponentFunc) -> Option<Self> {
        let answer = hl_engine::wasi::answer(interface, function)?;
        let taken = ty.params().filter(|(_, ty)| matches!(ty, Type::Own(_))).count() as u32;
        let creates = ty.results().any(|ty| has_resource(&ty)) && !matches!(answer, Answer::Refused(_));
        Some(Self { answer, taken, creates })
    }

    pub fn call(&self, wasi: &mut Wasi, mut arguments: Arguments<'_>) -> Result<Reply> {
        wasi.handles = wasi.handles.saturating_sub(self.taken);
        if self.creates {
            wasi.created()?;
        }
        match self.answer {
            Answer::Empty => Ok(Reply::Empty),
            Answer::Refused(case) => Ok(Reply::Refused(case)),
            Answer::Served(service) => {
                let mut results = Vec::new();
                handler(service)(wasi, &mut arguments, &mut results)?;
                Ok(Reply::Bytes(results))
            }
        }
    }
}

fn handler(service: Service) -> Handler {
    match service {
        Service::Exit => cli::exit,
        Service::ExitWithCode => cli::exit_with_code,
        Service::Stdin => streams::stdin,
        Service::Stdout => streams::stdout,
        Service::Stderr => streams::stderr,
        Service::MonotonicNow => clocks::monotonic_now,
        Service::MonotonicResolution => clocks::monotonic_resolution,
        Service::SubscribeInstant => clocks::subscribe_instant,
        Service::SubscribeDuration => clocks::subscribe_duration,
        Service::WallNow => clocks::wall_now,
        Service::WallResolution => clocks::wall_resolution,
        Service::PollableReady => poll::ready,
        Service::PollableBlock => poll::block,
        Service::Poll => poll::poll,
        Service::StreamSubscribe => streams::subscribe,
        Service::CheckWrite => streams::check_write,
        Service::Write => streams::write,
        Service::WriteZeroes => streams::write_zeroes,
        Service::RandomBytes => random::bytes,
        Service::RandomNumber => random::number,
        Service::RandomSeed => random::seed,
    }
}
