//! One VM: its memory, which pages of it the guest may write, and running it until it says something.
//!
//! A machine is booted once for each base state, with everything writable, and captured; machines that
//! serve calls are clones of the capture, in which a page becomes writable when the guest first writes it.

mod boot;
mod clone;
mod reach;

use crate::address_space::AddressSpace;
use crate::budget::Held;
use crate::code::Code;
use crate::deadline::Running;
use crate::error::{Error, ErrorKind};
use crate::exception;
use crate::frames::Frames;
use crate::hypervisor::{Access, Exit, Partition, Slot, StartRegisters};
use crate::interrupt::Interrupt;
use crate::limits::Limits;
use crate::mailbox::{Claim, MAILBOX_GPA, Mailbox};
use crate::mapping::{Backing, Mapping};
use crate::page_tables::{PageTables, Use};
use crate::program::Program;
use crate::system;
use boot::BootStage;
use clone::CloneStage;
use hl_abi::layout::{CODE_GVA, IMAGE_GVA, MAILBOX_GVA, PAGE_BYTES, SYSTEM_BYTES, SYSTEM_GVA};
use hl_abi::mailbox::{HOST_HEADER_OFFSET, REQUEST_BYTES, REQUEST_OFFSET};
use hl_abi::{Operation, WRPKRU_BYTES, mailbox::ExceptionRecord};
use std::sync::Arc;

/// Guest-physical addresses of the read-only slots.
const IMAGE_GPA: u64 = 0x8000_0000;
const CODE_GPA: u64 = 0x1_0000_0000;
const SNAPSHOT_GPA: u64 = 0x10_0000_0000;

/// A guest that faults more often than this while it answers one message is not handling its faults.
const DELIVERIES_MAX: u32 = 8;
/// A guest that rings more often than this before it answers a message is not going to.
const RINGS_MAX: u32 = 8;
/// How often in a row one page may fault although it is granted: a stale translation goes away at once.
const SPURIOUS_MAX: u32 = 8;

/// Field order is drop order: the partition before the memory that it was given.
pub(crate) struct Machine<P: Partition> {
    partition: P,
    tables: PageTables,
    pub(crate) mailbox: Arc<Mailbox>,
    frames: Frames,
    space: AddressSpace,
    stage: Stage,
    held: Held,
    program: Arc<Program>,
    /// Held because the partition maps it, in this slot if it is not empty.
    code: Arc<Code>,
    code_slot: Option<Slot>,
    limits: Limits,
    /// Number of the message during which exceptions were handed to the guest last, and how many.
    deliveries: (u32, u32),
    /// Number of the message during which the guest rang without an answer, and how often.
    vain_rings: (u32, u32),
    /// The page that faulted last although it was granted, and how often.
    spurious: (u64, u32),
    pub(crate) exits: u64,
    pub(crate) exceptions: u64,
    /// It broke a rule, or the hypervisor failed: it must not run again.
    dead: bool,
    doorbell_refused: bool,
}

/// Why a guest is not running any more, when nothing is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Left {
    /// It rang: it has answered, or its time to watch is over.
    Rang,
    /// A signal stopped it: something else may want this thread.
    Kicked,
}

/// What a machine is for.
enum Stage {
    Boot(BootStage),
    Clone(CloneStage),
}

impl<P: Partition> Machine<P> {
    /// The part that both stages share: slots, system pages, the program's and the code's read-only pages.
    fn assemble(
        program: Arc<Program>,
        code: Arc<Code>,
        limits: Limits,
        frames: Frames,
        make_stage: impl FnOnce(&Frames, &Arc<Mailbox>) -> Stage,
        interrupt: &Interrupt,
    ) -> Result<Self, Error> {
        let mut partition = P::create(interrupt)?;
        // A table for each 2 MiB of memory, and as many again for what lies scattered.
        let tables_bytes = (limits.memory_bytes / 256).max(2 << 20) * 2;
        let tables = PageTables::new(Mapping::new(SYSTEM_BYTES + tables_bytes, Backing::Small)?);
        let mailbox = Arc::new(Mailbox::new(partition.tsc_hz())?);
        // SAFETY: all three are fields of the machine, which drops its partition first; the image and the
        // code are held by their Arcs until then.
        unsafe {
            let system = &tables.memory;
            partition.map(0, system.start(), system.len(), Access::ReadWrite)?;
            partition.map(MAILBOX_GPA, mailbox.memory.start(), mailbox.memory.len(), Access::ReadWrite)?;
            partition.map(IMAGE_GPA, program.image.start(), program.image.len(), Access::ReadOnly)?;
        }
        let stage = make_stage(&frames, &mailbox);
        let mut machine = Self {
            partition,
            tables,
            mailbox,
            frames,
            space: AddressSpace::default(),
            stage,
            held: Held::default(),
            program,
            code,
            code_slot: None,
            limits,
            deliveries: (0, 0),
            vain_rings: (0, 0),
            spurious: (0, 0),
            exits: 0,
            exceptions: 0,
            dead: false,
            doorbell_refused: false,
        };
        machine.show_code()?;
        machine.map_shared()?;
        Ok(machine)
    }

    fn show_code(&mut self) -> Result<(), Error> {
        if let Some(memory) = &self.code.memory {
            // SAFETY: the code is held until the partition is dropped, or this slot given up.
            let slot =
                unsafe { self.partition.map(CODE_GPA, memory.start(), memory.len(), Access::ReadOnly)? };
            self.code_slot = Some(slot);
        }
        Ok(())
    }

    /// Page tables for what all of a program's and a component's machines have in common.
    fn map_shared(&mut self) -> Result<(), Error> {
        self.map_system()?;
        self.map_read_only()
    }

    fn map_system(&mut self) -> Result<(), Error> {
        system::write(&self.tables.memory);
        for page in system::pages() {
            let usage = match (page.writable, page.executable) {
                (false, false) => Use::SystemRead,
                (false, true) => Use::SystemExecute,
                (true, _) => Use::SystemWrite,
            };
            self.tables.map_page(SYSTEM_GVA + page.offset as u64, page.offset as u64, usage)?;
        }
        Ok(())
    }

    fn map_read_only(&mut self) -> Result<(), Error> {
        let code = self.code.clone();
        for segment in self.program.shared_segments() {
            let usage = if segment.executable { Use::Execute } else { Use::Read };
            let offset = segment.offset as u64;
            self.tables.map(IMAGE_GVA + offset, IMAGE_GPA + offset, segment.len, usage, true)?;
        }
        let (text, len) = (code.text(), code.len().next_multiple_of(PAGE_BYTES));
        for (range, usage) in
            [(0..text.start, Use::Read), (text.clone(), Use::Execute), (text.end..len, Use::Read)]
        {
            let offset = range.start as u64;
            self.tables.map(CODE_GVA + offset, CODE_GPA + offset, range.len(), usage, true)?;
        }
        for (offset, len) in [(HOST_HEADER_OFFSET, PAGE_BYTES), (REQUEST_OFFSET, REQUEST_BYTES)] {
            let (gva, gpa) = (MAILBOX_GVA + offset as u64, MAILBOX_GPA + offset as u64);
            self.tables.map(gva, gpa, len, Use::Read, false)?;
        }
        Ok(())
    }

    fn start(&mut self, entry: u64, argument: u64) -> Result<(), Error> {
        self.partition.start(&StartRegisters {
            entry,
            argument,
            page_table: self.tables.root(),
            gdt: system::gdt(),
            idt: system::idt(),
            tss: system::tss(),
        })
    }

    /// Runs the guest, to which a message was posted, until it has answered.
    pub(crate) fn run_to_answer(&mut self, deadline: &Running) -> Result<Claim, Error> {
        loop {
            if self.run(deadline)? == Left::Rang {
                if self.mailbox.is_answered() {
                    return self.claim();
                }
                self.count_vain_ring()?;
            }
        }
    }

    /// A guest that begins to wait as a message comes may ring once too often.
    ///
    /// # Errors
    /// A breach if it does so again and again.
    pub(crate) fn count_vain_ring(&mut self) -> Result<(), Error> {
        let sequence = self.mailbox.sequence();
        self.vain_rings =
            if self.vain_rings.0 == sequence { (sequence, self.vain_rings.1 + 1) } else { (sequence, 1) };
        if self.vain_rings.1 <= RINGS_MAX && self.mailbox.is_behind_by_one() {
            return Ok(());
        }
        self.dead = true;
        Err(Error::breach("rang without an answer"))
    }

    /// What the guest says; a machine that says what no guest says is given up.
    pub(crate) fn claim(&mut self) -> Result<Claim, Error> {
        let claim = self.mailbox.claim();
        self.given_up_if_broken(claim)
    }

    /// Runs the guest until it rings, or is kicked for a reason: that reason is an error if it is the interrupt
    /// or the deadline.
    pub(crate) fn run(&mut self, deadline: &Running) -> Result<Left, Error> {
        if self.dead {
            return Err(Error::internal("a machine that was given up was asked to run"));
        }
        let left = self.run_until_it_leaves(deadline);
        self.given_up_if_broken(left)
    }

    pub(crate) fn given_up_if_broken<T>(&mut self, outcome: Result<T, Error>) -> Result<T, Error> {
        outcome.inspect_err(|error| self.give_up_after(error))
    }

    /// After a breach, or a failure of the host's own, it must not run again.
    pub(crate) fn give_up_after(&mut self, error: &Error) {
        use ErrorKind::{Breach, Exhausted, Internal};
        self.dead |= matches!(error.kind(), Breach(_) | Exhausted(_) | Internal(_));
    }

    fn run_until_it_leaves(&mut self, deadline: &Running) -> Result<Left, Error> {
        loop {
            self.exits += 1;
            match self.partition.run(deadline)? {
                Exit::Port(byte) => match Operation::parse(byte) {
                    Some(Operation::Doorbell) => return Ok(Left::Rang),
                    Some(Operation::Exception) => self.resolve_exception()?,
                    None => return Err(Error::breach(format!("asked for unknown operation {byte}"))),
                },
                Exit::Expired(expiry) => return Err(ErrorKind::Expired(expiry).into()),
                Exit::Interrupted => return Err(ErrorKind::Interrupted.into()),
                Exit::Kicked => return Ok(Left::Kicked),
                Exit::Breach(what) => return Err(Error::breach(what)),
            }
        }
    }

    fn resolve_exception(&mut self) -> Result<(), Error> {
        self.exceptions += 1;
        // Ring 3 can ring with the stub's operation, too, but it cannot be where the stub is.
        if !system::is_stub(self.partition.instruction_pointer()?) {
            return Err(Error::breach("reported an exception that it did not have"));
        }
        let record = exception::read(&self.tables.memory)?;
        if !exception::is_delivered(&record) {
            return Err(Error::breach(format!("raised exception {}", record.vector)));
        }
        if let Stage::Boot(_) = self.stage
            && self.resolve_boot_exception(&record)?
        {
            return Ok(());
        }
        if let Some(is_write) = exception::grantable(&record)
            && self.grant(record.address, is_write)?
        {
            return Ok(());
        }
        self.deliver(record)
    }

    /// The two exceptions by which a booting guest shows what its CPU cannot do.
    fn resolve_boot_exception(&mut self, record: &ExceptionRecord) -> Result<bool, Error> {
        let first = self.mailbox.sequence() <= 1;
        match record.vector {
            exception::INVALID_OPCODE if record.instruction == self.program.pkru_probe => {
                self.program.note_no_pkru();
                exception::skip(&self.tables.memory, record, WRPKRU_BYTES);
                Ok(true)
            }
            exception::GENERAL_PROTECTION if first => {
                self.doorbell_refused = true;
                Err(Error::internal("the CPU does not honour the doorbell port"))
            }
            _ => Ok(false),
        }
    }

    fn deliver(&mut self, record: ExceptionRecord) -> Result<(), Error> {
        let sequence = self.mailbox.sequence();
        self.deliveries =
            if self.deliveries.0 == sequence { (sequence, self.deliveries.1 + 1) } else { (sequence, 1) };
        if self.deliveries.1 > DELIVERIES_MAX {
            return Err(Error::breach("faults again and again while it handles a fault"));
        }
        self.mailbox.set_exception(record);
        exception::redirect(&self.tables.memory, self.program.trap_landing);
        Ok(())
    }

    /// True if the fault is dealt with and the instruction is to be tried again.
    fn grant(&mut self, address: u64, is_write: bool) -> Result<bool, Error> {
        let page = address & !(PAGE_BYTES as u64 - 1);
        if !self.space.contains(page) {
            return Ok(false);
        }
        let entry = self.tables.entry(page);
        let is_granted = match &self.stage {
            Stage::Boot(_) => true,
            Stage::Clone(_) => entry.is_some_and(|entry| entry.writable || !is_write),
        };
        if !is_granted {
            self.spurious = (0, 0);
            self.grant_ahead(page)?;
            return Ok(true);
        }
        self.spurious = if self.spurious.0 == page { (page, self.spurious.1 + 1) } else { (page, 1) };
        if self.spurious.1 > SPURIOUS_MAX {
            return Err(Error::breach(format!("faults on {page:#x} although it may use it")));
        }
        Ok(true)
    }

    /// Gives the guest the memory that it claims in its arena; false if it may not have it.
    pub(crate) fn commit(&mut self, claim: &Claim) -> Result<bool, Error> {
        let Ok(added) = self.space.commit(claim.address, claim.length, self.limits.arena_bytes()) else {
            return Ok(false);
        };
        match &mut self.stage {
            Stage::Boot(_) => {
                for range in added {
                    self.held.add((range.end - range.start) as usize)?;
                    self.map_extent(range.start, (range.end - range.start) as usize)?;
                }
            }
            Stage::Clone(clone) => {
                if !added.is_empty() {
                    clone.memory.note_outgrown();
                }
                self.grant_growth(&added)?;
            }
        }
        Ok(true)
    }

    /// Bytes of its own memory that the guest was given.
    pub(crate) fn frames_bytes(&self) -> usize {
        self.frames.used()
    }

    /// It must not run again.
    pub(crate) fn give_up(&mut self) {
        self.dead = true;
    }

    /// True if it had to be given up.
    pub(crate) fn is_dead(&self) -> bool {
        self.dead
    }

    /// True if the guest's very first doorbell raised #GP.
    pub(crate) fn doorbell_refused(&self) -> bool {
        self.doorbell_refused
    }
}
