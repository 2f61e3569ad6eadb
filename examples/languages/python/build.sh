#!/bin/sh
# Builds the plug-in from Python: the interpreter, the standard library and these modules become one component.
set -eu
cd "$(dirname "$0")"
componentize-py --wit-path ../wit --world lender componentize app -o "${1:-ledger.wasm}"
