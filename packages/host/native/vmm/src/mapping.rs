//! Host memory that backs guest memory: the only owner of such mappings.

use crate::error::Error;
use std::io;
use std::ptr::{self, NonNull};

const HUGE_PAGE_BYTES: usize = 2 << 20;

/// Zeroed anonymous memory that starts at a 2 MiB boundary; pages appear as they are touched.
///
/// A running guest may change it at any moment, so it is never lent out as a slice while one can: bytes are
/// copied in and out. Not inherited by child processes (a `fork` would make every page copy-on-write and
/// each later guest write a fault) and left out of core dumps.
pub(crate) struct Mapping {
    start: NonNull<u8>,
    len: usize,
    /// What `mmap` returned, a little longer for the alignment.
    reserved: (*mut libc::c_void, usize),
}

// SAFETY: a mapping is plain memory, reachable from any thread; all access goes through the checked
// copies below, whose callers keep writers and the memory's readers apart (one owner thread a VM; shared
// mappings are read-only once shared).
unsafe impl Send for Mapping {}
// SAFETY: as above.
unsafe impl Sync for Mapping {}

/// How the kernel should back a mapping.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Backing {
    /// 4 KiB pages: for memory of which little is touched.
    Small,
    /// Transparent huge pages where there are any.
    Huge,
}

impl Mapping {
    pub(crate) fn new(len: usize, backing: Backing) -> Result<Self, Error> {
        let len = len.next_multiple_of(hl_abi::layout::PAGE_BYTES);
        let reserved_bytes = len + HUGE_PAGE_BYTES;
        let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_NORESERVE;
        // SAFETY: a new anonymous mapping at an address of the kernel's choice touches nothing of ours.
        let reserved = unsafe {
            libc::mmap(ptr::null_mut(), reserved_bytes, libc::PROT_READ | libc::PROT_WRITE, flags, -1, 0)
        };
        if reserved == libc::MAP_FAILED {
            return Err(Error::system(&format!("mapping {len} bytes"), io::Error::last_os_error()));
        }
        let start = reserved.cast::<u8>().wrapping_add(reserved.cast::<u8>().align_offset(HUGE_PAGE_BYTES));
        let start = NonNull::new(start).ok_or_else(|| Error::internal("mmap returned address 0"))?;
        let mapping = Self { start, len, reserved: (reserved, reserved_bytes) };
        mapping.advise(libc::MADV_DONTFORK)?;
        mapping.advise(libc::MADV_DONTDUMP)?;
        let wanted = match backing {
            Backing::Huge => libc::MADV_HUGEPAGE,
            Backing::Small => libc::MADV_NOHUGEPAGE,
        };
        // A kernel without huge pages refuses this advice, and then there are none: nothing to do.
        let _ = mapping.advise(wanted);
        Ok(mapping)
    }

    fn advise(&self, advice: libc::c_int) -> Result<(), Error> {
        // SAFETY: exactly our own mapping; none of the advice used here drops its contents.
        match unsafe { libc::madvise(self.start.as_ptr().cast(), self.len, advice) } {
            0 => Ok(()),
            _ => Err(Error::system("madvise", io::Error::last_os_error())),
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.len
    }

    pub(crate) fn start(&self) -> *mut u8 {
        self.start.as_ptr()
    }

    /// The place of `len` bytes at `offset`.
    ///
    /// # Panics
    /// If they are not inside the mapping.
    pub(crate) fn at(&self, offset: usize, len: usize) -> *mut u8 {
        assert!(
            offset <= self.len && len <= self.len - offset,
            "{len} bytes at {offset} lie outside a mapping of {}",
            self.len
        );
        // SAFETY: inside the mapping, as just checked.
        unsafe { self.start.as_ptr().add(offset) }
    }

    pub(crate) fn write(&self, offset: usize, bytes: &[u8]) {
        // SAFETY: `at` checks the range; `bytes` is private memory, so the two do not overlap.
        unsafe { ptr::copy_nonoverlapping(bytes.as_ptr(), self.at(offset, bytes.len()), bytes.len()) }
    }

    pub(crate) fn read(&self, offset: usize, into: &mut [u8]) {
        // SAFETY: `at` checks the range; `into` is private memory, so the two do not overlap.
        unsafe { ptr::copy_nonoverlapping(self.at(offset, into.len()), into.as_mut_ptr(), into.len()) }
    }

    /// Appends `len` bytes at `offset` to `into`.
    pub(crate) fn read_to(&self, offset: usize, len: usize, into: &mut Vec<u8>) {
        into.reserve(len);
        // SAFETY: `at` checks the range; the spare capacity was just reserved and is then filled.
        unsafe {
            ptr::copy_nonoverlapping(self.at(offset, len), into.as_mut_ptr().add(into.len()), len);
            into.set_len(into.len() + len);
        }
    }

    pub(crate) fn copy_from(&self, offset: usize, source: &Mapping, source_offset: usize, len: usize) {
        assert!(!ptr::eq(self, source), "copies go from one mapping to another");
        // SAFETY: both ranges are checked by `at`, and two mappings never overlap.
        unsafe { ptr::copy_nonoverlapping(source.at(source_offset, len), self.at(offset, len), len) }
    }

    pub(crate) fn zero(&self, offset: usize, len: usize) {
        // SAFETY: `at` checks the range.
        unsafe { ptr::write_bytes(self.at(offset, len), 0, len) }
    }

    pub(crate) fn read_u64(&self, offset: usize) -> u64 {
        // SAFETY: `at` checks the range; offsets are multiples of 8 and the mapping starts on a page.
        unsafe { self.at(offset, 8).cast::<u64>().read_volatile() }
    }

    pub(crate) fn write_u64(&self, offset: usize, value: u64) {
        // SAFETY: as above.
        unsafe { self.at(offset, 8).cast::<u64>().write_volatile(value) }
    }

    /// Which 4 KiB pages of `offset .. offset + len` have ever been touched.
    pub(crate) fn resident(&self, offset: usize, len: usize) -> Result<Vec<bool>, Error> {
        let mut pages = vec![0u8; len.div_ceil(hl_abi::layout::PAGE_BYTES)];
        // SAFETY: the range is checked by `at`; the vector has one byte for each page.
        match unsafe { libc::mincore(self.at(offset, len).cast(), len, pages.as_mut_ptr()) } {
            0 => Ok(pages.iter().map(|page| page & 1 != 0).collect()),
            _ => Err(Error::system("mincore", io::Error::last_os_error())),
        }
    }

    /// Touches pages ahead of the guest: hypervisors map neighbours of a faulting page only where the
    /// host's page is already there (6 instead of 45 us a page under PVM). A hint: refusal costs time only.
    pub(crate) fn populate(&self, offset: usize, len: usize) {
        // SAFETY: checked by `at`; populating changes no contents.
        unsafe { libc::madvise(self.at(offset, len).cast(), len, libc::MADV_POPULATE_WRITE) };
    }

    /// Gives `len` bytes at `offset` back to the system: they are zero when they are touched next.
    pub(crate) fn discard(&self, offset: usize, len: usize) -> Result<(), Error> {
        // SAFETY: checked by `at`; no reference into a mapping exists, and its pages stay valid.
        match unsafe { libc::madvise(self.at(offset, len).cast(), len, libc::MADV_DONTNEED) } {
            0 => Ok(()),
            _ => Err(Error::system("madvise", io::Error::last_os_error())),
        }
    }

    /// Makes the memory read-only for the host, too.
    pub(crate) fn protect(&self) -> Result<(), Error> {
        // SAFETY: our own mapping; no reference into it exists.
        match unsafe { libc::mprotect(self.start.as_ptr().cast(), self.len, libc::PROT_READ) } {
            0 => Ok(()),
            _ => Err(Error::system("mprotect", io::Error::last_os_error())),
        }
    }
}

impl Drop for Mapping {
    fn drop(&mut self) {
        // SAFETY: made by `new`, unmapped once; whoever registered it with a VM drops that VM first.
        unsafe { libc::munmap(self.reserved.0, self.reserved.1) };
    }
}
