//! A guest without WebAssembly: one function for each thing that a call can do.
#![cfg_attr(target_os = "none", no_std, no_main)]

#[cfg(not(target_os = "none"))]
fn main() {}

#[cfg(target_os = "none")]
mod echo {
    use hl_guest::{Failure, Guest, Reader, Writer, host_call};

    const CHUNK_BYTES: usize = 64 << 10;

    #[derive(Default)]
    struct Echo {
        count: u32,
    }

    impl Guest for Echo {
        fn call(&mut self, function: u32, request: &mut Reader, reply: &mut Writer) -> Result<(), Failure> {
            match function {
                0 => Ok(()),
                1 => copy(request, reply),
                2 => {
                    self.count += 1;
                    reply.u32(self.count);
                    Ok(())
                }
                3 => {
                    let mut answer = host_call(0, |arguments| copy(request, arguments))?;
                    copy(&mut answer, reply)
                }
                4 => loop {
                    core::hint::spin_loop();
                },
                5 => fault(),
                6 => panic!("the echo guest was asked to panic"),
                _ => Err(Failure::bad_request("the echo guest has functions 0 to 6")),
            }
        }
    }

    fn copy(from: &mut Reader, to: &mut Writer) -> Result<(), Failure> {
        while from.remaining() > 0 {
            to.write(from.chunk(CHUNK_BYTES)?);
        }
        Ok(())
    }

    /// Reads address 0, which is mapped in no guest.
    fn fault() -> ! {
        // SAFETY: nothing comes of it: the instruction faults.
        unsafe { core::arch::asm!("mov rax, [rax]", in("rax") 0_u64, options(noreturn, nostack)) }
    }

    hl_guest::guest!(Echo::default);
}
