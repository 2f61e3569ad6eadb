//! A guest without WebAssembly: one function for each thing that a call can do.
#![cfg_attr(target_os = "none", no_std, no_main)]

#[cfg(not(target_os = "none"))]
fn main() {}

#[cfg(target_os = "none")]
mod echo {
    use hl_guest::{Failure, Guest, Reader, Writer, host_call};

    const CHUNK_BYTES: usize = 64 << 10;

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
                function::NOOP => Ok(()),
                function::ECHO => copy(request, reply),
                function::COUNT => {
                    self.count += 1;
                    reply.u32(self.count);
                    Ok(())
                }
                function::ASK => {
                    let mut answer = host_call(0, |arguments| copy(request, arguments))?;
                    copy(&mut answer, reply)
                }
                function::SPIN => loop {
                    core::hint::spin_loop();
                },
                function::FAULT => fault(),
                function::PANIC => panic!("the echo guest was asked to panic"),
                function::PRINT => {
                    let text = request.bytes(request.remaining() as usize)?;
                    hl_guest::output(hl_guest::abi::message::STDOUT, &text);
                    Ok(())
                }
                function::SENSE => {
                    sense(reply);
                    Ok(())
                }
                _ => Err(Failure::bad_request("the echo guest has functions 0 to 8")),
            }
        }
    }

    fn copy(from: &mut Reader, to: &mut Writer) -> Result<(), Failure> {
        while from.remaining() > 0 {
            to.write(from.chunk(CHUNK_BYTES)?);
        }
        Ok(())
    }

    fn sense(reply: &mut Writer) {
        let mut random = [0; 16];
        hl_guest::random(&mut random);
        reply.write(&random);
        let clocks = hl_guest::clocks();
        reply.u64(clocks.wall_ns);
        reply.u64(clocks.monotonic_ns);
    }

    /// Reads address 0, which is mapped in no guest.
    fn fault() -> ! {
        // SAFETY: nothing comes of it: the instruction faults.
        unsafe { core::arch::asm!("mov rax, [rax]", in("rax") 0_u64, options(noreturn, nostack)) }
    }

    hl_guest::guest!(Echo::default);
}
