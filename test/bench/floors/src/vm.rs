//! The smallest VM in which ring 3 may do one thing: write the one open port.

use crate::guest::{CODE, MEMORY_BYTES, Memory, PAGE_TABLE, SHARED, TASK, TASK_LIMIT};
use crate::{Failure, named};
use kvm_bindings::{kvm_regs, kvm_segment, kvm_sregs, kvm_userspace_memory_region};
use kvm_ioctls::{Kvm, VcpuExit, VcpuFd, VmFd};

// Control registers (Intel SDM volume 3, 2.5 and 2.2.1).
/// PG | WP | NE | ET | MP | PE.
const CR0: u64 = 1 << 31 | 1 << 16 | 1 << 5 | 1 << 4 | 1 << 1 | 1;
/// PAE | OSFXSR | OSXMMEXCPT.
const CR4: u64 = 1 << 5 | 1 << 9 | 1 << 10;
/// LME | LMA | NXE, and no SCE.
const EFER: u64 = 1 << 8 | 1 << 10 | 1 << 11;
/// The bit that is always set: no I/O privilege, so that the task segment's bitmap decides.
const RFLAGS: u64 = 2;

const USER_CODE: u16 = 0x33;
const USER_DATA: u16 = 0x2b;

/// Field order is drop order: the vCPU before its VM, both before the memory that they borrow.
pub struct Vm<'memory> {
    vcpu: VcpuFd,
    _vm: VmFd,
    _memory: &'memory Memory,
}

impl<'memory> Vm<'memory> {
    pub fn create(system: &Kvm, memory: &'memory Memory) -> Result<Self, Failure> {
        let vm = system.create_vm().map_err(named("KVM_CREATE_VM"))?;
        let vcpu = vm.create_vcpu(0).map_err(named("KVM_CREATE_VCPU"))?;
        let region = kvm_userspace_memory_region {
            memory_size: MEMORY_BYTES as u64,
            userspace_addr: memory.address(),
            ..Default::default()
        };
        // SAFETY: the region covers exactly the memory, which the new VM borrows for as long as it lives.
        unsafe { vm.set_user_memory_region(region) }.map_err(named("KVM_SET_USER_MEMORY_REGION"))?;
        let base = vcpu.get_sregs().map_err(named("KVM_GET_SREGS"))?;
        vcpu.set_sregs(&user_mode(&base)).map_err(named("KVM_SET_SREGS"))?;
        let start = kvm_regs { rip: CODE as u64, rbx: SHARED as u64, rflags: RFLAGS, ..Default::default() };
        vcpu.set_regs(&start).map_err(named("KVM_SET_REGS"))?;
        Ok(Self { vcpu, _vm: vm, _memory: memory })
    }

    /// Runs until the guest writes the port.
    pub fn run(&mut self) -> Result<(), Failure> {
        match self.vcpu.run().map_err(named("KVM_RUN"))? {
            VcpuExit::IoOut(..) => Ok(()),
            other => Err(format!("the guest left by {other:?}, not by its port").into()),
        }
    }
}

fn user_mode(base: &kvm_sregs) -> kvm_sregs {
    let data = user_segment(USER_DATA, 3, 0);
    kvm_sregs {
        cs: user_segment(USER_CODE, 11, 1),
        ds: data,
        es: data,
        fs: data,
        gs: data,
        ss: data,
        tr: kvm_segment {
            base: TASK as u64,
            limit: TASK_LIMIT as u32,
            selector: 0x18,
            type_: 11,
            present: 1,
            ..Default::default()
        },
        cr0: CR0,
        cr3: PAGE_TABLE as u64,
        cr4: CR4,
        efer: EFER,
        ..*base
    }
}

fn user_segment(selector: u16, type_: u8, long: u8) -> kvm_segment {
    kvm_segment {
        limit: u32::MAX,
        selector,
        type_,
        present: 1,
        dpl: 3,
        db: 1 - long,
        s: 1,
        l: long,
        g: 1,
        ..Default::default()
    }
}
