//! A guest's program: its ELF file, checked once, its read-only part shared by all VMs that run it.

use crate::error::Error;
use crate::mapping::{Backing, Mapping};
use crate::page_tables::LARGE_PAGE_BYTES;
use hl_abi::layout::{IMAGE_BYTES_MAX, IMAGE_GVA, PAGE_BYTES};
use hl_abi::{ABI_VERSION, ENTRY_MAGIC, EntryTable};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

/// A loadable guest program.
pub struct Program {
    /// All segments at their places, from [`IMAGE_GVA`] on.
    pub(crate) image: Mapping,
    pub(crate) segments: Vec<Segment>,
    pub(crate) entry: u64,
    pub(crate) trap_landing: u64,
    pub(crate) reset_entry: u64,
    pub(crate) pkru_probe: u64,
    /// Whether ring 3 has a PKRU to clean: learned when the first VM of this program boots.
    pkru: AtomicBool,
    /// It has: what only a boot shows of this CPU is known.
    booted: AtomicBool,
    /// Held by who boots it for nothing but that.
    pub(crate) learning: Mutex<()>,
}

/// Page-aligned stretch of the image with one kind of access.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Segment {
    pub(crate) offset: usize,
    pub(crate) len: usize,
    pub(crate) writable: bool,
    pub(crate) executable: bool,
}

// ELF64 constants (System V ABI, "ELF Header" and "Program Header").
const ELF_MAGIC: &[u8] = b"\x7fELF\x02\x01\x01";
const PT_LOAD: u32 = 1;
const PF_X: u32 = 1;
const PF_W: u32 = 2;
const PROGRAM_HEADER_BYTES: usize = 56;

impl Program {
    /// Parses a static ELF file linked at [`IMAGE_GVA`] whose entry point is hl-guest's entry table.
    ///
    /// # Errors
    /// If it is anything else.
    pub fn parse(elf: &[u8]) -> Result<Arc<Self>, Error> {
        let fail = |what: &str| Error::internal(format!("guest program: {what}"));
        if !elf.starts_with(ELF_MAGIC) {
            return Err(fail("not a 64-bit little-endian ELF file"));
        }
        let headers = Headers(elf);
        let entry = headers.u64(24).ok_or_else(|| fail("no entry point"))?;
        let image = Mapping::new(IMAGE_BYTES_MAX, Backing::Huge)?;
        let mut segments = Vec::new();
        for index in 0..headers.program_header_count().ok_or_else(|| fail("no program headers"))? {
            if let Some(segment) =
                headers.load(index, &image).ok_or_else(|| fail("a segment is out of bounds"))?
            {
                segments.push(segment);
            }
        }
        let table = usize::try_from(entry.wrapping_sub(IMAGE_GVA)).ok();
        let table =
            table.filter(|table| table % 8 == 0 && *table < IMAGE_BYTES_MAX - size_of::<EntryTable>());
        let table = table.ok_or_else(|| fail("the entry point is outside the image"))?;
        if image.read_u64(table + 8) != u64::from(ABI_VERSION) << 32 | u64::from(ENTRY_MAGIC) {
            return Err(fail("not built with this version of hl-guest"));
        }
        let (trap_landing, reset_entry) = (image.read_u64(table + 16), image.read_u64(table + 24));
        let pkru_probe = image.read_u64(table + 32);
        Ok(Arc::new(Self {
            image,
            segments,
            entry,
            trap_landing,
            reset_entry,
            pkru_probe,
            pkru: AtomicBool::new(true),
            booted: AtomicBool::new(false),
            learning: Mutex::default(),
        }))
    }

    pub(crate) fn has_pkru(&self) -> bool {
        self.pkru.load(Ordering::Relaxed)
    }

    pub(crate) fn note_no_pkru(&self) {
        self.pkru.store(false, Ordering::Relaxed);
    }

    pub(crate) fn has_booted(&self) -> bool {
        self.booted.load(Ordering::Acquire)
    }

    pub(crate) fn note_booted(&self) {
        self.booted.store(true, Ordering::Release);
    }

    /// The read-only segments, each as long as it may be mapped: to the end of its last large page, which is
    /// zero there, where no other segment begins before.
    pub(crate) fn shared_segments(&self) -> impl Iterator<Item = Segment> + '_ {
        self.segments.iter().filter(|segment| !segment.writable).map(|segment| {
            let padded = (segment.offset + segment.len).next_multiple_of(LARGE_PAGE_BYTES);
            let next =
                self.segments.iter().map(|other| other.offset).filter(|other| *other > segment.offset).min();
            let end = padded.min(next.unwrap_or(IMAGE_BYTES_MAX));
            Segment { len: end - segment.offset, ..*segment }
        })
    }

    /// Bytes of the writable segments: what each VM holds of its own.
    pub(crate) fn writable_bytes(&self) -> usize {
        self.segments.iter().filter(|segment| segment.writable).map(|segment| segment.len).sum()
    }
}

/// Bounds-checked reads of ELF headers.
struct Headers<'a>(&'a [u8]);

impl Headers<'_> {
    fn bytes<const N: usize>(&self, at: usize) -> Option<[u8; N]> {
        self.0.get(at..)?.first_chunk().copied()
    }

    fn u64(&self, at: usize) -> Option<u64> {
        self.bytes(at).map(u64::from_le_bytes)
    }

    fn u32(&self, at: usize) -> Option<u32> {
        self.bytes(at).map(u32::from_le_bytes)
    }

    fn program_header_count(&self) -> Option<usize> {
        self.bytes(56).map(|bytes| usize::from(u16::from_le_bytes(bytes)))
    }

    /// Puts program header `index`'s segment into `image`. `None`: out of bounds; `Some(None)`: not to be loaded.
    fn load(&self, index: usize, image: &Mapping) -> Option<Option<Segment>> {
        let header = usize::try_from(self.u64(32)?).ok()?.checked_add(index * PROGRAM_HEADER_BYTES)?;
        let (kind, flags) = (self.u32(header)?, self.u32(header + 4)?);
        let file_bytes = usize::try_from(self.u64(header + 32)?).ok()?;
        let memory_bytes = usize::try_from(self.u64(header + 40)?).ok()?;
        if kind != PT_LOAD || memory_bytes == 0 {
            return Some(None);
        }
        let from = usize::try_from(self.u64(header + 8)?).ok()?;
        let contents = self.0.get(from..)?.get(..file_bytes)?;
        let to = usize::try_from(self.u64(header + 16)?.checked_sub(IMAGE_GVA)?).ok()?;
        let end = to.checked_add(memory_bytes.max(file_bytes))?;
        if end > IMAGE_BYTES_MAX {
            return None;
        }
        image.write(to, contents);
        let offset = to / PAGE_BYTES * PAGE_BYTES;
        let len = end.next_multiple_of(PAGE_BYTES) - offset;
        Some(Some(Segment { offset, len, writable: flags & PF_W != 0, executable: flags & PF_X != 0 }))
    }
}
