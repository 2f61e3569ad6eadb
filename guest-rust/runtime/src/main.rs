//! The program: the runtime as a guest.
#![cfg_attr(target_os = "none", no_std, no_main)]

#[cfg(not(target_os = "none"))]
fn main() {}

#[cfg(target_os = "none")]
hl_guest::guest!(hl_runtime::Runtime::new);
