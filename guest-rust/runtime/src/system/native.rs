//! A machine for tests: the same functions as the guest library's, with the test as the host.

use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Instant, SystemTime};

use hl_abi::message::{FailureKind, TrapKind};

type HostFunction = Box<dyn FnMut(u32, Vec<u8>) -> Result<Vec<u8>, String> + Send>;

/// The test's side: what it was told, and what it answers.
#[derive(Default)]
struct Host {
    code: &'static [u8],
    function: Option<HostFunction>,
    output: Vec<(u32, Vec<u8>)>,
}

static HOST: Mutex<Host> = Mutex::new(Host { code: &[], function: None, output: Vec::new() });
static ALONE: Mutex<()> = Mutex::new(());

fn host() -> MutexGuard<'static, Host> {
    HOST.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Makes this thread the only one that uses the runtime, with `code` in the code region.
pub fn machine(code: Vec<u8>) -> MutexGuard<'static, ()> {
    let alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    *host() = Host { code: code.leak(), ..Host::default() };
    alone
}

/// Sets who answers host calls.
pub fn serve(function: impl FnMut(u32, Vec<u8>) -> Result<Vec<u8>, String> + Send + 'static) {
    host().function = Some(Box::new(function));
}

/// Everything that was printed, in order.
pub fn printed() -> Vec<(u32, Vec<u8>)> {
    host().output.clone()
}

pub fn code() -> &'static [u8] {
    host().code
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Short;

#[derive(Clone, Debug)]
pub struct HostFailure {
    pub message: String,
}

#[derive(Clone, Debug)]
pub struct Failure {
    pub kind: FailureKind,
    pub trap: Option<TrapKind>,
    pub message: String,
    pub stack: String,
    pub status: u32,
}

impl Failure {
    pub fn new(kind: FailureKind, message: impl Into<String>) -> Self {
        Self { kind, trap: None, message: message.into(), stack: String::new(), status: 0 }
    }

    pub fn bad_request(message: impl Into<String>) -> Self {
        Self::new(FailureKind::BadRequest, message)
    }
}

/// Reads in pieces, like the mailbox's window.
pub struct Reader {
    bytes: Vec<u8>,
    at: usize,
    window_bytes: usize,
}

impl Reader {
    pub fn new(bytes: Vec<u8>, window_bytes: usize) -> Self {
        Self { bytes, at: 0, window_bytes }
    }

    pub fn remaining(&self) -> u64 {
        (self.bytes.len() - self.at) as u64
    }

    pub fn chunk(&mut self, bytes_max: usize) -> Result<&[u8], Short> {
        let left_in_window = self.window_bytes - self.at % self.window_bytes;
        let len = bytes_max.min(left_in_window).min(self.bytes.len() - self.at);
        if len == 0 && bytes_max > 0 {
            return Err(Short);
        }
        self.at += len;
        Ok(&self.bytes[self.at - len..self.at])
    }

    pub fn bytes(&mut self, len: usize) -> Result<Vec<u8>, Short> {
        let mut bytes = Vec::new();
        while bytes.len() < len {
            bytes.extend_from_slice(self.chunk(len - bytes.len())?);
        }
        Ok(bytes)
    }

    pub fn u8(&mut self) -> Result<u8, Short> {
        Ok(self.bytes(1)?[0])
    }

    pub fn u32(&mut self) -> Result<u32, Short> {
        Ok(u32::from_le_bytes(self.bytes(4)?.try_into().map_err(|_| Short)?))
    }

    pub fn string(&mut self, bytes_max: usize) -> Result<String, Short> {
        let len = self.u32()? as usize;
        if len > bytes_max {
            return Err(Short);
        }
        String::from_utf8(self.bytes(len)?).map_err(|_| Short)
    }
}

#[derive(Default)]
pub struct Writer {
    pub bytes: Vec<u8>,
}

impl Writer {
    pub fn write(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
    }
}

pub fn host_call<E: From<HostFailure>>(
    import: u32,
    write: impl FnOnce(&mut Writer) -> Result<(), E>,
) -> Result<Reader, E> {
    let mut arguments = Writer::default();
    write(&mut arguments)?;
    let mut host = host();
    let function = host.function.as_mut().expect("the test serves host calls");
    match function(import, arguments.bytes) {
        Ok(reply) => Ok(Reader::new(reply, 4096)),
        Err(message) => Err(HostFailure { message }.into()),
    }
}

pub fn output(stream: u32, bytes: &[u8]) {
    host().output.push((stream, bytes.to_vec()));
}

#[derive(Clone, Copy, Debug)]
pub struct Clocks {
    pub wall_ns: u64,
    pub monotonic_ns: u64,
}

pub fn clocks() -> Clocks {
    static START: std::sync::OnceLock<Instant> = std::sync::OnceLock::new();
    let wall = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).expect("the clock is past 1970");
    Clocks {
        wall_ns: wall.as_nanos() as u64,
        monotonic_ns: START.get_or_init(Instant::now).elapsed().as_nanos() as u64,
    }
}

/// Different with every request, which is all that tests look at.
pub fn random(into: &mut [u8]) {
    static NEXT: std::sync::atomic::AtomicU8 = std::sync::atomic::AtomicU8::new(1);
    into.fill_with(|| NEXT.fetch_add(1, std::sync::atomic::Ordering::Relaxed));
}
