//! What this crate needs of a hypervisor. Each one is a folder that implements [`Partition`].

use crate::deadline::{Expiry, Running};
use crate::error::Error;
use crate::interrupt::Interrupt;

/// One VM with one vCPU, used by the one thread that made it.
pub(crate) trait Partition: Sized {
    /// A VM without memory. Its vCPU will watch `interrupt`.
    fn create(interrupt: &Interrupt) -> Result<Self, Error>;

    /// Puts `len` bytes of host memory at guest-physical `gpa`.
    ///
    /// # Safety
    /// `host .. host + len` must stay mapped until this partition is dropped, or the slot is given up.
    unsafe fn map(&mut self, gpa: u64, host: *mut u8, len: usize, access: Access) -> Result<Slot, Error>;

    /// Takes the slot's memory away from the guest. The hypervisor forgets every translation that it has made, so
    /// page tables may be written anew before the next run (KVM's way, unless `KVM_X86_QUIRK_SLOT_ZAP_ALL` is
    /// disabled, which it must not be). The next [`Partition::map`] uses the slot again.
    fn unmap(&mut self, slot: Slot) -> Result<(), Error>;

    /// From now on the vCPU is somebody else's, who interrupts it by `interrupt`: where the CPU can forget what it
    /// learned of branches, it does.
    fn change_owner(&mut self, interrupt: &Interrupt);

    /// Sets every register for the first run: ring 3, at `entry`.
    fn start(&mut self, registers: &StartRegisters) -> Result<(), Error>;

    /// Runs until the guest leaves, or `deadline` passes, or the interrupt fires.
    fn run(&mut self, deadline: &Running) -> Result<Exit, Error>;

    /// Guest's instruction pointer at the last exit.
    fn instruction_pointer(&mut self) -> Result<u64, Error>;

    /// Puts back every register that the host can reach, general and segment registers and pending events,
    /// so that the next run enters at `entry` in ring 3 with RDI = `argument` and all others zero.
    /// Ends anything that the last exit left half done.
    fn restart(&mut self, entry: u64, argument: u64) -> Result<(), Error>;

    /// Called when a guest's very first doorbell was refused by its CPU: partitions made from now on are made
    /// in the other way, if there is one.
    fn adapt();

    /// Time-stamp counter's frequency as the guest sees it.
    fn tsc_hz(&self) -> u64;
}

/// The number of a stretch of guest-physical memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Slot(pub(crate) u32);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Access {
    ReadOnly,
    ReadWrite,
}

/// Where the tables lie that the CPU itself reads, and where to begin.
#[derive(Clone, Copy, Debug)]
pub(crate) struct StartRegisters {
    pub(crate) entry: u64,
    /// RDI.
    pub(crate) argument: u64,
    /// Guest-physical address of the top page table.
    pub(crate) page_table: u64,
    pub(crate) gdt: TableLocation,
    pub(crate) idt: TableLocation,
    pub(crate) tss: TableLocation,
}

/// Guest-virtual address and limit (length - 1) of a table.
#[derive(Clone, Copy, Debug)]
pub(crate) struct TableLocation {
    pub(crate) address: u64,
    pub(crate) limit: u16,
}

/// Why the guest is not running any more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
    /// It wrote this byte to the doorbell port.
    Port(u8),
    Expired(Expiry),
    Interrupted,
    /// The kick signal ended the run, and neither of these is why.
    Kicked,
    /// It did something that no guest of ours does; the VM must not run again.
    Breach(String),
}
