//! The guest that runs WebAssembly: loads a compiled component, calls its exports, serves its imports.
//!
//! Nothing about any component is compiled in. Interfaces are found by reflection, values cross by
//! [`codec`], and imports go to the host or to the isolated [`wasi`] in this VM.
#![no_std]

extern crate alloc;
#[cfg(not(target_os = "none"))]
extern crate std;

pub mod codec;
mod console;
mod engine;
mod exports;
mod fault;
mod imports;
mod one_thread;
mod payload;
#[cfg(target_os = "none")]
mod platform;
mod runtime;
pub mod system;
pub mod wasi;

pub use runtime::Runtime;

#[cfg(all(test, not(target_os = "none")))]
mod tests;
