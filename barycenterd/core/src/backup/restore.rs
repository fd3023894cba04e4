//! Bringing a backup back, as a whole or not at all.
//!
//! What is to come is made ready beside its place and on the disk before anything that is there is touched. What is
//! there is kept as `….before-restore`. Nobody may have the database open: our own processes tell by a lock
//! (`store::presence`), any other program by SQLite's own, which a connection in write-ahead mode holds as long as it
//! lives.

use std::fs::{self, File, Permissions};
use std::io::{self, ErrorKind};
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, chown};
use std::path::{Path, PathBuf};
use std::time::Duration;

use sea_orm::{ConnectOptions, ConnectionTrait as _, Database, DbErr};
use tempfile::TempPath;
use zeroize::Zeroizing;

use crate::backup::journal::{self, Move};
use crate::backup::manifest::{DATABASE, MIRROR, Manifest, ROOT_KEY};
use crate::backup::snapshot::Snapshot;
use crate::backup::verify::Verified;
use crate::backup::{BackupError, at, blocking, folder_of};
use crate::config::Config;
use crate::keyring::RootInspection;
use crate::store::presence::{Presence, beside};
use crate::store::{SchemaStatus, Store, StoreError};

/// How long a process that is just ending may take to let go of the database.
const PATIENCE: Duration = Duration::from_secs(1);

/// What a restore has done.
#[derive(Debug)]
pub struct Restored {
    /// What was restored.
    pub manifest: Manifest,
    /// Where what was there before is kept.
    pub kept: Vec<PathBuf>,
}

/// A file to come, beside its place.
struct Staged {
    file: PathBuf,
    staged: TempPath,
}

/// Puts what a backup holds in the place of what is there.
///
/// # Errors
/// When somebody has the database open, versions or keys do not fit, or a file cannot be written; then nothing has
/// happened. An error behind the journal says that whoever opens the database next finishes.
pub async fn restore(verified: Verified, config: &Config) -> Result<Restored, BackupError> {
    let Verified { manifest, workspace } = verified;
    if manifest.is_newer() {
        let found = manifest.schema_version().to_owned();
        return Err(BackupError::Newer { found, known: SchemaStatus::newest() });
    }
    let database = config.database.url.sqlite_path();
    let alone = match database {
        None if manifest.has(DATABASE) => return Err(BackupError::NotSqlite),
        None => None,
        Some(database) => Some(take(database).await?),
    };
    fit(&manifest, config).await?;
    let targets: Vec<(&str, PathBuf, u32)> = [
        (DATABASE, database.map(Path::to_owned), 0o600),
        (ROOT_KEY, Some(config.keys.private_key_path.clone()), 0o600),
        (MIRROR, Some(config.keys.jwks_path.clone()), 0o644),
    ]
    .into_iter()
    .filter_map(|(name, path, mode)| Some((name, path.filter(|_| manifest.has(name))?, mode)))
    .collect();
    let journal = database.map(Path::to_owned);
    let kept = blocking(move || {
        let mut staged = Vec::new();
        for (name, file, mode) in targets {
            if !same(&workspace.path().join(name), &file) {
                staged.push(stage(&workspace.path().join(name), file, mode)?);
            }
        }
        let kept = swap(staged, journal.as_deref());
        drop(alone);
        kept
    })
    .await?;
    Ok(Restored { manifest, kept })
}

/// Takes the database for this process alone.
async fn take(database: &Path) -> Result<Presence, BackupError> {
    let in_use = |who| BackupError::InUse { database: database.to_owned(), who };
    journal::finish(database).await?;
    let Some(alone) = Presence::alone(database, PATIENCE).await? else {
        return Err(in_use("a barycenterd or a baryctl has it open"));
    };
    match settle(database).await {
        Ok(()) => {}
        Err(error) if StoreError::from_database(&error).is_unavailable() => {
            return Err(in_use("another program has it open"));
        }
        // Whoever restores may well have a database that cannot be opened.
        Err(error) => tracing::debug!(%error, "the old database cannot be settled; it is kept as it is"),
    }
    Ok(alone)
}

/// Writes what the write-ahead log of the old database holds into its file. In exclusive mode SQLite lets nobody share
/// it: any other connection, idle or not, makes this fail.
async fn settle(database: &Path) -> Result<(), DbErr> {
    if !database.exists() {
        return Ok(());
    }
    let name = database.to_owned();
    let mut options = ConnectOptions::new("sqlite:?mode=rw");
    options
        .max_connections(1)
        .sqlx_logging(false)
        .map_sqlx_sqlite_opts(move |sqlite| sqlite.filename(&name).busy_timeout(PATIENCE));
    let connection = Database::connect(options).await?;
    let statements = async {
        for statement in
            ["PRAGMA locking_mode = EXCLUSIVE", "BEGIN EXCLUSIVE", "COMMIT", "PRAGMA wal_checkpoint(TRUNCATE)"]
        {
            connection.execute_unprepared(statement).await?;
        }
        Ok(())
    };
    let settled = statements.await;
    let _ = connection.close().await;
    settled
}

/// Refuses keys that do not open the database that is there, and a database that the keys that are there do not open.
async fn fit(manifest: &Manifest, config: &Config) -> Result<(), BackupError> {
    if manifest.has(DATABASE) == manifest.has(ROOT_KEY) {
        return Ok(());
    }
    let Some(wanted) = &manifest.root else { return Ok(()) };
    if manifest.has(DATABASE) {
        let path = &config.keys.private_key_path;
        let found = RootInspection::load(path)?.map(|root| root.fingerprint()).transpose()?;
        return match found {
            Some(found) if found == *wanted => Ok(()),
            Some(found) => Err(BackupError::OtherRoot(format!(
                "the backup, which holds no keys, was made under root key {wanted}, and {} is {found}",
                path.display()
            ))),
            None => Err(BackupError::OtherRoot(format!(
                "the backup, which holds no keys, was made under root key {wanted}, and there is none at {}",
                path.display()
            ))),
        };
    }
    match roots_of(config).await.iter().find(|root| *root != wanted) {
        None => Ok(()),
        Some(root) => Err(BackupError::OtherRoot(format!(
            "the backup holds root key {wanted}, and the keys in the database were made under {root}"
        ))),
    }
}

/// Returns which root keys the database that is there wants; nothing if it is not there yet, or away.
async fn roots_of(config: &Config) -> Vec<String> {
    if let Some(file) = config.database.url.sqlite_path() {
        return Snapshot::of(file).await.map(|found| found.roots).unwrap_or_default();
    }
    let Ok(store) = Store::connect(&config.database).await else { return Vec::new() };
    let keys = store.signing_keys().all().await.unwrap_or_default();
    let _ = store.close().await;
    keys.into_iter().map(|key| key.root).collect()
}

/// Returns whether a file is there already as it will be.
fn same(new: &Path, file: &Path) -> bool {
    // A database is never compared: it may be large, and it has been settled just now.
    let read = |path: &Path| fs::read(path).map(Zeroizing::new).ok();
    !new.ends_with(DATABASE) && read(new).is_some_and(|bytes| read(file).is_some_and(|other| *bytes == *other))
}

/// Makes a file ready beside its place: with its permissions, as the owner of what is there or of the folder, synced.
fn stage(new: &Path, file: PathBuf, mode: u32) -> Result<Staged, BackupError> {
    // Through a symbolic link, what it points to is replaced, in the folder where that lies.
    let file = fs::canonicalize(&file).unwrap_or(file);
    let folder = folder_of(&file);
    let mut name = std::ffi::OsString::from(".");
    name.push(file.file_name().unwrap_or_default());
    name.push(".restoring");
    let path = folder.join(name);
    let write = || -> io::Result<TempPath> {
        match fs::remove_file(&path) {
            Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        // The workspace is a folder of the database's; the keys' may lie on another volume.
        if fs::rename(new, &path).is_err() {
            fs::copy(new, &path)?;
        }
        let staged = TempPath::try_from_path(&path)?;
        let owner = fs::metadata(&file).or_else(|_| fs::metadata(folder))?;
        fs::set_permissions(&staged, Permissions::from_mode(mode))?;
        let ours = fs::metadata(&staged)?;
        if (ours.uid(), ours.gid()) != (owner.uid(), owner.gid()) {
            // Only root can; for anybody else the files are theirs, as the daemon's that they restore for.
            let _ = chown(&staged, Some(owner.uid()), Some(owner.gid()));
        }
        File::open(&staged)?.sync_all()?;
        Ok(staged)
    };
    let staged = write().map_err(at(&path))?;
    Ok(Staged { staged, file })
}

/// Makes all moves; returns where the old files are kept.
fn swap(all: Vec<Staged>, database: Option<&Path>) -> Result<Vec<PathBuf>, BackupError> {
    let mut moves = Vec::new();
    let mut kept = Vec::new();
    for Staged { file, staged } in &all {
        if file.exists() {
            let name = free_name(file);
            moves.push(Move::Keep { file: file.clone(), kept: name.clone() });
            if database.is_some_and(|database| fs::canonicalize(database).is_ok_and(|database| database == *file)) {
                moves.push(Move::Away { file: beside(file, "-wal"), kept: beside(&name, "-wal") });
                moves.push(Move::Remove { file: beside(file, "-shm") });
            }
            kept.push(name);
        }
        moves.push(Move::Replace { staged: staged.to_path_buf(), file: file.clone() });
    }
    let anchor = database.map_or_else(|| all.first().map(|staged| staged.file.clone()), |path| Some(path.to_owned()));
    let Some(anchor) = anchor else { return Ok(kept) };
    journal::write(&anchor, &moves).map_err(at(&anchor))?;
    // The files belong to the journal now.
    for Staged { staged, .. } in all {
        let _ = staged.keep();
    }
    journal::carry_out(&anchor).map_err(|error| BackupError::File {
        path: anchor.clone(),
        reason: format!("the restore has begun, and whoever opens the database next finishes it: {error}"),
    })?;
    Ok(kept)
}

/// `barycenter.db.before-restore`, or the first number behind it that is free.
fn free_name(file: &Path) -> PathBuf {
    let first = beside(file, ".before-restore");
    if !first.exists() {
        return first;
    }
    (2_u32..)
        .map(|number| beside(file, &format!(".before-restore-{number}")))
        .find(|path| !path.exists())
        .unwrap_or(first)
}
