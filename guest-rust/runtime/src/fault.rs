//! Why a call has no result, and whose fault that is: from wasmtime's errors to what the host is told.

use alloc::format;
use alloc::string::{String, ToString};
use core::fmt::{self, Write as _};

use hl_abi::message::{FailureKind, TrapKind};
use wasmtime::{OutOfMemory, Trap, WasmBacktrace};

use hl_guest::Failure;

/// What ends a call besides a trap; travels through wasmtime as an error.
#[derive(Debug)]
pub enum Fault {
    BadRequest(String),
    BadResult(String),
    HostFunction(String),
    /// The component asked to end with this status.
    Exit(u32),
    /// The component uses more of the isolated WASI than it may.
    Exhausted(&'static str),
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::BadRequest(message) | Self::BadResult(message) | Self::HostFunction(message) => {
                f.write_str(message)
            }
            Self::Exit(status) => write!(f, "the component exited with status {status}"),
            Self::Exhausted(what) => write!(f, "the component holds too many {what}"),
        }
    }
}

impl core::error::Error for Fault {}

/// What the host is told of an error that ended a call.
pub fn of_call(error: &wasmtime::Error) -> Failure {
    let mut failure = classify(error);
    if let Some(backtrace) = error.downcast_ref::<WasmBacktrace>() {
        failure.stack = stack(backtrace);
    }
    failure
}

fn classify(error: &wasmtime::Error) -> Failure {
    if error.is::<OutOfMemory>() {
        return Failure::new(FailureKind::OutOfMemory, root_cause(error));
    }
    match error.downcast_ref::<Fault>() {
        Some(fault @ Fault::BadRequest(_)) => Failure::new(FailureKind::BadRequest, fault.to_string()),
        Some(fault @ Fault::BadResult(_)) => Failure::new(FailureKind::BadResult, fault.to_string()),
        Some(fault @ Fault::HostFunction(_)) => Failure::new(FailureKind::HostFunction, fault.to_string()),
        Some(fault @ Fault::Exit(status)) => {
            let mut failure = Failure::new(FailureKind::Exit, fault.to_string());
            failure.status = *status;
            failure
        }
        Some(fault @ Fault::Exhausted(_)) => trap(TrapKind::Other, fault.to_string()),
        None => match error.downcast_ref::<Trap>() {
            Some(code) => trap(kind(*code), text(*code)),
            // The canonical ABI's other rules: the component broke one of them.
            None => trap(TrapKind::Other, root_cause(error)),
        },
    }
}

/// Whether it is that a host function was not to be had.
pub fn is_of_host_function(error: &wasmtime::Error) -> bool {
    matches!(error.downcast_ref::<Fault>(), Some(Fault::HostFunction(_)))
}

/// What the host is told of an error that kept a component from being loaded.
pub fn of_load(error: &wasmtime::Error) -> Failure {
    let mut failure = of_call(error);
    if failure.kind == FailureKind::OutOfMemory {
        return failure;
    }
    failure.kind = FailureKind::Load;
    failure.message = format!("cannot instantiate the component: {}", failure.message);
    failure
}

fn trap(kind: TrapKind, message: String) -> Failure {
    let mut failure = Failure::new(FailureKind::Trap, message);
    failure.trap = Some(kind);
    failure
}

fn kind(code: Trap) -> TrapKind {
    match code {
        Trap::UnreachableCodeReached => TrapKind::Unreachable,
        Trap::MemoryOutOfBounds | Trap::ArrayOutOfBounds => TrapKind::OutOfBounds,
        Trap::IntegerDivisionByZero => TrapKind::DivideByZero,
        Trap::IntegerOverflow => TrapKind::IntegerOverflow,
        Trap::BadConversionToInteger => TrapKind::BadConversion,
        // An index outside the table is told apart from a null or mistyped entry by the message only.
        Trap::IndirectCallToNull | Trap::BadSignature | Trap::TableOutOfBounds | Trap::NullReference => {
            TrapKind::IndirectCall
        }
        Trap::StackOverflow => TrapKind::StackOverflow,
        // wasmtime's enum grows; whatever it adds is told by its text.
        _ => TrapKind::Other,
    }
}

fn text(code: Trap) -> String {
    let text = code.to_string();
    text.strip_prefix("wasm trap: ").map_or(text.clone(), ToString::to_string)
}

/// The innermost message: the outer ones only say that wasm was running, which the stack shows.
fn root_cause(error: &wasmtime::Error) -> String {
    error.chain().last().map_or_else(|| error.to_string(), ToString::to_string)
}

/// One line for each frame, innermost first.
fn stack(backtrace: &WasmBacktrace) -> String {
    let mut text = String::new();
    for frame in backtrace.frames() {
        let written = match frame.func_name() {
            Some(name) => write!(text, "{:#}", rustc_demangle::demangle(name)),
            None => write!(text, "wasm function {}", frame.func_index()),
        };
        written.expect("a string takes everything");
        text.push('\n');
    }
    text.pop();
    text
}
