//! `baryctl doctor`: what is wrong, and how to mend it. The ids of the checks are stable: pipelines name them.
//!
//! ```text
//!   target (admin API or database) ──► core::doctor::examine ─┐
//!   issuer, seen from here ────────────────────────────────────┴► checks ──► text · json · junit
//! ```
//!
//! What cannot be reached, opened or read is a finding, not an error: whoever calls a doctor is ill.

mod certificate;
mod issuer;
mod report;
#[cfg(test)]
mod tests;

use std::time::Instant;

use barycenter_core::clock::{Clock as _, SystemClock};
use barycenter_core::doctor::{self, Finding, Selection, Status};
use console::Style;
use serde::Serialize;

use crate::cli::DoctorArguments;
use crate::commands::session::{Session, locally};
use crate::commands::{Context, config};
use crate::error::{CtlError, Exit};
use crate::render::{Printer, counted, plain};
use crate::settings::TargetSettings;
use crate::target::Target;
use crate::target::answer::{Check, SigningKey};
use crate::target::direct::{Absence, Direct};
use crate::target::upkeep::{examine_all, milliseconds};

/// All checks in JSON.
#[derive(Serialize)]
struct Answer<'a> {
    checks: &'a [Check],
    summary: Summary,
}

/// How many checks ended how.
#[derive(Debug, Serialize)]
struct Summary {
    ok: u64,
    warning: u64,
    failed: u64,
    skipped: u64,
}

impl Summary {
    fn of(checks: &[Check]) -> Self {
        let count = |wanted: Status| checks.iter().filter(|check| check.status == wanted).count() as u64;
        Self {
            ok: count(Status::Ok),
            warning: count(Status::Warning),
            failed: count(Status::Failed),
            skipped: count(Status::Skipped),
        }
    }
}

/// Runs the command.
///
/// # Errors
/// When the flags are wrong, or stdout or a report cannot be written. Everything else is a finding.
pub(crate) fn run(
    arguments: &DoctorArguments,
    context: &Context<'_>,
    printer: &mut Printer<'_>,
) -> Result<Exit, CtlError> {
    printer.refuse_names("doctor")?;
    let selection =
        Selection { only: arguments.only.clone(), skip: arguments.skip.clone(), before_start: arguments.pre };
    let direct = arguments.pre
        || matches!(TargetSettings::resolve(&context.flags, &context.environment)?, TargetSettings::Direct);
    let mut checks = if direct { through_database(context, &selection)? } else { through_server(context, &selection)? };
    // What nothing else can be told without is told whatever was asked for.
    let stands_for_all = |check: &Check| {
        check.status == Status::Failed && matches!(check.id.as_str(), "target.reachable" | "config.file")
    };
    checks.retain(|check| selection.wants(&check.id) || doctor::group_of(&check.id).is_none() || stands_for_all(check));
    let place = |check: &Check| doctor::CATALOGUE.iter().position(|known| known.id == check.id).unwrap_or(usize::MAX);
    checks.sort_by_key(place);
    let summary = Summary::of(&checks);
    let is_wrong = summary.failed > 0 || (arguments.strict && summary.warning > 0);
    for file in &arguments.reports {
        report::junit(file, &checks, arguments.strict)?;
    }
    if printer.format().is_json() {
        printer.document("Doctor", &Answer { checks: &checks, summary })?;
    } else {
        print(&checks, &summary, printer)?;
    }
    Ok(if is_wrong { Exit::No } else { Exit::Ok })
}

/// Asks the server, and looks at its issuer from here.
fn through_server(context: &Context<'_>, selection: &Selection) -> Result<Vec<Check>, CtlError> {
    let started = Instant::now();
    let asked = Session::<Target>::open(context).and_then(|session| {
        let asked = session.wait(async {
            let health = session.target.health().await?;
            let (checks, seen) = tokio::join!(
                session.target.doctor(selection),
                looked_at(context, &health.issuer, &health.keys, selection)
            );
            Ok((health.target.address().to_owned(), checks?, seen?))
        });
        session.close();
        asked
    });
    match asked {
        Ok((address, mut checks, seen)) => {
            checks.push(check("target.reachable", Finding::ok(address), started));
            checks.extend(seen);
            Ok(checks)
        }
        Err(error) if is_finding(&error) => Ok(vec![check("target.reachable", finding(&error), started)]),
        Err(error) => Err(error),
    }
}

/// Returns whether an error is what the deployment ails from, and no mistake on the command line.
fn is_finding(error: &CtlError) -> bool {
    matches!(error.exit, Exit::Unavailable | Exit::Auth | Exit::Conflict | Exit::Failed | Exit::NotFound)
}

/// Opens the database and examines everything from here; what does not open is a finding.
fn through_database(context: &Context<'_>, selection: &Selection) -> Result<Vec<Check>, CtlError> {
    if context.flags.server.is_some() {
        return Err(CtlError::usage("--pre looks at this machine; --server cannot be given"));
    }
    let started = Instant::now();
    let loaded = match config::load(context) {
        Ok(loaded) => loaded,
        Err(error) => {
            let error = error.hint("mend it: baryctl config explain SECTION.KEY says what a setting takes");
            return Ok(vec![check("config.file", finding(&error), started)]);
        }
    };
    locally(async {
        let settings = loaded.config.clone();
        let checks = match Direct::open(loaded, Absence::Refused).await {
            Ok(direct) => {
                let mut checks = vec![check("target.reachable", Finding::ok(direct.place().address()), started)];
                checks.extend(direct.doctor(selection).await);
                if !selection.before_start {
                    // Keys that cannot be read are a finding already.
                    let keys = direct.keys().await.unwrap_or_default();
                    checks.extend(looked_at(context, &direct.issuer(), &keys, selection).await?);
                }
                direct.close().await;
                checks
            }
            // Before the first start there is no file, and the folder is what matters.
            Err(error) if selection.before_start && error.exit == Exit::Conflict => {
                let missing = Finding::skipped("the database file does not exist yet; the first start makes it");
                examine_all(&settings, Err(&missing), selection).await
            }
            Err(error) => {
                let finding = finding(&error);
                let mut checks = examine_all(&settings, Err(&finding), selection).await;
                checks.push(check("target.reachable", finding, started));
                checks
            }
        };
        Ok(checks)
    })
}

/// Looks at the issuer and at what it publishes, from here.
async fn looked_at(
    context: &Context<'_>,
    issuer: &str,
    keys: &[SigningKey],
    selection: &Selection,
) -> Result<Vec<Check>, CtlError> {
    if !issuer::IDS.iter().any(|id| selection.wants(id)) {
        return Ok(Vec::new());
    }
    let ca_file = TargetSettings::ca_file(&context.flags, &context.environment);
    let active: Vec<String> = keys.iter().filter(|key| key.state == "active").map(|key| key.kid.clone()).collect();
    issuer::look(issuer, &active, ca_file.as_deref(), SystemClock.now()).await
}

fn check(id: &'static str, finding: Finding, started: Instant) -> Check {
    doctor::Check { id, finding, took_ms: milliseconds(started.elapsed()) }.into()
}

/// Returns the finding that an error is.
fn finding(error: &CtlError) -> Finding {
    let message = std::iter::once(&error.message).chain(&error.details).cloned().collect::<Vec<_>>().join("; ");
    let fix = (!error.hints.is_empty()).then(|| error.hints.join("; "));
    Finding { status: Status::Failed, message, fix }
}

fn print(checks: &[Check], summary: &Summary, printer: &mut Printer<'_>) -> Result<(), CtlError> {
    let mut group = "";
    for Check { id, group: this, status, message, fix, .. } in checks {
        if this != group {
            group = this;
            printer.line(plain(group))?;
        }
        let (sign, style) = match status {
            Status::Ok => ("\u{2713}", Style::new().green()),
            Status::Warning => ("!", Style::new().yellow()),
            Status::Failed => ("\u{2717}", Style::new().red()),
            Status::Skipped => ("-", Style::new().dim()),
        };
        let sign = printer.paint(&style, sign);
        let word = if *status == Status::Skipped { "skipped: " } else { "" };
        printer.line(format_args!("  {sign} {:<22} {word}{}", plain(id), plain(message)))?;
        if let Some(fix) = fix {
            printer.line(format_args!("      fix: {}", plain(fix)))?;
        }
    }
    let Summary { ok, warning, failed, skipped } = summary;
    printer.line(format_args!("\n{failed} failed, {}, {ok} passed, {skipped} skipped", counted(*warning, "warning")))
}
