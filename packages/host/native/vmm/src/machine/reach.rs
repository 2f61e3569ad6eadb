//! For tests: what ring 3 can reach at any address at all, read from the page tables themselves.

use super::{CODE_GPA, IMAGE_GPA, Machine, SNAPSHOT_GPA};
use crate::hypervisor::Partition;
use crate::mailbox::MAILBOX_GPA;
use crate::page_tables::Leaf;
use hl_abi::layout::{CODE_GVA, IMAGE_GVA, MAILBOX_GVA, PAGE_BYTES, SYSTEM_BYTES, SYSTEM_GVA};
use hl_abi::mailbox::{
    GUEST_HEADER_OFFSET, HOST_HEADER_OFFSET, REPLY_BYTES, REPLY_OFFSET, REQUEST_BYTES, REQUEST_OFFSET,
};
use std::ops::Range;

/// Memory that guests may read, and execute perhaps, at the same distance from both addresses.
struct Shared {
    gva: u64,
    gpa: u64,
    range: Range<u64>,
    executable: bool,
}

impl Shared {
    fn new(gva: u64, gpa: u64, range: Range<usize>, executable: bool) -> Self {
        Self { gva, gpa, range: range.start as u64..range.end as u64, executable }
    }

    fn holds(&self, leaf: &Leaf) -> bool {
        let from = leaf.gva.wrapping_sub(self.gva);
        leaf.gpa.wrapping_sub(self.gpa) == from
            && self.range.start <= from
            && from.saturating_add(leaf.len) <= self.range.end
            && (self.executable || !leaf.executable)
    }
}

impl<P: Partition> Machine<P> {
    /// Names the first page that is mapped for somebody who must not have it.
    pub(super) fn audit_reach(&self) -> Result<(), String> {
        let shared = self.shared();
        let is_right = |leaf: &Leaf| {
            if leaf.user { self.is_for_guest(leaf, &shared) } else { is_system(leaf) && !leaf.both() }
        };
        let wrong = self.tables.leaves().into_iter().find(|leaf| !is_right(leaf));
        wrong.map_or(Ok(()), |leaf| Err(format!("a page is mapped that must not be: {leaf:x?}")))
    }

    fn is_for_guest(&self, leaf: &Leaf, shared: &[Shared]) -> bool {
        // The system pages and the page tables lie in front.
        if leaf.both() || leaf.gpa < self.tables.memory.len() as u64 {
            return false;
        }
        if !leaf.writable && shared.iter().any(|shared| shared.holds(leaf)) {
            return true;
        }
        let is_own = leaf.len == PAGE_BYTES as u64 && self.space.contains(leaf.gva) && !leaf.executable;
        let is_private = self.frames.offset(leaf.gpa).is_some() || is_guests_mailbox(leaf);
        is_own && (is_private || (!leaf.writable && leaf.gpa >= SNAPSHOT_GPA))
    }

    fn shared(&self) -> Vec<Shared> {
        let segments = self.program.shared_segments().map(|segment| {
            let range = segment.offset..segment.offset + segment.len;
            Shared::new(IMAGE_GVA, IMAGE_GPA, range, segment.executable)
        });
        let (text, len) = (self.code.text(), self.code.len().next_multiple_of(PAGE_BYTES));
        let code = [(0..len, false), (text, true)]
            .map(|(range, executable)| Shared::new(CODE_GVA, CODE_GPA, range, executable));
        let mailbox = [(HOST_HEADER_OFFSET, PAGE_BYTES), (REQUEST_OFFSET, REQUEST_BYTES)]
            .map(|(offset, len)| Shared::new(MAILBOX_GVA, MAILBOX_GPA, offset..offset + len, false));
        segments.chain(code).chain(mailbox).collect()
    }
}

impl Leaf {
    fn both(&self) -> bool {
        self.writable && self.executable
    }
}

fn is_system(leaf: &Leaf) -> bool {
    let offset = leaf.gva.wrapping_sub(SYSTEM_GVA);
    offset < SYSTEM_BYTES as u64 && offset + leaf.len <= SYSTEM_BYTES as u64 && leaf.gpa == offset
}

fn is_guests_mailbox(leaf: &Leaf) -> bool {
    [(GUEST_HEADER_OFFSET, PAGE_BYTES), (REPLY_OFFSET, REPLY_BYTES)]
        .map(|(offset, len)| Shared::new(MAILBOX_GVA, MAILBOX_GPA, offset..offset + len, false))
        .iter()
        .any(|window| window.holds(leaf))
}
