//! Snapshots as files: saved whole or not at all; loaded only if every byte is what was saved, and only where
//! the state can go on.
//!
//! A file holds a guest's data, not trust: no page table, register or instruction comes from it. What its
//! checksum finds is damage. Whoever can write the file decides what the guest's memory holds, as any guest
//! could have; what it says of addresses and sizes is checked like a guest's claim.

use super::format::{CHECKSUM, Counts, FORMAT, Header, MAGIC, NOTE_BYTES_MAX, NUMBERS_BYTES, PREFIX_BYTES};
use super::state::{parse_state, program_problem};
use super::{features, replace};
use crate::budget::Held;
use crate::code::Code;
use crate::error::{Error, ErrorKind, SnapshotProblem};
use crate::learning::learn_ahead;
use crate::mapping::Mapping;
use crate::program::Program;
use crate::sandbox::Base;
use crate::snapshot::Snapshot;
use hl_abi::ABI_VERSION;
use hl_abi::layout::PAGE_BYTES;
use std::fs::OpenOptions;
use std::io::{self, Read};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::sync::Arc;
use xxhash_rust::xxh3::Xxh3;

impl Base {
    /// Writes the state to `path`, with the SHA-256 of its program and a note to read when it is loaded. Until
    /// all of it is on the disk, what was at `path` stays there.
    ///
    /// # Errors
    /// If it cannot be written; nothing is left behind then. If it is written, but may not last: the error says so.
    pub fn save(&self, path: &Path, program: &[u8; 32], note: &[u8]) -> Result<(), Error> {
        if note.len() > NOTE_BYTES_MAX {
            let what = format!("a note of {} bytes: {NOTE_BYTES_MAX} are the most", note.len());
            return Err(refused(SnapshotProblem::File, format!("cannot write {}: {what}", path.display())));
        }
        let snapshot = &self.snapshot;
        let header = Header {
            program: *program,
            abi_version: ABI_VERSION,
            memory_bytes: snapshot.memory_bytes as u64,
            code_bytes: self.code.len() as u64,
            code_checksum: self.code.checksum(),
            stretches: snapshot.space.stretches().to_vec(),
            pages: snapshot.pages().iter().map(|page| page.0).collect(),
            warm: snapshot.warm_pages(),
            features: features::of_this_cpu(),
            note: note.to_vec(),
        };
        let mut start = header.encode();
        start.resize(start.len().next_multiple_of(PAGE_BYTES), 0);
        let pages = bytes_of(&snapshot.memory, header.pages.len() * PAGE_BYTES);
        let checksum = checksum(&start, pages);
        start[CHECKSUM].copy_from_slice(&checksum.to_le_bytes());
        replace::replace(path, &[&start, pages])
            .map_err(|failure| refused(SnapshotProblem::File, failure.tell(path)))
    }
}

/// A state from a file, which still needs the code that it ran with.
pub struct Saved {
    snapshot: Arc<Snapshot>,
    program: Arc<Program>,
    code: (u64, u64),
    note: Vec<u8>,
}

impl Saved {
    /// Reads the file at `path`; `hash` is the SHA-256 of `program`.
    ///
    /// # Errors
    /// If it cannot be read, is damaged, or cannot go on here.
    pub fn load(path: &Path, program: &Arc<Program>, hash: &[u8; 32]) -> Result<Self, Error> {
        learn_ahead(program);
        read(path, program, hash)
    }

    #[cfg(feature = "fuzzing")]
    pub(super) fn snapshot(&self) -> &Snapshot {
        &self.snapshot
    }

    /// What whoever saved it noted down.
    pub fn note(&self) -> &[u8] {
        &self.note
    }

    /// XXH3 of the compiled code that the state belongs to.
    pub fn code_checksum(&self) -> u64 {
        self.code.1
    }

    /// The state, with the code that it belongs to.
    ///
    /// # Errors
    /// If it belongs to other code.
    pub fn with_code(self, code: Arc<Code>) -> Result<Base, Error> {
        if self.code != (code.len() as u64, code.checksum()) {
            return Err(refused(
                SnapshotProblem::Code,
                "the snapshot belongs to code that was compiled otherwise: take it anew",
            ));
        }
        Ok(Base { snapshot: self.snapshot, program: self.program, code })
    }
}

fn read(path: &Path, program: &Arc<Program>, hash: &[u8; 32]) -> Result<Saved, Error> {
    let unreadable = |error: &io::Error| {
        refused(SnapshotProblem::File, format!("cannot read {}: {error}", path.display()))
    };
    // Not blocking: a pipe in the file's place would be waited for without an end.
    let file = OpenOptions::new().read(true).custom_flags(libc::O_NONBLOCK).open(path);
    let mut file = file.map_err(|error| unreadable(&error))?;
    let status = file.metadata().map_err(|error| unreadable(&error))?;
    if !status.is_file() {
        return Err(refused(SnapshotProblem::File, format!("{} is not a regular file", path.display())));
    }
    parse(&mut file, status.len(), path, program, hash)
}

/// The state in a file of `file_bytes` bytes, which is called `path` where something is wrong with it.
pub(super) fn parse(
    file: &mut impl Read,
    file_bytes: u64,
    path: &Path,
    program: &Arc<Program>,
    hash: &[u8; 32],
) -> Result<Saved, Error> {
    let unreadable =
        |error: io::Error| refused(SnapshotProblem::File, format!("cannot read {}: {error}", path.display()));
    let damaged = |what: &str| refused(SnapshotProblem::Damaged, format!("{}: {what}", path.display()));
    let mut start = vec![0; PREFIX_BYTES.min(file_bytes as usize)];
    file.read_exact(&mut start).map_err(unreadable)?;
    let header_bytes = header_bytes(&start, path)?;
    let pages_at = header_bytes.next_multiple_of(PAGE_BYTES) as u64;
    let pages_bytes = file_bytes.checked_sub(pages_at).ok_or_else(|| damaged("it is cut off"))?;
    let tables_at = PREFIX_BYTES + NUMBERS_BYTES;
    if header_bytes < tables_at {
        return Err(damaged("its length cannot be"));
    }
    start.resize(tables_at, 0);
    file.read_exact(&mut start[PREFIX_BYTES..]).map_err(unreadable)?;
    // Before there is room for what they tell of: a sparse file costs its writer nothing.
    let counts = Counts::parse(&start[PREFIX_BYTES..]).map_err(damaged)?;
    if counts.header_bytes() != header_bytes as u64 {
        return Err(damaged("its header does not fit its length"));
    }
    if counts.pages_bytes() != pages_bytes {
        return Err(damaged("it has other pages than it lists"));
    }
    let (memory, held) = Snapshot::room(pages_bytes as usize)?;
    let mut while_reading = Held::default();
    while_reading.add(pages_at as usize)?;
    start.resize(pages_at as usize, 0);
    file.read_exact(&mut start[tables_at..]).map_err(unreadable)?;
    // SAFETY: the mapping is not shared yet, so this is the only reference to these initialised bytes.
    let pages =
        unsafe { std::slice::from_raw_parts_mut(memory.at(0, pages_bytes as usize), pages_bytes as usize) };
    file.read_exact(pages).map_err(unreadable)?;
    if checksum(&start, pages).to_le_bytes() != start[CHECKSUM] {
        return Err(damaged("its contents are not what was saved"));
    }
    let header =
        Header::parse(&start[PREFIX_BYTES..header_bytes]).map_err(|_| damaged("its header cannot be"))?;
    if let Some(problem) = program_problem(&header, hash) {
        return Err(refused(SnapshotProblem::Program, format!("{}: {problem}", path.display())));
    }
    if let Some(lacking) = features::lacking(&header.features) {
        return Err(refused(SnapshotProblem::Cpu, format!("{}: this CPU lacks {lacking}", path.display())));
    }
    let (code, note) = ((header.code_bytes, header.code_checksum), header.note.clone());
    memory.protect()?;
    let snapshot = parse_state(header, pages_bytes, program, memory, held).map_err(damaged)?;
    Ok(Saved { snapshot: Arc::new(snapshot), program: program.clone(), code, note })
}

/// The length of header and prefix.
fn header_bytes(prefix: &[u8], path: &Path) -> Result<usize, Error> {
    let refuse = |what: String| refused(SnapshotProblem::Format, format!("{}: {what}", path.display()));
    if prefix.len() < PREFIX_BYTES || prefix[..8] != *MAGIC {
        return Err(refuse("it is not a snapshot's file".into()));
    }
    let number = |at: usize| u32::from_le_bytes(std::array::from_fn(|byte| prefix[at + byte]));
    if number(8) != FORMAT {
        return Err(refuse(format!(
            "it has version {} of the format, this package reads {FORMAT}",
            number(8)
        )));
    }
    Ok(number(12) as usize)
}

/// Of everything but the checksum itself.
pub(super) fn checksum(start: &[u8], pages: &[u8]) -> u64 {
    let mut hash = Xxh3::new();
    for part in [&start[..CHECKSUM.start], &start[CHECKSUM.end..], pages] {
        hash.update(part);
    }
    hash.digest()
}

fn bytes_of(memory: &Mapping, len: usize) -> &[u8] {
    // SAFETY: a snapshot's memory is read-only once it is captured, for the host and for every guest.
    unsafe { std::slice::from_raw_parts(memory.at(0, len), len) }
}

fn refused(problem: SnapshotProblem, message: impl Into<String>) -> Error {
    ErrorKind::Snapshot { problem, message: message.into() }.into()
}

#[cfg(test)]
mod tests;
