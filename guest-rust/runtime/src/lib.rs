//! The guest that runs WebAssembly: loads a compiled component, calls its exports, serves its imports.
//!
//! Nothing about any component is compiled in. Interfaces are found by reflection, values cross by
//! `codec`, and imports go to the host or to the isolated `wasi` in this VM.
//!
//! It exists in a VM only: for any other target this crate is empty.
#![no_std]
#![cfg(target_os = "none")]

extern crate alloc;

mod codec;
mod console;
mod engine;
mod exports;
mod fault;
mod imports;
mod one_thread;
mod payload;
mod platform;
mod runtime;
mod wasi;

pub use runtime::Runtime;
