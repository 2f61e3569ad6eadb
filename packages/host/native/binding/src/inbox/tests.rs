//! Tests of the inbox: order, interrupts, host replies, closing.

use super::{Call, Command, Inbox, Waited};
use std::time::{Duration, Instant};

fn call(number: u32) -> Command {
    Command::Call(Call {
        call: number,
        function: 0,
        request: Vec::new(),
        keep_state: false,
        wall: None,
        interrupted: false,
    })
}

fn next_call(inbox: &Inbox) -> Call {
    match inbox.next() {
        Some(Command::Call(call)) => call,
        Some(Command::Reset { .. } | Command::Rebase { .. }) | None => panic!("expected a call"),
    }
}

#[test]
fn commands_are_taken_in_order() {
    let inbox = Inbox::new();
    inbox.push(call(1));
    inbox.push(Command::Reset { request: 2 });
    inbox.push(call(3));
    assert_eq!(next_call(&inbox).call, 1);
    assert!(matches!(inbox.next(), Some(Command::Reset { request: 2 })));
    assert_eq!(next_call(&inbox).call, 3);
}

#[test]
fn a_sleeping_worker_is_woken() {
    let inbox = Inbox::new();
    std::thread::scope(|scope| {
        let worker = scope.spawn(|| next_call(&inbox).call);
        while !inbox.lock().sleeping {
            std::thread::yield_now();
        }
        inbox.push(call(5));
        assert_eq!(worker.join().unwrap(), 5);
    });
}

#[test]
fn an_interrupt_hits_the_call_it_names_and_no_other() {
    let inbox = Inbox::new();
    inbox.push(call(1));
    inbox.push(call(2));
    inbox.push(call(3));
    assert_eq!(next_call(&inbox).call, 1);
    inbox.interrupt(2);
    assert!(!inbox.interrupt_handle().is_fired(), "call 1 goes on");
    inbox.interrupt(1);
    assert!(inbox.interrupt_handle().is_fired());
    inbox.call_is_over();
    assert!(!inbox.interrupt_handle().is_fired(), "call 2 does not inherit it");
    assert!(next_call(&inbox).interrupted);
    inbox.interrupt(1);
    assert!(!next_call(&inbox).interrupted);
    assert!(!inbox.interrupt_handle().is_fired(), "call 1 is long over");
}

#[test]
fn a_reply_answers_only_the_host_call_that_is_waited_for() {
    let inbox = Inbox::new();
    inbox.reply(8, Ok(vec![8]));
    inbox.await_reply(9);
    inbox.reply(8, Ok(vec![8]));
    inbox.reply(9, Ok(vec![9]));
    inbox.reply(9, Ok(vec![10]));
    assert!(matches!(inbox.wait_for_reply(None), Waited::Replied(Ok(bytes)) if bytes == [9]));
}

#[test]
fn waiting_for_a_reply_ends_at_its_deadline_and_on_interrupt() {
    let inbox = Inbox::new();
    inbox.await_reply(1);
    let end = Instant::now() + Duration::from_millis(5);
    assert!(matches!(inbox.wait_for_reply(Some(end)), Waited::Expired));
    assert!(Instant::now() >= end);
    inbox.push(call(7));
    assert_eq!(next_call(&inbox).call, 7);
    inbox.await_reply(2);
    std::thread::scope(|scope| {
        let worker = scope.spawn(|| matches!(inbox.wait_for_reply(None), Waited::Interrupted));
        inbox.interrupt(7);
        assert!(worker.join().unwrap());
    });
}

#[test]
fn closing_ends_everything_and_leaves_the_rest_to_be_answered() {
    let inbox = Inbox::new();
    inbox.push(call(1));
    inbox.push(call(2));
    assert_eq!(next_call(&inbox).call, 1);
    inbox.close();
    assert!(inbox.interrupt_handle().is_fired());
    inbox.call_is_over();
    assert!(inbox.interrupt_handle().is_fired(), "what runs at closing never runs on");
    assert!(inbox.next().is_none());
    assert_eq!(inbox.drain().len(), 1);
}
