//! The guest's heap: one region, given at boot.

use crate::cell::GuestCell;
use core::alloc::{GlobalAlloc, Layout};
use core::ptr::NonNull;
use hl_abi::layout::{HEAP_BYTES_MAX, HEAP_GVA};
use talc::{ErrOnOom, Span, Talc};

struct Heap(GuestCell<Talc<ErrOnOom>>);

#[global_allocator]
static HEAP: Heap = Heap(GuestCell::new(Talc::new(ErrOnOom)));

/// Whether the latest allocation failed.
static IS_EXHAUSTED: GuestCell<bool> = GuestCell::new(false);

/// True where a panic is about the heap's end: no allocation succeeded after one had failed.
pub(crate) fn is_exhausted() -> bool {
    IS_EXHAUSTED.with(|is_exhausted| *is_exhausted)
}

/// Takes `len` bytes at [`HEAP_GVA`] as the heap. Nothing can be allocated before.
pub(crate) fn claim(len: usize) {
    assert!(len <= HEAP_BYTES_MAX, "a heap of {len} bytes is too long");
    let span = Span::from_base_size(HEAP_GVA as *mut u8, len);
    // SAFETY: the host maps these pages for the heap alone, and boot claims them once.
    HEAP.0.with(|heap| unsafe { heap.claim(span) }).expect("a heap that is large enough");
}

// SAFETY: Talc's contract is GlobalAlloc's, with the exclusive access that one thread gives.
unsafe impl GlobalAlloc for Heap {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller's promise: the layout is not empty.
        let place = self.0.with(|heap| unsafe { heap.malloc(layout) });
        IS_EXHAUSTED.with(|is_exhausted| *is_exhausted = place.is_err());
        place.map_or(core::ptr::null_mut(), NonNull::as_ptr)
    }

    unsafe fn dealloc(&self, place: *mut u8, layout: Layout) {
        // SAFETY: the caller's promise: `place` came from `alloc` with this layout, so it is not null.
        self.0.with(|heap| unsafe { heap.free(NonNull::new_unchecked(place), layout) });
    }
}
