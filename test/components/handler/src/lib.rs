//! Answers requests by their path: says what it was asked, echoes, counts, streams without an end, or fails.

use std::sync::atomic::{AtomicU32, Ordering};

use wasip2::exports::http::incoming_handler::Guest;
use wasip2::http::types::{
    ErrorCode, Fields, IncomingRequest, OutgoingBody, OutgoingResponse, ResponseOutparam,
};
use wasip2::io::streams::{OutputStream, StreamError};

struct Handler;
wasip2::http::proxy::export!(Handler);

static REQUESTS: AtomicU32 = AtomicU32::new(0);

impl Guest for Handler {
    fn handle(request: IncomingRequest, out: ResponseOutparam) {
        let path = request.path_with_query().unwrap_or_default();
        let count = REQUESTS.fetch_add(1, Ordering::Relaxed) + 1;
        match path.as_str() {
            "/silent" => {}
            "/error" => ResponseOutparam::set(out, Err(ErrorCode::LoopDetected)),
            "/panic" => panic!("asked to"),
            "/broken" => {
                respond(out, 200, |stream| {
                    stream.blocking_write_and_flush(b"half").expect("a reader");
                    panic!("in the middle");
                });
            }
            "/echo" => {
                let body = request.consume().expect("the first time");
                let input = body.stream().expect("the first time");
                respond(out, 200, |stream| {
                    loop {
                        match input.blocking_read(1 << 16) {
                            Ok(bytes) => bytes.chunks(4096).for_each(|part| {
                                stream.blocking_write_and_flush(part).expect("a reader");
                            }),
                            Err(StreamError::Closed) => break,
                            Err(error) => panic!("{error:?}"),
                        }
                    }
                });
            }
            "/files" => {
                let found = std::fs::read_to_string("/data/file")
                    .unwrap_or_else(|error| format!("{:?}", error.kind()));
                respond(out, 200, |stream| {
                    stream.blocking_write_and_flush(found.as_bytes()).expect("a reader")
                });
            }
            _ => {
                println!("asked for {path}");
                let text = format!("{:?} {path} {:?} {count}", request.method(), request.authority());
                respond(out, 201, |stream| {
                    stream.blocking_write_and_flush(text.as_bytes()).expect("a reader")
                });
            }
        }
    }
}

fn respond(out: ResponseOutparam, status: u16, write: impl FnOnce(&OutputStream)) {
    let headers = Fields::from_list(&[("x-handler".to_owned(), b"yes".to_vec())]).expect("a header");
    let response = OutgoingResponse::new(headers);
    response.set_status_code(status).expect("a status");
    let body = response.body().expect("the first time");
    ResponseOutparam::set(out, Ok(response));
    let stream = body.write().expect("the first time");
    write(&stream);
    drop(stream);
    OutgoingBody::finish(body, None).expect("a whole body");
}
