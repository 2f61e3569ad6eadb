//! A sandbox that is attended to by the test's own thread, while a session on another calls its guest by the line.

use hl_abi::message::HostReplyStatus;
use hl_vmm::{Attended, Call, Error, Host, HostReply, Line, Outcome, Sandbox};
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex, mpsc};
use std::time::Duration;

/// Longer than anything takes that ends.
pub const LONG: Duration = Duration::from_secs(60);

/// Numbers of calls: no two calls of this process have the same.
static CALLS: AtomicU32 = AtomicU32::new(1);

/// The session's end of the line.
pub struct Caller {
    pub line: Line,
    told: mpsc::Receiver<Attended>,
    /// How long it watches for an answer by itself.
    pub patience: Duration,
    reply: Vec<u8>,
    queue: Arc<Mutex<Option<Queued>>>,
}

/// A call that could not begin at once: the sandbox's thread begins it.
struct Queued {
    number: u32,
    function: u32,
    request: Vec<u8>,
    keep_state: bool,
    timeout: Option<Duration>,
}

/// Has `session` call the guest, and gives back what that answers.
pub fn attended<T: Send>(
    sandbox: &mut Sandbox,
    patience: Duration,
    session: impl FnOnce(&mut Caller) -> T + Send,
) -> T {
    let (tell, told) = mpsc::channel();
    let line = sandbox.line();
    let (is_over, queue) = (AtomicBool::new(false), Arc::<Mutex<Option<Queued>>>::default());
    let reply = vec![0; 64 << 10];
    let mut caller = Caller { line: line.clone(), told, patience, reply, queue: queue.clone() };
    std::thread::scope(|scope| {
        let is_over = &is_over;
        let session = scope.spawn(move || {
            let _over = Over(is_over, line);
            session(&mut caller)
        });
        let queued = || queue.lock().expect("a queue");
        loop {
            match sandbox.attend(&|| is_over.load(Ordering::SeqCst) || queued().is_some()) {
                Attended::Wanted => match queued().take() {
                    Some(call) => drop(begin(sandbox, &call).map(|failed| tell.send(failed))),
                    None if is_over.load(Ordering::SeqCst) => break,
                    None => std::thread::yield_now(),
                },
                told => drop(tell.send(told)),
            }
        }
        session.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    })
}

/// Tells if the call cannot begin.
fn begin(sandbox: &mut Sandbox, queued: &Queued) -> Option<Attended> {
    let Queued { number, function, ref request, keep_state, timeout } = *queued;
    let begun = sandbox.begin(&Call { number, function, request, keep_state, timeout, cpu: None });
    begun.err().map(|error| Attended::Failed { call: number, error })
}

/// Ends the attending when the session ends, by a panic, too.
struct Over<'a>(&'a AtomicBool, Line);

impl Drop for Over<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::SeqCst);
        self.1.fetch();
    }
}

impl Caller {
    /// Calls, serves what the guest asks for, and follows the call to its end, whoever tells of that.
    pub fn call(
        &mut self,
        function: u32,
        request: &[u8],
        keep_state: bool,
        timeout: Duration,
        host: &mut dyn Host,
    ) -> Result<Vec<u8>, Error> {
        let number = CALLS.fetch_add(1, Ordering::Relaxed);
        let call = Call { number, function, request, keep_state, timeout: Some(timeout), cpu: None };
        let mut outcome = self.begin(&call);
        loop {
            outcome = match outcome {
                Outcome::Returned { bytes, .. } => return Ok(self.reply[..bytes].to_vec()),
                Outcome::ReturnedLarge { .. } => return Ok(self.line.take_payload()),
                Outcome::HostCall { host_call, import, bytes } => {
                    let arguments = self.reply[..bytes].to_vec();
                    self.answer(host_call, import, &arguments, host)
                }
                Outcome::HostCallLarge { host_call, import, .. } => {
                    let arguments = self.line.take_payload();
                    self.answer(host_call, import, &arguments, host)
                }
                Outcome::Pending => match self.told.recv_timeout(LONG).expect("word of a call") {
                    Attended::Returned { call, reply, .. } => {
                        assert_eq!(call, number, "another call returned");
                        return Ok(reply);
                    }
                    Attended::Failed { call, error } => {
                        assert_eq!(call, number, "another call failed: {error}");
                        return Err(error);
                    }
                    Attended::HostCall { call, host_call, import, arguments } => {
                        assert_eq!(call, number, "another call asks");
                        self.answer(host_call, import, &arguments, host)
                    }
                    Attended::Printed { stream, text } => {
                        host.output(stream, &text);
                        Outcome::Pending
                    }
                    Attended::Wanted => unreachable!("kept by the attending thread"),
                },
                Outcome::Busy | Outcome::Stale => panic!("a call under way cannot be {outcome:?}"),
            }
        }
    }

    fn begin(&mut self, call: &Call<'_>) -> Outcome {
        match self.line.call(call, self.patience, &mut self.reply) {
            Outcome::Busy => {
                let Call { number, function, keep_state, timeout, .. } = *call;
                let request = call.request.to_vec();
                let queued = Queued { number, function, request, keep_state, timeout };
                *self.queue.lock().expect("a queue") = Some(queued);
                self.line.fetch();
                Outcome::Pending
            }
            outcome => outcome,
        }
    }

    fn answer(&mut self, host_call: u32, import: u32, arguments: &[u8], host: &mut dyn Host) -> Outcome {
        let (status, payload) = match host.call(import, arguments, &super::soon()) {
            HostReply::Returned(bytes) => (HostReplyStatus::Returned, bytes),
            HostReply::Threw(reason) => (HostReplyStatus::Threw, reason.into_bytes()),
            HostReply::Interrupted | HostReply::Expired => panic!("this host always answers"),
        };
        match self.line.resume(host_call, status, &payload, self.patience, &mut self.reply) {
            // The call ended while it was served: its outcome is told.
            Outcome::Stale => Outcome::Pending,
            outcome => outcome,
        }
    }
}
