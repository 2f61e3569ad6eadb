//! A native guest in a VM, from create to close, on real KVM.

mod support;

use hl_abi::mailbox::REQUEST_BYTES;
use hl_vmm::{Deadline, ErrorKind, Expiry, Interrupt, LimitKind, Limits};
use std::time::Duration;
use support::{ECHO, Mirror, echo, has_hypervisor, sandbox, soon, try_sandbox};

fn count(sandbox: &mut hl_vmm::Sandbox) -> u32 {
    let reply = sandbox.call(echo::COUNT, &[], &soon(), &mut Mirror::default()).expect("a count");
    u32::from_le_bytes(reply.try_into().expect("four bytes"))
}

#[test]
fn a_reply_is_what_the_guest_wrote() {
    if !has_hypervisor() {
        return;
    }
    let mut sandbox = sandbox(ECHO);
    for len in [0, 1, 4095, 4096, 4097, 1 << 20, REQUEST_BYTES, REQUEST_BYTES + 1, (3 << 20) + 7] {
        let request: Vec<u8> = (0..len).map(|i| (i * 7 + len) as u8).collect();
        let reply = sandbox
            .call(echo::ECHO, &request, &soon(), &mut Mirror::default())
            .unwrap_or_else(|error| panic!("{len} bytes: {:.80}", error.to_string()));
        assert!(reply == request, "{len} bytes");
        sandbox.reset().expect("a reset");
    }
}

#[test]
fn state_lasts_until_a_reset() {
    if !has_hypervisor() {
        return;
    }
    let mut sandbox = sandbox(ECHO);
    assert_eq!([count(&mut sandbox), count(&mut sandbox), count(&mut sandbox)], [1, 2, 3]);
    for _ in 0..3 {
        sandbox.reset().expect("a reset");
        assert_eq!(count(&mut sandbox), 1);
    }
    sandbox.rebase().expect("a new base");
    assert_eq!(count(&mut sandbox), 2);
    sandbox.reset().expect("a reset");
    assert_eq!(count(&mut sandbox), 2);
}

#[test]
fn host_functions_and_output_reach_the_host() {
    if !has_hypervisor() {
        return;
    }
    let mut sandbox = sandbox(ECHO);
    let mut host = Mirror::default();
    assert_eq!(sandbox.call(echo::ASK, b"abc", &soon(), &mut host).expect("an answer"), b"cba");
    let long: Vec<u8> = (0..2_500_000).map(|i| i as u8).collect();
    let reply = sandbox.call(echo::ASK, &long, &soon(), &mut host).expect("an answer");
    assert!(reply.iter().eq(long.iter().rev()), "backwards");
    sandbox.call(echo::PRINT, b"hello", &soon(), &mut host).expect("printed");
    assert_eq!((host.calls, host.printed.as_slice()), (2, &b"hello"[..]));
}

#[test]
fn a_call_has_all_its_time_when_the_timer_of_an_earlier_one_goes_off_in_it() {
    if !has_hypervisor() {
        return;
    }
    let mut sandbox = sandbox(ECHO);
    let earlier = Deadline::after(Duration::from_millis(30));
    sandbox.call(echo::NOOP, &[], &earlier, &mut Mirror::default()).expect("an answer");
    let later = Deadline::after(Duration::from_millis(90));
    let error = sandbox.call(echo::SPIN, &[], &later, &mut Mirror::default()).expect_err("spins");
    assert!(matches!(error.kind(), ErrorKind::Expired(Expiry::Wall)), "{error}");
    assert!(later.wall.is_some_and(|end| std::time::Instant::now() >= end), "ended too early");
}

#[test]
fn a_call_ends_in_time_when_another_vm_of_its_thread_has_taken_an_earlier_kick() {
    if !has_hypervisor() {
        return;
    }
    let interrupt = Interrupt::new();
    let mut one = try_sandbox(ECHO, Limits::default(), &interrupt).expect("a sandbox");
    let mut other = sandbox(ECHO);
    let brief = |millis| Deadline::after(Duration::from_millis(millis));
    one.call(echo::NOOP, &[], &brief(30), &mut Mirror::default()).expect("an answer");
    other.call(echo::SPIN, &[], &brief(60), &mut Mirror::default()).expect_err("spins");
    // Ends what would never end.
    let (done, is_done) = std::sync::mpsc::channel::<()>();
    let watchdog = std::thread::spawn(move || {
        if is_done.recv_timeout(Duration::from_secs(10)).is_err() {
            interrupt.fire();
        }
    });
    let error = one.call(echo::SPIN, &[], &brief(30), &mut Mirror::default()).expect_err("spins");
    assert!(matches!(error.kind(), ErrorKind::Expired(Expiry::Wall)), "{error}");
    done.send(()).expect("the watchdog waits");
    watchdog.join().expect("the watchdog");
}

#[test]
fn after_each_way_to_fail_a_reset_makes_the_next_call_work() {
    if !has_hypervisor() {
        return;
    }
    let mut sandbox = sandbox(ECHO);
    let soon_over = || Deadline::after(Duration::from_millis(30));
    let cpu = || Deadline { cpu: Some(Duration::from_millis(20)), ..soon() };
    for _ in 0..2 {
        let error = sandbox.call(echo::SPIN, &[], &soon_over(), &mut Mirror::default()).expect_err("spins");
        assert!(matches!(error.kind(), ErrorKind::Expired(Expiry::Wall)), "{error}");
        sandbox.reset().expect("a reset");
        assert_eq!(count(&mut sandbox), 1);
        let error = sandbox.call(echo::SPIN, &[], &cpu(), &mut Mirror::default()).expect_err("spins");
        assert!(matches!(error.kind(), ErrorKind::Expired(Expiry::Cpu)), "{error}");
        sandbox.reset().expect("a reset");
        assert_eq!(count(&mut sandbox), 1);
        let error = sandbox.call(echo::FAULT, &[], &soon(), &mut Mirror::default()).expect_err("faults");
        assert!(
            matches!(error.kind(), ErrorKind::GuestPanic(text) if text.contains("exception 14")),
            "{error}"
        );
        sandbox.reset().expect("a reset");
        assert_eq!(count(&mut sandbox), 1);
        let error = sandbox.call(echo::PANIC, &[], &soon(), &mut Mirror::default()).expect_err("panics");
        assert!(matches!(error.kind(), ErrorKind::GuestPanic(text) if text.contains("asked to")), "{error}");
        sandbox.reset().expect("a reset");
        assert_eq!(count(&mut sandbox), 1);
    }
    assert_eq!(sandbox.stats().replacements, 0, "none of these costs a VM");
}

#[test]
fn an_interrupt_from_another_thread_ends_the_call() {
    if !has_hypervisor() {
        return;
    }
    let interrupt = Interrupt::new();
    let mut sandbox = try_sandbox(ECHO, Limits::default(), &interrupt).expect("a sandbox");
    let other = {
        let interrupt = interrupt.clone();
        std::thread::spawn(move || interrupt.fire())
    };
    let error =
        sandbox.call(echo::SPIN, &[], &Deadline::NEVER, &mut Mirror::default()).expect_err("interrupted");
    assert!(matches!(error.kind(), ErrorKind::Interrupted), "{error}");
    other.join().expect("the other thread");
    interrupt.clear();
    sandbox.reset().expect("a reset");
    assert_eq!(count(&mut sandbox), 1);
}

#[test]
fn limits_end_a_call() {
    if !has_hypervisor() {
        return;
    }
    let limits =
        Limits { reply_bytes_max: 1000, output_bytes_max: 10, host_calls_max: 0, ..Limits::default() };
    let mut sandbox = try_sandbox(ECHO, limits, &Interrupt::new()).expect("a sandbox");
    for (function, limit) in
        [(echo::ECHO, LimitKind::Reply), (echo::PRINT, LimitKind::Output), (echo::ASK, LimitKind::HostCalls)]
    {
        let error = sandbox.call(function, &[1; 1001], &soon(), &mut Mirror::default()).expect_err("limited");
        assert!(matches!(error.kind(), ErrorKind::Limit(which) if *which == limit), "{error}");
        sandbox.reset().expect("a reset");
        assert_eq!(count(&mut sandbox), 1);
    }
}

#[test]
fn chance_and_time_are_fresh_in_every_call() {
    if !has_hypervisor() {
        return;
    }
    let mut sandbox = sandbox(ECHO);
    let mut sense = || {
        let reply = sandbox.call(echo::SENSE, &[], &soon(), &mut Mirror::default()).expect("senses").to_vec();
        sandbox.reset().expect("a reset");
        let word = |at: usize| u64::from_le_bytes(reply[at..at + 8].try_into().expect("eight bytes"));
        (reply[..16].to_vec(), word(16), word(24))
    };
    let (first, second) = (sense(), sense());
    assert_ne!(first.0, second.0);
    assert!(second.1 > first.1 && second.2 > first.2);
    let now =
        std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).expect("after 1970").as_nanos();
    assert!(now.abs_diff(u128::from(second.1)) < 60_000_000_000, "the wall clock is the host's");
}

#[test]
fn a_reset_puts_every_byte_back() {
    if !has_hypervisor() {
        return;
    }
    let mut sandbox = sandbox(ECHO);
    sandbox.call(echo::ECHO, &[9; 100_000], &soon(), &mut Mirror::default()).expect("an echo");
    assert!(sandbox.audit().is_err(), "the call has changed memory");
    sandbox.reset().expect("a reset");
    sandbox.audit().expect("nothing differs");
}
