//! One component's compiled code and data: a read-only region that all its VMs share.

use crate::error::{Error, ErrorKind};
use crate::mapping::{Backing, Mapping};
use hl_abi::layout::{CODE_BYTES_MAX, PAGE_BYTES};
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;
use xxhash_rust::xxh3::xxh3_64;

/// Bytes that appear, read-only, at the guest's code region. The host never executes them.
pub struct Code {
    pub(crate) memory: Option<Mapping>,
    len: usize,
    /// Page-aligned part that the guest may execute.
    text: Range<usize>,
    checksum: u64,
}

impl Code {
    /// For guests that load nothing.
    pub fn empty() -> Arc<Self> {
        Arc::new(Self { memory: None, len: 0, text: 0..0, checksum: 0 })
    }

    /// Reads `len` bytes at `offset` of the file at `path`; `text` is the part to execute.
    ///
    /// # Errors
    /// If the file cannot be read or is shorter, or a range is not possible.
    pub fn read(path: &Path, offset: u64, len: usize, text: Range<usize>) -> Result<Arc<Self>, Error> {
        let fail = |what: String| Error::from(ErrorKind::File(format!("{}: {what}", path.display())));
        let aligned = text.start.is_multiple_of(PAGE_BYTES) && text.end.is_multiple_of(PAGE_BYTES);
        if len == 0
            || len > CODE_BYTES_MAX
            || !aligned
            || text.start > text.end
            || text.end > len.next_multiple_of(PAGE_BYTES)
        {
            return Err(fail(format!("code of {len} bytes with text at {text:?} is not possible")));
        }
        let memory = Mapping::new(len, Backing::Huge)?;
        let mut file = File::open(path).map_err(|error| fail(error.to_string()))?;
        file.seek(SeekFrom::Start(offset)).map_err(|error| fail(error.to_string()))?;
        // SAFETY: the mapping is not shared yet, so this is the only reference to these initialised bytes.
        let bytes = unsafe { std::slice::from_raw_parts_mut(memory.at(0, len), len) };
        file.read_exact(bytes).map_err(|error| fail(error.to_string()))?;
        let checksum = xxh3_64(bytes);
        memory.protect()?;
        Ok(Arc::new(Self { memory: Some(memory), len, text, checksum }))
    }

    pub fn len(&self) -> usize {
        self.len
    }

    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// XXH3 of the bytes: it tells damage, not intent.
    pub fn checksum(&self) -> u64 {
        self.checksum
    }

    pub(crate) fn text(&self) -> Range<usize> {
        self.text.clone()
    }
}
