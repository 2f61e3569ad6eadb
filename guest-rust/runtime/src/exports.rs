//! Finds the exports that the host numbered, and calls them.

use alloc::format;
use alloc::vec::Vec;

use hl_abi::message::FailureKind;
use wasmtime::Store;
use wasmtime::component::{Instance, TypedFunc};

use crate::codec::{Request, Returned, deliver_to, give_up};
use crate::fault;
use crate::payload::Name;
use crate::wasi::Wasi;
use hl_guest::{Failure, Reader, Writer};

/// The host gives up a resource of the component's by calling this, followed by the resource's name.
const DROP: &str = "[resource-drop]";

enum Export {
    Function(TypedFunc<Request, Returned>),
    /// Runs the destructor, if there is one.
    Drop,
    /// Its type cannot cross.
    Unsupported,
}

/// The exports in the order of their numbers.
pub struct Exports(Vec<Export>);

impl Exports {
    /// # Errors
    /// [`FailureKind::Load`] naming the export that the component lacks.
    pub fn find(store: &mut Store<Wasi>, instance: &Instance, names: &[Name]) -> Result<Self, Failure> {
        names.iter().map(|name| find(store, instance, name)).collect::<Result<_, _>>().map(Self)
    }

    /// Calls export `number`; its result is written to `reply`.
    ///
    /// # Errors
    /// Whatever kept it from returning. After a trap no export can be called any more.
    pub fn call(
        &self,
        store: &mut Store<Wasi>,
        number: u32,
        request: &mut Reader,
        reply: &mut Writer,
    ) -> Result<(), Failure> {
        let export = match self.0.get(number as usize) {
            Some(Export::Function(export)) => export,
            Some(Export::Drop) => return drop_resource(store, request),
            Some(Export::Unsupported) => {
                return Err(Failure::bad_request(format!(
                    "export {number} takes or returns a stream or future, which cannot cross"
                )));
            }
            None => return Err(Failure::bad_request(format!("there is no export {number}"))),
        };
        // SAFETY: the reader outlives the call, and only lowering the parameters uses it.
        let request = unsafe { Request::new(request) };
        match deliver_to(reply, || export.call(store, request)) {
            Ok(_) => Ok(()),
            Err(error) => Err(fault::of_call(&error)),
        }
    }
}

fn drop_resource(store: &mut Store<Wasi>, request: &mut Reader) -> Result<(), Failure> {
    let number =
        request.u32().map_err(|_| Failure::bad_request("a resource is given up without its number"))?;
    let resource = give_up(number).map_err(|error| Failure::bad_request(format!("{error}")))?;
    resource.resource_drop(store).map_err(|error| fault::of_call(&error))
}

fn find(store: &mut Store<Wasi>, instance: &Instance, name: &Name) -> Result<Export, Failure> {
    if name.function.starts_with(DROP) {
        return Ok(Export::Drop);
    }
    let interface = match &name.interface {
        None => None,
        Some(interface) => {
            let index = instance.get_export_index(&mut *store, None, interface);
            Some(index.ok_or_else(|| missing(name))?)
        }
    };
    let index = instance.get_export_index(&mut *store, interface.as_ref(), &name.function);
    let index = index.ok_or_else(|| missing(name))?;
    let function = instance.get_func(&mut *store, index).ok_or_else(|| missing(name))?;
    if function.ty(&*store).async_() {
        return Ok(Export::Unsupported);
    }
    // Refused for nothing but types that cannot cross.
    Ok(function.typed(&*store).map_or(Export::Unsupported, Export::Function))
}

fn missing(name: &Name) -> Failure {
    let place = name.interface.as_deref().unwrap_or("the world");
    Failure::new(FailureKind::Load, format!("the component does not export {} in {place}", name.function))
}
