//! A guest without WebAssembly: answers with what it was sent, counts, calls back, and fails on request.
#![no_std]
#![no_main]

use hl_guest::{Failure, Guest, Reader, Writer};

/// Numbers of the functions.
mod function {
    pub const NOOP: u32 = 0;
    /// Replies with its request.
    pub const ECHO: u32 = 1;
    /// Replies with how often it was called, 32 bits.
    pub const COUNT: u32 = 2;
    /// Passes its request to host function 0 and replies with the result.
    pub const ASK: u32 = 3;
    pub const SPIN: u32 = 4;
    /// Reads address 0.
    pub const FAULT: u32 = 5;
    pub const PANIC: u32 = 6;
    /// Prints its request.
    pub const PRINT: u32 = 7;
    /// Replies with 16 random bytes, then the wall and monotonic clocks, 64 bits each.
    pub const SENSE: u32 = 8;
}

#[derive(Default)]
struct Echo {
    count: u32,
}

impl Guest for Echo {
    fn call(&mut self, function: u32, request: &mut Reader, reply: &mut Writer) -> Result<(), Failure> {
        match function {
            function::NOOP => {}
            function::ECHO => copy(request, reply)?,
            function::COUNT => {
                self.count += 1;
                reply.u32(self.count);
            }
            function::ASK => {
                let question = request.bytes(request.remaining() as usize)?;
                let mut answer = hl_guest::host_call::<Failure>(0, |arguments| {
                    arguments.write(&question);
                    Ok(())
                })?;
                copy(&mut answer, reply)?;
            }
            function::SPIN => loop {
                core::hint::spin_loop();
            },
            function::FAULT => {
                // SAFETY: not safe at all: address 0 is never mapped, which is what this function is for.
                let value = unsafe { core::ptr::without_provenance::<u8>(8).read_volatile() };
                reply.u8(value);
            }
            function::PANIC => panic!("asked to"),
            function::PRINT => {
                let text = request.bytes(request.remaining() as usize)?;
                hl_guest::output(hl_guest::abi::message::STDOUT, &text);
            }
            function::SENSE => {
                let mut random = [0; 16];
                hl_guest::random(&mut random);
                reply.write(&random);
                let clocks = hl_guest::clocks();
                reply.u64(clocks.wall_ns);
                reply.u64(clocks.monotonic_ns);
            }
            _ => return Err(Failure::bad_request("no such function")),
        }
        Ok(())
    }
}

fn copy(from: &mut Reader, to: &mut Writer) -> Result<(), Failure> {
    while from.remaining() > 0 {
        to.write(from.chunk(usize::MAX)?);
    }
    Ok(())
}

hl_guest::guest!(Echo::default);
