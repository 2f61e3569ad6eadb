//! Compiled code that several sandboxes of this process share: read once, dropped with the last of them.

use crate::event::BindingError;
use crate::options::CodeLocation;
use hl_vmm::Code;
use std::collections::HashMap;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError, Weak};

/// One version of one file: writing it anew makes another.
#[derive(PartialEq, Eq, Hash)]
struct Version {
    location: CodeLocation,
    device: u64,
    inode: u64,
    modified: (i64, i64),
    file_bytes: u64,
}

/// A lock for each version, so that two sandboxes do not read the same file at once, while others go on.
type Shared = Arc<Mutex<Weak<Code>>>;

static REGIONS: LazyLock<Mutex<HashMap<Version, Shared>>> = LazyLock::new(Mutex::default);

/// The code at `location`, shared with every sandbox that has it already.
///
/// # Errors
/// If the file cannot be read, or is damaged: which is looked for once for each reading of a file.
pub(crate) fn shared(location: &CodeLocation) -> Result<Arc<Code>, BindingError> {
    let Ok(metadata) = fs::metadata(&location.path) else {
        // Reading it tells what is wrong, in vmm's words.
        return read(location);
    };
    let version = Version {
        location: location.clone(),
        device: metadata.dev(),
        inode: metadata.ino(),
        modified: (metadata.mtime(), metadata.mtime_nsec()),
        file_bytes: metadata.size(),
    };
    let shared = {
        let mut regions = lock(&REGIONS);
        regions.retain(|_, region| Arc::strong_count(region) > 1 || lock(region).strong_count() > 0);
        Arc::clone(regions.entry(version).or_default())
    };
    let mut region = lock(&shared);
    if let Some(code) = region.upgrade() {
        return Ok(code);
    }
    let code = read(location)?;
    *region = Arc::downgrade(&code);
    Ok(code)
}

fn read(location: &CodeLocation) -> Result<Arc<Code>, BindingError> {
    let code = Code::read(&location.path, location.offset, location.len, location.text.clone())?;
    if code.checksum() == location.checksum {
        return Ok(code);
    }
    let path = location.path.display();
    Err(BindingError::DamagedCode { message: format!("the compiled code in {path} is damaged") })
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::shared;
    use crate::event::BindingError;
    use crate::options::CodeLocation;
    use hl_vmm::Code;
    use std::fs;
    use std::path::Path;
    use std::sync::Arc;

    /// Of a file of 8192 bytes of 1, which it writes.
    fn ones(path: &Path) -> CodeLocation {
        fs::write(path, [1; 8192]).unwrap();
        let checksum = Code::read(path, 0, 8192, 0..4096).unwrap().checksum();
        CodeLocation { path: path.to_owned(), offset: 0, len: 8192, text: 0..4096, checksum }
    }

    #[test]
    fn code_that_is_not_what_was_compiled_is_damaged() {
        let path = std::env::temp_dir().join(format!("hl-binding-damaged-{}", std::process::id()));
        let location = ones(&path);
        let mut bytes = [1; 8192];
        bytes[5000] = 2;
        fs::write(&path, bytes).unwrap();
        assert!(matches!(shared(&location), Err(BindingError::DamagedCode { .. })));
        fs::remove_file(&path).unwrap();
    }

    #[test]
    fn sandboxes_share_a_file_until_it_changes_or_nobody_has_it() {
        let path = std::env::temp_dir().join(format!("hl-binding-code-{}", std::process::id()));
        let location = ones(&path);
        let first = shared(&location).unwrap();
        assert!(Arc::ptr_eq(&first, &shared(&location).unwrap()));
        let other_text = CodeLocation { text: 0..8192, ..location.clone() };
        assert!(!Arc::ptr_eq(&first, &shared(&other_text).unwrap()));
        fs::remove_file(&path).unwrap();
        fs::write(&path, [&[1; 8192][..], &[2]].concat()).unwrap();
        assert!(!Arc::ptr_eq(&first, &shared(&location).unwrap()));
        let weak = Arc::downgrade(&first);
        drop(first);
        assert_eq!(weak.strong_count(), 0, "the registry keeps nothing alive");
        fs::remove_file(&path).unwrap();
        assert!(shared(&location).is_err());
    }
}
