//! Making a backup while daemons serve.
//!
//! SQLite itself copies the database as it is at one moment (`VACUUM INTO`); writers do not wait for it. The root key
//! is read afterwards and must open the copy's keyring. Everything is made in a folder beside the destination, and gets
//! its name when it is whole and on the disk.

use std::fs::{self, File, OpenOptions};
use std::io::{ErrorKind, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use tempfile::TempPath;
use zeroize::Zeroizing;

use crate::backup::archive::{member, pack};
use crate::backup::manifest::{DATABASE, FORMAT, MANIFEST, MIRROR, Manifest, ROOT_KEY};
use crate::backup::snapshot::Snapshot;
use crate::backup::workspace::Workspace;
use crate::backup::{BackupError, at, blocking, folder_of};
use crate::config;
use crate::keyring::RootInspection;
use crate::model::Timestamp;
use crate::store::Store;

/// What goes into a backup.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Contents {
    /// The database and the keys.
    Everything,
    /// The database only: of no use without the root key.
    Database,
    /// The root key and the JWKS mirror only: what a database server's own backup lacks.
    Keys,
}

/// A backup that has no name yet.
#[derive(Debug)]
pub struct Backup {
    /// What it says of itself.
    pub manifest: Manifest,
    /// Its length, in bytes.
    pub size: u64,
    /// Its SHA-256, in hexadecimal.
    pub sha256: String,
    file: PathBuf,
    workspace: Workspace,
}

impl Backup {
    /// Gives the backup its name; it is on the disk when this returns. Replaces nothing.
    ///
    /// # Errors
    /// [`BackupError::Exists`] when something of that name is there, a symbolic link among others.
    pub fn save(self, to: &Path) -> Result<Manifest, BackupError> {
        let Self { manifest, file, workspace, .. } = self;
        let unnamed = TempPath::try_from_path(&file).map_err(at(&file))?;
        unnamed.persist_noclobber(to).map_err(|error| match error.error.kind() {
            ErrorKind::AlreadyExists => BackupError::Exists(to.to_owned()),
            _ => at(to)(error.error),
        })?;
        drop(workspace);
        let folder = folder_of(to);
        File::open(folder).and_then(|folder| folder.sync_all()).map_err(at(folder))?;
        Ok(manifest)
    }

    /// Opens the backup, to be sent elsewhere.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn open(&self) -> Result<File, BackupError> {
        File::open(&self.file).map_err(at(&self.file))
    }
}

/// Makes a backup in `folder`, where it has no name until it is saved.
///
/// # Errors
/// When the database does not answer, a file cannot be read or written, or the root key does not open the keyring.
pub async fn create(
    store: &Store,
    keys: &config::Keys,
    contents: Contents,
    folder: &Path,
    now: Timestamp,
) -> Result<Backup, BackupError> {
    if store.backend() != "sqlite" && contents != Contents::Keys {
        return Err(BackupError::NotSqlite);
    }
    let workspace = Workspace::new(folder)?;
    let mut manifest = Manifest {
        format: FORMAT,
        version: env!("CARGO_PKG_VERSION").to_owned(),
        created_at: now,
        schema: Vec::new(),
        counts: crate::backup::Counts::default(),
        root: None,
        members: Vec::new(),
    };
    let mut files = Vec::new();
    if contents != Contents::Keys {
        let copy = workspace.path().join(DATABASE);
        // Made before SQLite writes to it, for its owner only.
        OpenOptions::new().write(true).create_new(true).mode(0o600).open(&copy).map_err(at(&copy))?;
        store.copy_to(&copy.to_string_lossy()).await.map_err(|error| match error {
            crate::store::StoreError::Database(cause) => {
                BackupError::File { path: folder.to_owned(), reason: format!("the database cannot be copied: {cause}") }
            }
            other => other.into(),
        })?;
        let Snapshot { schema, counts, roots, faults } = Snapshot::of(&copy).await?;
        if let Some(fault) = faults.into_iter().next() {
            return Err(BackupError::File { path: copy, reason: format!("the copy is damaged: {fault}") });
        }
        (manifest.schema, manifest.counts) = (schema, counts);
        manifest.root = roots.into_iter().next();
        files.push((DATABASE, copy));
    } else {
        let stored = store.signing_keys().all().await?;
        manifest.root = stored.first().map(|key| key.root.clone());
        manifest.counts.keys = stored.len() as u64;
    }
    if contents != Contents::Database {
        files.extend(copy_keys(keys, manifest.root.as_deref(), workspace.path())?);
        if files.iter().all(|(name, _)| *name != ROOT_KEY) && (manifest.root.is_some() || contents == Contents::Keys) {
            return Err(BackupError::NoRootKey(keys.private_key_path.clone()));
        }
    }
    blocking(move || {
        manifest.members = files.iter().map(|(name, file)| member(name, file)).collect::<Result<_, _>>()?;
        let paths: Vec<PathBuf> = files.into_iter().map(|(_, file)| file).collect();
        let file = workspace.path().join(format!("{MANIFEST}.tar"));
        let (size, sha256) = pack(&file, &manifest, &paths)?;
        Ok(Backup { manifest, size, sha256, file, workspace })
    })
    .await
}

/// Copies the root key and the JWKS mirror, if they are there. The key must be the one that the keyring wants.
fn copy_keys(
    keys: &config::Keys,
    wanted: Option<&str>,
    folder: &Path,
) -> Result<Vec<(&'static str, PathBuf)>, BackupError> {
    let mut copied = Vec::new();
    for (name, path) in [(ROOT_KEY, &keys.private_key_path), (MIRROR, &keys.jwks_path)] {
        let bytes = match fs::read(path) {
            Ok(bytes) => Zeroizing::new(bytes),
            Err(error) if error.kind() == ErrorKind::NotFound => continue,
            Err(error) => return Err(at(path)(error)),
        };
        let copy = folder.join(name);
        let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&copy).map_err(at(&copy))?;
        file.write_all(&bytes).map_err(at(&copy))?;
        copied.push((name, copy));
    }
    let root =
        copied.iter().find(|(name, _)| *name == ROOT_KEY).map(|(_, copy)| RootInspection::load(copy)).transpose()?;
    if let (Some(Some(root)), Some(wanted)) = (root, wanted) {
        let found = root.fingerprint()?;
        if found != wanted {
            let path = keys.private_key_path.display();
            return Err(BackupError::OtherRoot(format!(
                "the keys in the database were made under root key {wanted}, and {path} is {found}"
            )));
        }
    }
    Ok(copied)
}
