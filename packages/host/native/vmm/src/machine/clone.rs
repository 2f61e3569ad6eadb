//! A machine's second stage: it shares a snapshot's pages, gets its own copy of each page that it first
//! writes, and can be put back.

use super::{Machine, SNAPSHOT_GPA, Stage};
use crate::budget::Held;
use crate::clone_memory::CloneMemory;
use crate::code::Code;
use crate::error::{Error, ErrorKind, LimitKind};
use crate::frames::{self, Frames};
use crate::hypervisor::{Access, Partition, Slot};
use crate::interrupt::Interrupt;
use crate::limits::Limits;
use crate::mailbox::{MAILBOX_GPA, Mailbox};
use crate::mapping::Backing;
use crate::page_tables::Use;
use crate::program::Program;
use crate::random;
use crate::snapshot::{Snapshot, Source};
use crate::write_set::Place;
use hl_abi::layout::{MAILBOX_GVA, PAGE_BYTES};
use hl_abi::mailbox::{GUEST_HEADER_OFFSET, MAILBOX_BYTES};
use std::ops::Range;
use std::sync::Arc;

/// A write set that has grown by more than this since the clone was made costs each reset more than a
/// new clone is worth.
const GROWTH_PAGES_MAX: usize = 1024;

/// A write set up to this tells what the next call will write.
const FORETELLING_PAGES_MAX: usize = 256;

/// How far a run of faults on page after page is granted ahead: a fault costs as much as many pages do.
const AHEAD_PAGES_MAX: u64 = 64;

/// Pages more than calls from a snapshot usually write, with which a clone may pass for a new one.
const INHERITED_PAGES_MAX: usize = 64;

/// How much of new memory is granted as soon as the guest asks for it. A VM that grew is not put back, so
/// what it does not use of it costs nothing later.
const GROWTH_GRANTED_BYTES_MAX: u64 = 4 << 20;

pub(super) struct CloneStage {
    pub(super) memory: Arc<CloneMemory>,
    /// Where the partition shows the snapshot.
    slot: Option<Slot>,
    /// Pages granted when the clone was made.
    granted_at_start: usize,
    ahead: Ahead,
}

impl CloneStage {
    fn new(snapshot: &Arc<Snapshot>, frames: &Frames, mailbox: &Arc<Mailbox>) -> Self {
        let memory = CloneMemory::new(snapshot.clone(), frames.memory.clone(), mailbox.clone());
        let granted_at_start = snapshot.warm_pages().len();
        Self { memory: Arc::new(memory), slot: None, granted_at_start, ahead: Ahead::default() }
    }
}

/// The run of faults that goes on.
#[derive(Clone, Copy, Default)]
struct Ahead {
    /// The page after those granted last.
    next: u64,
    /// How many they were.
    pages: u64,
}

impl<P: Partition> Machine<P> {
    /// A machine in the snapshot's state, about to wait for a message.
    pub(crate) fn clone_of(
        snapshot: &Arc<Snapshot>,
        program: &Arc<Program>,
        code: &Arc<Code>,
        limits: Limits,
        interrupt: &Interrupt,
    ) -> Result<Self, Error> {
        let frames = Frames::new(limits.memory_bytes + program.writable_bytes(), Backing::Small)?;
        let make_stage = |frames: &Frames, mailbox: &Arc<Mailbox>| {
            Stage::Clone(CloneStage::new(snapshot, frames, mailbox))
        };
        let mut machine =
            Self::assemble(program.clone(), code.clone(), limits, frames, make_stage, interrupt)?;
        machine.fill(snapshot)?;
        machine.start(program.reset_entry, u64::from(program.has_pkru()))?;
        Ok(machine)
    }

    /// Turns this machine into a clone of `snapshot`, whatever it was a clone of: what is dear of it, the VM, the
    /// vCPU, its memory, stays. False if it cannot be used for that. After an error it must not run again.
    pub(crate) fn recast(
        &mut self,
        snapshot: &Arc<Snapshot>,
        program: &Arc<Program>,
        code: &Arc<Code>,
        limits: Limits,
        interrupt: &Interrupt,
    ) -> Result<bool, Error> {
        let Stage::Clone(clone) = &mut self.stage else { return Ok(false) };
        let is_usable = !self.dead && Arc::ptr_eq(&self.program, program);
        if !is_usable || limits.memory_bytes != self.limits.memory_bytes {
            return Ok(false);
        }
        // Giving it up is what makes the hypervisor forget the translations.
        let Some(slot) = clone.slot.take() else { return Ok(false) };
        self.partition.change_owner(interrupt);
        self.partition.restart(program.reset_entry, u64::from(program.has_pkru()))?;
        self.partition.unmap(slot)?;
        clone.memory.erase_messages();
        if !Arc::ptr_eq(&self.code, code) {
            if let Some(slot) = self.code_slot.take() {
                self.partition.unmap(slot)?;
            }
            self.code = code.clone();
            self.show_code()?;
        }
        self.limits = limits;
        self.forget_faults();
        self.held = Held::default();
        let used = self.frames.used();
        self.frames.take_back();
        self.stage = Stage::Clone(CloneStage::new(snapshot, &self.frames, &self.mailbox));
        self.tables.clear();
        self.map_shared()?;
        self.fill(snapshot)?;
        if used > self.frames.used() {
            self.frames.memory.discard(self.frames.used(), used - self.frames.used())?;
        }
        Ok(true)
    }

    /// What the last guest did wrong is not the next one's fault.
    fn forget_faults(&mut self) {
        (self.deliveries, self.vain_rings, self.spurious) = ((0, 0), (0, 0), (0, 0));
    }

    /// Whether it is, after a reset, what a new clone of `snapshot` would be, or nearly: what the last guest wrote
    /// beyond what calls usually do costs the next one's resets, too.
    pub(crate) fn is_clone_of(&self, snapshot: &Arc<Snapshot>, code: &Arc<Code>, limits: Limits) -> bool {
        let Stage::Clone(clone) = &self.stage else { return false };
        !self.dead
            && !clone.memory.is_outgrown()
            && clone.memory.pages_written() <= snapshot.warm_pages().len() + INHERITED_PAGES_MAX
            && Arc::ptr_eq(&clone.memory.snapshot, snapshot)
            && Arc::ptr_eq(&self.code, code)
            && limits.memory_bytes == self.limits.memory_bytes
    }

    /// The same under other limits, and watching another interrupt.
    pub(crate) fn adopt(&mut self, limits: Limits, interrupt: &Interrupt) {
        self.limits = limits;
        self.clone_mut().ahead = Ahead::default();
        self.partition.change_owner(interrupt);
    }

    /// Gives up what the guest left, of a machine that will not run again before it is recast.
    pub(crate) fn discard_contents(&self) -> Result<(), Error> {
        if let Stage::Clone(clone) = &self.stage {
            clone.memory.erase_messages();
        }
        self.frames.memory.discard(0, self.frames.used())
    }

    /// Shows the snapshot to a clone that has nothing yet, and grants what its calls probably write.
    fn fill(&mut self, snapshot: &Arc<Snapshot>) -> Result<(), Error> {
        let memory = &snapshot.memory;
        // SAFETY: the snapshot is held by the memory in `stage`, which drops after the partition or once the slot
        // is given up.
        let slot =
            unsafe { self.partition.map(SNAPSHOT_GPA, memory.start(), memory.len(), Access::ReadOnly)? };
        self.clone_mut().slot = Some(slot);
        self.space = snapshot.space.clone();
        for (gva, offset) in snapshot.pages() {
            self.tables.map_page(*gva, SNAPSHOT_GPA + *offset as u64, Use::Read)?;
        }
        self.make_writable(MAILBOX_GVA + GUEST_HEADER_OFFSET as u64)?;
        for page in snapshot.warm_pages() {
            if !self.tables.entry(page).is_some_and(|entry| entry.writable) {
                self.make_writable(page)?;
            }
        }
        self.clone_mut().granted_at_start = self.pages_written();
        self.mailbox.resume_at(u32::from_le_bytes(random::fresh()?));
        Ok(())
    }

    /// Gives the guest its own copy of `page`.
    pub(super) fn make_writable(&mut self, page: u64) -> Result<(), Error> {
        let mailbox = MAILBOX_GVA..MAILBOX_GVA + MAILBOX_BYTES as u64;
        let (place, gpa) = if mailbox.contains(&page) {
            let offset = page - MAILBOX_GVA;
            (Place::Mailbox(offset as usize), MAILBOX_GPA + offset)
        } else {
            if self.pages_written() >= self.limits.pages_max() {
                return Err(ErrorKind::Limit(LimitKind::Memory).into());
            }
            self.held.add(PAGE_BYTES)?;
            let offset = self.frames.take(&mut self.partition, PAGE_BYTES, page)?;
            (Place::Frame(offset), frames::gpa(offset))
        };
        let Stage::Clone(clone) = &self.stage else {
            return Err(Error::internal("a grant while booting"));
        };
        clone.memory.grant(page, place);
        if clone.memory.pages_written() > clone.granted_at_start + GROWTH_PAGES_MAX {
            clone.memory.note_outgrown();
        }
        self.tables.map_page(page, gpa, Use::Write)
    }

    /// Gives the guest its own copy of `page`, which it faulted on, and of more after it while it goes from
    /// page to page.
    pub(super) fn grant_ahead(&mut self, page: u64) -> Result<(), Error> {
        let before = self.clone_mut().ahead;
        let pages = if page == before.next { (before.pages * 2).min(AHEAD_PAGES_MAX) } else { 1 };
        self.make_writable(page)?;
        let end = page + pages * PAGE_BYTES as u64;
        self.grant_rest(page + PAGE_BYTES as u64..end)?;
        self.clone_mut().ahead = Ahead { next: end, pages };
        Ok(())
    }

    /// Gives the guest the beginning of memory that it just got.
    pub(super) fn grant_growth(&mut self, added: &[Range<u64>]) -> Result<(), Error> {
        for range in added {
            self.grant_rest(range.start..range.end.min(range.start + GROWTH_GRANTED_BYTES_MAX))?;
        }
        Ok(())
    }

    /// Grants those pages of `range` that are memory and not writable yet, as far as the limits go.
    fn grant_rest(&mut self, range: Range<u64>) -> Result<(), Error> {
        for page in range.step_by(PAGE_BYTES) {
            let is_writable = self.tables.entry(page).is_some_and(|entry| entry.writable);
            if !is_writable && self.space.contains(page) {
                match self.make_writable(page).map_err(Error::into_kind) {
                    Ok(()) => {}
                    Err(ErrorKind::Limit(_)) => return Ok(()),
                    Err(kind) => return Err(kind.into()),
                }
            }
        }
        Ok(())
    }

    /// Puts memory and registers back to the snapshot's. False if this machine cannot be put back and
    /// must be replaced.
    pub(crate) fn reset(&mut self) -> Result<bool, Error> {
        let Stage::Clone(clone) = &self.stage else { return Err(Error::internal("a reset while booting")) };
        if self.dead || clone.memory.is_outgrown() {
            return Ok(false);
        }
        let restarted = self.partition.restart(self.program.reset_entry, u64::from(self.program.has_pkru()));
        if restarted.is_err() {
            self.dead = true;
        }
        restarted?;
        clone.memory.restore()?;
        self.forget_faults();
        Ok(true)
    }

    /// What a reset puts back, for those who do so without stopping the guest.
    pub(crate) fn memory(&self) -> Option<&Arc<CloneMemory>> {
        match &self.stage {
            Stage::Boot(_) => None,
            Stage::Clone(clone) => Some(&clone.memory),
        }
    }

    /// Pages that a reset puts back.
    pub(crate) fn pages_written(&self) -> usize {
        self.memory().map_or(0, |memory| memory.pages_written())
    }

    /// Tells the snapshot which pages its calls write, unless they are far more than a call's.
    pub(crate) fn share_write_set(&self) {
        if let Stage::Clone(clone) = &self.stage
            && clone.memory.pages_written() <= clone.granted_at_start + GROWTH_PAGES_MAX
        {
            clone.memory.share_write_set();
        }
    }

    /// Tells a snapshot of the state as it is now what calls from it will probably write: what they wrote on the
    /// way there. Not after work that was so much that it says nothing about a call.
    pub(crate) fn foretell_writes(&self, snapshot: &Snapshot) {
        let Stage::Clone(clone) = &self.stage else { return };
        snapshot.note_written(clone.memory.snapshot.warm_pages().into_iter());
        if clone.memory.pages_written() <= FORETELLING_PAGES_MAX {
            clone.memory.share_write_set_with(snapshot);
        }
    }

    fn clone_mut(&mut self) -> &mut CloneStage {
        match &mut self.stage {
            Stage::Clone(clone) => clone,
            Stage::Boot(_) => unreachable!("callers have a clone"),
        }
    }

    pub(super) fn capture_clone<'a>(&'a self, clone: &'a CloneStage, sources: &mut Vec<Source<'a>>) {
        for page in self.space.pages() {
            if (MAILBOX_GVA..MAILBOX_GVA + MAILBOX_BYTES as u64).contains(&page) {
                continue;
            }
            let Some(entry) = self.tables.entry(page) else { continue };
            let (memory, offset) = match self.frames.offset(entry.gpa) {
                Some(offset) => (&*self.frames.memory, offset),
                None => (&clone.memory.snapshot.memory, (entry.gpa - SNAPSHOT_GPA) as usize),
            };
            sources.push(Source { gva: page, memory, offset });
        }
    }

    /// Compares every page that the guest can reach with the snapshot, by the page tables and not by the
    /// write set, and looks for pages that it must not reach. Names the first page that is wrong.
    pub(crate) fn audit(&self) -> Result<(), String> {
        let Stage::Clone(clone) = &self.stage else { return Err("a booting machine has no base".into()) };
        if !self.mailbox.is_wiped() {
            return Err("the last message can still be read".into());
        }
        self.audit_reach()?;
        for page in self.space.pages() {
            let snapshot = &clone.memory.snapshot;
            let base = snapshot.offset(page);
            let Some(entry) = self.tables.entry(page) else {
                if base.is_some() {
                    return Err(format!("page {page:#x} is in the snapshot but not mapped"));
                }
                continue;
            };
            let (memory, offset) = if let Some(offset) = self.frames.offset(entry.gpa) {
                (&*self.frames.memory, offset)
            } else if entry.gpa >= SNAPSHOT_GPA {
                (&snapshot.memory, (entry.gpa - SNAPSHOT_GPA) as usize)
            } else {
                (&self.mailbox.memory, (entry.gpa - MAILBOX_GPA) as usize)
            };
            // The number of the last message is another after each reset.
            let begin = if page == MAILBOX_GVA + GUEST_HEADER_OFFSET as u64 { 8 } else { 0 };
            let same = (begin..PAGE_BYTES).step_by(8).all(|word| {
                memory.read_u64(offset + word) == base.map_or(0, |base| snapshot.memory.read_u64(base + word))
            });
            if !same {
                return Err(format!("page {page:#x} differs from the snapshot"));
            }
        }
        Ok(())
    }
}
