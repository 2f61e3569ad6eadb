//! Files that come back as they were, and all the ways in which one may not.

use super::*;
use crate::address_space::AddressSpace;
use crate::error::LimitKind;
use crate::limits::Limits;
use crate::mapping::Backing;
use crate::snapshot::Source;
use hl_abi::layout::{ARENA_GVA, CODE_GVA, HEAP_GVA, IMAGE_GVA, MAILBOX_GVA, STACK_TOP_GVA, SYSTEM_GVA};
use hl_abi::mailbox::{GUEST_HEADER_OFFSET, REPLY_OFFSET};
use std::fs;
use std::os::unix::fs::FileExt;
use std::path::PathBuf;

const PAGE: u64 = PAGE_BYTES as u64;
const HASH: [u8; 32] = [5; 32];

fn program() -> Arc<Program> {
    Program::parse(include_bytes!(concat!(env!("HL_GUEST_DIR"), "/hl-echo"))).unwrap()
}

/// A state of three pages, no two alike, and 16 of which nothing is there.
fn state(program: &Arc<Program>) -> Base {
    let memory = Mapping::new(3 * PAGE_BYTES, Backing::Small).unwrap();
    let addresses = [MAILBOX_GVA + GUEST_HEADER_OFFSET as u64, HEAP_GVA, ARENA_GVA + PAGE];
    for page in 0..3 {
        memory.write(page * PAGE_BYTES + page, &[page as u8 + 1; 77]);
    }
    let mut space = AddressSpace::default();
    for start in addresses {
        space.add(start..start + PAGE);
    }
    space.commit(ARENA_GVA, 16 * PAGE, 1 << 30).unwrap();
    let source = |page: usize| Source { gva: addresses[page], memory: &memory, offset: page * PAGE_BYTES };
    let snapshot = Snapshot::capture((0..3).map(source).collect(), space, 32 << 20).unwrap();
    snapshot.note_written([ARENA_GVA + 2 * PAGE, HEAP_GVA].into_iter());
    Base { snapshot: Arc::new(snapshot), program: program.clone(), code: Code::empty() }
}

/// A folder of its own for each test.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let folder = std::env::temp_dir().join(format!("hl-snapshot-{name}-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        Self(folder)
    }

    fn file(&self) -> PathBuf {
        self.0.join("state.hlsnap")
    }

    fn names(&self) -> Vec<String> {
        let entries = fs::read_dir(&self.0).unwrap();
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn problem<T>(outcome: Result<T, Error>) -> (SnapshotProblem, String) {
    match outcome.err().map(Error::into_kind) {
        Some(ErrorKind::Snapshot { problem, message }) => (problem, message),
        other => panic!("expected a snapshot's problem, got {other:?}"),
    }
}

/// What is wrong with a file of these bytes.
fn refusal(program: &Arc<Program>, path: &Path, bytes: &[u8]) -> (SnapshotProblem, String) {
    fs::write(path, bytes).unwrap();
    problem(read(path, program, &HASH))
}

/// The file of a header that somebody made up, around the same pages, with the right checksum.
fn forged(bytes: &[u8], change: impl FnOnce(&mut Header)) -> Vec<u8> {
    let len = u32::from_le_bytes(*bytes[12..].first_chunk().unwrap()) as usize;
    let mut header = Header::parse(&bytes[PREFIX_BYTES..len]).unwrap();
    change(&mut header);
    let mut start = header.encode();
    start.resize(start.len().next_multiple_of(PAGE_BYTES), 0);
    let pages = &bytes[len.next_multiple_of(PAGE_BYTES)..];
    let sum = checksum(&start, pages);
    start[CHECKSUM].copy_from_slice(&sum.to_le_bytes());
    [&start, pages].concat()
}

#[test]
fn what_was_saved_is_loaded() {
    let (folder, program) = (Folder::new("same"), program());
    let base = state(&program);
    base.save(&folder.file(), &HASH, b"a note").unwrap();
    assert_eq!(folder.names(), ["state.hlsnap"]);
    let saved = read(&folder.file(), &program, &HASH).unwrap();
    assert_eq!((saved.note(), saved.code_checksum()), (&b"a note"[..], 0));
    let (was, is) = (&base.snapshot, &saved.snapshot);
    assert_eq!((is.pages(), is.warm_pages()), (was.pages(), was.warm_pages()));
    assert_eq!(is.memory_bytes, 32 << 20);
    assert_eq!(is.space.stretches(), was.space.stretches());
    assert_eq!(is.space.arena_bytes(), 16 * PAGE_BYTES);
    assert_eq!(bytes_of(&is.memory, 3 * PAGE_BYTES), bytes_of(&was.memory, 3 * PAGE_BYTES));
    let base = saved.with_code(Code::empty()).unwrap();
    base.save(&folder.file(), &HASH, b"over the other").unwrap();
    assert_eq!(read(&folder.file(), &program, &HASH).unwrap().note(), b"over the other");
}

#[test]
fn no_changed_byte_goes_unnoticed() {
    let (folder, program) = (Folder::new("flip"), program());
    state(&program).save(&folder.file(), &HASH, b"a note").unwrap();
    let bytes = fs::read(folder.file()).unwrap();
    let in_header = 0..600.min(bytes.len());
    for at in in_header.chain((600..bytes.len()).step_by(97)) {
        let mut damaged = bytes.clone();
        damaged[at] ^= 1 << (at % 8);
        let (problem, message) = refusal(&program, &folder.file(), &damaged);
        let expected = if at < 12 { SnapshotProblem::Format } else { SnapshotProblem::Damaged };
        assert_eq!(problem, expected, "byte {at}: {message}");
    }
}

#[test]
fn no_length_but_its_own_is_accepted() {
    let (folder, program) = (Folder::new("cut"), program());
    state(&program).save(&folder.file(), &HASH, b"a note").unwrap();
    let bytes = fs::read(folder.file()).unwrap();
    for len in (0..300).chain((300..bytes.len()).step_by(61)) {
        let (problem, message) = refusal(&program, &folder.file(), &bytes[..len]);
        let expected = if len < PREFIX_BYTES { SnapshotProblem::Format } else { SnapshotProblem::Damaged };
        assert_eq!(problem, expected, "{len} bytes: {message}");
    }
    let longer = [&bytes[..], &[0; PAGE_BYTES]].concat();
    assert_eq!(refusal(&program, &folder.file(), &longer).0, SnapshotProblem::Damaged);
}

#[test]
fn what_does_not_fit_this_machine_is_named() {
    let (folder, program) = (Folder::new("fit"), program());
    state(&program).save(&folder.file(), &HASH, b"").unwrap();
    let bytes = fs::read(folder.file()).unwrap();
    let refusal = |change: fn(&mut Header)| refusal(&program, &folder.file(), &forged(&bytes, change));
    let (problem, message) = refusal(|header| header.program = [0xab; 32]);
    assert_eq!(problem, SnapshotProblem::Program);
    assert!(message.contains("runtime abababababab, this package has 050505050505"), "{message}");
    let (problem, message) = refusal(|header| header.abi_version += 1);
    assert_eq!(problem, SnapshotProblem::Program);
    assert!(message.contains("interface to guests"), "{message}");
    let (problem, message) = refusal(|header| header.features += " amx-tile apx");
    assert_eq!(problem, SnapshotProblem::Cpu);
    assert!(message.contains("this CPU lacks amx-tile, apx"), "{message}");
    let mut newer = bytes.clone();
    newer[8] = 2;
    let (problem, message) = self::refusal(&program, &folder.file(), &newer);
    assert_eq!(problem, SnapshotProblem::Format);
    assert!(message.contains("version 2 of the format, this package reads 1"), "{message}");
    fs::write(folder.file(), forged(&bytes, |header| header.code_checksum = 1)).unwrap();
    let saved = read(&folder.file(), &program, &HASH).unwrap();
    assert_eq!(self::problem(saved.with_code(Code::empty())).0, SnapshotProblem::Code);
}

#[test]
fn a_forged_header_gets_no_address_that_a_guest_cannot_have() {
    let (folder, program) = (Folder::new("forged"), program());
    state(&program).save(&folder.file(), &HASH, b"").unwrap();
    let bytes = fs::read(folder.file()).unwrap();
    let text = program.segments.iter().find(|segment| !segment.writable).unwrap();
    let text = IMAGE_GVA + text.offset as u64;
    let elsewhere =
        [0, PAGE, SYSTEM_GVA, text, CODE_GVA, MAILBOX_GVA, STACK_TOP_GVA, 1 << 47, u64::MAX - PAGE + 1];
    for address in elsewhere {
        for stretch in [address..address.wrapping_add(PAGE), address..!(PAGE - 1)] {
            let forged = forged(&bytes, |header| {
                header.stretches.push(stretch);
                header.stretches.sort_unstable_by_key(|stretch| stretch.start);
            });
            assert_eq!(
                refusal(&program, &folder.file(), &forged).0,
                SnapshotProblem::Damaged,
                "{address:#x}"
            );
        }
        let forged = forged(&bytes, |header| header.pages[0] = address);
        assert_eq!(refusal(&program, &folder.file(), &forged).0, SnapshotProblem::Damaged, "{address:#x}");
    }
    let changes: [fn(&mut Header); 16] = [
        |header| header.memory_bytes = 0,
        |header| header.memory_bytes = u64::MAX,
        |header| header.pages.truncate(2),
        |header| header.pages.push(ARENA_GVA + 3 * PAGE),
        |header| header.pages[1] = header.pages[0],
        |header| header.pages.swap(0, 1),
        |header| header.pages[2] += 8,
        |header| header.pages[0] = MAILBOX_GVA + REPLY_OFFSET as u64,
        |header| header.warm = vec![CODE_GVA],
        |header| header.warm = vec![HEAP_GVA, HEAP_GVA],
        |header| header.warm = (0..=WARM_MAX).map(|page| ARENA_GVA + page * PAGE).collect(),
        |header| header.stretches.clear(),
        |header| header.stretches.push(ARENA_GVA + GIB..ARENA_GVA + 65 * GIB),
        |header| header.features = "sse3\n\u{1b}[2J".into(),
        |header| header.features = "a ".repeat(1 << 20),
        |header| header.note = vec![0; NOTE_BYTES_MAX + 1],
    ];
    for (index, change) in changes.into_iter().enumerate() {
        let (problem, message) = refusal(&program, &folder.file(), &forged(&bytes, change));
        assert_eq!(problem, SnapshotProblem::Damaged, "change {index}: {message}");
    }
}

#[test]
fn a_forged_header_gets_no_more_memory_than_a_guest_can_have() {
    let (folder, program) = (Folder::new("most"), program());
    state(&program).save(&folder.file(), &HASH, b"").unwrap();
    let bytes = fs::read(folder.file()).unwrap();
    let of_arena = |arena_bytes: u64| {
        let stretch = ARENA_GVA + GIB..ARENA_GVA + GIB + arena_bytes - 16 * PAGE;
        fs::write(folder.file(), forged(&bytes, |header| header.stretches.push(stretch))).unwrap();
        read(&folder.file(), &program, &HASH)
    };
    let most = Limits { memory_bytes: 64 << 30, ..Limits::default() };
    let saved = of_arena(most.arena_bytes() as u64).unwrap();
    assert_eq!(saved.with_code(Code::empty()).unwrap().memory_bytes_min(), most.memory_bytes);
    let (problem, message) = problem(of_arena(most.arena_bytes() as u64 + PAGE));
    assert_eq!(problem, SnapshotProblem::Damaged);
    assert!(message.contains("more memory than any guest can have"), "{message}");
}

#[test]
fn a_sparse_file_gets_no_room_for_what_it_only_claims() {
    let (folder, program) = (Folder::new("sparse"), program());
    state(&program).save(&folder.file(), &HASH, b"").unwrap();
    let file = OpenOptions::new().write(true).open(folder.file()).unwrap();
    let claim = |at: usize, number: u32| file.write_all_at(&number.to_le_bytes(), at as u64).unwrap();
    // As many pages as a header can list, and a length that agrees; nothing of it takes room on the disk.
    let pages = u32::MAX / 8 - 1024;
    let tables_at = PREFIX_BYTES + NUMBERS_BYTES;
    let header_bytes = tables_at + pages as usize * 8;
    file.set_len(0).unwrap();
    file.set_len((header_bytes.next_multiple_of(PAGE_BYTES) + pages as usize * PAGE_BYTES) as u64).unwrap();
    file.write_all_at(MAGIC, 0).unwrap();
    claim(8, FORMAT);
    claim(12, header_bytes as u32);
    claim(PREFIX_BYTES + 40, pages);
    let refused = read(&folder.file(), &program, &HASH).err().map(Error::into_kind);
    assert!(matches!(refused, Some(ErrorKind::Limit(LimitKind::ProcessMemory))), "{refused:?}");
    // A header as long that lists none, one that lists fewer, and one that lists more.
    for other in [0, pages - 1, pages + 1] {
        claim(PREFIX_BYTES + 40, other);
        let (problem, message) = self::problem(read(&folder.file(), &program, &HASH));
        assert_eq!(problem, SnapshotProblem::Damaged);
        assert!(message.contains("header does not fit"), "{message}");
    }
    claim(PREFIX_BYTES + 40, pages);
    file.set_len(header_bytes as u64 * 2).unwrap();
    let (problem, message) = problem(read(&folder.file(), &program, &HASH));
    assert_eq!(problem, SnapshotProblem::Damaged);
    assert!(message.contains("other pages than it lists"), "{message}");
}

const GIB: u64 = 1 << 30;
const WARM_MAX: u64 = crate::snapshot::WARM_PAGES_MAX as u64;

#[test]
fn a_save_that_fails_leaves_nothing_behind_and_what_was_there() {
    let (folder, program) = (Folder::new("fails"), program());
    let base = state(&program);
    fs::create_dir(folder.file()).unwrap();
    assert_eq!(problem(base.save(&folder.file(), &HASH, b"")).0, SnapshotProblem::File);
    assert_eq!(folder.names(), ["state.hlsnap"]);
    let missing = folder.0.join("no/such/state.hlsnap");
    let (problem, message) = problem(base.save(&missing, &HASH, b""));
    assert_eq!(problem, SnapshotProblem::File);
    assert!(message.contains("no/such"), "{message}");
    assert_eq!(self::problem(base.save(Path::new("/"), &HASH, b"")).0, SnapshotProblem::File);
}

#[test]
fn what_is_no_file_is_not_waited_for() {
    let (folder, program) = (Folder::new("pipe"), program());
    let path = std::ffi::CString::new(folder.file().into_os_string().into_encoded_bytes()).unwrap();
    // SAFETY: a string of ours; makes a pipe in a folder of ours.
    assert_eq!(unsafe { libc::mkfifo(path.as_ptr(), 0o600) }, 0);
    assert_eq!(problem(read(&folder.file(), &program, &HASH)).0, SnapshotProblem::File);
    assert_eq!(problem(read(&folder.0, &program, &HASH)).0, SnapshotProblem::File);
    assert_eq!(problem(read(&folder.0.join("none"), &program, &HASH)).0, SnapshotProblem::File);
    assert_eq!(problem(read(Path::new("/dev/zero"), &program, &HASH)).0, SnapshotProblem::File);
}
