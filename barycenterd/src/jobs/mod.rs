//! What the daemon does by itself at regular times: THE TIMETABLE is [`TIMETABLE`], one file a job.
//!
//! ```text
//!   scheduler ──► finds what is due, takes it (one replica of all does) ──► run ──► the job's own file
//!   admin::job ──► trigger ─────────────────────────────────────────────────┘
//!   crate::keyring, every two seconds ──► note: what it did of key-rotation's and jwks-mirror's work
//! ```
//!
//! A job is a plain function over a [`Context`] that returns what it has done or why it could not. It may run on any
//! replica, may be cut short by a signal or a dead process, and so must be able to begin again. Work that takes long is
//! cut into pieces between which [`Context::is_stopping`] is asked. A panic is a failed run; one that hangs ends at its
//! deadline.

mod clean_up;
mod context;
pub(crate) mod jwks_mirror;
pub(crate) mod key_rotation;
mod noted;
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

pub(crate) use noted::{Deed, note};
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
pub const TIMETABLE: &[Job] = &[
    Job {
        name: "clean-up",
        about: "removes what has expired",
        every: minutes(10),
        deadline: minutes(60),
        work: |context| Box::pin(clean_up::run(context)),
    },
    Job {
        name: jwks_mirror::NAME,
        about: "writes the mirror of the published keys",
        every: minutes(10),
        deadline: minutes(1),
        work: |context| Box::pin(jwks_mirror::run(context)),
    },
    Job {
        name: key_rotation::NAME,
        about: "carries out what is due of the signing keys",
        every: minutes(10),
        deadline: minutes(5),
        work: |context| Box::pin(key_rotation::run(context)),
    },
];

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
