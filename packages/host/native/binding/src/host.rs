//! What a guest can reach while it is loaded: it may print, and call nothing.

use crate::event::{BindingEvent, Bytes};
use crate::inbox::Inbox;
use crate::outlet::Outlet;
use hl_vmm::{Deadline, Host, HostReply};
use std::time::Duration;

/// Between two looks whether JavaScript has read some of what was printed.
const FULL_PAUSE: Duration = Duration::from_micros(200);

pub(crate) struct LoadingHost<'a> {
    pub(crate) inbox: &'a Inbox,
    pub(crate) outlet: &'a Outlet,
}

impl Host for LoadingHost<'_> {
    fn call(&mut self, _import: u32, _arguments: &[u8], _deadline: &Deadline) -> HostReply {
        HostReply::Threw("host functions can be called during calls only".to_owned())
    }

    fn output(&mut self, stream: u32, bytes: &[u8]) {
        print(self.inbox, self.outlet, stream, bytes.to_vec());
    }
}

/// Hands over text. A guest that prints faster than JavaScript reads waits, or its text would fill the host's memory.
pub(crate) fn print(inbox: &Inbox, outlet: &Outlet, stream: u32, text: Vec<u8>) {
    if text.is_empty() {
        return;
    }
    while outlet.is_full() && !inbox.is_closing() {
        std::thread::sleep(FULL_PAUSE);
    }
    outlet.emit(BindingEvent::Output { stream, bytes: Bytes(text) });
}
