//! `baryctl jobs cancel ID`: ends a run, on whichever replica it is, and waits until it has ended. Exits 5 if there is no
//! such run, 6 if it has ended already, and 8 if its replica does not end it in time.

use std::time::Duration;

use tokio::time::timeout;

use crate::cli::{Format, JobsCancel};
use crate::commands::Context;
use crate::commands::jobs::trigger::{ended, in_words};
use crate::commands::session::with_target;
use crate::error::{CtlError, Exit};
use crate::render::Printer;
use crate::render::list::{missing, print_details};
use crate::target::job::{Cancelled, JobRun};

/// How long a replica may take to end a run: it looks every second, and lets the run end where it can.
const PATIENCE: Duration = Duration::from_secs(15);

/// Runs the command.
///
/// # Errors
/// When the run does not exist, has ended or does not end, the target refuses, or stdout cannot be written.
pub(crate) fn run(arguments: &JobsCancel, context: &Context<'_>, printer: &mut Printer<'_>) -> Result<Exit, CtlError> {
    let id = &arguments.id;
    let run = with_target(context, |session| {
        let asked = match session.wait(session.target.cancel_job(id))? {
            Cancelled::Asked(run) => *run,
            Cancelled::Ended(run) => return Err(too_late(&run)),
            Cancelled::Unknown => return Err(missing("run", &[id])),
        };
        let silent = || {
            CtlError::new(Exit::Unavailable, format!("replica {} has not ended the run yet", asked.replica))
                .hint("it was asked to; one that has gone loses the run within a minute")
        };
        session.wait(async { timeout(PATIENCE, ended(session, asked.clone())).await.map_err(|_| silent())? })
    })?;
    if run.state != "cancelled" {
        return Err(too_late(&run));
    }
    if matches!(printer.format(), Format::Table | Format::Wide) && printer.fields().is_empty() {
        printer.line(in_words(&run))?;
    } else {
        print_details(printer, &[run])?;
    }
    Ok(Exit::Ok)
}

fn too_late(run: &JobRun) -> CtlError {
    CtlError::new(Exit::Conflict, format!("the run {} has ended already: {}", run.id, run.state))
        .hint(format!("everything about it: baryctl jobs get {}", run.id))
}
