//! What belongs to the turn: the VM that is spoken to, and the call under way with what it has cost so far.

use super::{Call, Line, NEVER_NS, Phase};
use crate::clock;
use crate::clone_memory::CloneMemory;
use crate::conversation::Conversation;
use crate::error::Error;
use crate::limits::Limits;
use crate::mailbox::Patience;
use crate::random;
use crate::stats::Figures;
use crate::watch::{self, Watch};
use hl_abi::message::HostMessage;
use std::sync::Arc;
use std::time::Duration;

/// What a call from the base state leaves to be put back.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Reset {
    /// Memory and every register, for which the guest has to leave its VM.
    #[default]
    Full,
    /// Memory, while the guest rests in its VM: for guests that are trusted not to have broken out of WebAssembly.
    Memory,
}

pub(crate) struct Turn {
    /// `None` while there is no VM.
    pub(crate) memory: Option<Arc<CloneMemory>>,
    pub(crate) limits: Limits,
    pub(crate) reset: Reset,
    /// Nothing has run since the base state.
    pub(crate) is_fresh: bool,
    pub(crate) talk: Conversation,
    pub(crate) under_way: UnderWay,
    pub(crate) watch: Watch,
    /// The last caller had the sandbox's thread's core: a guest that watches keeps it from calling.
    pub(super) is_crowded: bool,
    /// What a caller found, for the sandbox's thread to tell.
    pub(crate) failure: Option<Error>,
    /// The guest still waits for leave to go on.
    pub(crate) owes_leave: bool,
    /// CPU clock of the sandbox's thread.
    pub(crate) cpu_clock: libc::clockid_t,
    last_host_call: u32,
    /// When the last call was answered, or the sandbox was made.
    answered_ns: u64,
}

/// One call.
#[derive(Clone, Copy, Default)]
pub(crate) struct UnderWay {
    keep_state: bool,
    started_ns: u64,
    /// Where the sandbox's thread's CPU clock may go.
    pub(crate) cpu_end: Option<Duration>,
    /// The host call that waits for its answer, and since when.
    pub(crate) host_call: u32,
    host_since_ns: u64,
    host_ns: u64,
    exits_before: u64,
}

impl Turn {
    pub(super) fn new(limits: Limits) -> Self {
        Self {
            memory: None,
            limits,
            reset: Reset::Full,
            is_fresh: false,
            talk: Conversation::default(),
            under_way: UnderWay::default(),
            watch: Watch::default(),
            is_crowded: false,
            failure: None,
            owes_leave: false,
            cpu_clock: libc::CLOCK_THREAD_CPUTIME_ID,
            last_host_call: 0,
            answered_ns: clock::monotonic_ns(),
        }
    }

    /// Posts the call to a guest that waits for one.
    ///
    /// # Errors
    /// If there is no VM, or there are no random numbers.
    pub(crate) fn begin(&mut self, line: &Line, call: &Call<'_>, now_ns: u64) -> Result<(), Error> {
        let Some(memory) = &self.memory else { return Err(Error::internal("a call without a VM")) };
        if std::mem::take(&mut self.is_fresh) {
            memory.mailbox.set_random(&random::fresh()?);
        }
        self.watch.learn(Duration::from_nanos(now_ns.saturating_sub(self.answered_ns)));
        self.failure = None;
        self.owes_leave = false;
        self.under_way = UnderWay {
            keep_state: call.keep_state,
            started_ns: now_ns,
            cpu_end: call.cpu.map(|budget| clock::cpu_time(self.cpu_clock).saturating_add(budget)),
            exits_before: line.counters().exits(),
            ..UnderWay::default()
        };
        let deadline_ns = match call.timeout {
            Some(timeout) => now_ns.saturating_add(u64::try_from(timeout.as_nanos()).unwrap_or(NEVER_NS)),
            None => NEVER_NS,
        };
        line.note_call(call.number, deadline_ns);
        let patience = self.patience(memory);
        let message = (HostMessage::Call, call.function, call.request);
        self.talk.begin(&memory.mailbox, message, patience);
        Ok(())
    }

    /// How the guest is to wait while a caller watches.
    pub(super) fn patience(&self, memory: &CloneMemory) -> Patience {
        let tsc_hz = memory.mailbox.tsc_hz();
        let stays = self.under_way.keep_state || self.reset == Reset::Memory;
        Patience {
            watch_ticks: if self.is_crowded { 0 } else { watch::ticks(tsc_hz) },
            rest_ticks: if stays { self.rest_ticks(memory) } else { 0 },
            rests: !self.under_way.keep_state,
        }
    }

    /// How long a guest that has nothing to do may watch for the next call.
    pub(crate) fn rest_ticks(&self, memory: &CloneMemory) -> u32 {
        if self.is_crowded { 0 } else { self.watch.ticks(memory.mailbox.tsc_hz()) }
    }

    /// The guest calls the host: the number under which it is answered.
    pub(crate) fn begin_host_call(&mut self) -> u32 {
        self.last_host_call = self.last_host_call.wrapping_add(1);
        self.under_way.host_call = self.last_host_call;
        self.under_way.host_since_ns = clock::monotonic_ns();
        self.last_host_call
    }

    pub(super) fn end_host_call(&mut self, now_ns: u64) {
        self.under_way.host_call = 0;
        self.under_way.host_ns += now_ns.saturating_sub(self.under_way.host_since_ns);
    }

    /// The call is answered: what it cost, which is counted, and what comes after it.
    pub(crate) fn end(&mut self, line: &Line) -> (Figures, Phase) {
        let UnderWay { started_ns, host_ns, exits_before, keep_state, .. } = self.under_way;
        self.answered_ns = clock::monotonic_ns();
        let memory = self.memory.as_deref();
        let figures = Figures {
            ns: self.answered_ns.saturating_sub(started_ns),
            wake_ns: line.woke_ns().saturating_sub(started_ns),
            host_ns,
            host_calls: self.talk.host_calls,
            exits: line.counters().exits().saturating_sub(exits_before),
            pages: memory.map_or(0, CloneMemory::pages_written) as u64,
        };
        line.counters().count_call(&figures);
        let is_outgrown = memory.is_none_or(CloneMemory::is_outgrown);
        let next = match keep_state {
            true => Phase::Ready,
            false if self.reset == Reset::Memory && !is_outgrown => Phase::Dirty,
            false => Phase::Due,
        };
        (figures, next)
    }
}
