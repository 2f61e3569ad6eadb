//! More guests and callers than cores, down to a single core: every answer is its caller's, and nothing hangs.

mod support;

use hl_vmm::Reset;
use std::os::unix::process::CommandExt;
use std::process::Command;
use std::time::{Duration, Instant};
use support::attended::{Caller, LONG, attended};
use support::{ECHO, Mirror, echo, has_hypervisor, sandbox};

const CALLS: u64 = 150;
/// Each with a thread of its own, and one of its caller's.
const SANDBOXES: u64 = 10;

/// Numbers that a seed repeats: xorshift.
struct Random(u64);

impl Random {
    fn below(&mut self, end: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % end
    }
}

/// One call of any kind, by a caller of any patience, whose answer nobody else can have.
fn call(caller: &mut Caller, random: &mut Random, number: u64) {
    let patience = [0, 20, 300, 20_000][random.below(4) as usize];
    caller.patience = Duration::from_micros(patience);
    let len = [8, 100, 5_000, 70_000][random.below(4) as usize];
    let request: Vec<u8> = number.to_le_bytes().into_iter().cycle().take(len).collect();
    let mut host = Mirror::default();
    let mut answer = |function| caller.call(function, &request, false, LONG, &mut host).expect("an answer");
    match random.below(4) {
        0 => assert!(answer(echo::ECHO) == request, "call {number}"),
        1 => assert_eq!(answer(echo::COUNT), 1_u32.to_le_bytes(), "call {number}"),
        2 => assert!(answer(echo::ASK).iter().eq(request.iter().rev()), "call {number}"),
        _ => {
            assert!(answer(echo::PRINT).is_empty(), "call {number}");
            assert!(host.printed == request, "call {number}");
        }
    }
}

fn live(number: u64, seed: u64) {
    let mut random = Random(seed ^ number.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
    let mut sandbox = sandbox(ECHO);
    sandbox.use_reset([Reset::Full, Reset::Memory][(number % 2) as usize]);
    attended(&mut sandbox, Duration::ZERO, |caller| {
        for turn in 0..CALLS {
            call(caller, &mut random, number * CALLS + turn);
        }
    });
    sandbox.reset().expect("a reset");
    sandbox.audit().expect("the base state");
    assert_eq!(sandbox.stats().replacements, 0, "no VM was given up for being late");
}

#[test]
fn many_more_guests_than_cores_answer_each_caller_its_own() {
    if !has_hypervisor() {
        return;
    }
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).expect("after 1970");
    let seed =
        std::env::var("HL_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(now.as_nanos() as u64);
    let cores = std::thread::available_parallelism().expect("cores");
    println!("seed {seed} (HL_SEED repeats it), {SANDBOXES} guests on {cores} cores");
    std::thread::scope(|scope| {
        for number in 0..SANDBOXES {
            scope.spawn(move || live(number, seed));
        }
    });
}

/// The test above in a process that may use one core.
#[test]
fn one_core_is_enough_for_many_guests() {
    if !has_hypervisor() {
        return;
    }
    let mut program = Command::new(std::env::current_exe().expect("this program"));
    program.args(["--exact", "many_more_guests_than_cores_answer_each_caller_its_own", "--nocapture"]);
    // SAFETY: one system call between fork and exec, with a structure of its own.
    unsafe { program.pre_exec(use_one_core) };
    let mut child = program.spawn().expect("a process");
    let end = Instant::now() + Duration::from_secs(120);
    let status = loop {
        match child.try_wait().expect("a child") {
            Some(status) => break status,
            None if Instant::now() >= end => {
                child.kill().expect("a child that still runs");
                panic!("it hangs on one core");
            }
            None => std::thread::sleep(Duration::from_millis(20)),
        }
    };
    assert!(status.success(), "{status}");
}

/// The first of those that this process may use.
fn use_one_core() -> std::io::Result<()> {
    // SAFETY: plain data, for which zeroes are a value; both calls take its length with it.
    unsafe {
        let mut all: libc::cpu_set_t = std::mem::zeroed();
        let len = size_of::<libc::cpu_set_t>();
        if libc::sched_getaffinity(0, len, &mut all) != 0 {
            return Err(std::io::Error::last_os_error());
        }
        let first = (0..8 * len).find(|core| libc::CPU_ISSET(*core, &all)).unwrap_or(0);
        let mut one: libc::cpu_set_t = std::mem::zeroed();
        libc::CPU_SET(first, &mut one);
        match libc::sched_setaffinity(0, len, &one) {
            0 => Ok(()),
            _ => Err(std::io::Error::last_os_error()),
        }
    }
}
