//! How jobs, their runs and the lines that these say look in a list and by themselves.

use crate::render::row::{labelled, or_nothing, time, yes};
use crate::render::{Row, minute, took};
use crate::target::job::{Job, JobLogLine, JobRun};

/// Returns `10m`, `1h`, `90s`.
fn every(seconds: i64) -> String {
    match seconds {
        seconds if seconds > 0 && seconds % 86_400 == 0 => format!("{}d", seconds / 86_400),
        seconds if seconds > 0 && seconds % 3600 == 0 => format!("{}h", seconds / 3600),
        seconds if seconds > 0 && seconds % 60 == 0 => format!("{}m", seconds / 60),
        seconds => format!("{seconds}s"),
    }
}

impl Row for Job {
    const KIND: &'static str = "Job";
    const NOUN: &'static str = "job";
    const HEAD: &'static [&'static str] = &["NAME", "EVERY", "NEXT", "LAST SUCCESS", "RUNNING", "ABOUT"];
    const COLUMNS: &'static [&'static str] = &["name", "every_seconds", "next_at", "succeeded_at", "running", "about"];

    fn key(&self) -> &str {
        &self.name
    }

    fn cells(&self) -> Vec<String> {
        vec![
            self.name.clone(),
            every(self.every_seconds),
            minute(&self.next_at),
            time(self.succeeded_at.as_deref()),
            yes(self.running),
            self.about.clone(),
        ]
    }

    fn details(&self) -> Vec<(String, String)> {
        let head = Self::HEAD.iter().map(|label| label.to_lowercase());
        head.zip(self.cells()).collect()
    }
}

impl Row for JobRun {
    const KIND: &'static str = "JobRun";
    const NOUN: &'static str = "run";
    const HEAD: &'static [&'static str] = &["ID", "NAME", "STATE", "STARTED", "TOOK", "NEXT", "ERROR"];
    const COLUMNS: &'static [&'static str] = &["id", "job", "state", "started_at", "took_ms", "next_at", "error"];

    fn key(&self) -> &str {
        &self.id
    }

    fn cells(&self) -> Vec<String> {
        vec![
            self.id.clone(),
            self.job.clone(),
            self.state.clone(),
            minute(&self.started_at),
            self.took_ms.map_or_else(|| or_nothing(None), took),
            time(self.next_at.as_deref()),
            self.error.clone().unwrap_or_default(),
        ]
    }

    fn details(&self) -> Vec<(String, String)> {
        let mut lines = labelled(&[
            ("id", self.id.clone()),
            ("job", self.job.clone()),
            ("state", self.state.clone()),
            ("trigger", self.trigger.clone()),
            ("asked for by", or_nothing(self.actor.as_deref())),
            ("replica", self.replica.clone()),
            ("started", self.started_at.clone()),
            ("finished", or_nothing(self.finished_at.as_deref())),
            ("took", self.took_ms.map_or_else(|| or_nothing(None), took)),
            ("error", or_nothing(self.error.as_deref())),
            ("cancelled by", or_nothing(self.cancelled_by.as_deref())),
        ]);
        lines.extend(self.counts.iter().map(|(name, count)| (format!("counts.{name}"), count.to_string())));
        lines
    }
}

impl Row for JobLogLine {
    const KIND: &'static str = "JobLogLine";
    const NOUN: &'static str = "line";
    const HEAD: &'static [&'static str] = &["NUMBER", "TIME", "LEVEL", "MESSAGE"];
    const COLUMNS: &'static [&'static str] = &["number", "at", "level", "message"];

    fn key(&self) -> &str {
        &self.message
    }

    fn cells(&self) -> Vec<String> {
        vec![self.number.to_string(), self.at.clone(), self.level.clone(), self.message.clone()]
    }

    fn details(&self) -> Vec<(String, String)> {
        let head = Self::HEAD.iter().map(|label| label.to_lowercase());
        head.zip(self.cells()).collect()
    }
}
