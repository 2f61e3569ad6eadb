//! Calls out of the component: arguments to whoever serves an import, its result back.

use alloc::vec::Vec;
use core::mem::MaybeUninit;

use wasmtime::component::__internal::{
    CanonicalAbiInfo, InstanceType, InterfaceType, LiftContext, LowerContext,
    wasmtime_environ::component::{MAX_FLAT_PARAMS, MAX_FLAT_RESULTS},
};
use wasmtime::component::{ComponentNamedList, ComponentType, Lift, Lower};
use wasmtime::{Result, ValRaw, ensure};

use super::crossing::check;
use super::empty::{empty, refusal};
use super::export::tuple;
use super::lift::{Values, lift_flat, lift_memory};
use super::lower::{Slots, lower_flat, lower_memory};
use super::wire::{Malformed, Source};
use crate::fault::Fault;
use crate::one_thread::OneThread;
use hl_guest::Reader;

/// All arguments of one call of an import, in wire form; the core function passes `N` flat values.
pub struct Arguments<const N: usize>(pub Vec<u8>);

/// What comes back for a call of an import; the core function expects `M` flat values.
pub struct Outcome<const M: usize>(OneThread<Reply>);

/// The result of an import, in wire form.
pub enum Reply {
    Bytes(Vec<u8>),
    /// Still in the mailbox.
    Host(Reader),
    /// The empty value of whatever type the function has.
    Empty,
    /// The error case of this name.
    Refused(&'static str),
}

impl<const M: usize> Outcome<M> {
    pub fn new(reply: Reply) -> Self {
        Self(OneThread::new(reply))
    }
}

/// Checks that types can cross and have `flat` core values, or that many do not fit and memory is used.
fn check_flat(ty: &InterfaceType, types: &InstanceType<'_>, flat: usize, flat_max: usize) -> Result<()> {
    check(types.types, ty)?;
    let count = tuple(types.types, ty).abi.flat_count(flat_max);
    ensure!(count.is_none_or(|count| count == flat), "expected {flat} flat values, the type has {count:?}");
    Ok(())
}

// SAFETY: `Lower` is a plain array of core values, whose length `typecheck` compares with the type's. Where
// memory is used instead, `linear_lift_from_memory` finds the bytes by their address, so the size is not used.
unsafe impl<const N: usize> ComponentType for Arguments<N> {
    type Lower = [ValRaw; N];
    const ABI: CanonicalAbiInfo = CanonicalAbiInfo::ZERO;

    fn typecheck(ty: &InterfaceType, types: &InstanceType<'_>) -> Result<()> {
        check_flat(ty, types, N, MAX_FLAT_PARAMS)
    }
}

// SAFETY: any list of arguments is accepted, and lifted by its own type.
unsafe impl<const N: usize> ComponentNamedList for Arguments<N> {}

// SAFETY: only values and bytes that the type says are there are read, after checks of their bounds.
unsafe impl<const N: usize> Lift for Arguments<N> {
    fn linear_lift_from_flat(
        cx: &mut LiftContext<'_>,
        ty: InterfaceType,
        from: &Self::Lower,
    ) -> Result<Self> {
        let (mut values, mut wire) = (Values::new(from), Vec::new());
        let mut types = tuple(cx.types, &ty).types.iter();
        types.try_for_each(|ty| lift_flat(cx, ty, &mut values, &mut wire)).map_err(bad_argument)?;
        Ok(Self(wire))
    }

    fn linear_lift_from_memory(cx: &mut LiftContext<'_>, ty: InterfaceType, from: &[u8]) -> Result<Self> {
        // wasmtime has checked the bounds of the type's real size, but cut the slice to this type's own.
        let memory = cx.memory();
        let at = from.as_ptr().addr() - memory.as_ptr().addr();
        let bytes = tuple(cx.types, &ty).abi.size32 as usize;
        let mut wire = Vec::new();
        lift_memory(cx, &ty, &memory[at..][..bytes], &mut wire).map_err(bad_argument)?;
        Ok(Self(wire))
    }
}

fn bad_argument(error: wasmtime::Error) -> wasmtime::Error {
    match error.downcast::<Malformed>() {
        Ok(malformed) => Fault::BadResult(alloc::format!("an argument of an import: {malformed}")).into(),
        Err(error) => error,
    }
}

// SAFETY: as for `Arguments`.
unsafe impl<const M: usize> ComponentType for Outcome<M> {
    type Lower = [ValRaw; M];
    const ABI: CanonicalAbiInfo = CanonicalAbiInfo::ZERO;

    fn typecheck(ty: &InterfaceType, types: &InstanceType<'_>) -> Result<()> {
        check_flat(ty, types, M, MAX_FLAT_RESULTS)
    }
}

// SAFETY: any list of results is accepted, and lowered by its own type.
unsafe impl<const M: usize> ComponentNamedList for Outcome<M> {}

// SAFETY: every flat value that the type has is initialised.
unsafe impl<const M: usize> Lower for Outcome<M> {
    fn linear_lower_to_flat<T>(
        &self,
        cx: &mut LowerContext<'_, T>,
        ty: InterfaceType,
        into: &mut MaybeUninit<Self::Lower>,
    ) -> Result<()> {
        // SAFETY: an array of uninitialised values and an uninitialised array of values are the same.
        let values: &mut [MaybeUninit<ValRaw>; M] = unsafe { &mut *(&raw mut *into).cast() };
        self.lower(cx, &ty, Into::Flat(values))
    }

    fn linear_lower_to_memory<T>(
        &self,
        cx: &mut LowerContext<'_, T>,
        ty: InterfaceType,
        at: usize,
    ) -> Result<()> {
        self.lower(cx, &ty, Into::Memory(at))
    }
}

/// Where the core function expects its result.
enum Into<'a> {
    Flat(&'a mut [MaybeUninit<ValRaw>]),
    Memory(usize),
}

impl<const M: usize> Outcome<M> {
    fn lower<T>(&self, cx: &mut LowerContext<'_, T>, ty: &InterfaceType, into: Into<'_>) -> Result<()> {
        let mut wire = Vec::new();
        self.0.with(|reply| match reply {
            Reply::Host(reader) => {
                lower_from(cx, ty, reader, into).map_err(|error| match error.downcast::<Malformed>() {
                    Ok(malformed) => {
                        Fault::HostFunction(alloc::format!("the host function's result: {malformed}")).into()
                    }
                    Err(error) => error,
                })
            }
            Reply::Bytes(bytes) => lower_from(cx, ty, &mut bytes.as_slice(), into),
            Reply::Empty => {
                empty(cx.types, ty, &mut wire)?;
                lower_from(cx, ty, &mut wire.as_slice(), into)
            }
            Reply::Refused(case) => {
                for ty in &tuple(cx.types, ty).types {
                    refusal(cx.types, ty, case, &mut wire)?;
                }
                lower_from(cx, ty, &mut wire.as_slice(), into)
            }
        })
    }
}

fn lower_from<T>(
    cx: &mut LowerContext<'_, T>,
    ty: &InterfaceType,
    source: &mut impl Source,
    into: Into<'_>,
) -> Result<()> {
    match into {
        Into::Flat(values) => {
            let mut slots = Slots::new(values);
            for ty in &tuple(cx.types, ty).types {
                lower_flat(cx, ty, source, &mut slots)?;
            }
        }
        Into::Memory(at) => lower_memory(cx, ty, source, at)?,
    }
    match source.remaining() {
        0 => Ok(()),
        _ => Err(Malformed("there are more bytes than the type has").into()),
    }
}
