//! Owns the order of work: limit this process, read a component, compile it, write the artifact.
//!
//! A component is a stranger's input to a large compiler, so this runs as a child process that may be
//! killed at any moment: until the artifact is renamed into place nothing of it can be seen.

mod arguments;
mod artifact;
mod asynchronous;
mod compiler;
mod cpu;
mod failure;
mod input;
mod limits;

use std::process::ExitCode;

use arguments::{Arguments, Command};
use failure::Failure;

#[global_allocator]
static ALLOCATOR: limits::Allocator = limits::Allocator;

fn main() -> ExitCode {
    let command = match Command::parse(std::env::args().skip(1)) {
        Ok(command) => command,
        Err(usage) => {
            eprintln!("{usage}");
            return ExitCode::from(2);
        }
    };
    failure::report_panics();
    let outcome = match command {
        Command::Version => version(),
        Command::Compile(arguments) => compile(&arguments),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => failure.report(),
    }
}

fn version() -> Result<(), Failure> {
    let config = compiler::Compiler::new()?.config_hash()?;
    let version = serde_json::json!({
        "wasmtime": compiler::WASMTIME, "format": artifact::FORMAT, "config": config,
    });
    println!("{version}");
    Ok(())
}

fn compile(arguments: &Arguments) -> Result<(), Failure> {
    limits::impose(arguments.memory_bytes, arguments.time_ms)?;
    let component = input::read(std::io::stdin().lock())?;
    let compiler = compiler::Compiler::new()?;
    let code = compiler.compile(&component).map_err(|failure| asynchronous_or(failure, &component))?;
    // It is valid, or it would not have compiled.
    let world = hl_wit::describe_component(&component);
    let world = world.map_err(|error| Failure::unsupported(error.to_string()))?;
    artifact::write(
        &arguments.out,
        &artifact::Parts { component, code, world, config: compiler.config_hash()? },
    )
}

/// The compiler names what it lacks by the bytes where it is needed; where that is the asynchronous ABI, the
/// functions say more.
fn asynchronous_or(failure: Failure, component: &[u8]) -> Failure {
    let world = hl_wit::describe_component(component).ok();
    match world.and_then(|world| asynchronous::functions(&world.descriptor)) {
        Some(lines) if failure.is_unsupported() => Failure::unsupported(format!(
            "the component needs async functions, streams or futures, which this version does not have; \
             host functions of a component without them may take their time all the same:\n{lines}"
        )),
        _ => failure,
    }
}
