//! Measures what no micro-VM on this machine can go below, with guests of a few instructions.
//!
//! `hl-floors EXITS TURNS CREATES COPIES` prints one JSON object: `exit`, `pingPong`, `create` and `memcpy`, each
//! with that many samples in microseconds. The benchmark takes its percentiles of them as of its own samples.

mod guest;
mod measure;
mod vm;

use std::fmt::Display;
use std::process::ExitCode;

type Failure = Box<dyn std::error::Error + Send + Sync>;

fn main() -> ExitCode {
    let counts: Vec<_> = std::env::args().skip(1).map(|argument| argument.parse::<usize>()).collect();
    let [Ok(exits), Ok(turns), Ok(creates), Ok(copies)] = counts[..] else {
        eprintln!("usage: hl-floors EXITS TURNS CREATES COPIES");
        return ExitCode::from(2);
    };
    match report(exits, turns, creates, copies) {
        Ok(json) => {
            println!("{json}");
            ExitCode::SUCCESS
        }
        Err(failure) => {
            eprintln!("hl-floors: {failure}");
            ExitCode::FAILURE
        }
    }
}

fn report(exits: usize, turns: usize, creates: usize, copies: usize) -> Result<String, Failure> {
    let system = kvm_ioctls::Kvm::new().map_err(named("opening /dev/kvm"))?;
    Ok(format!(
        r#"{{"exit":{},"pingPong":{},"create":{},"memcpy":{}}}"#,
        json(&measure::exits(&system, exits)?),
        json(&measure::turns(&system, turns)?),
        json(&measure::creates(&system, creates)?),
        json(&measure::copies(copies)?),
    ))
}

fn json(samples: &[f64]) -> String {
    let texts: Vec<_> = samples.iter().map(|sample| format!("{sample:.3}")).collect();
    format!("[{}]", texts.join(","))
}

/// Puts the name of the step before what went wrong with it.
fn named<Error: Display>(step: &'static str) -> impl Fn(Error) -> Failure {
    move |error| format!("{step}: {error}").into()
}
