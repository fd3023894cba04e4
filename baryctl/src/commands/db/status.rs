//! `baryctl db status`: which schema the database has. Exits 1 if steps are missing, 6 if it is newer than this
//! program.

use barycenter_core::store::SchemaStatus;
use serde_json::json;

use crate::commands::Context;
use crate::commands::session::with_database;
use crate::error::{CtlError, Exit};
use crate::render::{Printer, plain};
use crate::target::direct::Absence;

/// Runs the command.
///
/// # Errors
/// When the database cannot be opened, does not answer, or is newer than this program.
pub(crate) fn run(context: &Context<'_>, printer: &mut Printer<'_>) -> Result<Exit, CtlError> {
    printer.refuse_names("db status")?;
    let (status, place) = with_database(context, Absence::Refused, |session| {
        Ok((session.wait(session.target.schema())?, session.target.place()))
    })?;
    let newest = SchemaStatus::newest();
    if printer.format().is_json() {
        printer.document(
            "SchemaStatus",
            &json!({
                "database": place.database, "schema": status.version(), "newest": newest,
                "applied": status.applied, "pending": status.pending, "unknown": status.unknown,
            }),
        )?;
    } else {
        printer.line(format_args!("database  {}", plain(place.address())))?;
        let remark = if status.pending.is_empty() { "current".to_owned() } else { format!("needs {newest}") };
        printer.line(format_args!("schema    {} ({remark})", plain(status.version())))?;
        for step in &status.pending {
            printer.line(format_args!("pending   {}", plain(step)))?;
        }
    }
    if !status.unknown.is_empty() {
        printer.flush()?;
        return Err(newer(&status));
    }
    if status.pending.is_empty() {
        return Ok(Exit::Ok);
    }
    printer.flush()?;
    printer.note("next: baryctl db migrate");
    Ok(Exit::No)
}

/// Returns the error of a database that a newer version has migrated.
pub(crate) fn newer(status: &SchemaStatus) -> CtlError {
    let failure = match status.require_current() {
        Err(error) => CtlError::from(error),
        Ok(()) => CtlError::new(Exit::Conflict, "the database is newer than this version"),
    };
    status.unknown.iter().fold(failure, |failure, step| failure.detail(format!("unknown step {step}")))
}
