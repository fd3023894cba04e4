//! Finding out whether a backup is whole, and what is in it.

use std::path::Path;

use crate::backup::archive::unpack;
use crate::backup::manifest::{DATABASE, Manifest, ROOT_KEY};
use crate::backup::snapshot::Snapshot;
use crate::backup::workspace::Workspace;
use crate::backup::{BackupError, blocking};
use crate::keyring::RootInspection;

/// A backup that is whole.
#[derive(Debug)]
pub struct Verified {
    /// What it says of itself, which is true.
    pub manifest: Manifest,
    pub(super) workspace: Workspace,
}

/// Verifies a backup: digests, the database's integrity and schema, and that the root key belongs to its keyring. What
/// is in it is unpacked below `scratch`, and goes with the returned value.
///
/// # Errors
/// [`BackupError::Damaged`] for everything that is wrong with the backup itself.
pub async fn verify(backup: &Path, scratch: &Path) -> Result<Verified, BackupError> {
    let (path, scratch) = (backup.to_owned(), scratch.to_owned());
    let verified = blocking(move || {
        let workspace = Workspace::new(&scratch)?;
        let manifest = unpack(&path, workspace.path())?;
        Ok(Verified { manifest, workspace })
    })
    .await?;
    let damaged = |reason: String| BackupError::Damaged { path: backup.to_owned(), reason };
    let Verified { manifest, workspace } = &verified;
    if manifest.has(DATABASE) {
        let found = match Snapshot::of(&workspace.path().join(DATABASE)).await {
            Ok(found) => found,
            Err(BackupError::File { reason, .. }) => {
                return Err(damaged(format!("{DATABASE} is no database: {reason}")));
            }
            Err(error) => return Err(error),
        };
        if let Some(fault) = found.faults.first() {
            return Err(damaged(format!("{DATABASE}: {fault}")));
        }
        if found.schema != manifest.schema || found.counts != manifest.counts {
            return Err(damaged(format!("{DATABASE} is not the one that the manifest describes")));
        }
    }
    if manifest.has(ROOT_KEY) {
        let root =
            RootInspection::load(&workspace.path().join(ROOT_KEY)).map_err(|error| damaged(error.to_string()))?;
        let found = root.map(|root| root.fingerprint()).transpose()?;
        if let (Some(found), Some(wanted)) = (found, &manifest.root)
            && found != *wanted
        {
            return Err(damaged(format!("its root key is {found}, and its signing keys were made under {wanted}")));
        }
    }
    Ok(verified)
}
