//! The guest: takes a call apart and makes the attempt that it names.

mod attack;
mod attempt;
mod component;
mod instructions;
mod linger;
mod mailbox;
mod memory;
mod privileged;
mod registers;
mod reveal;
mod script;

use alloc::vec::Vec;
use attack::{Attack, Fate};
use component::Component;
use hl_guest::{Failure, Guest, Reader, Writer};
use mailbox::{Forged, post_for_ever};

struct Hostile {
    pings: u64,
    /// Where the host believes that it runs one.
    component: Option<Component>,
}

/// What an attempt ends with: its fate, and what it has found besides.
type Answer = (Fate, Vec<u8>);

fn found(value: u64) -> Fate {
    Fate { trapped: 0, value, error_code: 0, address: 0 }
}

fn bytes_of((fate, more): Answer) -> Vec<u8> {
    let words = [fate.trapped, fate.value, fate.error_code, fate.address];
    words.into_iter().flat_map(u64::to_le_bytes).chain(more).collect()
}

impl Guest for Hostile {
    fn load(&mut self, payload: &mut Reader) -> Result<(), Failure> {
        if payload.remaining() > 0 {
            self.component = Some(Component::load(payload)?);
        }
        Ok(())
    }

    fn call(&mut self, function: u32, request: &mut Reader, reply: &mut Writer) -> Result<(), Failure> {
        if let Some(component) = &self.component {
            return component.call(&mut self.pings, function, request, reply);
        }
        let attack =
            *Attack::ALL.get(function as usize).ok_or_else(|| Failure::bad_request("no such attack"))?;
        let words = (request.u64()?, request.u64()?, request.u64()?);
        reply.write(&bytes_of(attempt_of(attack, words, &mut self.pings, request)?));
        Ok(())
    }
}

/// Makes the attempt. `more` are the request's bytes after its three words.
fn attempt_of(
    attack: Attack,
    (a, b, c): (u64, u64, u64),
    pings: &mut u64,
    more: &mut Reader,
) -> Result<Answer, Failure> {
    let fate = match attack {
        Attack::Ping => {
            *pings += 1;
            Some(found(*pings))
        }
        Attack::Instruction => instruction(a, more)?,
        Attack::Ports => privileged::ports(a, b, c),
        Attack::Operation => Some(privileged::doorbell(a)),
        Attack::StringOut => Some(privileged::doorbell_string(a)),
        Attack::FarReturn => Some(privileged::far_returns(a, b)),
        Attack::LoadSelector => privileged::selectors(a, b, c),
        Attack::InterruptReturn => Some(privileged::interrupt_returns(a, b, c)),
        Attack::Read => Some(memory::reads(a, b, c)),
        Attack::Write => Some(memory::writes(a, b, c)),
        Attack::Peek => Some(memory::peek(a)),
        Attack::Execute => Some(memory::execute(a)),
        Attack::Stack => Some(privileged::stack(a, b == 1)),
        Attack::Post => Some(Forged::read(more)?.post(a as u32, c as u8)),
        Attack::PostForever => post_for_ever(&Forged::read(more)?, a == 0),
        Attack::Forever => privileged::forever(a),
        Attack::Fill => memory::fill(a as u8, b),
        Attack::Search => Some(memory::search(a as u8, b)),
        Attack::Keep => registers::keep(a, b),
        Attack::Reveal => return Ok(reveal::reveal()),
        Attack::Litter => Some(memory::litter(a as u8, b)),
        Attack::Linger => linger::linger(a),
        Attack::Instructions => {
            let names = privileged::instructions().flat_map(|name| name.bytes().chain([b'\n']));
            return Ok((found(0), names.collect()));
        }
        Attack::Interrupts => return Ok((found(0), interrupts())),
        Attack::Script => return Ok(script::play(more)?),
        Attack::Loaded => None,
    };
    let fate = fate.ok_or_else(|| Failure::bad_request("no such variant of the attack"))?;
    Ok((fate, Vec::new()))
}

/// By its name, if there is one, or else by its number.
fn instruction(number: u64, name: &mut Reader) -> Result<Option<Fate>, Failure> {
    let name = name.bytes(name.remaining() as usize)?;
    let named = || privileged::instructions().position(|known| known.as_bytes() == name);
    let number = if name.is_empty() { Some(number) } else { named().map(|number| number as u64) };
    Ok(number.and_then(privileged::instruction))
}

fn interrupts() -> Vec<u8> {
    let words = privileged::interrupts().flat_map(|fate| {
        let vector = if fate.trapped == 1 { 1 << 8 | fate.value as u32 } else { 0 };
        [vector, fate.error_code as u32]
    });
    words.flat_map(u32::to_le_bytes).collect()
}

hl_guest::guest!(|| {
    hl_guest::set_trap_handler(attempt::caught);
    reveal::look_for_bases();
    Hostile { pings: 0, component: None }
});
