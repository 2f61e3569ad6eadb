//! One budget for the memory of all VMs of the process, besides each sandbox's own limit.
//!
//! It is three quarters of what the process may have: the control group's limit where there is one, the
//! machine's memory otherwise.

use crate::error::{Error, ErrorKind, LimitKind};
use std::fs;
use std::path::Path;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

static HELD_BYTES: AtomicUsize = AtomicUsize::new(0);
static BYTES_MAX: OnceLock<usize> = OnceLock::new();

/// Bytes counted against the budget; given back on drop.
#[derive(Default)]
pub(crate) struct Held(usize);

impl Held {
    /// Counts `bytes` more.
    ///
    /// # Errors
    /// If the process would hold more than its budget; nothing is counted then.
    pub(crate) fn add(&mut self, bytes: usize) -> Result<(), Error> {
        let bytes_max = *BYTES_MAX.get_or_init(bytes_max);
        // In one step: a request that is refused must not keep others from what they may have.
        let more = |held: usize| held.checked_add(bytes).filter(|sum| *sum <= bytes_max);
        match HELD_BYTES.fetch_update(Ordering::Relaxed, Ordering::Relaxed, more) {
            Ok(_) => {
                self.0 += bytes;
                Ok(())
            }
            Err(_) => Err(ErrorKind::Limit(LimitKind::ProcessMemory).into()),
        }
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        HELD_BYTES.fetch_sub(self.0, Ordering::Relaxed);
    }
}

fn bytes_max() -> usize {
    let groups = fs::read_to_string("/proc/self/cgroup").unwrap_or_default();
    let group = group_limit(&groups, Path::new("/sys/fs/cgroup"));
    let machine = fs::read_to_string("/proc/meminfo").ok().and_then(|text| machine_bytes(&text));
    let available = group.into_iter().chain(machine).min().unwrap_or(usize::MAX);
    available / 4 * 3
}

/// The smallest limit on the way from the process's control group to the root; version 2, or version 1's
/// memory controller.
fn group_limit(groups: &str, root: &Path) -> Option<usize> {
    groups
        .lines()
        .filter_map(|line| {
            let mut fields = line.splitn(3, ':').skip(1);
            let (controllers, path) = (fields.next()?, fields.next()?);
            match controllers {
                "" => Some((root.to_path_buf(), "memory.max", path)),
                "memory" => Some((root.join("memory"), "memory.limit_in_bytes", path)),
                _ => None,
            }
        })
        .flat_map(|(root, file, path)| {
            let group = Path::new(path.trim_start_matches('/'));
            group.ancestors().map(|part| root.join(part).join(file)).collect::<Vec<_>>()
        })
        .filter_map(|file| fs::read_to_string(file).ok()?.trim().parse().ok())
        .min()
}

fn machine_bytes(meminfo: &str) -> Option<usize> {
    let line = meminfo.lines().find_map(|line| line.strip_prefix("MemTotal:"))?;
    line.trim().strip_suffix(" kB")?.parse::<usize>().ok()?.checked_mul(1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_smallest_limit_on_the_way_up_counts() {
        let root = std::env::temp_dir().join(format!("hl-budget-{}", std::process::id()));
        for (group, limit) in [("a", "1000\n"), ("a/b", "max\n"), ("a/b/c", "5000\n")] {
            fs::create_dir_all(root.join(group)).unwrap();
            fs::write(root.join(group).join("memory.max"), limit).unwrap();
        }
        assert_eq!(group_limit("1:cpu:/x\n0::/a/b/c\n", &root), Some(1000));
        assert_eq!(group_limit("0::/nowhere\n", &root), None);
        fs::remove_dir_all(root).unwrap();
    }

    #[test]
    fn the_machine_tells_its_memory_in_kibibytes() {
        assert_eq!(machine_bytes("MemFree: 1 kB\nMemTotal:       16 kB\n"), Some(16384));
        assert_eq!(machine_bytes("nothing"), None);
    }

    #[test]
    fn what_is_dropped_is_given_back() {
        let before = HELD_BYTES.load(Ordering::Relaxed);
        let mut held = Held::default();
        held.add(4096).unwrap();
        assert!(held.add(usize::MAX / 2).is_err());
        drop(held);
        assert!(HELD_BYTES.load(Ordering::Relaxed) <= before.max(4096));
    }

    #[test]
    fn a_refusal_takes_nothing_from_others() {
        let greedy = std::thread::spawn(|| {
            for _ in 0..200_000 {
                assert!(Held::default().add(usize::MAX / 2).is_err());
            }
        });
        while !greedy.is_finished() {
            Held::default().add(4096).unwrap();
        }
        greedy.join().unwrap();
    }
}
