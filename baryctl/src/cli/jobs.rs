//! The arguments of `baryctl jobs …`.

use std::time::Duration;

use clap::{Args, Subcommand, ValueEnum};

use crate::cli::global::duration;

/// What to do with jobs.
#[derive(Debug, Subcommand)]
pub enum JobsAction {
    /// List runs of jobs, the newest first; --timetable lists the jobs and when they are due
    List(JobsList),
    /// Show runs by their id
    Get(JobsGet),
    /// Run a job now; exits 6 if it is running already
    Trigger(JobsTrigger),
    /// End a run that is under way, and wait until it has ended; the job runs again when it is due
    Cancel(JobsCancel),
    /// Print what a run has said
    Logs(JobsLogs),
}

/// Which runs to list.
#[derive(Debug, Clone, Args)]
pub struct JobsList {
    /// Only runs of this job
    #[arg(long, value_name = "JOB")]
    pub name: Option<String>,

    /// Only runs in this state
    #[arg(long, value_name = "STATE", value_enum)]
    pub state: Option<JobStateChoice>,

    /// Only runs that began in this time: 30m, 24h, 7d
    #[arg(long, value_name = "DURATION", value_parser = duration)]
    pub since: Option<Duration>,

    /// At most so many; 0: all [default: all, but 1000 in a table on a terminal]
    #[arg(long, value_name = "N")]
    pub limit: Option<u64>,

    /// List the jobs and when they are due, not their runs
    #[arg(long, conflicts_with_all = ["name", "state", "since", "limit"])]
    pub timetable: bool,
}

/// How a run stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum JobStateChoice {
    /// It is under way
    Running,
    /// It did what it should
    Ok,
    /// It ended with an error, a panic, or at its deadline
    Failed,
    /// Its replica went away
    Abandoned,
    /// Somebody asked for its end
    Cancelled,
}

/// Which runs to show.
#[derive(Debug, Clone, Args)]
pub struct JobsGet {
    /// Ids of runs
    #[arg(required = true, value_name = "ID")]
    pub ids: Vec<String>,
}

/// What to run.
#[derive(Debug, Clone, Args)]
pub struct JobsTrigger {
    /// The job: see `jobs list --timetable`
    #[arg(value_name = "JOB")]
    pub name: String,

    /// Wait for the run to end; exits 3 if it fails
    #[arg(long)]
    pub wait: bool,
}

/// What to end.
#[derive(Debug, Clone, Args)]
pub struct JobsCancel {
    /// The run's id
    #[arg(value_name = "ID")]
    pub id: String,
}

/// What to print.
#[derive(Debug, Clone, Args)]
pub struct JobsLogs {
    /// The run's id
    #[arg(value_name = "ID")]
    pub id: String,

    /// Go on until the run has ended
    #[arg(short, long)]
    pub follow: bool,

    /// Begin with the last so many lines [default: all that are kept]
    #[arg(long, value_name = "N")]
    pub tail: Option<u64>,
}
