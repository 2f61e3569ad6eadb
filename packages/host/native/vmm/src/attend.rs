//! What a sandbox's thread does while callers speak to its guest: runs the VM, and comes in where nobody else can.

use crate::clock;
use crate::conversation::Step;
use crate::deadline::{Expiry, Running};
use crate::error::{Error, ErrorKind};
use crate::kvm::KvmPartition;
use crate::line::{Call, Line, NEVER_NS, Phase, TICK, Turn};
use crate::machine::{Left, Machine};
use crate::mailbox::{Claim, Mailbox};
use crate::sandbox::Sandbox;
use crate::stats::Figures;
use crate::watch::{InVm, Overstays};
use std::time::Duration;

/// What came up that the sandbox's owner must know or do.
#[derive(Debug)]
pub enum Attended {
    /// It is wanted for something else, and no call is under way.
    Wanted,
    Returned {
        call: u32,
        reply: Vec<u8>,
        figures: Figures,
    },
    Failed {
        call: u32,
        error: Error,
    },
    /// Answered by [`crate::Line::resume`].
    HostCall {
        call: u32,
        host_call: u32,
        import: u32,
        arguments: Vec<u8>,
    },
    /// The guest printed to stream 1 (stdout) or 2 (stderr), and goes on once this sandbox is attended again.
    Printed {
        stream: u32,
        text: Vec<u8>,
    },
}

impl Sandbox {
    /// Runs the VM until something comes up. From now on callers can use [`Sandbox::line`].
    pub fn attend(&mut self, is_wanted: &dyn Fn() -> bool) -> Attended {
        if self.line.phase() == Phase::Busy {
            let is_usable = self.line.turn().memory.is_some();
            self.line.set_phase(if is_usable { Phase::Ready } else { Phase::Due });
        }
        loop {
            let attended = match self.line.phase() {
                Phase::Due if self.interrupt.is_fired() => {
                    // It is about to be taken down: nothing has to be put back for that.
                    self.line.set_phase(Phase::Busy);
                    return Attended::Wanted;
                }
                Phase::Due => {
                    self.put_back();
                    // Whoever waited for that comes before the guest is entered again.
                    continue;
                }
                Phase::Worker => self.converse(),
                phase @ (Phase::Ready | Phase::Dirty | Phase::Broken) if self.is_wanted(is_wanted) => {
                    if self.line.advance(phase, Phase::Busy) {
                        self.undo(phase);
                        return Attended::Wanted;
                    }
                    None
                }
                Phase::Dirty => {
                    self.clean();
                    None
                }
                _ => None,
            };
            if let Some(attended) = attended.or_else(|| self.end_call_in_time()) {
                return attended;
            }
            if self.should_run() {
                if let Some(attended) = self.run() {
                    return attended;
                }
            } else {
                self.sleep(is_wanted);
            }
        }
    }

    /// Begins a call from this thread; [`Sandbox::attend`] tells its outcome.
    ///
    /// # Errors
    /// If it cannot begin: there is no VM, and none can be made.
    pub fn begin(&mut self, call: &Call<'_>) -> Result<(), Error> {
        if self.machine.is_none() || self.is_undone {
            self.put_base_back()?;
            self.is_undone = false;
        }
        if let Some(error) = self.lost.take().filter(|_| call.keep_state) {
            return Err(error);
        }
        let line = self.line.clone();
        let mut turn = line.turn();
        turn.begin(&line, call, clock::monotonic_ns())?;
        if let Some(memory) = &turn.memory {
            memory.mailbox.call_out();
        }
        line.set_phase(Phase::Worker);
        Ok(())
    }

    fn is_wanted(&self, is_wanted: &dyn Fn() -> bool) -> bool {
        is_wanted() || self.interrupt.is_fired()
    }

    /// The line is closed for something else; a reset that is still due comes first.
    fn undo(&mut self, phase: Phase) {
        if phase == Phase::Dirty {
            self.is_undone = self.put_base_back().is_err();
        }
    }

    /// Puts the guest back, in full, and has it watch for the next call if that pays.
    fn put_back(&mut self) {
        self.line.turn().is_fresh = false;
        self.is_undone = self.put_base_back().is_err();
        if self.is_undone {
            self.line.set_phase(Phase::Broken);
            return;
        }
        self.watch_for_call();
        // Whose state it was is to be told when it is missed: by `begin`.
        self.line.set_phase(if self.lost.is_some() { Phase::Broken } else { Phase::Ready });
    }

    /// Has the guest, which is at its base state, watch for the next call if that pays.
    pub(crate) fn watch_for_call(&mut self) {
        let turn = self.line.turn();
        if let Some(memory) = &turn.memory {
            let rest_ticks = turn.rest_ticks(memory);
            memory.mailbox.set_ticks(0, rest_ticks);
            self.shall_watch = rest_ticks > 0;
        }
    }

    /// Nobody has called since the last call, whose memory is still as that left it.
    fn clean(&mut self) {
        if self.line.advance(Phase::Dirty, Phase::Due) {
            let mut turn = self.line.turn();
            let outcome = self.line.put_back(&mut turn);
            drop(turn);
            if outcome.is_ok() {
                self.line.set_phase(Phase::Ready);
            }
        }
    }

    /// True if the guest has a message to answer, or shall watch for one.
    fn should_run(&mut self) -> bool {
        let Some(machine) = &self.machine else { return false };
        let phase = self.line.phase();
        if phase.is_in_call() {
            self.shall_watch = false;
            return phase != Phase::Host && !machine.mailbox.is_answered();
        }
        matches!(phase, Phase::Ready | Phase::Dirty) && std::mem::take(&mut self.shall_watch)
    }

    fn run(&mut self) -> Option<Attended> {
        let deadline = self.running();
        let Some(machine) = &mut self.machine else { return None };
        let (exits, exceptions) = (machine.exits, machine.exceptions);
        self.line.note_core();
        let in_vm = InVm::begin();
        let left = machine.run(&deadline);
        drop(in_vm);
        self.line.counters().count_exits(machine.exits - exits, machine.exceptions - exceptions);
        match left.map_err(Error::into_kind) {
            Ok(Left::Rang) => {
                self.overstays = Overstays::default();
                let is_vain = is_unanswered(&self.line, &machine.mailbox);
                let counted = if is_vain { machine.count_vain_ring() } else { Ok(()) };
                counted.err().and_then(|error| self.fail(error))
            }
            Ok(Left::Kicked) | Err(ErrorKind::Expired(Expiry::Wall)) => self.overstayed(),
            Err(kind @ ErrorKind::Interrupted) if self.line.phase().is_in_call() => self.fail(kind.into()),
            Err(ErrorKind::Interrupted) => None,
            Err(kind) => self.fail(kind.into()),
        }
    }

    /// A look at the time, long after the guest was entered.
    fn overstayed(&mut self) -> Option<Attended> {
        let phase = self.line.phase();
        let machine = self.machine.as_mut()?;
        let is_over = !phase.is_in_call() && self.overstays.look(machine.mailbox.sequence());
        // A call that begins at this moment has the guest.
        if phase.is_in_call() || (is_over && !self.line.advance(phase, Phase::Busy)) {
            self.overstays = Overstays::default();
            return None;
        }
        if is_over {
            self.overstays = Overstays::default();
            machine.give_up();
            return self.end(phase, Error::breach("did not leave its VM"));
        }
        machine.mailbox.call_out();
        self.shall_watch = true;
        None
    }

    /// How long the guest may run before this thread looks at something else.
    fn running(&self) -> Running {
        let mut tick_ns = clock::monotonic_ns().saturating_add(TICK.as_nanos() as u64);
        let mut cpu = None;
        if self.line.phase() == Phase::Worker {
            tick_ns = tick_ns.min(self.line.deadline_ns());
            cpu = self.line.turn().under_way.cpu_end;
        }
        Running { wall: clock::instant(tick_ns), cpu }
    }

    /// Sleeps until somebody wants something.
    fn sleep(&mut self, is_wanted: &dyn Fn() -> bool) {
        let in_call = self.line.phase().is_in_call();
        let deadline_ns = if in_call { self.line.deadline_ns() } else { NEVER_NS };
        let patience = (deadline_ns != NEVER_NS)
            .then(|| Duration::from_nanos(deadline_ns.saturating_sub(clock::monotonic_ns())));
        self.line.sleep_unless(|| self.has_work(is_wanted), patience);
        self.line.note_woken(clock::monotonic_ns());
    }

    fn has_work(&self, is_wanted: &dyn Fn() -> bool) -> bool {
        let phase = self.line.phase();
        match phase {
            Phase::Busy | Phase::Due | Phase::Worker | Phase::Dirty => true,
            // Whoever restores rings when it is done.
            Phase::Restoring => false,
            Phase::Ready | Phase::Broken => self.is_wanted(is_wanted),
            Phase::Caller | Phase::Host => {
                let is_asked = self.machine.as_ref().is_some_and(|machine| !machine.mailbox.is_answered());
                let is_to_end =
                    self.line.is_interrupted(self.line.call_under_way()) || self.interrupt.is_fired();
                is_to_end || (is_asked && phase == Phase::Caller)
            }
        }
    }

    /// Ends a call that is interrupted, or whose time is over.
    fn end_call_in_time(&mut self) -> Option<Attended> {
        if !self.line.phase().is_in_call() {
            return None;
        }
        if self.interrupt.is_fired() || self.line.is_interrupted(self.line.call_under_way()) {
            return self.fail(ErrorKind::Interrupted.into());
        }
        let deadline_ns = self.line.deadline_ns();
        if deadline_ns != NEVER_NS && clock::monotonic_ns() >= deadline_ns {
            return self.fail(ErrorKind::Expired(Expiry::Wall).into());
        }
        None
    }

    /// A call that was left to this thread: takes what the guest says, if it has said something.
    fn converse(&mut self) -> Option<Attended> {
        let line = self.line.clone();
        let mut turn = line.turn();
        if let Some(error) = turn.failure.take() {
            drop(turn);
            return self.fail(error);
        }
        let Some(machine) = &mut self.machine else {
            drop(turn);
            return self.fail(Error::internal("a call without a VM"));
        };
        let mailbox = machine.mailbox.clone();
        if std::mem::take(&mut turn.owes_leave) {
            turn.talk.go_on(&mailbox, false);
        }
        if !mailbox.is_answered() {
            return None;
        }
        let outcome = machine.claim().and_then(|claim| {
            let Turn { talk, limits, .. } = &mut *turn;
            let step = talk.step(&mailbox, limits, &claim)?;
            follow(&line, &mut turn, machine, &claim, step)
        });
        match outcome {
            Ok(attended) => attended,
            Err(error) => {
                drop(turn);
                self.fail(error)
            }
        }
    }

    /// Ends the call under way, if there is one, and has everything put back.
    fn fail(&mut self, error: Error) -> Option<Attended> {
        loop {
            let phase = self.line.phase();
            if self.line.advance(phase, Phase::Busy) {
                return self.end(phase, error);
            }
        }
    }

    /// The same, once this thread has taken the line, which was in `phase`.
    fn end(&mut self, phase: Phase, error: Error) -> Option<Attended> {
        // A caller that watches sees the phase, and lets go of the turn.
        let mut turn = self.line.turn();
        let is_state_lost = phase == Phase::Ready && !turn.is_fresh;
        turn.is_fresh = false;
        turn.talk.payload = Vec::new();
        drop(turn);
        // Whoever found it out: a caller cannot give a machine up.
        if let Some(machine) = &mut self.machine {
            machine.give_up_after(&error);
        }
        let call = self.line.call_under_way();
        self.line.note_over(call);
        // What the system has no more of, it will not have in a moment either: the next call tries again.
        self.is_undone = matches!(error.kind(), ErrorKind::Exhausted(_) | ErrorKind::Internal(_));
        self.line.set_phase(if self.is_undone { Phase::Broken } else { Phase::Due });
        if phase.is_in_call() {
            return Some(Attended::Failed { call, error });
        }
        if is_state_lost {
            self.lost = Some(error);
        }
        None
    }
}

/// True if the call under way waits for the guest. A caller may finish it meanwhile, begin another and put memory
/// back in between, the guest's word included: then what was seen belongs to no call.
fn is_unanswered(line: &Line, mailbox: &Mailbox) -> bool {
    let call = line.call_under_way();
    let is_seen = line.phase().is_in_call() && !mailbox.is_answered();
    is_seen && line.phase().is_in_call() && line.call_under_way() == call
}

/// Does what a step of the guest's asks for.
fn follow(
    line: &Line,
    turn: &mut Turn,
    machine: &mut Machine<KvmPartition>,
    claim: &Claim,
    step: Step,
) -> Result<Option<Attended>, Error> {
    let call = line.call_under_way();
    let mailbox = machine.mailbox.clone();
    match step {
        Step::Returned => {
            let reply = std::mem::take(&mut turn.talk.payload);
            let (figures, next) = turn.end(line);
            line.note_over(call);
            line.set_phase(next);
            return Ok(Some(Attended::Returned { call, reply, figures }));
        }
        Step::HostCall(import) => {
            let arguments = turn.talk.payload.clone();
            let host_call = turn.begin_host_call();
            line.set_phase(Phase::Host);
            return Ok(Some(Attended::HostCall { call, host_call, import, arguments }));
        }
        Step::Printed(stream, text) => {
            turn.owes_leave = true;
            return Ok(Some(Attended::Printed { stream, text }));
        }
        Step::More => turn.talk.send_next(&mailbox)?,
        Step::Flushed => turn.talk.go_on(&mailbox, false),
        Step::Commit => {
            let granted = machine.commit(claim)?;
            turn.talk.go_on(&mailbox, !granted);
        }
        Step::Ready => return Err(Error::breach("answered out of turn")),
    }
    Ok(None)
}
