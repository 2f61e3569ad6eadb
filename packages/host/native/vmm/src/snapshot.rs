//! The memory of a guest at rest, from which any number of VMs start and to which each is put back.

mod base;
mod features;
mod file;
mod format;
#[cfg(feature = "fuzzing")]
pub mod fuzzing;
mod replace;
mod state;

pub use file::Saved;

use crate::address_space::AddressSpace;
use crate::budget::Held;
use crate::error::Error;
use crate::mapping::{Backing, Mapping};
use hl_abi::layout::PAGE_BYTES;
use std::sync::{Mutex, PoisonError};

/// What a clone gets up front, each reset puts back: more than this costs more than a new clone. So a guest
/// cannot make its resets ever slower by writing to ever other pages.
const WARM_PAGES_MAX: usize = 2048;

/// Pages that are not all zero, packed, read-only; shared by all clones.
pub(crate) struct Snapshot {
    pub(crate) memory: Mapping,
    /// Guest address and offset in `memory` of each page, in order of address.
    pages: Vec<(u64, usize)>,
    pub(crate) space: AddressSpace,
    /// Memory limit under which the guest came into this state: its heap was laid out by it.
    pub(crate) memory_bytes: usize,
    /// Pages that calls from this snapshot have written so far: a clone gets them up front.
    warm: Mutex<Vec<u64>>,
    _held: Held,
}

/// A page to be captured.
pub(crate) struct Source<'a> {
    pub(crate) gva: u64,
    pub(crate) memory: &'a Mapping,
    pub(crate) offset: usize,
}

impl Snapshot {
    /// Copies those of `sources` that are not all zero. The guest must not be running.
    pub(crate) fn capture(
        sources: Vec<Source<'_>>,
        space: AddressSpace,
        memory_bytes: usize,
    ) -> Result<Self, Error> {
        let mut kept: Vec<Source<'_>> = sources.into_iter().filter(|source| !is_zero(source)).collect();
        kept.sort_unstable_by_key(|source| source.gva);
        let (memory, held) = Self::room(kept.len() * PAGE_BYTES)?;
        let mut pages = Vec::with_capacity(kept.len());
        for (index, source) in kept.iter().enumerate() {
            let offset = index * PAGE_BYTES;
            memory.copy_from(offset, source.memory, source.offset, PAGE_BYTES);
            pages.push((source.gva, offset));
        }
        memory.protect()?;
        Ok(Self { memory, pages, space, memory_bytes, warm: Mutex::default(), _held: held })
    }

    /// Memory for that many bytes of pages, counted against the process's budget.
    fn room(bytes: usize) -> Result<(Mapping, Held), Error> {
        let mut held = Held::default();
        held.add(bytes)?;
        Ok((Mapping::new(bytes.max(PAGE_BYTES), Backing::Huge)?, held))
    }

    /// Where the page at `gva` lies; `None`: it is all zero, or not memory.
    pub(crate) fn offset(&self, gva: u64) -> Option<usize> {
        let found = self.pages.binary_search_by_key(&gva, |page| page.0).ok()?;
        Some(self.pages[found].1)
    }

    pub(crate) fn pages(&self) -> &[(u64, usize)] {
        &self.pages
    }

    pub(crate) fn warm_pages(&self) -> Vec<u64> {
        self.warm.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Remembers a VM's write set for the clones to come, unless there is too much of it by now.
    pub(crate) fn note_written(&self, pages: impl Iterator<Item = u64>) {
        let mut warm = self.warm.lock().unwrap_or_else(PoisonError::into_inner);
        let mut known = warm.clone();
        known.extend(pages);
        known.sort_unstable();
        known.dedup();
        if known.len() <= WARM_PAGES_MAX {
            *warm = known;
        }
    }
}

fn is_zero(source: &Source<'_>) -> bool {
    (0..PAGE_BYTES / 8).all(|word| source.memory.read_u64(source.offset + word * 8) == 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_clones_get_up_front_ends_at_a_bound() {
        let snapshot = Snapshot::capture(Vec::new(), AddressSpace::default(), 0).unwrap();
        let page = |index: usize| (index * PAGE_BYTES) as u64;
        snapshot.note_written([page(3), page(1), page(3)].into_iter());
        assert_eq!(snapshot.warm_pages(), [page(1), page(3)]);
        snapshot.note_written((0..=WARM_PAGES_MAX).map(page));
        assert_eq!(snapshot.warm_pages(), [page(1), page(3)], "too many at once are not kept");
        snapshot.note_written((0..WARM_PAGES_MAX).map(page));
        assert_eq!(snapshot.warm_pages().len(), WARM_PAGES_MAX);
    }
}
