//! Owns the artifact file: its layout, its header, and that it appears whole or not at all.
//!
//! Eight bytes of magic, the header's length, the header (JSON), its SHA-256, zeroes to a whole page, then the
//! code, so that the host can read it straight into the pages that its VMs share. Both checksums find damage,
//! each the kind that its reader has at hand: JavaScript reads the header, the add-on the code, which is large.

use std::fs::{self, File};
use std::io::{self, Write};
use std::ops::Range;
use std::path::Path;

use object::elf::FileHeader64;
use object::read::elf::ElfFile;
use object::{Endianness, Object, ObjectSection};
use sha2::{Digest, Sha256};
use xxhash_rust::xxh3::xxh3_64;

use crate::compiler::{WASMTIME, hex};
use crate::failure::Failure;

/// Raised with every change of the file's layout or header.
pub const FORMAT: u32 = 2;

const MAGIC: &[u8; 8] = b"HLC\0\0\0\0\x02";
const PAGE_BYTES: usize = 4096;
/// The header tells where the code lies, which depends on the header's own length; room for it is kept.
const OFFSET_DIGITS: usize = 12;
const HASH_BYTES: usize = 32;

pub struct Parts {
    pub component: Vec<u8>,
    pub code: Vec<u8>,
    pub world: hl_wit::World,
    pub config: String,
}

#[derive(serde::Serialize)]
#[serde(rename_all = "camelCase")]
struct Header<'a> {
    format: u32,
    wasmtime: &'a str,
    config: &'a str,
    component_sha256: String,
    code_offset: usize,
    code_bytes: usize,
    text_offset: usize,
    text_bytes: usize,
    /// XXH3, as 16 hexadecimal digits: JSON has no such integers.
    code_checksum: String,
    wasi: Vec<String>,
    descriptor: &'a hl_wit::WorldDescriptor,
    wit: &'a str,
}

/// Makes the file, which must not be there, and leaves it whole and on disk, or not at all.
pub fn write(path: &Path, parts: &Parts) -> Result<(), Failure> {
    let header = header(parts)?;
    let failed = |error: io::Error| Failure::cache(format!("cannot write {}: {error}", path.display()));
    let file = File::create_new(path).map_err(failed)?;
    write_all(file, &header, &parts.code).map_err(|error| {
        // The first error is the one to tell.
        let _ = fs::remove_file(path);
        failed(error)
    })
}

fn write_all(mut file: File, header: &[u8], code: &[u8]) -> io::Result<()> {
    file.write_all(header)?;
    file.write_all(code)?;
    file.sync_all()
}

/// Everything before the code, a whole number of pages.
fn header(parts: &Parts) -> Result<Vec<u8>, Failure> {
    let text = text_range(&parts.code)?;
    let code_checksum = xxh3_64(&parts.code);
    let json = |code_offset| {
        let header = Header {
            format: FORMAT,
            wasmtime: WASMTIME,
            config: &parts.config,
            component_sha256: hex(&Sha256::digest(&parts.component)),
            code_offset,
            code_bytes: parts.code.len(),
            text_offset: text.start,
            text_bytes: text.len(),
            code_checksum: format!("{code_checksum:016x}"),
            wasi: served(&parts.world.descriptor),
            descriptor: &parts.world.descriptor,
            wit: &parts.world.wit,
        };
        serde_json::to_vec(&header)
            .map_err(|error| Failure::internal(format!("cannot encode the header: {error}")))
    };
    let prefix_bytes = MAGIC.len() + size_of::<u32>();
    let code_offset =
        (prefix_bytes + json(0)?.len() + OFFSET_DIGITS + HASH_BYTES).next_multiple_of(PAGE_BYTES);
    let json = json(code_offset)?;
    let json_bytes =
        u32::try_from(json.len()).map_err(|_| Failure::limit("the component's interface is too large"))?;
    let mut bytes = Vec::with_capacity(code_offset);
    bytes.extend_from_slice(MAGIC);
    bytes.extend_from_slice(&json_bytes.to_le_bytes());
    bytes.extend_from_slice(&json);
    bytes.extend_from_slice(&Sha256::digest(&json));
    assert!(bytes.len() <= code_offset, "room for the offset's digits was kept");
    bytes.resize(code_offset, 0);
    Ok(bytes)
}

/// Full names of the imports that the runtime serves by itself, as far as nobody else is named for them.
fn served(world: &hl_wit::WorldDescriptor) -> Vec<String> {
    let mut names = Vec::new();
    for interface in &world.imports {
        let Some(name) = &interface.name else { continue };
        for function in &interface.functions {
            if hl_engine::wasi::serves(name, &function.name) {
                names.push(format!("{name}#{}", function.name));
            }
        }
    }
    names
}

/// The pages of the code that must be executable. wasmtime lays its text out in pages of its own, so that
/// nothing else becomes executable with it.
fn text_range(code: &[u8]) -> Result<Range<usize>, Failure> {
    let broken = |what: &str| Failure::internal(format!("the compiler's output has {what}"));
    let elf: ElfFile<'_, FileHeader64<Endianness>> =
        ElfFile::parse(code).map_err(|_| broken("no ELF header"))?;
    let Some(section) = elf.section_by_name(".text") else { return Ok(0..0) };
    let (start, bytes) = section.file_range().ok_or_else(|| broken("text outside the file"))?;
    let (start, bytes) = (start as usize, (bytes as usize).next_multiple_of(PAGE_BYTES));
    if !start.is_multiple_of(PAGE_BYTES) || start + bytes > code.len().next_multiple_of(PAGE_BYTES) {
        return Err(broken("text that does not lie on whole pages"));
    }
    let next = elf.sections().filter_map(|section| section.file_range()).map(|(at, _)| at as usize);
    if next.filter(|&at| at > start).any(|at| at < start + bytes) {
        return Err(broken("text that shares its last page"));
    }
    Ok(start..start + bytes)
}
