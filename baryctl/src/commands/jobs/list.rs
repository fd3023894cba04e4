//! `baryctl jobs list`: runs of jobs, the newest first; or, with `--timetable`, the jobs and when they are due.

use std::collections::HashMap;

use barycenter_core::clock::{Clock as _, SystemClock};
use barycenter_core::model::{JobRunId, JobState};
use barycenter_core::store::JobRunFilter;

use crate::cli::{JobStateChoice, JobsList};
use crate::commands::Context;
use crate::commands::session::with_target;
use crate::error::{CtlError, Exit};
use crate::render::Printer;
use crate::render::list::print_pages;
use crate::target::answer::Page;

/// Runs the command.
///
/// # Errors
/// When the target refuses or stdout cannot be written.
pub(crate) fn run(arguments: &JobsList, context: &Context<'_>, printer: &mut Printer<'_>) -> Result<Exit, CtlError> {
    with_target(context, |session| {
        let jobs = session.wait(session.target.jobs())?;
        if arguments.timetable {
            let mut jobs = Some(jobs);
            return print_pages(printer, None, |_| Ok(Page { nodes: jobs.take().unwrap_or_default(), next: None }));
        }
        let due: HashMap<&str, &str> = jobs.iter().map(|job| (job.name.as_str(), job.next_at.as_str())).collect();
        let mut filter = filter(arguments);
        print_pages(printer, arguments.limit, |after| {
            filter.after = after.map(JobRunId::new);
            let mut page = session.wait(session.target.job_runs(&filter))?;
            for run in &mut page.nodes {
                run.next_at = due.get(run.job.as_str()).map(|time| (*time).to_owned());
            }
            Ok(page)
        })
    })?;
    Ok(Exit::Ok)
}

fn filter(arguments: &JobsList) -> JobRunFilter {
    let state = |state| match state {
        JobStateChoice::Running => JobState::Running,
        JobStateChoice::Ok => JobState::Ok,
        JobStateChoice::Failed => JobState::Failed,
        JobStateChoice::Abandoned => JobState::Abandoned,
        JobStateChoice::Cancelled => JobState::Cancelled,
    };
    let ago = |time: std::time::Duration| i64::try_from(time.as_secs()).unwrap_or(i64::MAX);
    JobRunFilter {
        job: arguments.name.clone(),
        state: arguments.state.map(state),
        since: arguments.since.map(|since| SystemClock.now().plus(ago(since).saturating_neg())),
        after: None,
    }
}
