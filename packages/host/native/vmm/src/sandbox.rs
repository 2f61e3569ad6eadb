//! A guest's life: created, called, put back after each call, replaced when it cannot be.

use crate::code::Code;
use crate::conversation::{Answer, Conversation};
use crate::deadline::{Deadline, Running};
use crate::error::{Error, ErrorKind};
use crate::host::Host;
use crate::hypervisor::Partition;
use crate::interrupt::{Attached, Interrupt};
use crate::kvm::KvmPartition;
use crate::limits::{Limits, MEMORY_BYTES_MIN};
use crate::machine::Machine;
use crate::mailbox::Post;
use crate::program::Program;
use crate::snapshot::Snapshot;
use crate::stats::Stats;
use hl_abi::message::{Boot, GuestMessage, HostMessage};
use std::marker::PhantomData;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// A state from which sandboxes start: a guest's memory, and what runs in it.
#[derive(Clone)]
pub struct Base {
    pub(crate) snapshot: Arc<Snapshot>,
    pub(crate) program: Arc<Program>,
    pub(crate) code: Arc<Code>,
}

/// One guest in one micro-VM. It belongs to the thread that made it, for a vCPU that moves between threads
/// is slow on many kernels.
pub struct Sandbox {
    /// `None` only after a replacement failed: the next use tries again.
    machine: Option<Machine<KvmPartition>>,
    base: Base,
    limits: Limits,
    interrupt: Interrupt,
    /// Nothing has run since the base state.
    is_fresh: bool,
    /// VMs in a row that had to be given up.
    deaths: u32,
    reply: Vec<u8>,
    stats: Stats,
    _attached: Attached,
    _one_thread: PhantomData<*const ()>,
}

impl Sandbox {
    /// Boots `program`, has it load `load`, and makes the state in which it is then the base state.
    ///
    /// # Errors
    /// If there is no hypervisor, the guest refuses to load, the deadline passes, or a limit is reached.
    pub fn create(
        program: Arc<Program>,
        code: Arc<Code>,
        load: &[u8],
        limits: Limits,
        deadline: &Deadline,
        interrupt: &Interrupt,
        host: &mut dyn Host,
    ) -> Result<Self, Error> {
        if limits.memory_bytes < MEMORY_BYTES_MIN {
            return Err(ErrorKind::Limit(crate::error::LimitKind::Memory).into());
        }
        crate::kvm::probe()?;
        let attached = interrupt.attach();
        let mut stats = Stats::default();
        let mut reply = Vec::new();
        let mut booting = boot(&program, &code, limits, deadline, interrupt)?;
        let answer = Conversation {
            machine: &mut booting,
            limits,
            deadline,
            host,
            payload: &mut reply,
            host_calls: &mut stats.host_calls,
        }
        .hold(HostMessage::Load, 0, load)?;
        expect(answer, Answer::Ready)?;
        let snapshot = Arc::new(booting.capture()?);
        drop(booting);
        let machine = Machine::clone_of(&snapshot, &program, &code, limits, interrupt)?;
        Ok(Self {
            machine: Some(machine),
            base: Base { snapshot, program, code },
            limits,
            interrupt: interrupt.clone(),
            is_fresh: true,
            deaths: 0,
            reply,
            stats,
            _attached: attached,
            _one_thread: PhantomData,
        })
    }

    /// A sandbox in the state of `base`: nothing is booted, nothing loaded.
    ///
    /// # Errors
    /// If there is no hypervisor, or `limits.memory_bytes` is less than [`Base::memory_bytes_min`].
    pub fn from_base(base: &Base, limits: Limits, interrupt: &Interrupt) -> Result<Self, Error> {
        if limits.memory_bytes < base.memory_bytes_min() {
            return Err(ErrorKind::Limit(crate::error::LimitKind::Memory).into());
        }
        crate::kvm::probe()?;
        let attached = interrupt.attach();
        let machine = Machine::clone_of(&base.snapshot, &base.program, &base.code, limits, interrupt)?;
        Ok(Self {
            machine: Some(machine),
            base: base.clone(),
            limits,
            interrupt: interrupt.clone(),
            is_fresh: true,
            deaths: 0,
            reply: Vec::new(),
            stats: Stats::default(),
            _attached: attached,
            _one_thread: PhantomData,
        })
    }

    /// The state from which each call starts. Clones of it get up front what calls have written so far.
    pub fn base(&self) -> Base {
        if let Some(machine) = &self.machine {
            machine.share_write_set();
        }
        self.base.clone()
    }

    /// The state as it is now, which may be in the middle of a context. The guest must be at rest, after a call
    /// that returned.
    ///
    /// # Errors
    /// If it cannot be captured.
    pub fn capture(&mut self) -> Result<Base, Error> {
        let Some(machine) = &self.machine else { return Ok(self.base.clone()) };
        let snapshot = machine.capture()?;
        machine.foretell_writes(&snapshot);
        Ok(Base { snapshot: Arc::new(snapshot), ..self.base.clone() })
    }

    /// Calls `function`; the result is borrowed from private memory until the next call.
    ///
    /// The state that the call leaves stays, until [`Sandbox::reset`].
    ///
    /// # Errors
    /// If there is no result. The guest's state is then undefined: reset it.
    pub fn call(
        &mut self,
        function: u32,
        request: &[u8],
        deadline: &Deadline,
        host: &mut dyn Host,
    ) -> Result<&[u8], Error> {
        self.is_fresh = false;
        let limits = self.limits;
        if self.machine.is_none() {
            self.replace()?;
        }
        let Some(machine) = &mut self.machine else { return Err(Error::internal("a sandbox without a VM")) };
        machine.mailbox.refresh_random()?;
        let answer = Conversation {
            machine,
            limits,
            deadline,
            host,
            payload: &mut self.reply,
            host_calls: &mut self.stats.host_calls,
        }
        .hold(HostMessage::Call, function, request)?;
        expect(answer, Answer::Returned)?;
        self.deaths = 0;
        Ok(&self.reply)
    }

    /// Puts the guest back to its base state: all memory and every register. Where that is not possible
    /// (it grew, or broke a rule) a clone takes its place.
    ///
    /// # Errors
    /// If a clone was needed and cannot be made.
    pub fn reset(&mut self) -> Result<(), Error> {
        if self.is_fresh {
            return Ok(());
        }
        let started = Instant::now();
        let outcome = self.reset_or_replace();
        self.stats.reset_time += started.elapsed();
        outcome
    }

    fn reset_or_replace(&mut self) -> Result<(), Error> {
        if let Some(machine) = &mut self.machine
            && machine.reset().unwrap_or(false)
        {
            self.stats.resets += 1;
            self.stats.pages_restored += machine.pages_written() as u64;
            self.is_fresh = true;
            return Ok(());
        }
        self.replace()
    }

    fn replace(&mut self) -> Result<(), Error> {
        self.retire();
        if !self.interrupt.is_fired() {
            std::thread::sleep(pause_after(self.deaths));
        }
        let Base { snapshot, program, code } = &self.base;
        let machine = Machine::clone_of(snapshot, program, code, self.limits, &self.interrupt)?;
        self.machine = Some(machine);
        self.stats.replacements += 1;
        self.is_fresh = true;
        Ok(())
    }

    /// Ends the current VM; its counters go on.
    fn retire(&mut self) {
        if let Some(machine) = self.machine.take() {
            machine.share_write_set();
            self.deaths += u32::from(machine.is_dead());
            self.stats.exits += machine.exits;
            self.stats.exceptions += machine.exceptions;
        }
    }

    /// Makes the current state the base state. The guest must be at rest, after a call that returned.
    ///
    /// # Errors
    /// If the state cannot be captured or cloned.
    pub fn rebase(&mut self) -> Result<(), Error> {
        self.base = self.capture()?;
        self.replace()
    }

    /// Counts so far.
    pub fn stats(&self) -> Stats {
        let mut stats = self.stats;
        if let Some(machine) = &self.machine {
            stats.exits += machine.exits;
            stats.exceptions += machine.exceptions;
            stats.pages_written = machine.pages_written() as u64;
        }
        stats
    }

    /// For tests: compares all memory that the guest can reach with the base state, page by page, by the
    /// page tables; names the first page that differs.
    ///
    /// # Errors
    /// The difference.
    #[doc(hidden)]
    pub fn audit(&self) -> Result<(), String> {
        self.machine.as_ref().map_or(Err("no VM".into()), Machine::audit)
    }
}

/// A new VM costs the host more than the guest that breaks it: one that keeps doing so is slowed down.
fn pause_after(deaths: u32) -> Duration {
    match deaths {
        0..4 => Duration::ZERO,
        4.. => Duration::from_millis(1 << (deaths - 4).min(6)),
    }
}

/// A machine whose guest has answered its first message.
fn boot(
    program: &Arc<Program>,
    code: &Arc<Code>,
    limits: Limits,
    deadline: &Deadline,
    interrupt: &Interrupt,
) -> Result<Machine<KvmPartition>, Error> {
    let message = Boot::new(limits.heap_bytes() as u64, code.len() as u64);
    let words = [u64::from(message.abi_version), message.heap_bytes, message.code_bytes];
    let payload: Vec<u8> = words.into_iter().flat_map(u64::to_le_bytes).collect();
    let mut adapted = false;
    loop {
        let mut machine = Machine::boot(program, code, limits, interrupt)?;
        machine.mailbox.refresh_random()?;
        let post = Post::with_payload(HostMessage::Boot, 0, &payload);
        match machine.turn(&post, &Running::begin(deadline)) {
            Ok(claim) if claim.kind == GuestMessage::Ready => return Ok(machine),
            Ok(claim) => return Err(Error::breach(format!("answered boot with {:?}", claim.kind))),
            Err(_) if machine.doorbell_refused() && !adapted => {
                KvmPartition::adapt();
                adapted = true;
            }
            Err(error) => return Err(error),
        }
    }
}

fn expect(answer: Answer, expected: Answer) -> Result<(), Error> {
    if answer == expected { Ok(()) } else { Err(Error::breach(format!("answered {answer:?} out of turn"))) }
}
