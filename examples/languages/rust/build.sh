#!/bin/sh
# Builds the plug-in from Rust: one command, for the standard library has this target.
set -eu
cd "$(dirname "$0")"
cargo build --release --target wasm32-wasip2
cp "${CARGO_TARGET_DIR:-target}/wasm32-wasip2/release/ledger.wasm" "${1:-ledger.wasm}"
