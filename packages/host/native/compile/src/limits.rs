//! Owns what this process may take: its memory and CPU time, and what is said when they run out.

use std::alloc::{GlobalAlloc, Layout, System};

use crate::failure::Failure;

/// Written by code that can no longer allocate, so it is JSON already.
const OUT_OF_MEMORY: &[u8] =
    b"{\"code\":\"limit\",\"message\":\"compiling the component took more memory than it may\"}\n";
const OUT_OF_TIME: &[u8] =
    b"{\"code\":\"limit\",\"message\":\"compiling the component took more CPU time than it may\"}\n";

/// Limits this process; there is no way back up.
pub fn impose(memory_bytes: u64, time_ms: u64) -> Result<(), Failure> {
    let action: extern "C" fn(libc::c_int) = out_of_time;
    // SAFETY: the handler only calls functions that are safe in a signal handler.
    let previous = unsafe { libc::signal(libc::SIGXCPU, action as libc::sighandler_t) };
    if previous == libc::SIG_ERR {
        return Err(last_error("handle SIGXCPU"));
    }
    let seconds = time_ms.div_ceil(1000);
    // One second later the kernel kills without asking.
    limit(libc::RLIMIT_CPU, seconds, seconds.saturating_add(1), "CPU time")?;
    limit(libc::RLIMIT_AS, memory_bytes, memory_bytes, "memory")?;
    limit(libc::RLIMIT_CORE, 0, 0, "core files")
}

fn limit(resource: libc::__rlimit_resource_t, soft: u64, hard: u64, what: &str) -> Result<(), Failure> {
    let mut current = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
    // SAFETY: `current` is a live rlimit.
    if unsafe { libc::getrlimit(resource, &mut current) } != 0 {
        return Err(last_error(what));
    }
    let wanted = libc::rlimit { rlim_cur: soft.min(current.rlim_max), rlim_max: hard.min(current.rlim_max) };
    // SAFETY: `wanted` is a live rlimit.
    match unsafe { libc::setrlimit(resource, &wanted) } {
        0 => Ok(()),
        _ => Err(last_error(what)),
    }
}

fn last_error(what: &str) -> Failure {
    Failure::internal(format!("cannot limit {what}: {}", std::io::Error::last_os_error()))
}

extern "C" fn out_of_time(_: libc::c_int) {
    end(OUT_OF_TIME)
}

/// Ends the process without allocating, unwinding or locking.
fn end(line: &[u8]) -> ! {
    // SAFETY: both calls are async-signal-safe, and `line` is live for its length.
    unsafe {
        libc::write(libc::STDERR_FILENO, line.as_ptr().cast(), line.len());
        libc::_exit(1)
    }
}

/// The system's allocator, except that running out of memory is told as the limit that it is.
pub struct Allocator;

// SAFETY: every call is passed on to the system's allocator unchanged; null never comes back.
unsafe impl GlobalAlloc for Allocator {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller's promises are the same.
        got(unsafe { System.alloc(layout) })
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller's promises are the same.
        got(unsafe { System.alloc_zeroed(layout) })
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, bytes: usize) -> *mut u8 {
        // SAFETY: the caller's promises are the same.
        got(unsafe { System.realloc(pointer, layout, bytes) })
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: the caller's promises are the same.
        unsafe { System.dealloc(pointer, layout) }
    }
}

fn got(pointer: *mut u8) -> *mut u8 {
    if pointer.is_null() { end(OUT_OF_MEMORY) } else { pointer }
}
