//! A sandbox's counters, for JavaScript to read at any time without waiting for its thread.

use hl_vmm::Stats;
use napi_derive::napi;
use std::time::Duration;

#[napi(object, object_from_js = false)]
pub struct BindingStats {
    pub calls: f64,
    pub exits: f64,
    pub resets: f64,
    pub pages_written: f64,
    pub pages_restored: f64,
    pub replacements: f64,
    pub reset_micros: f64,
    pub last_reset_micros: f64,
}

impl From<Stats> for BindingStats {
    fn from(stats: Stats) -> Self {
        Self {
            calls: stats.calls as f64,
            exits: stats.exits as f64,
            resets: stats.resets as f64,
            pages_written: stats.pages_written as f64,
            pages_restored: stats.pages_restored as f64,
            replacements: stats.replacements as f64,
            reset_micros: micros(stats.reset_time),
            last_reset_micros: micros(stats.last_reset_time),
        }
    }
}

pub(crate) fn micros(duration: Duration) -> f64 {
    duration.as_nanos() as f64 / 1e3
}
