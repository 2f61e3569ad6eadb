//! The one place where an error of vmm's becomes an error for JavaScript.

use crate::event::BindingError;
use hl_abi::message::{FailureKind, TrapKind};
use hl_vmm::{
    Error, ErrorKind, Expiry, GuestFailure, LimitKind, SnapshotProblem, Unavailable, UnavailableReason,
};

impl From<Error> for BindingError {
    fn from(error: Error) -> Self {
        match error.into_kind() {
            ErrorKind::Unavailable(Unavailable { reason, message }) => {
                Self::Unavailable { reason: reason_name(reason), message }
            }
            ErrorKind::Guest(failure) => Self::from(failure),
            ErrorKind::Expired(expiry) => Self::Timeout { kind: expiry_name(expiry) },
            ErrorKind::Interrupted => Self::Interrupted,
            ErrorKind::Limit(limit) => Self::Limit { limit: limit_name(limit) },
            ErrorKind::Breach(message) => Self::Breach { message },
            ErrorKind::GuestPanic(message) => Self::Panic { message },
            ErrorKind::Snapshot { problem, message } => {
                Self::Snapshot { reason: problem_name(problem), message }
            }
            ErrorKind::Exhausted(message) => Self::Exhausted { message },
            ErrorKind::File(message) | ErrorKind::Internal(message) => Self::Internal { message },
        }
    }
}

impl From<GuestFailure> for BindingError {
    fn from(GuestFailure { kind, trap, status, message, stack }: GuestFailure) -> Self {
        match kind {
            FailureKind::Trap => {
                Self::Trap { trap: trap_name(trap.unwrap_or(TrapKind::Other)), message, stack }
            }
            FailureKind::BadRequest => Self::BadRequest { message, stack },
            FailureKind::Load => Self::Load { message, stack },
            FailureKind::HostFunction => Self::HostFunction { message },
            FailureKind::BadResult => Self::BadResult { message, stack },
            FailureKind::Exit => Self::Exit { message, stack, status },
            FailureKind::OutOfMemory => Self::Limit { limit: limit_name(LimitKind::Memory) },
        }
    }
}

/// What became of something that a closed sandbox did not do any more.
pub(crate) fn closed() -> BindingError {
    BindingError::Closed { message: "the sandbox is closed".to_owned() }
}

pub(crate) fn internal(message: impl Into<String>) -> BindingError {
    BindingError::Internal { message: message.into() }
}

pub(crate) fn reason_name(reason: UnavailableReason) -> &'static str {
    match reason {
        UnavailableReason::Missing => "missing",
        UnavailableReason::Permission => "permission",
        UnavailableReason::Unsupported => "unsupported",
        UnavailableReason::Other => "other",
    }
}

fn problem_name(problem: SnapshotProblem) -> &'static str {
    match problem {
        SnapshotProblem::File => "file",
        SnapshotProblem::Format => "format",
        SnapshotProblem::Damaged => "damaged",
        SnapshotProblem::Program => "runtime",
        SnapshotProblem::Code => "component",
        SnapshotProblem::Cpu => "cpu",
    }
}

fn expiry_name(expiry: Expiry) -> &'static str {
    match expiry {
        Expiry::Wall => "wall",
        Expiry::Cpu => "cpu",
    }
}

/// JavaScript's name of the budget that all sandboxes of the process share.
pub(crate) const PROCESS_MEMORY: &str = "processMemoryBytes";

fn limit_name(limit: LimitKind) -> &'static str {
    match limit {
        LimitKind::Memory => "memoryBytes",
        LimitKind::ProcessMemory => PROCESS_MEMORY,
        LimitKind::Reply => "maxReplyBytes",
        LimitKind::Output => "maxOutputBytes",
        LimitKind::HostCalls => "maxHostCalls",
    }
}

fn trap_name(trap: TrapKind) -> &'static str {
    match trap {
        TrapKind::Unreachable => "unreachable",
        TrapKind::OutOfBounds => "out-of-bounds",
        TrapKind::DivideByZero => "divide-by-zero",
        TrapKind::IntegerOverflow => "integer-overflow",
        TrapKind::BadConversion => "bad-conversion",
        TrapKind::IndirectCall => "indirect-call",
        TrapKind::StackOverflow => "stack-overflow",
        TrapKind::Other => "other",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn javascript_knows_each_problem_of_a_snapshot_by_its_own_name() {
        use SnapshotProblem::{Code, Cpu, Damaged, File, Format, Program};
        let classes = include_str!("../../../src/errors/classes.ts");
        let (_, known) = classes.split_once("export type SnapshotProblem =").unwrap();
        let (known, _) = known.split_once(';').unwrap();
        let mut names: Vec<&str> = [File, Format, Damaged, Program, Code, Cpu].map(problem_name).into();
        assert!(names.iter().all(|name| known.contains(&format!("'{name}'"))), "{names:?} in {known}");
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), 6);
    }
}
