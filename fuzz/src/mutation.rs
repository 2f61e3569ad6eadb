//! Random changes of inputs, the same for the same seed: many times as fast as libFuzzer, and without its feedback.

use std::path::Path;
use std::{fs, io};

/// Numbers at which lengths and counts go wrong.
const EDGES: [u64; 12] = [
    0,
    1,
    0x7f,
    0xff,
    0x1000,
    0xffff,
    0x10_0000,
    0x10_1000,
    0x7fff_ffff,
    0xffff_ffff,
    0x100_0000_0000,
    u64::MAX,
];

/// A change of one input is followed by at most so many others.
const CHANGES_MAX: u64 = 6;

/// Makes inputs out of others.
pub struct Mutator {
    state: u64,
    corpus: Vec<Vec<u8>>,
    input: Vec<u8>,
    bytes_max: usize,
}

impl Mutator {
    pub fn new(seed: u64, bytes_max: usize) -> Self {
        // Not 0, of which nothing would ever come.
        Self { state: seed | 1 << 63, corpus: Vec::new(), input: Vec::new(), bytes_max }
    }

    /// Adds the files of a folder, in the order of their names; a folder that is not there has none.
    ///
    /// # Errors
    /// If one of them cannot be read.
    pub fn add_folder(&mut self, folder: &Path) -> io::Result<()> {
        let Ok(entries) = fs::read_dir(folder) else { return Ok(()) };
        let mut paths = entries.map(|entry| Ok(entry?.path())).collect::<io::Result<Vec<_>>>()?;
        paths.sort();
        for path in paths {
            self.corpus.push(fs::read(path)?);
        }
        Ok(())
    }

    /// What changes are made of.
    pub fn corpus(&self) -> &[Vec<u8>] {
        &self.corpus
    }

    /// Another input.
    pub fn next_input(&mut self) -> &[u8] {
        self.input.clear();
        if self.corpus.is_empty() || self.below(64) == 0 {
            let len = self.below(self.bytes_max as u64 + 1) as usize;
            self.append_random(len);
            return &self.input;
        }
        let chosen = self.below(self.corpus.len() as u64) as usize;
        self.input.extend_from_slice(&self.corpus[chosen]);
        for _ in 0..=self.below(CHANGES_MAX) {
            self.change();
        }
        self.input.truncate(self.bytes_max);
        &self.input
    }

    fn change(&mut self) {
        let len = self.input.len() as u64;
        let at = self.below(len.max(1)) as usize;
        match self.below(8) {
            _ if len == 0 => self.append_random(8),
            0 | 1 => self.input[at] ^= 1 << self.below(8),
            2 => self.input[at] = self.random() as u8,
            3 => self.put_edge(at),
            4 => {
                let end = at + self.below(len - at as u64 + 1) as usize;
                self.input.drain(at..end);
            }
            5 => {
                let bytes = self.random().to_le_bytes();
                let count = 1 + self.below(8) as usize;
                self.input.splice(at..at, bytes.into_iter().take(count));
            }
            6 => {
                let end = at + self.below((len - at as u64).min(64) + 1) as usize;
                let to = self.below(len) as usize;
                let part = self.input[at..end].to_vec();
                self.input.splice(to..to, part);
            }
            _ => self.splice_other(at),
        }
    }

    /// A number at the edge, or next to it, in two, four or eight bytes.
    fn put_edge(&mut self, at: usize) {
        let edge = EDGES[self.below(EDGES.len() as u64) as usize];
        let number = edge.wrapping_add(self.below(3)).wrapping_sub(1).to_le_bytes();
        let bytes = 2 << self.below(3);
        for (place, byte) in self.input[at..].iter_mut().zip(&number[..bytes]) {
            *place = *byte;
        }
    }

    /// Goes on as another input does from somewhere on.
    fn splice_other(&mut self, at: usize) {
        let other = self.below(self.corpus.len() as u64) as usize;
        let from = self.below(self.corpus[other].len() as u64 + 1) as usize;
        self.input.truncate(at);
        self.input.extend_from_slice(&self.corpus[other][from..]);
    }

    fn append_random(&mut self, len: usize) {
        for _ in 0..len {
            let byte = self.random() as u8;
            self.input.push(byte);
        }
    }

    fn below(&mut self, end: u64) -> u64 {
        // The upper half of a product: as good as a remainder, without a division.
        ((u128::from(self.random()) * u128::from(end)) >> 64) as u64
    }

    /// The generator splitmix64.
    fn random(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }
}
