//! libFuzzer's side of the target `component`.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| hl_fuzz::component(input));
