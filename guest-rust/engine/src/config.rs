//! Owns the one engine configuration: compiled code runs only in an engine configured alike.

use wasmtime::Config;

/// What code is compiled for: ring 3 of a VM without an operating system.
pub const TARGET: &str = "x86_64-unknown-none";

/// How much of the guest's stack WebAssembly may use; the rest of `hl_abi::layout::STACK_BYTES` is for the
/// runtime, which calls in and is called back.
const WASM_STACK_BYTES: usize = 1 << 20;

/// Sets every feature and tunable that changes compiled code or how it is run.
///
/// Memories keep wasmtime's 4 GiB reservations and guards, so an access out of bounds faults instead of
/// being checked for; explicit checks were measured at 16 % of a load/store loop.
pub fn configure(config: &mut Config) {
    config
        .signals_based_traps(true)
        // There is no file to map an image from, and the VM's snapshot does the same job for all memory.
        .memory_init_cow(false)
        // Threads of the wasm kind need shared memory; a VM has one vCPU.
        .concurrency_support(false)
        .max_wasm_stack(WASM_STACK_BYTES)
        .wasm_simd(true)
        .wasm_component_model_map(true)
        .wasm_component_model_fixed_length_lists(true)
        // Function names of a trap's stack stay readable; debug sections would only make code larger.
        .wasm_backtrace_max_frames(core::num::NonZeroUsize::new(32))
        .generate_address_map(false);
}
