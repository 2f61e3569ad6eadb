//! A client of `wasi:http`.

use std::io::{self, Write};

use wasip2::http::outgoing_handler::handle;
use wasip2::http::types::{ErrorCode, Fields, IncomingBody, Method, OutgoingBody, OutgoingRequest, Scheme};
use wasip2::io::streams::StreamError;

/// Prints the status, a header and the body.
pub fn exchange(method: &str, url: &str, body: Option<&str>) -> io::Result<()> {
    let (scheme, rest) = url.split_once("://").ok_or_else(|| refused("no scheme"))?;
    let (authority, path) = rest.find('/').map_or((rest, "/"), |at| rest.split_at(at));
    let headers = Fields::new();
    headers.append("x-program", b"1").map_err(refused)?;
    let request = OutgoingRequest::new(headers);
    request
        .set_method(&if method == "POST" { Method::Post } else { Method::Get })
        .map_err(|()| refused("method"))?;
    request
        .set_scheme(Some(&if scheme == "http" { Scheme::Http } else { Scheme::Https }))
        .map_err(|()| refused("scheme"))?;
    request.set_authority(Some(authority)).map_err(|()| refused("authority"))?;
    request.set_path_with_query(Some(path)).map_err(|()| refused("path"))?;
    let outgoing = request.body().map_err(|()| refused("body"))?;
    let future = handle(request, None).map_err(refused)?;
    if let Some(body) = body {
        let stream = outgoing.write().map_err(|()| refused("write"))?;
        stream.blocking_write_and_flush(body.as_bytes()).map_err(refused)?;
    }
    OutgoingBody::finish(outgoing, None).map_err(refused)?;
    let pollable = future.subscribe();
    pollable.block();
    drop(pollable);
    let response = match future.get() {
        Some(Ok(answer)) => answer.map_err(|code: ErrorCode| refused(code))?,
        other => return Err(refused(format!("{:?}", other.is_some()))),
    };
    drop(future);
    println!(
        "{} {:?}",
        response.status(),
        response.headers().get("x-server").first().map(|one| String::from_utf8_lossy(one).into_owned())
    );
    let incoming = response.consume().map_err(|()| refused("consume"))?;
    let stream = incoming.stream().map_err(|()| refused("stream"))?;
    loop {
        match stream.blocking_read(1 << 16) {
            Ok(bytes) => io::stdout().write_all(&bytes)?,
            Err(StreamError::Closed) => break,
            Err(error) => return Err(refused(error)),
        }
    }
    drop(stream);
    drop(IncomingBody::finish(incoming));
    Ok(())
}

fn refused(error: impl std::fmt::Debug) -> io::Error {
    io::Error::other(format!("{error:?}"))
}
