//! `baryctl status`: where this acts and how it stands, on one screen. `doctor` says more.
//!
//! `--live` and `--ready` are the probes alone: no token, no word, only the exit code.

use std::time::Duration;

use barycenter_core::clock::{Clock as _, SystemClock};
use barycenter_core::model::Timestamp;
use barycenter_core::store::SchemaStatus;
use serde::Serialize;

use crate::admin_api::probe::probe;
use crate::cli::StatusArguments;
use crate::commands::Context;
use crate::commands::session::{locally, with_target};
use crate::error::{CtlError, Exit};
use crate::render::{Printer, count, counted, plain};
use crate::settings::TargetSettings;
use crate::target::answer::{FileSync, Health, Overview, SigningKey};

/// How long a probe may take.
const PROBE: Duration = Duration::from_secs(5);

/// The answer in JSON.
#[derive(Serialize)]
struct Answer<'a> {
    #[serde(flatten)]
    health: &'a Health,
    #[serde(flatten)]
    overview: &'a Overview,
    /// Whether the server is ready to serve; absent where none was asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    ready: Option<bool>,
    /// Whether nothing of this needs somebody.
    healthy: bool,
}

/// Runs the command.
///
/// # Errors
/// When the target cannot be reached or refuses, or stdout cannot be written.
pub(crate) fn run(
    arguments: &StatusArguments,
    context: &Context<'_>,
    printer: &mut Printer<'_>,
) -> Result<Exit, CtlError> {
    if arguments.live || arguments.ready {
        return only_probe(if arguments.live { "/livez" } else { "/readyz" }, context);
    }
    printer.refuse_names("status")?;
    let (health, overview) = with_target(context, |session| {
        session.wait(async { tokio::try_join!(session.target.health(), session.target.overview()) })
    })?;
    let ready = match TargetSettings::resolve(&context.flags, &context.environment)? {
        TargetSettings::Direct => None,
        TargetSettings::Server(server) => {
            let asked = locally(async { probe(&server, "/readyz", PROBE.min(server.timeout)).await });
            Some(asked.is_ok_and(|answer| answer.ok))
        }
    };
    let faults = faults(&health, ready);
    if printer.format().is_json() {
        let healthy = faults.is_empty();
        printer.document("Status", &Answer { health: &health, overview: &overview, ready, healthy })?;
    } else {
        print(&health, &overview, ready, SystemClock.now(), printer)?;
        if !faults.is_empty() {
            printer.note(format_args!("{}: baryctl doctor", faults.join(", ")));
        }
    }
    Ok(if faults.is_empty() { Exit::Ok } else { Exit::No })
}

/// Asks one probe and says nothing.
fn only_probe(path: &str, context: &Context<'_>) -> Result<Exit, CtlError> {
    match TargetSettings::resolve(&context.flags, &context.environment)? {
        TargetSettings::Direct => {
            Err(CtlError::usage("--live and --ready ask a server; --direct has none").hint("baryctl --direct status"))
        }
        TargetSettings::Server(server) => {
            let answer = locally(async { probe(&server, path, PROBE.min(server.timeout)).await })?;
            tracing::debug!(answer = answer.text, "{path}");
            Ok(if answer.ok { Exit::Ok } else { Exit::No })
        }
    }
}

/// Returns what needs somebody, in a few words each.
fn faults(health: &Health, ready: Option<bool>) -> Vec<&'static str> {
    let mut faults = Vec::new();
    if ready == Some(false) {
        faults.push("the server is not ready");
    }
    if !health.keys.iter().any(|key| key.state == "active") {
        faults.push("no key signs");
    }
    if health.users_files.iter().any(|sync| sync.outcome != "ok") {
        faults.push("the users file is not applied");
    }
    faults
}

fn print(
    health: &Health,
    overview: &Overview,
    ready: Option<bool>,
    now: Timestamp,
    printer: &mut Printer<'_>,
) -> Result<(), CtlError> {
    let Health { target, issuer, database, schema, started_at, keys, users_files } = health;
    let Overview { database_version, latency_ms, users, enabled_users, sessions, replicas, failed_jobs, .. } = overview;
    printer.line(format_args!("target    {}", plain(target.address())))?;
    printer.line(format_args!("issuer    {}", plain(issuer)))?;
    if let Some(ready) = ready {
        let started = started_at.as_deref().and_then(Timestamp::from_rfc_3339);
        let up = started.map(|started| format!(" \u{b7} up {}", span(now.since(started)))).unwrap_or_default();
        let ready = if ready { "ready" } else { "not ready" };
        let replicas = counted(*replicas, "replica");
        printer.line(format_args!(
            "server    barycenterd {}{up} \u{b7} {replicas} \u{b7} {ready}",
            plain(&target.version)
        ))?;
    }
    let newest = SchemaStatus::newest();
    let current = if *schema == newest { "current".to_owned() } else { format!("this baryctl knows {newest}") };
    printer.line(format_args!(
        "database  {} {} \u{b7} schema {} ({current}) \u{b7} {latency_ms} ms",
        plain(database),
        plain(database_version),
        plain(schema)
    ))?;
    printer.line(format_args!("keys      {}", plain(&of_keys(keys, now))))?;
    let jobs = match failed_jobs {
        0 => String::new(),
        failed => format!(" \u{b7} jobs: {failed} failed in 24 h: baryctl jobs list --state failed"),
    };
    printer.line(format_args!(
        "users     {} ({} enabled) \u{b7} sessions {}{jobs}",
        count(users),
        count(enabled_users),
        count(sessions)
    ))?;
    users_files.iter().try_for_each(|sync| print_file(sync, printer))
}

/// `1 active (RS256, 187d old) · 1 pending`.
fn of_keys(keys: &[SigningKey], now: Timestamp) -> String {
    let of = |state: &'static str| keys.iter().filter(move |key| key.state == state);
    let age = |key: &SigningKey| {
        let since = key.activated_at.as_deref().unwrap_or(&key.created_at);
        let old = Timestamp::from_rfc_3339(since).map(|since| format!(", {} old", span(now.since(since))));
        format!("{}{}", key.algorithm, old.unwrap_or_default())
    };
    let active: Vec<String> = of("active").map(age).collect();
    let mut text = match active.len() {
        0 => "none active".to_owned(),
        number => format!("{number} active ({})", active.join("; ")),
    };
    for state in ["pending", "retiring"] {
        let number = of(state).count();
        if number > 0 {
            text.push_str(&format!(" \u{b7} {number} {state}"));
        }
    }
    text
}

fn print_file(sync: &FileSync, printer: &mut Printer<'_>) -> Result<(), CtlError> {
    let FileSync { origin, outcome, created, updated, disabled, deleted, conflicts, message, finished_at, .. } = sync;
    let file = origin.strip_prefix("watch ").unwrap_or(origin);
    let what = match message {
        Some(message) => plain(message),
        None => format!(
            "{created} created, {updated} updated, {disabled} disabled, {deleted} deleted, {}",
            counted(*conflicts, "conflict")
        ),
    };
    printer.line(format_args!("file      {} {outcome} at {finished_at}: {what}", plain(file)))
}

/// The two largest units: `6d 4h`, `4h 10m`, `12s`.
fn span(seconds: i64) -> String {
    let seconds = seconds.max(0);
    let (days, hours, minutes) = (seconds / 86_400, seconds / 3600 % 24, seconds / 60 % 60);
    match (days, hours, minutes) {
        (0, 0, 0) => format!("{seconds}s"),
        (0, 0, _) => format!("{minutes}m {}s", seconds % 60),
        (0, ..) => format!("{hours}h {minutes}m"),
        (..30, ..) => format!("{days}d {hours}h"),
        _ => format!("{days}d"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::Format;
    use crate::target::answer::Place;
    use crate::test::{Console, settings};

    const NOW: &str = "2026-11-23T11:00:00Z";

    fn key(state: &str, since: &str) -> SigningKey {
        SigningKey {
            kid: "k1".to_owned(),
            algorithm: "RS256".to_owned(),
            state: state.to_owned(),
            created_at: since.to_owned(),
            activated_at: None,
            ..SigningKey::default()
        }
    }

    fn health() -> Health {
        Health {
            target: Place {
                server: Some("https://admin.auth.example.com".to_owned()),
                database: None,
                version: "1.4.2".to_owned(),
            },
            issuer: "https://auth.example.com".to_owned(),
            database: "postgres".to_owned(),
            schema: SchemaStatus::newest(),
            started_at: Some("2026-11-17T07:00:00Z".to_owned()),
            keys: vec![key("active", "2026-05-20T11:00:00Z"), key("pending", NOW)],
            users_files: Vec::new(),
        }
    }

    fn shown(health: &Health, ready: Option<bool>) -> String {
        let overview = Overview {
            database_version: "16.4".to_owned(),
            latency_ms: 12,
            users: 9851,
            enabled_users: 9702,
            clients: 14,
            sessions: 2310,
            replicas: 3,
            failed_jobs: 1,
        };
        let mut console = Console::default();
        let mut printer = console.printer();
        printer.configure(&settings(Format::Table));
        print(health, &overview, ready, Timestamp::from_rfc_3339(NOW).unwrap(), &mut printer).unwrap();
        console.stdout().replace(&SchemaStatus::newest(), "NEWEST")
    }

    #[test]
    fn a_deployment_fits_on_one_screen() {
        insta::assert_snapshot!(shown(&health(), Some(true)), @r"
        target    https://admin.auth.example.com
        issuer    https://auth.example.com
        server    barycenterd 1.4.2 · up 6d 4h · 3 replicas · ready
        database  postgres 16.4 · schema NEWEST (current) · 12 ms
        keys      1 active (RS256, 187d old) · 1 pending
        users     9,851 (9,702 enabled) · sessions 2,310 · jobs: 1 failed in 24 h: baryctl jobs list --state failed
        ");
    }

    #[test]
    fn without_a_server_there_is_no_line_of_one() {
        let text = shown(&Health { started_at: None, ..health() }, None);
        assert!(!text.contains("server    "), "{text}");
    }

    #[test]
    fn what_needs_somebody_is_named() {
        assert_eq!(faults(&health(), Some(true)), [""; 0]);
        let sync = FileSync {
            manager: "users.json".to_owned(),
            origin: "watch users.json".to_owned(),
            outcome: "failed".to_owned(),
            created: 0,
            updated: 0,
            disabled: 0,
            deleted: 0,
            conflicts: 0,
            message: None,
            finished_at: NOW.to_owned(),
        };
        let ill = Health { keys: Vec::new(), users_files: vec![sync], ..health() };
        let wanted = ["the server is not ready", "no key signs", "the users file is not applied"];
        assert_eq!(faults(&ill, Some(false)), wanted);
    }

    #[test]
    fn spans_have_their_two_largest_units() {
        let spans = [5, 65, 3_600, 15_000, 86_400, 532_800, 16_156_800].map(span);
        assert_eq!(spans, ["5s", "1m 5s", "1h 0m", "4h 10m", "1d 0h", "6d 4h", "187d"]);
    }
}
