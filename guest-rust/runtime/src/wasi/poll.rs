//! `wasi:io/poll`: waiting, which here can only mean waiting for time to pass.

use alloc::vec::Vec;

use wasmtime::Result;

use super::{Arguments, Results, Wasi};
use crate::codec::Source;
use crate::fault::Fault;
use hl_guest::clocks;

/// Times at which pollables become ready. Representations are indices; any other is always ready.
#[derive(Default)]
pub struct Pollables {
    due_ns: Vec<Option<u64>>,
}

const POLLABLES_MAX: usize = 4096;

impl Pollables {
    /// A pollable that is ready once the monotonic clock has reached `due_ns`.
    pub fn insert(&mut self, due_ns: u64) -> Result<u32> {
        let free = self.due_ns.iter().position(Option::is_none);
        let index = free.unwrap_or(self.due_ns.len());
        if index >= POLLABLES_MAX {
            return Err(Fault::Exhausted("pollables").into());
        }
        if free.is_none() {
            self.due_ns.push(None);
        }
        self.due_ns[index] = Some(due_ns);
        Ok(index as u32)
    }

    pub fn remove(&mut self, rep: u32) {
        if let Some(due) = self.due_ns.get_mut(rep as usize) {
            *due = None;
        }
    }

    fn is_ready(&self, rep: u32, now_ns: u64) -> bool {
        match self.due_ns.get(rep as usize) {
            Some(Some(due_ns)) => *due_ns <= now_ns,
            Some(None) | None => true,
        }
    }
}

/// `pollable.ready() -> bool`
pub fn ready(wasi: &mut Wasi, arguments: &mut Arguments<'_>, results: &mut Results) -> Result<()> {
    let rep = arguments.number(4)? as u32;
    results.push(u8::from(wasi.pollables.is_ready(rep, clocks().monotonic_ns)));
    Ok(())
}

/// `pollable.block()`
pub fn block(wasi: &mut Wasi, arguments: &mut Arguments<'_>, _: &mut Results) -> Result<()> {
    let rep = arguments.number(4)? as u32;
    while !wasi.pollables.is_ready(rep, clocks().monotonic_ns) {
        core::hint::spin_loop();
    }
    Ok(())
}

/// `poll(in: list<borrow<pollable>>) -> list<u32>`: the indices of those that are ready, at least one.
///
/// There is nobody to wake this VM, so it watches the clock; the call's deadline bounds that.
pub fn poll(wasi: &mut Wasi, arguments: &mut Arguments<'_>, results: &mut Results) -> Result<()> {
    let count = arguments.count()?;
    let reps = (0..count).map(|_| Ok(arguments.number(4)? as u32)).collect::<Result<Vec<u32>>>()?;
    if reps.is_empty() {
        return Err(Fault::BadResult("poll was given nothing to wait for".into()).into());
    }
    loop {
        let now_ns = clocks().monotonic_ns;
        let is_ready = |index: &u32| wasi.pollables.is_ready(reps[*index as usize], now_ns);
        let ready: Vec<u32> = (0..reps.len() as u32).filter(is_ready).collect();
        if !ready.is_empty() {
            results.extend((ready.len() as u32).to_le_bytes());
            results.extend(ready.iter().flat_map(|index| index.to_le_bytes()));
            return Ok(());
        }
        core::hint::spin_loop();
    }
}
