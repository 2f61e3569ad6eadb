//! What a reset puts back of a clone: the pages that it can have written, and its mailbox.
//!
//! The vCPU's thread adds pages while the guest runs; whoever has the turn after a call puts them back.

use crate::error::Error;
use crate::mailbox::Mailbox;
use crate::mapping::Mapping;
use crate::random;
use crate::snapshot::Snapshot;
use crate::write_set::{Place, WriteSet};
use hl_abi::layout::PAGE_BYTES;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

pub(crate) struct CloneMemory {
    pub(crate) snapshot: Arc<Snapshot>,
    pub(crate) frames: Arc<Mapping>,
    pub(crate) mailbox: Arc<Mailbox>,
    written: Mutex<WriteSet>,
    /// How many pages that are, for those who only want to know.
    count: AtomicUsize,
    /// It has memory that the snapshot does not have, or far more pages than it began with: putting them back is
    /// not possible, or not worth it.
    outgrown: AtomicBool,
}

impl CloneMemory {
    pub(crate) fn new(snapshot: Arc<Snapshot>, frames: Arc<Mapping>, mailbox: Arc<Mailbox>) -> Self {
        Self {
            snapshot,
            frames,
            mailbox,
            written: Mutex::default(),
            count: AtomicUsize::new(0),
            outgrown: AtomicBool::new(false),
        }
    }

    /// Fills the page with its base contents and remembers it.
    pub(crate) fn grant(&self, gva: u64, place: Place) {
        let mut written = self.written();
        let memory = self.memory(place);
        written.grant(gva, place, &self.snapshot, memory);
        self.count.store(written.len(), Ordering::Relaxed);
    }

    /// Pages that a reset puts back.
    pub(crate) fn pages_written(&self) -> usize {
        self.count.load(Ordering::Relaxed)
    }

    pub(crate) fn note_outgrown(&self) {
        self.outgrown.store(true, Ordering::Relaxed);
    }

    pub(crate) fn is_outgrown(&self) -> bool {
        self.outgrown.load(Ordering::Relaxed)
    }

    /// Puts memory and mailbox back to the snapshot's. The guest must be at rest or out of the VM. Messages are
    /// counted from a random number on, or a guest could tell how many calls there were before.
    ///
    /// # Errors
    /// If there are no random numbers.
    pub(crate) fn restore(&self) -> Result<(), Error> {
        let mut number = u32::from_le_bytes(random::fresh()?);
        // The word changes in any case: a resting guest looks whether it did.
        number = if number == self.mailbox.sequence() { number.wrapping_add(2) } else { number };
        self.mailbox.wipe();
        self.written().restore(&self.snapshot, |place| self.memory(place));
        self.mailbox.resume_at(number);
        Ok(())
    }

    /// Wipes the last messages of a guest that will never run again, both sides'.
    pub(crate) fn erase_messages(&self) {
        self.mailbox.wipe();
        for offset in self.written().mailbox_offsets() {
            self.mailbox.memory.zero(offset, PAGE_BYTES);
        }
    }

    /// Tells the snapshot which pages its calls write.
    pub(crate) fn share_write_set(&self) {
        self.share_write_set_with(&self.snapshot);
    }

    pub(crate) fn share_write_set_with(&self, snapshot: &Snapshot) {
        let written = self.written();
        snapshot.note_written(written.pages().filter(|page| snapshot.space.contains(*page)));
    }

    fn memory(&self, place: Place) -> &Mapping {
        match place {
            Place::Frame(_) => &self.frames,
            Place::Mailbox(_) => &self.mailbox.memory,
        }
    }

    fn written(&self) -> MutexGuard<'_, WriteSet> {
        self.written.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
