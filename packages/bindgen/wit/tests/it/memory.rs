//! What a component's bytes claim takes no memory: the largest allocation of this process is known.

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicUsize, Ordering};

use hl_wit::{describe_component, package_text};

/// Counts more than any honest test of this crate takes at once.
const MUCH: usize = 64 << 20;

static LARGEST: AtomicUsize = AtomicUsize::new(0);

struct Watched;

// SAFETY: the system's allocator does everything.
unsafe impl GlobalAlloc for Watched {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        LARGEST.fetch_max(layout.size(), Ordering::Relaxed);
        // SAFETY: as the caller promises.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, memory: *mut u8, layout: Layout) {
        // SAFETY: as above.
        unsafe { System.dealloc(memory, layout) }
    }

    unsafe fn realloc(&self, memory: *mut u8, layout: Layout, bytes: usize) -> *mut u8 {
        LARGEST.fetch_max(bytes, Ordering::Relaxed);
        // SAFETY: as above.
        unsafe { System.realloc(memory, layout, bytes) }
    }
}

#[global_allocator]
static ALLOCATOR: Watched = Watched;

/// 256 MiB, as LEB128.
const CLAIMED: [u8; 5] = [0x80, 0x80, 0x80, 0x80, 0x01];

#[test]
fn a_length_that_is_not_true_costs_nothing() {
    let section = [&b"\0asm\x0d\0\x01\0\x07"[..], &CLAIMED, b"."].concat();
    let module = [&b"\0asm\x01\0\0\0\x03\x02\x01\0\x0a\x07\x01"[..], &CLAIMED, b"."].concat();
    let function = [&b"\0asm\x0d\0\x01\0\x01"[..], &[module.len() as u8], &module].concat();
    for bytes in [section, function] {
        let component = describe_component(&bytes).unwrap_err().to_string();
        assert!(component.starts_with("not a valid component: "), "{component}");
        let package = package_text(&bytes).unwrap_err().to_string();
        assert!(package.starts_with("not a valid WIT package: "), "{package}");
    }
    let largest = LARGEST.load(Ordering::Relaxed);
    assert!(largest < MUCH, "{largest} bytes at once");
}
