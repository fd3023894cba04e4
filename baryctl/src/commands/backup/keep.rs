//! `baryctl backup create FOLDER --keep N`: when a new backup is whole, the oldest of those that bear names of our own go.
//!
//! Only files that `create` has named itself count: whatever else lies in the folder stays.

use std::fs;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use crate::error::{CtlError, Exit};

/// What the name of a backup begins and ends with; between them stands its time, as `20261123T110000Z`.
const AFFIXES: (&str, &str) = ("barycenter-", ".tar");

/// Returns the backups of a folder that must go, so that the `keep` newest stay; oldest first.
pub(super) fn surplus(names: impl Iterator<Item = String>, keep: NonZeroUsize) -> Vec<String> {
    let mut ours: Vec<String> = names.filter(|name| is_ours(name)).collect();
    // The time is in the name, and sorts as text.
    ours.sort_unstable();
    ours.truncate(ours.len().saturating_sub(keep.get()));
    ours
}

/// Removes the oldest backups of a folder and returns which they were.
///
/// # Errors
/// When the folder cannot be read, or a backup cannot be removed.
pub(super) fn prune(folder: &Path, keep: NonZeroUsize) -> Result<Vec<PathBuf>, CtlError> {
    let refused = |what: String, error: std::io::Error| {
        CtlError::new(Exit::Failed, format!("the new backup is there, but {what}: {error}"))
    };
    let entries =
        fs::read_dir(folder).map_err(|error| refused(format!("{} cannot be read", folder.display()), error))?;
    let names = entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
    let mut gone = Vec::new();
    for name in surplus(names, keep) {
        let path = folder.join(name);
        fs::remove_file(&path)
            .map_err(|error| refused(format!("the old one {} cannot be removed", path.display()), error))?;
        gone.push(path);
    }
    Ok(gone)
}

/// Whether a name is `barycenter-20261123T110000Z.tar`.
fn is_ours(name: &str) -> bool {
    let time = name.strip_prefix(AFFIXES.0).and_then(|rest| rest.strip_suffix(AFFIXES.1)).unwrap_or_default();
    time.len() == 16
        && time.bytes().enumerate().all(|(position, byte)| match position {
            8 => byte == b'T',
            15 => byte == b'Z',
            _ => byte.is_ascii_digit(),
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_backups_of_our_own_naming_stay_and_everything_else() {
        let names = [
            "barycenter-20261123T110000Z.tar",
            "barycenter-20261121T110000Z.tar",
            "barycenter-20261122T110000Z.tar",
            "barycenter-before-the-move.tar",
            "barycenter-20251122T110000Z.tar.age",
            "notes.txt",
        ];
        let surplus = |keep| surplus(names.iter().map(ToString::to_string), NonZeroUsize::new(keep).unwrap());
        assert_eq!(surplus(2), ["barycenter-20261121T110000Z.tar"]);
        assert_eq!(surplus(1), ["barycenter-20261121T110000Z.tar", "barycenter-20261122T110000Z.tar"]);
        assert!(surplus(3).is_empty());
        assert!(surplus(100).is_empty());
    }

    #[test]
    fn old_backups_go_when_a_new_one_is_there() {
        let folder = tempfile::tempdir().unwrap();
        for day in 10..15 {
            fs::write(folder.path().join(format!("barycenter-202611{day}T020000Z.tar")), "").unwrap();
        }
        fs::write(folder.path().join("barycenter.tar"), "").unwrap();
        let gone = prune(folder.path(), NonZeroUsize::new(2).unwrap()).unwrap();
        assert_eq!(gone.len(), 3);
        let mut left: Vec<_> = fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        left.sort();
        assert_eq!(left, ["barycenter-20261113T020000Z.tar", "barycenter-20261114T020000Z.tar", "barycenter.tar"]);
    }
}
