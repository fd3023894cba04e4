//! Who has an SQLite database open: every process that does holds a shared lock on `FILE.lock` beside it, and whoever
//! puts another file in its place must hold that lock alone.
//!
//! The kernel gives such a lock back when its process ends, however it ends. It is a file of its own, because SQLite's
//! own locks lie on the database file, where on some file systems ours would meet them. A database that another program
//! than ours has open is told by SQLite's locks: see [`crate::backup`].

use std::ffi::OsString;
use std::fs::{File, OpenOptions, TryLockError};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use tokio::time::{Instant, sleep};

use crate::store::StoreError;

/// How often a lock is tried again.
const PAUSE: Duration = Duration::from_millis(50);

/// A lock that ends with this value, or with the process.
#[derive(Debug)]
pub(crate) struct Presence(#[expect(dead_code, reason = "held open: the lock ends with the file")] File);

impl Presence {
    /// Notes that this process has the database open. Waits for `patience` while another puts a file in its place.
    pub(crate) async fn share(database: &Path, patience: Duration) -> Result<Self, StoreError> {
        let file = open(database)?;
        let deadline = Instant::now() + patience;
        loop {
            match file.try_lock_shared() {
                Ok(()) => return Ok(Self(file)),
                Err(TryLockError::WouldBlock) if Instant::now() < deadline => sleep(PAUSE).await,
                Err(TryLockError::WouldBlock) => {
                    let reason = "a restore is under way; wait until it has ended".to_owned();
                    return Err(StoreError::File { file: database.to_owned(), reason });
                }
                // A file system without locks: then nobody can tell, and the database's own locks must do.
                Err(TryLockError::Error(error)) => {
                    tracing::debug!(%error, file = %database.display(), "no lock to be had");
                    return Ok(Self(file));
                }
            }
        }
    }

    /// Takes the database for this process alone; `None` if another has it open for longer than `patience`.
    pub(crate) async fn alone(database: &Path, patience: Duration) -> Result<Option<Self>, StoreError> {
        let file = open(database)?;
        let deadline = Instant::now() + patience;
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(Some(Self(file))),
                Err(TryLockError::WouldBlock) if Instant::now() < deadline => sleep(PAUSE).await,
                Err(TryLockError::WouldBlock) => return Ok(None),
                Err(TryLockError::Error(error)) => {
                    let reason = format!("cannot be locked: {error}");
                    return Err(StoreError::File { file: database.to_owned(), reason });
                }
            }
        }
    }
}

/// Returns the path with something behind its last name.
pub(crate) fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = OsString::from(path.as_os_str());
    name.push(ending);
    PathBuf::from(name)
}

fn open(database: &Path) -> Result<File, StoreError> {
    let path = beside(database, ".lock");
    OpenOptions::new().read(true).write(true).create(true).truncate(false).mode(0o600).open(&path).map_err(|error| {
        let reason =
            format!("its lock {} cannot be opened: {error}; is the folder writable for this user?", path.display());
        StoreError::File { file: database.to_owned(), reason }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const AT_ONCE: Duration = Duration::ZERO;

    #[tokio::test]
    async fn many_share_and_one_is_alone() {
        let folder = tempfile::tempdir().unwrap();
        let database = folder.path().join("barycenter.db");
        let one = Presence::share(&database, AT_ONCE).await.unwrap();
        let other = Presence::share(&database, AT_ONCE).await.unwrap();
        assert!(Presence::alone(&database, AT_ONCE).await.unwrap().is_none());
        drop(one);
        assert!(Presence::alone(&database, AT_ONCE).await.unwrap().is_none());
        drop(other);
        let alone = Presence::alone(&database, AT_ONCE).await.unwrap().unwrap();
        let error = Presence::share(&database, AT_ONCE).await.unwrap_err().to_string();
        assert!(error.ends_with("a restore is under way; wait until it has ended"), "{error}");
        drop(alone);
        Presence::share(&database, AT_ONCE).await.unwrap();
    }
}
