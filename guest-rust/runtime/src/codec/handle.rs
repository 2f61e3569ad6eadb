//! Handles on the wire: the host's resources by the host's own numbers, the component's by numbers of a table
//! here, which holds what the component gave away.
//!
//! wasmtime keeps the canonical ABI's rules: whose handle it is, of which type, and that it is not lent while it
//! is given away.

use alloc::vec::Vec;
use core::mem::MaybeUninit;

use wasmtime::component::__internal::{InterfaceType, LiftContext, LowerContext};
use wasmtime::component::{Lift, Lower, ResourceAny, ResourceType};
use wasmtime::{Result, ValRaw};

use super::UNREACHABLE;
use super::wire::Malformed;
use crate::fault::Fault;
use crate::one_thread::OneThread;
use crate::wasi::Wasi;

/// The host bounds what it holds; this only keeps a host without such a bound from filling the VM.
const HELD_MAX: usize = 1 << 20;

/// Resources of the component that the host holds.
static HELD: OneThread<Held> = OneThread::new(Held { resources: Vec::new(), free: Vec::new() });

struct Held {
    resources: Vec<Option<ResourceAny>>,
    free: Vec<u32>,
}

impl Held {
    fn insert(&mut self, resource: ResourceAny) -> Result<u32> {
        if let Some(number) = self.free.pop() {
            self.resources[number as usize] = Some(resource);
            return Ok(number);
        }
        if self.resources.len() >= HELD_MAX {
            return Err(Fault::Exhausted("resources that the host has not given back").into());
        }
        self.resources.push(Some(resource));
        Ok(self.resources.len() as u32 - 1)
    }

    fn get(&self, number: u32) -> Result<ResourceAny, Malformed> {
        self.resources.get(number as usize).copied().flatten().ok_or(NOT_HELD)
    }

    fn remove(&mut self, number: u32) -> Result<ResourceAny, Malformed> {
        let resource = self.resources.get_mut(number as usize).and_then(Option::take).ok_or(NOT_HELD)?;
        self.free.push(number);
        Ok(resource)
    }
}

const NOT_HELD: Malformed = Malformed("a number stands for no resource that the host holds");
const NOT_LENT: Malformed = Malformed("a component lends its own resources to nobody");

/// Every resource that a component imports has this type; its own tables keep them apart.
pub fn host_type() -> ResourceType {
    ResourceType::host::<Wasi>()
}

/// Takes a resource out of the table, which the host gives up.
///
/// # Errors
/// Where the host holds nothing of that number.
pub fn give_up(number: u32) -> Result<ResourceAny, Malformed> {
    HELD.with(|held| held.remove(number))
}

/// The component's handle for what has `number` on the wire.
pub(super) fn lower<T>(cx: &mut LowerContext<'_, T>, ty: &InterfaceType, number: u32) -> Result<u32> {
    let is_hosts = match ty {
        InterfaceType::Own(table) | InterfaceType::Borrow(table) => cx.resource_type(*table) == host_type(),
        _ => return Err(UNREACHABLE.into()),
    };
    match ty {
        InterfaceType::Own(table) if is_hosts => cx.guest_resource_lower_own(*table, number),
        InterfaceType::Borrow(table) if is_hosts => cx.guest_resource_lower_borrow(*table, number),
        InterfaceType::Own(_) => lower_any(cx, ty, HELD.with(|held| held.remove(number))?),
        _ => lower_any(cx, ty, HELD.with(|held| held.get(number))?),
    }
}

fn lower_any<T>(cx: &mut LowerContext<'_, T>, ty: &InterfaceType, resource: ResourceAny) -> Result<u32> {
    let mut value = MaybeUninit::uninit();
    resource.linear_lower_to_flat(cx, *ty, &mut value)?;
    // SAFETY: lowering to flat initialises the one value that a handle has.
    Ok(unsafe { value.assume_init() }.get_u32())
}

/// The number on the wire for what the component calls `handle`.
pub(super) fn lift(cx: &mut LiftContext<'_>, ty: &InterfaceType, handle: u32) -> Result<u32> {
    match ty {
        InterfaceType::Own(table) if cx.resource_type(*table) == host_type() => {
            Ok(cx.guest_resource_lift_own(*table, handle)?.0)
        }
        InterfaceType::Borrow(table) if cx.resource_type(*table) == host_type() => {
            cx.guest_resource_lift_borrow(*table, handle)
        }
        InterfaceType::Own(_) => {
            let resource = ResourceAny::linear_lift_from_flat(cx, *ty, &ValRaw::u32(handle))?;
            HELD.with(|held| held.insert(resource))
        }
        InterfaceType::Borrow(_) => Err(NOT_LENT.into()),
        _ => Err(UNREACHABLE.into()),
    }
}
