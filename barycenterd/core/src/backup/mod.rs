//! Backups of an SQLite deployment, and of the keys of any: one tar with what cannot be made again.
//!
//! ```text
//!   create   store ─VACUUM INTO─► copy ─┐
//!            root key, JWKS mirror ─────┴► manifest.json · barycenter.db · private_key.pem · jwks.json · manifest.sha256
//!   verify   digests, schema, integrity_check, root key against keyring
//!   restore  verify ─► files beside their places ─► journal ─► moves ─► no journal
//! ```
//!
//! The rules: a file that is there under its own name is a whole backup, because it gets the name last; a restore
//! happens as a whole or not at all, because from the moment that its journal is there, whoever opens the database next
//! finishes it ([`finish_restore`]); what was there before is kept. Files are made for their owner only, and never
//! through a symbolic link.

mod archive;
mod create;
mod journal;
mod manifest;
mod restore;
mod snapshot;
mod verify;
mod workspace;

use std::io;
use std::path::{Path, PathBuf};

use thiserror::Error;

use crate::keyring::KeyringError;
use crate::store::StoreError;

pub use create::{Backup, Contents, create};
pub(crate) use journal::finish as finish_restore;
pub use manifest::{Counts, DATABASE, Manifest};
pub use restore::{Restored, restore};
pub use verify::{Verified, verify};

/// What stops a backup, its verification or a restore.
#[derive(Debug, Error)]
pub enum BackupError {
    /// The database is no file.
    #[error("the database is PostgreSQL, whose own tools make its backups")]
    NotSqlite,
    /// There is nothing to save yet.
    #[error("there is no root key at {}: this deployment has not been started yet", .0.display())]
    NoRootKey(PathBuf),
    /// The backup would replace a file.
    #[error("{} exists already; a backup never replaces a file", .0.display())]
    Exists(PathBuf),
    /// A file cannot be read or written.
    #[error("{}: {reason}", path.display())]
    File {
        /// The file or folder.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
    /// The backup is not whole, or not what it says.
    #[error("{} is damaged, or is no backup: {reason}", path.display())]
    Damaged {
        /// The backup.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// The backup was made by a newer version.
    #[error("the backup is of schema {found}, newer than {known}, the newest that this version knows")]
    Newer {
        /// The schema of the backup.
        found: String,
        /// The newest schema of this program.
        known: String,
    },
    /// Another process has the database open.
    #[error("{} is in use: {who}", database.display())]
    InUse {
        /// The database.
        database: PathBuf,
        /// What tells.
        who: &'static str,
    },
    /// The root key that is there, or comes, does not open the keyring that comes, or is there.
    #[error("the root key and the signing keys do not belong together: {0}")]
    OtherRoot(String),
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The root key.
    #[error(transparent)]
    Keyring(#[from] KeyringError),
}

/// Names the file that an I/O error is about.
fn at(path: &Path) -> impl Fn(io::Error) -> BackupError {
    let path = path.to_owned();
    move |error| BackupError::File { path: path.clone(), reason: error.to_string() }
}

/// Does what may block for long where it blocks nobody.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, BackupError> + Send + 'static,
) -> Result<T, BackupError> {
    tokio::task::spawn_blocking(work).await.unwrap_or_else(|error| {
        Err(BackupError::File { path: PathBuf::from("backup"), reason: format!("ended early: {error}") })
    })
}

/// Returns the folder of a file; a bare name lies in the working directory.
fn folder_of(file: &Path) -> &Path {
    file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}
