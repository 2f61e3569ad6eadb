//! The runtime in a VM, on real KVM: real components, from compilation to the last byte of a reply.

mod echo;
mod host_calls;
mod isolation;
mod support;
mod traps;
mod wasi_versions;
