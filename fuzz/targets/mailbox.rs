//! libFuzzer's side of the target `mailbox`.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| hl_fuzz::mailbox(input));
