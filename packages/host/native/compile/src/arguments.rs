//! Owns the command line.

use std::fmt;
use std::path::PathBuf;

/// Memory that a compilation may take where the caller says nothing: the largest JavaScript engines need a
/// quarter of it.
const MEMORY_BYTES: u64 = 4 << 30;
/// CPU time that it may take, over all its threads.
const TIME_MS: u64 = 120_000;

pub enum Command {
    Version,
    Compile(Arguments),
}

pub struct Arguments {
    pub out: PathBuf,
    pub memory_bytes: u64,
    pub time_ms: u64,
}

/// What is wrong with the command line, and how it should look.
pub struct Usage(String);

impl fmt::Display for Usage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "hl-compile: {}\nusage: hl-compile --out FILE [--memory-bytes N] [--time-ms N] < component.wasm\n       \
             hl-compile --version",
            self.0
        )
    }
}

impl Command {
    pub fn parse(mut arguments: impl Iterator<Item = String>) -> Result<Self, Usage> {
        let (mut out, mut memory_bytes, mut time_ms) = (None, MEMORY_BYTES, TIME_MS);
        while let Some(name) = arguments.next() {
            let mut value = || arguments.next().ok_or_else(|| Usage(format!("{name} needs a value")));
            match name.as_str() {
                "--version" => return Ok(Self::Version),
                "--out" => out = Some(PathBuf::from(value()?)),
                "--memory-bytes" => memory_bytes = number(&name, &value()?)?,
                "--time-ms" => time_ms = number(&name, &value()?)?,
                _ => return Err(Usage(format!("unknown argument {name}"))),
            }
        }
        let out = out.ok_or_else(|| Usage("--out is missing".into()))?;
        Ok(Self::Compile(Arguments { out, memory_bytes, time_ms }))
    }
}

fn number(name: &str, value: &str) -> Result<u64, Usage> {
    match value.parse() {
        Ok(number) if number > 0 => Ok(number),
        _ => Err(Usage(format!("{name} must be a positive whole number, got {value}"))),
    }
}
