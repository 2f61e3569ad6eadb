//! Takes the guest runtime that the add-on embeds: its place for `include_bytes!`, its SHA-256 for `describe`.

use sha2::{Digest, Sha256};
use std::path::PathBuf;

fn main() {
    napi_build::setup();
    let folder = std::env::var("HL_GUEST_DIR").expect("HL_GUEST_DIR comes from .cargo/config.toml");
    let runtime = PathBuf::from(folder).join("hl-runtime");
    println!("cargo::rerun-if-env-changed=HL_GUEST_DIR");
    println!("cargo::rerun-if-changed={}", runtime.display());
    match std::fs::read(&runtime) {
        Ok(elf) => println!("cargo::rustc-env=HL_RUNTIME_SHA256={:x}", Sha256::digest(elf)),
        Err(error) => {
            println!("cargo::error={}: {error}; run `npm run build:guest` first", runtime.display())
        }
    }
}
