//! Jobs and replicas as the database has them: looked at, never run.

use barycenter_core::clock::{Clock as _, SystemClock};
use barycenter_core::model::JobRunId;
use barycenter_core::store::JobRunFilter;

use crate::error::CtlError;
use crate::target::answer::Page;
use crate::target::direct::{Direct, PAGE};
use crate::target::job::{Job, JobLogLine, JobRun};

impl Direct {
    pub(super) async fn jobs(&self) -> Result<Vec<Job>, CtlError> {
        let now = SystemClock.now();
        Ok(self.store().jobs().all().await?.into_iter().map(|job| Job::new(job, now)).collect())
    }

    pub(super) async fn job_runs(&self, filter: &JobRunFilter) -> Result<Page<JobRun>, CtlError> {
        let rows = self.store().job_runs().page(PAGE, filter).await?;
        let next = rows.last().filter(|_| rows.len() as u64 == PAGE).map(|run| run.id.to_string());
        Ok(Page { nodes: rows.into_iter().map(JobRun::from).collect(), next })
    }

    /// Returns a run by its id.
    ///
    /// # Errors
    /// When the database does not answer.
    pub(crate) async fn job_run(&self, id: &JobRunId) -> Result<Option<JobRun>, CtlError> {
        Ok(self.store().job_runs().by_id(id).await?.map(JobRun::from))
    }

    pub(super) async fn job_log(&self, id: &JobRunId, after: i64) -> Result<Vec<JobLogLine>, CtlError> {
        let lines = self.store().job_runs().lines(id, after, PAGE).await?;
        Ok(lines.into_iter().map(JobLogLine::from).collect())
    }
}
