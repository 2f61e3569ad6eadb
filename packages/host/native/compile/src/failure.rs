//! Owns how a failure is told to the parent: exit code 1, and one line of JSON, the last on standard error.

use std::io::Write;
use std::process::ExitCode;

/// Why there is no artifact, and whose fault that is.
#[derive(Debug, serde::Serialize)]
pub struct Failure {
    code: Code,
    message: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
enum Code {
    /// The input is not a component.
    Invalid,
    /// It is one, but asks for something that this engine lacks.
    Unsupported,
    /// Compiling it took more memory or time than granted, or it is too large.
    Limit,
    /// The artifact cannot be put where it belongs.
    Cache,
    /// A defect of ours.
    Internal,
}

impl Failure {
    pub fn invalid(message: impl Into<String>) -> Self {
        Self { code: Code::Invalid, message: message.into() }
    }

    pub fn unsupported(message: impl Into<String>) -> Self {
        Self { code: Code::Unsupported, message: message.into() }
    }

    pub fn limit(message: impl Into<String>) -> Self {
        Self { code: Code::Limit, message: message.into() }
    }

    pub fn cache(message: impl Into<String>) -> Self {
        Self { code: Code::Cache, message: message.into() }
    }

    pub fn internal(message: impl Into<String>) -> Self {
        Self { code: Code::Internal, message: message.into() }
    }

    pub fn is_unsupported(&self) -> bool {
        self.code == Code::Unsupported
    }

    /// Writes the line. A parent that no longer listens is no reason to fail differently.
    pub fn report(&self) -> ExitCode {
        let line = serde_json::to_string(self).expect("two strings are JSON");
        let _ = writeln!(std::io::stderr(), "{line}");
        ExitCode::from(1)
    }
}

/// Makes a panic, on whichever thread, end the process with the same kind of line.
pub fn report_panics() {
    std::panic::set_hook(Box::new(|info| {
        Failure::internal(format!("the compiler failed: {info}")).report();
        // Other threads may be compiling still; there is nothing to unwind for.
        std::process::exit(1);
    }));
}
