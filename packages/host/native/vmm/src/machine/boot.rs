//! A machine's first stage: everything is writable, nothing is tracked, and in the end it is captured.

use super::{Machine, Stage};
use crate::code::Code;
use crate::error::Error;
use crate::frames::{self, Frames};
use crate::hypervisor::Partition;
use crate::interrupt::Interrupt;
use crate::limits::Limits;
use crate::mailbox::MAILBOX_GPA;
use crate::mapping::Backing;
use crate::page_tables::Use;
use crate::program::{Program, Segment};
use crate::snapshot::{Snapshot, Source};
use hl_abi::layout::{
    HEAP_GVA, IMAGE_GVA, MAILBOX_GVA, PAGE_BYTES, STACK_BYTES, STACK_TOP_GVA, TRAP_STACK_BYTES,
    TRAP_STACK_TOP_GVA,
};
use hl_abi::mailbox::{GUEST_HEADER_OFFSET, REPLY_BYTES, REPLY_OFFSET};
use std::sync::Arc;

/// Longest stretch that is touched ahead of the guest.
const POPULATE_BYTES_MAX: usize = 16 << 20;

/// Memory that the guest was given, as it lies in the frames.
pub(super) struct BootStage {
    extents: Vec<Extent>,
}

struct Extent {
    gva: u64,
    offset: usize,
    len: usize,
}

impl<P: Partition> Machine<P> {
    /// A machine at its program's first instruction.
    pub(crate) fn boot(
        program: &Arc<Program>,
        code: &Arc<Code>,
        limits: Limits,
        interrupt: &Interrupt,
    ) -> Result<Self, Error> {
        // Twice the limit: what lies aligned leaves holes. Address space only; a page exists once touched.
        let frames =
            Frames::new(2 * limits.memory_bytes + program.writable_bytes() + (16 << 20), Backing::Huge)?;
        let stage = Stage::Boot(BootStage { extents: Vec::new() });
        let mut machine =
            Self::assemble(program.clone(), code.clone(), limits, frames, |_, _| stage, interrupt)?;
        let writable: Vec<Segment> =
            program.segments.iter().copied().filter(|segment| segment.writable).collect();
        for segment in writable {
            let gva = IMAGE_GVA + segment.offset as u64;
            let offset = machine.add_extent(gva, segment.len)?;
            machine.frames.memory.copy_from(offset, &program.image, segment.offset, segment.len);
        }
        machine.add_extent(STACK_TOP_GVA - STACK_BYTES as u64, STACK_BYTES)?;
        machine.add_extent(TRAP_STACK_TOP_GVA - TRAP_STACK_BYTES as u64, TRAP_STACK_BYTES)?;
        machine.add_extent(HEAP_GVA, limits.heap_bytes())?;
        for (offset, len) in [(GUEST_HEADER_OFFSET, PAGE_BYTES), (REPLY_OFFSET, REPLY_BYTES)] {
            let (gva, gpa) = (MAILBOX_GVA + offset as u64, MAILBOX_GPA + offset as u64);
            machine.tables.map(gva, gpa, len, Use::Write, false)?;
            machine.space.add(gva..gva + len as u64);
        }
        machine.start(program.entry, 0)?;
        Ok(machine)
    }

    fn add_extent(&mut self, gva: u64, len: usize) -> Result<usize, Error> {
        self.space.add(gva..gva + len as u64);
        self.map_extent(gva, len)
    }

    /// Backs `gva .. gva + len` with frames of its own, at once.
    pub(super) fn map_extent(&mut self, gva: u64, len: usize) -> Result<usize, Error> {
        let offset = self.frames.take(&mut self.partition, len, gva)?;
        self.tables.map(gva, frames::gpa(offset), len, Use::Write, true)?;
        // The end of a stretch is mapped page by page, and pages that are there already are mapped in groups.
        if len <= POPULATE_BYTES_MAX && !gva.is_multiple_of(crate::page_tables::LARGE_PAGE_BYTES as u64) {
            self.frames.memory.populate(offset, len);
        }
        if let Stage::Boot(boot) = &mut self.stage {
            boot.extents.push(Extent { gva, offset, len });
        }
        Ok(offset)
    }

    /// The guest's memory as it is now, as a base for clones.
    pub(crate) fn capture(&self) -> Result<Snapshot, Error> {
        let mut sources = Vec::new();
        match &self.stage {
            Stage::Boot(boot) => {
                for extent in &boot.extents {
                    self.capture_extent(extent, &mut sources)?;
                }
            }
            Stage::Clone(clone) => self.capture_clone(clone, &mut sources),
        }
        let gva = MAILBOX_GVA + GUEST_HEADER_OFFSET as u64;
        sources.push(Source { gva, memory: &self.mailbox.memory, offset: GUEST_HEADER_OFFSET });
        let memory_bytes = match &self.stage {
            Stage::Boot(_) => self.limits.memory_bytes,
            Stage::Clone(clone) => clone.memory.snapshot.memory_bytes,
        };
        Snapshot::capture(sources, self.space.clone(), memory_bytes)
    }

    fn capture_extent<'a>(&'a self, extent: &Extent, sources: &mut Vec<Source<'a>>) -> Result<(), Error> {
        let memory = &self.frames.memory;
        for (page, touched) in memory.resident(extent.offset, extent.len)?.into_iter().enumerate() {
            if touched {
                let at = page * PAGE_BYTES;
                sources.push(Source { gva: extent.gva + at as u64, memory, offset: extent.offset + at });
            }
        }
        Ok(())
    }
}
