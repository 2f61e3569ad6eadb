//! Satisfies every import: forwarded to the host where that is listed, else served by the isolated WASI.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use hl_abi::message::FailureKind;
use wasmtime::component::types::ComponentItem;
use wasmtime::component::{Component, Linker, LinkerInstance};
use wasmtime::{Result, StoreContextMut};

use crate::codec::{Arguments, Outcome, Reply, flat_count, host_type};
use crate::console;
use crate::fault::Fault;
use crate::payload::Name;
use crate::wasi::{self, Wasi};
use hl_guest::{Failure, HostFailure, Reader, host_call};

/// What a component's import leads to.
enum Callee {
    /// Host function of this number.
    Host(u32),
    Wasi(wasi::Import),
}

impl Callee {
    fn call(&self, wasi: &mut Wasi, arguments: Vec<u8>) -> Result<Reply> {
        match self {
            Self::Wasi(import) => import.call(wasi, &arguments),
            Self::Host(number) => call_host(*number, &arguments).map(Reply::Host),
        }
    }
}

fn call_host(number: u32, arguments: &[u8]) -> Result<Reader> {
    console::flush();
    let reply = host_call(number, |writer| {
        writer.write(arguments);
        Ok::<_, HostFailure>(())
    });
    reply.map_err(|failure| Fault::HostFunction(failure.message).into())
}

/// What the host is told of by this name is that the component has dropped a resource of its.
const DROP: &str = "[resource-drop]";

/// Defines all imports of `component`.
///
/// # Errors
/// [`FailureKind::Load`], naming all that nobody serves.
pub fn define(linker: &mut Linker<Wasi>, component: &Component, forwarded: &[Name]) -> Result<(), Failure> {
    let engine = linker.engine().clone();
    let mut missing = Vec::new();
    for (name, item) in component.component_type().imports(&engine) {
        let defined = match item.ty {
            ComponentItem::ComponentInstance(instance) => {
                let mut defined = Ok(());
                for (member, item) in instance.exports(&engine) {
                    let mut place = linker.instance(name).map_err(|error| failed(name, &error))?;
                    defined = defined.and(define_item(
                        &mut place,
                        Some(name),
                        member,
                        &item.ty,
                        forwarded,
                        &mut missing,
                    ));
                }
                defined
            }
            ty => define_item(&mut linker.root(), None, name, &ty, forwarded, &mut missing),
        };
        defined.map_err(|error| failed(name, &error))?;
    }
    if missing.is_empty() {
        return Ok(());
    }
    Err(Failure::new(FailureKind::Load, format!("nobody serves these imports: {}", missing.join(", "))))
}

fn failed(name: &str, error: &wasmtime::Error) -> Failure {
    Failure::new(FailureKind::Load, format!("cannot link {name}: {error:#}"))
}

fn define_item(
    place: &mut LinkerInstance<'_, Wasi>,
    interface: Option<&str>,
    name: &str,
    item: &ComponentItem,
    forwarded: &[Name],
    missing: &mut Vec<String>,
) -> Result<()> {
    match item {
        ComponentItem::ComponentFunc(ty) => {
            let callee = match number_of(forwarded, interface, name) {
                Some(number) => Some(Callee::Host(number)),
                None => {
                    interface.and_then(|interface| wasi::Import::find(interface, name, ty)).map(Callee::Wasi)
                }
            };
            let (parameters, results) = (flat_count(ty.params().map(|(_, ty)| ty)), flat_count(ty.results()));
            match callee {
                Some(callee) if !ty.async_() => define_function(place, name, callee, parameters, results),
                _ => {
                    missing.push(format!("{}#{name}", interface.unwrap_or("the world")));
                    Ok(())
                }
            }
        }
        ComponentItem::Resource(_) => {
            if let Some(number) = number_of(forwarded, interface, &format!("{DROP}{name}")) {
                return place.resource(name, host_type(), move |_, rep| {
                    call_host(number, &rep.to_le_bytes()).map(|_| ())
                });
            }
            let is_pollable = name == "pollable";
            place.resource(name, host_type(), move |mut store, rep| {
                store.data_mut().dropped(rep, is_pollable);
                Ok(())
            })
        }
        ComponentItem::Type(_) => Ok(()),
        ComponentItem::CoreFunc(_)
        | ComponentItem::Module(_)
        | ComponentItem::Component(_)
        | ComponentItem::ComponentInstance(_) => {
            missing.push(format!("{name}, which is not a function"));
            Ok(())
        }
    }
}

fn number_of(forwarded: &[Name], interface: Option<&str>, function: &str) -> Option<u32> {
    let is_it = |name: &Name| name.interface.as_deref() == interface && name.function == function;
    forwarded.iter().position(is_it).map(|number| number as u32)
}

/// Defines one function. wasmtime wants the number of flat values in the type, so there is one instance of
/// the code for each; where values travel in memory the number plays no part.
fn define_function(
    place: &mut LinkerInstance<'_, Wasi>,
    name: &str,
    callee: Callee,
    parameters: usize,
    results: usize,
) -> Result<()> {
    fn define<const N: usize, const M: usize>(
        place: &mut LinkerInstance<'_, Wasi>,
        name: &str,
        callee: Callee,
    ) -> Result<()> {
        place.func_wrap(name, move |mut store: StoreContextMut<'_, Wasi>, arguments: Arguments<N>| {
            callee.call(store.data_mut(), arguments.0).map(Outcome::<M>::new)
        })
    }
    macro_rules! pick {
        ($($n:literal)*) => {
            match (parameters, results) {
                $(($n, 0) => define::<$n, 0>(place, name, callee),
                  ($n, _) => define::<$n, 1>(place, name, callee),)*
                (_, 0) => define::<0, 0>(place, name, callee),
                _ => define::<0, 1>(place, name, callee),
            }
        };
    }
    pick!(0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16)
}
