//! The wasm module's C interface: JSON in, JSON out, one instance a request.
//!
//! The caller writes its input where [`hl_wit_allocate`] says, and reads the reply at the returned address:
//! a `u32` length, then that many bytes of JSON. Nothing is freed: the instance is thrown away after each
//! request, so that a panic in a parser cannot spoil the next one. After one (the call traps), the same
//! instance still tells its text through [`hl_wit_panic`].

use std::sync::Mutex;

use serde::Serialize;

use crate::{Error, Features, World, describe_component, describe_wit_with, package_text, wrap_module};

#[derive(serde::Deserialize)]
struct WitRequest {
    files: Vec<(String, String)>,
    world: Option<String>,
    features: Features,
}

#[derive(Serialize)]
#[serde(rename_all = "lowercase")]
enum Reply<T> {
    Ok(T),
    Error(Error),
}

static PANIC: Mutex<Option<String>> = Mutex::new(None);

/// Room for `bytes` bytes of input.
#[unsafe(no_mangle)]
pub extern "C" fn hl_wit_allocate(bytes: usize) -> *mut u8 {
    std::panic::set_hook(Box::new(|panic| {
        if let Ok(mut text) = PANIC.lock() {
            *text = Some(panic.to_string());
        }
    }));
    Box::leak(vec![0; bytes].into_boxed_slice()).as_mut_ptr()
}

/// After a call that trapped: the panic's text as a JSON string, or null if it was no panic.
#[unsafe(no_mangle)]
pub extern "C" fn hl_wit_panic() -> *const u8 {
    let text = PANIC.lock().ok().and_then(|mut text| text.take());
    frame(&text)
}

/// Input: JSON `{ files: [path, text][], world: string | null, features: 'none' | 'all' | { named: string[] } }`.
///
/// # Safety
/// `input` and `bytes` are what [`hl_wit_allocate`] returned and got.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hl_wit_describe_wit(input: *const u8, bytes: usize) -> *const u8 {
    // SAFETY: the caller passes a live allocation of exactly this size, and nothing else runs in the instance.
    let input = unsafe { std::slice::from_raw_parts(input, bytes) };
    let world: Result<World, Error> = serde_json::from_slice::<WitRequest>(input)
        .map_err(|error| Error::new(format!("the request is not what this module reads: {error}")))
        .and_then(|request| describe_wit_with(&request.files, request.world.as_deref(), &request.features));
    reply(world)
}

/// Input: a component's bytes.
///
/// # Safety
/// `input` and `bytes` are what [`hl_wit_allocate`] returned and got.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hl_wit_describe_component(input: *const u8, bytes: usize) -> *const u8 {
    // SAFETY: as in `hl_wit_describe_wit`.
    let input = unsafe { std::slice::from_raw_parts(input, bytes) };
    reply(describe_component(input))
}

/// Input: the bytes of a WIT package in binary form. The reply is its text.
///
/// # Safety
/// As of [`hl_wit_describe_wit`].
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hl_wit_package_text(input: *const u8, bytes: usize) -> *const u8 {
    // SAFETY: as in `hl_wit_describe_wit`.
    let input = unsafe { std::slice::from_raw_parts(input, bytes) };
    reply(package_text(input))
}

/// Input: a `u32` length, that many bytes of JSON as for [`hl_wit_describe_wit`], then a core module's bytes. The reply is
/// the component's bytes, which begin with a zero, or JSON as everywhere.
///
/// # Safety
/// As of [`hl_wit_describe_wit`].
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hl_wit_wrap_module(input: *const u8, bytes: usize) -> *const u8 {
    // SAFETY: as in `hl_wit_describe_wit`.
    let input = unsafe { std::slice::from_raw_parts(input, bytes) };
    let component = split_request(input).and_then(|(request, module)| {
        wrap_module(module, &request.files, request.world.as_deref(), &request.features)
    });
    match component {
        Ok(component) => frame_bytes(&component),
        Err(error) => reply::<()>(Err(error)),
    }
}

fn split_request(input: &[u8]) -> Result<(WitRequest, &[u8]), Error> {
    let unreadable = |why: String| Error::new(format!("the request is not what this module reads: {why}"));
    let (length, rest) = input.split_first_chunk().ok_or_else(|| unreadable("no length".to_owned()))?;
    let (request, module) = usize::try_from(u32::from_le_bytes(*length))
        .ok()
        .and_then(|length| rest.split_at_checked(length))
        .ok_or_else(|| unreadable("too short".to_owned()))?;
    let request = serde_json::from_slice(request).map_err(|error| unreadable(error.to_string()))?;
    Ok((request, module))
}

fn frame_bytes(bytes: &[u8]) -> *const u8 {
    let length = u32::try_from(bytes.len()).expect("wasm memory is smaller than 4 GiB");
    Box::leak([&length.to_le_bytes(), bytes].concat().into_boxed_slice()).as_ptr()
}

fn reply<T: Serialize>(answer: Result<T, Error>) -> *const u8 {
    let reply = match answer {
        Ok(answer) => Reply::Ok(answer),
        Err(error) => Reply::Error(error),
    };
    frame(&reply)
}

fn frame(value: &impl Serialize) -> *const u8 {
    let mut framed = vec![0; 4];
    serde_json::to_writer(&mut framed, value).expect("a descriptor holds nothing that JSON cannot");
    let length = u32::try_from(framed.len() - 4).expect("wasm memory is smaller than 4 GiB");
    framed[..4].copy_from_slice(&length.to_le_bytes());
    Box::leak(framed.into_boxed_slice()).as_ptr()
}
