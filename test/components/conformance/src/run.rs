//! `run`: calls that compute, call the host, print, wait, or end badly.

use std::fs::File;
use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread::sleep;
use std::time::{Duration, Instant, SystemTime};

use crate::exports::hl::conformance::run::{Failure, Guest, Person};
use crate::hl::conformance::host;
use crate::wasi::http::outgoing_handler::handle;
use crate::wasi::http::types::{Fields, OutgoingRequest};

static COUNTER: AtomicU32 = AtomicU32::new(0);

impl Guest for crate::Component {
    fn noop() {}

    fn hello(name: String) -> String {
        format!("Hello, {name}!")
    }

    fn add(a: u32, b: u32) -> u32 {
        a.wrapping_add(b)
    }

    fn counter_next() -> u32 {
        COUNTER.fetch_add(1, Ordering::Relaxed) + 1
    }

    fn host_add(count: u32) -> u32 {
        (0..count).fold(0, host::add)
    }

    fn host_notify() {
        host::notify();
    }

    fn host_transform(text: String) -> String {
        host::transform(&text)
    }

    fn host_describe(people: Vec<Person>) -> Result<String, Failure> {
        host::describe(&people)
    }

    fn host_many_parameters() -> (u8, String, u64) {
        host::many_parameters(1, "two", 3, 4.5, "five", -6, 7, "eight", &[9, 9], true, 'k')
    }

    fn panic(message: String) {
        panic!("{message}");
    }

    fn spin() {
        loop {
            std::hint::spin_loop();
        }
    }

    fn grow(bytes: u64) -> bool {
        let mut memory = Vec::<u8>::new();
        if memory.try_reserve_exact(bytes as usize).is_err() {
            return false;
        }
        memory.resize(bytes as usize, 1);
        std::hint::black_box(&memory).iter().all(|byte| *byte == 1)
    }

    fn recurse(depth: u32) -> u32 {
        let frame = std::hint::black_box([depth; 64]);
        if depth == u32::MAX { frame[0] } else { Self::recurse(depth + 1) ^ frame[1] }
    }

    fn exit(ok: bool) {
        std::process::exit(i32::from(!ok));
    }

    fn print(text: String) {
        println!("{text}");
    }

    fn print_error(text: String) {
        eprintln!("{text}");
    }

    fn read_line() -> Option<String> {
        let mut line = String::new();
        match io::stdin().read_line(&mut line) {
            Ok(bytes) if bytes > 0 => Some(line),
            Ok(_) | Err(_) => None,
        }
    }

    fn wall_clock_ms() -> u64 {
        SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).map_or(0, |since| since.as_millis() as u64)
    }

    fn monotonic_ns() -> u64 {
        // An `Instant` tells only differences; the process's first one is where they start.
        static START: std::sync::OnceLock<Instant> = std::sync::OnceLock::new();
        START.get_or_init(Instant::now).elapsed().as_nanos() as u64
    }

    fn sleep_ms(ms: u32) {
        sleep(Duration::from_millis(u64::from(ms)));
    }

    fn random_u64() -> u64 {
        use std::hash::{BuildHasher, RandomState};
        RandomState::new().hash_one(0)
    }

    fn random_bytes(count: u32) -> Vec<u8> {
        (0..count).map(|_| Self::random_u64() as u8).collect()
    }

    fn environment() -> Vec<(String, String)> {
        std::env::vars().collect()
    }

    fn open_file(path: String) -> Result<u64, String> {
        let mut text = Vec::new();
        File::open(path)
            .and_then(|mut file| file.read_to_end(&mut text))
            .map(|bytes| bytes as u64)
            .map_err(text_of)
    }

    fn fetch(authority: String) -> Result<(), String> {
        let request = OutgoingRequest::new(Fields::new());
        request.set_authority(Some(&authority)).map_err(|()| "set-authority")?;
        handle(request, None).map(|_| ()).map_err(|code| format!("{code:?}"))
    }

    fn connect(address: String) -> Result<(), String> {
        TcpStream::connect(address).and_then(|mut stream| stream.write_all(b"x")).map_err(text_of)
    }
}

fn text_of(error: io::Error) -> String {
    format!("{:?}", error.kind())
}
