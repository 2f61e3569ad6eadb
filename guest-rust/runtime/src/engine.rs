//! Owns the engine, and the compiled component as it lies in the VM.

use alloc::format;
use alloc::sync::Arc;
use core::ptr::NonNull;

use hl_abi::message::FailureKind;
use wasmtime::component::Component;
use wasmtime::{Config, CustomCodeMemory, Engine, Result};

use hl_guest::Failure;

/// Code runs where the host put it: read-only and executable from the first instruction on.
struct InPlace;

impl CustomCodeMemory for InPlace {
    fn required_alignment(&self) -> usize {
        hl_abi::layout::PAGE_BYTES
    }

    fn publish_executable(&self, _: *const u8, _: usize) -> Result<()> {
        Ok(())
    }

    fn unpublish_executable(&self, _: *const u8, _: usize) -> Result<()> {
        Ok(())
    }
}

/// Made once, at boot, so that it is part of every snapshot.
pub fn new() -> Engine {
    let mut config = Config::new();
    hl_engine::configure(&mut config);
    config.with_custom_code_memory(Some(Arc::new(InPlace)));
    // SAFETY: the compiler chose instructions that this machine has, and the host gives the VM the same CPU;
    // floats never cross between wasmtime's own code, built without float registers, and compiled code.
    unsafe {
        config.detect_host_feature(|_| Some(true));
        config.x86_float_abi_ok(true);
    }
    Engine::new(&config).expect("the engine's configuration fits this build of it")
}

/// The component in `code`.
///
/// # Errors
/// [`FailureKind::Load`] where it was compiled by another version or configuration.
pub fn component(engine: &Engine, code: &'static [u8]) -> Result<Component, Failure> {
    if code.is_empty() {
        return Err(Failure::new(FailureKind::Load, "there is no component to load"));
    }
    // SAFETY: the host gives a component's VMs what its own compiler wrote, and never changes it.
    let loaded = unsafe { Component::deserialize_raw(engine, NonNull::from(code)) };
    loaded.map_err(|error| {
        Failure::new(
            FailureKind::Load,
            format!("the compiled component does not fit this runtime: {error:#}"),
        )
    })
}
