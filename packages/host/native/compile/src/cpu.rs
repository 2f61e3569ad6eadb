//! Owns which instructions compiled code may use: those of this machine's that every recent server has.

/// Cranelift's names of the flags that hold on this machine.
///
/// Code is cached by machine, so an older one gets code that it can run; only AVX-512 is left out, whose
/// registers would make a reset dearer.
pub fn flags() -> impl Iterator<Item = &'static str> {
    macro_rules! detected {
        ($($flag:literal: $feature:tt,)*) => { [$(($flag, std::arch::is_x86_feature_detected!($feature)),)*] };
    }
    let flags = detected! {
        "has_cmpxchg16b": "cmpxchg16b",
        "has_sse3": "sse3",
        "has_ssse3": "ssse3",
        "has_sse41": "sse4.1",
        "has_sse42": "sse4.2",
        "has_popcnt": "popcnt",
        "has_avx": "avx",
        "has_avx2": "avx2",
        "has_fma": "fma",
        "has_bmi1": "bmi1",
        "has_bmi2": "bmi2",
        "has_lzcnt": "lzcnt",
    };
    flags.into_iter().filter_map(|(flag, has)| has.then_some(flag))
}
