//! Which guest addresses are memory at all. What is outside faults, and the guest's runtime wants it to.

use hl_abi::layout::{ARENA_BYTES, ARENA_GVA, PAGE_BYTES};
use std::ops::Range;

/// Disjoint stretches of guest-virtual memory in order; neighbours are merged.
#[derive(Clone, Debug, Default)]
pub(crate) struct AddressSpace {
    stretches: Vec<Range<u64>>,
    /// Bytes of them in the arena.
    arena_bytes: usize,
}

/// A guest that commits ever new scattered pages stops here.
pub(crate) const STRETCHES_MAX: usize = 4096;

/// A commit that is not granted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Refused;

impl AddressSpace {
    /// The space with exactly these stretches, which may lie in `allowed` only. They are a file's claim.
    pub(crate) fn from_stretches(stretches: Vec<Range<u64>>, allowed: &Self) -> Result<Self, Refused> {
        let whole = |stretch: &Range<u64>| (stretch.start | stretch.end).is_multiple_of(PAGE_BYTES as u64);
        let in_order = stretches.windows(2).all(|pair| pair[0].end < pair[1].start);
        let inside = |stretch: &Range<u64>| stretch.start < stretch.end && allowed.covers(stretch);
        let ok = |stretch: &Range<u64>| whole(stretch) && inside(stretch);
        if stretches.len() > STRETCHES_MAX || !in_order || !stretches.iter().all(ok) {
            return Err(Refused);
        }
        let in_arena = stretches.iter().filter(|stretch| stretch.start >= ARENA_GVA);
        let arena_bytes = in_arena.map(|stretch| stretch.end - stretch.start).sum::<u64>() as usize;
        Ok(Self { stretches, arena_bytes })
    }

    pub(crate) fn stretches(&self) -> &[Range<u64>] {
        &self.stretches
    }

    fn covers(&self, range: &Range<u64>) -> bool {
        let next = self.stretches.partition_point(|stretch| stretch.end <= range.start);
        self.stretches
            .get(next)
            .is_some_and(|stretch| stretch.start <= range.start && range.end <= stretch.end)
    }

    /// True if the page at `gva` is memory.
    pub(crate) fn contains(&self, gva: u64) -> bool {
        let next = self.stretches.partition_point(|stretch| stretch.end <= gva);
        self.stretches.get(next).is_some_and(|stretch| stretch.contains(&gva))
    }

    pub(crate) fn arena_bytes(&self) -> usize {
        self.arena_bytes
    }

    /// Every page, in order.
    pub(crate) fn pages(&self) -> impl Iterator<Item = u64> + '_ {
        self.stretches.iter().flat_map(|stretch| stretch.clone().step_by(PAGE_BYTES))
    }

    /// Adds memory of the host's own choosing.
    pub(crate) fn add(&mut self, range: Range<u64>) {
        let first = self.stretches.partition_point(|stretch| stretch.end < range.start);
        let after = self.stretches.partition_point(|stretch| stretch.start <= range.end);
        let merged = match self.stretches.get(first..after) {
            Some([only]) => only.start.min(range.start)..only.end.max(range.end),
            Some([start, .., end]) => start.start.min(range.start)..end.end.max(range.end),
            Some([]) | None => range,
        };
        self.stretches.splice(first..after, [merged]);
    }

    /// Adds what of `address .. address + length` is not memory yet, and says what that was. The range is a
    /// guest's claim: it must be whole pages inside the arena, and the arena may not exceed `arena_bytes_max`.
    pub(crate) fn commit(
        &mut self,
        address: u64,
        length: u64,
        arena_bytes_max: usize,
    ) -> Result<Vec<Range<u64>>, Refused> {
        let end = address.checked_add(length).ok_or(Refused)?;
        let aligned = (address | length).is_multiple_of(PAGE_BYTES as u64);
        if !aligned || address < ARENA_GVA || end > ARENA_GVA + ARENA_BYTES || length > arena_bytes_max as u64
        {
            return Err(Refused);
        }
        let added = self.gaps(address..end);
        let added_bytes: u64 = added.iter().map(|gap| gap.end - gap.start).sum();
        let arena_bytes = self.arena_bytes + added_bytes as usize;
        if arena_bytes > arena_bytes_max || self.stretches.len() >= STRETCHES_MAX {
            return Err(Refused);
        }
        self.arena_bytes = arena_bytes;
        if address < end {
            self.add(address..end);
        }
        Ok(added)
    }

    fn gaps(&self, range: Range<u64>) -> Vec<Range<u64>> {
        let mut gaps = Vec::new();
        let mut at = range.start;
        let first = self.stretches.partition_point(|stretch| stretch.end <= range.start);
        for stretch in self.stretches[first..].iter().take_while(|stretch| stretch.start < range.end) {
            if at < stretch.start {
                gaps.push(at..stretch.start);
            }
            at = stretch.end;
        }
        if at < range.end {
            gaps.push(at..range.end);
        }
        gaps
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::slice::from_ref;

    const A: u64 = ARENA_GVA;
    const P: u64 = PAGE_BYTES as u64;

    #[test]
    fn commits_merge_and_tell_what_is_new() {
        let mut space = AddressSpace::default();
        assert_eq!(space.commit(A, 2 * P, 1 << 30).unwrap(), from_ref(&(A..A + 2 * P)));
        assert_eq!(space.commit(A + 4 * P, P, 1 << 30).unwrap(), from_ref(&(A + 4 * P..A + 5 * P)));
        let gaps = space.commit(A + P, 5 * P, 1 << 30).unwrap();
        assert_eq!(gaps, [A + 2 * P..A + 4 * P, A + 5 * P..A + 6 * P]);
        assert_eq!(space.pages().count(), 6);
        assert!(space.contains(A + 5 * P) && !space.contains(A + 6 * P) && !space.contains(A - 1));
        assert_eq!(space.stretches.len(), 1);
    }

    #[test]
    fn claims_that_no_arena_holds_are_refused() {
        let mut space = AddressSpace::default();
        for (address, length) in [
            (A + 1, P),
            (A, P - 1),
            (A - P, P),
            (A + ARENA_BYTES, P),
            (A + ARENA_BYTES - P, 2 * P),
            (u64::MAX - P + 1, P),
            (A, u64::MAX - P + 1),
            (A, 5 * P),
        ] {
            assert_eq!(
                space.commit(address, length, 4 * P as usize),
                Err(Refused),
                "{address:#x} {length:#x}"
            );
        }
        assert_eq!(space.pages().count(), 0);
    }

    #[test]
    fn scattered_commits_end_at_a_bound() {
        let mut space = AddressSpace::default();
        let granted =
            (0..10_000).take_while(|page| space.commit(A + page * 2 * P, P, 1 << 30).is_ok()).count();
        assert_eq!(granted, STRETCHES_MAX);
    }

    #[test]
    fn a_space_out_of_claims_lies_in_order_and_where_it_may() {
        let mut allowed = AddressSpace::default();
        allowed.add(P..4 * P);
        allowed.add(A..A + 8 * P);
        let from = |stretches: &[Range<u64>]| AddressSpace::from_stretches(stretches.to_vec(), &allowed);
        let space = from(&[P..2 * P, 3 * P..4 * P, A + P..A + 3 * P]).unwrap();
        assert_eq!((space.pages().count(), space.arena_bytes()), (4, 2 * PAGE_BYTES));
        let page = |first: u64, last: u64| (first * P, last * P);
        for refused in [
            &[page(0, 1)][..],
            &[page(1, 1)],
            &[page(2, 1)],
            &[(P, 2 * P + 1)],
            &[(P + 8, 2 * P)],
            &[page(3, 5)],
            &[page(1, 2), page(2, 3)],
            &[page(2, 3), page(1, 2)],
            &[page(1, 3), page(2, 4)],
            &[(A, A + 9 * P)],
            &[(u64::MAX - P + 1, u64::MAX)],
        ] {
            let stretches: Vec<Range<u64>> = refused.iter().map(|(start, end)| *start..*end).collect();
            assert_eq!(from(&stretches).err(), Some(Refused), "{refused:x?}");
        }
    }
}
