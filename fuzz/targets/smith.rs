//! libFuzzer's side of the target `smith`.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| hl_fuzz::smith::smith(input));
