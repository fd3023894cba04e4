//! `baryctl backup …`: always on the files themselves, by the daemon's configuration.

pub(crate) mod create;
mod keep;
pub(crate) mod restore;
pub(crate) mod verify;

use barycenter_core::backup::{BackupError, Counts, Manifest};

use crate::error::{CtlError, Exit};
use crate::render::counted;

/// Turns a failure of a backup into ours.
impl From<BackupError> for CtlError {
    fn from(error: BackupError) -> Self {
        let exit = match &error {
            BackupError::NotSqlite => Exit::Usage,
            BackupError::Damaged { .. } => Exit::No,
            BackupError::InUse { .. } => Exit::Refused,
            BackupError::Exists(_)
            | BackupError::Newer { .. }
            | BackupError::OtherRoot(_)
            | BackupError::NoRootKey(_) => Exit::Conflict,
            BackupError::Store(_) | BackupError::Keyring(_) | BackupError::File { .. } => Exit::Failed,
        };
        match error {
            BackupError::Store(error) => error.into(),
            BackupError::Keyring(error) => error.into(),
            BackupError::InUse { .. } => Self::new(exit, error.to_string())
                .hint("stop every barycenterd of this deployment, then run the same command again"),
            error => Self::new(exit, error.to_string()),
        }
    }
}

/// `9,851 users, 14 clients, 2 keys, schema 0042`.
fn contents(manifest: &Manifest) -> String {
    let Counts { users, clients, keys } = manifest.counts;
    if !manifest.has(barycenter_core::backup::DATABASE) {
        return "the root key, no database".to_owned();
    }
    let without = if manifest.has_keys() { "" } else { ", without the root key" };
    format!(
        "{}, {}, {}, schema {}{without}",
        counted(users, "user"),
        counted(clients, "client"),
        counted(keys, "key"),
        manifest.schema_version()
    )
}

/// `41 MB`.
fn size(bytes: u64) -> String {
    match bytes {
        0..1_000 => format!("{bytes} B"),
        1_000..1_000_000 => format!("{} kB", bytes / 1_000),
        1_000_000..10_000_000_000 => format!("{}.{} MB", bytes / 1_000_000, bytes / 100_000 % 10),
        _ => format!("{} GB", bytes / 1_000_000_000),
    }
}
