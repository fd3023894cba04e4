//! `baryctl db migrate`: takes the schema steps that are missing, all or none, under a lock: any number of processes
//! may run it at once.

use barycenter_core::store::{SchemaStatus, TakenStep};
use serde_json::json;

use crate::cli::DbMigrate;
use crate::commands::Context;
use crate::commands::session::with_database;
use crate::error::{CtlError, Exit};
use crate::render::{Printer, plain};
use crate::target::direct::Absence;
use crate::target::upkeep::milliseconds;

/// Runs the command.
///
/// # Errors
/// When the database cannot be opened, does not answer, is newer than this program, or stays locked for too long.
pub(crate) fn run(arguments: &DbMigrate, context: &Context<'_>, printer: &mut Printer<'_>) -> Result<Exit, CtlError> {
    printer.refuse_names("db migrate")?;
    if arguments.dry_run {
        return dry_run(context, printer);
    }
    let (before, taken) = with_database(context, Absence::Mended, |session| {
        let before = session.wait(session.target.schema())?.version().to_owned();
        Ok((before, session.wait(session.target.migrate_within(Some(arguments.lock_timeout)))?))
    })?;
    let newest = SchemaStatus::newest();
    if printer.format().is_json() {
        let applied: Vec<&str> = taken.iter().map(|taken| taken.step.as_str()).collect();
        printer.document("Migration", &json!({ "applied": applied, "pending": [], "newest": newest }))?;
        return Ok(Exit::Ok);
    }
    let mut from = before.as_str();
    for TakenStep { step, took } in &taken {
        let (number, name) = step.split_once('_').unwrap_or((step, ""));
        printer.line(format_args!("schema {from} → {number}  {} … {}ms", plain(name), milliseconds(*took)))?;
        from = number;
    }
    printer.line(format_args!("up to date ({newest})"))?;
    Ok(Exit::Ok)
}

/// Says what would be done.
fn dry_run(context: &Context<'_>, printer: &mut Printer<'_>) -> Result<Exit, CtlError> {
    let steps = with_database(context, Absence::Refused, |session| {
        let status = session.wait(session.target.schema())?;
        if status.unknown.is_empty() { Ok(status.pending) } else { Err(super::status::newer(&status)) }
    })?;
    let newest = SchemaStatus::newest();
    if printer.format().is_json() {
        printer.document("Migration", &json!({ "applied": [], "pending": steps, "newest": newest }))?;
        return Ok(Exit::Ok);
    }
    for step in &steps {
        printer.line(format_args!("would take {}", plain(step)))?;
    }
    if steps.is_empty() {
        printer.line(format_args!("up to date ({newest})"))?;
    }
    Ok(Exit::Ok)
}
