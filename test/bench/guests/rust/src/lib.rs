//! The benchmark's guest in Rust. `guests/typescript` does the same work, line by line.

mod bindings {
    #![allow(clippy::undocumented_unsafe_blocks)] // generated from the WIT world
    wit_bindgen::generate!({ world: "bench", path: "../../wit" });
}

use bindings::hl::bench::host_api;
use std::sync::atomic::{AtomicU32, Ordering};

static CALLS: AtomicU32 = AtomicU32::new(0);

struct Bench;

impl bindings::Guest for Bench {
    fn noop() {
        CALLS.fetch_add(1, Ordering::Relaxed);
    }

    fn calls() -> u32 {
        CALLS.load(Ordering::Relaxed)
    }

    fn hello(name: String) -> String {
        format!("Hello, {name}!")
    }

    fn echo(bytes: Vec<u8>) -> Vec<u8> {
        bytes
    }

    fn host_calls(count: u32, seed: u32) -> u32 {
        (0..count).fold(seed, |sum, _| host_api::add(sum, 1))
    }

    fn spin() {
        loop {
            CALLS.fetch_add(1, Ordering::Relaxed);
        }
    }
}

bindings::export!(Bench with_types_in bindings);
