#!/bin/sh
# Builds the plug-in from Go. ADAPTER is the file that turns what Go's runtime asks for into WASI 0.2.
set -eu
cd "$(dirname "$0")"
wit-bindgen go ../wit --world lender --out-dir out
mkdir -p out/export_acme_ledger_ledger out/export_acme_ledger_accounts
cp go.mod go.sum out
cp ledger.go collect.go out/export_acme_ledger_ledger
cp accounts.go out/export_acme_ledger_accounts
GOOS=wasip1 GOARCH=wasm go -C out build -buildmode=c-shared -trimpath -ldflags='-checklinkname=0 -w' -o core.wasm
wasm-tools component embed ../wit --world lender out/core.wasm -o out/embedded.wasm
wasm-tools component new out/embedded.wasm --adapt "$ADAPTER" -o "${1:-ledger.wasm}"
