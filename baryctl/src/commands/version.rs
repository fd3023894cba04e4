//! `baryctl version`: this program's version; never asks a server.

use barycenter_core::store::SchemaStatus;
use serde_json::json;

use crate::error::{CtlError, Exit};
use crate::render::{FORMAT_VERSION, Printer};

/// Runs the command.
///
/// # Errors
/// When stdout cannot be written.
pub(crate) fn run(printer: &mut Printer<'_>) -> Result<Exit, CtlError> {
    printer.refuse_names("version")?;
    let version = env!("CARGO_PKG_VERSION");
    if printer.format().is_json() {
        printer.document(
            "Version",
            &json!({ "client": version, "schema": SchemaStatus::newest(), "outputFormat": FORMAT_VERSION }),
        )?;
    } else {
        printer.line(format_args!("baryctl {version}"))?;
    }
    Ok(Exit::Ok)
}
