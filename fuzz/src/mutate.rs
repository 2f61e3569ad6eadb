//! `mutate TARGET --runs N [--seed N] [FOLDER...]`: runs a target on its seeds, the inputs in the folders, and random changes of them.
//!
//! For as many runs as that takes, libFuzzer is slow. An input that breaks a promise is written to the working
//! folder before the process ends.

use hl_fuzz::smith::COUNTS;
use hl_fuzz::{Mutator, Target};
use std::panic::{self, AssertUnwindSafe};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{Duration, Instant};

const REPORT_EVERY: Duration = Duration::from_secs(10);

struct Arguments {
    target: &'static Target,
    runs: u64,
    seconds: u64,
    seed: u64,
    folders: Vec<PathBuf>,
}

fn main() -> ExitCode {
    let arguments = match parse(std::env::args().skip(1)) {
        Ok(arguments) => arguments,
        Err(wrong) => {
            eprintln!(
                "mutate: {wrong}\nusage: mutate TARGET [--runs N] [--seconds N] [--seed N] [FOLDER...]"
            );
            return ExitCode::from(2);
        }
    };
    // A thread that runs VMs lets no signal through: this one is there to be interrupted.
    let outcome = std::thread::spawn(move || fuzz(&arguments)).join();
    match outcome.unwrap_or_else(|_| Err("the fuzzer itself failed".into())) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("mutate: {error}");
            ExitCode::FAILURE
        }
    }
}

fn parse(mut given: impl Iterator<Item = String>) -> Result<Arguments, String> {
    let name = given.next().ok_or("which target?")?;
    let target = Target::named(&name).ok_or_else(|| format!("there is no target {name}"))?;
    let mut arguments = Arguments { target, runs: u64::MAX, seconds: u64::MAX, seed: 1, folders: Vec::new() };
    while let Some(argument) = given.next() {
        let place = match argument.as_str() {
            "--runs" => &mut arguments.runs,
            "--seconds" => &mut arguments.seconds,
            "--seed" => &mut arguments.seed,
            option if option.starts_with("--") => return Err(format!("there is no option {option}")),
            folder => {
                arguments.folders.push(folder.into());
                continue;
            }
        };
        let value = given.next().unwrap_or_default();
        *place = value.parse().map_err(|_| format!("{argument} needs a number, got '{value}'"))?;
    }
    Ok(arguments)
}

fn fuzz(arguments: &Arguments) -> Result<(), String> {
    let Arguments { target, runs, seconds, seed, ref folders } = *arguments;
    let mut mutator = Mutator::new(seed, target.input_bytes_max);
    for folder in std::iter::once(&target.seeds()).chain(folders) {
        mutator.add_folder(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    }
    let inputs = mutator.corpus().to_vec();
    println!("{}: seed {seed}, {} inputs to change", target.name, inputs.len());
    for input in &inputs {
        run(target, input)?;
    }
    let started = Instant::now();
    let (mut done, mut report) = (inputs.len() as u64, REPORT_EVERY);
    while done < runs {
        // The clock is dear next to a parser.
        for _ in 0..64.min(runs - done) {
            run(target, mutator.next_input())?;
            done += 1;
        }
        let elapsed = started.elapsed();
        if elapsed >= report || done == runs || elapsed.as_secs() >= seconds {
            report = elapsed + REPORT_EVERY;
            let rate = done as f64 / elapsed.as_secs_f64();
            println!("{}: {done} runs in {:.0} s, {rate:.0} a second", target.name, elapsed.as_secs_f64());
            if COUNTS.calls() > 0 {
                println!("{}: {COUNTS}", target.name);
            }
        }
        if elapsed.as_secs() >= seconds {
            break;
        }
    }
    Ok(())
}

fn run(target: &Target, input: &[u8]) -> Result<(), String> {
    let outcome = panic::catch_unwind(AssertUnwindSafe(|| (target.run)(input)));
    outcome.map_err(|_| {
        let path = PathBuf::from(format!("crash-{}", target.name));
        match std::fs::write(&path, input) {
            Ok(()) => format!("the input that did it is in {}", path.display()),
            Err(error) => format!("the input that did it, {input:02x?}, cannot be written: {error}"),
        }
    })
}
