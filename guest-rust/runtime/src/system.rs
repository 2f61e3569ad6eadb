//! Owns what the runtime needs of the machine: the guest library in a VM, a stand-in for tests elsewhere.

#[cfg(not(target_os = "none"))]
pub mod native;

#[cfg(target_os = "none")]
pub use hl_guest::{
    Clocks, Failure, HostFailure, Reader, Short, Writer, clocks, code, host_call, output, random,
};
#[cfg(not(target_os = "none"))]
pub use native::{
    Clocks, Failure, HostFailure, Reader, Short, Writer, clocks, code, host_call, output, random,
};
