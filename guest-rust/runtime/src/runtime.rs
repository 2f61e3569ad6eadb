//! The runtime as a guest: one component, loaded once, called from then on.

use alloc::boxed::Box;
use alloc::vec::Vec;

use hl_abi::message::FailureKind;
use hl_guest::{Failure, Guest, Reader, Writer};
use wasmtime::component::{Component, Instance, Linker};
use wasmtime::{Engine, Result, Store};

use crate::codec::ARGUMENT_BYTES_MAX;
use crate::exports::Exports;
use crate::payload::{Load, Name};
use crate::wasi::Wasi;
use crate::{console, engine, fault, imports};

struct Loaded {
    store: Store<Wasi>,
    exports: Exports,
}

/// A component that can be instantiated.
struct Linked {
    linker: Linker<Wasi>,
    component: Component,
    exports: Vec<Name>,
}

enum State {
    Empty,
    /// To be instantiated by the first call of each state: it needs the host for that.
    Linked(Box<Linked>),
    Loaded(Loaded),
}

pub struct Runtime {
    engine: Engine,
    state: State,
}

impl Runtime {
    #[expect(clippy::new_without_default, reason = "sets up trap handling for the whole program")]
    pub fn new() -> Self {
        Self { engine: engine::new(), state: State::Empty }
    }
}

impl Linked {
    fn instantiate(&self, engine: &Engine) -> Result<(Store<Wasi>, Instance)> {
        let mut store = Store::new(engine, Wasi::default());
        // Counts only what wasmtime itself copies: strings in other encodings than UTF-8.
        store.set_hostcall_fuel(ARGUMENT_BYTES_MAX);
        let instance = self.linker.instantiate(&mut store, &self.component);
        console::flush();
        Ok((store, instance?))
    }

    fn load(&self, (mut store, instance): (Store<Wasi>, Instance)) -> Result<Loaded, Failure> {
        let exports = Exports::find(&mut store, &instance, &self.exports)?;
        Ok(Loaded { store, exports })
    }
}

impl Guest for Runtime {
    /// Instantiates the component in the code region. One that was granted WASI may ask the host for it at once,
    /// which answers during calls only: that one is instantiated when it is called.
    ///
    /// # Errors
    /// [`FailureKind::Load`], with every import that nobody serves.
    fn load(&mut self, payload: &mut Reader) -> Result<(), Failure> {
        let load = Load::read(payload)?;
        let component = engine::component(&self.engine, hl_guest::code())?;
        let mut linker = Linker::new(&self.engine);
        imports::define(&mut linker, &component, &load.imports)?;
        let is_granted = load.imports.iter().any(is_wasi);
        let linked = Box::new(Linked { linker, component, exports: load.exports });
        self.state = match linked.instantiate(&self.engine) {
            Ok(instance) => State::Loaded(linked.load(instance)?),
            Err(error) if is_granted && fault::is_of_host_function(&error) => State::Linked(linked),
            Err(error) => return Err(fault::of_load(&error)),
        };
        Ok(())
    }

    /// Calls export `function`.
    ///
    /// # Errors
    /// Whatever kept it from returning; what it printed until then is sent all the same.
    fn call(&mut self, function: u32, request: &mut Reader, reply: &mut Writer) -> Result<(), Failure> {
        if let State::Linked(linked) = &self.state {
            // What the host answers meanwhile comes through the same window.
            request.keep().map_err(|_| Failure::bad_request("the arguments end too early"))?;
            let instance = linked.instantiate(&self.engine).map_err(|error| fault::of_call(&error))?;
            self.state = State::Loaded(linked.load(instance)?);
        }
        let State::Loaded(loaded) = &mut self.state else {
            return Err(Failure::new(FailureKind::BadRequest, "no component is loaded"));
        };
        let outcome = loaded.exports.call(&mut loaded.store, function, request, reply);
        console::flush();
        outcome
    }
}

fn is_wasi(name: &Name) -> bool {
    name.interface.as_ref().is_some_and(|interface| interface.starts_with("wasi:"))
}
