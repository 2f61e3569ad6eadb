//! What the tests of this crate share: guests to run and hosts to serve them.

#![allow(dead_code, reason = "each test binary uses a part")]

pub mod attended;

use hl_vmm::{Code, Deadline, Error, Host, HostReply, Interrupt, Limits, Program, Sandbox};
use std::sync::Arc;
use std::time::Duration;

pub const ECHO: &[u8] = include_bytes!(concat!(env!("HL_GUEST_DIR"), "/hl-echo"));

/// Functions of the echo guest.
pub mod echo {
    pub const NOOP: u32 = 0;
    pub const ECHO: u32 = 1;
    pub const COUNT: u32 = 2;
    pub const ASK: u32 = 3;
    pub const SPIN: u32 = 4;
    pub const FAULT: u32 = 5;
    pub const PANIC: u32 = 6;
    pub const PRINT: u32 = 7;
    pub const SENSE: u32 = 8;
}

/// Long enough for anything that ends.
pub fn soon() -> Deadline {
    Deadline::after(Duration::from_secs(30))
}

/// A host that answers each call with the arguments backwards and keeps what is printed.
#[derive(Default)]
pub struct Mirror {
    pub printed: Vec<u8>,
    pub calls: u32,
}

impl Host for Mirror {
    fn call(&mut self, _import: u32, arguments: &[u8], _deadline: &Deadline) -> HostReply {
        self.calls += 1;
        HostReply::Returned(arguments.iter().rev().copied().collect())
    }

    fn output(&mut self, _stream: u32, bytes: &[u8]) {
        self.printed.extend_from_slice(bytes);
    }
}

/// A sandbox around a guest that loads nothing.
pub fn sandbox(elf: &[u8]) -> Sandbox {
    try_sandbox(elf, Limits::default(), &Interrupt::new()).expect("a sandbox")
}

pub fn try_sandbox(elf: &[u8], limits: Limits, interrupt: &Interrupt) -> Result<Sandbox, Error> {
    let program: Arc<Program> = Program::parse(elf)?;
    Sandbox::create(program, Code::empty(), &[], limits, &soon(), interrupt, &mut Mirror::default())
}

/// False, with a word on why, where there is no hypervisor; a failure where one is expected.
pub fn has_hypervisor() -> bool {
    match hl_vmm::probe() {
        Ok(()) => true,
        Err(unavailable) => {
            assert!(std::env::var_os("CI").is_none(), "CI needs KVM: {}", unavailable.message);
            println!("skipped: {}", unavailable.message);
            false
        }
    }
}
