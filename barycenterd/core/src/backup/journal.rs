//! The moves of a restore, written down before the first is made: from then on the restore has happened.
//!
//! Each move can be made again: it is left out when what it makes is there already. So a process that finds the journal,
//! whether it was killed over it or comes after one that was, makes all of them and removes it. It is only touched by
//! who holds the database alone.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{self, ErrorKind, Write as _};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use tempfile::NamedTempFile;

use crate::backup::folder_of;
use crate::store::presence::{Presence, beside};
use crate::store::{BUSY_TIMEOUT, StoreError};

/// One move.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Move {
    /// Keeps what is there under another name as well.
    Keep {
        /// What is there.
        file: PathBuf,
        /// Its other name.
        kept: PathBuf,
    },
    /// Puts a file out of the way.
    Away {
        /// What is there.
        file: PathBuf,
        /// Its name from now on.
        kept: PathBuf,
    },
    /// Removes what is of no use without its neighbour.
    Remove {
        /// What is there.
        file: PathBuf,
    },
    /// Puts a new file in the place of the old one, at once.
    Replace {
        /// The new one.
        staged: PathBuf,
        /// The place.
        file: PathBuf,
    },
}

impl Move {
    fn make(&self) -> io::Result<()> {
        match self {
            Self::Keep { file, kept } if !kept.exists() && file.exists() => match fs::hard_link(file, kept) {
                // A file system without hard links: then the place is empty for a moment.
                Err(error) if error.kind() != ErrorKind::NotFound => fs::rename(file, kept),
                linked => linked,
            },
            Self::Away { file, kept } if !kept.exists() => not_there(fs::rename(file, kept)),
            Self::Remove { file } => not_there(fs::remove_file(file)),
            Self::Replace { staged, file } => not_there(fs::rename(staged, file)),
            Self::Keep { .. } | Self::Away { .. } => Ok(()),
        }
    }

    fn place(&self) -> &Path {
        match self {
            Self::Keep { file, .. } | Self::Away { file, .. } | Self::Remove { file } | Self::Replace { file, .. } => {
                file
            }
        }
    }
}

/// What is not there has been moved before.
fn not_there(moved: io::Result<()>) -> io::Result<()> {
    match moved {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        moved => moved,
    }
}

fn path_of(database: &Path) -> PathBuf {
    beside(database, ".restore-journal")
}

fn sync(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

/// Writes the journal, whole or not at all; when this returns, the restore has happened.
pub(super) fn write(database: &Path, moves: &[Move]) -> io::Result<()> {
    let path = path_of(database);
    let mut file = NamedTempFile::new_in(folder_of(&path))?;
    file.write_all(&serde_json::to_vec_pretty(moves)?)?;
    file.as_file().sync_all()?;
    file.persist(&path).map_err(|error| error.error)?;
    sync(folder_of(&path))
}

/// Makes the moves and removes the journal. Whoever calls this holds the database alone.
pub(super) fn carry_out(database: &Path) -> io::Result<()> {
    let path = path_of(database);
    let moves: Vec<Move> = match fs::read(&path) {
        Ok(json) => serde_json::from_slice(&json)?,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error),
    };
    moves.iter().try_for_each(Move::make)?;
    let folders: BTreeSet<&Path> = moves.iter().map(|one| folder_of(one.place())).collect();
    folders.into_iter().try_for_each(sync)?;
    fs::remove_file(&path)?;
    sync(folder_of(&path))
}

/// Finishes a restore of this database that was cut short, if there is one. Everybody who opens the database calls
/// this first.
pub(crate) async fn finish(database: &Path) -> Result<(), StoreError> {
    let path = path_of(database);
    let is_there = || path.try_exists().unwrap_or(true);
    if !is_there() {
        return Ok(());
    }
    let refused = |reason: String| StoreError::File { file: database.to_owned(), reason };
    let Some(_alone) = Presence::alone(database, BUSY_TIMEOUT).await? else {
        // Whoever held it has finished it, or is about to.
        return if is_there() {
            Err(refused("a restore is under way; wait until it has ended".to_owned()))
        } else {
            Ok(())
        };
    };
    tracing::warn!(database = %database.display(), "finishing a restore that was cut short");
    carry_out(database).map_err(|error| {
        refused(format!("a restore was cut short and cannot be finished: {error} (see {})", path.display()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn moves(folder: &Path) -> (PathBuf, Vec<Move>) {
        let file = folder.join("barycenter.db");
        let kept = folder.join("barycenter.db.before-restore");
        let staged = folder.join(".barycenter.db.restoring");
        let moves = vec![
            Move::Keep { file: file.clone(), kept },
            Move::Away {
                file: folder.join("barycenter.db-wal"),
                kept: folder.join("barycenter.db.before-restore-wal"),
            },
            Move::Remove { file: folder.join("barycenter.db-shm") },
            Move::Replace { staged, file: file.clone() },
        ];
        (file, moves)
    }

    /// Wherever it is cut short, and however often it is begun again, the end is the same.
    #[tokio::test]
    async fn a_restore_that_is_cut_short_anywhere_is_finished() {
        for done in 0..=4 {
            let folder = tempfile::tempdir().unwrap();
            let (file, moves) = moves(folder.path());
            for (name, text) in [
                ("barycenter.db", "old"),
                ("barycenter.db-wal", "old log"),
                ("barycenter.db-shm", "index"),
                (".barycenter.db.restoring", "new"),
            ] {
                fs::write(folder.path().join(name), text).unwrap();
            }
            write(&file, &moves).unwrap();
            moves.iter().take(done).for_each(|one| one.make().unwrap());
            finish(&file).await.unwrap();
            finish(&file).await.unwrap();
            let text = |name: &str| fs::read_to_string(folder.path().join(name)).unwrap_or_default();
            assert_eq!(text("barycenter.db"), "new", "{done}");
            assert_eq!(text("barycenter.db.before-restore"), "old", "{done}");
            assert_eq!(text("barycenter.db.before-restore-wal"), "old log", "{done}");
            for gone in
                ["barycenter.db-wal", "barycenter.db-shm", ".barycenter.db.restoring", "barycenter.db.restore-journal"]
            {
                assert!(!folder.path().join(gone).exists(), "{gone}, {done}");
            }
        }
    }

    #[tokio::test]
    async fn a_journal_that_cannot_be_read_stops_everybody() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("barycenter.db");
        fs::write(path_of(&file), "[{").unwrap();
        let error = finish(&file).await.unwrap_err().to_string();
        assert!(error.contains("cannot be finished") && error.contains("barycenter.db.restore-journal"), "{error}");
    }
}
