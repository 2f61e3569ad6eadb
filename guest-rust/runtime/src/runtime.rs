//! The runtime as a guest: one component, loaded once, called from then on.

use hl_abi::message::FailureKind;
use hl_guest::{Failure, Guest, Reader, Writer};
use wasmtime::component::Linker;
use wasmtime::{Engine, Store};

use crate::codec::ARGUMENT_BYTES_MAX;
use crate::exports::Exports;
use crate::payload::Load;
use crate::wasi::Wasi;
use crate::{console, engine, fault, imports};

struct Loaded {
    store: Store<Wasi>,
    exports: Exports,
}

pub struct Runtime {
    engine: Engine,
    loaded: Option<Loaded>,
}

impl Runtime {
    #[expect(clippy::new_without_default, reason = "sets up trap handling for the whole program")]
    pub fn new() -> Self {
        Self { engine: engine::new(), loaded: None }
    }
}

impl Guest for Runtime {
    /// Instantiates the component in the code region.
    ///
    /// # Errors
    /// [`FailureKind::Load`], with every import that nobody serves.
    fn load(&mut self, payload: &mut Reader) -> Result<(), Failure> {
        let load = Load::read(payload)?;
        let component = engine::component(&self.engine, hl_guest::code())?;
        let mut linker = Linker::new(&self.engine);
        imports::define(&mut linker, &component, &load.imports)?;
        let mut store = Store::new(&self.engine, Wasi::default());
        // Counts only what wasmtime itself copies: strings in other encodings than UTF-8.
        store.set_hostcall_fuel(ARGUMENT_BYTES_MAX);
        let instance = linker.instantiate(&mut store, &component);
        console::flush();
        let instance = instance.map_err(|error| fault::of_load(&error))?;
        let exports = Exports::find(&mut store, &instance, &load.exports)?;
        self.loaded = Some(Loaded { store, exports });
        Ok(())
    }

    /// Calls export `function`.
    ///
    /// # Errors
    /// Whatever kept it from returning; what it printed until then is sent all the same.
    fn call(&mut self, function: u32, request: &mut Reader, reply: &mut Writer) -> Result<(), Failure> {
        let Some(loaded) = &mut self.loaded else {
            return Err(Failure::new(FailureKind::BadRequest, "no component is loaded"));
        };
        let outcome = loaded.exports.call(&mut loaded.store, function, request, reply);
        console::flush();
        outcome
    }
}
