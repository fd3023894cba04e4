//! Plain passwords: hashed as fast as the machine can, and never twice.

use std::fmt::Write as _;
use std::thread::available_parallelism;

use barycenter_e2e::Deployment;
use barycenter_e2e::measure::{forget_peak, memory, processor_time};
use barycenter_e2e::report::Report;

use crate::measured::baryctl;
use crate::{DATABASES, DOORS, Door, Place, baseline};

const USERS: u32 = 2_000;

fn write_users(deployment: &Deployment) -> String {
    let mut text = String::from("{\"users\":[\n");
    for number in 0..USERS {
        let comma = if number == 0 { "" } else { ",\n" };
        write!(text, "{comma}{{\"username\":\"user-{number}\",\"password\":\"correct horse {number}\"}}")
            .expect("memory");
    }
    text.push_str("\n]}\n");
    deployment.write("secrets/plain.json", &text)
}

/// New users with plain passwords, and the same again.
pub(crate) async fn hashing(report: &mut Report) {
    let cores = available_parallelism().map_or(1, std::num::NonZero::get);
    let room = f64::from(u32::try_from(cores).expect("few cores")) * 19.0 + 64.0;
    for database in DATABASES {
        for door in DOORS {
            let place = Place(database, door);
            let deployment = Deployment::new(database).await;
            deployment.direct(&["db", "migrate", "-q"]).await.exited(0);
            let path = write_users(&deployment);
            let daemon = deployment.start().await;
            forget_peak(daemon.id());
            let before = baseline::hashes_a_second();
            let sync = baryctl(&deployment, door, &["sync", "-q", "-f", &path], 0).await;
            let raw = f64::midpoint(before, baseline::hashes_a_second());
            let rate = f64::from(USERS) / sync.wall.as_secs_f64();
            let peak = match door {
                Door::Direct => sync.peak,
                Door::Online => memory(daemon.id(), "VmHWM").expect("the daemon runs"),
            };
            let how = format!("{rate:.1} users a second; bare Argon2 {raw:.1} a second on {cores} cores");
            report.at_least(place, "passwords: share of bare Argon2", 100.0 * rate / raw, 90.0, "%  ", &how);
            report.at_most(place, "passwords: memory that hashes", peak, room, "MiB", "");

            let of_daemon = || processor_time(daemon.id()).expect("the daemon runs");
            let earlier = of_daemon();
            let again = baryctl(&deployment, door, &["sync", "-q", "-f", &path], 0).await;
            let processor = again.processor + of_daemon() - earlier;
            let one = f64::from(u32::try_from(cores).expect("few cores")) / raw;
            let how = format!("{:.2?}; one hash takes {one:.3} s", again.wall);
            report.at_most(
                place,
                "again: processor time / all hashes",
                processor / (one * f64::from(USERS)),
                0.05,
                "×  ",
                &how,
            );
        }
    }
}
