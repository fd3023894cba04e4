//! `baryctl doctor`: what is wrong, and how to mend it. The ids of the checks are stable: pipelines name them.

use barycenter_core::store::SchemaStatus;
use console::Style;
use serde::Serialize;
use url::{Host, Url};

use crate::cli::DoctorArguments;
use crate::commands::Context;
use crate::commands::session::with_target;
use crate::error::{CtlError, Exit};
use crate::render::{Printer, counted, plain};
use crate::target::answer::{FileSync, Health};

/// How a check ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Status {
    /// As it should be.
    Ok,
    /// It works; somebody should look at it.
    Warning,
    /// It does not work.
    Failed,
    /// There is nothing to check.
    Skipped,
}

/// One check and what it found.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(super) struct Check {
    pub(super) id: &'static str,
    pub(super) status: Status,
    pub(super) message: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) fix: Option<String>,
}

impl Check {
    fn new(id: &'static str, status: Status, message: impl Into<String>) -> Self {
        Self { id, status, message: message.into(), fix: None }
    }

    fn fix(self, fix: impl Into<String>) -> Self {
        Self { fix: Some(fix.into()), ..self }
    }
}

/// All checks in JSON.
#[derive(Serialize)]
struct Answer<'a> {
    checks: &'a [Check],
    summary: Summary,
}

/// How many checks ended how.
#[derive(Serialize)]
struct Summary {
    ok: u64,
    warning: u64,
    failed: u64,
    skipped: u64,
}

/// Runs the command.
///
/// # Errors
/// When the flags are wrong or stdout cannot be written. A target that cannot be reached is a finding.
pub(crate) fn run(
    arguments: &DoctorArguments,
    context: &Context<'_>,
    printer: &mut Printer<'_>,
) -> Result<Exit, CtlError> {
    printer.refuse_names("doctor")?;
    let checks = match with_target(context, |session| session.wait(session.target.health())) {
        Ok(health) => checks(&health),
        Err(error) if matches!(error.exit, Exit::Unavailable | Exit::Auth | Exit::Conflict | Exit::Failed) => {
            vec![unreachable(&error)]
        }
        Err(error) => return Err(error),
    };
    let count = |wanted: Status| checks.iter().filter(|check| check.status == wanted).count() as u64;
    let summary = Summary {
        ok: count(Status::Ok),
        warning: count(Status::Warning),
        failed: count(Status::Failed),
        skipped: count(Status::Skipped),
    };
    let is_wrong = summary.failed > 0 || (arguments.strict && summary.warning > 0);
    if printer.format().is_json() {
        printer.document("Doctor", &Answer { checks: &checks, summary })?;
    } else {
        print(&checks, &summary, printer)?;
    }
    Ok(if is_wrong { Exit::No } else { Exit::Ok })
}

fn print(checks: &[Check], summary: &Summary, printer: &mut Printer<'_>) -> Result<(), CtlError> {
    let mut group = "";
    for Check { id, status, message, fix } in checks {
        let (this, _) = id.split_once('.').unwrap_or((id, ""));
        if this != group {
            group = this;
            printer.line(group)?;
        }
        let (sign, style) = match status {
            Status::Ok => ("\u{2713}", Style::new().green()),
            Status::Warning => ("!", Style::new().yellow()),
            Status::Failed => ("\u{2717}", Style::new().red()),
            Status::Skipped => ("-", Style::new().dim()),
        };
        let sign = printer.paint(&style, sign);
        printer.line(format_args!("  {sign} {id:<22} {}", plain(message)))?;
        if let Some(fix) = fix {
            printer.line(format_args!("      fix: {}", plain(fix)))?;
        }
    }
    let Summary { ok, warning, failed, skipped } = summary;
    printer.line(format_args!("\n{failed} failed, {}, {ok} passed, {skipped} skipped", counted(*warning, "warning")))
}

fn unreachable(error: &CtlError) -> Check {
    let message = std::iter::once(&error.message).chain(&error.details).cloned().collect::<Vec<_>>().join("; ");
    let check = Check::new("target.reachable", Status::Failed, message);
    if error.hints.is_empty() { check } else { check.fix(error.hints.join("; ")) }
}

/// Returns what there is to say about a deployment.
pub(super) fn checks(health: &Health) -> Vec<Check> {
    let mut checks = vec![
        Check::new("target.reachable", Status::Ok, health.target.address()),
        issuer(&health.issuer),
        migrated(health),
        active_key(health),
    ];
    if health.users_files.is_empty() {
        checks.push(Check::new("users-file.applied", Status::Skipped, "no daemon has applied a users file by itself"));
    }
    for sync in &health.users_files {
        checks.extend([applied(sync), conflicts(sync)]);
    }
    checks
}

fn issuer(issuer: &str) -> Check {
    const ID: &str = "issuer.https";
    let Ok(url) = Url::parse(issuer) else { return Check::new(ID, Status::Failed, format!("{issuer} is no URL")) };
    let is_local = match url.host() {
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    };
    if url.scheme() == "https" || is_local {
        return Check::new(ID, Status::Ok, issuer);
    }
    Check::new(ID, Status::Failed, format!("{issuer} is not https: whoever listens reads codes and passwords"))
        .fix("put TLS in front of it, and set server.public_base_url = \"https://…\"")
}

fn migrated(health: &Health) -> Check {
    const ID: &str = "db.migrated";
    let newest = SchemaStatus::newest();
    let found = format!("{}, schema {}", health.database, health.schema);
    if health.schema == newest {
        return Check::new(ID, Status::Ok, format!("{found} (current)"));
    }
    Check::new(ID, Status::Warning, format!("{found}; this baryctl knows {newest}"))
        .fix("use a baryctl of the daemon's version")
}

fn active_key(health: &Health) -> Check {
    const ID: &str = "keys.active";
    match health.keys.iter().find(|key| key.state == "active") {
        Some(key) => Check::new(ID, Status::Ok, format!("{} ({}) signs", key.kid, key.algorithm)),
        None => Check::new(ID, Status::Failed, "no key signs: nobody gets a token")
            .fix("start barycenterd, which makes one; its log says why it could not"),
    }
}

fn applied(sync: &FileSync) -> Check {
    const ID: &str = "users-file.applied";
    let FileSync { origin, outcome, message, finished_at, .. } = sync;
    let file = origin.strip_prefix("watch ").unwrap_or(origin);
    if outcome == "ok" {
        return Check::new(ID, Status::Ok, format!("{file} at {finished_at}"));
    }
    let why = message.as_deref().unwrap_or("the log says why");
    let what = if outcome == "partial" { "applied in part" } else { "not applied; the state before it stays" };
    Check::new(ID, Status::Failed, format!("{file} is {what}: {why} ({finished_at})"))
        .fix(format!("mend the file; to see what it would do: baryctl diff -f {file}"))
}

fn conflicts(sync: &FileSync) -> Check {
    const ID: &str = "users-file.conflicts";
    let file = sync.origin.strip_prefix("watch ").unwrap_or(&sync.origin);
    if sync.conflicts == 0 {
        return Check::new(ID, Status::Ok, format!("none in {file}"));
    }
    Check::new(ID, Status::Warning, format!("{} left as it is", counted(sync.conflicts, "conflict")))
        .fix(format!("baryctl diff -f {file} names them, and the way out"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::target::answer::{Place, SigningKey};

    fn health() -> Health {
        let key = SigningKey {
            kid: "k1".to_owned(),
            algorithm: "ES256".to_owned(),
            state: "active".to_owned(),
            created_at: "2026-11-23T11:00:00Z".to_owned(),
            ..SigningKey::default()
        };
        let sync = FileSync {
            manager: "users.json".to_owned(),
            origin: "watch /secrets/users.json".to_owned(),
            outcome: "ok".to_owned(),
            created: 2,
            updated: 0,
            disabled: 0,
            deleted: 0,
            conflicts: 0,
            message: None,
            finished_at: "2026-11-23T11:00:00Z".to_owned(),
        };
        Health {
            target: Place { server: Some("http://127.0.0.1:8081".to_owned()), database: None, version: "0".to_owned() },
            issuer: "https://auth.example.com".to_owned(),
            database: "sqlite".to_owned(),
            schema: SchemaStatus::newest().to_owned(),
            started_at: None,
            keys: vec![key],
            users_files: vec![sync],
        }
    }

    fn found(health: &Health) -> Vec<(&'static str, Status)> {
        checks(health)
            .into_iter()
            .filter(|check| check.status != Status::Ok)
            .map(|check| (check.id, check.status))
            .collect()
    }

    #[test]
    fn each_check_finds_its_fault() {
        assert_eq!(found(&health()), []);
        let with = |change: fn(&mut Health)| {
            let mut health = health();
            change(&mut health);
            found(&health)
        };
        assert_eq!(
            with(|health| health.issuer = "http://auth.example.com".to_owned()),
            [("issuer.https", Status::Failed)]
        );
        assert_eq!(with(|health| health.issuer = "http://127.0.0.1:8080".to_owned()), []);
        assert_eq!(with(|health| health.schema = "0000".to_owned()), [("db.migrated", Status::Warning)]);
        assert_eq!(with(|health| health.keys.clear()), [("keys.active", Status::Failed)]);
        assert_eq!(with(|health| health.users_files.clear()), [("users-file.applied", Status::Skipped)]);
        let failed = |health: &mut Health| {
            for sync in &mut health.users_files {
                "failed".clone_into(&mut sync.outcome);
            }
        };
        assert_eq!(with(failed), [("users-file.applied", Status::Failed)]);
        let conflicts = |health: &mut Health| health.users_files.iter_mut().for_each(|sync| sync.conflicts = 1);
        assert_eq!(with(conflicts), [("users-file.conflicts", Status::Warning)]);
    }

    #[test]
    fn the_latest_sync_of_each_file_counts() {
        let [later] = health().users_files.try_into().unwrap();
        let earlier = FileSync { outcome: "failed".to_owned(), ..later.clone() };
        let other = FileSync { origin: "watch other.json".to_owned(), ..later.clone() };
        assert_eq!(FileSync::latest([later.clone(), earlier, other.clone()]), [later, other]);
    }
}
