//! Register values of a vCPU in ring 3.

use crate::hypervisor::StartRegisters;
use kvm_bindings::{kvm_dtable, kvm_regs, kvm_segment, kvm_sregs, kvm_xcrs};
use std::sync::atomic::{AtomicU8, Ordering};

// Control registers: Intel SDM volume 3, 2.5; EFER: 2.2.1.
/// PG | WP | NE | ET | MP | PE. WP, so that the stub cannot write read-only pages either; AM stays clear.
const CR0: u64 = 1 << 31 | 1 << 16 | 1 << 5 | 1 << 4 | 1 << 1 | 1;
/// PAE | OSFXSR | OSXMMEXCPT | OSXSAVE.
const CR4: u64 = 1 << 5 | 1 << 9 | 1 << 10 | 1 << 18;
/// LME | LMA | NXE. Not SCE: with it, `syscall` would enter ring 0.
const EFER: u64 = 1 << 8 | 1 << 10 | 1 << 11;
/// x87 | SSE | AVX.
const XCR0: u64 = 7;
/// The bit that is always set. No I/O privilege, interrupts off, no trace.
const RFLAGS: u64 = 2;

const BUSY_TSS: u8 = 11;
const AVAILABLE_TSS: u8 = 9;

/// Type of the task register. Hardware wants a busy TSS; a CPU emulated in software may honour the I/O
/// bitmap of an available one only, which shows when the first guest's doorbell raises #GP.
static TASK_TYPE: AtomicU8 = AtomicU8::new(BUSY_TSS);

/// Takes the other type from now on.
pub(super) fn use_available_task() {
    TASK_TYPE.store(AVAILABLE_TSS, Ordering::Relaxed);
}

/// `base` holds what the vCPU was created with (APIC base, CR8 and the like).
pub(super) fn system_registers(base: &kvm_sregs, start: &StartRegisters) -> kvm_sregs {
    let table = |location: crate::hypervisor::TableLocation| kvm_dtable {
        base: location.address,
        limit: location.limit,
        ..Default::default()
    };
    let data = user_segment(crate::system::USER_DATA_SELECTOR, 3, 0, 1);
    kvm_sregs {
        cs: user_segment(crate::system::USER_CODE_SELECTOR, 11, 1, 0),
        ds: data,
        es: data,
        fs: data,
        gs: data,
        ss: data,
        tr: kvm_segment {
            base: start.tss.address,
            limit: start.tss.limit.into(),
            selector: crate::system::TASK_SELECTOR,
            type_: TASK_TYPE.load(Ordering::Relaxed),
            present: 1,
            ..Default::default()
        },
        ldt: kvm_segment { unusable: 1, ..Default::default() },
        gdt: table(start.gdt),
        idt: table(start.idt),
        cr0: CR0,
        cr2: 0,
        cr3: start.page_table,
        cr4: CR4,
        efer: EFER,
        ..*base
    }
}

fn user_segment(selector: u16, type_: u8, long: u8, default_big: u8) -> kvm_segment {
    kvm_segment {
        base: 0,
        limit: u32::MAX,
        selector,
        type_,
        present: 1,
        dpl: 3,
        db: default_big,
        s: 1,
        l: long,
        g: 1,
        ..Default::default()
    }
}

pub(super) fn general_registers(entry: u64, argument: u64) -> kvm_regs {
    kvm_regs { rip: entry, rdi: argument, rflags: RFLAGS, ..Default::default() }
}

pub(super) fn extended_control() -> kvm_xcrs {
    let mut registers = kvm_xcrs { nr_xcrs: 1, ..Default::default() };
    registers.xcrs[0].value = XCR0;
    registers
}
