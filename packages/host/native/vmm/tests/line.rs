//! Callers on another thread than the VM's: in place, handed over, interrupted, and idle.

mod support;

use hl_abi::mailbox::REQUEST_BYTES;
use hl_abi::message::HostReplyStatus;
use hl_vmm::{Attended, Call, ErrorKind, Expiry, Interrupt, LimitKind, Limits, Line, Outcome, Reset};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, mpsc};
use std::thread::JoinHandle;
use std::time::Duration;
use support::attended::{LONG, attended};
use support::{ECHO, Mirror, echo, has_hypervisor, try_sandbox};

/// Name of the threads whose sandboxes have nothing to do.
const IDLE: &str = "idle";

/// A sandbox with a thread that attends to it, as an embedder has it.
struct Attendant {
    line: Line,
    told: mpsc::Receiver<Attended>,
    done: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
    number: u32,
    reply: Vec<u8>,
}

impl Attendant {
    fn new(reset: Reset) -> Self {
        Self::named("attendant", reset)
    }

    fn named(name: &str, reset: Reset) -> Self {
        let (opened, line) = mpsc::channel();
        let (tell, told) = mpsc::channel();
        let done = Arc::new(AtomicBool::new(false));
        let is_done = done.clone();
        let thread = std::thread::Builder::new().name(name.to_owned()).spawn(move || {
            let mut sandbox = try_sandbox(ECHO, Limits::default(), &Interrupt::new()).expect("a sandbox");
            sandbox.use_reset(reset);
            opened.send(sandbox.line()).expect("a listener");
            loop {
                match sandbox.attend(&|| is_done.load(Ordering::SeqCst)) {
                    Attended::Wanted => break,
                    told => drop(tell.send(told)),
                }
            }
            sandbox.reset().expect("a reset");
            sandbox.audit().expect("the base state");
        });
        let thread = thread.expect("a thread");
        let line = line.recv().expect("a line");
        Self { line, told, done, thread: Some(thread), number: 0, reply: vec![0; 4096] }
    }

    fn begin(&mut self, function: u32, request: &[u8], keep_state: bool, timeout: Duration) -> Outcome {
        self.number += 1;
        let call =
            Call { number: self.number, function, request, keep_state, timeout: Some(timeout), cpu: None };
        // Nothing is lost by asking again while a reset goes on.
        loop {
            match self.line.call(&call, LONG, &mut self.reply) {
                Outcome::Busy => std::thread::yield_now(),
                outcome => return outcome,
            }
        }
    }

    fn call(&mut self, function: u32, request: &[u8], keep_state: bool) -> Vec<u8> {
        match self.begin(function, request, keep_state, LONG) {
            Outcome::Returned { bytes, .. } => self.reply[..bytes].to_vec(),
            Outcome::ReturnedLarge { .. } => self.line.take_payload(),
            other => panic!("{other:?}"),
        }
    }
}

impl Drop for Attendant {
    fn drop(&mut self) {
        self.done.store(true, Ordering::SeqCst);
        self.line.fetch();
        let ended = self.thread.take().expect("a thread").join();
        assert!(std::thread::panicking() || ended.is_ok(), "the attending thread failed");
    }
}

fn attendants() -> Vec<Attendant> {
    if !has_hypervisor() {
        return Vec::new();
    }
    [Reset::Full, Reset::Memory].map(Attendant::new).into()
}

#[test]
fn fresh_calls_see_the_base_state_and_kept_ones_each_other() {
    for mut guest in attendants() {
        let base = guest.call(echo::COUNT, &[], false);
        for _ in 0..500 {
            assert_eq!(guest.call(echo::COUNT, &[], false), base);
        }
        let first = guest.call(echo::COUNT, &[], true);
        assert_eq!(first, base);
        assert_ne!(guest.call(echo::COUNT, &[], true), first);
        let stats = guest.line.stats();
        assert_eq!(stats.calls, 503);
        assert!(stats.resets >= 500, "{stats:?}");
    }
}

#[test]
fn payloads_of_any_length_come_back_whole() {
    for mut guest in attendants() {
        for len in [0, 1, 4096, 4097, REQUEST_BYTES, REQUEST_BYTES + 1, 3 << 20] {
            let request: Vec<u8> = (0..len).map(|index| (index % 251) as u8).collect();
            assert!(guest.call(echo::ECHO, &request, false) == request, "{len} bytes");
        }
    }
}

#[test]
fn host_calls_are_served_by_the_caller_and_answered_once() {
    for mut guest in attendants() {
        let Outcome::HostCall { host_call, bytes, .. } = guest.begin(echo::ASK, b"abc", false, LONG) else {
            panic!("no host call")
        };
        assert_eq!(&guest.reply[..bytes], b"abc");
        let line = guest.line.clone();
        let ok = HostReplyStatus::Returned;
        let stale = line.resume(host_call + 1, ok, b"x", LONG, &mut guest.reply);
        assert!(matches!(stale, Outcome::Stale), "{stale:?}");
        let answered = line.resume(host_call, ok, b"cba", LONG, &mut guest.reply);
        let Outcome::Returned { bytes, figures } = answered else { panic!("{answered:?}") };
        assert_eq!((&guest.reply[..bytes], figures.host_calls), (&b"cba"[..], 1));
        let again = line.resume(host_call, ok, b"cba", LONG, &mut guest.reply);
        assert!(matches!(again, Outcome::Stale), "{again:?}");
    }
}

#[test]
fn a_call_that_nobody_waits_for_ends_by_its_deadline_and_the_next_one_works() {
    for mut guest in attendants() {
        guest.number += 1;
        let timeout = Some(Duration::from_millis(30));
        let call = Call {
            number: guest.number,
            function: echo::SPIN,
            request: &[],
            keep_state: true,
            timeout,
            cpu: None,
        };
        while matches!(guest.line.call(&call, Duration::ZERO, &mut guest.reply), Outcome::Busy) {}
        match guest.told.recv().expect("an outcome") {
            Attended::Failed { call, error } => {
                assert_eq!(call, guest.number);
                assert!(matches!(error.kind(), ErrorKind::Expired(Expiry::Wall)), "{error}");
            }
            other => panic!("{other:?}"),
        }
        assert_eq!(guest.call(echo::ECHO, b"again", false), b"again");
    }
}

#[test]
fn an_interrupt_ends_the_call_that_it_names() {
    for mut guest in attendants() {
        guest.number += 1;
        let call = Call {
            number: guest.number,
            function: echo::SPIN,
            request: &[],
            keep_state: false,
            timeout: None,
            cpu: None,
        };
        while matches!(guest.line.call(&call, Duration::ZERO, &mut guest.reply), Outcome::Busy) {}
        guest.line.interrupt(guest.number + 1);
        assert!(guest.told.recv_timeout(Duration::from_millis(50)).is_err(), "another call was named");
        guest.line.interrupt(guest.number);
        match guest.told.recv().expect("an outcome") {
            Attended::Failed { error, .. } => assert!(matches!(error.kind(), ErrorKind::Interrupted)),
            other => panic!("{other:?}"),
        }
        assert_eq!(guest.call(echo::ECHO, b"again", false), b"again");
    }
}

#[test]
fn limits_end_a_call_whoever_takes_its_answer() {
    if !has_hypervisor() {
        return;
    }
    let limits =
        Limits { reply_bytes_max: 1000, output_bytes_max: 10, host_calls_max: 0, ..Limits::default() };
    for (reset, patience) in
        [Reset::Full, Reset::Memory].map(|reset| [(reset, LONG), (reset, Duration::ZERO)]).as_flattened()
    {
        let mut sandbox = try_sandbox(ECHO, limits, &Interrupt::new()).expect("a sandbox");
        sandbox.use_reset(*reset);
        attended(&mut sandbox, *patience, |caller| {
            let mut call =
                |function, len| caller.call(function, &vec![1; len], false, LONG, &mut Mirror::default());
            for (function, limit) in [
                (echo::ECHO, LimitKind::Reply),
                (echo::PRINT, LimitKind::Output),
                (echo::ASK, LimitKind::HostCalls),
            ] {
                let error = call(function, 1001).expect_err("limited");
                assert!(matches!(error.kind(), ErrorKind::Limit(which) if *which == limit), "{error}");
                assert_eq!(call(echo::ECHO, 1000).expect("as much as it may be").len(), 1000);
            }
        });
    }
}

#[test]
fn chance_and_time_are_fresh_in_every_call() {
    for mut guest in attendants() {
        let mut seen = Vec::new();
        for round in 0..30 {
            let reply = guest.call(echo::SENSE, &[], round % 3 == 2);
            let word = |at: usize| u64::from_le_bytes(reply[at..at + 8].try_into().expect("eight bytes"));
            seen.push((reply[..16].to_vec(), word(16), word(24)));
        }
        for (index, (random, wall_ns, monotonic_ns)) in seen.iter().enumerate() {
            let earlier = &seen[..index];
            assert!(earlier.iter().all(|other| other.0 != *random), "call {index}: random bytes come again");
            assert!(
                earlier.last().is_none_or(|last| last.1 < *wall_ns && last.2 < *monotonic_ns),
                "call {index}"
            );
        }
    }
}

#[test]
fn idle_sandboxes_take_no_cpu() {
    if !has_hypervisor() {
        return;
    }
    let mut guests: Vec<Attendant> =
        (0..50).map(|index| Attendant::named(IDLE, [Reset::Full, Reset::Memory][index % 2])).collect();
    for guest in &mut guests {
        guest.call(echo::COUNT, &[], false);
        guest.call(echo::COUNT, &[], true);
    }
    std::thread::sleep(Duration::from_millis(100));
    let threads = guests.len() as u32;
    let before = idle_threads_cpu();
    assert!(before > Duration::ZERO, "the threads are found by their name");
    std::thread::sleep(Duration::from_secs(2));
    let used = idle_threads_cpu() - before;
    assert!(
        used < Duration::from_millis(20),
        "{threads} idle sandboxes used {used:?} of CPU time in two seconds"
    );
}

/// CPU time of the threads that attend to sandboxes of this test, by their name: other tests run meanwhile.
fn idle_threads_cpu() -> Duration {
    let tasks = std::fs::read_dir("/proc/self/task").expect("this process's threads");
    let read = |path: std::path::PathBuf| std::fs::read_to_string(path).unwrap_or_default();
    let nanos = tasks.flatten().filter(|task| read(task.path().join("comm")).trim() == IDLE).map(|task| {
        let times = read(task.path().join("schedstat"));
        times
            .split_whitespace()
            .next()
            .and_then(|word| word.parse::<u64>().ok())
            .expect("a thread's CPU time")
    });
    Duration::from_nanos(nanos.sum())
}

/// The answer and the deadline come at the same moment, again and again: one of the two is told, once, of that call.
#[test]
fn a_call_whose_time_is_over_as_it_is_answered_is_told_of_once_by_its_number() {
    for mut guest in attendants() {
        guest.reply = vec![0; 1 << 20];
        let request = vec![7; 1 << 20];
        let mut timeout = Duration::from_millis(5);
        let (mut answered, mut expired) = (0, 0);
        while answered < 100 || expired < 100 {
            // As soon as it is answered in time, the next one has less.
            match guest.begin(echo::ECHO, &request, false, timeout) {
                Outcome::Returned { .. } => {
                    answered += 1;
                    timeout = timeout * 19 / 20;
                }
                Outcome::Pending => {
                    expired += 1;
                    timeout = timeout * 21 / 20;
                    match guest.told.recv_timeout(LONG).expect("an outcome") {
                        Attended::Failed { call, error } => {
                            assert_eq!(call, guest.number);
                            assert!(matches!(error.kind(), ErrorKind::Expired(Expiry::Wall)), "{error}");
                        }
                        other => panic!("{other:?}"),
                    }
                }
                other => panic!("{other:?}"),
            }
        }
        println!("{timeout:?} {:?}", guest.line.stats());
    }
}
