//! Micro-VMs for code that nobody has to trust.
//!
//! A [`Sandbox`] is one guest in one VM: created from a [`Program`] (the guest's ELF) and the [`Code`] it
//! loads, brought to its base state, then called. After a call [`Sandbox::reset`] puts back every page that
//! the VM can have written and every register it has.
//!
//! How the parts lie on each other, top down: `sandbox` (lifecycle) and `attend` (what its thread does) over
//! `line` (callers on other threads) and `conversation` (what each message means) over `machine` (one VM's memory
//! and grants) over `hypervisor` (the trait) over `kvm`. Nothing here knows Node. A sandbox lives and dies on one
//! thread; what others reach of it is its [`Line`].

mod address_space;
mod attend;
mod budget;
mod clock;
mod clone_memory;
mod code;
mod conversation;
mod deadline;
mod error;
mod exception;
mod frames;
#[cfg(feature = "fuzzing")]
pub mod fuzzing;
mod host;
mod hypervisor;
mod interrupt;
mod kvm;
mod learning;
mod limits;
mod line;
mod machine;
mod mailbox;
mod mapping;
mod page_tables;
mod program;
mod random;
mod sandbox;
mod shell;
mod snapshot;
mod stats;
mod system;
mod watch;
mod write_set;

pub use attend::Attended;
pub use code::Code;
pub use deadline::{Deadline, Expiry};
pub use error::{Error, ErrorKind, GuestFailure, LimitKind, SnapshotProblem, Unavailable, UnavailableReason};
pub use host::{Host, HostReply};
pub use interrupt::Interrupt;
pub use kvm::probe;
pub use limits::Limits;
pub use line::{Call, Line, Outcome, Reset};
pub use program::Program;
pub use sandbox::{Base, Sandbox};
pub use shell::Shell;
pub use snapshot::Saved;
pub use stats::{Figures, Stats};
