//! `baryctl clients export`: the clients as a users file that `diff` finds identical. Secrets are not part of it.

use crate::cli::ExportArguments;
use crate::commands::Context;
use crate::commands::session::with_target;
use crate::error::{CtlError, Exit};
use crate::render::export::Export;
use crate::render::{Printer, counted};

/// Runs the command.
///
/// # Errors
/// When the target refuses or the file cannot be written.
pub(crate) fn run(
    arguments: &ExportArguments,
    context: &Context<'_>,
    printer: &mut Printer<'_>,
) -> Result<Exit, CtlError> {
    let ExportArguments { file, managed_by, format } = arguments;
    if *format == crate::cli::ExportFormat::Ndjson {
        return Err(CtlError::usage("lines are users; clients are exported as JSON").hint("--format json"));
    }
    let manager = managed_by.as_deref();
    with_target(context, |session| {
        let mut export = Export::begin(printer, file, *format, manager, "clients")?;
        let mut after = None;
        loop {
            let page = session.wait(session.target.clients(after))?;
            for client in page.nodes.iter().filter(|client| manager.is_none() || client.manager.as_deref() == manager) {
                export.client(client)?;
            }
            after = page.next;
            if after.is_none() {
                break;
            }
        }
        let length = export.end(file)?;
        if file.as_os_str() != "-" {
            printer.note(format_args!("wrote {}: {}", file.display(), counted(length, "client")));
        }
        Ok(Exit::Ok)
    })
}
