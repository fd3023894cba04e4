//! Reports of a comparison for pipelines: annotations on GitHub, JUnit XML, Markdown. Small, and only when asked for.
//!
//! Annotations go to stderr, so that stdout stays the answer. GitHub shows at most ten of a kind: there is one for
//! each kind of change, at the place of its first.

use std::fs::{self, OpenOptions};
use std::io::Write as _;
use std::path::Path;

use barycenter_core::reconcile::{Change, Counts, Kind, Operation};
use quick_junit::{NonSuccessKind, Report as JunitReport, TestCase, TestCaseStatus, TestSuite};

use crate::cli::ReportChoice;
use crate::error::{CtlError, Exit};
use crate::render::change::{sides, sign};
use crate::render::plan_view::{PlanEnd, PlanHeading, WOULD, words};
use crate::render::{Printer, count, counted, plain};

/// How many changes a Markdown table lists: a comment has an end, and so has GitHub's summary.
const MOST_ROWS: usize = 200;

/// The reports that were asked for.
pub(crate) struct Reports {
    wanted: Vec<ReportChoice>,
    /// Where GitHub wants its summary.
    summary_file: Option<String>,
    /// The first place of each operation.
    first: Vec<(Operation, String, usize)>,
    rows: Vec<Row>,
    left_out: u64,
    cases: Vec<TestCase>,
}

/// One line of a table.
struct Row {
    sign: char,
    key: String,
    operation: Operation,
    fields: String,
}

impl Reports {
    /// Returns the reports; `summary_file` is what `GITHUB_STEP_SUMMARY` names.
    pub(crate) fn new(wanted: &[ReportChoice], summary_file: Option<&str>) -> Self {
        Self {
            wanted: wanted.to_vec(),
            summary_file: summary_file.map(str::to_owned),
            first: Vec::new(),
            rows: Vec::new(),
            left_out: 0,
            cases: Vec::new(),
        }
    }

    /// Takes a change of which nothing but its number may be told.
    pub(crate) fn count(&mut self, change: &Change, place: Option<(&str, usize)>) {
        self.remember(change.operation, place);
        self.left_out += 1;
    }

    /// Takes a change.
    pub(crate) fn change(&mut self, change: &Change, place: Option<(&str, usize)>) {
        if self.wanted.is_empty() {
            return;
        }
        self.remember(change.operation, place);
        let names: Vec<&str> = change.fields.iter().map(|field| field.path.as_str()).collect();
        let fields = match &change.message {
            Some(message) if names.is_empty() => message.clone(),
            _ => names.join(", "),
        };
        if self.wanted.iter().any(|report| matches!(report, ReportChoice::Junit(_))) {
            self.cases.push(case(change, &fields));
        }
        if self.rows.len() < MOST_ROWS {
            self.rows.push(Row {
                sign: sign(change.operation),
                key: change.key.clone(),
                operation: change.operation,
                fields,
            });
        } else {
            self.left_out += 1;
        }
    }

    fn remember(&mut self, operation: Operation, place: Option<(&str, usize)>) {
        if !self.first.iter().any(|(known, ..)| *known == operation) {
            let (file, line) = place.unwrap_or(("", 0));
            self.first.push((operation, file.to_owned(), line));
        }
    }

    /// Writes the reports.
    ///
    /// # Errors
    /// When one cannot be written.
    pub(crate) fn write(
        &mut self,
        printer: &mut Printer<'_>,
        heading: &PlanHeading<'_>,
        end: &PlanEnd<'_>,
    ) -> Result<(), CtlError> {
        for report in std::mem::take(&mut self.wanted) {
            match report {
                ReportChoice::Github => self.write_github(printer, heading, end)?,
                ReportChoice::Markdown(file) => write(&file, self.markdown(heading, end).as_bytes())?,
                ReportChoice::Junit(file) => {
                    let xml = self.junit(end).to_string().map_err(|error| unwritable(&file, &error.to_string()))?;
                    write(&file, xml.as_bytes())?;
                }
            }
        }
        Ok(())
    }

    fn write_github(
        &self,
        printer: &mut Printer<'_>,
        heading: &PlanHeading<'_>,
        end: &PlanEnd<'_>,
    ) -> Result<(), CtlError> {
        for (operation, file, line) in &self.first {
            let level = if *operation == Operation::Conflict { "error" } else { "warning" };
            let place = if *line == 0 { String::new() } else { format!("file={},line={line},", property(file)) };
            let number = end.counts.of(*operation);
            let text = format!(
                "{} {} in {} against {} (plan {})",
                count(number),
                operation.word(),
                heading.file,
                heading.place.address(),
                end.plan
            );
            printer.remark(format_args!("::{level} {place}title=baryctl diff::{}", data(&text)));
        }
        let Some(file) = &self.summary_file else { return Ok(()) };
        let opened = OpenOptions::new().append(true).create(true).open(file);
        opened
            .and_then(|mut summary| summary.write_all(self.markdown(heading, end).as_bytes()))
            .map_err(|error| unwritable(Path::new(file), &error.to_string()))
    }

    fn markdown(&self, heading: &PlanHeading<'_>, end: &PlanEnd<'_>) -> String {
        let mut text =
            format!("### baryctl diff: {} against {}\n\n", cell(heading.file), cell(heading.place.address()));
        if end.counts.is_clean() {
            text.push_str(&format!("No differences: {}.\n", cell(&heading.agreement())));
            return text;
        }
        text.push_str(&format!("Plan `{}`: {}\n\n", end.plan, words(&end.counts, WOULD)));
        if !self.rows.is_empty() {
            text.push_str("| | name | what | fields |\n|---|---|---|---|\n");
        }
        for Row { sign, key, operation, fields } in &self.rows {
            text.push_str(&format!("| `{sign}` | {} | {} | {} |\n", cell(key), operation.word(), cell(fields)));
        }
        if self.left_out > 0 {
            text.push_str(&format!("\nand {}\n", counted(self.left_out, "more change")));
        }
        text
    }

    fn junit(&mut self, end: &PlanEnd<'_>) -> JunitReport {
        let mut suite = TestSuite::new("baryctl diff");
        let Counts { unchanged, .. } = end.counts;
        let mut same = TestCase::new(format!("{} unchanged", count(unchanged)), TestCaseStatus::success());
        same.set_classname("unchanged");
        suite.add_test_case(same);
        suite.add_test_cases(std::mem::take(&mut self.cases));
        for (operation, ..) in self.first.iter().filter(|_| self.rows.is_empty()) {
            let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
            status.set_type(operation.word());
            suite.add_test_case(TestCase::new(
                format!("{} {}", count(end.counts.of(*operation)), operation.word()),
                status,
            ));
        }
        let mut report = JunitReport::new("baryctl diff");
        report.add_test_suite(suite);
        report
    }
}

/// One change as a failed case.
fn case(change: &Change, fields: &str) -> TestCase {
    let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
    let lines: Vec<String> =
        change.fields.iter().map(|field| format!("{}: {}", field.path, sides(field, change.operation))).collect();
    status.set_type(change.operation.word()).set_message(fields).set_description(lines.join("\n"));
    let mut case = TestCase::new(plain(&change.key), status);
    case.set_classname(match change.kind {
        Kind::User => "users",
        Kind::Client => "clients",
    });
    case
}

fn write(file: &Path, bytes: &[u8]) -> Result<(), CtlError> {
    fs::write(file, bytes).map_err(|error| unwritable(file, &error.to_string()))
}

fn unwritable(file: &Path, why: &str) -> CtlError {
    CtlError::new(Exit::Failed, format!("the report {} cannot be written: {why}", file.display()))
}

/// A text behind `::` of a workflow command.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// A value of a workflow command.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

/// A text inside a Markdown table.
fn cell(text: &str) -> String {
    let mut cell = String::with_capacity(text.len());
    for character in plain(text).chars() {
        match character {
            '|' | '`' | '*' | '_' | '[' | ']' | '\\' => cell.extend(['\\', character]),
            '<' => cell.push_str("&lt;"),
            '&' => cell.push_str("&amp;"),
            other => cell.push(other),
        }
    }
    cell
}
