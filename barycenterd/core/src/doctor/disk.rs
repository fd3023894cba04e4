//! Checks of folders and file systems. A network file system may hang: they run where hanging blocks nobody.

use std::path::{Path, PathBuf};

use rustix::fs::{Access, StatVfs, access, statfs, statvfs};
use tokio::task::spawn_blocking;

use crate::config::Keys;
use crate::doctor::Finding;

/// Below so much free space nothing should be relied on.
const FULL: u64 = 64 << 20;
/// Below so much somebody should look.
const SCARCE: u64 = 512 << 20;

/// File systems on other machines, by the magic numbers of statfs(2).
const NETWORK: [(u64, &str); 8] = [
    (0x6969, "NFS"),
    (0xff53_4d42, "SMB"),
    (0xfe53_4d42, "SMB"),
    (0x517b, "SMB"),
    (0x00c3_6400, "Ceph"),
    (0x5346_414f, "AFS"),
    (0x0bd0_0bd0, "Lustre"),
    (0x4750_4653, "GPFS"),
];

/// Looks at a file where that may take long.
async fn looking(file: Option<&Path>, look: impl FnOnce(PathBuf, PathBuf) -> Finding + Send + 'static) -> Finding {
    let Some(file) = file else { return Finding::skipped("PostgreSQL's files are elsewhere") };
    let folder = folder_of(file).to_owned();
    let file = file.to_owned();
    match spawn_blocking(move || look(file, folder)).await {
        Ok(finding) => finding,
        Err(error) => Finding::failed(format!("cannot look: {error}"), "try again"),
    }
}

/// Returns the folder of a file; a bare name lies in the working directory.
fn folder_of(file: &Path) -> &Path {
    file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

pub(super) async fn folder(database: Option<&Path>) -> Finding {
    looking(database, |_, folder| writable(&folder, "database.url")).await
}

fn writable(folder: &Path, setting: &str) -> Finding {
    let name = folder.display();
    if !folder.is_dir() {
        return Finding::failed(
            format!("{name} does not exist"),
            format!("create it, or mount a volume there; see {setting}"),
        );
    }
    match access(folder, Access::WRITE_OK | Access::EXEC_OK) {
        Ok(()) => Finding::ok(format!("{name} can be written to")),
        Err(error) => Finding::failed(
            format!("{name} cannot be written to: {error}"),
            "give it to the user of the daemon (chown), or set fsGroup for the pod",
        ),
    }
}

pub(super) async fn keys_folder(keys: &Keys) -> Finding {
    let (root, mirror) = (keys.private_key_path.clone(), keys.jwks_path.clone());
    looking(Some(&keys.private_key_path), move |_, folder| {
        // A root key that is there may lie on a Secret, which nobody writes to.
        let root = if root.exists() {
            Finding::ok(format!("{} is there", root.display()))
        } else {
            writable(&folder, "keys.private_key_path")
        };
        let mirror = writable(folder_of(&mirror), "keys.jwks_path");
        if root == mirror { root } else { Finding::worst(vec![root, mirror], Finding::ok("")) }
    })
    .await
}

pub(super) async fn location(database: Option<&Path>) -> Finding {
    looking(database, |file, folder| match statfs(&folder) {
        Ok(found) => {
            let magic = u64::try_from(found.f_type).unwrap_or_default() & 0xffff_ffff;
            on_this_machine(magic, &file)
        }
        Err(error) => Finding::failed(format!("{}: {error}", folder.display()), "create the folder, or mount a volume"),
    })
    .await
}

/// Judges the file system of an SQLite file by its magic number (statfs(2)).
#[must_use]
pub fn on_this_machine(magic: u64, file: &Path) -> Finding {
    match NETWORK.iter().find(|(known, _)| *known == magic) {
        None => Finding::ok(format!("{} is on a local file system", file.display())),
        Some((_, name)) => Finding::warning(
            format!("{} is on {name}: two machines that open it destroy it", file.display()),
            "put it on a local volume (ReadWriteOnce), or use PostgreSQL",
        ),
    }
}

pub(super) async fn space(database: Option<&Path>) -> Finding {
    looking(database, |_, folder| match statvfs(&folder) {
        Ok(StatVfs { f_bavail, f_blocks, f_frsize, .. }) => {
            room(f_bavail.saturating_mul(f_frsize), f_blocks.saturating_mul(f_frsize), &folder)
        }
        Err(error) => Finding::failed(format!("{}: {error}", folder.display()), "create the folder, or mount a volume"),
    })
    .await
}

/// Judges how much room there is, in bytes.
#[must_use]
pub fn room(free: u64, total: u64, folder: &Path) -> Finding {
    let told = format!("{} free of {} at {}", size(free), size(total), folder.display());
    let fix = "make room, or a larger volume";
    // A small volume that is mostly empty is no reason to worry.
    match free {
        _ if free < FULL.min(total / 10) => Finding::failed(format!("only {told}: writes will fail"), fix),
        _ if free < SCARCE.min(total / 5) => Finding::warning(format!("only {told}"), fix),
        _ => Finding::ok(told),
    }
}

/// `41 MB`, `1.3 GB`.
fn size(bytes: u64) -> String {
    const UNITS: [(u64, &str); 3] = [(1_000_000_000_000, "TB"), (1_000_000_000, "GB"), (1_000_000, "MB")];
    for (unit, name) in UNITS {
        if bytes >= 10 * unit {
            return format!("{} {name}", bytes / unit);
        }
        if bytes >= unit {
            return format!("{}.{} {name}", bytes / unit, bytes % unit * 10 / unit);
        }
    }
    format!("{} kB", bytes / 1000)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::Status;

    #[test]
    fn little_room_is_told_before_there_is_none() {
        let at = |free: u64, total: u64| room(free, total, Path::new("/data")).status;
        assert_eq!(at(10 << 30, 100 << 30), Status::Ok);
        assert_eq!(at(400 << 20, 100 << 30), Status::Warning);
        assert_eq!(at(10 << 20, 100 << 30), Status::Failed);
        assert_eq!(at(90 << 20, 100 << 20), Status::Ok, "a small volume that is nearly empty");
        assert_eq!(at(5 << 20, 100 << 20), Status::Failed);
        assert_eq!(size(41_200_000), "41 MB");
        assert_eq!(size(1_340_000_000), "1.3 GB");
        assert_eq!(size(2_000), "2 kB");
    }

    #[test]
    fn network_file_systems_are_named() {
        let file = Path::new("/data/barycenter.db");
        assert_eq!(on_this_machine(0xef53, file).status, Status::Ok);
        assert!(on_this_machine(0x6969, file).message.contains("is on NFS"));
    }

    #[tokio::test]
    async fn a_folder_that_is_missing_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let found = super::folder(Some(&folder.path().join("missing/barycenter.db"))).await;
        assert_eq!(found.status, Status::Failed);
        assert!(found.message.ends_with("missing does not exist"), "{}", found.message);
        assert_eq!(super::folder(Some(&folder.path().join("barycenter.db"))).await.status, Status::Ok);
        assert_eq!(super::folder(None).await.status, Status::Skipped);
    }
}
