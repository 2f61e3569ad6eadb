//! One KVM VM with its vCPU.

use super::kicker::Kicker;
use super::{System, exit, registers};
use crate::deadline::Running;
use crate::error::Error;
use crate::hypervisor::{Access, Exit, Partition, Slot, StartRegisters};
use crate::interrupt::Interrupt;
use kvm_bindings::{
    KVM_CAP_DISABLE_QUIRKS2, KVM_MEM_READONLY, KVM_X86_QUIRK_FIX_HYPERCALL_INSN, Msrs, kvm_enable_cap,
    kvm_msr_entry, kvm_sregs, kvm_userspace_memory_region, kvm_vcpu_events,
};
use kvm_ioctls::{SyncReg, VcpuFd, VmFd};

/// Register and bit of the indirect branch prediction barrier (Intel SDM volume 4, AMD APM volume 2, 3.2.9).
const IA32_PRED_CMD: u32 = 0x49;
const PRED_CMD_IBPB: u64 = 1;

/// Field order is drop order: the vCPU before its VM. Memory outlives both: see [`Partition::map`].
pub(crate) struct KvmPartition {
    kicker: Kicker,
    vcpu: VcpuFd,
    vm: VmFd,
    interrupt: Interrupt,
    slots: u32,
    free_slots: Vec<Slot>,
    clean: CleanState,
    tsc_hz: u64,
}

/// What a restart puts back besides the general registers.
struct CleanState {
    system: kvm_sregs,
    events: kvm_vcpu_events,
}

impl Partition for KvmPartition {
    fn create(interrupt: &Interrupt) -> Result<Self, Error> {
        let system = System::open()?;
        let vm = system.kvm.create_vm().map_err(|error| Error::system("KVM_CREATE_VM", error))?;
        forbid_patching(&vm);
        let mut vcpu = vm.create_vcpu(0).map_err(|error| Error::system("KVM_CREATE_VCPU", error))?;
        vcpu.set_cpuid2(&system.cpuid).map_err(|error| Error::system("KVM_SET_CPUID2", error))?;
        vcpu.set_sync_valid_reg(SyncReg::Register);
        if cfg!(feature = "watch") {
            vcpu.set_sync_valid_reg(SyncReg::SystemRegister);
        }
        let base = vcpu.get_sregs().map_err(|error| Error::system("KVM_GET_SREGS", error))?;
        let events = vcpu.get_vcpu_events().map_err(|error| Error::system("KVM_GET_VCPU_EVENTS", error))?;
        let tsc_khz = vcpu.get_tsc_khz().map_err(|error| Error::system("KVM_GET_TSC_KHZ", error))?;
        let mut partition = Self {
            kicker: Kicker::new(&vcpu)?,
            vcpu,
            vm,
            interrupt: interrupt.clone(),
            slots: 0,
            free_slots: Vec::new(),
            clean: CleanState { system: base, events },
            tsc_hz: u64::from(tsc_khz) * 1000,
        };
        // KVM makes a thread of its own at the first KVM_RUN. Where it cannot, that is to be known now.
        partition.finish_exit()?;
        Ok(partition)
    }

    unsafe fn map(&mut self, gpa: u64, host: *mut u8, len: usize, access: Access) -> Result<Slot, Error> {
        let slot = self.free_slots.pop().unwrap_or(Slot(self.slots));
        let region = kvm_userspace_memory_region {
            slot: slot.0,
            flags: match access {
                Access::ReadOnly => KVM_MEM_READONLY,
                Access::ReadWrite => 0,
            },
            guest_phys_addr: gpa,
            memory_size: len as u64,
            userspace_addr: host as u64,
        };
        // SAFETY: the caller keeps the memory mapped for as long as this VM lives.
        unsafe { self.vm.set_user_memory_region(region) }
            .map_err(|error| Error::system(&format!("a memory slot of {len} bytes at {gpa:#x}"), error))?;
        self.slots = self.slots.max(slot.0 + 1);
        Ok(slot)
    }

    fn unmap(&mut self, slot: Slot) -> Result<(), Error> {
        let nothing = kvm_userspace_memory_region { slot: slot.0, ..Default::default() };
        // SAFETY: a slot without memory refers to none.
        unsafe { self.vm.set_user_memory_region(nothing) }
            .map_err(|error| Error::system("giving up a memory slot", error))?;
        self.free_slots.push(slot);
        Ok(())
    }

    fn change_owner(&mut self, interrupt: &Interrupt) {
        self.interrupt = interrupt.clone();
        self.forget_branches();
    }

    fn start(&mut self, start: &StartRegisters) -> Result<(), Error> {
        self.clean.system = registers::system_registers(&self.clean.system, start);
        self.vcpu.set_sregs(&self.clean.system).map_err(|error| Error::system("KVM_SET_SREGS", error))?;
        self.vcpu
            .set_xcrs(&registers::extended_control())
            .map_err(|error| Error::system("KVM_SET_XCRS", error))?;
        self.vcpu
            .set_regs(&registers::general_registers(start.entry, start.argument))
            .map_err(|error| Error::system("KVM_SET_REGS", error))
    }

    fn run(&mut self, deadline: &Running) -> Result<Exit, Error> {
        self.kicker.arm(deadline)?;
        let exit = match self.vcpu.run() {
            Ok(raw) => exit::classify(&raw),
            Err(error) if error.errno() == libc::EINTR => None,
            Err(error) => return Err(Error::system("KVM_RUN", error)),
        };
        if cfg!(feature = "watch") && self.is_privileged_outside_stub() {
            let state = self.vcpu.sync_regs();
            let (instruction, code) = (state.regs.rip, state.sregs.cs.selector);
            return Ok(Exit::Breach(format!("guest code ran at CPL 0: {instruction:#x}, CS {code:#x}")));
        }
        if let Some(exit) = exit {
            return Ok(exit);
        }
        self.kicker.consume();
        Ok(if self.interrupt.is_fired() {
            Exit::Interrupted
        } else if let Some(expiry) = deadline.expired() {
            Exit::Expired(expiry)
        } else {
            Exit::Kicked
        })
    }

    fn instruction_pointer(&mut self) -> Result<u64, Error> {
        Ok(self.vcpu.sync_regs().regs.rip)
    }

    fn restart(&mut self, entry: u64, argument: u64) -> Result<(), Error> {
        self.finish_exit()?;
        let state = self.vcpu.sync_regs_mut();
        state.regs = registers::general_registers(entry, argument);
        state.sregs = self.clean.system;
        state.events = self.clean.events;
        for register in [SyncReg::Register, SyncReg::SystemRegister, SyncReg::VcpuEvents] {
            self.vcpu.set_sync_dirty_reg(register);
        }
        Ok(())
    }

    fn adapt() {
        registers::use_available_task();
    }

    fn tsc_hz(&self) -> u64 {
        self.tsc_hz
    }
}

impl KvmPartition {
    /// To the kernel this is still the same vCPU, so it raises no barrier between one guest and the next by itself.
    /// It carries out this write at once. Where it refuses, this CPU or kernel has no barrier to raise.
    fn forget_branches(&self) {
        let barrier = kvm_msr_entry { index: IA32_PRED_CMD, data: PRED_CMD_IBPB, ..Default::default() };
        if let Ok(barrier) = Msrs::from_entries(&[barrier]) {
            let _ = self.vcpu.set_msrs(&barrier);
        }
    }

    /// For tests, at each exit: whether anything but the stub runs in ring 0.
    fn is_privileged_outside_stub(&self) -> bool {
        let state = self.vcpu.sync_regs();
        let privileged = state.sregs.cs.selector & 3 != 3 || state.sregs.cs.dpl != 3;
        privileged && !crate::system::is_stub(state.regs.rip)
    }

    /// Lets KVM finish what the last exit left to do (an `out` is completed by the next KVM_RUN on some
    /// hardware), without running the guest.
    fn finish_exit(&mut self) -> Result<(), Error> {
        self.vcpu.set_kvm_immediate_exit(1);
        let outcome = self.vcpu.run().map(|exit| format!("{exit:?}"));
        self.vcpu.set_kvm_immediate_exit(0);
        match outcome {
            Err(error) if error.errno() == libc::EINTR => Ok(()),
            Err(error) => Err(Error::system("KVM_RUN with immediate_exit", error)),
            Ok(exit) => Err(Error::breach(format!("ran on when it should not: {exit}"))),
        }
    }
}

/// KVM may rewrite hypercall instructions in guest memory. Ours has none; older kernels cannot be told.
fn forbid_patching(vm: &VmFd) {
    let mut cap = kvm_enable_cap { cap: KVM_CAP_DISABLE_QUIRKS2, ..Default::default() };
    cap.args[0] = KVM_X86_QUIRK_FIX_HYPERCALL_INSN.into();
    // Refused by kernels before 5.19, where the quirk patches guest text that is read-only for the guest
    // anyway: nothing depends on it.
    let _ = vm.enable_cap(&cap);
}
