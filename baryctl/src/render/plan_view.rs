//! A comparison as people and programs see it, printed as it is found: a plan may hold a million changes.
//!
//! On a terminal the first of each kind are shown, together; elsewhere every change, in the files' order. What agrees
//! is never listed.

use std::collections::BTreeMap;

use barycenter_core::reconcile::{Change, Counts, Kind, Operation};
use serde::Serialize;
use serde_json::value::{RawValue, to_raw_value};

use crate::cli::{Format, PlanOutputArguments, Redaction};
use crate::error::{CtlError, Exit};
use crate::render::change::{Item, print_change};
use crate::render::redaction::redacted;
use crate::render::report::Reports;
use crate::render::{FORMAT_VERSION, Printer, count, counted, plain};
use crate::target::answer::Place;

/// The order in which a terminal shows them.
const ORDER: [Operation; 5] =
    [Operation::Create, Operation::Update, Operation::Disable, Operation::Delete, Operation::Conflict];

/// What was compared with what.
pub(crate) struct PlanHeading<'a> {
    /// The file, as the command line names it.
    pub(crate) file: &'a str,
    /// How many of each kind it holds.
    pub(crate) counts: Vec<(Kind, u64)>,
    /// The file's name for itself.
    pub(crate) manager: &'a str,
    /// Where it was compared.
    pub(crate) place: &'a Place,
}

impl PlanHeading<'_> {
    /// Returns `9,850 users and 3 clients`.
    pub(crate) fn size(&self) -> String {
        let parts: Vec<String> = self.counts.iter().map(|(kind, number)| counted(*number, kind.noun())).collect();
        parts.join(" and ")
    }

    /// Returns `9,850 users in users.json match https://…`.
    pub(crate) fn agreement(&self) -> String {
        let total: u64 = self.counts.iter().map(|(_, number)| number).sum();
        let verb = if total == 1 { "matches" } else { "match" };
        format!("{} in {} {verb} {}", self.size(), plain(self.file), plain(self.place.address()))
    }
}

/// How a comparison ended.
pub(crate) struct PlanEnd<'a> {
    /// The plan's id.
    pub(crate) plan: &'a str,
    /// How many of what.
    pub(crate) counts: Counts,
    /// The command line that carries it out.
    pub(crate) next: &'a str,
}

/// A terminal's share of one kind of change.
#[derive(Default)]
struct Shown {
    changes: Vec<Change>,
    hidden: u64,
    /// How often each field differs among the hidden ones.
    fields: BTreeMap<String, u64>,
}

/// A comparison that is being printed.
pub(crate) struct PlanView {
    most: usize,
    redaction: Redaction,
    together: bool,
    shown: [Shown; 5],
    /// Items of a JSON document: it has to begin with the numbers.
    items: Vec<Box<RawValue>>,
    begun: bool,
    reports: Reports,
}

/// A comparison in JSON.
#[derive(Serialize)]
struct Diff<'a> {
    plan: &'a str,
    target: &'a Place,
    manager: &'a str,
    summary: Counts,
    items: Vec<Box<RawValue>>,
}

/// The first line of a stream.
#[derive(Serialize)]
struct Begin<'a> {
    kind: &'static str,
    format: &'static str,
    target: &'a Place,
    manager: &'a str,
}

/// A line of a stream.
#[derive(Serialize)]
struct Line<'a> {
    #[serde(flatten)]
    item: Item<'a>,
}

/// The last line of a stream: without it, the stream is not complete.
#[derive(Serialize)]
struct End<'a> {
    kind: &'static str,
    plan: &'a str,
    summary: Counts,
}

impl PlanView {
    /// Returns a view that follows the flags.
    pub(crate) fn new(
        printer: &Printer<'_>,
        output: &PlanOutputArguments,
        redaction: Redaction,
        summary_file: Option<&str>,
    ) -> Self {
        Self {
            most: output.max_shown,
            redaction,
            together: printer.is_terminal(),
            shown: Default::default(),
            items: Vec::new(),
            begun: false,
            reports: Reports::new(&output.reports, summary_file),
        }
    }

    /// Begins.
    ///
    /// # Errors
    /// When stdout cannot be written.
    pub(crate) fn begin(&mut self, printer: &mut Printer<'_>, heading: &PlanHeading<'_>) -> Result<(), CtlError> {
        if printer.format() == Format::Ndjson {
            let PlanHeading { place: target, manager, .. } = *heading;
            printer.json(&Begin { kind: "Begin", format: FORMAT_VERSION, target, manager })?;
        }
        Ok(())
    }

    /// Takes a change; `place` is where its entry stands: file and line.
    ///
    /// # Errors
    /// When stdout cannot be written.
    pub(crate) fn change(
        &mut self,
        printer: &mut Printer<'_>,
        heading: &PlanHeading<'_>,
        change: &Change,
        place: Option<(&str, usize)>,
    ) -> Result<(), CtlError> {
        let Some(change) = redacted(change, self.redaction) else {
            self.reports.count(change, place);
            return Ok(());
        };
        self.reports.change(&change, place);
        match printer.format() {
            Format::Name => printer.line(plain(&change.key)),
            Format::Ndjson => printer.json(&Line { item: Item::from(&*change) }),
            Format::Json => {
                let item = to_raw_value(&Item::from(&*change));
                self.items.push(item.map_err(|error| CtlError::new(Exit::Bug, error.to_string()))?);
                Ok(())
            }
            _ if self.together => {
                self.keep(&change);
                Ok(())
            }
            _ => {
                self.head(printer, heading)?;
                print_change(printer, &change)
            }
        }
    }

    fn keep(&mut self, change: &Change) {
        let index = ORDER.iter().position(|operation| *operation == change.operation);
        let Some(shown) = index.and_then(|index| self.shown.get_mut(index)) else { return };
        if shown.changes.len() < self.most {
            shown.changes.push(change.clone());
            return;
        }
        shown.hidden += 1;
        for field in &change.fields {
            *shown.fields.entry(field.path.clone()).or_default() += 1;
        }
    }

    /// Prints the heading in front of the first change.
    fn head(&mut self, printer: &mut Printer<'_>, heading: &PlanHeading<'_>) -> Result<(), CtlError> {
        if self.begun {
            return Ok(());
        }
        self.begun = true;
        printer.line(format_args!(
            "{} ({}) against {} · {}\n",
            plain(heading.file),
            heading.size(),
            plain(heading.place.address()),
            program(heading.place)
        ))
    }

    /// Ends.
    ///
    /// # Errors
    /// When stdout or a report cannot be written.
    pub(crate) fn end(
        mut self,
        printer: &mut Printer<'_>,
        heading: &PlanHeading<'_>,
        end: &PlanEnd<'_>,
    ) -> Result<(), CtlError> {
        let PlanEnd { plan, counts, next } = *end;
        match printer.format() {
            Format::Json => {
                let PlanHeading { place: target, manager, .. } = *heading;
                let items = std::mem::take(&mut self.items);
                printer.document("Diff", &Diff { plan, target, manager, summary: counts, items })?;
            }
            Format::Ndjson => printer.json(&End { kind: "End", plan, summary: counts })?,
            Format::Name => {}
            _ if counts.is_clean() => {}
            _ => {
                self.head(printer, heading)?;
                self.print_shown(printer)?;
                printer.line(format_args!("\nPlan {plan}: {}", words(&counts, WOULD)))?;
            }
        }
        printer.flush()?;
        self.reports.write(printer, heading, end)?;
        mention_left(printer, &counts, heading.manager);
        if counts.is_clean() {
            printer.note(format_args!("no differences: {}", heading.agreement()));
        } else if counts.conflict > 0 {
            let verb = if counts.conflict == 1 { "blocks sync; resolve it" } else { "block sync; resolve them" };
            printer.note(format_args!(
                "{} {verb}, then diff again for a new plan id (or sync the rest: --on-conflict skip)",
                counted(counts.conflict, "conflict")
            ));
        } else {
            printer.note(format_args!("next: {next}"));
        }
        Ok(())
    }

    fn print_shown(&mut self, printer: &mut Printer<'_>) -> Result<(), CtlError> {
        for (operation, shown) in ORDER.iter().zip(&self.shown) {
            for change in &shown.changes {
                print_change(printer, change)?;
            }
            if shown.hidden > 0 {
                let mut fields: Vec<(&String, &u64)> = shown.fields.iter().collect();
                fields.sort_by_key(|(_, number)| std::cmp::Reverse(**number));
                let fields: Vec<String> = fields
                    .iter()
                    .take(5)
                    .map(|(path, number)| format!("{} {}", plain(path), count(**number)))
                    .collect();
                let fields = if fields.is_empty() { String::new() } else { format!(" ({})", fields.join(" · ")) };
                printer.line(format_args!(
                    "… {}{fields}; the full list: -o ndjson",
                    counted(shown.hidden, &format!("more {}", operation.word()))
                ))?;
            }
        }
        Ok(())
    }
}

/// The words for what would be done.
pub(crate) const WOULD: [&str; 4] = ["create", "update", "disable", "delete"];
/// The words for what was done.
pub(crate) const WAS: [&str; 4] = ["created", "updated", "disabled", "deleted"];

/// Returns `1 create, 2 update · 3 unchanged` in the words of `words`.
#[must_use]
pub(crate) fn words(counts: &Counts, [create, update, disable, delete]: [&str; 4]) -> String {
    let parts = [(counts.create, create), (counts.update, update), (counts.disable, disable), (counts.delete, delete)];
    let mut parts: Vec<String> = parts
        .into_iter()
        .filter(|(number, _)| *number > 0)
        .map(|(number, word)| format!("{} {word}", count(number)))
        .collect();
    if counts.conflict > 0 {
        parts.push(counted(counts.conflict, "conflict"));
    }
    let unchanged = format!("{} unchanged", count(counts.unchanged));
    if parts.is_empty() { unchanged } else { format!("{} · {unchanged}", parts.join(", ")) }
}

/// Mentions what the manager owns and the file does not name.
pub(crate) fn mention_left(printer: &mut Printer<'_>, counts: &Counts, manager: &str) {
    let left = counts.no_longer_in_file;
    if left > 0 {
        let (are, them) = if left == 1 { ("is", "it") } else { ("are", "them") };
        printer.note(format_args!(
            "{} {are} managed by {} but no longer in it; add --prune disable to act on {them}",
            count(left),
            plain(manager)
        ));
    }
}

/// Returns the program that answers: `barycenterd 0.1.0`, or `direct`.
fn program(place: &Place) -> String {
    if place.server.is_some() { format!("barycenterd {}", plain(&place.version)) } else { "direct".to_owned() }
}
