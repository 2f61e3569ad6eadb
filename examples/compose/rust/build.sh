#!/bin/sh
# Builds the component that is named second; `composed` is a reporter and a parser in one.
set -eu
out=$1 name=$2
cd "$(dirname "$0")"
cargo build --release --target wasm32-wasip2
cd "${CARGO_TARGET_DIR:-target}/wasm32-wasip2/release"
if [ "$name" = composed ]; then
  wac plug reporter.wasm --plug parser.wasm -o composed.wasm
fi
cp "$name.wasm" "$out"
