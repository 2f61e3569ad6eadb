//! The guest: takes a call apart and makes the attempt that it names.

mod attack;
mod attempt;
mod instructions;
mod linger;
mod mailbox;
mod memory;
mod privileged;
mod registers;
mod reveal;

use attack::{Attack, Fate};
use hl_guest::{Failure, Guest, Reader, Writer};
use mailbox::Forged;

struct Hostile {
    pings: u64,
}

impl Guest for Hostile {
    fn call(&mut self, function: u32, request: &mut Reader, reply: &mut Writer) -> Result<(), Failure> {
        let attack =
            Attack::ALL.get(function as usize).ok_or_else(|| Failure::bad_request("no such attack"))?;
        let (a, b, c) = (request.u64()?, request.u64()?, request.u64()?);
        let fate = match attack {
            Attack::Ping => {
                self.pings += 1;
                Some(Fate { trapped: 0, value: self.pings, error_code: 0, address: 0 })
            }
            Attack::Instruction => privileged::instruction(a),
            Attack::Ports => privileged::ports(a, b, c),
            Attack::Operation => Some(privileged::doorbell(a)),
            Attack::StringOut => Some(privileged::doorbell_string(a)),
            Attack::FarReturn => Some(privileged::far_returns(a, b)),
            Attack::LoadSelector => privileged::selectors(a, b, c),
            Attack::InterruptReturn => Some(privileged::interrupt_returns(a, b)),
            Attack::Read => Some(memory::reads(a, b, c)),
            Attack::Write => Some(memory::writes(a, b, c)),
            Attack::Peek => Some(memory::peek(a)),
            Attack::Execute => Some(memory::execute(a)),
            Attack::Stack => Some(privileged::stack(a, b == 1)),
            Attack::Post => Some(Forged::read(request)?.post(a as u32, c as u8)),
            Attack::PostForever => {
                let message = Forged::read(request)?;
                loop {
                    message.post(a as u32, c as u8);
                }
            }
            Attack::Forever => privileged::forever(a),
            Attack::Fill => memory::fill(a as u8, b),
            Attack::Search => Some(memory::search(a as u8, b)),
            Attack::Keep => registers::keep(a, b),
            Attack::Reveal => {
                reveal::reveal(reply);
                return Ok(());
            }
            Attack::Litter => Some(memory::litter(a as u8, b)),
            Attack::Linger => linger::linger(a),
        };
        let fate = fate.ok_or_else(|| Failure::bad_request("no such variant of the attack"))?;
        for word in [fate.trapped, fate.value, fate.error_code, fate.address] {
            reply.u64(word);
        }
        Ok(())
    }
}

hl_guest::guest!(|| {
    hl_guest::set_trap_handler(attempt::caught);
    reveal::look_for_bases();
    Hostile { pings: 0 }
});
