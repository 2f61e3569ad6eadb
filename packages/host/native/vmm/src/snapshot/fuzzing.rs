//! For `hl-fuzz`: bytes taken for a snapshot's file.

use super::file::{Saved, checksum, parse};
use super::format::{CHECKSUM, Counts, FORMAT, MAGIC, NUMBERS_BYTES, PREFIX_BYTES};
use crate::code::Code;
use crate::error::{Error, ErrorKind};
use crate::program::Program;
use hl_abi::ABI_VERSION;
use hl_abi::layout::{
    CODE_BYTES_MAX, CODE_GVA, IMAGE_GVA, MAILBOX_GVA, PAGE_BYTES, SYSTEM_BYTES, SYSTEM_GVA,
};
use hl_abi::mailbox::{GUEST_HEADER_OFFSET, REPLY_OFFSET};
use std::path::Path;
use std::sync::Arc;

const HASH: [u8; 32] = [5; 32];

/// More pages than that only cost time.
const PAGES_MAX: u64 = 3;

/// What of an input is made right before it is read. Without that, hardly an input would get past the first checks.
const MEND_MAGIC: u8 = 1;
const MEND_LENGTH: u8 = 2;
const MEND_PROGRAM: u8 = 4;
const MEND_CHECKSUM: u8 = 8;
const ADD_PAGES: u8 = 16;

/// Reads files for one program.
pub struct Files {
    program: Arc<Program>,
    bytes: Vec<u8>,
}

impl Files {
    /// # Errors
    /// If `elf` is no guest's program.
    pub fn new(elf: &[u8]) -> Result<Self, Error> {
        Ok(Self { program: Program::parse(elf)?, bytes: Vec::new() })
    }

    /// Reads a file of an input's bytes, whose first says what is mended; answers whether there is a state in it.
    ///
    /// # Panics
    /// If there is, and it is one that no guest can have.
    pub fn read(&mut self, input: &[u8]) -> bool {
        let Some((mend, bytes)) = input.split_first() else { return false };
        self.bytes.clear();
        self.bytes.extend_from_slice(bytes);
        mend_file(&mut self.bytes, *mend);
        let len = self.bytes.len() as u64;
        match parse(&mut &self.bytes[..], len, Path::new("file"), &self.program, &HASH) {
            Ok(saved) => {
                check(&self.program, &saved);
                if let Ok(base) = saved.with_code(Code::empty()) {
                    assert!(base.memory_bytes_min() > 0 && base.bytes() > 0);
                }
                true
            }
            Err(error) => {
                let told = error.to_string();
                assert!(matches!(error.kind(), ErrorKind::Snapshot { .. }), "no problem of a file: {told}");
                assert!(told.len() < 4096 && !told.contains(char::is_control), "{told:?}");
                false
            }
        }
    }
}

fn mend_file(bytes: &mut Vec<u8>, mend: u8) {
    let mut put = |at: usize, part: &[u8]| {
        if let Some(there) = bytes.get_mut(at..at + part.len()) {
            there.copy_from_slice(part);
        }
    };
    if mend & MEND_MAGIC != 0 {
        put(0, MAGIC);
        put(8, &FORMAT.to_le_bytes());
    }
    if mend & MEND_PROGRAM != 0 {
        put(PREFIX_BYTES, &HASH);
        put(PREFIX_BYTES + HASH.len(), &ABI_VERSION.to_le_bytes());
    }
    if mend & MEND_LENGTH != 0 {
        let len = bytes.len() as u32;
        if let Some(there) = bytes.get_mut(12..16) {
            there.copy_from_slice(&len.to_le_bytes());
        }
    }
    if mend & ADD_PAGES != 0 {
        add_pages(bytes);
    }
    if mend & MEND_CHECKSUM != 0
        && let Some(told) = bytes.get(12..16)
    {
        let header_bytes = u32::from_le_bytes([told[0], told[1], told[2], told[3]]) as usize;
        let pages_at =
            header_bytes.next_multiple_of(PAGE_BYTES).clamp(PREFIX_BYTES, bytes.len().max(PREFIX_BYTES));
        if let Some((start, pages)) = bytes.split_at_mut_checked(pages_at) {
            let sum = checksum(start, pages);
            start[CHECKSUM].copy_from_slice(&sum.to_le_bytes());
        }
    }
}

/// Fills the header up to whole pages, and puts as many behind it as it lists.
fn add_pages(bytes: &mut Vec<u8>) {
    let numbers = bytes.get(PREFIX_BYTES..PREFIX_BYTES + NUMBERS_BYTES);
    let listed =
        numbers.and_then(|numbers| Counts::parse(numbers).ok()).map_or(0, |counts| counts.pages_bytes());
    let pages_bytes = listed.min(PAGES_MAX * PAGE_BYTES as u64) as usize;
    bytes.resize(bytes.len().next_multiple_of(PAGE_BYTES) + pages_bytes, 0);
}

/// Once more and otherwise: nothing of the host's, and nothing that is not the guest's to write.
fn check(program: &Program, saved: &Saved) {
    let snapshot = saved.snapshot();
    let mailbox_end = MAILBOX_GVA + (REPLY_OFFSET + hl_abi::mailbox::REPLY_BYTES) as u64;
    let own_header = MAILBOX_GVA + GUEST_HEADER_OFFSET as u64;
    let is_forbidden = |page: u64| {
        let is_host_said =
            (MAILBOX_GVA..MAILBOX_GVA + REPLY_OFFSET as u64).contains(&page) && page != own_header;
        let is_read_only = program.segments.iter().filter(|segment| !segment.writable).any(|segment| {
            let start = IMAGE_GVA + segment.offset as u64;
            (start..start + segment.len as u64).contains(&page)
        });
        page == 0
            || page >= 1 << 47
            || !page.is_multiple_of(PAGE_BYTES as u64)
            || (SYSTEM_GVA..SYSTEM_GVA + SYSTEM_BYTES as u64).contains(&page)
            || (CODE_GVA..CODE_GVA + CODE_BYTES_MAX as u64).contains(&page)
            || is_host_said
            || is_read_only
    };
    let mut last = 0;
    for (page, offset) in snapshot.pages() {
        assert!(!is_forbidden(*page) && snapshot.space.contains(*page), "a page at {page:#x}");
        assert!(
            *page > last && *offset + PAGE_BYTES <= snapshot.memory.len(),
            "a page at {page:#x} from {offset}"
        );
        assert!(*page == own_header || !(MAILBOX_GVA..mailbox_end).contains(page), "a page at {page:#x}");
        last = *page;
    }
    for page in snapshot.warm_pages() {
        assert!(!is_forbidden(page), "a write to {page:#x}");
    }
    for stretch in snapshot.space.stretches() {
        assert!(
            !is_forbidden(stretch.start) && !is_forbidden(stretch.end - PAGE_BYTES as u64),
            "{stretch:x?}"
        );
    }
}
