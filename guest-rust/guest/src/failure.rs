//! Ways in which a call, a payload or a request to the host fails.

use alloc::string::String;
use hl_abi::message::{FailureKind, TrapKind};

/// Why a call has no result: travels to the host as it is.
#[derive(Clone, Debug)]
pub struct Failure {
    pub kind: FailureKind,
    /// Which trap, where `kind` is [`FailureKind::Trap`].
    pub trap: Option<TrapKind>,
    pub message: String,
    /// The guest's own call stack as text, or empty.
    pub stack: String,
    /// Exit status, where `kind` is [`FailureKind::Exit`].
    pub status: u32,
}

impl Failure {
    pub fn new(kind: FailureKind, message: impl Into<String>) -> Self {
        Self { kind, trap: None, message: message.into(), stack: String::new(), status: 0 }
    }

    /// The request does not fit.
    pub fn bad_request(message: impl Into<String>) -> Self {
        Self::new(FailureKind::BadRequest, message)
    }

    pub(crate) fn detail(&self) -> u32 {
        match self.kind {
            FailureKind::Trap => self.trap.unwrap_or(TrapKind::Other) as u32,
            FailureKind::Exit => self.status,
            FailureKind::BadRequest
            | FailureKind::Load
            | FailureKind::HostFunction
            | FailureKind::BadResult
            | FailureKind::OutOfMemory => 0,
        }
    }
}

/// A payload ended before what was asked of it, or another message has taken its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Short;

impl From<Short> for Failure {
    fn from(_: Short) -> Self {
        Self::bad_request("the request ends too early")
    }
}

/// The host refused memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refused;

/// A host function that gave no result.
#[derive(Clone, Debug)]
pub struct HostFailure {
    /// The host's reason.
    pub message: String,
}

impl From<HostFailure> for Failure {
    fn from(failure: HostFailure) -> Self {
        Self::new(FailureKind::HostFunction, failure.message)
    }
}
