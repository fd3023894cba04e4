//! Many users: all of them new, and nothing changed.

use std::fmt::Write as _;

use barycenter_e2e::measure::{forget_peak, median, memory, processor_time};
use barycenter_e2e::report::Report;
use barycenter_e2e::{DatabaseKind, Deployment};

use crate::measured::baryctl;
use crate::{DATABASES, DOORS, Door, Place, baseline};

/// Both sides of a ratio are measured in turns, so often: what else the machine does falls on both.
const ROUNDS: usize = 3;

const HASH: &str = "$2b$12$LQv3c1yqBWVHxkd0LHAkCOYz6TtxMQJqhN8/LewKyNiAYMyzJ/I1i";

/// Writes a users file, one user a line.
pub(crate) fn write_users(deployment: &Deployment, count: usize, more: &str) -> String {
    let mut text = String::from("{\"users\":[\n");
    for number in 0..count {
        let comma = if number == 0 { "" } else { ",\n" };
        write!(
            text,
            "{comma}{{\"username\":\"user-{number:07}\",\"email\":\"user-{number:07}@example.com\",\"email_verified\":true,\
             \"enabled\":true,\"properties\":{{\"role\":\"member\",\"display_name\":\"User Number {number}\"}}{more}}}"
        )
        .expect("memory");
    }
    text.push_str("\n]}\n");
    deployment.write("secrets/many.json", &text)
}

/// Returns the extra member that gives every user a hash.
pub(crate) fn with_hash() -> String {
    format!(",\"password_hash\":\"{HASH}\"")
}

/// Users with hashes, all new, against a bare batched insert of the same rows.
pub(crate) async fn all_new(report: &mut Report, count: usize) {
    for database in DATABASES {
        for door in DOORS {
            let (mut syncs, mut inserts) = (Vec::new(), Vec::new());
            for _ in 0..ROUNDS {
                let deployment = Deployment::new(database).await;
                deployment.direct(&["db", "migrate", "-q"]).await.exited(0);
                let path = write_users(&deployment, count, &with_hash());
                let daemon = deployment.start().await;
                let sync = baryctl(&deployment, door, &["sync", "-q", "-f", &path], 0).await;
                daemon.stop().await;
                let bare = Deployment::new(database).await;
                bare.direct(&["db", "migrate", "-q"]).await.exited(0);
                let insert = baseline::insert_rows(deployment.database_url(), bare.database_url()).await;
                syncs.push(sync.wall.as_secs_f64());
                inserts.push(insert.as_secs_f64());
            }
            let (sync, insert) = (median(syncs), median(inserts));
            let how = format!("{sync:.2} s for {count} users with hashes; bare insert {insert:.2} s");
            report.at_most(Place(database, door), "new: time / bare insert", sync / insert, 3.0, "×  ", &how);
        }
    }
}

/// The same file twice: the second time nothing has changed.
pub(crate) async fn unchanged(report: &mut Report, count: usize) {
    for database in DATABASES {
        let deployment = Deployment::new(database).await;
        deployment.direct(&["db", "migrate", "-q"]).await.exited(0);
        let path = write_users(&deployment, count, &with_hash());
        deployment.direct(&["sync", "-q", "-f", &path]).await.exited(0);
        for door in DOORS {
            compare_unchanged(report, &deployment, database, door, &path, count).await;
        }
    }
}

async fn compare_unchanged(
    report: &mut Report,
    deployment: &Deployment,
    database: DatabaseKind,
    door: Door,
    path: &str,
    count: usize,
) {
    let place = Place(database, door);
    let daemon = deployment.start().await;
    let idle = memory(daemon.id(), "VmRSS").expect("the daemon runs");
    forget_peak(daemon.id());
    let (mut files, mut rows, mut syncs, mut peak, mut processor) = (Vec::new(), Vec::new(), Vec::new(), 0.0, 0.0);
    for _ in 0..ROUNDS {
        files.push(baseline::read_file(path.as_ref()).as_secs_f64());
        rows.push(baseline::stream_rows(deployment.database_url()).await.as_secs_f64());
        let earlier = processor_time(daemon.id()).expect("the daemon runs");
        let sync = baryctl(deployment, door, &["sync", "-q", "-f", path], 0).await;
        processor = sync.processor + processor_time(daemon.id()).expect("the daemon runs") - earlier;
        syncs.push(sync.wall.as_secs_f64());
        peak = sync.peak.max(peak);
    }
    let above = memory(daemon.id(), "VmHWM").expect("the daemon runs") - idle;
    daemon.stop().await;
    let (file, rows, sync) = (median(files), median(rows), median(syncs));
    let how = format!(
        "{sync:.2} s for {count} users ({processor:.2} s of processors in ours); file {file:.2} s, rows {rows:.2} s"
    );
    report.at_most(place, "unchanged: time / reading both", sync / (file + rows), 3.0, "×  ", &how);
    report.at_most(place, "unchanged: memory of baryctl", peak, 128.0, "MiB", "");
    if door == Door::Online {
        let how = format!("idle {idle:.0} MiB");
        report.at_most(place, "unchanged: daemon above idle", above, 64.0, "MiB", &how);
    }
}
