//! libFuzzer's side of the target `hostile`.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| hl_fuzz::hostile(input));
