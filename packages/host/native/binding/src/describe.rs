//! What this add-on is, and whether this machine can run it; also the runtime that it carries.

use crate::error::reason_name;
use hl_vmm::Program;
use napi_derive::napi;
use std::sync::{Arc, OnceLock};

static RUNTIME: &[u8] = include_bytes!(env!("HL_RUNTIME"));

#[napi(object)]
pub struct BindingDescription {
    pub abi_version: u32,
    pub runtime_sha256: String,
    pub target: String,
}

#[napi]
pub fn describe() -> BindingDescription {
    BindingDescription {
        abi_version: hl_abi::ABI_VERSION,
        runtime_sha256: env!("HL_RUNTIME_SHA256").to_owned(),
        target: "linux-x64-gnu".to_owned(),
    }
}

#[napi(object)]
pub struct BindingProbe {
    pub ok: bool,
    pub reason: Option<String>,
    pub message: Option<String>,
}

#[napi]
pub fn probe() -> BindingProbe {
    match hl_vmm::probe() {
        Ok(()) => BindingProbe { ok: true, reason: None, message: None },
        Err(unavailable) => BindingProbe {
            ok: false,
            reason: Some(reason_name(unavailable.reason).to_owned()),
            message: Some(unavailable.message),
        },
    }
}

/// The same as [`describe`] says, in bytes.
pub(crate) fn runtime_sha256() -> [u8; 32] {
    let digit = |at: usize| env!("HL_RUNTIME_SHA256").as_bytes()[at] as char;
    let value = |at: usize| digit(at).to_digit(16).unwrap_or_default() as u8;
    std::array::from_fn(|byte| value(byte * 2) << 4 | value(byte * 2 + 1))
}

/// The guest runtime, parsed once for the whole process.
pub(crate) fn runtime() -> Result<Arc<Program>, String> {
    static PARSED: OnceLock<Result<Arc<Program>, String>> = OnceLock::new();
    PARSED.get_or_init(|| Program::parse(RUNTIME).map_err(|error| error.to_string())).clone()
}
