//! What the stub found on its stack, and writing the return address that the guest goes on at.

use crate::error::Error;
use crate::mapping::Mapping;
use crate::system::{USER_CODE_SELECTOR, USER_DATA_SELECTOR, pushed};
use hl_abi::layout::TRAP_STACK_TOP_GVA;
use hl_abi::mailbox::ExceptionRecord;

pub(crate) const INVALID_OPCODE: u64 = 6;
pub(crate) const GENERAL_PROTECTION: u64 = 13;
pub(crate) const PAGE_FAULT: u64 = 14;

/// Exceptions that are the guest's own business; the rest (NMI, double fault, machine check, and what
/// only a broken table can raise) ends the VM.
const DELIVERED: [u64; 12] = [0, 1, 3, 4, 5, INVALID_OPCODE, 7, GENERAL_PROTECTION, PAGE_FAULT, 16, 17, 19];

// Page-fault error code (Intel SDM volume 3, figure 4-12).
const WRITE: u64 = 1 << 1;
/// Reserved bit, instruction fetch, protection key, shadow stack, SGX: never a matter of granting.
const NOT_RETRIED: u64 = 1 << 3 | 1 << 4 | 1 << 5 | 1 << 6 | 1 << 15;

// Words on the stub's stack, counted from its top: the CPU's frame, then the stub's own.
const STACK: usize = 2;
const FLAGS: usize = 3;
const CODE: usize = 4;
const INSTRUCTION: usize = 5;
const ERROR_CODE: usize = 6;
const VECTOR: usize = 7;
const ADDRESS: usize = 9;

/// No trace flag, no direction flag, nothing of what the guest had set.
const CLEAN_FLAGS: u64 = 2;

/// Reads the frame of an exception that came from ring 3.
///
/// # Errors
/// A breach if it came from ring 0, that is, from the stub itself.
pub(crate) fn read(system: &Mapping) -> Result<ExceptionRecord, Error> {
    let word = |index| system.read_u64(pushed(index));
    let record = ExceptionRecord {
        vector: word(VECTOR),
        error_code: word(ERROR_CODE),
        instruction: word(INSTRUCTION),
        stack: word(STACK),
        address: word(ADDRESS),
    };
    if word(CODE) != u64::from(USER_CODE_SELECTOR) || word(1) != u64::from(USER_DATA_SELECTOR) {
        return Err(Error::breach(format!("exception {} inside ring 0", record.vector)));
    }
    Ok(record)
}

/// True if the guest itself is told of the exception.
pub(crate) fn is_delivered(record: &ExceptionRecord) -> bool {
    DELIVERED.contains(&record.vector)
}

/// For a page fault that granting a page may resolve: whether it was a write.
pub(crate) fn grantable(record: &ExceptionRecord) -> Option<bool> {
    (record.vector == PAGE_FAULT && record.error_code & NOT_RETRIED == 0)
        .then_some(record.error_code & WRITE != 0)
}

/// Makes the stub return to `landing` on the trap stack.
pub(crate) fn redirect(system: &Mapping, landing: u64) {
    system.write_u64(pushed(INSTRUCTION), landing);
    system.write_u64(pushed(STACK), TRAP_STACK_TOP_GVA);
    system.write_u64(pushed(FLAGS), CLEAN_FLAGS);
}

/// Makes the stub return behind an instruction of `bytes`.
pub(crate) fn skip(system: &Mapping, record: &ExceptionRecord, bytes: u64) {
    system.write_u64(pushed(INSTRUCTION), record.instruction + bytes);
}
