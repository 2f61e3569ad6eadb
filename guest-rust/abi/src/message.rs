//! The messages of both sides.
//!
//! Payloads: the host's first message tells `total_bytes`; while the guest has read fewer, it asks for
//! the next chunk with [`GuestMessage::More`] and the host answers [`HostMessage::Chunk`]. The guest
//! sends a payload that does not fit its window by [`GuestMessage::Flush`] (answered by
//! [`HostMessage::Continue`]) as often as it takes; the message that follows carries the rest.

macro_rules! kinds {
    ($(#[$meta:meta])* $name:ident { $($(#[$vmeta:meta])* $variant:ident = $value:literal,)* }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[repr(u32)]
        pub enum $name { $($(#[$vmeta])* $variant = $value,)* }

        impl $name {
            /// The kind that `value` names, if it names one.
            pub const fn parse(value: u32) -> Option<Self> {
                match value { $($value => Some(Self::$variant),)* _ => None }
            }
        }
    };
}

kinds! {
    /// Host to guest.
    HostMessage {
        /// First message of a VM's life. Payload: [`Boot`] as it lies in memory. Answer: `Ready` or `Failed`.
        Boot = 1,
        /// What to load. Payload: defined by the guest (the wasm runtime's: see `hl-runtime`).
        /// Answer: `Ready` or `Failed`, after any number of the guest's own requests.
        Load = 2,
        /// Call function `argument`. Payload: its parameters. Answer: `Returned` or `Failed`.
        Call = 3,
        /// Answers `HostCall`. `argument`: [`HostReplyStatus`]. Payload: the result, or why there is none.
        HostReply = 4,
        /// Answers `More`.
        Chunk = 5,
        /// Answers `Flush`, `Output` and `Commit`. `argument`: 0, or non-zero if it was refused.
        Continue = 6,
    }
}

kinds! {
    /// Guest to host.
    GuestMessage {
        /// Answers `Boot` and `Load`.
        Ready = 1,
        /// Answers `Call`. Payload: the result.
        Returned = 2,
        /// Answers `Boot`, `Load` or `Call`. `argument`: [`FailureKind`]; `detail`: [`TrapKind`] if it is a trap.
        /// Payload, in one window, whatever was flushed before: two strings (32-bit little-endian byte length,
        /// then UTF-8): message, stack.
        Failed = 3,
        /// Call host function `argument`. Payload: its parameters.
        HostCall = 4,
        /// The request window is read; there must be more.
        More = 5,
        /// The reply window is full; take it.
        Flush = 6,
        /// Text for stream `argument` (1 = stdout, 2 = stderr). Payload: the bytes.
        Output = 7,
        /// Make `address .. address + length` (both page-aligned, inside the arena) readable and writable.
        /// Refused where it would pass the memory limit.
        Commit = 8,
        /// The guest itself failed and cannot go on. `argument`: [`PanicKind`]. Payload: text.
        Panic = 9,
    }
}

kinds! {
    /// Why a guest cannot go on.
    PanicKind {
        /// Whatever it did not expect.
        Bug = 0,
        /// Its heap, whose size the host decides, is full.
        OutOfMemory = 1,
    }
}

kinds! {
    /// Why a call has no result.
    FailureKind {
        /// WebAssembly trapped; `detail` says how.
        Trap = 1,
        /// The request does not fit the function's type, or names no function.
        BadRequest = 2,
        /// The component cannot be loaded, linked or instantiated.
        Load = 3,
        /// A host function had no result (it threw, was refused, or answered out of type).
        HostFunction = 4,
        /// What the guest returned breaks the canonical ABI (not UTF-8, out of bounds, bad discriminant).
        BadResult = 5,
        /// The component asked to exit (`wasi:cli/exit`); `detail` is its status, 0 or 1.
        Exit = 6,
        /// The guest's heap, whose size the host decides, has no room for what the component wants, and nothing broke.
        OutOfMemory = 7,
    }
}

kinds! {
    /// The traps that users can tell apart.
    TrapKind {
        Unreachable = 1,
        OutOfBounds = 2,
        DivideByZero = 3,
        IntegerOverflow = 4,
        BadConversion = 5,
        IndirectCall = 6,
        StackOverflow = 7,
        /// Any other, named by the message.
        Other = 8,
    }
}

kinds! {
    /// How a host call ended.
    HostReplyStatus {
        Returned = 0,
        /// The host function threw; the guest's call ends with [`FailureKind::HostFunction`].
        Threw = 1,
    }
}

/// Streams of [`GuestMessage::Output`].
pub const STDOUT: u32 = 1;
pub const STDERR: u32 = 2;

/// Payload of [`HostMessage::Boot`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(C)]
pub struct Boot {
    pub abi_version: u32,
    _pad: u32,
    /// Bytes of heap from [`crate::layout::HEAP_GVA`].
    pub heap_bytes: u64,
    /// Bytes of code region from [`crate::layout::CODE_GVA`].
    pub code_bytes: u64,
}

impl Boot {
    pub const fn new(heap_bytes: u64, code_bytes: u64) -> Self {
        Self { abi_version: crate::ABI_VERSION, _pad: 0, heap_bytes, code_bytes }
    }
}

const _: () = assert!(size_of::<Boot>() == 24, "both sides copy it as bytes");
