//! The guide's init container: 128 MiB and a fifth of a processor, by control groups.

use std::fs::{create_dir, read_dir, remove_dir, write};
use std::path::{Path, PathBuf};

use barycenter_e2e::Deployment;
use barycenter_e2e::report::{Report, say};

use crate::measured::run;
use crate::{DATABASES, Door, Place};

const ROOT: &str = "/sys/fs/cgroup";

/// A control group; it is removed when it is dropped.
struct Group(Vec<PathBuf>);

impl Group {
    /// Makes one with the guide's limits, if this machine lets us.
    fn new() -> Option<Self> {
        let name = format!("barycenter-bench-{}", std::process::id());
        let group = |controller: &str, files: &[(&str, &str)]| {
            let folder = Path::new(ROOT).join(controller).join(&name);
            create_dir(&folder).ok()?;
            for (file, value) in files {
                write(folder.join(file), value).ok()?;
            }
            Some(folder)
        };
        let is_one_tree = Path::new(ROOT).join("cgroup.controllers").exists();
        let folders = if is_one_tree {
            vec![group("", &[("memory.max", "134217728"), ("cpu.max", "20000 100000")])?]
        } else {
            vec![
                group("memory", &[("memory.limit_in_bytes", "134217728")])?,
                group("cpu", &[("cpu.cfs_period_us", "100000"), ("cpu.cfs_quota_us", "20000")])?,
            ]
        };
        Some(Self(folders))
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        for folder in &self.0 {
            // What is left of it is the kernel's.
            let _ = remove_dir(folder);
        }
    }
}

/// The guide's two users on an empty database.
pub(crate) async fn guide(report: &mut Report) {
    let Some(group) = Group::new() else {
        say(format_args!("skip  no control groups can be made under {ROOT}; run as root where they can"));
        return;
    };
    assert!(group.0.iter().all(|folder| read_dir(folder).is_ok()), "the group was made");
    for database in DATABASES {
        let deployment = Deployment::new(database).await;
        let program = barycenter_e2e::program::find("barycenterd");
        let enter: Vec<String> =
            group.0.iter().map(|folder| format!("echo $$ >{}/cgroup.procs", folder.display())).collect();
        let users = deployment.users();
        let script = format!("{}; exec {} sync-users --file {users}", enter.join("; "), program.display());
        let sync = run(deployment.command("/bin/sh", &["-c", &script]), 0).await;
        let how = format!("memory {:.0} MiB of 128", sync.peak);
        report.at_most(
            Place(database, Door::Direct),
            "container: the guide's users",
            sync.wall.as_secs_f64(),
            3.0,
            "s  ",
            &how,
        );
    }
}
