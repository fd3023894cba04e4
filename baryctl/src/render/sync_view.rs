//! A sync as people and programs follow it: a bar on a terminal, lines in a pod, a stream or one document for
//! programs. The last line is the one worth reading.

use std::time::{Duration, Instant};

use barycenter_core::reconcile::{Change, Counts, Item, Kind, Operation};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde::Serialize;
use serde_json::value::{RawValue, to_raw_value};

use crate::cli::{Format, ProgressMode, Redaction};
use crate::error::{CtlError, Exit};
use crate::render::plan_view::{PlanHeading, WAS, WOULD, mention_left, words};
use crate::render::redaction::redacted;
use crate::render::{FORMAT_VERSION, Printer, count, plain};
use crate::target::answer::Place;

/// How often a pod hears of progress, at least this far apart, and every so many per cent.
const PAUSE: Duration = Duration::from_secs(10);
const STEP: u64 = 10;

/// A sync that is being followed.
pub(crate) struct SyncView {
    started: Instant,
    mode: ProgressMode,
    redaction: Redaction,
    /// Whether the JSON document lists what went well, too.
    everything: bool,
    bar: Option<ProgressBar>,
    total: u64,
    done: u64,
    failed: u64,
    said: (u64, Instant),
    items: Vec<Box<RawValue>>,
    plan: String,
}

/// The first line of a stream.
#[derive(Serialize)]
struct Begin<'a> {
    kind: &'static str,
    format: &'static str,
    run: &'a str,
    target: &'a Place,
    manager: &'a str,
}

/// What is about to be done.
#[derive(Serialize)]
struct Planned<'a> {
    kind: &'static str,
    plan: &'a str,
    summary: Counts,
}

/// How far it has come.
#[derive(Serialize)]
struct Progress {
    kind: &'static str,
    done: u64,
    total: u64,
    failed: u64,
}

/// What became of one thing.
#[derive(Serialize)]
struct ItemLine<'a> {
    kind: &'static str,
    op: Operation,
    of: Kind,
    key: &'a str,
    status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    hint: Option<&'a str>,
}

/// What was done, in numbers.
#[derive(Debug, Clone, Copy, Serialize)]
struct Summary {
    created: u64,
    updated: u64,
    disabled: u64,
    deleted: u64,
    conflict: u64,
    failed: u64,
    unchanged: u64,
    no_longer_in_file: u64,
}

/// The last line of a stream: without it, the stream is not complete.
#[derive(Serialize)]
struct End {
    kind: &'static str,
    status: &'static str,
    exit: u8,
    summary: Summary,
    took_ms: u64,
}

/// What a sync has done, in one document.
#[derive(Serialize)]
struct SyncResult<'a> {
    plan: &'a str,
    target: &'a Place,
    manager: &'a str,
    status: &'static str,
    exit: u8,
    summary: Summary,
    items: &'a [Box<RawValue>],
    took_ms: u64,
}

impl SyncView {
    /// Returns a view that follows the flags.
    pub(crate) fn new(mode: ProgressMode, redaction: Redaction, everything: bool) -> Self {
        let now = Instant::now();
        Self {
            started: now,
            mode,
            redaction,
            everything,
            bar: None,
            total: 0,
            done: 0,
            failed: 0,
            said: (0, now),
            items: Vec::new(),
            plan: String::new(),
        }
    }

    /// Begins.
    ///
    /// # Errors
    /// When stdout cannot be written.
    pub(crate) fn begin(
        &mut self,
        printer: &mut Printer<'_>,
        heading: &PlanHeading<'_>,
        run: &str,
    ) -> Result<(), CtlError> {
        if printer.format() == Format::Ndjson {
            let PlanHeading { place: target, manager, .. } = *heading;
            printer.json(&Begin { kind: "Begin", format: FORMAT_VERSION, run, target, manager })?;
            printer.flush()?;
        }
        printer.note(format_args!(
            "comparing {} in {} with {}",
            heading.size(),
            plain(heading.file),
            plain(heading.place.address())
        ));
        Ok(())
    }

    /// Says what is about to be done.
    ///
    /// # Errors
    /// When stdout cannot be written.
    pub(crate) fn planned(
        &mut self,
        printer: &mut Printer<'_>,
        plan: &str,
        counts: &Counts,
        steps: u64,
        passwords: u64,
    ) -> Result<(), CtlError> {
        self.plan = plan.to_owned();
        self.total = steps;
        if printer.format() == Format::Ndjson {
            printer.json(&Planned { kind: "Plan", plan, summary: *counts })?;
            printer.flush()?;
        }
        if counts.is_clean() {
            return Ok(());
        }
        printer.note(format_args!("plan {plan}: {}", words(counts, WOULD)));
        if passwords > 0 {
            printer.note(format_args!("  {} to hash", crate::render::counted(passwords, "password")));
        }
        let draws = match self.mode {
            ProgressMode::Auto => printer.is_remark_terminal() && !printer.is_quiet(),
            ProgressMode::Plain | ProgressMode::None => false,
        };
        if draws && steps > 0 {
            let bar = ProgressBar::with_draw_target(Some(steps), ProgressDrawTarget::stderr_with_hz(10));
            let template =
                "applying  {bar:40}  {percent:>3} %   {human_pos} / {human_len}   {per_sec}   ETA {eta}   {msg}";
            let style = ProgressStyle::with_template(template).map(|style| style.progress_chars("━╸━"));
            bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
            bar.set_message("0 failed");
            self.bar = Some(bar);
        }
        Ok(())
    }

    /// Warns of a conflict.
    pub(crate) fn conflict(&mut self, printer: &mut Printer<'_>, change: &Change) {
        if let Some(change) = redacted(change, self.redaction) {
            let message = change.message.as_deref().unwrap_or("conflict");
            printer.warn(format_args!("{} is left as it is: {}", plain(&change.key), plain(message)));
        }
    }

    /// Hears how far it has come.
    ///
    /// # Errors
    /// When stdout cannot be written.
    pub(crate) fn progress(&mut self, printer: &mut Printer<'_>, done: u64, failed: u64) -> Result<(), CtlError> {
        (self.done, self.failed) = (done, failed);
        if printer.format() == Format::Ndjson {
            printer.json(&Progress { kind: "Progress", done, total: self.total, failed })?;
            printer.flush()?;
        }
        if let Some(bar) = &self.bar {
            bar.set_position(done);
            bar.set_message(format!("{failed} failed"));
            return Ok(());
        }
        let percent = (done * 100).checked_div(self.total).unwrap_or(100);
        let (last, when) = self.said;
        let due = percent >= last + STEP && when.elapsed() >= PAUSE && done < self.total;
        if self.mode != ProgressMode::None && due {
            self.said = (percent, Instant::now());
            let seconds = self.started.elapsed().as_secs().max(1);
            let left = (self.total - done) * seconds / done.max(1);
            printer.note(format_args!(
                "{percent} %  {}/{}  {}/s  eta {}  {failed} failed",
                count(done),
                count(self.total),
                count(done / seconds),
                span(left)
            ));
        }
        Ok(())
    }

    /// Hears what became of one thing.
    ///
    /// # Errors
    /// When stdout cannot be written.
    pub(crate) fn item(&mut self, printer: &mut Printer<'_>, item: &Item<'_>) -> Result<(), CtlError> {
        let line = match item {
            Item::Done { kind, key, done } => ItemLine {
                kind: "Item",
                op: done.operation,
                of: *kind,
                key,
                status: "ok",
                id: Some(&done.id),
                message: None,
                hint: None,
            },
            Item::Failed(change) => ItemLine {
                kind: "Item",
                op: change.operation,
                of: change.kind,
                key: &change.key,
                status: "failed",
                id: change.id.as_deref(),
                message: change.message.as_deref(),
                hint: change.hint.as_deref(),
            },
        };
        match printer.format() {
            _ if self.redaction == Redaction::All => {}
            Format::Ndjson => printer.json(&line)?,
            Format::Name if line.status == "ok" => printer.line(plain(line.key))?,
            Format::Json if self.everything || line.status == "failed" => {
                let item = to_raw_value(&line).map_err(|error| CtlError::new(Exit::Bug, error.to_string()))?;
                self.items.push(item);
            }
            _ => {}
        }
        Ok(())
    }

    /// Returns how much has been written.
    pub(crate) const fn written(&self) -> u64 {
        self.done
    }

    /// Ends: everything was as the file wants it, or is now.
    ///
    /// # Errors
    /// When stdout cannot be written.
    pub(crate) fn done(
        &mut self,
        printer: &mut Printer<'_>,
        heading: &PlanHeading<'_>,
        counts: &Counts,
    ) -> Result<Exit, CtlError> {
        self.answer(printer, heading, counts, "ok", Exit::Ok)?;
        mention_left(printer, counts, heading.manager);
        if counts.is_clean() {
            printer.note(format_args!("nothing to do: {} · {}", heading.agreement(), words(counts, WAS)));
        } else {
            printer.note(format_args!("done in {}: {}", span(self.started.elapsed().as_secs()), words(counts, WAS)));
        }
        Ok(Exit::Ok)
    }

    /// Ends badly. A document that would tell only of the failure is left to the error.
    ///
    /// # Errors
    /// When stdout cannot be written.
    pub(crate) fn failed(
        &mut self,
        printer: &mut Printer<'_>,
        heading: &PlanHeading<'_>,
        counts: &Counts,
        exit: Exit,
    ) -> Result<(), CtlError> {
        let partial = counts.changes() > 0;
        if printer.format() == Format::Ndjson || partial {
            self.answer(printer, heading, counts, if partial { "partial" } else { "failed" }, exit)?;
        }
        if let Some(bar) = self.bar.take() {
            bar.finish_and_clear();
        }
        Ok(())
    }

    fn answer(
        &mut self,
        printer: &mut Printer<'_>,
        heading: &PlanHeading<'_>,
        counts: &Counts,
        status: &'static str,
        exit: Exit,
    ) -> Result<(), CtlError> {
        if let Some(bar) = self.bar.take() {
            bar.finish_and_clear();
        }
        let took_ms = u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX);
        let summary = Summary {
            created: counts.create,
            updated: counts.update,
            disabled: counts.disable,
            deleted: counts.delete,
            conflict: counts.conflict,
            failed: self.failed,
            unchanged: counts.unchanged,
            no_longer_in_file: counts.no_longer_in_file,
        };
        let exit = exit.number();
        match printer.format() {
            Format::Json => {
                let PlanHeading { place: target, manager, .. } = *heading;
                let plan = self.plan.as_str();
                let items = self.items.as_slice();
                let body = SyncResult { plan, target, manager, status, exit, summary, items, took_ms };
                printer.document("SyncResult", &body)?;
            }
            Format::Ndjson => printer.json(&End { kind: "End", status, exit, summary, took_ms })?,
            _ => {}
        }
        printer.flush()
    }
}

/// Returns `2m 31s`, `0.3s` being `0s`.
fn span(seconds: u64) -> String {
    match (seconds / 3600, seconds / 60 % 60, seconds % 60) {
        (0, 0, seconds) => format!("{seconds}s"),
        (0, minutes, seconds) => format!("{minutes}m {seconds:02}s"),
        (hours, minutes, _) => format!("{hours}h {minutes:02}m"),
    }
}
