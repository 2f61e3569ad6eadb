//! Commands that work on files, by the standard library.

use std::fs::{self, File, FileTimes, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::time::{Duration, SystemTime};

pub fn run(words: &[&str]) -> io::Result<()> {
    match words {
        ["read", path] => io::stdout().write_all(&fs::read(path)?),
        ["write", path, text] => fs::write(path, text),
        ["append", path, text] => OpenOptions::new().append(true).open(path)?.write_all(text.as_bytes()),
        ["fill", path, bytes] => {
            let mut file = File::create(path)?;
            file.write_all(&vec![b'A'; bytes.parse().unwrap_or(0)])?;
            file.sync_all()
        }
        ["length", path] => {
            let mut read = Vec::new();
            println!("{}", File::open(path)?.read_to_end(&mut read)?);
            Ok(())
        }
        ["patch", path, at, text] => {
            let mut file = OpenOptions::new().read(true).write(true).open(path)?;
            file.seek(SeekFrom::Start(at.parse().unwrap_or(0)))?;
            file.write_all(text.as_bytes())?;
            file.rewind()?;
            let mut whole = String::new();
            file.read_to_string(&mut whole)?;
            println!("{whole}");
            Ok(())
        }
        ["truncate", path, bytes] => {
            OpenOptions::new().write(true).open(path)?.set_len(bytes.parse().unwrap_or(0))
        }
        ["touch", path, seconds] => {
            let at = SystemTime::UNIX_EPOCH + Duration::from_secs(seconds.parse().unwrap_or(0));
            OpenOptions::new().write(true).open(path)?.set_times(FileTimes::new().set_modified(at))
        }
        ["list", path] => {
            let mut names = Vec::new();
            for entry in fs::read_dir(path)? {
                let entry = entry?;
                names.push(format!(
                    "{}{}",
                    entry.file_name().display(),
                    if entry.file_type()?.is_dir() { "/" } else { "" }
                ));
            }
            names.sort();
            println!("{}", names.join(" "));
            Ok(())
        }
        ["make", path] => fs::create_dir_all(path),
        ["remove", path] => fs::remove_file(path),
        ["remove-all", path] => fs::remove_dir_all(path),
        ["rename", from, to] => fs::rename(from, to),
        ["copy", from, to] => fs::copy(from, to).map(|_| ()),
        ["link", from, to] => fs::hard_link(from, to),
        ["symlink", text, path] => symlink(text, path),
        ["hold", path] => {
            let files = (0..20).map(|_| File::open(path)).collect::<io::Result<Vec<_>>>()?;
            println!("{}", files.len());
            panic!("with files open");
        }
        _ => Err(io::Error::other(format!("no such command: {words:?}"))),
    }
}

/// `path` is below the first folder; the standard library has no stable way to make a link.
fn symlink(text: &str, path: &str) -> io::Result<()> {
    let folders = wasip2::filesystem::preopens::get_directories();
    let (folder, _) = folders.first().ok_or(io::ErrorKind::NotFound)?;
    folder.symlink_at(text, path).map_err(|code| io::Error::other(format!("{code:?}")))
}
