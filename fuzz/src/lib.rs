//! What is fuzzed: one function for each target, which panics where a promise is broken.
//!
//! libFuzzer calls them for hours (`npm run fuzz`), the tests of this crate for seconds, with the same seeds.

mod bytes;
mod hostile;
mod mutation;
pub mod smith;

pub use hostile::hostile;
pub use mutation::Mutator;

use hl_vmm::fuzzing::{Files, Listener};
use std::cell::RefCell;
use std::path::{Path, PathBuf};

const ECHO: &[u8] = include_bytes!(concat!(env!("HL_GUEST_DIR"), "/hl-echo"));

/// What can be fuzzed, by name.
pub struct Target {
    pub name: &'static str,
    pub run: fn(&[u8]),
    /// Longer inputs find nothing that shorter ones do not.
    pub input_bytes_max: usize,
    pub needs_hypervisor: bool,
}

pub const TARGETS: [Target; 5] = [
    Target { name: "mailbox", run: mailbox, input_bytes_max: 512, needs_hypervisor: false },
    Target { name: "snapshot", run: snapshot, input_bytes_max: 512, needs_hypervisor: false },
    Target { name: "component", run: component, input_bytes_max: 2048, needs_hypervisor: false },
    Target { name: "hostile", run: hostile, input_bytes_max: 512, needs_hypervisor: true },
    Target { name: "smith", run: smith::smith, input_bytes_max: 8192, needs_hypervisor: true },
];

impl Target {
    pub fn named(name: &str) -> Option<&'static Self> {
        TARGETS.iter().find(|target| target.name == name)
    }

    /// Inputs that reach what matters, and all that ever found a fault.
    pub fn seeds(&self) -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("seeds").join(self.name)
    }
}

/// Headers and chunks as a guest writes them into its mailbox.
pub fn mailbox(input: &[u8]) {
    thread_local!(static LISTENER: RefCell<Listener> = RefCell::new(Listener::new().expect("a mailbox")));
    LISTENER.with_borrow_mut(|listener| listener.hear(input));
}

/// A snapshot's file.
pub fn snapshot(input: &[u8]) {
    thread_local!(static FILES: RefCell<Files> = RefCell::new(Files::new(ECHO).expect("a program")));
    FILES.with_borrow_mut(|files| files.read(input));
}

/// A component's bytes, from which what everybody else believes of it is taken.
pub fn component(input: &[u8]) {
    if let Ok(world) = hl_wit::describe_component(input) {
        let types = world.descriptor.types.len();
        let functions = world.descriptor.imports.iter().chain(&world.descriptor.exports);
        for interface in functions {
            assert!(interface.types.iter().all(|ty| (*ty as usize) < types), "a type that is in no table");
        }
    }
}
