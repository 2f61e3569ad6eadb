//! What a guest can reach of its host while it is called.

use crate::deadline::Deadline;

/// The functions and streams that a sandbox's owner grants. Called on the sandbox's own thread.
pub trait Host {
    /// Serves host function `import`. May take until `deadline`, and must then give up.
    fn call(&mut self, import: u32, arguments: &[u8], deadline: &Deadline) -> HostReply;

    /// Takes text for stream 1 (stdout) or 2 (stderr).
    fn output(&mut self, stream: u32, bytes: &[u8]);
}

/// How a host function ended.
pub enum HostReply {
    Returned(Vec<u8>),
    /// It threw: the guest's call fails with this reason.
    Threw(String),
    /// [`crate::Interrupt::fire`] came first.
    Interrupted,
    /// The deadline passed first.
    Expired,
}
