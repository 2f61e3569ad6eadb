//! What the compiler outside the VM and the runtime inside it must agree on.
#![no_std]
#![forbid(unsafe_code)]

#[cfg(test)]
extern crate std;

mod config;
pub mod wasi;

pub use config::{TARGET, configure};
