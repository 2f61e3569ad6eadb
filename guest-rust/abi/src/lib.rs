//! What both sides of the hardware wall know: the guest's address map, the mailbox, and its messages.
//!
//! Host and guest speak in strict turns. The host posts a message (its [`HostHeader::sequence`] goes up
//! by one), the guest answers it with exactly one message carrying the same sequence number, then it is
//! the host's turn again. Whoever waits watches the other's sequence word, so the same protocol serves
//! both transports: by VM exit (the guest executes `out` after it has posted) and by spinning.
#![no_std]
#![forbid(unsafe_code)]

pub mod layout;
pub mod mailbox;
pub mod message;

/// Raised with every change of layout or message; baked into each guest image and checked at boot.
pub const ABI_VERSION: u32 = 1;

/// The one port that ring 3 may write. One byte, whose value is an [`Operation`].
pub const DOORBELL_PORT: u16 = 0x10;

/// What the byte written to [`DOORBELL_PORT`] means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Operation {
    /// From ring 3: a message is posted, or there is nothing left to do until the host posts one.
    Doorbell = 1,
    /// From the ring-0 stub only: an exception's frame lies on the stub's stack.
    Exception = 2,
}

impl Operation {
    /// The operation that `byte` names, if it names one.
    pub const fn parse(byte: u8) -> Option<Self> {
        match byte {
            1 => Some(Self::Doorbell),
            2 => Some(Self::Exception),
            _ => None,
        }
    }
}

/// What the host reads in a guest image at its ELF entry point: a jump to the boot code in the first
/// eight bytes, then these words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(C)]
pub struct EntryTable {
    /// Machine code: a jump to the boot code.
    pub boot: [u8; 8],
    /// [`ENTRY_MAGIC`], with [`ABI_VERSION`] in the upper half.
    pub magic: u64,
    /// Ring-3 address at which an exception is delivered.
    pub trap_landing: u64,
    /// Ring-3 address at which a full reset enters, with every general register zero but RDI, which is 1
    /// where PKRU must be cleaned: cleans the registers that only ring 3 reaches cheaply, then serves.
    pub reset_entry: u64,
    /// The boot code's first `wrpkru`. Where it raises #UD the host skips it and knows that there is no PKRU.
    pub pkru_probe: u64,
}

/// Length of the `wrpkru` at [`EntryTable::pkru_probe`].
pub const WRPKRU_BYTES: u64 = 3;

/// "HLGU".
pub const ENTRY_MAGIC: u32 = u32::from_le_bytes(*b"HLGU");

const _: () = assert!(size_of::<EntryTable>() == 40, "the assembly in hl-guest lays out 40 bytes");
