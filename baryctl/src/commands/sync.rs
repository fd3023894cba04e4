//! `baryctl sync`, `baryctl users sync`: makes the live users match a file. The engine is the daemon's own.

use std::cell::RefCell;
use std::time::Instant;

use barycenter_core::model::Manager;
use barycenter_core::reconcile::{
    self, Adoption, Applied, Change, Comparison, DesiredUser, OnConflict, Operation, Outcome, PlannedUser,
};
use serde::Serialize;

use crate::cli::{Format, OnConflictChoice, SyncArguments};
use crate::commands::diff::{self, matching, mention_left};
use crate::commands::session::{with_database, with_target};
use crate::commands::users_files::{self, Desired};
use crate::commands::{Context, Session};
use crate::error::{CtlError, Exit};
use crate::render::plan::{Begin, End, Heading, Item, Summary};
use crate::render::{Printer, count, counted, plain};
use crate::settings::TargetSettings;
use crate::target::Target;
use crate::target::answer::Place;
use crate::target::direct::Absence;

/// Runs the command.
///
/// # Errors
/// When the files cannot be used, conflicts stand in the way, or the target refuses.
pub(crate) fn run(
    arguments: &SyncArguments,
    context: &mut Context<'_>,
    printer: &mut Printer<'_>,
) -> Result<Exit, CtlError> {
    let direct = matches!(TargetSettings::resolve(&context.flags, &context.environment)?, TargetSettings::Direct);
    if arguments.migrate && !direct {
        return Err(CtlError::usage("--migrate needs --direct: a server looks after its own schema"));
    }
    if arguments.migrate && arguments.dry_run {
        return Err(CtlError::usage("--migrate changes the schema, --dry-run changes nothing")
            .hint("see what is missing: baryctl db status"));
    }
    let desired = users_files::read(&arguments.compared, context)?;
    printer.note(format_args!("reading {}: {}", plain(&desired.name), counted(desired.file.users.len(), "user")));
    for user in desired.file.users.iter().filter(|user| user.has_sample_password()) {
        let name = plain(user.username.as_str());
        printer.warn(format_args!(
            "{name} has a sample password, which everybody can read in the documentation; change it"
        ));
    }
    if arguments.migrate {
        let steps = with_database(context, Absence::Mended, |session| session.wait(session.target.migrate()))?;
        for step in steps {
            printer.note(format_args!("schema: took {step}"));
        }
    }
    with_target(context, |session| {
        if arguments.dry_run {
            return dry_run(session, &desired, arguments.on_conflict, printer);
        }
        apply(session, &desired, arguments.on_conflict, context.settings.verbose > 0, printer)
    })
}

/// Shows the plan; ends as the sync would.
fn dry_run(
    session: &Session<Target>,
    desired: &Desired,
    on_conflict: OnConflictChoice,
    printer: &mut Printer<'_>,
) -> Result<Exit, CtlError> {
    let conflicts = diff::show(session, desired, printer)?.count(Operation::Conflict);
    Ok(if conflicts > 0 && on_conflict == OnConflictChoice::Fail { Exit::Conflict } else { Exit::Ok })
}

/// A target whose batches are counted and reported.
struct Watched<'a, 'p, 'io> {
    target: &'a Target,
    printer: RefCell<&'p mut Printer<'io>>,
    applied: RefCell<Vec<Change>>,
}

impl reconcile::Target for Watched<'_, '_, '_> {
    type Error = CtlError;

    async fn plan(
        &self,
        manager: &Manager,
        users: &[DesiredUser],
        adoption: &Adoption,
    ) -> Result<Vec<Change>, CtlError> {
        self.target.plan(manager, users, adoption).await
    }

    async fn apply(
        &self,
        manager: &Manager,
        entries: &[PlannedUser],
        adoption: &Adoption,
    ) -> Result<Applied, CtlError> {
        let outcome = self.target.apply(manager, entries, adoption).await?;
        if let Applied::Done(changes) = &outcome {
            let mut applied = self.applied.borrow_mut();
            applied.extend(changes.iter().cloned());
            let mut printer = self.printer.borrow_mut();
            if printer.format() == Format::Ndjson {
                printer.json(&Progress { kind: "Progress", done: applied.len() })?;
                printer.flush()?;
            } else if entries.len() == reconcile::BATCH {
                printer.note(format_args!("applied {}", count(applied.len())));
            }
        }
        Ok(outcome)
    }

    async fn managed_count(&self, manager: &Manager) -> Result<u64, CtlError> {
        self.target.managed_count(manager).await
    }
}

/// Applies the file and reports.
fn apply(
    session: &Session<Target>,
    desired: &Desired,
    on_conflict: OnConflictChoice,
    everything: bool,
    printer: &mut Printer<'_>,
) -> Result<Exit, CtlError> {
    let started = Instant::now();
    let place = session.wait(session.target.place())?;
    let heading = Heading {
        file: &desired.name,
        users: desired.file.users.len(),
        manager: desired.file.manager.as_str(),
        place: &place,
    };
    let on_conflict = match on_conflict {
        OnConflictChoice::Fail => OnConflict::Fail,
        OnConflictChoice::Skip => OnConflict::Skip,
    };
    if printer.format() == Format::Ndjson {
        printer.json(&Begin::of(&heading))?;
    }
    let watched = Watched { target: &session.target, printer: RefCell::new(printer), applied: RefCell::default() };
    let outcome = session.wait(reconcile::sync(&watched, &desired.file, &desired.adoption, on_conflict));
    let applied = watched.applied.into_inner();
    let mut report = Report { printer, heading, everything, started };
    match outcome {
        Ok(Outcome::Clean(comparison)) => report.clean(&comparison),
        Ok(Outcome::Done(comparison)) => report.done(&comparison),
        Ok(Outcome::Refused(comparison)) => {
            let conflicts = comparison.changes.iter().filter(|change| change.operation == Operation::Conflict);
            report.failed(&[], in_the_way(conflicts, "nothing was changed"))
        }
        Ok(Outcome::Interrupted { done, refused }) => {
            let what = if done.is_empty() {
                "nothing was changed".to_owned()
            } else {
                format!("{} before it stay", counted(done.len(), "change"))
            };
            report.failed(&done, in_the_way(refused.iter(), &what))
        }
        Err(mut error) => {
            if !applied.is_empty() {
                error.hints.push(format!(
                    "{} were applied and stay; the same command goes on from there",
                    counted(applied.len(), "change")
                ));
            }
            report.failed(&applied, error)
        }
    }
}

/// Says which accounts are in the way, why, and how to go on.
fn in_the_way<'c>(conflicts: impl Iterator<Item = &'c Change>, what: &str) -> CtlError {
    let conflicts: Vec<&Change> = conflicts.collect();
    let verb = if conflicts.len() == 1 { "stands" } else { "stand" };
    let mut failure =
        CtlError::new(Exit::Conflict, format!("{} {verb} in the way; {what}", counted(conflicts.len(), "conflict")));
    for change in &conflicts {
        failure = failure.detail(format!("{}: {}", change.key, change.message.as_deref().unwrap_or("conflict")));
    }
    let mut hints: Vec<&str> = conflicts.iter().filter_map(|change| change.hint.as_deref()).collect();
    hints.dedup();
    for hint in hints {
        failure = failure.hint(hint);
    }
    failure.hint("to apply the rest and leave these out: --on-conflict skip")
}

/// How far a sync has come.
#[derive(Serialize)]
struct Progress {
    kind: &'static str,
    done: usize,
}

/// What a sync has done, in numbers.
#[derive(Serialize)]
struct Done {
    created: usize,
    updated: usize,
    conflict: usize,
    unchanged: usize,
    no_longer_in_file: u64,
}

/// What a sync has done, in JSON.
#[derive(Serialize)]
struct SyncResult<'a> {
    target: &'a Place,
    manager: &'a str,
    status: &'static str,
    exit: u8,
    summary: Done,
    items: Vec<Item<'a>>,
    took_ms: u64,
}

/// The report of a sync.
struct Report<'r, 'io> {
    printer: &'r mut Printer<'io>,
    heading: Heading<'r>,
    /// Whether JSON answers list what went well, too.
    everything: bool,
    started: Instant,
}

impl Report<'_, '_> {
    fn clean(&mut self, comparison: &Comparison) -> Result<Exit, CtlError> {
        self.answer(comparison)?;
        mention_left(self.printer, comparison.no_longer_in_file, self.heading.manager);
        let unchanged = count(comparison.unchanged);
        self.printer.note(format_args!("nothing to do: {}, {unchanged} unchanged", matching(&self.heading, "match")));
        Ok(Exit::Ok)
    }

    fn done(&mut self, comparison: &Comparison) -> Result<Exit, CtlError> {
        self.answer(comparison)?;
        for change in comparison.changes.iter().filter(|change| change.operation == Operation::Conflict) {
            let message = change.message.as_deref().unwrap_or("conflict");
            self.printer.warn(format_args!("{} is left as it is: {}", plain(&change.key), plain(message)));
        }
        mention_left(self.printer, comparison.no_longer_in_file, self.heading.manager);
        let words = Summary::of(comparison).words(["created", "updated"]);
        self.printer.note(format_args!("done in {:.1}s: {words}", self.started.elapsed().as_secs_f64()));
        Ok(Exit::Ok)
    }

    /// Ends a stream that has begun; a document that would tell of a failure is left to the error.
    fn failed(&mut self, applied: &[Change], error: CtlError) -> Result<Exit, CtlError> {
        if self.printer.format() == Format::Ndjson && !error.is_closed_pipe() {
            for change in applied {
                self.printer.json(&Item::from(change))?;
            }
            self.end("failed", error.exit, None)?;
        }
        Err(error)
    }

    /// Answers programs; people read the remarks.
    fn answer(&mut self, comparison: &Comparison) -> Result<(), CtlError> {
        let summary = Done {
            created: comparison.count(Operation::Create),
            updated: comparison.count(Operation::Update),
            conflict: comparison.count(Operation::Conflict),
            unchanged: comparison.unchanged,
            no_longer_in_file: comparison.no_longer_in_file,
        };
        match self.printer.format() {
            Format::Table => {}
            Format::Name => comparison.changes.iter().try_for_each(|change| self.printer.line(plain(&change.key)))?,
            Format::Json => {
                let told = comparison
                    .changes
                    .iter()
                    .filter(|change| self.everything || change.operation == Operation::Conflict);
                let body = SyncResult {
                    target: self.heading.place,
                    manager: self.heading.manager,
                    status: "ok",
                    exit: Exit::Ok.number(),
                    summary,
                    items: told.map(Item::from).collect(),
                    took_ms: self.milliseconds(),
                };
                self.printer.document("SyncResult", &body)?;
            }
            Format::Ndjson => {
                for change in &comparison.changes {
                    self.printer.json(&Item::from(change))?;
                }
                self.end("ok", Exit::Ok, Some(summary))?;
            }
        }
        self.printer.flush()
    }

    fn end(&mut self, status: &'static str, exit: Exit, summary: Option<Done>) -> Result<(), CtlError> {
        let took_ms = Some(self.milliseconds());
        self.printer.json(&End { kind: "End", status: Some(status), exit: Some(exit.number()), summary, took_ms })
    }

    fn milliseconds(&self) -> u64 {
        u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX)
    }
}
