//! Tests of the inbox: order, interrupts, closing.

use super::{Call, Command, Inbox};

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
        _ => panic!("expected a call"),
    }
}

#[test]
fn commands_are_taken_in_order_and_the_last_one_leaves_nothing_to_look_at() {
    let inbox = Inbox::default();
    assert!(!inbox.is_waiting());
    inbox.push(call(1));
    inbox.push(Command::Reset { request: 2 });
    inbox.push(call(3));
    assert_eq!(next_call(&inbox).call, 1);
    assert!(matches!(inbox.next(), Some(Command::Reset { request: 2 })));
    assert!(inbox.is_waiting());
    assert_eq!(next_call(&inbox).call, 3);
    assert!(!inbox.is_waiting());
    assert!(inbox.next().is_none());
}

#[test]
fn an_interrupt_hits_the_queued_call_that_it_names_and_no_other() {
    let inbox = Inbox::default();
    inbox.push(call(1));
    inbox.push(call(2));
    inbox.interrupt(2);
    inbox.interrupt(7);
    assert!(!next_call(&inbox).interrupted);
    assert!(next_call(&inbox).interrupted);
    assert!(!inbox.interrupt_handle().is_fired());
}

#[test]
fn closing_is_seen_whatever_is_taken_and_what_is_left_can_be_failed() {
    let inbox = Inbox::default();
    inbox.push(call(1));
    inbox.push(call(2));
    inbox.close();
    assert!(inbox.interrupt_handle().is_fired() && inbox.is_closing());
    assert_eq!(next_call(&inbox).call, 1);
    assert!(inbox.is_waiting());
    assert_eq!(inbox.drain().len(), 1);
}
