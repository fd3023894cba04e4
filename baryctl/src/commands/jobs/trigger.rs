//! `baryctl jobs trigger JOB`: has a job done now. Exits 5 if there is no such job, 6 if it is running already, and with
//! `--wait` 3 if the run fails.

use std::time::Duration;

use tokio::time::sleep;

use crate::cli::{Format, JobsTrigger};
use crate::commands::session::with_target;
use crate::commands::{Context, Session};
use crate::error::{CtlError, Exit};
use crate::render::list::print_details;
use crate::render::{Printer, plain, took};
use crate::target::Target;
use crate::target::job::{JobRun, Triggered};

/// How often the run is looked at: soon at first, for most are short.
const FIRST_PAUSE: Duration = Duration::from_millis(50);
/// And at most so seldom.
const LONGEST_PAUSE: Duration = Duration::from_secs(1);

/// Runs the command.
///
/// # Errors
/// When the job does not exist or is running, the target refuses, or stdout cannot be written.
pub(crate) fn run(arguments: &JobsTrigger, context: &Context<'_>, printer: &mut Printer<'_>) -> Result<Exit, CtlError> {
    let name = &arguments.name;
    let run = with_target(context, |session| {
        let run = match session.wait(session.target.trigger_job(name))? {
            Triggered::Started(run) => *run,
            Triggered::Running(run) => {
                return Err(CtlError::new(Exit::Conflict, format!("{name} is running already; nothing was begun"))
                    .hint(format!("baryctl jobs logs {run} --follow")));
            }
            Triggered::Unknown(names) => {
                return Err(CtlError::new(Exit::NotFound, format!("there is no job {name:?}"))
                    .hint(format!("there are {}", names.join(", "))));
            }
        };
        if arguments.wait { session.wait(ended(session, run)) } else { Ok(run) }
    })?;
    if matches!(printer.format(), Format::Table | Format::Wide) && printer.fields().is_empty() {
        printer.line(in_words(&run))?;
    } else {
        print_details(printer, std::slice::from_ref(&run))?;
    }
    if !arguments.wait || run.is_ok() {
        return Ok(Exit::Ok);
    }
    let error = run.error.as_deref().unwrap_or("it says nothing about why");
    Err(CtlError::new(Exit::Failed, format!("{name} {}: {error}", run.state))
        .hint(format!("what it said: baryctl jobs logs {}", run.id)))
}

/// Waits for a run to end.
///
/// # Errors
/// When the target refuses, or the run is no longer in the history.
pub(super) async fn ended(session: &Session<Target>, mut run: JobRun) -> Result<JobRun, CtlError> {
    let mut pause = FIRST_PAUSE;
    while run.is_running() {
        sleep(pause).await;
        pause = (pause * 2).min(LONGEST_PAUSE);
        let gone = || CtlError::new(Exit::NotFound, format!("the run {} is no longer in the history", run.id));
        run = session.target.job_run(&run.id).await?.ok_or_else(gone)?;
    }
    Ok(run)
}

/// `clean-up 0190… ok in 1.1s: 412 sessions removed` as far as it is known.
pub(super) fn in_words(run: &JobRun) -> String {
    let took = run.took_ms.map(|ms| format!(" in {}", took(ms))).unwrap_or_default();
    let counts = run.counts.iter().filter(|(_, count)| **count > 0);
    let counts: Vec<String> = counts.map(|(name, count)| format!("{count} {}", name.replace('_', " "))).collect();
    let counts = if counts.is_empty() { String::new() } else { format!(": {}", counts.join(", ")) };
    plain(&format!("{} {} {}{took}{counts}", run.job, run.id, run.state))
}
