//! A sandbox's counters, for JavaScript to read at any time without waiting for its thread.

use hl_vmm::Stats;
use napi_derive::napi;
use std::sync::atomic::{AtomicU64, Ordering};

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

/// Each counter by itself is right; together they may be from two moments.
#[derive(Default)]
pub(crate) struct SharedStats {
    calls: AtomicU64,
    exits: AtomicU64,
    resets: AtomicU64,
    pages_written: AtomicU64,
    pages_restored: AtomicU64,
    replacements: AtomicU64,
    reset_nanos: AtomicU64,
    last_reset_nanos: AtomicU64,
}

impl SharedStats {
    pub(crate) fn count_call(&self) {
        self.calls.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn publish(&self, stats: &Stats) {
        self.exits.store(stats.exits, Ordering::Relaxed);
        self.pages_written.store(stats.pages_written, Ordering::Relaxed);
        self.pages_restored.store(stats.pages_restored, Ordering::Relaxed);
        self.replacements.store(stats.replacements, Ordering::Relaxed);
        let nanos = stats.reset_time.as_nanos() as u64;
        let before = self.reset_nanos.swap(nanos, Ordering::Relaxed);
        if self.resets.swap(stats.resets, Ordering::Relaxed) != stats.resets {
            self.last_reset_nanos.store(nanos.saturating_sub(before), Ordering::Relaxed);
        }
    }

    pub(crate) fn read(&self) -> BindingStats {
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed) as f64;
        BindingStats {
            calls: read(&self.calls),
            exits: read(&self.exits),
            resets: read(&self.resets),
            pages_written: read(&self.pages_written),
            pages_restored: read(&self.pages_restored),
            replacements: read(&self.replacements),
            reset_micros: read(&self.reset_nanos) / 1e3,
            last_reset_micros: read(&self.last_reset_nanos) / 1e3,
        }
    }
}
