//! `baryctl status`: where this acts and how it stands, on one screen. `doctor` says more.

use serde::Serialize;

use crate::commands::Context;
use crate::commands::doctor::{Status, checks};
use crate::commands::session::with_target;
use crate::error::{CtlError, Exit};
use crate::render::{Printer, counted, plain};
use crate::target::answer::{FileSync, Health};

/// The answer in JSON.
#[derive(Serialize)]
struct Answer<'a> {
    #[serde(flatten)]
    health: &'a Health,
    /// Whether no check failed.
    healthy: bool,
}

/// Runs the command.
///
/// # Errors
/// When the target cannot be reached or refuses, or stdout cannot be written.
pub(crate) fn run(context: &Context<'_>, printer: &mut Printer<'_>) -> Result<Exit, CtlError> {
    printer.refuse_names("status")?;
    let health = with_target(context, |session| session.wait(session.target.health()))?;
    let failed = checks(&health).iter().filter(|check| check.status == Status::Failed).count() as u64;
    if printer.format().is_json() {
        printer.document("Status", &Answer { health: &health, healthy: failed == 0 })?;
    } else {
        print(&health, printer)?;
        if failed > 0 {
            printer.note(format_args!("{}: baryctl doctor", counted(failed, "failed check")));
        }
    }
    Ok(if failed == 0 { Exit::Ok } else { Exit::No })
}

fn print(health: &Health, printer: &mut Printer<'_>) -> Result<(), CtlError> {
    let Health { target, issuer, database, schema, started_at, keys, users_files } = health;
    let since = started_at.as_deref().map(|time| format!(", since {time}")).unwrap_or_default();
    printer.line(format_args!(
        "target    {} \u{b7} version {}{since}",
        plain(target.address()),
        plain(&target.version)
    ))?;
    printer.line(format_args!("issuer    {}", plain(issuer)))?;
    printer.line(format_args!("database  {} \u{b7} schema {}", plain(database), plain(schema)))?;
    let of = |state: &'static str| keys.iter().filter(move |key| key.state == state).map(|key| key.algorithm.as_str());
    let active: Vec<&str> = of("active").collect();
    let retiring = of("retiring").count();
    printer.line(format_args!(
        "keys      {} active ({}) \u{b7} {retiring} retiring",
        active.len(),
        active.join(", ")
    ))?;
    for FileSync { origin, outcome, created, updated, disabled, deleted, conflicts, message, finished_at, .. } in
        users_files
    {
        let file = origin.strip_prefix("watch ").unwrap_or(origin);
        let what = match message {
            Some(message) => plain(message),
            None => format!(
                "{created} created, {updated} updated, {disabled} disabled, {deleted} deleted, {conflicts} in conflict"
            ),
        };
        printer.line(format_args!("users     {} {outcome} at {finished_at}: {what}", plain(file)))?;
    }
    Ok(())
}
