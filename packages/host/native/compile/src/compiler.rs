//! Owns the engine that compiles for the VM, and whose fault it is when that fails.

use sha2::{Digest, Sha256};
use wasmtime::wasmparser::{Validator, WasmFeatures};
use wasmtime::{Config, Engine};

use crate::artifact::FORMAT;
use crate::cpu;
use crate::failure::Failure;

/// The one version that the runtime in the VM accepts.
pub const WASMTIME: &str = "48.0.8";

const EMPTY_COMPONENT: &[u8] = b"\0asm\x0d\0\x01\0";

pub struct Compiler {
    engine: Engine,
}

impl Compiler {
    pub fn new() -> Result<Self, Failure> {
        let mut config = Config::new();
        hl_engine::configure(&mut config);
        let failed =
            |error: wasmtime::Error| Failure::internal(format!("cannot set up the compiler: {error:#}"));
        config.target(hl_engine::TARGET).map_err(failed)?;
        // SAFETY: the flags only allow instructions that this machine, on which the code will run, has; and
        // wasmtime's own code in the VM, built without float registers, never passes floats to compiled code.
        unsafe {
            for flag in cpu::flags() {
                config.cranelift_flag_enable(flag);
            }
            config.x86_float_abi_ok(true);
        }
        Ok(Self { engine: Engine::new(&config).map_err(failed)? })
    }

    /// Names everything, besides the component, that the compiled code depends on.
    ///
    /// wasmtime writes its version, target, flags, features and tunables into whatever it compiles, so the
    /// smallest component carries them all.
    pub fn config_hash(&self) -> Result<String, Failure> {
        let mut digest = Sha256::new();
        digest.update(FORMAT.to_le_bytes());
        digest.update(self.compile(EMPTY_COMPONENT)?);
        Ok(hex(&digest.finalize()))
    }

    /// The component as machine code, in wasmtime's ELF form.
    pub fn compile(&self, component: &[u8]) -> Result<Vec<u8>, Failure> {
        self.engine.precompile_component(component).map_err(|error| refused(component, &error))
    }
}

/// Valid with every feature that the parser knows, but refused: it needs one that this engine lacks.
fn refused(component: &[u8], error: &wasmtime::Error) -> Failure {
    match Validator::new_with_features(WasmFeatures::all()).validate_all(component) {
        Ok(_) => Failure::unsupported(format!("the component needs what this engine lacks: {error:#}")),
        Err(invalid) if invalid.message().contains("unexpected end") => {
            Failure::invalid(format!("the component is truncated: {invalid}"))
        }
        Err(invalid) => Failure::invalid(format!("the component is not valid: {invalid}")),
    }
}

/// Lower-case hexadecimal.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
