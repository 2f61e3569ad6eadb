//! Linux' KVM behind [`crate::hypervisor::Partition`].

mod exit;
mod kicker;
mod partition;
mod registers;

pub(crate) use partition::KvmPartition;

use crate::error::{Unavailable, UnavailableReason};
use kvm_bindings::{CpuId, KVM_API_VERSION, KVM_MAX_CPUID_ENTRIES};
use kvm_ioctls::{Cap, Kvm};
use std::sync::{Mutex, PoisonError};

/// The process's one `/dev/kvm`, and what was asked of it once.
#[derive(Clone)]
pub(super) struct System(std::sync::Arc<Opened>);

pub(super) struct Opened {
    kvm: Kvm,
    cpuid: CpuId,
}

impl std::ops::Deref for System {
    type Target = Opened;
    fn deref(&self) -> &Opened {
        &self.0
    }
}

/// Kept while it works; a failure is not, so that a permission given later is noticed.
static SYSTEM: Mutex<Option<System>> = Mutex::new(None);

/// What KVM must be able to do.
const REQUIRED: [(Cap, &str); 4] = [
    (Cap::UserMemory, "KVM_CAP_USER_MEMORY"),
    (Cap::ReadonlyMem, "KVM_CAP_READONLY_MEM"),
    (Cap::ImmediateExit, "KVM_CAP_IMMEDIATE_EXIT"),
    (Cap::SyncRegs, "KVM_CAP_SYNC_REGS"),
];

/// First leaf of the range in which hypervisors describe themselves.
const HYPERVISOR_LEAVES: std::ops::Range<u32> = 0x4000_0000..0x4000_0100;

/// Looks whether micro-VMs can run here.
///
/// # Errors
/// [`Unavailable`] with the reason.
pub fn probe() -> Result<(), Unavailable> {
    System::open().map(|_| ())
}

impl System {
    pub(super) fn open() -> Result<Self, Unavailable> {
        let mut slot = SYSTEM.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(system) = &*slot {
            return Ok(system.clone());
        }
        let system = Self(std::sync::Arc::new(Opened::open()?));
        *slot = Some(system.clone());
        Ok(system)
    }
}

impl Opened {
    fn open() -> Result<Self, Unavailable> {
        let kvm = Kvm::new().map_err(|error| {
            let reason = match error.errno() {
                libc::ENOENT | libc::ENODEV | libc::ENXIO => UnavailableReason::Missing,
                libc::EACCES | libc::EPERM => UnavailableReason::Permission,
                _ => UnavailableReason::Other,
            };
            Unavailable { reason, message: format!("opening /dev/kvm: {error}") }
        })?;
        if kvm.get_api_version() != KVM_API_VERSION as i32 {
            let message = "/dev/kvm is something else than KVM".into();
            return Err(Unavailable { reason: UnavailableReason::Missing, message });
        }
        let unsupported = |message: String| Unavailable { reason: UnavailableReason::Unsupported, message };
        for (cap, name) in REQUIRED {
            if !kvm.check_extension(cap) {
                return Err(unsupported(format!("this kernel's KVM lacks {name}")));
            }
        }
        let mut cpuid = kvm
            .get_supported_cpuid(KVM_MAX_CPUID_ENTRIES)
            .map_err(|error| unsupported(format!("KVM_GET_SUPPORTED_CPUID: {error}")))?;
        // Nothing in a guest talks to the hypervisor, so the guest is not told of one.
        cpuid.retain(|entry| !HYPERVISOR_LEAVES.contains(&entry.function));
        Ok(Self { kvm, cpuid })
    }
}
