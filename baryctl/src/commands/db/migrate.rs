//! `baryctl db migrate`: takes the schema steps that are missing, all or none, under a lock: any number of processes
//! may run it at once.

use barycenter_core::store::SchemaStatus;
use serde_json::json;

use crate::cli::DbMigrate;
use crate::commands::Context;
use crate::commands::session::with_database;
use crate::error::{CtlError, Exit};
use crate::render::{Printer, plain};
use crate::target::direct::Absence;

/// Runs the command.
///
/// # Errors
/// When the database cannot be opened, does not answer, or is newer than this program.
pub(crate) fn run(arguments: &DbMigrate, context: &Context<'_>, printer: &mut Printer<'_>) -> Result<Exit, CtlError> {
    printer.refuse_names("db migrate")?;
    let steps =
        with_database(context, if arguments.dry_run { Absence::Refused } else { Absence::Mended }, |session| {
            if !arguments.dry_run {
                return session.wait(session.target.migrate());
            }
            let status = session.wait(session.target.schema())?;
            if status.unknown.is_empty() { Ok(status.pending) } else { Err(super::status::newer(&status)) }
        })?;
    let newest = SchemaStatus::newest();
    if printer.format().is_json() {
        let applied: &[String] = if arguments.dry_run { &[] } else { &steps };
        let pending: &[String] = if arguments.dry_run { &steps } else { &[] };
        printer.document("Migration", &json!({ "applied": applied, "pending": pending, "newest": newest }))?;
        return Ok(Exit::Ok);
    }
    let verb = if arguments.dry_run { "would take" } else { "took" };
    for step in &steps {
        printer.line(format_args!("{verb} {}", plain(step)))?;
    }
    if !arguments.dry_run || steps.is_empty() {
        printer.line(format_args!("up to date ({newest})"))?;
    }
    Ok(Exit::Ok)
}
