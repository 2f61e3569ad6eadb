//! What a caller does itself: posts its call, watches for the answer, serves host calls in between. It never waits
//! longer than its patience, and leaves everything that needs the vCPU's thread to that.

use super::{Line, NEVER_NS, Phase, Turn};
use crate::clock;
use crate::conversation::Step;
use crate::deadline::Expiry;
use crate::error::{Error, ErrorKind};
use crate::mailbox::{Claim, Mailbox};
use crate::stats::Figures;
use hl_abi::message::{GuestMessage, HostReplyStatus};
use std::sync::MutexGuard;
use std::time::{Duration, Instant};

/// One call.
#[derive(Clone, Copy, Debug)]
pub struct Call<'a> {
    /// By which it can be interrupted, and its answer be told from others; not 0.
    pub number: u32,
    pub function: u32,
    pub request: &'a [u8],
    /// The state that it leaves stays; otherwise a reset follows.
    pub keep_state: bool,
    /// The whole call's; `None`: none.
    pub timeout: Option<Duration>,
    /// CPU time for the guest; `None`: any.
    pub cpu: Option<Duration>,
}

/// What became of a call within the caller's patience.
#[derive(Debug)]
pub enum Outcome {
    /// The sandbox's thread is busy with something else: the call has not begun.
    Busy,
    /// It goes on, and [`crate::Sandbox::attend`] will tell how.
    Pending,
    /// A host call's answer that nobody waits for any more.
    Stale,
    /// The result lies in the caller's buffer.
    Returned { bytes: usize, figures: Figures },
    /// The result did not fit: [`Line::take_payload`] has it.
    ReturnedLarge { bytes: usize, figures: Figures },
    /// The guest calls host function `import`, whose arguments lie in the caller's buffer; [`Line::resume`] goes on.
    HostCall { host_call: u32, import: u32, bytes: usize },
    /// The arguments did not fit: [`Line::take_payload`] has them.
    HostCallLarge { host_call: u32, import: u32, bytes: usize },
}

/// Looks at the guest's word between two looks at the clock.
const LOOKS: u32 = 32;

/// The longest that the vCPU's thread stays in the VM without a look at anything.
pub(crate) const TICK: Duration = Duration::from_millis(20);

impl Line {
    /// Calls, and blocks for at most about `patience`.
    pub fn call(&self, call: &Call<'_>, patience: Duration, into: &mut [u8]) -> Outcome {
        let now_ns = clock::monotonic_ns();
        let end_ns = now_ns.saturating_add(patience.as_nanos() as u64);
        let Some(mut turn) = self.take_turn(end_ns) else { return Outcome::Busy };
        turn.is_crowded = self.shares_core();
        if turn.begin(self, call, now_ns).is_err() {
            // The sandbox's thread will run into the same, and can say so.
            drop(turn);
            self.set_phase(Phase::Due);
            self.ring();
            return Outcome::Busy;
        }
        self.ring();
        self.converse(turn, end_ns, into)
    }

    /// Answers host call `host_call`, and blocks for at most about `patience` for what comes next.
    pub fn resume(
        &self,
        host_call: u32,
        status: HostReplyStatus,
        payload: &[u8],
        patience: Duration,
        into: &mut [u8],
    ) -> Outcome {
        let now_ns = clock::monotonic_ns();
        let mut turn = self.turn();
        if turn.under_way.host_call != host_call || !self.advance(Phase::Host, Phase::Caller) {
            return Outcome::Stale;
        }
        turn.end_host_call(now_ns);
        if let Some(expiry) = self.expired(&turn, now_ns) {
            turn.failure = Some(ErrorKind::Expired(expiry).into());
            return self.hand_over(&turn);
        }
        let Some(memory) = turn.memory.clone() else { return self.hand_over(&turn) };
        turn.is_crowded = self.shares_core();
        let guests = turn.patience(&memory);
        turn.talk.reply(&memory.mailbox, status, payload, guests);
        self.ring();
        self.converse(turn, now_ns.saturating_add(patience.as_nanos() as u64), into)
    }

    /// Which of the call's clocks has run out. Nobody else looks at the guest's while calls go on from one host call to
    /// the next within a caller's patience.
    fn expired(&self, turn: &Turn, now_ns: u64) -> Option<Expiry> {
        let is_over = |end| clock::cpu_time(turn.cpu_clock) >= end;
        if now_ns >= self.deadline_ns() {
            return Some(Expiry::Wall);
        }
        turn.under_way.cpu_end.is_some_and(is_over).then_some(Expiry::Cpu)
    }

    /// The payload that did not fit.
    pub fn take_payload(&self) -> Vec<u8> {
        std::mem::take(&mut self.turn().talk.payload)
    }

    /// The turn, as soon as the guest is ready; `None` if that is not by `end_ns`, or something else is going on.
    fn take_turn(&self, end_ns: u64) -> Option<MutexGuard<'_, Turn>> {
        let mut looks = 0_u32;
        let mut courtesy = Courtesy::begin();
        loop {
            match self.phase() {
                Phase::Ready if self.advance(Phase::Ready, Phase::Caller) => return Some(self.turn()),
                Phase::Dirty if self.advance(Phase::Dirty, Phase::Restoring) => {
                    let mut turn = self.turn();
                    let restored = self.put_back(&mut turn).is_ok();
                    let next = if restored { Phase::Caller } else { Phase::Due };
                    // The sandbox's thread was first if the guest died of something meanwhile.
                    let is_ours = self.advance(Phase::Restoring, next) && restored;
                    if !is_ours {
                        self.ring();
                    }
                    return is_ours.then_some(turn);
                }
                Phase::Ready | Phase::Dirty => {}
                Phase::Due => {
                    looks += 1;
                    if looks.is_multiple_of(LOOKS) {
                        let now_ns = clock::monotonic_ns();
                        if now_ns >= end_ns {
                            return None;
                        }
                        courtesy.show(self, now_ns);
                    }
                    std::hint::spin_loop();
                }
                _ => return None,
            }
        }
    }

    /// Puts back the memory of a guest that rests.
    pub(crate) fn put_back(&self, turn: &mut Turn) -> Result<(), Error> {
        let Some(memory) = &turn.memory else { return Err(Error::internal("a reset without a VM")) };
        let started = Instant::now();
        memory.restore()?;
        turn.is_fresh = true;
        self.counters().count_reset(memory.pages_written() as u64, started.elapsed());
        Ok(())
    }

    fn converse(&self, mut turn: MutexGuard<'_, Turn>, end_ns: u64, into: &mut [u8]) -> Outcome {
        let Some(memory) = turn.memory.clone() else { return self.hand_over(&turn) };
        let mailbox = &memory.mailbox;
        // Who does not want to wait hears of it by event, however soon the guest answers.
        if clock::monotonic_ns() >= end_ns {
            return self.hand_over(&turn);
        }
        loop {
            match self.watch(mailbox, end_ns) {
                Watched::Answered => {}
                Watched::InVain => return self.hand_over(&turn),
                Watched::TakenOver => return Outcome::Pending,
            }
            // What is wrong with it the vCPU's thread will find, too.
            let Ok(claim) = mailbox.claim() else { return self.hand_over(&turn) };
            match claim.kind {
                GuestMessage::Returned => return self.finish(&mut turn, mailbox, &claim, into),
                GuestMessage::HostCall if clock::monotonic_ns() < end_ns => {
                    return self.present(&mut turn, mailbox, &claim, into);
                }
                // A guest that answers at once has `watch` never look at the clock.
                GuestMessage::More | GuestMessage::Flush if clock::monotonic_ns() < end_ns => {
                    let Turn { talk, limits, .. } = &mut *turn;
                    let sent = talk.step(mailbox, limits, &claim).and_then(|step| match step {
                        Step::More => talk.send_next(mailbox),
                        _ => {
                            talk.go_on(mailbox, false);
                            Ok(())
                        }
                    });
                    if let Err(error) = sent {
                        return self.fail(&mut turn, error);
                    }
                    self.ring();
                }
                _ => return self.hand_over(&turn),
            }
        }
    }

    fn watch(&self, mailbox: &Mailbox, end_ns: u64) -> Watched {
        let mut looks = 1_u32;
        let mut courtesy = Courtesy::begin();
        loop {
            if mailbox.is_answered() {
                return Watched::Answered;
            }
            if looks.is_multiple_of(LOOKS) {
                if self.phase() != Phase::Caller {
                    return Watched::TakenOver;
                }
                let now_ns = clock::monotonic_ns();
                if now_ns >= end_ns {
                    return Watched::InVain;
                }
                courtesy.show(self, now_ns);
            }
            looks = looks.wrapping_add(1);
            std::hint::spin_loop();
        }
    }

    fn finish(&self, turn: &mut Turn, mailbox: &Mailbox, claim: &Claim, into: &mut [u8]) -> Outcome {
        let fits = turn.talk.payload.is_empty() && claim.chunk_bytes <= turn.limits.reply_bytes_max;
        let is_copied = fits && mailbox.copy_reply(claim, into);
        if !is_copied {
            let Turn { talk, limits, .. } = &mut *turn;
            if let Err(error) = talk.step(mailbox, limits, claim) {
                return self.fail(turn, error);
            }
        }
        let large_bytes = turn.talk.payload.len();
        let call = self.call_under_way();
        let (figures, next) = turn.end(self);
        if !self.advance(Phase::Caller, next) {
            return Outcome::Pending;
        }
        self.note_over(call);
        if next != Phase::Ready {
            self.ring();
        }
        if is_copied {
            Outcome::Returned { bytes: claim.chunk_bytes, figures }
        } else {
            Outcome::ReturnedLarge { bytes: large_bytes, figures }
        }
    }

    fn present(&self, turn: &mut Turn, mailbox: &Mailbox, claim: &Claim, into: &mut [u8]) -> Outcome {
        let Turn { talk, limits, .. } = &mut *turn;
        let fits = talk.payload.is_empty() && claim.chunk_bytes <= limits.reply_bytes_max;
        let is_copied = fits && mailbox.copy_reply(claim, into);
        let counted = if is_copied {
            talk.count_host_call(limits)
        } else {
            talk.step(mailbox, limits, claim).map(drop)
        };
        if let Err(error) = counted {
            return self.fail(turn, error);
        }
        let large_bytes = talk.payload.len();
        let host_call = turn.begin_host_call();
        if !self.advance(Phase::Caller, Phase::Host) {
            return Outcome::Pending;
        }
        let import = claim.argument;
        if is_copied {
            Outcome::HostCall { host_call, import, bytes: claim.chunk_bytes }
        } else {
            Outcome::HostCallLarge { host_call, import, bytes: large_bytes }
        }
    }

    /// Leaves it to the sandbox's thread to tell that the call failed.
    fn fail(&self, turn: &mut Turn, error: Error) -> Outcome {
        turn.failure = Some(error);
        self.hand_over(turn)
    }

    /// Leaves the call to the sandbox's thread.
    fn hand_over(&self, turn: &Turn) -> Outcome {
        if let Some(memory) = &turn.memory {
            memory.mailbox.call_out();
        }
        let deadline_ns = self.deadline_ns();
        if self.advance(Phase::Caller, Phase::Worker) && !self.ring() {
            // It looks at the time every so often; sooner only if that is too late.
            let is_near = deadline_ns != NEVER_NS
                && deadline_ns < clock::monotonic_ns().saturating_add(TICK.as_nanos() as u64);
            if is_near || turn.under_way.cpu_end.is_some() || turn.failure.is_some() {
                self.0.interrupt.kick();
            }
        }
        Outcome::Pending
    }
}

/// Lets the sandbox's thread run where it may be waiting for this core: at once if that had it last, now and then in
/// any case, for a thread that was woken may have been put there.
struct Courtesy {
    /// When the next one is due; 0: it has not been looked at yet.
    due_ns: u64,
}

const COURTESY_EVERY_NS: u64 = 30_000;

impl Courtesy {
    fn begin() -> Self {
        Self { due_ns: 0 }
    }

    fn show(&mut self, line: &Line, now_ns: u64) {
        let is_due = self.due_ns != 0 && now_ns >= self.due_ns;
        if is_due || line.shares_core() {
            std::thread::yield_now();
        }
        if is_due || self.due_ns == 0 {
            self.due_ns = now_ns + COURTESY_EVERY_NS;
        }
    }
}

/// How watching ended.
enum Watched {
    Answered,
    InVain,
    /// The sandbox's thread has ended the call.
    TakenOver,
}
