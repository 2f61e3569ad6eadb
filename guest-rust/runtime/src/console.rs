//! Owns text on its way out: gathered here, because sending it costs a VM exit.

use alloc::vec::Vec;

use crate::one_thread::OneThread;

/// Which of the two streams.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stream {
    Stdout,
    Stderr,
}

/// As much as is gathered before it is sent.
const BUFFER_BYTES: usize = 8 << 10;

struct Buffer {
    stream: Stream,
    bytes: Vec<u8>,
}

static BUFFER: OneThread<Buffer> = OneThread::new(Buffer { stream: Stream::Stdout, bytes: Vec::new() });

/// Appends text. The order between the two streams is kept.
pub fn write(stream: Stream, bytes: &[u8]) {
    let other =
        BUFFER.with(|buffer| buffer.stream != stream || buffer.bytes.len() + bytes.len() > BUFFER_BYTES);
    if other {
        flush();
    }
    if bytes.len() > BUFFER_BYTES {
        return send(stream, bytes);
    }
    BUFFER.with(|buffer| {
        buffer.stream = stream;
        buffer.bytes.extend_from_slice(bytes);
    });
}

/// Sends what is gathered: before a host call, and before a call's result, which need the same window.
pub fn flush() {
    BUFFER.with(|buffer| {
        if !buffer.bytes.is_empty() {
            send(buffer.stream, &buffer.bytes);
            buffer.bytes.clear();
        }
    });
}

fn send(stream: Stream, bytes: &[u8]) {
    let stream = match stream {
        Stream::Stdout => hl_abi::message::STDOUT,
        Stream::Stderr => hl_abi::message::STDERR,
    };
    hl_guest::output(stream, bytes);
}
