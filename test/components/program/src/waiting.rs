//! Commands that take time.

use std::time::{Duration, Instant, SystemTime};

use wasip2::clocks::monotonic_clock::subscribe_duration;
use wasip2::io::poll::poll;

pub fn wall_ms() -> u128 {
    SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).map_or(0, |since| since.as_millis())
}

pub fn sleep(ms: u64) {
    let start = Instant::now();
    std::thread::sleep(Duration::from_millis(ms));
    println!("{}", start.elapsed() >= Duration::from_millis(ms));
}

/// Polls two at once, and tells which were ready.
pub fn race(short_ms: u64, long_ms: u64) {
    let start = Instant::now();
    let both = [subscribe_duration(long_ms * 1_000_000), subscribe_duration(short_ms * 1_000_000)];
    let ready = poll(&both.each_ref().to_vec());
    println!("{ready:?} {}", start.elapsed() >= Duration::from_millis(short_ms));
}
