//! What JavaScript wants of a sandbox, checked once.

use crate::snapshot::{self, Held};
use hl_vmm::{Limits, Reset};
use napi_derive::napi;
use std::fmt::Display;
use std::ops::Range;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Interface (none for the world's own level) and function.
type BindingName = (Option<String>, String);

/// Where a component's compiled code lies.
#[napi(object, object_to_js = false)]
pub struct BindingCode {
    pub artifact_path: String,
    pub code_offset: i64,
    pub code_bytes: i64,
    pub text_offset: i64,
    pub text_bytes: i64,
    /// XXH3 of the code, 16 hexadecimal digits.
    pub code_checksum: String,
}

#[napi(object, object_to_js = false)]
pub struct BindingCreate {
    pub code: BindingCode,
    #[napi(ts_type = "[string | null, string][]")]
    pub exports: Vec<BindingName>,
    #[napi(ts_type = "[string | null, string][]")]
    pub imports: Vec<BindingName>,
    pub memory_bytes: i64,
    pub reply_bytes_max: i64,
    pub output_bytes_max: i64,
    pub host_calls_max: i64,
    /// For the creation; 0: none.
    pub timeout_ms: f64,
    /// For each call; 0: none.
    pub cpu_timeout_ms: f64,
    /// Between calls memory is put back, registers are not.
    pub reset_memory: bool,
    /// The state to start from; nothing is loaded then.
    pub snapshot: Option<f64>,
}

/// The same, in the types that vmm takes.
pub(crate) struct Create {
    pub(crate) code: CodeLocation,
    pub(crate) load: Vec<u8>,
    pub(crate) limits: Limits,
    pub(crate) wall: Option<Instant>,
    /// Of each call.
    pub(crate) cpu: Option<Duration>,
    pub(crate) reset: Reset,
    pub(crate) snapshot: Option<Arc<Held>>,
}

/// Where a component's compiled code lies.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct CodeLocation {
    pub(crate) path: PathBuf,
    pub(crate) offset: u64,
    pub(crate) len: usize,
    /// Executable part, counted from the code's start.
    pub(crate) text: Range<usize>,
    pub(crate) checksum: u64,
}

impl TryFrom<BindingCode> for CodeLocation {
    type Error = napi::Error;

    fn try_from(code: BindingCode) -> napi::Result<Self> {
        let text_start = parse("textOffset", code.text_offset)?;
        let text_bytes: usize = parse("textBytes", code.text_bytes)?;
        let text_end =
            text_bytes.checked_add(text_start).ok_or_else(|| invalid("textBytes", code.text_bytes))?;
        Ok(Self {
            path: PathBuf::from(code.artifact_path),
            offset: parse("codeOffset", code.code_offset)?,
            len: parse("codeBytes", code.code_bytes)?,
            text: text_start..text_end,
            checksum: u64::from_str_radix(&code.code_checksum, 16)
                .map_err(|_| invalid("codeChecksum", code.code_checksum))?,
        })
    }
}

impl TryFrom<BindingCreate> for Create {
    type Error = napi::Error;

    fn try_from(options: BindingCreate) -> napi::Result<Self> {
        Ok(Self {
            code: options.code.try_into()?,
            load: crate::load::payload(&options.exports, &options.imports),
            limits: Limits {
                memory_bytes: parse("memoryBytes", options.memory_bytes)?,
                reply_bytes_max: parse("replyBytesMax", options.reply_bytes_max)?,
                output_bytes_max: parse("outputBytesMax", options.output_bytes_max)?,
                host_calls_max: parse("hostCallsMax", options.host_calls_max)?,
            },
            cpu: timeout(options.cpu_timeout_ms),
            reset: if options.reset_memory { Reset::Memory } else { Reset::Full },
            snapshot: options.snapshot.map(snapshot::get).transpose()?,
            wall: timeout(options.timeout_ms).and_then(|timeout| Instant::now().checked_add(timeout)),
        })
    }
}

/// A timeout in milliseconds, where 0 means none.
pub(crate) fn timeout(milliseconds: f64) -> Option<Duration> {
    if milliseconds > 0.0 { Duration::try_from_secs_f64(milliseconds / 1e3).ok() } else { None }
}

fn parse<T: TryFrom<i64>>(name: &str, value: i64) -> napi::Result<T> {
    T::try_from(value).map_err(|_| invalid(name, value))
}

fn invalid(name: &str, value: impl Display) -> napi::Error {
    napi::Error::new(napi::Status::InvalidArg, format!("{name} cannot be {value}"))
}

#[cfg(test)]
mod tests {
    use super::timeout;
    use std::time::Duration;

    #[test]
    fn a_timeout_of_zero_is_none_and_fractions_count() {
        assert_eq!(timeout(0.0), None);
        assert_eq!(timeout(0.5), Some(Duration::from_micros(500)));
        assert_eq!(timeout(f64::NAN), None);
        assert_eq!(timeout(f64::INFINITY), None);
    }
}
