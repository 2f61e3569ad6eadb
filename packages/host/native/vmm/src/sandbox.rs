//! A guest's life: created, called, put back after each call, replaced when it cannot be.

use crate::clock;
use crate::code::Code;
use crate::conversation::{Conversation, Message, Step};
use crate::deadline::{Deadline, Expiry, Running};
use crate::error::{Error, ErrorKind};
use crate::host::{Host, HostReply};
use crate::hypervisor::Partition;
use crate::interrupt::{Attached, Interrupt};
use crate::kvm::KvmPartition;
use crate::learning::learn_cpu;
use crate::limits::{Limits, MEMORY_BYTES_MIN};
use crate::line::{Line, Reset};
use crate::machine::Machine;
use crate::mailbox::{Patience, Post};
use crate::program::Program;
use crate::random;
use crate::shell::Shell;
use crate::snapshot::Snapshot;
use crate::stats::Stats;
use crate::watch::Overstays;
use hl_abi::message::{Boot, GuestMessage, HostMessage, HostReplyStatus};
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

impl Base {
    /// Boots `program`, has it load `load`, and takes the state in which it is then.
    ///
    /// # Errors
    /// If there is no hypervisor, the guest refuses to load, the deadline passes, or a limit is reached.
    pub fn load(
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
        let _attached = interrupt.attach()?;
        let mut booting = boot(&program, &code, limits, deadline, interrupt)?;
        let mut talk = Conversation::default();
        let step = hold(&mut booting, &mut talk, &limits, deadline, host, (HostMessage::Load, 0, load))?;
        expect(&step, &Step::Ready)?;
        let snapshot = Arc::new(booting.capture()?);
        Ok(Self { snapshot, program, code })
    }
}

/// One guest in one micro-VM. It belongs to the thread that made it, for a vCPU that moves between threads
/// is slow on many kernels.
pub struct Sandbox {
    /// `None` only after a replacement failed: the next use tries again.
    pub(crate) machine: Option<Machine<KvmPartition>>,
    base: Base,
    limits: Limits,
    pub(crate) interrupt: Interrupt,
    pub(crate) line: Line,
    /// The last reset failed: what comes next begins with another.
    pub(crate) is_undone: bool,
    /// Why the state that calls had left is gone, if it is and nobody was told.
    pub(crate) lost: Option<Error>,
    /// The guest is to be entered although it has nothing to answer.
    pub(crate) shall_watch: bool,
    pub(crate) overstays: Overstays,
    /// VMs in a row that had to be given up.
    deaths: u32,
    _attached: Attached,
    _one_thread: PhantomData<*const ()>,
}

impl Sandbox {
    /// Loads a base state as [`Base::load`] does, and starts from it.
    ///
    /// # Errors
    /// As those two.
    pub fn create(
        program: Arc<Program>,
        code: Arc<Code>,
        load: &[u8],
        limits: Limits,
        deadline: &Deadline,
        interrupt: &Interrupt,
        host: &mut dyn Host,
    ) -> Result<Self, Error> {
        let base = Base::load(program, code, load, limits, deadline, interrupt, host)?;
        Self::from_base(&base, limits, interrupt, None)
    }

    /// A sandbox in the state of `base`: nothing is booted, nothing loaded, and little is made if `shell` can be
    /// used.
    ///
    /// # Errors
    /// If there is no hypervisor, or `limits.memory_bytes` is less than [`Base::memory_bytes_min`].
    pub fn from_base(
        base: &Base,
        limits: Limits,
        interrupt: &Interrupt,
        shell: Option<Shell>,
    ) -> Result<Self, Error> {
        if limits.memory_bytes < base.memory_bytes_min() {
            return Err(ErrorKind::Limit(crate::error::LimitKind::Memory).into());
        }
        crate::kvm::probe()?;
        learn_cpu(&base.program)?;
        let line = Line::new(limits, interrupt.clone());
        line.turn().cpu_clock = clock::own_cpu_clock();
        let mut sandbox = Self {
            machine: None,
            base: base.clone(),
            limits,
            interrupt: interrupt.clone(),
            line,
            is_undone: false,
            lost: None,
            shall_watch: false,
            overstays: Overstays::default(),
            deaths: 0,
            _attached: interrupt.attach()?,
            _one_thread: PhantomData,
        };
        sandbox.make_machine(shell)?;
        sandbox.watch_for_call();
        Ok(sandbox)
    }

    /// Makes a VM in the base state, of `shell` if that can be.
    fn make_machine(&mut self, shell: Option<Shell>) -> Result<(), Error> {
        let recast = shell.and_then(|shell| shell.into_clone_of(&self.base, self.limits, &self.interrupt));
        let machine = if let Some(machine) = recast {
            machine
        } else {
            let Base { snapshot, program, code } = &self.base;
            Machine::clone_of(snapshot, program, code, self.limits, &self.interrupt)?
        };
        self.line.connect(machine.memory().cloned());
        self.machine = Some(machine);
        Ok(())
    }

    /// Ends the sandbox; its VM, if it can still be used, is left for another.
    pub fn into_shell(mut self) -> Option<Shell> {
        self.retire().and_then(Shell::put_back)
    }

    /// Where callers on other threads speak to the guest, while this one attends to it.
    pub fn line(&self) -> Line {
        self.line.clone()
    }

    /// What calls from the base state leave to be put back, from now on.
    pub fn use_reset(&mut self, reset: Reset) {
        self.line.turn().reset = reset;
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
        if self.lost.is_some() {
            return Err(Error::breach("lost the state that was to be captured"));
        }
        if self.is_undone {
            self.put_base_back()?;
            self.is_undone = false;
        }
        let Some(machine) = &self.machine else { return Ok(self.base.clone()) };
        let snapshot = machine.capture()?;
        machine.foretell_writes(&snapshot);
        Ok(Base { snapshot: Arc::new(snapshot), ..self.base.clone() })
    }

    /// Calls `function`, and blocks until it has returned or failed.
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
    ) -> Result<Vec<u8>, Error> {
        if self.machine.is_none() {
            self.replace()?;
        }
        let Some(machine) = &mut self.machine else { return Err(Error::internal("a sandbox without a VM")) };
        let mut turn = self.line.turn();
        if std::mem::take(&mut turn.is_fresh) {
            machine.mailbox.set_random(&random::fresh()?);
        }
        let (limits, before) = (self.limits, (machine.exits, machine.exceptions));
        let message = (HostMessage::Call, function, request);
        let step = hold(machine, &mut turn.talk, &limits, deadline, host, message);
        self.line.counters().count_exits(machine.exits - before.0, machine.exceptions - before.1);
        machine.given_up_if_broken(expect(&step?, &Step::Returned))?;
        self.deaths = 0;
        Ok(std::mem::take(&mut turn.talk.payload))
    }

    /// Puts the guest back to its base state: all memory and every register. Where that is not possible
    /// (it grew, or broke a rule) a clone takes its place.
    ///
    /// # Errors
    /// If a clone was needed and cannot be made.
    pub fn reset(&mut self) -> Result<(), Error> {
        self.lost = None;
        let mut turn = self.line.turn();
        // Where memory alone is put back between calls, the guest may be anywhere.
        turn.is_fresh &= turn.reset == Reset::Full;
        drop(turn);
        self.put_base_back()
    }

    /// The VM must not be used again, here or by another sandbox: the next reset makes a new one.
    pub fn give_up(&mut self) {
        if let Some(machine) = &mut self.machine {
            machine.give_up();
        }
        self.line.turn().is_fresh = false;
    }

    pub(crate) fn put_base_back(&mut self) -> Result<(), Error> {
        if self.line.turn().is_fresh {
            return Ok(());
        }
        let started = Instant::now();
        if let Some(machine) = &mut self.machine
            && machine.reset().unwrap_or(false)
        {
            self.line.counters().count_reset(machine.pages_written() as u64, started.elapsed());
            self.line.turn().is_fresh = true;
            self.deaths = 0;
            return Ok(());
        }
        let outcome = self.replace();
        self.line.counters().count_reset_time(started.elapsed());
        outcome
    }

    fn replace(&mut self) -> Result<(), Error> {
        let shell = self.retire();
        if !self.interrupt.is_fired() {
            std::thread::sleep(pause_after(self.deaths));
        }
        self.make_machine(shell)?;
        self.line.counters().count_replacement();
        Ok(())
    }

    /// Ends the current VM; what is left of it if it did nothing that it must not.
    fn retire(&mut self) -> Option<Shell> {
        self.line.connect(None);
        let machine = self.machine.take()?;
        machine.share_write_set();
        self.deaths += u32::from(machine.is_dead());
        let shell = Shell::new(machine);
        shell.is_usable().then_some(shell)
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
        let pages_written = self.machine.as_ref().map_or(0, |machine| machine.pages_written() as u64);
        Stats { pages_written, ..self.line.stats() }
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
pub(crate) fn boot(
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
        machine.mailbox.set_random(&random::fresh()?);
        machine.mailbox.post(&Post::with_payload(HostMessage::Boot, 0, &payload));
        match machine.run_to_answer(&Running::begin(deadline)) {
            Ok(claim) if claim.kind == GuestMessage::Ready => {
                program.note_booted();
                return Ok(machine);
            }
            Ok(claim) => return Err(Error::breach(format!("answered boot with {:?}", claim.kind))),
            Err(_) if machine.doorbell_refused() && !adapted => {
                KvmPartition::adapt();
                adapted = true;
            }
            Err(error) => return Err(error),
        }
    }
}

/// Posts a message and serves what the guest asks for until it has answered.
fn hold(
    machine: &mut Machine<KvmPartition>,
    talk: &mut Conversation,
    limits: &Limits,
    deadline: &Deadline,
    host: &mut dyn Host,
    message: Message<'_>,
) -> Result<Step, Error> {
    let running = Running::begin(deadline);
    let mailbox = machine.mailbox.clone();
    talk.begin(&mailbox, message, Patience::default());
    loop {
        let claim = machine.run_to_answer(&running)?;
        let step = talk.step(&mailbox, limits, &claim);
        match machine.given_up_if_broken(step)? {
            Step::HostCall(import) => {
                let (status, reply) = match host.call(import, &talk.payload, deadline) {
                    HostReply::Returned(bytes) => (HostReplyStatus::Returned, bytes),
                    HostReply::Threw(reason) => (HostReplyStatus::Threw, reason.into_bytes()),
                    HostReply::Interrupted => return Err(ErrorKind::Interrupted.into()),
                    HostReply::Expired => return Err(ErrorKind::Expired(Expiry::Wall).into()),
                };
                talk.reply(&mailbox, status, &reply, Patience::default());
            }
            Step::More => machine.given_up_if_broken(talk.send_next(&mailbox))?,
            Step::Flushed => talk.go_on(&mailbox, false),
            Step::Printed(stream, text) => {
                host.output(stream, &text);
                talk.go_on(&mailbox, false);
            }
            Step::Commit => {
                let granted = machine.commit(&claim)?;
                talk.go_on(&mailbox, !granted);
            }
            step @ (Step::Ready | Step::Returned) => return Ok(step),
        }
    }
}

fn expect(step: &Step, expected: &Step) -> Result<(), Error> {
    if step == expected { Ok(()) } else { Err(Error::breach(format!("answered {step:?} out of turn"))) }
}
