//! What the daemon does by itself at regular times: THE TIMETABLE is [`TIMETABLE`], one file a job.
//!
//! ```text
//!   scheduler ──► finds what is due, takes it (one replica of all does) ──► run ──► the job's own file
//!   admin::job ──► trigger ─────────────────────────────────────────────────┘
//! ```
//!
//! A job is a plain function over a [`Context`] that returns what it has done or why it could not. It may run on any
//! replica, may be cut short by a signal or a dead process, and so must be able to begin again. Work that takes long is
//! cut into pieces between which [`Context::is_stopping`] is asked. A panic is a failed run; one that hangs ends at its
//! deadline.

mod clean_up;
mod context;
mod run;
mod scheduler;
#[cfg(test)]
mod tests;

use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use barycenter_core::model::{JobCounts, ScheduledJob, Timestamp};

pub use context::{Context, JobError};
pub use scheduler::{Jobs, Triggered};

pub(crate) use scheduler::{serve, trigger};

/// What a run gives back.
pub type Work = Pin<Box<dyn Future<Output = Result<JobCounts, JobError>> + Send>>;

/// Something that is done at regular times.
#[derive(Debug, Clone, Copy)]
pub struct Job {
    /// Its name, for operators and in metrics.
    pub name: &'static str,
    /// What it does, in a few words.
    pub about: &'static str,
    /// How often it is due.
    pub every: Duration,
    /// How long a run may take.
    pub deadline: Duration,
    /// Does it.
    pub work: fn(Context) -> Work,
}

/// All jobs.
pub const TIMETABLE: &[Job] = &[Job {
    name: "clean-up",
    about: "removes what has expired",
    every: minutes(10),
    deadline: minutes(60),
    work: |context| Box::pin(clean_up::run(context)),
}];

const fn minutes(minutes: u64) -> Duration {
    Duration::from_secs(minutes * 60)
}

impl Job {
    /// Returns what the database should know of the job before its first run, which is due at `first_at`.
    fn scheduled(&self, first_at: Timestamp) -> ScheduledJob {
        ScheduledJob {
            name: self.name.to_owned(),
            about: self.about.to_owned(),
            every_seconds: i64::try_from(self.every.as_secs()).unwrap_or(i64::MAX),
            next_at: first_at,
            succeeded_at: None,
            running: None,
        }
    }
}
