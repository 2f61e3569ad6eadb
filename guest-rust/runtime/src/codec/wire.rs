//! Owns the two ends of the wire: where values are read from and written to.

use alloc::vec::Vec;
use core::fmt;

use hl_guest::{Reader, Short, Writer};

/// Bytes that are not a value of the type they should be of. Whoever knows where they came from says whose
/// fault that is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Malformed(pub &'static str);

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl core::error::Error for Malformed {}

const SHORT: Malformed = Malformed("the bytes end too early");

impl From<Short> for Malformed {
    fn from(_: Short) -> Self {
        SHORT
    }
}

/// Where values in wire form come from.
pub trait Source {
    /// Between 1 and `bytes_max` bytes (0 if that is 0), which are then consumed.
    fn chunk(&mut self, bytes_max: usize) -> Result<&[u8], Malformed>;

    /// Bytes that are left.
    fn remaining(&self) -> u64;

    /// The next `N` bytes.
    fn array<const N: usize>(&mut self) -> Result<[u8; N], Malformed> {
        let mut bytes = [0; N];
        let mut filled = 0;
        while filled < N {
            let chunk = self.chunk(N - filled)?;
            bytes[filled..filled + chunk.len()].copy_from_slice(chunk);
            filled += chunk.len();
        }
        Ok(bytes)
    }

    /// The next `bytes` bytes, at most eight, as a number.
    fn number(&mut self, bytes: usize) -> Result<u64, Malformed> {
        Ok(match bytes {
            1 => u64::from(u8::from_le_bytes(self.array()?)),
            2 => u64::from(u16::from_le_bytes(self.array()?)),
            4 => u64::from(u32::from_le_bytes(self.array()?)),
            8 => u64::from_le_bytes(self.array()?),
            _ => unreachable!("scalars and discriminants have 1, 2, 4 or 8 bytes"),
        })
    }

    /// A count of things that take at least one byte each, so no more than there are bytes left.
    fn count(&mut self) -> Result<usize, Malformed> {
        let count = u32::from_le_bytes(self.array()?);
        if u64::from(count) > self.remaining() { Err(SHORT) } else { Ok(count as usize) }
    }
}

impl Source for Reader {
    fn chunk(&mut self, bytes_max: usize) -> Result<&[u8], Malformed> {
        Ok(Reader::chunk(self, bytes_max)?)
    }

    fn remaining(&self) -> u64 {
        Reader::remaining(self)
    }
}

impl Source for &[u8] {
    fn chunk(&mut self, bytes_max: usize) -> Result<&[u8], Malformed> {
        if self.is_empty() && bytes_max > 0 {
            return Err(SHORT);
        }
        let (chunk, rest) = self.split_at(bytes_max.min(self.len()));
        *self = rest;
        Ok(chunk)
    }

    fn remaining(&self) -> u64 {
        self.len() as u64
    }
}

/// Where values in wire form go.
pub trait Sink {
    fn write(&mut self, bytes: &[u8]) -> Result<(), Malformed>;
}

impl Sink for Writer {
    fn write(&mut self, bytes: &[u8]) -> Result<(), Malformed> {
        Writer::write(self, bytes);
        Ok(())
    }
}

/// Most that one call of an import may carry: its arguments are copied to this program's heap on their way
/// out, and a component must not use that up.
pub const ARGUMENT_BYTES_MAX: usize = 16 << 20;

const ARGUMENTS_TOO_LARGE: Malformed = Malformed("the arguments are larger than 16 MiB, or than the heap");

impl Sink for Vec<u8> {
    fn write(&mut self, bytes: &[u8]) -> Result<(), Malformed> {
        if bytes.len() > ARGUMENT_BYTES_MAX - self.len() {
            return Err(ARGUMENTS_TOO_LARGE);
        }
        self.try_reserve(bytes.len()).map_err(|_| ARGUMENTS_TOO_LARGE)?;
        self.extend_from_slice(bytes);
        Ok(())
    }
}
