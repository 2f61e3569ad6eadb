//! The host under attack: a sandbox around the hostile guest, and what is checked after each attempt.

use crate::attack::{Attack, Fate, RESET_HOOK_MAGIC};
use crate::support::attended::{Caller, LONG, attended};
use crate::support::{Mirror, has_hypervisor};
use hl_vmm::{Base, Code, Deadline, Error, ErrorKind, Interrupt, Limits, Program, Sandbox, Stats};
use std::time::Duration;

const HOSTILE: &[u8] = include_bytes!(concat!(env!("HL_GUEST_DIR"), "/hl-hostile"));

/// Small, so that loops which run into a limit do so soon, and a sweep of all memory is short.
pub const LIMITS: Limits = Limits {
    memory_bytes: 16 << 20,
    reply_bytes_max: 4 << 20,
    output_bytes_max: 1 << 20,
    host_calls_max: 500,
};
/// The part of it that is the guest's heap.
pub const HEAP_PAGES: u64 = 1024;

/// A loop that nothing else ends, ends by this.
const PATIENCE: Duration = Duration::from_millis(300);
/// Of a call that ends by itself, or has to be ended: long for a loaded machine, short for the others.
const SHORT_CALL: Duration = Duration::from_millis(1000);

/// How a call reaches the guest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// The VM's own thread does everything, and nobody else is there.
    Alone,
    /// By a caller on another thread, which watches for the answer as long as it takes.
    Watched,
    /// By a caller on another thread, which leaves everything to the VM's.
    HandedOver,
    /// As alone, but to be put back a sandbox is closed, and its VM serves the next one: of the same snapshot, and of
    /// another that is like it.
    Recycled,
}

impl Way {
    pub fn is_by_the_line(self) -> bool {
        matches!(self, Self::Watched | Self::HandedOver)
    }

    /// How long a caller watches.
    pub fn patience(self) -> Duration {
        if self == Self::Watched { LONG } else { Duration::ZERO }
    }
}

/// Makes tests of functions that take the way by which calls go.
macro_rules! in_each_way {
    ($($name:ident),* $(,)?) => {
        $crate::victim::in_each_way!(@ alone Alone $($name)*);
        $crate::victim::in_each_way!(@ watched Watched $($name)*);
        $crate::victim::in_each_way!(@ handed_over HandedOver $($name)*);
        $crate::victim::in_each_way!(@ recycled Recycled $($name)*);
    };
    (@ $module:ident $way:ident $($name:ident)*) => {
        mod $module {
            $(#[test]
            fn $name() {
                super::$name($crate::victim::Way::$way);
            })*
        }
    };
}
pub(crate) use in_each_way;

/// How an attempt ended, as far as rows tell apart.
#[derive(Debug)]
pub enum Outcome {
    /// The guest answered with this, and more bytes perhaps.
    Answered(Fate, Vec<u8>),
    /// The guest answered with nothing, or with less than a fate.
    Empty,
    /// The guest was told of a fault that it did not handle, or of another failure of its own.
    GuestFailed,
    /// The VM was stopped for breaking a rule.
    Breach(String),
    Expired,
    Interrupted,
    Limited,
}

impl Outcome {
    pub fn trapped(&self) -> bool {
        matches!(self, Self::Answered(fate, _) if fate.trapped == 1)
    }

    pub fn harmless(&self) -> bool {
        matches!(self, Self::Answered(fate, _) if fate.trapped == 0)
    }

    pub fn breached(&self) -> bool {
        matches!(self, Self::Breach(_))
    }

    /// The word that the attempt found.
    pub fn value(&self) -> u64 {
        match self {
            Self::Answered(fate, _) if fate.trapped == 0 => fate.value,
            other => panic!("expected an answer, got {other:?}"),
        }
    }
}

pub struct Victim {
    pub sandbox: Sandbox,
    pub interrupt: Interrupt,
    pub way: Way,
    bases: [Base; 2],
    /// How often it was put back.
    turns: usize,
    /// How often its VM had been replaced when it was well last.
    replacements: u64,
}

impl Victim {
    /// `None`, with a word on why, where there is no hypervisor.
    pub fn new() -> Option<Self> {
        Self::by(Way::Alone)
    }

    /// The same, for attempts by `way`.
    pub fn by(way: Way) -> Option<Self> {
        Self::with(HOSTILE, way)
    }

    /// A guest that notes its registers at each reset before anything else runs.
    pub fn noting_registers(way: Way) -> Option<Self> {
        Self::with(&with_reset_hook(HOSTILE), way)
    }

    fn with(elf: &[u8], way: Way) -> Option<Self> {
        if !has_hypervisor() {
            return None;
        }
        let interrupt = Interrupt::new();
        let program = Program::parse(elf).expect("the hostile guest's ELF file");
        let deadline = Deadline::after(Duration::from_secs(60));
        let mut host = Mirror::default();
        let bases = [(); 2].map(|()| {
            let (program, code) = (program.clone(), Code::empty());
            Base::load(program, code, &[], LIMITS, &deadline, &interrupt, &mut host).expect("a base state")
        });
        let sandbox = Sandbox::from_base(&bases[0], LIMITS, &interrupt, None);
        let sandbox = sandbox.expect("a sandbox around the hostile guest");
        Some(Self { sandbox, interrupt, way, bases, turns: 0, replacements: 0 })
    }

    /// Back to the base state.
    pub fn put_back(&mut self) -> Result<(), Error> {
        if self.way != Way::Recycled {
            return self.sandbox.reset();
        }
        self.turns += 1;
        let base = &self.bases[self.turns / 2 % 2];
        let between = Sandbox::from_base(base, LIMITS, &Interrupt::new(), None)?;
        let shell = std::mem::replace(&mut self.sandbox, between).into_shell();
        self.sandbox = Sandbox::from_base(base, LIMITS, &self.interrupt, shell)?;
        Ok(())
    }

    pub fn attack(&mut self, attack: Attack, words: [u64; 3]) -> Outcome {
        self.attack_with(attack, words, &[], Duration::from_secs(60))
    }

    /// An attempt that would never end by itself.
    pub fn attack_for_ever(&mut self, attack: Attack, words: [u64; 3], more: &[u8]) -> Outcome {
        self.attack_with(attack, words, more, PATIENCE)
    }

    pub fn attack_with(
        &mut self,
        attack: Attack,
        words: [u64; 3],
        more: &[u8],
        patience: Duration,
    ) -> Outcome {
        let request = request(words, more);
        let (function, mut host) = (attack as u32, Mirror::default());
        outcome(match self.way {
            Way::Alone | Way::Recycled => {
                self.sandbox.call(function, &request, &Deadline::after(patience), &mut host)
            }
            way => attended(&mut self.sandbox, way.patience(), |caller| {
                caller.call(function, &request, true, patience, &mut host)
            }),
        })
    }

    /// Calls by the line, each from the base state.
    pub fn session<T: Send>(&mut self, session: impl FnOnce(&mut Session<'_>) -> T + Send) -> T {
        self.session_with(LONG, session)
    }

    /// The same, of calls that may have to be ended.
    pub fn short_session<T: Send>(&mut self, session: impl FnOnce(&mut Session<'_>) -> T + Send) -> T {
        self.session_with(SHORT_CALL, session)
    }

    fn session_with<T: Send>(
        &mut self,
        timeout: Duration,
        session: impl FnOnce(&mut Session<'_>) -> T + Send,
    ) -> T {
        assert!(self.way.is_by_the_line(), "sessions go by the line");
        attended(&mut self.sandbox, self.way.patience(), |caller| session(&mut Session { caller, timeout }))
    }

    /// What must hold after every attempt, whatever came of it.
    pub fn recover(&mut self, after: &str) {
        self.interrupt.clear();
        self.put_back().unwrap_or_else(|error| panic!("after {after}: {error}"));
        self.sandbox.audit().unwrap_or_else(|difference| panic!("after {after}: {difference}"));
        let pinged = self.attack(Attack::Ping, [0; 3]);
        assert!(matches!(pinged, Outcome::Answered(Fate { value: 1, .. }, _)), "after {after}: {pinged:?}");
        self.put_back().unwrap_or_else(|error| panic!("after {after} and a ping: {error}"));
    }

    /// One row of a table: an attempt, and what may come of it.
    pub fn check(&mut self, name: &str, outcome: &Outcome, expected: bool) {
        assert!(expected, "{name}: {outcome:?}");
        if let Outcome::Breach(what) = outcome {
            assert!(!what.contains("CPL 0"), "{name}: {what}");
        }
        self.recover(name);
        // Where it is closed in between, each sandbox counts for itself.
        let replacements = self.sandbox.stats().replacements;
        if outcome.breached() && self.way != Way::Recycled {
            assert!(replacements > self.replacements, "{name}: a VM that broke a rule goes on");
        }
        self.replacements = replacements;
    }
}

fn request(words: [u64; 3], more: &[u8]) -> Vec<u8> {
    words.into_iter().flat_map(u64::to_le_bytes).chain(more.iter().copied()).collect()
}

fn outcome(result: Result<Vec<u8>, Error>) -> Outcome {
    match result {
        Ok(reply) if reply.len() < size_of::<Fate>() => Outcome::Empty,
        Ok(reply) => answered(&reply),
        Err(error) => failed(error),
    }
}

/// Calls from the base state, one after the other, by a caller that leaves the resets between them to the line.
pub struct Session<'a> {
    caller: &'a mut Caller,
    /// After which a call ends.
    timeout: Duration,
}

impl Session<'_> {
    pub fn attack(&mut self, attack: Attack, words: [u64; 3]) -> Outcome {
        self.attack_with(attack, words, &[], false)
    }

    pub fn attack_with(&mut self, attack: Attack, words: [u64; 3], more: &[u8], keep_state: bool) -> Outcome {
        let (function, request) = (attack as u32, request(words, more));
        outcome(self.caller.call(function, &request, keep_state, self.timeout, &mut Mirror::default()))
    }

    /// The reply as it came.
    pub fn bytes(&mut self, attack: Attack, words: [u64; 3]) -> Result<Vec<u8>, Error> {
        let (function, request) = (attack as u32, request(words, &[]));
        self.caller.call(function, &request, false, self.timeout, &mut Mirror::default())
    }

    pub fn stats(&self) -> Stats {
        self.caller.line.stats()
    }
}

fn answered(reply: &[u8]) -> Outcome {
    let (head, rest) = reply.split_at(size_of::<Fate>());
    let mut words =
        head.chunks_exact(8).map(|word| u64::from_le_bytes(word.try_into().expect("eight bytes")));
    let mut word = || words.next().expect("four words");
    let fate = Fate { trapped: word(), value: word(), error_code: word(), address: word() };
    Outcome::Answered(fate, rest.to_vec())
}

fn failed(error: Error) -> Outcome {
    match error.into_kind() {
        ErrorKind::Guest(_) | ErrorKind::GuestPanic(_) => Outcome::GuestFailed,
        ErrorKind::Breach(what) => Outcome::Breach(what),
        ErrorKind::Expired(_) => Outcome::Expired,
        ErrorKind::Interrupted => Outcome::Interrupted,
        ErrorKind::Limit(_) => Outcome::Limited,
        other @ (ErrorKind::Unavailable(_)
        | ErrorKind::Snapshot { .. }
        | ErrorKind::Exhausted(_)
        | ErrorKind::File(_)
        | ErrorKind::Internal(_)) => {
            panic!("the host itself failed: {other:?}")
        }
    }
}

/// Puts the guest's own register-noting code before its reset entry, by its entry table.
fn with_reset_hook(elf: &[u8]) -> Vec<u8> {
    let mut elf = elf.to_vec();
    let magic = u64::from(hl_abi::ABI_VERSION) << 32 | u64::from(hl_abi::ENTRY_MAGIC);
    let (table, hook) = (find(&elf, magic), find(&elf, RESET_HOOK_MAGIC));
    let (reset_entry, go_on) = (table + 16, hook + 16);
    elf.copy_within(reset_entry..reset_entry + 8, go_on);
    elf.copy_within(hook + 8..hook + 16, reset_entry);
    elf
}

/// Where the word `magic` lies in the file: once.
fn find(elf: &[u8], magic: u64) -> usize {
    let mut places =
        (0..elf.len() / 8).map(|word| word * 8).filter(|at| elf[*at..at + 8] == magic.to_le_bytes());
    let place = places.next().expect("the word is in the guest's file");
    assert_eq!(places.next(), None, "{magic:#x} is there twice");
    place
}

/// Address ranges of the guest's program that are not writable, from its ELF program headers.
pub fn read_only_segments() -> Vec<std::ops::Range<u64>> {
    const PT_LOAD: u64 = 1;
    const PF_W: u64 = 1 << 1;
    let word = |at: usize, bytes: usize| {
        HOSTILE[at..at + bytes].iter().rev().fold(0_u64, |value, byte| value << 8 | u64::from(*byte))
    };
    let headers = (0..word(56, 2) as usize).map(|index| word(32, 8) as usize + index * 56);
    headers
        .filter(|at| word(*at, 4) == PT_LOAD && word(at + 4, 4) & PF_W == 0)
        .map(|at| word(at + 16, 8)..word(at + 16, 8) + word(at + 40, 8))
        .collect()
}
