//! What only a boot shows of this CPU, learned once for each program: a clone of a state from a file needs it, too.

use crate::code::Code;
use crate::deadline::Deadline;
use crate::error::Error;
use crate::interrupt::Interrupt;
use crate::limits::{Limits, MEMORY_BYTES_MIN};
use crate::program::Program;
use crate::sandbox::boot;
use std::sync::{Arc, PoisonError};
use std::thread;
use std::time::Duration;

/// A program that does not come up by then never will.
const TIME_MAX: Duration = Duration::from_secs(10);

/// Boots `program`, if it has not been booted in this process. Whoever comes meanwhile waits for that.
///
/// # Errors
/// If it does not come up.
pub(crate) fn learn_cpu(program: &Arc<Program>) -> Result<(), Error> {
    if program.has_booted() {
        return Ok(());
    }
    let _turn = program.learning.lock().unwrap_or_else(PoisonError::into_inner);
    if program.has_booted() {
        return Ok(());
    }
    let limits = Limits { memory_bytes: MEMORY_BYTES_MIN, ..Limits::default() };
    let deadline = Deadline::after(TIME_MAX);
    boot(program, &Code::empty(), limits, &deadline, &Interrupt::new()).map(drop)
}

/// Does so on a thread of its own, which nobody has to wait for before the first clone is made: that says what failed.
pub(crate) fn learn_ahead(program: &Arc<Program>) {
    if !program.has_booted() {
        let program = program.clone();
        let learn = move || learn_cpu(&program).is_ok();
        // Without a thread the first clone learns it.
        let _ = thread::Builder::new().name("hl-learning".into()).spawn(learn);
    }
}
