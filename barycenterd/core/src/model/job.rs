//! Jobs: what the daemon does by itself at regular times, and what became of each run.
//!
//! The timetable is the daemon's (`barycenterd::jobs`); this is what the database and `baryctl --direct` know of it.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::model::{JobRunId, Timestamp};

/// How long a run is held without being renewed, in seconds. The clocks of replicas may differ by this less the time
/// between two renewals: a holder that lives is never taken for dead by a clock that is less ahead than that.
pub const JOB_HELD_SECONDS: i64 = 60;

/// How a run stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum JobState {
    /// It is under way.
    Running,
    /// It did what it should.
    Ok,
    /// It ended with an error, a panic, or at its deadline.
    Failed,
    /// Its replica went away; another run has taken its place.
    Abandoned,
    /// Somebody asked for its end.
    Cancelled,
}

impl JobState {
    /// Every state.
    pub const ALL: [Self; 5] = [Self::Running, Self::Ok, Self::Failed, Self::Abandoned, Self::Cancelled];

    /// Returns the name in the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Ok => "ok",
            Self::Failed => "failed",
            Self::Abandoned => "abandoned",
            Self::Cancelled => "cancelled",
        }
    }

    /// Returns the state of that name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == name)
    }
}

/// What made a job run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum JobTrigger {
    /// It was due.
    Schedule,
    /// Somebody asked for it.
    Operator,
}

impl JobTrigger {
    /// Every trigger.
    pub const ALL: [Self; 2] = [Self::Schedule, Self::Operator];

    /// Returns the name in the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Schedule => "schedule",
            Self::Operator => "operator",
        }
    }

    /// Returns the trigger of that name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|trigger| trigger.as_str() == name)
    }
}

/// How much of what a run has done: `sessions` 412.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct JobCounts(BTreeMap<String, u64>);

impl JobCounts {
    /// Returns counts with one entry.
    #[must_use]
    pub fn of(name: &str, count: u64) -> Self {
        let mut counts = Self::default();
        counts.add(name, count);
        counts
    }

    /// Adds to one of them.
    pub fn add(&mut self, name: &str, count: u64) {
        let sum = self.0.entry(name.to_owned()).or_default();
        *sum = sum.saturating_add(count);
    }

    /// Returns one of them.
    #[must_use]
    pub fn get(&self, name: &str) -> u64 {
        self.0.get(name).copied().unwrap_or_default()
    }

    /// Returns them all by name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, u64)> {
        self.0.iter().map(|(name, count)| (name.as_str(), *count))
    }
}

impl fmt::Display for JobCounts {
    /// `412 sessions, 3 access_tokens`, without those that are zero.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let some = self.iter().filter(|(_, count)| *count > 0);
        for (place, (name, count)) in some.enumerate() {
            write!(formatter, "{}{count} {name}", if place > 0 { ", " } else { "" })?;
        }
        Ok(())
    }
}

/// One run of a job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JobRun {
    /// Names it for good; later ones sort after earlier ones.
    pub id: JobRunId,
    /// The job's name.
    pub job: String,
    /// What made it run.
    pub trigger: JobTrigger,
    /// Who asked for it; nobody if it was due.
    pub actor: Option<String>,
    /// The name of the replica that runs it.
    pub replica: String,
    /// How it stands.
    pub state: JobState,
    /// When it began.
    pub started_at: Timestamp,
    /// When it ended.
    pub finished_at: Option<Timestamp>,
    /// How long it took, in milliseconds.
    pub took_ms: Option<i64>,
    /// What it has done.
    pub counts: JobCounts,
    /// What went wrong.
    pub error: Option<String>,
    /// Who asked for its end, whatever became of that.
    pub cancelled_by: Option<String>,
}

/// How a run ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JobOutcome {
    /// How it stands now.
    pub state: JobState,
    /// When it ended.
    pub finished_at: Timestamp,
    /// How long it took, in milliseconds.
    pub took_ms: i64,
    /// What it has done.
    pub counts: JobCounts,
    /// What went wrong.
    pub error: Option<String>,
    /// When the job is due instead of when it would be; for a run that was cut short.
    pub next_at: Option<Timestamp>,
}

/// A job as the database knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScheduledJob {
    /// Its name.
    pub name: String,
    /// What it does, in a few words.
    pub about: String,
    /// How often it is due, in seconds.
    pub every_seconds: i64,
    /// When it is due.
    pub next_at: Timestamp,
    /// When a run last ended well.
    pub succeeded_at: Option<Timestamp>,
    /// The run that is under way, if one is.
    pub running: Option<JobHold>,
}

/// A run that is under way, and for how long its replica has it for itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JobHold {
    /// The run.
    pub run: JobRunId,
    /// The replica.
    pub replica: String,
    /// When others may take it for dead, unless it is renewed.
    pub until: Timestamp,
}

impl JobHold {
    /// Returns whether the replica must be taken for alive. A hold that reaches further than any can was taken by a
    /// clock that was wrong.
    #[must_use]
    pub fn is_kept(&self, now: Timestamp) -> bool {
        self.until > now && self.until.since(now) <= JOB_HELD_SECONDS.saturating_mul(2)
    }
}

impl ScheduledJob {
    /// Returns whether somebody should begin a run: it is time, or the one that has begun is dead.
    #[must_use]
    pub fn is_due(&self, now: Timestamp) -> bool {
        match &self.running {
            Some(hold) => !hold.is_kept(now),
            None => self.next_at <= now || self.is_astray(now),
        }
    }

    /// Returns whether the next time lies further ahead than a whole interval, and than clocks of replicas may differ:
    /// the clock went back, or the interval has been made shorter.
    fn is_astray(&self, now: Timestamp) -> bool {
        self.next_at.since(now) > self.every_seconds.saturating_add(JOB_HELD_SECONDS.saturating_mul(2))
    }

    /// Returns when the job is due after a run that begins now: the next of its regular times that lies ahead.
    #[must_use]
    pub fn due_after(&self, now: Timestamp) -> Timestamp {
        if self.is_astray(now) {
            return now.plus(self.every_seconds);
        }
        if self.next_at > now {
            return self.next_at;
        }
        let every = self.every_seconds.max(1);
        let missed = now.since(self.next_at) / every;
        self.next_at.plus(missed.saturating_add(1).saturating_mul(every))
    }
}

/// A line of what a run has said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JobLogLine {
    /// Its number in the run, from 1.
    pub number: i64,
    /// When it was said.
    pub at: Timestamp,
    /// `info`, `warning` or `error`.
    pub level: JobLogLevel,
    /// The words.
    pub message: String,
}

/// How grave a line is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum JobLogLevel {
    /// Good to know.
    Info,
    /// Somebody should look at it.
    Warning,
    /// It went wrong.
    Error,
}

impl JobLogLevel {
    /// Every level.
    pub const ALL: [Self; 3] = [Self::Info, Self::Warning, Self::Error];

    /// Returns the name in the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }

    /// Returns the level of that name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|level| level.as_str() == name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn at(seconds: i64) -> Timestamp {
        Timestamp::from_unix(seconds)
    }

    fn job(next_at: i64, held_until: Option<i64>) -> ScheduledJob {
        let hold = |until| JobHold { run: JobRunId::new("r"), replica: "one".to_owned(), until: at(until) };
        ScheduledJob {
            name: "clean-up".to_owned(),
            about: String::new(),
            every_seconds: 600,
            next_at: at(next_at),
            succeeded_at: None,
            running: held_until.map(hold),
        }
    }

    #[test]
    fn a_job_is_due_at_its_time_and_not_while_it_runs() {
        assert!(!job(1000, None).is_due(at(999)));
        assert!(job(1000, None).is_due(at(1000)));
        assert!(!job(1000, Some(1001)).is_due(at(1000)), "it runs");
        assert!(job(1000, Some(1001)).is_due(at(1001)), "its replica has gone");
        assert!(!job(1600, Some(1060)).is_due(at(1030)));
        assert!(job(1600, Some(1060)).is_due(at(1060)), "what was abandoned is done again at once");
    }

    #[test]
    fn regular_times_are_kept_and_missed_ones_are_not_made_up_for() {
        assert_eq!(job(1000, None).due_after(at(1000)), at(1600));
        assert_eq!(job(1000, None).due_after(at(1599)), at(1600));
        assert_eq!(job(1000, None).due_after(at(1600)), at(2200));
        assert_eq!(job(1000, None).due_after(at(10_000)), at(10_600));
        assert_eq!(job(1600, Some(900)).due_after(at(1000)), at(1600), "taken over before the next time");
    }

    #[test]
    fn a_clock_that_went_back_does_not_stop_a_job() {
        assert!(job(1_000_000, None).is_due(at(1000)));
        assert!(!job(1_660, None).is_due(at(1000)), "a replica whose clock is a minute ahead has taken the last run");
        assert_eq!(job(1_000_000, None).due_after(at(1000)), at(1600));
        assert!(job(1600, Some(1_000_000)).is_due(at(1000)), "no hold reaches that far");
        assert!(!job(1600, Some(1000 + 2 * JOB_HELD_SECONDS)).is_due(at(1000)));
    }

    #[test]
    fn counts_are_read_by_people() {
        let mut counts = JobCounts::of("sessions", 400);
        counts.add("sessions", 12);
        counts.add("access_tokens", 3);
        counts.add("leases", 0);
        assert_eq!(counts.to_string(), "3 access_tokens, 412 sessions");
        assert_eq!(counts.get("leases"), 0);
    }
}
