//! The library beneath every guest: a program without libc or kernel, in ring 3 of a micro-VM.
//!
//! A guest implements [`Guest`] and names its constructor once:
//!
//! ```ignore
//! struct Echo;
//! impl Guest for Echo {
//!     fn call(&mut self, _function: u32, request: &mut Reader, reply: &mut Writer) -> Result<(), Failure> {
//!         while request.remaining() > 0 { let chunk = request.chunk(4096)?; reply.write(chunk); }
//!         Ok(())
//!     }
//! }
//! hl_guest::guest!(|| Echo);
//! ```
//!
//! There is one thread and no interrupt, so the library's own state lives in plain cells; what makes that
//! sound is written at [`cell::GuestCell`].
#![no_std]
extern crate alloc;

mod cell;
mod clock;
mod entry;
mod failure;
mod heap;
mod mailbox;
mod payload;
mod random;
mod requests;
mod serve;
mod trap;

pub use clock::{Clocks, clocks};
pub use failure::{Failure, HostFailure, Refused, Short};
pub use payload::{Reader, Writer};
pub use random::random;
pub use requests::{commit, host_call, output};
pub use serve::{Guest, code};
pub use trap::set_trap_handler;

pub use hl_abi as abi;

/// Not for users: what [`guest!`] expands to needs these.
#[doc(hidden)]
pub mod __private {
    pub use crate::serve::Guest;
    pub use alloc::boxed::Box;
}

/// Makes a program of a guest: `guest!(|| MyGuest::new())`. The constructor runs once, at boot.
#[macro_export]
macro_rules! guest {
    ($make:expr) => {
        #[unsafe(no_mangle)]
        fn hl_guest_make() -> $crate::__private::Box<dyn $crate::__private::Guest> {
            $crate::__private::Box::new(($make)())
        }
    };
}
