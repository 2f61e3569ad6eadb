//! The few supervisor pages that a VM's CPU needs: GDT, IDT, TSS, and the stub that turns each exception
//! into an exit.
//!
//! Ring 3 cannot read them; nothing in them is writable but the stub's stack. The stub is one page of code
//! for all vectors: it reports, and when the host lets it go on it drops the stale translation of the
//! faulting address and returns to where its frame says.

use crate::hypervisor::TableLocation;
use crate::mapping::Mapping;
use hl_abi::layout::{PAGE_BYTES, SYSTEM_BYTES, SYSTEM_GVA};
use hl_abi::{DOORBELL_PORT, Operation};

/// 64-bit code of ring 0, for the IDT's gates.
const SYSTEM_CODE_SELECTOR: u16 = 0x10;
/// Linux' user selectors: some hypervisors insist on them.
pub(crate) const USER_DATA_SELECTOR: u16 = 0x2b;
pub(crate) const USER_CODE_SELECTOR: u16 = 0x33;
pub(crate) const TASK_SELECTOR: u16 = 0x40;

const GDT_OFFSET: usize = 0;
const IDT_OFFSET: usize = PAGE_BYTES;
const STUB_OFFSET: usize = 2 * PAGE_BYTES;
/// Between unmapped pages.
const STACK_OFFSET: usize = 4 * PAGE_BYTES;
const TSS_OFFSET: usize = 6 * PAGE_BYTES;

const GDT_ENTRIES: usize = 8;
const VECTORS: usize = 32;
/// Vectors for which the CPU pushes an error code (Intel SDM volume 3, table 6-1).
const WITH_ERROR_CODE: [usize; 8] = [8, 10, 11, 12, 13, 14, 17, 21];
const STUB_ENTRY_BYTES: usize = 16;
const STUB_COMMON_OFFSET: usize = STUB_OFFSET + VECTORS * STUB_ENTRY_BYTES;

/// 64-bit TSS, the I/O bitmap behind it, and the byte of ones that must follow (SDM volume 1, 19.5.2).
const TSS_BYTES: usize = 0x68;
const IO_BITMAP_BYTES: usize = 65536 / 8;
const TSS_LIMIT: usize = TSS_BYTES + IO_BITMAP_BYTES;
const TSS_IST1: usize = 0x24;
const TSS_IO_BITMAP_BASE: usize = 0x66;

const _: () =
    assert!(TSS_OFFSET + TSS_LIMIT < SYSTEM_BYTES && STUB_COMMON_OFFSET + 64 <= STUB_OFFSET + PAGE_BYTES);

/// A supervisor page to be mapped.
pub(crate) struct SystemPage {
    pub(crate) offset: usize,
    pub(crate) writable: bool,
    pub(crate) executable: bool,
}

/// Every page to map, at the same offset from [`SYSTEM_GVA`].
pub(crate) fn pages() -> impl Iterator<Item = SystemPage> {
    let tss_pages = (TSS_LIMIT + 1).div_ceil(PAGE_BYTES);
    let data = |offset| SystemPage { offset, writable: false, executable: false };
    [
        data(GDT_OFFSET),
        data(IDT_OFFSET),
        SystemPage { offset: STUB_OFFSET, writable: false, executable: true },
        SystemPage { offset: STACK_OFFSET, writable: true, executable: false },
    ]
    .into_iter()
    .chain((0..tss_pages).map(move |page| data(TSS_OFFSET + page * PAGE_BYTES)))
}

pub(crate) fn gdt() -> TableLocation {
    TableLocation { address: SYSTEM_GVA + GDT_OFFSET as u64, limit: (GDT_ENTRIES * 8 - 1) as u16 }
}

pub(crate) fn idt() -> TableLocation {
    TableLocation { address: SYSTEM_GVA + IDT_OFFSET as u64, limit: (VECTORS * 16 - 1) as u16 }
}

pub(crate) fn tss() -> TableLocation {
    TableLocation { address: SYSTEM_GVA + TSS_OFFSET as u64, limit: TSS_LIMIT as u16 }
}

/// True for an address inside the stub, where nothing but ring 0 can be.
pub(crate) fn is_stub(instruction: u64) -> bool {
    let start = SYSTEM_GVA + STUB_OFFSET as u64;
    (start..start + PAGE_BYTES as u64).contains(&instruction)
}

/// Offset of a word that the stub or the CPU pushed: the `index`-th from the stack's top.
pub(crate) const fn pushed(index: usize) -> usize {
    STACK_OFFSET + PAGE_BYTES - 8 * index
}

/// Writes all of it into `memory`, which starts with the system pages.
pub(crate) fn write(memory: &Mapping) {
    write_gdt(memory);
    write_stub(memory);
    write_idt(memory);
    write_tss(memory);
}

/// No 32-bit code segment, nothing of ring 0 but the gates' code; the accessed bits are set, so that the
/// CPU has no reason to write here. The CPU reads the task register's descriptor from its own cache.
fn write_gdt(memory: &Mapping) {
    let entry = |selector: u16| GDT_OFFSET + usize::from(selector & !7);
    memory.write_u64(entry(SYSTEM_CODE_SELECTOR), 0x00af_9b00_0000_ffff);
    memory.write_u64(entry(USER_DATA_SELECTOR), 0x00cf_f300_0000_ffff);
    memory.write_u64(entry(USER_CODE_SELECTOR), 0x00af_fb00_0000_ffff);
}

fn write_idt(memory: &Mapping) {
    for vector in 0..VECTORS {
        let handler = SYSTEM_GVA + (STUB_OFFSET + vector * STUB_ENTRY_BYTES) as u64;
        let (low, middle, high) = (handler & 0xffff, handler >> 16 & 0xffff, handler >> 32);
        // Present interrupt gate of DPL 0 (`int n` from ring 3 is #GP), on interrupt stack 1.
        let gate = low | u64::from(SYSTEM_CODE_SELECTOR) << 16 | 1 << 32 | 0x8e << 40 | middle << 48;
        memory.write_u64(IDT_OFFSET + vector * 16, gate);
        memory.write_u64(IDT_OFFSET + vector * 16 + 8, high);
    }
}

fn write_stub(memory: &Mapping) {
    for vector in 0..VECTORS {
        let at = STUB_OFFSET + vector * STUB_ENTRY_BYTES;
        let mut code = Vec::with_capacity(STUB_ENTRY_BYTES);
        if !WITH_ERROR_CODE.contains(&vector) {
            code.extend([0x6a, 0]); // push 0
        }
        code.extend([0x6a, vector as u8, 0xe9]); // push vector; jmp common
        let next = at + code.len() + 4;
        code.extend(((STUB_COMMON_OFFSET - next) as u32).to_le_bytes());
        memory.write(at, &code);
    }
    memory.write(
        STUB_COMMON_OFFSET,
        &[
            0x50, // push rax
            0x0f,
            0x20,
            0xd0, // mov rax, cr2
            0x50, // push rax
            0xb0,
            Operation::Exception as u8, // mov al, operation
            0xe6,
            DOORBELL_PORT as u8, // out port, al
            0x58,                // pop rax
            0x0f,
            0x01,
            0x38, // invlpg [rax]
            0x58, // pop rax
            0x48,
            0x83,
            0xc4,
            0x10, // add rsp, 16
            0x48,
            0xcf, // iretq
        ],
    );
}

fn write_tss(memory: &Mapping) {
    let stack_top = SYSTEM_GVA + (STACK_OFFSET + PAGE_BYTES) as u64;
    memory.write(TSS_OFFSET + TSS_IST1, &stack_top.to_le_bytes());
    memory.write(TSS_OFFSET + TSS_IO_BITMAP_BASE, &(TSS_BYTES as u16).to_le_bytes());
    let mut bitmap = vec![0xff; IO_BITMAP_BYTES + 1];
    bitmap[usize::from(DOORBELL_PORT / 8)] &= !(1 << (DOORBELL_PORT % 8));
    memory.write(TSS_OFFSET + TSS_BYTES, &bitmap);
}
