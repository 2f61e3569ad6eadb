//! A guest in a real VM that says whatever an input has it say: answers, host calls, failures, text, memory.

use crate::bytes::Bytes;
use attack::{Attack, Fate};
use hl_abi::layout::{ARENA_GVA, PAGE_BYTES};
use hl_abi::mailbox::REQUEST_BYTES;
use hl_vmm::{Base, Code, Deadline, Error, ErrorKind, Host, HostReply, Interrupt, Limits, Program, Sandbox};
use std::cell::RefCell;
use std::time::Duration;
use support::attended::attended;

#[path = "../../test/guests/hostile/src/guest/attack.rs"]
#[allow(dead_code, reason = "the guest needs all of it")]
mod attack;
#[path = "../../packages/host/native/vmm/tests/support/mod.rs"]
mod support;

const HOSTILE: &[u8] = include_bytes!(concat!(env!("HL_GUEST_DIR"), "/hl-hostile"));

const LIMITS: Limits =
    Limits { memory_bytes: 16 << 20, reply_bytes_max: 4096, output_bytes_max: 2048, host_calls_max: 8 };

/// No input takes as long, however loaded the machine.
const LONG: Duration = Duration::from_secs(60);

const MESSAGES_MAX: usize = 12;
const PAYLOAD_BYTES_MAX: usize = 96;

/// The kinds of message that most inputs consist of. Those that end a call are rare, or nothing would follow; so are
/// those after which a VM has to be made anew, which costs as much as dozens of calls.
const KINDS: [u32; 16] = [2, 3, 4, 4, 4, 4, 6, 6, 6, 6, 7, 7, 7, 7, 4, 9];
/// How a message is posted: the guest leaves its VM.
const RINGS: u32 = 0;
const MORE: u32 = 5;
const OUTPUT: u32 = 7;
const COMMIT: u32 = 8;

/// Has the guest recite what `input` means, and looks at what the host makes of it.
///
/// # Panics
/// If it makes anything of it that it must not, or does not recover.
pub fn hostile(input: &[u8]) {
    thread_local!(static VICTIM: RefCell<Victim> = RefCell::new(Victim::new().expect("a sandbox")));
    VICTIM.with_borrow_mut(|victim| victim.hear(input));
}

struct Victim {
    sandbox: Sandbox,
    /// Must not notice anything.
    bystander: Sandbox,
    inputs: u64,
}

impl Victim {
    fn new() -> Result<Self, Error> {
        let (interrupt, deadline) = (Interrupt::new(), Deadline::after(LONG));
        let (program, code) = (Program::parse(HOSTILE)?, Code::empty());
        let base = Base::load(program, code, &[], LIMITS, &deadline, &interrupt, &mut Mirror::default())?;
        let sandbox = Sandbox::from_base(&base, LIMITS, &interrupt, None)?;
        let bystander = Sandbox::from_base(&base, LIMITS, &Interrupt::new(), None)?;
        Ok(Self { sandbox, bystander, inputs: 0 })
    }

    fn hear(&mut self, input: &[u8]) {
        let request = [&[0; 24][..], &script(input)].concat();
        let (function, mut host) = (Attack::Script as u32, Mirror::default());
        // Some by the line: another thread speaks to the guest while the VM's own attends. It is slow to start.
        let outcome = if input.len().is_multiple_of(32) {
            attended(&mut self.sandbox, LONG, |caller| {
                caller.call(function, &request, false, LONG, &mut host)
            })
        } else {
            self.sandbox.call(function, &request, &Deadline::after(LONG), &mut host)
        };
        assert!(host.output_bytes <= LIMITS.output_bytes_max, "{} bytes of text", host.output_bytes);
        assert!(host.calls <= LIMITS.host_calls_max, "{} host calls", host.calls);
        let is_broken = check(outcome);
        self.recover(is_broken);
    }

    fn recover(&mut self, is_broken: bool) {
        self.inputs += 1;
        self.sandbox.reset().expect("a reset");
        if self.inputs.is_multiple_of(256) {
            self.sandbox.audit().expect("the base state");
            assert_eq!(ping(&mut self.bystander), self.inputs / 256, "another sandbox was touched");
        }
        // A call that returns also ends the pause that a sandbox is given whose VMs keep dying.
        if is_broken || self.inputs.is_multiple_of(16) {
            assert_eq!(ping(&mut self.sandbox), 1, "something is left of the input");
            self.sandbox.reset().expect("a reset");
        }
    }
}

/// True if the VM had to be given up.
fn check(outcome: Result<Vec<u8>, Error>) -> bool {
    match outcome.map_err(Error::into_kind) {
        Ok(reply) => assert!(reply.len() <= LIMITS.reply_bytes_max, "a reply of {} bytes", reply.len()),
        Err(ErrorKind::Guest(_) | ErrorKind::GuestPanic(_) | ErrorKind::Limit(_)) => {}
        Err(ErrorKind::Breach(what)) => {
            assert!(!what.contains("CPL 0"), "{what}");
            return true;
        }
        Err(other) => panic!("the host itself failed: {other:?}"),
    }
    false
}

fn ping(sandbox: &mut Sandbox) -> u64 {
    let reply = sandbox.call(Attack::Ping as u32, &[0; 24], &Deadline::after(LONG), &mut Mirror::default());
    let reply = reply.expect("a ping");
    assert!(reply.len() >= size_of::<Fate>(), "a ping's answer of {} bytes", reply.len());
    u64::from_le_bytes(std::array::from_fn(|byte| reply[8 + byte]))
}

/// Answers with the arguments backwards, throws, or gives more than a window holds.
#[derive(Default)]
struct Mirror {
    calls: u64,
    output_bytes: usize,
}

impl Host for Mirror {
    fn call(&mut self, import: u32, arguments: &[u8], _deadline: &Deadline) -> HostReply {
        self.calls += 1;
        assert!(arguments.len() <= LIMITS.reply_bytes_max, "arguments of {} bytes", arguments.len());
        match import % 64 {
            6 => HostReply::Threw(String::from_utf8_lossy(arguments).into_owned()),
            63 => HostReply::Returned(vec![7; REQUEST_BYTES + 5]),
            _ => HostReply::Returned(arguments.iter().rev().copied().collect()),
        }
    }

    fn output(&mut self, stream: u32, bytes: &[u8]) {
        assert!(stream == 1 || stream == 2, "stream {stream}");
        self.output_bytes += bytes.len();
    }
}

/// The messages of an input, as [`Attack::Script`] wants them: each rings. Most are of kinds that there are and lie within the
/// window.
fn script(input: &[u8]) -> Vec<u8> {
    let mut bytes = Bytes(input);
    let mut script = Vec::new();
    for _ in 0..MESSAGES_MAX {
        if bytes.is_empty() {
            break;
        }
        let shape = bytes.u8();
        // Not one behind: to ring so is no breach but no answer either, and the guest would wait for ever.
        let lead = if shape == 0xff { i32::from(bytes.u8() as i8) as u32 } else { 0 };
        let lead = if lead == u32::MAX { 0 } else { lead };
        let kind = match shape {
            0xfe => bytes.u32(),
            0xf8..0xfb => MORE,
            0xf0..0xf8 => COMMIT,
            _ => KINDS[usize::from(bytes.u8() % 16)],
        };
        let argument = match shape & 0x0f {
            0x0d => bytes.u32(),
            _ if kind == OUTPUT => 1 + u32::from(bytes.u8() % 2),
            _ => u32::from(1 + bytes.u8() % 6),
        };
        let detail = if shape & 2 == 0 { u32::from(bytes.u8()) } else { bytes.u32() };
        let claimed = match shape {
            0xfc => bytes.u32(),
            0x80..0x90 => bytes.u32() % 8192,
            _ => u32::from(bytes.u8()),
        };
        let (address, length) = if shape & 4 == 0 {
            let page = |number: u64| number * PAGE_BYTES as u64;
            (ARENA_GVA + page(bytes.u8().into()), page(bytes.u8().into()))
        } else {
            (bytes.u64(), bytes.u64())
        };
        let payload = bytes.take((claimed as usize).min(PAYLOAD_BYTES_MAX));
        for word in [RINGS, lead, kind, argument, detail, claimed] {
            script.extend_from_slice(&word.to_le_bytes());
        }
        for word in [address, length] {
            script.extend_from_slice(&word.to_le_bytes());
        }
        script.extend_from_slice(&(payload.len() as u32).to_le_bytes());
        script.extend_from_slice(payload);
    }
    script
}
