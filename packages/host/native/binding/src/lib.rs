//! The Node.js add-on: converts between JavaScript and `hl-vmm`, and decides nothing.
//!
//! Each sandbox has one thread of its own (`worker`), which makes its micro-VM and is the only one to touch
//! it. JavaScript gives it commands through its `inbox` and gets events back: as a call's direct answer
//! while it waits for one (`slot`), otherwise through the event loop (`outlet`). Handles live in a
//! `registry` for each environment, so that `worker_threads` do not meet; only the compiled `code` of a
//! component is shared by the whole process.

#![cfg_attr(test, allow(dead_code, reason = "Node calls the functions, tests do not"))]

mod calls;
mod code;
mod describe;
mod error;
mod event;
mod functions;
mod host;
mod inbox;
mod load;
mod options;
mod outlet;
mod registry;
mod scratch;
mod slab;
mod slot;
mod snapshot;
mod stats;
mod worker;
