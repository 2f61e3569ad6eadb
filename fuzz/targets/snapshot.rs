//! libFuzzer's side of the target `snapshot`.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| hl_fuzz::snapshot(input));
