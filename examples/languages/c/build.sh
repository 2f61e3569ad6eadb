#!/bin/sh
# Builds the plug-in from C. ADAPTER is the file that turns what wasi-libc asks for into WASI 0.2.
set -eu
cd "$(dirname "$0")"
wit-bindgen c ../wit --world lender --out-dir out
clang --target=wasm32-wasi -mexec-model=reactor -Os -Wall -Wl,--strip-debug -Iout -o out/core.wasm \
  ledger.c accounts.c out/lender.c out/lender_component_type.o
wasm-tools component new out/core.wasm --adapt "$ADAPTER" -o "${1:-ledger.wasm}"
