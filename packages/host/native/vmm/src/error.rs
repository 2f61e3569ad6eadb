//! Why something has no result: one opaque error over what callers can tell apart.

use crate::deadline::Expiry;
use hl_abi::message::{FailureKind, TrapKind};
use std::{fmt, io};

/// An error of this crate. The sandbox it came from works again after [`crate::Sandbox::reset`].
#[derive(Debug)]
pub struct Error(Box<ErrorKind>);

impl Error {
    pub fn kind(&self) -> &ErrorKind {
        &self.0
    }

    pub fn into_kind(self) -> ErrorKind {
        *self.0
    }

    /// The guest did something that no guest does: its VM is given up.
    pub(crate) fn breach(what: impl Into<String>) -> Self {
        ErrorKind::Breach(what.into()).into()
    }

    pub(crate) fn internal(what: impl Into<String>) -> Self {
        ErrorKind::Internal(what.into()).into()
    }

    /// A system call of ours failed; for want of something that there is only so much of, or because of us.
    pub fn system(what: &str, cause: impl Into<io::Error>) -> Self {
        let cause = cause.into();
        match cause.raw_os_error().and_then(remedy) {
            Some(remedy) => ErrorKind::Exhausted(format!("{what}: {cause}; {remedy}")).into(),
            None => Self::internal(format!("{what}: {cause}")),
        }
    }
}

impl From<ErrorKind> for Error {
    fn from(kind: ErrorKind) -> Self {
        Self(Box::new(kind))
    }
}

impl From<Unavailable> for Error {
    fn from(unavailable: Unavailable) -> Self {
        ErrorKind::Unavailable(unavailable).into()
    }
}

/// What makes room again, where the system has run out of something.
fn remedy(errno: i32) -> Option<&'static str> {
    match errno {
        libc::EMFILE => {
            Some("close sandboxes or files, or raise how many files the process may open (ulimit -n)")
        }
        libc::ENFILE => {
            Some("no process of this machine can open more files; close some, or raise fs.file-max")
        }
        libc::ENOMEM => Some(
            "close sandboxes, or raise what bounds the memory: the control group's limit, ulimit -v, vm.max_map_count",
        ),
        libc::EAGAIN => Some(
            "close sandboxes, or raise how many threads and timers there may be (ulimit -u, ulimit -i, the control group's pids.max)",
        ),
        _ => None,
    }
}

/// What callers can tell apart. Who is at fault decides: the machine, the guest, a limit, a hostile guest, us.
#[derive(Debug)]
pub enum ErrorKind {
    /// No hypervisor to work with.
    Unavailable(Unavailable),
    /// The guest answered that it failed.
    Guest(GuestFailure),
    /// The deadline passed.
    Expired(Expiry),
    /// [`crate::Interrupt::fire`] was called.
    Interrupted,
    /// A limit was reached.
    Limit(LimitKind),
    /// The guest broke the protocol or ran into a wall; its VM is dead.
    Breach(String),
    /// The guest's own program gave up.
    GuestPanic(String),
    /// A snapshot cannot be written, or not be used here.
    Snapshot { problem: SnapshotProblem, message: String },
    /// The process or the machine has no more of something: memory, descriptors, threads, timers.
    Exhausted(String),
    /// A file could not be read.
    File(String),
    /// Our fault, or the kernel's.
    Internal(String),
}

/// A failure as the guest tells it: claims, but of the right types.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GuestFailure {
    pub kind: FailureKind,
    pub trap: Option<TrapKind>,
    /// Exit status, where `kind` is [`FailureKind::Exit`].
    pub status: u32,
    pub message: String,
    pub stack: String,
}

/// Which limit was reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LimitKind {
    /// The sandbox's own.
    Memory,
    /// That of all VMs of the process together.
    ProcessMemory,
    Reply,
    Output,
    HostCalls,
}

/// What is wrong with a snapshot, or with its file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SnapshotProblem {
    /// The file cannot be read or written.
    File,
    /// It is no snapshot's, or of another version of the format.
    Format,
    /// It is not what was written, or says what cannot be.
    Damaged,
    /// The guest's program is another.
    Program,
    /// The compiled code is another.
    Code,
    /// This CPU lacks what the state counts on.
    Cpu,
}

/// Why there is no hypervisor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unavailable {
    pub reason: UnavailableReason,
    pub message: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UnavailableReason {
    /// There is no `/dev/kvm`.
    Missing,
    /// It may not be opened.
    Permission,
    /// It lacks what is needed.
    Unsupported,
    /// Anything else.
    Other,
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.kind() {
            ErrorKind::Unavailable(unavailable) => write!(f, "no hypervisor: {}", unavailable.message),
            ErrorKind::Guest(failure) => {
                write!(f, "the guest failed ({:?}): {}", failure.kind, failure.message)
            }
            ErrorKind::Expired(Expiry::Wall) => write!(f, "the deadline passed"),
            ErrorKind::Expired(Expiry::Cpu) => write!(f, "the guest used up its time on the CPU"),
            ErrorKind::Interrupted => write!(f, "interrupted"),
            ErrorKind::Limit(limit) => write!(f, "limit reached: {limit:?}"),
            ErrorKind::Breach(what) => write!(f, "the guest was stopped: {what}"),
            ErrorKind::GuestPanic(text) => write!(f, "the guest's program gave up: {text}"),
            ErrorKind::Snapshot { message, .. } => write!(f, "{message}"),
            ErrorKind::Exhausted(what) | ErrorKind::File(what) | ErrorKind::Internal(what) => {
                write!(f, "{what}")
            }
        }
    }
}

impl std::error::Error for Error {}
