//! A folder for what is not finished, beside where it will be: what is in it never has the name of a backup, and it
//! goes when this value does. One that a killed process has left behind goes at the next time.

use std::fs::{self, File};
use std::io;
use std::path::Path;
use std::time::Duration;

use tempfile::TempDir;

use crate::backup::{BackupError, at};

/// What the names of such folders begin with.
const PREFIX: &str = ".barycenter-unfinished-";

/// How old a folder must be, compared with the newest, before it counts as left behind even though nobody holds it yet.
const GRACE: Duration = Duration::from_secs(60);

/// A folder (mode 0700) that is locked as long as its process lives.
#[derive(Debug)]
pub(super) struct Workspace {
    folder: TempDir,
    _held: File,
}

impl Workspace {
    /// Makes one in `folder`, and removes those that nobody works in any more.
    pub(super) fn new(folder: &Path) -> Result<Self, BackupError> {
        let made = tempfile::Builder::new().prefix(PREFIX).tempdir_in(folder).map_err(at(folder))?;
        let held = File::open(made.path()).map_err(at(made.path()))?;
        // A file system without locks: then nobody removes anything there either.
        let locked = held.try_lock_shared().is_ok();
        if locked && let Err(error) = sweep(folder, made.path()) {
            tracing::debug!(%error, folder = %folder.display(), "leftovers stay");
        }
        Ok(Self { folder: made, _held: held })
    }

    pub(super) fn path(&self) -> &Path {
        self.folder.path()
    }
}

fn sweep(folder: &Path, ours: &Path) -> io::Result<()> {
    let newest = fs::metadata(ours)?.modified()?;
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let path = entry.path();
        let is_one = entry.file_name().to_string_lossy().starts_with(PREFIX) && entry.file_type()?.is_dir();
        if !is_one || path == ours {
            continue;
        }
        let held = File::open(&path)?;
        let age = newest.duration_since(fs::metadata(&path)?.modified()?).unwrap_or_default();
        // Who has just made one may not hold it yet.
        if age > GRACE && held.try_lock().is_ok() {
            fs::remove_dir_all(&path)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::fs::FileTimes;
    use std::time::SystemTime;

    use super::*;

    #[test]
    fn what_a_killed_process_left_behind_goes_and_what_is_in_use_stays() {
        let folder = tempfile::tempdir().unwrap();
        let old = |name: &str| {
            let path = folder.path().join(name);
            fs::create_dir(&path).unwrap();
            let long_ago = FileTimes::new().set_modified(SystemTime::UNIX_EPOCH);
            File::open(&path).unwrap().set_times(long_ago).unwrap();
            path
        };
        let (left, held, other) = (old(".barycenter-unfinished-a"), old(".barycenter-unfinished-b"), old("something"));
        let lock = File::open(&held).unwrap();
        lock.try_lock_shared().unwrap();
        let workspace = Workspace::new(folder.path()).unwrap();
        assert!(!left.exists() && held.exists() && other.exists() && workspace.path().exists());
        let path = workspace.path().to_owned();
        drop(workspace);
        assert!(!path.exists());
    }
}
