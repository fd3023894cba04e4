//! `baryctl db migrate`: takes the schema steps that are missing, all or none, under a lock: any number of processes
//! may run it at once. `--to N` takes no more than lead to step N, for those who upgrade in stages; nothing leads back. `-q` leaves it at the exit code.

use barycenter_core::store::{Goal, SchemaStatus, TakenStep};
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
/// When the database cannot be opened, does not answer, is newer than this program or than the step that was named, or
/// stays locked for too long.
pub(crate) fn run(arguments: &DbMigrate, context: &Context<'_>, printer: &mut Printer<'_>) -> Result<Exit, CtlError> {
    printer.refuse_names("db migrate")?;
    let goal = arguments.to.map_or(Goal::Newest, Goal::Step);
    if arguments.dry_run {
        return dry_run(goal, context, printer);
    }
    let (before, taken, after) = with_database(context, Absence::Mended, |session| {
        let before = session.wait(session.target.schema())?.version().to_owned();
        let taken = session.wait(session.target.migrate_within(goal, Some(arguments.lock_timeout)))?;
        Ok((before, taken, session.wait(session.target.schema())?))
    })?;
    if printer.format().is_json() {
        let applied: Vec<&str> = taken.iter().map(|taken| taken.step.as_str()).collect();
        return document(&applied, &after.pending, printer);
    }
    if printer.is_quiet() {
        return Ok(Exit::Ok);
    }
    let mut from = before.as_str();
    for TakenStep { step, took } in &taken {
        let (number, name) = step.split_once('_').unwrap_or((step, ""));
        printer.line(format_args!("schema {from} → {number}  {} … {}ms", plain(name), milliseconds(*took)))?;
        from = number;
    }
    conclude(&after, printer)?;
    Ok(Exit::Ok)
}

/// Says what would be done.
fn dry_run(goal: Goal, context: &Context<'_>, printer: &mut Printer<'_>) -> Result<Exit, CtlError> {
    let (status, steps) = with_database(context, Absence::Refused, |session| {
        let status = session.wait(session.target.schema())?;
        if !status.unknown.is_empty() {
            return Err(super::status::newer(&status));
        }
        let steps = status.steps_to(goal)?;
        Ok((status, steps))
    })?;
    if printer.format().is_json() {
        return document(&[], &steps, printer);
    }
    for step in &steps {
        printer.line(format_args!("would take {}", plain(step)))?;
    }
    if steps.is_empty() {
        conclude(&status, printer)?;
    }
    Ok(Exit::Ok)
}

fn document(applied: &[&str], pending: &[String], printer: &mut Printer<'_>) -> Result<Exit, CtlError> {
    let newest = SchemaStatus::newest();
    printer.document("Migration", &json!({ "applied": applied, "pending": pending, "newest": newest }))?;
    Ok(Exit::Ok)
}

/// Says where the database stands in the end.
fn conclude(status: &SchemaStatus, printer: &mut Printer<'_>) -> Result<(), CtlError> {
    let newest = SchemaStatus::newest();
    match status.pending.len() {
        0 => printer.line(format_args!("up to date ({newest})")),
        1 => printer.line(format_args!("at {}; 1 step is left to {newest}", plain(status.version()))),
        left => printer.line(format_args!("at {}; {left} steps are left to {newest}", plain(status.version()))),
    }
}
