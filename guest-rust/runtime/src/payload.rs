//! Owns the form of the Load payload: which exports get which number, which imports go to the host.

use alloc::string::String;
use alloc::vec::Vec;

use hl_abi::message::FailureKind;

use hl_guest::{Failure, Reader, Short};

/// A component has a handful of interfaces with a handful of functions; this is far beyond.
const FUNCTIONS_MAX: u32 = 65_536;
const NAME_BYTES_MAX: usize = 4096;

/// What a function is called in the component's own terms.
#[derive(Debug, PartialEq, Eq)]
pub struct Name {
    /// Full name with version; `None` for a function of the world itself.
    pub interface: Option<String>,
    pub function: String,
}

pub struct Load {
    /// In the order of their numbers.
    pub exports: Vec<Name>,
    /// Forwarded to the host, in the order of their numbers.
    pub imports: Vec<Name>,
}

impl Load {
    /// # Errors
    /// [`FailureKind::Load`] if the payload has another form.
    pub fn read(payload: &mut Reader) -> Result<Self, Failure> {
        let mut read = || Ok::<_, Short>(Self { exports: names(payload)?, imports: names(payload)? });
        read()
            .map_err(|Short| Failure::new(FailureKind::Load, "the list of functions to load ends too early"))
    }
}

fn names(payload: &mut Reader) -> Result<Vec<Name>, Short> {
    let count = payload.u32()?;
    if count > FUNCTIONS_MAX {
        return Err(Short);
    }
    (0..count).map(|_| name(payload)).collect()
}

fn name(payload: &mut Reader) -> Result<Name, Short> {
    let interface = match payload.u8()? {
        0 => None,
        _ => Some(payload.string(NAME_BYTES_MAX)?),
    };
    Ok(Name { interface, function: payload.string(NAME_BYTES_MAX)? })
}
