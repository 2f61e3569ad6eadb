//! The benchmark's guest as an Extism plug-in, against Extism's imports themselves. `guests/typescript` does the
//! same work, line by line.

use std::sync::atomic::{AtomicU32, Ordering};

#[link(wasm_import_module = "extism:host/env")]
unsafe extern "C" {
    safe fn input_length() -> u64;
    safe fn input_load_u8(offset: u64) -> u32;
    safe fn input_load_u64(offset: u64) -> u64;
    safe fn alloc(bytes: u64) -> u64;
    safe fn store_u8(offset: u64, byte: u32);
    safe fn store_u64(offset: u64, word: u64);
    safe fn output_set(offset: u64, bytes: u64);
}

#[link(wasm_import_module = "extism:host/user")]
unsafe extern "C" {
    safe fn add(left: u32, right: u32) -> u32;
}

static CALLS: AtomicU32 = AtomicU32::new(0);

const OK: i32 = 0;
const WORD: usize = size_of::<u64>();

#[unsafe(no_mangle)]
extern "C" fn noop() -> i32 {
    CALLS.fetch_add(1, Ordering::Relaxed);
    OK
}

#[unsafe(no_mangle)]
extern "C" fn calls() -> i32 {
    answer(&CALLS.load(Ordering::Relaxed).to_le_bytes())
}

#[unsafe(no_mangle)]
extern "C" fn hello() -> i32 {
    let name = String::from_utf8(input()).unwrap_or_default();
    answer(format!("Hello, {name}!").as_bytes())
}

#[unsafe(no_mangle)]
extern "C" fn echo() -> i32 {
    answer(&input())
}

/// Its input is `count` and `seed`, four bytes each.
#[unsafe(no_mangle)]
extern "C" fn host_calls() -> i32 {
    let words = input_load_u64(0);
    let (count, seed) = (words as u32, (words >> 32) as u32);
    answer(&(0..count).fold(seed, |sum, _| add(sum, 1)).to_le_bytes())
}

/// Extism's memory is reached a word or a byte at a time.
fn input() -> Vec<u8> {
    let length = input_length() as usize;
    let mut bytes = Vec::with_capacity(length);
    for at in (0..length / WORD).map(|word| word * WORD) {
        bytes.extend_from_slice(&input_load_u64(at as u64).to_le_bytes());
    }
    for at in length / WORD * WORD..length {
        bytes.push(input_load_u8(at as u64) as u8);
    }
    bytes
}

fn answer(bytes: &[u8]) -> i32 {
    let offset = alloc(bytes.len() as u64);
    let (words, rest) = bytes.as_chunks::<WORD>();
    for (at, word) in (offset..).step_by(WORD).zip(words) {
        store_u64(at, u64::from_le_bytes(*word));
    }
    for (at, byte) in (offset + (words.len() * WORD) as u64..).zip(rest) {
        store_u8(at, u32::from(*byte));
    }
    output_set(offset, bytes.len() as u64);
    OK
}
