//! What these tests share: a component in a sandbox, by the names of its functions, and values in wire form.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Once;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use hl_vmm::{Code, Deadline, Error, ErrorKind, Host, HostReply, Interrupt, Limits, Program, Sandbox};
use serde_json::Value;

const RUNTIME: &[u8] = include_bytes!(concat!(env!("HL_GUEST_DIR"), "/hl-runtime"));

pub const ECHO: &str = "hl:conformance/echo@1.0.0";
pub const RUN: &str = "hl:conformance/run@1.0.0";

/// False, with a word on why, where there is no hypervisor; a failure where one is expected.
pub fn has_hypervisor() -> bool {
    match hl_vmm::probe() {
        Ok(()) => true,
        Err(unavailable) => {
            assert!(std::env::var_os("CI").is_none(), "CI needs KVM: {}", unavailable.message);
            println!("skipped: {}", unavailable.message);
            false
        }
    }
}

/// Long enough for anything that ends.
pub fn soon() -> Deadline {
    Deadline::after(Duration::from_secs(30))
}

type Serve = Box<dyn FnMut(&str, &[u8]) -> Result<Vec<u8>, String>>;

/// The host's side: answers imports by name and keeps what is printed.
pub struct TestHost {
    imports: Vec<(String, String)>,
    serve: Serve,
    pub printed: Vec<(u32, String)>,
}

impl Host for TestHost {
    fn call(&mut self, import: u32, arguments: &[u8], _: &Deadline) -> HostReply {
        match (self.serve)(&self.imports[import as usize].1, arguments) {
            Ok(reply) => HostReply::Returned(reply),
            Err(message) => HostReply::Threw(message),
        }
    }

    fn output(&mut self, stream: u32, bytes: &[u8]) {
        self.printed.push((stream, String::from_utf8_lossy(bytes).into_owned()));
    }
}

/// One component in a VM.
pub struct Loaded {
    pub sandbox: Sandbox,
    pub host: TestHost,
    exports: Vec<(Option<String>, String)>,
}

impl Loaded {
    /// Calls an export and leaves the state as it is.
    pub fn call(
        &mut self,
        interface: Option<&str>,
        function: &str,
        request: &Wire,
    ) -> Result<Vec<u8>, Error> {
        let number = self.export(interface, function);
        self.sandbox.call(number, &request.0, &soon(), &mut self.host)
    }

    /// The number of an export.
    pub fn export(&self, interface: Option<&str>, function: &str) -> u32 {
        let named = |(i, f): &(Option<String>, String)| i.as_deref() == interface && f == function;
        self.exports.iter().position(named).unwrap_or_else(|| panic!("no export {function}")) as u32
    }

    /// Calls an export of the interface `run`, which must return.
    pub fn run(&mut self, function: &str, request: &Wire) -> Vec<u8> {
        self.call(Some(RUN), function, request).unwrap_or_else(|error| panic!("{function}: {error}"))
    }

    /// Calls an export that must fail, and puts the sandbox back.
    pub fn fails(&mut self, interface: Option<&str>, function: &str, request: &Wire) -> ErrorKind {
        let error = self.call(interface, function, request).expect_err(function);
        self.sandbox.reset().expect("a reset");
        error.into_kind()
    }
}

/// Loads the test component of this name, without anyone to serve its imports.
pub fn load(name: &str) -> Loaded {
    load_with(name, Limits::default(), |function, _| Err(format!("nobody serves {function}")))
}

pub fn load_with(
    name: &str,
    limits: Limits,
    serve: impl FnMut(&str, &[u8]) -> Result<Vec<u8>, String> + 'static,
) -> Loaded {
    try_load(&component(name), limits, serve).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// Loads a component of which nothing is known to work.
pub fn try_load(
    component: &[u8],
    limits: Limits,
    serve: impl FnMut(&str, &[u8]) -> Result<Vec<u8>, String> + 'static,
) -> Result<Loaded, Error> {
    let artifact = Artifact::compile(component);
    let number = |name: &str| artifact.header[name].as_u64().unwrap() as usize;
    let text = number("textOffset")..number("textOffset") + number("textBytes");
    let code = Code::read(&artifact.path, number("codeOffset") as u64, number("codeBytes"), text)?;
    let served: Vec<&str> =
        artifact.header["wasi"].as_array().unwrap().iter().map(|n| n.as_str().unwrap()).collect();
    let exports = functions(&artifact.header["descriptor"], "exports");
    let mut imports = functions(&artifact.header["descriptor"], "imports");
    imports.retain(|(interface, function)| {
        !served.contains(&format!("{}#{function}", interface.as_deref().unwrap_or_default()).as_str())
    });
    let mut payload = Wire::new();
    for functions in [&exports, &imports] {
        payload = payload.u32(functions.len() as u32);
        for (interface, function) in functions {
            payload = match interface {
                Some(interface) => payload.u8(1).string(interface).string(function),
                None => payload.u8(0).string(function),
            };
        }
    }
    let imports =
        imports.into_iter().map(|(interface, function)| (interface.unwrap_or_default(), function)).collect();
    let mut host = TestHost { imports, serve: Box::new(serve), printed: Vec::new() };
    let (program, interrupt) = (Program::parse(RUNTIME)?, Interrupt::new());
    let sandbox = Sandbox::create(program, code, &payload.0, limits, &soon(), &interrupt, &mut host)?;
    Ok(Loaded { sandbox, host, exports })
}

/// All functions of a descriptor's imports or exports, in order, and what drops the handles of exported resources.
fn functions(descriptor: &Value, side: &str) -> Vec<(Option<String>, String)> {
    let mut all = Vec::new();
    for interface in descriptor[side].as_array().unwrap() {
        let name = interface["name"].as_str().map(str::to_owned);
        for function in interface["functions"].as_array().unwrap() {
            all.push((name.clone(), function["name"].as_str().unwrap().to_owned()));
        }
        for index in interface["types"].as_array().unwrap() {
            let ty = &descriptor["types"][index.as_u64().unwrap() as usize];
            if side == "exports" && ty["kind"] == "resource" {
                all.push((name.clone(), format!("[resource-drop]{}", ty["name"].as_str().unwrap())));
            }
        }
    }
    all
}

/// A compiled component in a file that is removed with this.
struct Artifact {
    path: PathBuf,
    header: Value,
}

impl Artifact {
    fn compile(component: &[u8]) -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let path = std::env::temp_dir().join(format!("hl-runtime-{}-{number}.hlc", std::process::id()));
        // It is built into the same folder as this test's parent.
        let here = std::env::current_exe().unwrap();
        let compiler = here.ancestors().nth(2).unwrap().join("hl-compile");
        let child = Command::new(&compiler).arg("--out").arg(&path).stdin(Stdio::piped()).spawn();
        let mut child =
            child.unwrap_or_else(|error| panic!("{}: {error}; build hl-compile first", compiler.display()));
        child.stdin.take().unwrap().write_all(component).unwrap();
        assert!(child.wait().unwrap().success());
        let bytes = fs::read(&path).unwrap();
        let header_bytes = u32::from_le_bytes(bytes[8..12].try_into().unwrap()) as usize;
        Self { path, header: serde_json::from_slice(&bytes[12..12 + header_bytes]).unwrap() }
    }
}

impl Drop for Artifact {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.path);
    }
}

/// The bytes of a test component, built first where it is not there yet.
fn component(name: &str) -> Vec<u8> {
    static BUILT: Once = Once::new();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../test/components");
    let path = folder.join("dist").join(name).with_extension("wasm");
    if !path.exists() {
        BUILT.call_once(|| {
            let built = Command::new("node").arg("build.mjs").current_dir(&folder).status().unwrap();
            assert!(built.success(), "the test components do not build");
        });
    }
    fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Values in wire form, one behind the other.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wire(pub Vec<u8>);

macro_rules! numbers {
    ($($type:ident)*) => { $(pub fn $type(mut self, value: $type) -> Self {
        self.0.extend(value.to_le_bytes());
        self
    })* };
}

#[allow(dead_code, reason = "all scalars, whether or not a test needs each")]
impl Wire {
    pub fn new() -> Self {
        Self::default()
    }

    numbers!(u8 u16 u32 u64 i8 i16 i32 i64 f32 f64);

    pub fn string(mut self, value: &str) -> Self {
        self = self.u32(value.len() as u32);
        self.0.extend(value.as_bytes());
        self
    }

    pub fn bytes(mut self, value: &[u8]) -> Self {
        self = self.u32(value.len() as u32);
        self.0.extend(value);
        self
    }
}
