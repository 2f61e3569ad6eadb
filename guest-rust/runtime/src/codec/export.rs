//! Calls into the component: parameters from the request, the result to the reply.

use core::mem::MaybeUninit;
use core::ptr::NonNull;

use wasmtime::component::__internal::{
    CanonicalAbiInfo, InstanceType, InterfaceType, LiftContext, LowerContext,
    wasmtime_environ::component::{ComponentTypes, MAX_FLAT_PARAMS, MAX_FLAT_RESULTS, TypeTuple},
};
use wasmtime::component::{ComponentNamedList, ComponentType, Lift, Lower};
use wasmtime::{Result, ValRaw};

use super::crossing::check;
use super::lift::{Values, lift_flat, lift_memory};
use super::lower::{Slots, lower_flat, lower_memory};
use super::wire::Malformed;
use crate::console;
use crate::fault::Fault;
use crate::one_thread::OneThread;
use hl_guest::{Reader, Writer};

/// All parameters of one call, still in wire form in the mailbox.
pub struct Request(OneThread<NonNull<Reader>>);

impl Request {
    /// # Safety
    /// `reader` must outlive the call that this is given to, and be used by nobody else during it.
    pub unsafe fn new(reader: &mut Reader) -> Self {
        Self(OneThread::new(NonNull::from(reader)))
    }
}

/// The types of all parameters, or of all results.
pub(super) fn tuple<'a>(types: &'a ComponentTypes, ty: &InterfaceType) -> &'a TypeTuple {
    match ty {
        InterfaceType::Tuple(index) => &types[*index],
        _ => unreachable!("wasmtime passes parameters and results as tuples"),
    }
}

// SAFETY: `Lower` is a plain array of core values, as long as parameters can ever be; with that length
// wasmtime leaves it to `linear_lower_to_flat` to decide between flat values and memory.
unsafe impl ComponentType for Request {
    type Lower = [ValRaw; MAX_FLAT_PARAMS];
    const ABI: CanonicalAbiInfo = CanonicalAbiInfo::SCALAR4;

    fn typecheck(ty: &InterfaceType, types: &InstanceType<'_>) -> Result<()> {
        check(types.types, ty)
    }
}

// SAFETY: any list of parameters is accepted, and lowered by its own type.
unsafe impl ComponentNamedList for Request {}

// SAFETY: all values that the core function takes are initialised: as many as the type says, or the pointer.
unsafe impl Lower for Request {
    fn linear_lower_to_flat<T>(
        &self,
        cx: &mut LowerContext<'_, T>,
        ty: InterfaceType,
        into: &mut MaybeUninit<Self::Lower>,
    ) -> Result<()> {
        // SAFETY: an array of uninitialised values and an uninitialised array of values are the same.
        let values: &mut [MaybeUninit<ValRaw>; MAX_FLAT_PARAMS] = unsafe { &mut *(&raw mut *into).cast() };
        let lowered = self.0.with(|reader| {
            // SAFETY: the constructor's caller keeps it alive and unused.
            let reader = unsafe { reader.as_mut() };
            lower_parameters(cx, &ty, reader, values)
        });
        lowered.map_err(|error| match error.downcast::<Malformed>() {
            Ok(malformed) => Fault::BadRequest(malformed.0.into()).into(),
            Err(error) => error,
        })
    }

    fn linear_lower_to_memory<T>(
        &self,
        _: &mut LowerContext<'_, T>,
        _: InterfaceType,
        _: usize,
    ) -> Result<()> {
        unreachable!("this many flat values are always passed flat")
    }
}

fn lower_parameters<T>(
    cx: &mut LowerContext<'_, T>,
    ty: &InterfaceType,
    reader: &mut Reader,
    values: &mut [MaybeUninit<ValRaw>],
) -> Result<()> {
    let parameters = tuple(cx.types, ty);
    let mut slots = Slots::new(values);
    if parameters.abi.flat_count(MAX_FLAT_PARAMS).is_some() {
        for ty in &parameters.types {
            lower_flat(cx, ty, reader, &mut slots)?;
        }
    } else {
        let at = cx.realloc(0, 0, parameters.abi.align32, parameters.abi.size32 as usize)?;
        lower_memory(cx, ty, reader, at)?;
        slots.push(at as u64);
    }
    match reader.remaining() {
        0 => Ok(()),
        _ => Err(Malformed("the request is longer than its parameters").into()),
    }
}

/// Where the result of the call that is running goes: lifting is not told anything of the caller's.
static DESTINATION: OneThread<Option<NonNull<Writer>>> = OneThread::new(None);

/// Runs `call`, whose [`Returned`] is written to `writer`.
pub fn deliver_to<R>(writer: &mut Writer, call: impl FnOnce() -> R) -> R {
    DESTINATION.with(|destination| *destination = Some(NonNull::from(writer)));
    let returned = call();
    DESTINATION.with(|destination| *destination = None);
    returned
}

/// The result of one call, already written.
pub struct Returned(());

// SAFETY: `Lower` is a plain array of core values, as long as results can ever be; see `Request`.
unsafe impl ComponentType for Returned {
    type Lower = [ValRaw; MAX_FLAT_RESULTS];
    const ABI: CanonicalAbiInfo = CanonicalAbiInfo::SCALAR4;

    fn typecheck(ty: &InterfaceType, types: &InstanceType<'_>) -> Result<()> {
        check(types.types, ty)
    }
}

// SAFETY: any list of results is accepted, and lifted by its own type.
unsafe impl ComponentNamedList for Returned {}

// SAFETY: only values and bytes that the type says are there are read, after checks of their bounds.
unsafe impl Lift for Returned {
    fn linear_lift_from_flat(
        cx: &mut LiftContext<'_>,
        ty: InterfaceType,
        from: &Self::Lower,
    ) -> Result<Self> {
        // Text goes through the same window as the reply, which begins here.
        console::flush();
        let destination = DESTINATION.with(|destination| *destination);
        let mut writer = destination.expect("results are lifted within `deliver_to` only");
        // SAFETY: `deliver_to` has it borrowed for as long as the call runs.
        let writer = unsafe { writer.as_mut() };
        match lift_result(cx, &ty, from, writer) {
            Ok(()) => Ok(Self(())),
            Err(error) => Err(match error.downcast::<Malformed>() {
                Ok(malformed) => Fault::BadResult(malformed.0.into()).into(),
                Err(error) => error,
            }),
        }
    }

    fn linear_lift_from_memory(_: &mut LiftContext<'_>, _: InterfaceType, _: &[u8]) -> Result<Self> {
        unreachable!("one flat value is always passed flat")
    }
}

fn lift_result(
    cx: &mut LiftContext<'_>,
    ty: &InterfaceType,
    from: &[ValRaw; MAX_FLAT_RESULTS],
    writer: &mut Writer,
) -> Result<()> {
    let results = tuple(cx.types, ty);
    if results.abi.flat_count(MAX_FLAT_RESULTS).is_some() {
        let mut values = Values::new(from);
        return results.types.iter().try_for_each(|ty| lift_flat(cx, ty, &mut values, writer));
    }
    let at = from[0].get_u32() as usize;
    if !at.is_multiple_of(results.abi.align32 as usize) {
        return Err(Malformed("the return pointer is not aligned").into());
    }
    let bytes = cx.memory().get(at..).and_then(|memory| memory.get(..results.abi.size32 as usize));
    let bytes = bytes.ok_or(Malformed("the return pointer is out of bounds of memory"))?;
    lift_memory(cx, ty, bytes, writer)
}
