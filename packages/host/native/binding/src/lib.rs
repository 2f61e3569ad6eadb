//! The Node.js add-on: converts between JavaScript and `hl-vmm`, and decides nothing.
//!
//! Each sandbox has one thread of its own (`worker`), which makes its micro-VM and is the only one to touch
//! it, but for calls: JavaScript makes those itself on the sandbox's line (`calls`), through buffers that both
//! sides share (`scratch`), and waits a moment. What takes longer, and everything that is no call, goes through
//! the thread's `inbox`, and comes back as events through the event loop (`outlet`). Handles live in a
//! `registry` for each environment, so that `worker_threads` do not meet, and so do the numbers of snapshots;
//! only the compiled `code` of a component and the VMs of closed sandboxes (`recycling`) are shared by the whole
//! process.

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
mod recycling;
mod registry;
mod scratch;
mod slab;
mod snapshot;
mod snapshot_file;
mod stats;
mod worker;
