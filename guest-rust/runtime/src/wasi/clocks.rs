//! `wasi:clocks`: the host's clocks as the last message told them, and the cycles since.

use wasmtime::Result;

use super::{Arguments, Results, Wasi};
use crate::codec::Source;
use hl_guest::clocks;

const SECOND_NS: u64 = 1_000_000_000;
/// What the cycle counter makes of it on every CPU of today.
const RESOLUTION_NS: u64 = 1;

/// `now() -> instant`
pub fn monotonic_now(_: &mut Wasi, _: &mut Arguments<'_>, results: &mut Results) -> Result<()> {
    results.extend(clocks().monotonic_ns.to_le_bytes());
    Ok(())
}

/// `resolution() -> duration`
pub fn monotonic_resolution(_: &mut Wasi, _: &mut Arguments<'_>, results: &mut Results) -> Result<()> {
    results.extend(RESOLUTION_NS.to_le_bytes());
    Ok(())
}

/// `subscribe-instant(when: instant) -> pollable`
pub fn subscribe_instant(
    wasi: &mut Wasi,
    arguments: &mut Arguments<'_>,
    results: &mut Results,
) -> Result<()> {
    let due_ns = arguments.number(8)?;
    results.extend(wasi.pollables.insert(due_ns)?.to_le_bytes());
    Ok(())
}

/// `subscribe-duration(when: duration) -> pollable`
pub fn subscribe_duration(
    wasi: &mut Wasi,
    arguments: &mut Arguments<'_>,
    results: &mut Results,
) -> Result<()> {
    let due_ns = clocks().monotonic_ns.saturating_add(arguments.number(8)?);
    results.extend(wasi.pollables.insert(due_ns)?.to_le_bytes());
    Ok(())
}

/// `now() -> datetime`
pub fn wall_now(_: &mut Wasi, _: &mut Arguments<'_>, results: &mut Results) -> Result<()> {
    datetime(clocks().wall_ns, results);
    Ok(())
}

/// `resolution() -> datetime`
pub fn wall_resolution(_: &mut Wasi, _: &mut Arguments<'_>, results: &mut Results) -> Result<()> {
    datetime(RESOLUTION_NS, results);
    Ok(())
}

/// `record datetime { seconds: u64, nanoseconds: u32 }`
fn datetime(ns: u64, results: &mut Results) {
    results.extend((ns / SECOND_NS).to_le_bytes());
    results.extend(((ns % SECOND_NS) as u32).to_le_bytes());
}
