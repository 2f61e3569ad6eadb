//! A program of many commands, each a line of arguments; without any it tells what it finds of the system.

mod files;
mod http;
mod survey;
mod waiting;

use std::io::{self, Read, Write};
use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().collect();
    let words: Vec<&str> = arguments.iter().skip(1).map(String::as_str).collect();
    match run(&words) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{:?}: {error}", error.kind());
            ExitCode::FAILURE
        }
    }
}

fn run(words: &[&str]) -> io::Result<()> {
    match words {
        [] => survey::all(),
        ["arguments", ..] => println!("{:?}", std::env::args().collect::<Vec<_>>()),
        ["environment"] => {
            for (name, value) in std::env::vars() {
                println!("{name}={value}");
            }
        }
        ["stdin"] => {
            let mut text = Vec::new();
            io::stdin().read_to_end(&mut text)?;
            io::stdout().write_all(&text)?;
        }
        ["lines"] => {
            for line in io::stdin().lines() {
                println!("> {}", line?);
            }
        }
        ["exit", code] => std::process::exit(code.parse().unwrap_or(99)),
        ["now"] => println!("{}", waiting::wall_ms()),
        ["sleep", ms] => waiting::sleep(ms.parse().unwrap_or(0)),
        ["race", short, long] => waiting::race(short.parse().unwrap_or(0), long.parse().unwrap_or(0)),
        ["get", url] => http::exchange("GET", url, None)?,
        ["post", url, body] => http::exchange("POST", url, Some(body))?,
        _ => return files::run(words),
    }
    Ok(())
}
