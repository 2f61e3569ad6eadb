//! KVM's long list of exits becomes our short one here: two are expected, every other is a breach.

use crate::hypervisor::Exit;
use hl_abi::DOORBELL_PORT;
use kvm_ioctls::VcpuExit;

/// Pure, so that it is tested without KVM. `None`: the run was interrupted.
pub(super) fn classify(exit: &VcpuExit<'_>) -> Option<Exit> {
    Some(match exit {
        VcpuExit::IoOut(DOORBELL_PORT, [byte]) => Exit::Port(*byte),
        VcpuExit::Intr => return None,
        VcpuExit::IoOut(port, data) => Exit::Breach(format!("wrote {} bytes to port {port:#x}", data.len())),
        VcpuExit::IoIn(port, _) => Exit::Breach(format!("read port {port:#x}")),
        VcpuExit::MmioRead(address, _) => {
            Exit::Breach(format!("read unmapped guest-physical address {address:#x}"))
        }
        VcpuExit::MmioWrite(address, _) => Exit::Breach(format!("wrote guest-physical address {address:#x}")),
        VcpuExit::Hlt => Exit::Breach("halted".into()),
        VcpuExit::Shutdown => Exit::Breach("raised an exception that its CPU could not deliver".into()),
        other => Exit::Breach(format!("left its VM in an unexpected way: {other:?}")),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_byte_to_the_doorbell_is_the_only_port_access_that_is_not_a_breach() {
        assert_eq!(classify(&VcpuExit::IoOut(DOORBELL_PORT, &[7])), Some(Exit::Port(7)));
        for exit in [
            VcpuExit::IoOut(DOORBELL_PORT, &[1, 1]),
            VcpuExit::IoOut(DOORBELL_PORT, &[]),
            VcpuExit::IoOut(DOORBELL_PORT + 1, &[1]),
            VcpuExit::IoIn(DOORBELL_PORT, &mut [0]),
            VcpuExit::MmioWrite(0, &[0]),
            VcpuExit::Hlt,
            VcpuExit::Shutdown,
            VcpuExit::Debug(kvm_bindings::kvm_debug_exit_arch::default()),
        ] {
            assert!(matches!(classify(&exit), Some(Exit::Breach(_))), "{exit:?}");
        }
        assert_eq!(classify(&VcpuExit::Intr), None);
    }
}
