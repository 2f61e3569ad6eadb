//! Saving and loading snapshots, on threads of Node's pool: neither disks nor checksums keep JavaScript waiting.

use crate::event::BindingError;
use crate::options::{BindingCode, CodeLocation};
use crate::snapshot::{self, Held};
use crate::{code, describe};
use hl_vmm::Saved;
use napi::bindgen_prelude::AsyncTask;
use napi::{Env, Task};
use napi_derive::napi;
use std::path::PathBuf;
use std::sync::Arc;

/// What came of it: without an error, it is done.
#[napi(object, object_from_js = false)]
pub struct BindingSaved {
    pub error: Option<BindingError>,
}

#[napi(object, object_from_js = false)]
pub struct BindingLoaded {
    pub error: Option<BindingError>,
    /// By this number [`attach_snapshot`] or `releaseSnapshot` must be called.
    pub snapshot: Option<f64>,
    /// What was noted when it was saved.
    pub note: Option<String>,
    /// XXH3 of the code that it belongs to, 16 hexadecimal digits.
    pub code_checksum: Option<String>,
}

pub struct Save {
    held: Arc<Held>,
    path: PathBuf,
    note: String,
}

impl Task for Save {
    type Output = Option<BindingError>;
    type JsValue = BindingSaved;

    fn compute(&mut self) -> napi::Result<Self::Output> {
        let Held { base, load } = &*self.held;
        let note = [&(load.len() as u32).to_le_bytes(), load.as_slice(), self.note.as_bytes()].concat();
        Ok(base.save(&self.path, &describe::runtime_sha256(), &note).err().map(BindingError::from))
    }

    fn resolve(&mut self, _env: Env, error: Self::Output) -> napi::Result<BindingSaved> {
        Ok(BindingSaved { error })
    }
}

/// Writes a snapshot, with a note for whoever loads it. Throws if it was released.
#[napi(ts_return_type = "Promise<BindingSaved>")]
pub fn save_snapshot(number: f64, path: String, note: String) -> napi::Result<AsyncTask<Save>> {
    Ok(AsyncTask::new(Save { held: snapshot::get(number)?, path: path.into(), note }))
}

pub struct Load {
    path: PathBuf,
}

/// A file's contents.
pub struct FromFile {
    saved: Saved,
    load: Vec<u8>,
    note: String,
}

impl Task for Load {
    type Output = Result<FromFile, BindingError>;
    type JsValue = BindingLoaded;

    fn compute(&mut self) -> napi::Result<Self::Output> {
        Ok(self.load())
    }

    fn resolve(&mut self, env: Env, loaded: Self::Output) -> napi::Result<BindingLoaded> {
        Ok(match loaded {
            Ok(FromFile { saved, load, note }) => BindingLoaded {
                note: Some(note),
                code_checksum: Some(format!("{:016x}", saved.code_checksum())),
                ..held(snapshot::hold_loading(&env, saved, load)?)
            },
            Err(error) => failed(error),
        })
    }
}

impl Load {
    fn load(&self) -> Result<FromFile, BindingError> {
        let program = describe::runtime().map_err(crate::error::internal)?;
        let saved = Saved::load(&self.path, &program, &describe::runtime_sha256())?;
        let (load, note) = split(saved.note()).ok_or_else(|| {
            let message = format!("{}: it was not saved by this package", self.path.display());
            BindingError::Snapshot { reason: "format", message }
        })?;
        Ok(FromFile { saved, load, note })
    }
}

fn held(number: f64) -> BindingLoaded {
    BindingLoaded { error: None, snapshot: Some(number), note: None, code_checksum: None }
}

fn failed(error: BindingError) -> BindingLoaded {
    BindingLoaded { error: Some(error), snapshot: None, note: None, code_checksum: None }
}

/// The runtime's `Load` message, and JavaScript's own note behind it.
fn split(note: &[u8]) -> Option<(Vec<u8>, String)> {
    let (len, rest) = note.split_first_chunk()?;
    let (load, note) = rest.split_at_checked(u32::from_le_bytes(*len) as usize)?;
    Some((load.to_vec(), String::from_utf8(note.to_vec()).ok()?))
}

/// Reads a snapshot; it is ready once [`attach_snapshot`] has found the code that it belongs to.
#[napi(ts_return_type = "Promise<BindingLoaded>")]
pub fn load_snapshot(path: String) -> AsyncTask<Load> {
    AsyncTask::new(Load { path: path.into() })
}

pub struct Attach {
    /// Taken by the task.
    loading: Option<(Saved, Vec<u8>)>,
    location: CodeLocation,
}

impl Task for Attach {
    type Output = Result<Held, BindingError>;
    type JsValue = BindingLoaded;

    fn compute(&mut self) -> napi::Result<Self::Output> {
        let Some((saved, load)) = self.loading.take() else {
            return Err(napi::Error::from_reason("a task ran twice"));
        };
        let attach = || Ok(Held { base: saved.with_code(code::shared(&self.location)?)?, load });
        Ok(attach())
    }

    fn resolve(&mut self, env: Env, attached: Self::Output) -> napi::Result<BindingLoaded> {
        match attached {
            Ok(state) => Ok(held(snapshot::hold(&env, state)?)),
            Err(error) => Ok(failed(error)),
        }
    }
}

/// Gives a snapshot that was read its code. It has another number from then on; the old one is released.
#[napi(ts_return_type = "Promise<BindingLoaded>")]
pub fn attach_snapshot(number: f64, code: BindingCode) -> napi::Result<AsyncTask<Attach>> {
    let loading = snapshot::take_loading(number);
    if loading.is_none() {
        return Err(napi::Error::from_reason(format!("no snapshot is being loaded under number {number}")));
    }
    Ok(AsyncTask::new(Attach { loading, location: code.try_into()? }))
}
