//! The pages that a VM can have written since it was cloned: exactly those that the host made writable.

use crate::mapping::Mapping;
use crate::snapshot::Snapshot;
use hl_abi::layout::PAGE_BYTES;

/// One writable page.
#[derive(Clone, Copy, Debug)]
struct Written {
    gva: u64,
    place: Place,
    /// Where its base contents lie in the snapshot; `None`: all zero.
    base: Option<usize>,
}

/// Which memory of the VM's own holds a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// Offset in the frames.
    Frame(usize),
    /// Offset in the mailbox.
    Mailbox(usize),
}

#[derive(Default)]
pub(crate) struct WriteSet(Vec<Written>);

impl WriteSet {
    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    pub(crate) fn pages(&self) -> impl Iterator<Item = u64> + '_ {
        self.0.iter().map(|written| written.gva)
    }

    /// Where in the mailbox its pages lie.
    pub(crate) fn mailbox_offsets(&self) -> impl Iterator<Item = usize> + '_ {
        self.0.iter().filter_map(|written| match written.place {
            Place::Mailbox(offset) => Some(offset),
            Place::Frame(_) => None,
        })
    }

    /// Fills the page, which lies in `memory`, with its base contents and remembers it.
    pub(crate) fn grant(&mut self, gva: u64, place: Place, snapshot: &Snapshot, memory: &Mapping) {
        let written = Written { gva, place, base: snapshot.offset(gva) };
        written.restore(snapshot, memory);
        if cfg!(feature = "sabotage") && self.0.len() == 1 {
            return;
        }
        self.0.push(written);
    }

    /// Puts every page's base contents back. They stay mapped: mapping a page anew costs far more.
    pub(crate) fn restore<'a>(&self, snapshot: &Snapshot, memory: impl Fn(Place) -> &'a Mapping) {
        for written in &self.0 {
            written.restore(snapshot, memory(written.place));
        }
    }
}

impl Written {
    fn restore(&self, snapshot: &Snapshot, memory: &Mapping) {
        let (Place::Frame(offset) | Place::Mailbox(offset)) = self.place;
        match self.base {
            Some(base) => memory.copy_from(offset, &snapshot.memory, base, PAGE_BYTES),
            None => memory.zero(offset, PAGE_BYTES),
        }
    }
}
