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

/// So many are told by name.
const TOLD_MAX: usize = 10;

/// Those of `names` that this CPU lacks, in words; `None` if it has them all.
pub(super) fn lacking(names: &str) -> Option<String> {
    let known = known();
    let missing: Vec<&str> =
        names.split_ascii_whitespace().filter(|name| !known.contains(&(name, true))).collect();
    let told = missing.get(..TOLD_MAX).unwrap_or(&missing).join(", ");
    match missing.len() {
        0 => None,
        count if count > TOLD_MAX => Some(format!("{told} and {} more", count - TOLD_MAX)),
        _ => Some(told),
    }
}

#[cfg(test)]
mod tests {
    use super::{lacking, of_this_cpu};

    #[test]
    fn what_this_cpu_has_it_does_not_lack() {
        assert_eq!(lacking(&of_this_cpu()), None);
        assert_eq!(lacking("fxsr amx-tile xsave apx").unwrap(), "amx-tile, apx");
    }

    #[test]
    fn no_more_than_ten_are_told_by_name() {
        let names: Vec<String> = (0..12).map(|name| format!("f{name}")).collect();
        assert_eq!(lacking(&names.join(" ")).unwrap(), format!("{} and 2 more", names[..10].join(", ")));
    }
}
