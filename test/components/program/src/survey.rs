//! What a program finds that was granted nothing: one line for each thing it tries.

use std::collections::{HashMap, HashSet};
use std::fmt::Debug;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::net::{TcpListener, TcpStream, ToSocketAddrs, UdpSocket};
use std::thread;
use std::time::{Duration, Instant, SystemTime};

pub fn all() {
    process();
    file_system();
    network();
    time();
    memory();
    println!("done");
}

fn tell<T: Debug>(what: &str, result: io::Result<T>) {
    match result {
        Ok(value) => println!("{what}: {value:?}"),
        Err(error) => println!("{what}: error {:?}", error.kind()),
    }
}

fn process() {
    println!("arguments: {}", std::env::args().count());
    println!("environment: {}", std::env::vars().count());
    println!("variable: {:?}", std::env::var("HOME").ok());
    tell("stdin", io::stdin().read_to_string(&mut String::new()));
    tell("stdout flush", io::stdout().flush());
    tell("stderr", writeln!(io::stderr(), "to stderr"));
    tell("thread", thread::Builder::new().spawn(|| ()).map(|_| ()));
    tell("current directory", std::env::current_dir());
}

fn file_system() {
    tell("open", File::open("/etc/passwd").map(|_| ()));
    tell("open relative", File::open("file").map(|_| ()));
    tell("create", File::create("/tmp/file").map(|_| ()));
    tell("append", OpenOptions::new().append(true).open("file").map(|_| ()));
    tell("create directory", fs::create_dir("directory"));
    tell("list", fs::read_dir("/").map(|_| ()));
    tell("metadata", fs::metadata(".").map(|_| ()));
    tell("remove", fs::remove_file("/file"));
    tell("rename", fs::rename("/a", "/b"));
    tell("link", fs::hard_link("/a", "/b"));
    tell("canonical", fs::canonicalize("/").map(|_| ()));
}

fn network() {
    tell("connect", TcpStream::connect("127.0.0.1:80").map(|_| ()));
    tell("connect v6", TcpStream::connect("[::1]:80").map(|_| ()));
    tell("listen", TcpListener::bind("0.0.0.0:8080").map(|_| ()));
    tell("datagrams", UdpSocket::bind("0.0.0.0:0").map(|_| ()));
    tell("look up", "example.com:80".to_socket_addrs().map(|_| ()));
}

fn time() {
    let (start, wall) = (Instant::now(), SystemTime::now());
    thread::sleep(Duration::from_millis(15));
    println!("slept: {}", start.elapsed() >= Duration::from_millis(15));
    println!("wall clock moved: {}", wall.elapsed().is_ok_and(|passed| passed >= Duration::from_millis(14)));
    println!(
        "this century: {}",
        SystemTime::now() > SystemTime::UNIX_EPOCH + Duration::from_secs(1_600_000_000)
    );
}

fn memory() {
    let map: HashMap<u32, String> = (0..1_000).map(|n| (n, n.to_string())).collect();
    println!("map: {}", map[&999]);
    let words: HashSet<&str> = ["a", "b", "a"].into_iter().collect();
    println!("set: {}", words.len());
}
