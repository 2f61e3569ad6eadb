//! The bytes before the pages in a snapshot's file. Whoever wrote them, they are claims until parsed.
//!
//! A prefix that every version of the format begins with, then numbers, then tables: stretches of address
//! space, addresses of the pages that follow in the file, addresses of pages that calls will write, names of
//! CPU features, and a note of whoever saved it. All numbers are little-endian.

use super::WARM_PAGES_MAX;
use crate::address_space::STRETCHES_MAX;
use hl_abi::layout::PAGE_BYTES;
use std::ops::Range;

pub(super) const MAGIC: &[u8; 8] = b"HLSNAP\r\n";
/// Raised with every change of the layout.
pub(super) const FORMAT: u32 = 1;

/// Magic, format, length of the header (this prefix included), checksum of all that is not the checksum.
pub(super) const PREFIX_BYTES: usize = 24;
pub(super) const CHECKSUM: Range<usize> = 16..24;
pub(super) const NUMBERS_BYTES: usize = 84;

/// Names of CPU features, in all.
const FEATURES_BYTES_MAX: u64 = 1 << 10;

/// A component's functions are listed in it, by name.
pub(super) const NOTE_BYTES_MAX: usize = 1 << 20;

/// What a file says besides the pages' contents.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Header {
    /// SHA-256 of the guest's program.
    pub(super) program: [u8; 32],
    pub(super) abi_version: u32,
    pub(super) memory_bytes: u64,
    pub(super) code_bytes: u64,
    pub(super) code_checksum: u64,
    pub(super) stretches: Vec<Range<u64>>,
    pub(super) pages: Vec<u64>,
    pub(super) warm: Vec<u64>,
    pub(super) features: String,
    pub(super) note: Vec<u8>,
}

/// Its numbers or tables do not fit its length, or its text is none.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Malformed;

/// How long the tables are, by a header's numbers alone.
pub(super) struct Counts {
    pages: u64,
    header_bytes: u64,
}

impl Counts {
    /// # Errors
    /// If one of them cannot be. That of the pages is for the file's length to bound.
    pub(super) fn parse(numbers: &[u8]) -> Result<Self, &'static str> {
        let cut_off = |_| "it is cut off";
        let mut reader = Reader(numbers);
        reader.take(32).map_err(cut_off)?;
        let [_, stretches, pages, warm, features] = reader.u32s().map_err(cut_off)?.map(u64::from);
        let [note, ..] = reader.u64s::<4>().map_err(cut_off)?;
        let bounds = [
            (stretches, STRETCHES_MAX as u64),
            (warm, WARM_PAGES_MAX as u64),
            (features, FEATURES_BYTES_MAX),
            (note, NOTE_BYTES_MAX as u64),
        ];
        if bounds.iter().any(|(count, max)| count > max) {
            return Err("its header has longer tables than can be");
        }
        let tables = (stretches * 2 + pages + warm) * 8 + features + note;
        Ok(Self { pages, header_bytes: (PREFIX_BYTES + NUMBERS_BYTES) as u64 + tables })
    }

    /// Prefix included.
    pub(super) fn header_bytes(&self) -> u64 {
        self.header_bytes
    }

    pub(super) fn pages_bytes(&self) -> u64 {
        self.pages * PAGE_BYTES as u64
    }
}

/// Whether it may be part of a message to a user.
fn is_names(text: &[u8]) -> bool {
    text.iter().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'.' | b'_' | b'-' | b' '))
}

impl Header {
    /// Prefix and header; the checksum is still to be filled in.
    pub(super) fn encode(&self) -> Vec<u8> {
        let mut out = Vec::new();
        out.extend_from_slice(MAGIC);
        for number in [FORMAT, 0, 0, 0] {
            out.extend_from_slice(&number.to_le_bytes());
        }
        out.extend_from_slice(&self.program);
        let counts = [self.stretches.len(), self.pages.len(), self.warm.len(), self.features.len()];
        for number in [self.abi_version].into_iter().chain(counts.map(|count| count as u32)) {
            out.extend_from_slice(&number.to_le_bytes());
        }
        let numbers = [self.note.len() as u64, self.memory_bytes, self.code_bytes, self.code_checksum];
        let stretches = self.stretches.iter().flat_map(|stretch| [stretch.start, stretch.end]);
        let tables = stretches.chain(self.pages.iter().copied()).chain(self.warm.iter().copied());
        for number in numbers.into_iter().chain(tables) {
            out.extend_from_slice(&number.to_le_bytes());
        }
        out.extend_from_slice(self.features.as_bytes());
        out.extend_from_slice(&self.note);
        let len = out.len() as u32;
        out[12..16].copy_from_slice(&len.to_le_bytes());
        out
    }

    /// The header behind a prefix.
    pub(super) fn parse(bytes: &[u8]) -> Result<Self, Malformed> {
        let mut reader = Reader(bytes);
        let program = *reader.take(32)?.first_chunk().ok_or(Malformed)?;
        let [abi_version, stretches, pages, warm, features] = reader.u32s()?;
        let [note, memory_bytes, code_bytes, code_checksum] = reader.u64s()?;
        let stretches = reader.table(stretches as usize * 2)?;
        let (pages, warm) = (reader.table(pages as usize)?, reader.table(warm as usize)?);
        let features = reader.take(features as usize)?;
        if !is_names(features) {
            return Err(Malformed);
        }
        let header = Self {
            program,
            abi_version,
            memory_bytes,
            code_bytes,
            code_checksum,
            stretches: stretches.chunks_exact(2).map(|pair| pair[0]..pair[1]).collect(),
            pages,
            warm,
            features: String::from_utf8(features.to_vec()).map_err(|_| Malformed)?,
            note: reader.take(usize::try_from(note).map_err(|_| Malformed)?)?.to_vec(),
        };
        if reader.0.is_empty() { Ok(header) } else { Err(Malformed) }
    }
}

/// Takes from the front; nothing is allocated for what is not there.
struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn take(&mut self, len: usize) -> Result<&'a [u8], Malformed> {
        let (taken, rest) = self.0.split_at_checked(len).ok_or(Malformed)?;
        self.0 = rest;
        Ok(taken)
    }

    fn u32s<const N: usize>(&mut self) -> Result<[u32; N], Malformed> {
        let bytes = self.take(N * 4)?;
        Ok(std::array::from_fn(|i| u32::from_le_bytes(std::array::from_fn(|byte| bytes[i * 4 + byte]))))
    }

    fn u64s<const N: usize>(&mut self) -> Result<[u64; N], Malformed> {
        let table = self.table(N)?;
        table.try_into().map_err(|_| Malformed)
    }

    fn table(&mut self, count: usize) -> Result<Vec<u64>, Malformed> {
        let bytes = self.take(count.checked_mul(8).ok_or(Malformed)?)?;
        Ok(bytes.as_chunks().0.iter().map(|number| u64::from_le_bytes(*number)).collect())
    }
}

const _: () = assert!(NUMBERS_BYTES == 32 + 5 * 4 + 4 * 8, "what `encode` writes before the tables");

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> Header {
        Header {
            program: [7; 32],
            abi_version: 3,
            memory_bytes: 1 << 28,
            code_bytes: 5,
            code_checksum: u64::MAX,
            stretches: vec![0x1000..0x3000, 0x8000..0x9000],
            pages: vec![0x1000, 0x8000],
            warm: vec![0x2000],
            features: "sse3 avx".into(),
            note: b"of whom".to_vec(),
        }
    }

    #[test]
    fn what_was_encoded_is_parsed() {
        let bytes = sample().encode();
        assert_eq!(bytes[..8], *MAGIC);
        assert_eq!(u32::from_le_bytes(*bytes[12..].first_chunk().unwrap()) as usize, bytes.len());
        assert_eq!(Header::parse(&bytes[PREFIX_BYTES..]), Ok(sample()));
        assert_eq!(Header::default().encode().len(), PREFIX_BYTES + NUMBERS_BYTES);
    }

    #[test]
    fn a_header_of_any_other_length_is_malformed() {
        let mut bytes = sample().encode().split_off(PREFIX_BYTES);
        for len in 0..bytes.len() {
            assert_eq!(Header::parse(&bytes[..len]), Err(Malformed), "{len} bytes");
        }
        bytes.push(0);
        assert_eq!(Header::parse(&bytes), Err(Malformed));
    }

    #[test]
    fn the_numbers_alone_tell_how_long_header_and_pages_are() {
        let bytes = sample().encode();
        let counts = Counts::parse(&bytes[PREFIX_BYTES..][..NUMBERS_BYTES]).unwrap();
        assert_eq!(counts.header_bytes(), bytes.len() as u64);
        assert_eq!(counts.pages_bytes(), 2 * PAGE_BYTES as u64);
        for len in 0..NUMBERS_BYTES {
            assert!(Counts::parse(&bytes[PREFIX_BYTES..][..len]).is_err(), "{len} bytes");
        }
    }

    #[test]
    fn no_table_but_that_of_the_pages_may_be_long() {
        let long = |change: fn(&mut Header)| {
            let mut header = sample();
            change(&mut header);
            Counts::parse(&header.encode()[PREFIX_BYTES..]).is_err()
        };
        assert!(!long(|header| header.pages = vec![0; 1 << 16]));
        assert!(!long(|header| header.note = vec![0; NOTE_BYTES_MAX]));
        assert!(long(|header| header.note = vec![0; NOTE_BYTES_MAX + 1]));
        assert!(long(|header| header.features = "a".repeat(FEATURES_BYTES_MAX as usize + 1)));
        assert!(long(|header| header.warm = vec![0; WARM_PAGES_MAX + 1]));
        assert!(long(|header| header.stretches = vec![0..1; STRETCHES_MAX + 1]));
    }

    #[test]
    fn what_messages_repeat_is_names() {
        for features in ["AVX", "a\nb", "a\u{1b}[2J", "caf\u{e9}", "a,b"] {
            let header = Header { features: features.into(), ..sample() };
            assert_eq!(Header::parse(&header.encode()[PREFIX_BYTES..]), Err(Malformed), "{features:?}");
        }
    }

    #[test]
    fn no_count_makes_it_panic_or_allocate() {
        let bytes = sample().encode().split_off(PREFIX_BYTES);
        for at in 32..NUMBERS_BYTES {
            let mut damaged = bytes.clone();
            damaged[at] ^= 0xff;
            // A number of another meaning may be anything; it must only come back.
            let _ = Header::parse(&damaged);
        }
        let mut all = bytes;
        all[40..NUMBERS_BYTES].fill(0xff);
        assert_eq!(Header::parse(&all), Err(Malformed));
    }
}
