#!/bin/sh
# Builds the plug-in from Python: the interpreter, the standard library and app.py become one component.
set -eu
cd "$(dirname "$0")"
componentize-py --wit-path ../wit --world plugin componentize app -o "${1:-ledger.wasm}"
