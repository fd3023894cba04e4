//! `baryctl log …`: which lines the daemons write, changed while they run.

pub(crate) mod get;
pub(crate) mod reset;
pub(crate) mod set;

use crate::commands::Context;
use crate::commands::session::with_target;
use crate::error::{CtlError, Exit};
use crate::render::{Printer, plain};
use crate::target::LogChange;

/// Asks for the filter, after changing it, and shows what holds.
fn run(change: LogChange, context: &Context<'_>, printer: &mut Printer<'_>) -> Result<Exit, CtlError> {
    let filter = with_target(context, |session| session.wait(session.target.log_filter(change)))?;
    if printer.format().is_json() {
        printer.document("LogFilter", &filter)?;
        return Ok(Exit::Ok);
    }
    printer.line(plain(&filter.filter))?;
    printer.note(match &filter.expires_at {
        Some(time) => {
            format!("until {time}, then again {}; every replica follows within seconds", plain(&filter.configured))
        }
        None => "as configured (RUST_LOG)".to_owned(),
    });
    Ok(Exit::Ok)
}
