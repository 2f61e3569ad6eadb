//! Files that are replaced whole or not at all, and last once they are.

use crate::random;
use std::ffi::OsString;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

/// How far a write came.
#[derive(Debug)]
pub(super) enum Failure {
    /// What was there before is there still.
    Unwritten(io::Error),
    /// The new file is there; whether its name has reached the disk is not known.
    Unsynced(io::Error),
}

impl Failure {
    /// For whoever wanted to write `path`.
    pub(super) fn tell(&self, path: &Path) -> String {
        let path = path.display();
        match self {
            Self::Unwritten(error) => format!("cannot write {path}: {error}"),
            Self::Unsynced(error) => format!(
                "{path} is written and in its place, but may not outlast a power failure: its folder could not be brought to the disk: {error}"
            ),
        }
    }
}

/// Writes beside `path` first, and renames that when it is on the disk.
pub(super) fn replace(path: &Path, parts: &[&[u8]]) -> Result<(), Failure> {
    let temporary = temporary(path).map_err(Failure::Unwritten)?;
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    // Before anything is written: afterwards it would be too late to find that it cannot be opened.
    let folder = File::open(folder).map_err(Failure::Unwritten)?;
    replace_by(&temporary, path, parts, &folder)
}

fn replace_by(temporary: &Path, path: &Path, parts: &[&[u8]], folder: &File) -> Result<(), Failure> {
    // It holds whatever the guest was given: for nobody but this user. A file that is there already is another's.
    let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(temporary);
    let written = write(file.map_err(Failure::Unwritten)?, parts).and_then(|()| fs::rename(temporary, path));
    if let Err(error) = written {
        // If this fails, too, the first error is the one to tell.
        let _ = fs::remove_file(temporary);
        return Err(Failure::Unwritten(error));
    }
    match folder.sync_all() {
        // A file system that has no such thing for folders.
        Err(error) if error.raw_os_error() == Some(libc::EINVAL) => Ok(()),
        synced => synced.map_err(Failure::Unsynced),
    }
}

fn write(mut file: File, parts: &[&[u8]]) -> io::Result<()> {
    for part in parts {
        file.write_all(part)?;
    }
    file.sync_all()
}

/// A name that no other save uses. Numbers of processes would not do: two containers may share the folder.
fn temporary(path: &Path) -> io::Result<PathBuf> {
    let name = path.file_name().ok_or_else(|| io::Error::other("it names no file"))?;
    let random = random::fresh::<16>().map_err(io::Error::other)?;
    let mut temporary = OsString::from(".");
    temporary.push(name);
    temporary.push(format!(".{:032x}.tmp", u128::from_le_bytes(random)));
    Ok(path.with_file_name(temporary))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(name: &str) -> PathBuf {
        let folder = std::env::temp_dir().join(format!("hl-replace-{name}-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        folder
    }

    fn opened(folder: &Path, flags: i32) -> File {
        OpenOptions::new().read(true).custom_flags(flags).open(folder).unwrap()
    }

    #[test]
    fn no_two_writes_use_one_name_and_none_is_left() {
        let folder = folder("names");
        let path = folder.join("state");
        let names: Vec<PathBuf> = (0..2).map(|_| temporary(&path).unwrap()).collect();
        assert_ne!(names[0], names[1]);
        let name = names[0].file_name().unwrap().to_str().unwrap();
        let random = name.strip_prefix(".state.").and_then(|rest| rest.strip_suffix(".tmp")).unwrap();
        assert!(random.len() == 32 && random.bytes().all(|byte| byte.is_ascii_hexdigit()), "{name}");
        replace(&path, &[b"one, ", b"two"]).unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"one, two");
        assert_eq!(fs::read_dir(&folder).unwrap().count(), 1);
        fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn what_another_is_writing_is_left_alone() {
        let folder = folder("other");
        let (temporary, path) = (folder.join(".state.tmp"), folder.join("state"));
        fs::write(&temporary, "of another").unwrap();
        let outcome = replace_by(&temporary, &path, &[b"mine"], &opened(&folder, 0));
        assert!(matches!(outcome, Err(Failure::Unwritten(_))), "{outcome:?}");
        assert_eq!(fs::read(&temporary).unwrap(), b"of another");
        assert!(!path.exists());
        fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn a_folder_that_is_not_synced_is_told_apart_from_a_file_that_is_not_written() {
        let folder = folder("unsynced");
        let (temporary, path) = (folder.join(".state.tmp"), folder.join("state"));
        // Opened as a mere place, no folder can be synced; and those of /proc know no such thing.
        let outcome = replace_by(&temporary, &path, &[b"new"], &opened(&folder, libc::O_PATH));
        let message = outcome.unwrap_err().tell(&path);
        assert!(message.contains("is written and in its place, but may not outlast"), "{message}");
        assert_eq!(fs::read(&path).unwrap(), b"new");
        replace_by(&temporary, &path, &[b"newer"], &opened(Path::new("/proc"), 0)).unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"newer");
        fs::remove_dir_all(folder).unwrap();
    }
}
