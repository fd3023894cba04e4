//! Runs that nobody took: what a loop has done between two runs of the job whose work it is, noted in the history as if
//! the job had done it.

use barycenter_core::model::{JobCounts, JobLogLevel, JobLogLine, JobRun, JobRunId, JobState, JobTrigger, Timestamp};
use barycenter_core::store::StoreError;

use crate::app::App;

/// What a loop has done of a job's work.
pub(crate) struct Deed {
    /// The job.
    pub(crate) job: &'static str,
    /// When it was done.
    pub(crate) at: Timestamp,
    /// What there is to say about it, or why it could not be done.
    pub(crate) outcome: Result<Vec<String>, String>,
    /// How much it was.
    pub(crate) counts: JobCounts,
}

/// Notes it, and counts it among the runs of this process.
///
/// # Errors
/// When the database does not answer; then nothing is noted or counted.
pub(crate) async fn note(app: &App, deed: &Deed) -> Result<(), StoreError> {
    let (state, level, said, error) = match &deed.outcome {
        Ok(said) => (JobState::Ok, JobLogLevel::Info, said.clone(), None),
        Err(why) => (JobState::Failed, JobLogLevel::Error, vec![why.clone()], Some(why.clone())),
    };
    let run = JobRun {
        id: JobRunId::generate(),
        job: deed.job.to_owned(),
        trigger: JobTrigger::Schedule,
        actor: None,
        replica: app.replica.name.clone(),
        state,
        started_at: deed.at,
        finished_at: Some(deed.at),
        took_ms: None,
        counts: deed.counts.clone(),
        error,
        cancelled_by: None,
    };
    let line = |(number, message)| JobLogLine { number, at: deed.at, level, message };
    let lines: Vec<JobLogLine> = (1..).zip(said).map(line).collect();
    app.store.note_job(&run, &lines).await?;
    app.metrics.jobs.noted(deed.job, state);
    Ok(())
}
