//! The mirror of what is published, at `keys.jwks_path`: rewritten whole or not at all.
//!
//! A mirror that cannot be written is a fault that is told once and reported until it is mended. The daemon serves
//! the keys from the database all the same.

use std::fs::{self, File};
use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use tempfile::NamedTempFile;

use crate::keyring::KeyringError;

/// What became of bringing the mirror up to date.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Mirrored {
    /// It was as it should be.
    Kept,
    /// It was not, and is now.
    Written,
    /// It cannot be written: this is why.
    Failed(String),
}

impl Mirrored {
    /// Returns why it cannot be written, if it cannot.
    #[must_use]
    pub fn fault(&self) -> Option<&str> {
        match self {
            Self::Kept | Self::Written => None,
            Self::Failed(reason) => Some(reason),
        }
    }
}

/// The mirror file and what stands in its way.
pub(super) struct Mirror {
    path: PathBuf,
    fault: Mutex<Option<String>>,
}

impl Mirror {
    pub(super) fn new(path: PathBuf) -> Self {
        Self { path, fault: Mutex::default() }
    }

    /// Returns why the file is not what it should be, if it is not.
    pub(super) fn fault(&self) -> Option<String> {
        self.fault.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Brings the file up to date, and tells of it when that has failed for the first time or succeeds again. Returns
    /// what became of it.
    pub(super) fn write(&self, json: &str) -> Mirrored {
        let outcome = write(&self.path, json).unwrap_or_else(|error| Mirrored::Failed(error.to_string()));
        let fault = outcome.fault().map(str::to_owned);
        let mut known = self.fault.lock().unwrap_or_else(PoisonError::into_inner);
        match (&fault, &*known) {
            (Some(reason), known) if known.as_ref() != Some(reason) => {
                tracing::error!(%reason, "relying parties that read the mirror may miss a key; they are served from the database as ever");
            }
            (None, Some(_)) => tracing::info!(path = %self.path.display(), "the JWKS mirror is written again"),
            _ => {}
        }
        *known = fault;
        outcome
    }
}

/// Replaces the mirror of the published keys, whole or not at all (mode 0644: it holds nothing secret).
fn write(path: &Path, json: &str) -> Result<Mirrored, KeyringError> {
    if fs::read_to_string(path).is_ok_and(|current| current == json) {
        return Ok(Mirrored::Kept);
    }
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let write = || -> std::io::Result<()> {
        let mut file = NamedTempFile::new_in(folder)?;
        file.write_all(json.as_bytes())?;
        file.as_file().set_permissions(fs::Permissions::from_mode(0o644))?;
        file.as_file().sync_all()?;
        file.persist(path).map_err(|error| error.error)?;
        File::open(folder)?.sync_all()
    };
    // The library's own words would name another temporary file each time.
    let failed =
        |error: std::io::Error| KeyringError::Mirror { path: path.to_owned(), reason: error.kind().to_string() };
    write().map(|()| Mirrored::Written).map_err(failed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mirror_that_cannot_be_written_is_reported_until_it_can() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("jwks").join("jwks.json");
        let mirror = Mirror::new(path.clone());
        assert!(mirror.write("one").fault().is_some());
        assert!(mirror.fault().is_some_and(|fault| fault.contains("jwks.json")));
        fs::create_dir(path.parent().unwrap()).unwrap();
        assert_eq!(mirror.write("two"), Mirrored::Written);
        assert_eq!(mirror.write("two"), Mirrored::Kept);
        assert_eq!((mirror.fault(), fs::read_to_string(&path).unwrap().as_str()), (None, "two"));
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o644);
        assert_eq!(fs::read_dir(path.parent().unwrap()).unwrap().count(), 1, "nothing half-written is left");
    }
}
