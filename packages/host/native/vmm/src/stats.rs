//! Counters that tell where a sandbox's time and memory go.

use std::time::Duration;

/// Counts since the sandbox was created.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stats {
    /// Times the guest left its VM.
    pub exits: u64,
    /// Exceptions that the host resolved or delivered, page grants among them.
    pub exceptions: u64,
    pub host_calls: u64,
    pub resets: u64,
    /// Pages in the current VM's write set.
    pub pages_written: u64,
    /// Pages put back by all resets together.
    pub pages_restored: u64,
    /// VMs given up and replaced by a clone.
    pub replacements: u64,
    /// Time in resets, replacements included.
    pub reset_time: Duration,
}
