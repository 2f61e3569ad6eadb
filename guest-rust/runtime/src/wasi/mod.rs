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

use hl_engine::wasi::Answer;
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
pub struct Service {
    answer: Served,
    /// Resources that a call takes from, and gives to, the component.
    taken: u32,
    creates: bool,
}

enum Served {
    Handler(Handler),
    Empty,
    Refused(&'static str),
}

/// How `function` of `interface` is served; `None` if it is not.
pub fn service(interface: &str, function: &str, ty: &ComponentFunc) -> Option<Service> {
    let answer = match hl_engine::wasi::answer(interface, function)? {
        Answer::Served => Served::Handler(handler(interface, function)?),
        Answer::Empty => Served::Empty,
        Answer::Refused(case) => Served::Refused(case),
    };
    let taken = ty.params().filter(|(_, ty)| matches!(ty, Type::Own(_))).count() as u32;
    let creates = ty.results().any(|ty| has_resource(&ty)) && !matches!(answer, Served::Refused(_));
    Some(Service { answer, taken, creates })
}

impl Service {
    pub fn call(&self, wasi: &mut Wasi, mut arguments: Arguments<'_>) -> Result<Reply> {
        wasi.handles = wasi.handles.saturating_sub(self.taken);
        if self.creates {
            wasi.created()?;
        }
        match self.answer {
            Served::Empty => Ok(Reply::Empty),
            Served::Refused(case) => Ok(Reply::Refused(case)),
            Served::Handler(handler) => {
                let mut results = Vec::new();
                handler(wasi, &mut arguments, &mut results)?;
                Ok(Reply::Bytes(results))
            }
        }
    }
}

fn handler(interface: &str, function: &str) -> Option<Handler> {
    let (name, _) = interface.strip_prefix("wasi:")?.split_once('@')?;
    Some(match (name, function) {
        ("cli/exit", "exit") => cli::exit,
        ("cli/exit", "exit-with-code") => cli::exit_with_code,
        ("cli/stdin", "get-stdin") => streams::stdin,
        ("cli/stdout", "get-stdout") => streams::stdout,
        ("cli/stderr", "get-stderr") => streams::stderr,
        ("clocks/monotonic-clock", "now") => clocks::monotonic_now,
        ("clocks/monotonic-clock", "resolution") => clocks::monotonic_resolution,
        ("clocks/monotonic-clock", "subscribe-instant") => clocks::subscribe_instant,
        ("clocks/monotonic-clock", "subscribe-duration") => clocks::subscribe_duration,
        ("clocks/wall-clock", "now") => clocks::wall_now,
        ("clocks/wall-clock", "resolution") => clocks::wall_resolution,
        ("io/poll", "[method]pollable.ready") => poll::ready,
        ("io/poll", "[method]pollable.block") => poll::block,
        ("io/poll", "poll") => poll::poll,
        ("io/streams", "[method]input-stream.subscribe" | "[method]output-stream.subscribe") => {
            streams::subscribe
        }
        ("io/streams", "[method]output-stream.check-write") => streams::check_write,
        ("io/streams", "[method]output-stream.write" | "[method]output-stream.blocking-write-and-flush") => {
            streams::write
        }
        (
            "io/streams",
            "[method]output-stream.write-zeroes" | "[method]output-stream.blocking-write-zeroes-and-flush",
        ) => streams::write_zeroes,
        ("random/random", "get-random-bytes") | ("random/insecure", "get-insecure-random-bytes") => {
            random::bytes
        }
        ("random/random", "get-random-u64") | ("random/insecure", "get-insecure-random-u64") => {
            random::number
        }
        ("random/insecure-seed", "insecure-seed") => random::seed,
        _ => return None,
    })
}

#[cfg(all(test, not(target_os = "none")))]
mod tests {
    use super::*;

    #[test]
    fn every_function_that_the_table_says_is_served_has_code() {
        for (interface, functions) in hl_engine::wasi::INTERFACES {
            for (function, answer) in *functions {
                let has_code = handler(&alloc::format!("wasi:{interface}@0.2.0"), function).is_some();
                assert_eq!(has_code, *answer == Answer::Served, "{interface}#{function}");
            }
        }
    }
}
