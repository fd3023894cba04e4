//! `baryctl jobs logs ID`: what a run has said. `--follow` asks again and again with the number of the last line, so
//! that a connection that breaks resumes where it stopped.

use std::time::Duration;

use tokio::time::sleep;

use crate::cli::{Format, JobsLogs};
use crate::commands::session::with_target;
use crate::commands::{Context, Session};
use crate::error::{CtlError, Exit};
use crate::render::list::{List, missing};
use crate::render::{Printer, plain};
use crate::target::Target;
use crate::target::job::JobLogLine;

/// How often a run that is followed is asked.
const PAUSE: Duration = Duration::from_secs(1);

/// Runs the command.
///
/// # Errors
/// When the run does not exist, the target refuses, or stdout cannot be written.
pub(crate) fn run(arguments: &JobsLogs, context: &Context<'_>, printer: &mut Printer<'_>) -> Result<Exit, CtlError> {
    if arguments.follow && printer.format() == Format::Json {
        return Err(CtlError::usage("--follow has no end that one document could wait for").hint("-o ndjson"));
    }
    with_target(context, |session| {
        let mut after = 0;
        let mut tail = arguments.tail.map(|lines| usize::try_from(lines).unwrap_or(usize::MAX));
        let is_text = matches!(printer.format(), Format::Table | Format::Wide) && printer.fields().is_empty();
        let mut kept: Vec<JobLogLine> = Vec::new();
        loop {
            // Asked before the lines are: what is said after the last look would be lost otherwise.
            let run = session.wait(session.target.job_run(&arguments.id))?;
            let run = run.ok_or_else(|| missing("run", &[&arguments.id]))?;
            let mut lines = lines_after(session, &arguments.id, &mut after)?;
            if let Some(tail) = tail.take() {
                lines.drain(..lines.len().saturating_sub(tail));
            }
            if is_text || arguments.follow {
                show(printer, lines, is_text)?;
            } else {
                kept.append(&mut lines);
            }
            if !arguments.follow || !run.is_running() {
                break;
            }
            printer.flush()?;
            session.wait(async {
                sleep(PAUSE).await;
                Ok(())
            })?;
        }
        if is_text || arguments.follow {
            return Ok(());
        }
        let mut list = List::new(printer);
        kept.into_iter().try_for_each(|line| list.push(line))?;
        list.finish()
    })?;
    Ok(Exit::Ok)
}

/// Returns all lines behind number `after`, and moves that on.
fn lines_after(session: &Session<Target>, id: &str, after: &mut i64) -> Result<Vec<JobLogLine>, CtlError> {
    let mut all = Vec::new();
    loop {
        let lines = session.wait(session.target.job_log(id, *after))?;
        let Some(last) = lines.last() else { return Ok(all) };
        *after = last.number;
        all.extend(lines);
    }
}

fn show(printer: &mut Printer<'_>, lines: Vec<JobLogLine>, is_text: bool) -> Result<(), CtlError> {
    if !is_text {
        return lines.into_iter().try_for_each(|line| crate::render::list::print_details(printer, &[line]));
    }
    for JobLogLine { at, level, message, .. } in lines {
        printer.line(format_args!("{at}  {level:<7}  {}", plain(&message)))?;
    }
    Ok(())
}
