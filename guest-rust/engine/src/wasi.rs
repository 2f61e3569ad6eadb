//! Owns the names of the WASI 0.2 functions that the runtime serves inside the VM, and how each answers.

/// How an isolated WASI answers a function.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// The runtime has code for it.
    Served(Service),
    /// The empty value of its result type: zero, the empty list or string, `none`, `ok`, a resource that
    /// does nothing.
    Empty,
    /// The error case of this name.
    Refused(&'static str),
}

/// Functions that the runtime has code for, some of them under several names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Service {
    Exit,
    ExitWithCode,
    Stdin,
    Stdout,
    Stderr,
    MonotonicNow,
    MonotonicResolution,
    SubscribeInstant,
    SubscribeDuration,
    WallNow,
    WallResolution,
    PollableReady,
    PollableBlock,
    Poll,
    StreamSubscribe,
    CheckWrite,
    Write,
    WriteZeroes,
    RandomBytes,
    RandomNumber,
    RandomSeed,
}

use Answer::{Empty, Refused, Served};

/// How `function` of `interface` (full name with version) answers; `None` if it is not served at all.
pub fn answer(interface: &str, function: &str) -> Option<Answer> {
    let (name, version) = interface.strip_prefix("wasi:")?.split_once('@')?;
    // Within 0.2 versions only ever add.
    version.strip_prefix("0.2.")?;
    let (_, functions) = INTERFACES.iter().find(|(interface, _)| *interface == name)?;
    let (_, answer) = functions.iter().find(|(pattern, _)| matches(pattern, function))?;
    Some(*answer)
}

/// Whether `interface` (full name with version) has a `function` that is served.
pub fn serves(interface: &str, function: &str) -> bool {
    answer(interface, function).is_some()
}

/// Patterns that end in `*` stand for all functions that begin alike: those of resources that no guest can
/// ever hold, or that do nothing.
fn matches(pattern: &str, function: &str) -> bool {
    match pattern.strip_suffix('*') {
        Some(beginning) => function.starts_with(beginning),
        None => pattern == function,
    }
}

/// Every interface, without `wasi:` and version.
pub const INTERFACES: &[(&str, &[(&str, Answer)])] = &[
    ("cli/environment", &[("get-environment", Empty), ("get-arguments", Empty), ("initial-cwd", Empty)]),
    ("cli/exit", &[("exit", Served(Service::Exit)), ("exit-with-code", Served(Service::ExitWithCode))]),
    ("cli/stdin", &[("get-stdin", Served(Service::Stdin))]),
    ("cli/stdout", &[("get-stdout", Served(Service::Stdout))]),
    ("cli/stderr", &[("get-stderr", Served(Service::Stderr))]),
    ("cli/terminal-stdin", &[("get-terminal-stdin", Empty)]),
    ("cli/terminal-stdout", &[("get-terminal-stdout", Empty)]),
    ("cli/terminal-stderr", &[("get-terminal-stderr", Empty)]),
    (
        "clocks/monotonic-clock",
        &[
            ("now", Served(Service::MonotonicNow)),
            ("resolution", Served(Service::MonotonicResolution)),
            ("subscribe-instant", Served(Service::SubscribeInstant)),
            ("subscribe-duration", Served(Service::SubscribeDuration)),
        ],
    ),
    (
        "clocks/wall-clock",
        &[("now", Served(Service::WallNow)), ("resolution", Served(Service::WallResolution))],
    ),
    ("clocks/timezone", &[("display", Empty), ("utc-offset", Empty)]),
    (
        "filesystem/types",
        &[
            ("[method]descriptor.is-same-object", Empty),
            ("[method]descriptor.*", Refused("access")),
            ("[method]directory-entry-stream.*", Refused("access")),
            ("filesystem-error-code", Empty),
        ],
    ),
    ("filesystem/preopens", &[("get-directories", Empty)]),
    (
        "http/types",
        &[("[constructor]*", Empty), ("[method]*", Empty), ("[static]*", Empty), ("http-error-code", Empty)],
    ),
    ("http/outgoing-handler", &[("handle", Refused("HTTP-request-denied"))]),
    ("io/error", &[("[method]error.to-debug-string", Empty)]),
    (
        "io/poll",
        &[
            ("[method]pollable.ready", Served(Service::PollableReady)),
            ("[method]pollable.block", Served(Service::PollableBlock)),
            ("poll", Served(Service::Poll)),
        ],
    ),
    (
        "io/streams",
        &[
            ("[method]input-stream.subscribe", Served(Service::StreamSubscribe)),
            ("[method]input-stream.*", Refused("closed")),
            ("[method]output-stream.check-write", Served(Service::CheckWrite)),
            ("[method]output-stream.write", Served(Service::Write)),
            ("[method]output-stream.blocking-write-and-flush", Served(Service::Write)),
            ("[method]output-stream.flush", Empty),
            ("[method]output-stream.blocking-flush", Empty),
            ("[method]output-stream.subscribe", Served(Service::StreamSubscribe)),
            ("[method]output-stream.write-zeroes", Served(Service::WriteZeroes)),
            ("[method]output-stream.blocking-write-zeroes-and-flush", Served(Service::WriteZeroes)),
            ("[method]output-stream.splice", Refused("closed")),
            ("[method]output-stream.blocking-splice", Refused("closed")),
        ],
    ),
    (
        "random/random",
        &[
            ("get-random-bytes", Served(Service::RandomBytes)),
            ("get-random-u64", Served(Service::RandomNumber)),
        ],
    ),
    (
        "random/insecure",
        &[
            ("get-insecure-random-bytes", Served(Service::RandomBytes)),
            ("get-insecure-random-u64", Served(Service::RandomNumber)),
        ],
    ),
    ("random/insecure-seed", &[("insecure-seed", Served(Service::RandomSeed))]),
    ("sockets/network", &[("network-error-code", Empty)]),
    ("sockets/instance-network", &[("instance-network", Empty)]),
    (
        "sockets/ip-name-lookup",
        &[
            ("[method]resolve-address-stream.subscribe", Empty),
            ("[method]resolve-address-stream.*", Refused("access-denied")),
            ("resolve-addresses", Refused("access-denied")),
        ],
    ),
    ("sockets/tcp", &[("[method]tcp-socket.*", Empty)]),
    ("sockets/tcp-create-socket", &[("create-tcp-socket", Refused("access-denied"))]),
    (
        "sockets/udp",
        &[
            ("[method]udp-socket.*", Empty),
            ("[method]incoming-datagram-stream.*", Empty),
            ("[method]outgoing-datagram-stream.*", Empty),
        ],
    ),
    ("sockets/udp-create-socket", &[("create-udp-socket", Refused("access-denied"))]),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_0_2_version_is_served_and_no_other() {
        for version in ["0.2.0", "0.2.3", "0.2.12"] {
            assert_eq!(answer(&std::format!("wasi:cli/exit@{version}"), "exit"), Some(Served(Service::Exit)));
        }
        for interface in
            ["wasi:cli/exit@0.3.0", "wasi:cli/exit@0.20.0", "wasi:cli/exit", "acme:cli/exit@0.2.0"]
        {
            assert_eq!(answer(interface, "exit"), None, "{interface}");
        }
    }

    #[test]
    fn the_first_pattern_that_matches_decides() {
        let streams = "wasi:io/streams@0.2.6";
        assert_eq!(answer(streams, "[method]input-stream.subscribe"), Some(Served(Service::StreamSubscribe)));
        assert_eq!(answer(streams, "[method]input-stream.blocking-read"), Some(Refused("closed")));
        assert_eq!(answer(streams, "made-up"), None);
    }
}
