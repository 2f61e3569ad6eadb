//! Which guest program the add-on embeds: its path for `include_bytes!`, its SHA-256 for `describe`.

use sha2::{Digest, Sha256};
use std::path::PathBuf;

/// To be called by a build script.
pub fn program(name: &str) {
    napi_build::setup();
    let folder = std::env::var("HL_GUEST_DIR").expect("HL_GUEST_DIR comes from .cargo/config.toml");
    let program = PathBuf::from(folder).join(name);
    println!("cargo::rerun-if-env-changed=HL_GUEST_DIR");
    println!("cargo::rerun-if-changed={}", program.display());
    match std::fs::read(&program) {
        Ok(elf) => {
            println!("cargo::rustc-env=HL_RUNTIME={}", program.display());
            println!("cargo::rustc-env=HL_RUNTIME_SHA256={:x}", Sha256::digest(elf));
        }
        Err(error) => {
            println!("cargo::error={}: {error}; run `npm run build:guest` first", program.display())
        }
    }
}
