//! Passes calls on to the host, keeps a counter, and ends in several ways.

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::net::ToSocketAddrs;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use exports::test::calls::run::{Failure, Guest, Row};
use test::calls::host;

wit_bindgen::generate!({ path: "calls", world: "guest" });

struct Component;

static COUNTER: AtomicU32 = AtomicU32::new(0);

impl Guest for Component {
    fn add(a: u32, b: u32) -> u32 {
        host::add(a, b)
    }
    fn rows(rows: Vec<Row>) -> Vec<Row> {
        host::rows(&rows)
    }
    fn later(text: String) -> String {
        host::later(&text)
    }
    fn may_fail(how: String) -> Result<u32, Failure> {
        host::may_fail(&how)
    }
    fn fail_barely() -> Result<(), ()> {
        host::fail_barely()
    }
    fn catch(how: String) -> String {
        format!("{:?}", host::may_fail(&how))
    }
    fn pick(from: Option<Option<u8>>) -> Option<Option<u8>> {
        host::pick(from)
    }
    fn often(times: u32) -> u32 {
        (0..times).fold(0, |sum, one| {
            host::nothing();
            host::add(sum, one)
        })
    }
    fn fail(how: Failure) -> Result<(), Failure> {
        Err(how)
    }
    fn next() -> u32 {
        COUNTER.fetch_add(1, Ordering::Relaxed) + 1
    }
    fn panic(text: String) {
        panic!("{text}");
    }
    fn exit() {
        std::process::exit(0);
    }
    fn print(text: String) {
        print!("{text}");
    }
    fn print_error(text: String) {
        eprint!("{text}");
    }
    fn spin() {
        loop {
            std::hint::spin_loop();
        }
    }
    fn environment() -> Vec<(String, String)> {
        std::env::vars().collect::<HashMap<_, _>>().into_iter().collect()
    }
    fn arguments() -> Vec<String> {
        std::env::args().collect()
    }
    fn read_line() -> Option<String> {
        let mut line = String::new();
        match std::io::stdin().read_line(&mut line) {
            Ok(0) | Err(_) => None,
            Ok(_) => Some(line),
        }
    }
    fn open(path: String) -> Result<(), String> {
        std::fs::File::open(path).map(drop).map_err(|error| error.kind().to_string())
    }
    fn resolve(host: String) -> Result<(), String> {
        (host.as_str(), 80).to_socket_addrs().map(drop).map_err(|error| error.kind().to_string())
    }
    fn chance() -> u64 {
        RandomState::new().hash_one(0)
    }
    fn now_ms() -> u64 {
        SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_millis() as u64)
    }
    fn sleep_ms(ms: u32) {
        std::thread::sleep(Duration::from_millis(ms.into()));
    }
}

export!(Component);
