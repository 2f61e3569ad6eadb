//! A sandbox's host functions, which JavaScript serves: ask by event, wait for the reply.

use crate::event::{BindingEvent, Bytes};
use crate::inbox::{Inbox, Waited};
use crate::outlet::Outlet;
use hl_vmm::{Deadline, Host, HostReply};
use std::time::{Duration, Instant};

/// Between two looks whether JavaScript has read some of what was printed.
const FULL_PAUSE: Duration = Duration::from_micros(200);

pub(crate) struct JavaScriptHost<'a> {
    pub(crate) inbox: &'a Inbox,
    pub(crate) outlet: &'a Outlet,
    /// The call that is being served.
    pub(crate) call: u32,
    /// Number of the last host call of this sandbox's life.
    pub(crate) last_host_call: &'a mut u32,
    /// Host calls of this call, and the time they took.
    pub(crate) host_calls: u64,
    pub(crate) host_time: Duration,
}

impl Host for JavaScriptHost<'_> {
    fn call(&mut self, import: u32, arguments: &[u8], deadline: &Deadline) -> HostReply {
        let started = Instant::now();
        *self.last_host_call = self.last_host_call.wrapping_add(1);
        let host_call = *self.last_host_call;
        self.host_calls += 1;
        self.inbox.await_reply(host_call);
        let arguments = Bytes(arguments.to_vec());
        self.outlet.emit(BindingEvent::HostCall { host_call, call: self.call, import, arguments });
        let waited = self.inbox.wait_for_reply(deadline.wall);
        self.host_time += started.elapsed();
        match waited {
            Waited::Replied(Ok(result)) => HostReply::Returned(result),
            Waited::Replied(Err(message)) => HostReply::Threw(message),
            Waited::Interrupted => HostReply::Interrupted,
            Waited::Expired => HostReply::Expired,
        }
    }

    fn output(&mut self, stream: u32, bytes: &[u8]) {
        if bytes.is_empty() {
            return;
        }
        // A guest that prints faster than JavaScript reads waits, or its text would fill the host's memory.
        while self.outlet.is_full() && !self.inbox.interrupt_handle().is_fired() {
            std::thread::sleep(FULL_PAUSE);
        }
        self.outlet.emit(BindingEvent::Output { stream, bytes: Bytes(bytes.to_vec()) });
    }
}
