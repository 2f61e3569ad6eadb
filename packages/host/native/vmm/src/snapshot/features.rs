//! Which instructions of this machine's CPU a guest's state may count on.

macro_rules! detected {
    ($($feature:tt)*) => { [$(($feature, std::arch::is_x86_feature_detected!($feature)),)*] };
}

/// Those that the compiler may use because the CPU has them, and those that the guest's own program needs
/// (CPUID leaves 1, 7 and 80000001H). What a guest can do without is not here: a machine that lacks it will do.
fn known() -> [(&'static str, bool); 14] {
    detected! {
        "avx" "avx2" "bmi1" "bmi2" "cmpxchg16b" "fma" "fxsr" "lzcnt" "popcnt" "sse3" "sse4.1" "sse4.2" "ssse3" "xsave"
    }
}

/// The names of what this CPU has, in one line.
pub(super) fn of_this_cpu() -> String {
    let names: Vec<&str> = known().into_iter().filter_map(|(name, has)| has.then_some(name)).collect();
    names.join(" ")
}

/// Those of `names` that this CPU lacks.
pub(super) fn missing(names: &str) -> Vec<&str> {
    let known = known();
    names.split_ascii_whitespace().filter(|name| !known.contains(&(name, true))).collect()
}

#[cfg(test)]
mod tests {
    use super::{missing, of_this_cpu};

    #[test]
    fn what_this_cpu_has_it_does_not_lack() {
        assert_eq!(missing(&of_this_cpu()), Vec::<&str>::new());
        assert_eq!(missing("fxsr amx-tile xsave apx"), ["amx-tile", "apx"]);
    }
}
