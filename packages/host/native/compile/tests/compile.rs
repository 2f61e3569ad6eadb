//! The program as its parent sees it: what goes in, what comes out, and what it says when nothing does.

use std::fs;
use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

use serde_json::Value;
use sha2::{Digest, Sha256};

const HELLO: &str = r#"(component
  (import "wasi:cli/environment@0.2.3" (instance (export "initial-cwd" (func (result (option string))))))
  (import "acme:shop/stock" (instance (export "count" (func (result u32)))))
  (core module $m (func (export "f") (result i32) i32.const 1))
  (core instance $i (instantiate $m))
  (func (export "answer") (result u32) (canon lift (core func $i "f"))))"#;

/// A file name of this test's own, removed with it.
struct Artifact(PathBuf);

impl Artifact {
    fn new(test: &str) -> Self {
        Self(std::env::temp_dir().join(format!("hl-compile-{}-{test}.hlc", std::process::id())))
    }
}

impl Drop for Artifact {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}

fn compile(artifact: &Artifact, component: &[u8], limits: &[&str]) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_hl-compile"))
        .arg("--out")
        .arg(&artifact.0)
        .args(limits)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // It may refuse before it has read everything.
    let _ = child.stdin.take().unwrap().write_all(component);
    child.wait_with_output().unwrap()
}

/// Checks that nothing was written, and what was said.
fn check_refused(test: &str, component: &[u8], limits: &[&str], code: &str, message: &str) {
    let artifact = Artifact::new(test);
    let output = compile(&artifact, component, limits);
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{stderr}");
    let failure: Value = serde_json::from_str(stderr.lines().last().unwrap()).unwrap();
    assert_eq!(failure["code"], code, "{failure}");
    assert!(failure["message"].as_str().unwrap().contains(message), "{failure}");
    assert!(!artifact.0.exists());
}

#[test]
fn a_component_becomes_an_artifact_whose_header_describes_it() {
    let artifact = Artifact::new("ok");
    let output = compile(&artifact, &wat::parse_str(HELLO).unwrap(), &[]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let bytes = fs::read(&artifact.0).unwrap();
    assert_eq!(&bytes[..8], b"HLC\0\0\0\0\x02");
    let header_bytes = u32::from_le_bytes(bytes[8..12].try_into().unwrap()) as usize;
    let header: Value = serde_json::from_slice(&bytes[12..12 + header_bytes]).unwrap();
    assert_eq!(Sha256::digest(&bytes[12..12 + header_bytes])[..], bytes[12 + header_bytes..][..32]);
    let number = |name: &str| header[name].as_u64().unwrap() as usize;
    assert_eq!(number("codeOffset") % 4096, 0);
    assert_eq!(number("codeOffset") + number("codeBytes"), bytes.len());
    assert!(number("textOffset").is_multiple_of(4096) && number("textBytes").is_multiple_of(4096));
    assert!(number("textBytes") > 0);
    let code = &bytes[number("codeOffset")..];
    assert_eq!(&code[..4], b"\x7fELF");
    assert_eq!(header["codeChecksum"], format!("{:016x}", xxhash_rust::xxh3::xxh3_64(code)));
    assert_eq!(header["wasi"], serde_json::json!(["wasi:cli/environment@0.2.3#initial-cwd"]));
    assert_eq!(header["descriptor"]["exports"][0]["functions"][0]["name"], "answer");
    assert!(header["wit"].as_str().unwrap().contains("acme:shop/stock"));
}

#[test]
fn what_is_plainly_not_a_component_is_named() {
    let module = wat::parse_str("(module)").unwrap();
    check_refused("empty", b"", &[], "invalid", "the component is empty");
    check_refused("text", HELLO.as_bytes(), &[], "invalid", "wasm-tools parse");
    check_refused("module", &module, &[], "invalid", "core WebAssembly module");
    check_refused("noise", b"\xff\xd8\xff\xe0", &[], "invalid", "not WebAssembly");
    check_refused("version", b"\0asm\x07\0\x01\0", &[], "unsupported", "unknown WebAssembly version");
}

#[test]
fn a_truncated_component_is_invalid_wherever_it_ends() {
    let component = wat::parse_str(HELLO).unwrap();
    for end in [6, 12, component.len() / 2, component.len() - 1] {
        check_refused(&format!("truncated-{end}"), &component[..end], &[], "invalid", "truncated");
    }
}

#[test]
fn a_component_that_needs_what_the_engine_lacks_is_unsupported() {
    let component = wat::parse_str(
        "(component (core module (memory i64 1 1 shared)
           (func (drop (memory.atomic.notify (i64.const 0) (i32.const 0))))))",
    );
    check_refused("threads", &component.unwrap(), &[], "unsupported", "needs what this engine lacks");
}

#[test]
fn a_compilation_past_its_memory_or_time_is_a_limit() {
    let component = large_component();
    check_refused("memory", &component, &["--memory-bytes", "134217728"], "limit", "memory");
    check_refused("time", &component, &["--time-ms", "1"], "limit", "time");
}

/// One function of straight-line code, which a register allocator cannot split.
fn large_component() -> Vec<u8> {
    let steps = "local.get 0 i32.const 3 i32.mul local.get 0 i32.load i32.add local.set 0 ".repeat(150_000);
    let text = format!(
        "(component (core module (memory 1) (func (export \"f\") (param i32) (result i32) {steps} local.get 0)))"
    );
    wat::parse_str(text).unwrap()
}

#[test]
fn the_version_names_the_configuration() {
    let output = Command::new(env!("CARGO_BIN_EXE_hl-compile")).arg("--version").output().unwrap();
    let version: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(version["wasmtime"], "48.0.8");
    assert_eq!(version["config"].as_str().unwrap().len(), 64);
}

#[test]
fn a_wrong_command_line_is_told_with_the_right_one() {
    for arguments in [&[][..], &["--out"], &["--out", "x", "--time-ms", "soon"], &["--fast"]] {
        let output = Command::new(env!("CARGO_BIN_EXE_hl-compile")).args(arguments).output().unwrap();
        assert_eq!(output.status.code(), Some(2));
        assert!(String::from_utf8(output.stderr).unwrap().contains("usage: hl-compile"));
    }
}

#[test]
fn what_is_asynchronous_is_named_function_by_function() {
    let component = br#"(component
      (import "acme:shop/feed" (instance
        (export "read" (func (param "n" u32) (result (stream u8))))
        (export "count" (func (result u32)))))
      (import "later" (func async)))"#;
    let component = wat::parse_bytes(component).unwrap();
    let lines = "  import later: async func(): it is async\n\
                 \x20 import acme:shop/feed read: func(n: u32) -> stream<u8>: it has a stream";
    check_refused("async", &component, &[], "unsupported", lines);
}
