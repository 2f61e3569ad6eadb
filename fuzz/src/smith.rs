//! Components that nobody wrote, compiled by `hl-compile`, loaded into a real VM and called under small limits.

mod component;

use crate::bytes::Bytes;
use component::{EXPORTS, component_of};
use hl_vmm::{
    Base, Code, Deadline, Error, ErrorKind, Host, HostReply, Interrupt, LimitKind, Limits, Program, Sandbox,
};
use serde_json::Value;
use std::cell::RefCell;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use std::{fmt, fs};

const RUNTIME: &[u8] = include_bytes!(concat!(env!("HL_GUEST_DIR"), "/hl-runtime"));

const LIMITS: Limits =
    Limits { memory_bytes: 24 << 20, reply_bytes_max: 64 << 10, output_bytes_max: 4096, host_calls_max: 16 };

/// To load takes longer than any call that ends, also on a loaded machine.
const LOAD: Duration = Duration::from_secs(60);
const CALL: Duration = Duration::from_millis(100);

/// Calls of one component; a component costs as much as some hundreds of them.
const CALLS: u64 = 400;
/// After so many calls that did not end in time a component has no more to tell.
const EXPIRED_MAX: u32 = 2;

/// What became of components and calls so far.
pub struct Counts {
    components: AtomicU64,
    refused: AtomicU64,
    not_loaded: AtomicU64,
    returned: AtomicU64,
    failed: AtomicU64,
    expired: AtomicU64,
}

pub static COUNTS: Counts = Counts {
    components: AtomicU64::new(0),
    refused: AtomicU64::new(0),
    not_loaded: AtomicU64::new(0),
    returned: AtomicU64::new(0),
    failed: AtomicU64::new(0),
    expired: AtomicU64::new(0),
};

impl Counts {
    /// Calls that went through a VM.
    pub fn calls(&self) -> u64 {
        [&self.returned, &self.failed, &self.expired].map(read_count).iter().sum()
    }
}

impl fmt::Display for Counts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let counters = [&self.components, &self.refused, &self.not_loaded];
        let [components, refused, not_loaded] = counters.map(read_count);
        let [returned, failed, expired] = [&self.returned, &self.failed, &self.expired].map(read_count);
        write!(f, "{components} components ({refused} refused, {not_loaded} not loaded), ")?;
        write!(f, "{} calls ({returned} returned, {failed} failed, {expired} not in time)", self.calls())
    }
}

fn read_count(counter: &AtomicU64) -> u64 {
    counter.load(Ordering::Relaxed)
}

fn count(counter: &AtomicU64) {
    counter.fetch_add(1, Ordering::Relaxed);
}

/// Makes a component of `input`, and calls what it exports.
///
/// # Panics
/// If the compiler fails otherwise than by refusing, or the host does anything but answer, fail the call, or limit it.
pub fn smith(input: &[u8]) {
    thread_local!(static FORGE: RefCell<Forge> = RefCell::new(Forge::new()));
    FORGE.with_borrow_mut(|forge| forge.work(input));
}

struct Forge {
    program: Arc<Program>,
    compiler: PathBuf,
    artifact: PathBuf,
}

impl Forge {
    fn new() -> Self {
        Self {
            program: Program::parse(RUNTIME).expect("the runtime's ELF file"),
            compiler: compiler(),
            artifact: std::env::temp_dir().join(format!("hl-fuzz-{}.hlc", std::process::id())),
        }
    }

    fn work(&mut self, input: &[u8]) {
        let Some(component) = component_of(input) else { return };
        count(&COUNTS.components);
        let Some(code) = self.compile(&component) else { return count(&COUNTS.refused) };
        match self.load(&code) {
            Ok(sandbox) => call(sandbox, &mut Bytes(input)),
            // Its start function traps, runs for ever or wants more memory than there is; or a type is not supported.
            Err(error) => {
                check(&error);
                count(&COUNTS.not_loaded);
            }
        }
        let _ = fs::remove_file(&self.artifact);
    }

    /// `None` if the compiler refuses it.
    fn compile(&self, component: &[u8]) -> Option<Arc<Code>> {
        let mut child = Command::new(&self.compiler)
            .args(["--memory-bytes", "1073741824", "--time-ms", "20000", "--out"])
            .arg(&self.artifact)
            .stdin(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| panic!("{}: {error}; run npm run build:native", self.compiler.display()));
        // It may refuse before it has read everything.
        let _ = child.stdin.take().map(|mut input| input.write_all(component));
        let output = child.wait_with_output().expect("the compiler's end");
        let told = String::from_utf8_lossy(&output.stderr);
        match output.status.code() {
            Some(0) => Some(read(&self.artifact)),
            Some(1) if !told.contains("\"internal\"") => None,
            _ => panic!("the compiler ended with {:?}: {told}", output.status),
        }
    }

    fn load(&self, code: &Arc<Code>) -> Result<Sandbox, Error> {
        let (interrupt, deadline) = (Interrupt::new(), Deadline::after(LOAD));
        let mut payload = functions(&EXPORTS.map(|export| export.name));
        payload.extend(functions(&[component::IMPORT]));
        let (program, code) = (self.program.clone(), code.clone());
        let base = Base::load(program, code, &payload, LIMITS, &deadline, &interrupt, &mut Answering)?;
        Sandbox::from_base(&base, LIMITS, &interrupt, None)
    }
}

/// A list of functions of the world's own, as the runtime is told them.
fn functions(names: &[&str]) -> Vec<u8> {
    let mut list = (names.len() as u32).to_le_bytes().to_vec();
    for name in names {
        list.push(0);
        list.extend_from_slice(&(name.len() as u32).to_le_bytes());
        list.extend_from_slice(name.as_bytes());
    }
    list
}

/// Where the artifact's header says.
fn read(path: &Path) -> Arc<Code> {
    let bytes = fs::read(path).expect("an artifact");
    let header_bytes = u32::from_le_bytes(std::array::from_fn(|byte| bytes[8 + byte])) as usize;
    let header: Value = serde_json::from_slice(&bytes[12..12 + header_bytes]).expect("a header");
    let number = |name: &str| header[name].as_u64().expect(name) as usize;
    let text = number("textOffset")..number("textOffset") + number("textBytes");
    Code::read(path, number("codeOffset") as u64, number("codeBytes"), text).expect("code")
}

fn call(mut sandbox: Sandbox, bytes: &mut Bytes<'_>) {
    let (mut expired, mut turns) = (0, Bytes(bytes.0));
    for number in 0..CALLS {
        if turns.is_empty() {
            turns = Bytes(bytes.0);
        }
        let function = number as usize % EXPORTS.len();
        let request = (EXPORTS[function].request)(&mut turns);
        match sandbox.call(function as u32, &request, &Deadline::after(CALL), &mut Answering) {
            Ok(reply) => {
                assert!(reply.len() <= LIMITS.reply_bytes_max, "a reply of {} bytes", reply.len());
                count(&COUNTS.returned);
            }
            Err(error) => {
                check(&error);
                if matches!(error.kind(), ErrorKind::Expired(_)) {
                    count(&COUNTS.expired);
                    expired += 1;
                } else {
                    count(&COUNTS.failed);
                }
            }
        }
        if expired == EXPIRED_MAX {
            return;
        }
        sandbox.reset().expect("a reset");
        if number % 100 == 99 {
            sandbox.audit().expect("the base state");
        }
    }
}

/// A guest may fail in any way of its own, and reach its limits; it never breaks the runtime's protocol.
fn check(error: &Error) {
    let is_its_own = match error.kind() {
        ErrorKind::Guest(_) | ErrorKind::Expired(_) => true,
        ErrorKind::Limit(limit) => *limit != LimitKind::ProcessMemory,
        _ => false,
    };
    assert!(is_its_own, "neither the guest's failure nor a limit: {error:?}");
}

/// The host function of every component.
struct Answering;

impl Host for Answering {
    fn call(&mut self, import: u32, arguments: &[u8], _deadline: &Deadline) -> HostReply {
        assert_eq!((import, arguments.len()), (0, 12), "arguments that are not of the function's type");
        HostReply::Returned(arguments[..4].to_vec())
    }

    fn output(&mut self, _stream: u32, _text: &[u8]) {
        panic!("a component without WASI prints");
    }
}

/// `HL_COMPILE`, or the release build beside this program's own.
fn compiler() -> PathBuf {
    if let Some(path) = std::env::var_os("HL_COMPILE") {
        return path.into();
    }
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/release/hl-compile")
}
