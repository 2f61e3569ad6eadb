//! A guest that has answered and never rests: what it does to memory and mailbox while the host reads, or puts it back.

use super::attack::{Fate, LINGERING_BYTES, Lingering, SECRET};
use super::attempt::attempt;
use super::mailbox::{Forged, ring};
use super::memory::touch_heap;
use core::arch::naked_asm;
use hl_guest::abi::message::GuestMessage;

/// One more than the last kind that there is.
const KINDS_END: u32 = GuestMessage::Panic as u32 + 2;

#[unsafe(naked)]
unsafe extern "C" fn touch_null(_: u64, _: u64, _: u64) -> u64 {
    naked_asm!("mov rax, [0]", "ret")
}

/// Returns only where there is no such way to linger.
pub fn linger(how: u64) -> Option<Fate> {
    let how = *Lingering::ALL.get(usize::try_from(how).ok()?)?;
    let mut message = Forged::honest_reply();
    message.lay(0);
    let mut round = 0_u32;
    loop {
        round = round.wrapping_add(1);
        match how {
            Lingering::Jump => core::hint::spin_loop(),
            Lingering::Ring => ring(),
            Lingering::Fault => drop(attempt(touch_null, 0, 0, 0)),
            Lingering::Write => touch_heap(SECRET),
            Lingering::AnswerAgain => message.lay(0),
            Lingering::AnswerAhead => message.lay(1),
            Lingering::AnswerAnything => message.lay(round.wrapping_mul(0x9e37_79b9) | 2),
            Lingering::Lengths => {
                message.chunk_bytes = LINGERING_BYTES[round as usize % LINGERING_BYTES.len()];
                message.lay_claim();
            }
            Lingering::Kinds => {
                message.kind = round % KINDS_END;
                message.lay_claim();
            }
        }
    }
}
