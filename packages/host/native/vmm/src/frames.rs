//! A VM's own writable memory, handed out front to back.

use crate::error::{Error, ErrorKind, LimitKind};
use crate::hypervisor::{Access, Partition};
use crate::mapping::{Backing, Mapping};
use crate::page_tables::LARGE_PAGE_BYTES;
use std::sync::Arc;

/// Guest-physical address of the first frame.
const PRIVATE_GPA: u64 = 0x20_0000_0000;

/// Memory is shown to the hypervisor in steps: what it keeps for each page of a slot, used or not, is not small.
const STEP_BYTES: usize = 8 << 20;

pub(crate) struct Frames {
    pub(crate) memory: Arc<Mapping>,
    used: usize,
    shown: usize,
}

impl Frames {
    pub(crate) fn new(bytes_max: usize, backing: Backing) -> Result<Self, Error> {
        Ok(Self { memory: Arc::new(Mapping::new(bytes_max, backing)?), used: 0, shown: 0 })
    }

    /// Hands everything out anew. What lies in it stays until it is filled: nobody may see it before.
    pub(crate) fn take_back(&mut self) {
        self.used = 0;
    }

    /// Bytes handed out so far.
    pub(crate) fn used(&self) -> usize {
        self.used
    }

    /// `len` bytes, zeroed if nothing was taken back yet; a long stretch lies as `gva` does within its 2 MiB, so that large pages fit.
    pub(crate) fn take<P: Partition>(
        &mut self,
        partition: &mut P,
        len: usize,
        gva: u64,
    ) -> Result<usize, Error> {
        let mut offset = self.used;
        if len >= LARGE_PAGE_BYTES {
            let within = (gva % LARGE_PAGE_BYTES as u64) as usize;
            offset += (LARGE_PAGE_BYTES + within - offset % LARGE_PAGE_BYTES) % LARGE_PAGE_BYTES;
        }
        if offset > self.memory.len() || len > self.memory.len() - offset {
            return Err(ErrorKind::Limit(LimitKind::Memory).into());
        }
        self.show(partition, offset + len)?;
        self.used = offset + len;
        Ok(offset)
    }

    fn show<P: Partition>(&mut self, partition: &mut P, end: usize) -> Result<(), Error> {
        if end <= self.shown {
            return Ok(());
        }
        let end = end.max(self.shown + STEP_BYTES).next_multiple_of(STEP_BYTES).min(self.memory.len());
        let len = end - self.shown;
        // SAFETY: the machine that owns both drops its partition before these frames.
        unsafe { partition.map(gpa(self.shown), self.memory.at(self.shown, len), len, Access::ReadWrite)? };
        self.shown = end;
        Ok(())
    }

    /// The offset behind `gpa`, if that is one of these frames.
    pub(crate) fn offset(&self, gpa: u64) -> Option<usize> {
        usize::try_from(gpa.checked_sub(PRIVATE_GPA)?).ok().filter(|offset| *offset < self.used)
    }
}

pub(crate) fn gpa(offset: usize) -> u64 {
    PRIVATE_GPA + offset as u64
}
