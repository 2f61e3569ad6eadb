//! The mailbox's pages: two headers, a window for what the host says, a window for what the guest says.
//!
//! A payload longer than its window travels in chunks: see [`crate::message`].

use crate::layout::PAGE_BYTES;

/// Read-only for the guest.
pub const HOST_HEADER_OFFSET: usize = 0;
/// Writable by the guest: everything in it is a claim.
pub const GUEST_HEADER_OFFSET: usize = PAGE_BYTES;
/// A page more than 1 MiB: payloads of such a round size come with lengths and tags around them.
const WINDOW_BYTES: usize = (1 << 20) + PAGE_BYTES;
/// Host to guest: requests and replies of host functions. Read-only for the guest.
pub const REQUEST_OFFSET: usize = 0x1_0000;
pub const REQUEST_BYTES: usize = WINDOW_BYTES;
/// Guest to host: replies and arguments of host functions.
pub const REPLY_OFFSET: usize = REQUEST_OFFSET + REQUEST_BYTES;
pub const REPLY_BYTES: usize = WINDOW_BYTES;
pub const MAILBOX_BYTES: usize = REPLY_OFFSET + REPLY_BYTES;

/// What the host writes. The sequence word has a cache line of its own; it is stored last.
#[derive(Clone, Copy, Debug)]
#[repr(C, align(64))]
pub struct HostHeader {
    pub sequence: u32,
    /// How long the guest watches for the answer to something that it asked for before it leaves the VM, in ticks
    /// of the time-stamp counter. The host may change it while the guest watches: 0 calls it out at once.
    pub watch_ticks: u32,
    /// The same for the next message, once this one is answered.
    pub rest_ticks: u32,
    /// Not 0: when the guest has answered this message, it shall rest: touch no memory that it can write, and begin
    /// the next message on an empty stack.
    pub rests: u32,
    _line: [u32; 12],
    /// [`crate::message::HostMessage`].
    pub kind: u32,
    /// Meaning depends on `kind`.
    pub argument: u32,
    /// Bytes of payload in the request window now.
    pub chunk_bytes: u32,
    _pad: u32,
    /// Bytes of payload in all chunks of this message together.
    pub total_bytes: u64,
    /// Wall clock when the message was posted, nanoseconds since 1970.
    pub wall_ns: u64,
    /// Host's monotonic clock when the message was posted.
    pub monotonic_ns: u64,
    /// Ticks per second of the time-stamp counter as the guest reads it.
    pub tsc_hz: u64,
    _line2: [u64; 2],
    /// Fresh random bytes for each request from the base state.
    pub random: [u8; 32],
    /// The exception being delivered at the trap landing.
    pub exception: ExceptionRecord,
}

/// What the host found on the stub's stack, for the guest's own trap handler.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[repr(C)]
pub struct ExceptionRecord {
    pub vector: u64,
    pub error_code: u64,
    pub instruction: u64,
    pub stack: u64,
    /// CR2, meaningful for vector 14 only.
    pub address: u64,
}

/// What the guest writes. The sequence word is stored last.
#[derive(Clone, Copy, Debug)]
#[repr(C, align(64))]
pub struct GuestHeader {
    pub sequence: u32,
    _line: [u32; 15],
    /// [`crate::message::GuestMessage`].
    pub kind: u32,
    /// Meaning depends on `kind`.
    pub argument: u32,
    /// Meaning depends on `kind`.
    pub detail: u32,
    /// Bytes of payload in the reply window now.
    pub chunk_bytes: u32,
    /// `Commit`: first address.
    pub address: u64,
    /// `Commit`: length in bytes.
    pub length: u64,
}

const _: () = {
    use core::mem::offset_of;
    assert!(size_of::<HostHeader>() <= PAGE_BYTES && size_of::<GuestHeader>() <= PAGE_BYTES);
    assert!(offset_of!(HostHeader, sequence) == 0 && offset_of!(HostHeader, kind) == 64);
    assert!(offset_of!(HostHeader, rest_ticks) == 8);
    assert!(offset_of!(HostHeader, random) == 128 && offset_of!(HostHeader, exception) == 160);
    assert!(offset_of!(GuestHeader, sequence) == 0 && offset_of!(GuestHeader, kind) == 64);
    assert!(GUEST_HEADER_OFFSET + size_of::<GuestHeader>() <= REQUEST_OFFSET);
    assert!(REQUEST_OFFSET.is_multiple_of(PAGE_BYTES) && REPLY_OFFSET.is_multiple_of(PAGE_BYTES));
};
