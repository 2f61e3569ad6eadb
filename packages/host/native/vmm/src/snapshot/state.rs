//! From a file's claims to a state: every address where a guest's memory may be, every number within limits.

use super::format::Header;
use super::{Snapshot, WARM_PAGES_MAX};
use crate::address_space::AddressSpace;
use crate::budget::Held;
use crate::limits::{Limits, MEMORY_BYTES_MIN};
use crate::mapping::Mapping;
use crate::program::Program;
use hl_abi::ABI_VERSION;
use hl_abi::layout::{
    ARENA_BYTES, ARENA_GVA, HEAP_GVA, IMAGE_GVA, MAILBOX_GVA, PAGE_BYTES, STACK_BYTES, STACK_TOP_GVA,
    TRAP_STACK_BYTES, TRAP_STACK_TOP_GVA,
};
use hl_abi::mailbox::{GUEST_HEADER_OFFSET, MAILBOX_BYTES, REPLY_BYTES, REPLY_OFFSET};
use std::sync::Mutex;

const MEMORY_BYTES_MAX: u64 = 64 << 30;

/// Why a state of another program cannot go on in this one.
pub(super) fn program_problem(header: &Header, hash: &[u8; 32]) -> Option<String> {
    if header.abi_version != ABI_VERSION {
        let version = header.abi_version;
        return Some(format!(
            "it was saved with version {version} of the interface to guests, this is {ABI_VERSION}"
        ));
    }
    if header.program == *hash {
        return None;
    }
    let short = |hash: &[u8; 32]| hash[..6].iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    Some(format!(
        "it was saved with the guest's runtime {}, this package has {}",
        short(&header.program),
        short(hash)
    ))
}

/// The state that a file tells of, whose pages lie in `memory`. What cannot be is told in words.
pub(super) fn parse_state(
    header: Header,
    pages_bytes: u64,
    program: &Program,
    memory: Mapping,
    held: Held,
) -> Result<Snapshot, &'static str> {
    let within = (MEMORY_BYTES_MIN as u64..=MEMORY_BYTES_MAX).contains(&header.memory_bytes);
    if !within {
        return Err("its memory limit cannot be");
    }
    if header.pages.len() as u64 * PAGE_BYTES as u64 != pages_bytes {
        return Err("it has other pages than it lists");
    }
    let memory_bytes = header.memory_bytes as usize;
    let space = AddressSpace::from_stretches(header.stretches, &allowed(program, memory_bytes))
        .map_err(|_| "it has memory where none can be")?;
    let most = Limits { memory_bytes: MEMORY_BYTES_MAX as usize, ..Limits::default() };
    if space.arena_bytes() > most.arena_bytes() {
        return Err("it has more memory than any guest can have");
    }
    let mailbox = MAILBOX_GVA..MAILBOX_GVA + MAILBOX_BYTES as u64;
    let own_header = MAILBOX_GVA + GUEST_HEADER_OFFSET as u64;
    let is_captured = |page: &u64| !mailbox.contains(page) || *page == own_header;
    if !are_pages(&header.pages, &space) || !header.pages.iter().all(is_captured) {
        return Err("it has pages where none can be");
    }
    if header.warm.len() > WARM_PAGES_MAX || !are_pages(&header.warm, &space) {
        return Err("it tells of writes to what is not memory");
    }
    let pages = header.pages.iter().enumerate().map(|(index, gva)| (*gva, index * PAGE_BYTES)).collect();
    let warm = Mutex::new(header.warm);
    Ok(Snapshot { memory, pages, space, memory_bytes, warm, _held: held })
}

/// Ascending, each once, each a page of `space`.
fn are_pages(pages: &[u64], space: &AddressSpace) -> bool {
    let is_page = |page: &u64| page.is_multiple_of(PAGE_BYTES as u64) && space.contains(*page);
    pages.windows(2).all(|pair| pair[0] < pair[1]) && pages.iter().all(is_page)
}

/// Where a guest of `program` can have memory.
fn allowed(program: &Program, memory_bytes: usize) -> AddressSpace {
    let heap_bytes = Limits { memory_bytes, ..Limits::default() }.heap_bytes() as u64;
    let mut allowed = AddressSpace::default();
    for segment in program.segments.iter().filter(|segment| segment.writable) {
        let start = IMAGE_GVA + segment.offset as u64;
        allowed.add(start..start + segment.len as u64);
    }
    allowed.add(STACK_TOP_GVA - STACK_BYTES as u64..STACK_TOP_GVA);
    allowed.add(TRAP_STACK_TOP_GVA - TRAP_STACK_BYTES as u64..TRAP_STACK_TOP_GVA);
    allowed.add(HEAP_GVA..HEAP_GVA + heap_bytes);
    for (offset, len) in [(GUEST_HEADER_OFFSET, PAGE_BYTES), (REPLY_OFFSET, REPLY_BYTES)] {
        let start = MAILBOX_GVA + offset as u64;
        allowed.add(start..start + len as u64);
    }
    allowed.add(ARENA_GVA..ARENA_GVA + ARENA_BYTES);
    allowed
}
