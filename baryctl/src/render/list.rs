//! Lists and single things in every format.
//!
//! A table is laid out by its first thousand rows; later rows stream with their widths, so that a list of a hundred
//! thousand users costs no more memory than one of a thousand.

use comfy_table::{ContentArrangement, Table, presets};
use console::measure_text_width;
use serde::Serialize;
use serde_json::Value;
use serde_json::value::{RawValue, to_raw_value};

use crate::cli::{Format, Redaction};
use crate::error::{CtlError, Exit};
use crate::render::{Printer, Row, count, counted, fields, plain};
use crate::target::answer::Page;

/// How many rows a table is laid out by, and the most that a terminal gets to see unasked.
pub(crate) const FIRST_ROWS: usize = 1000;

/// The room between columns.
const GAP: usize = 2;

/// A list that is being printed.
pub(crate) struct List<'p, 'io, R> {
    printer: &'p mut Printer<'io>,
    /// Rows that wait to be laid out, or to become one document.
    waiting: Vec<R>,
    widths: Option<Vec<usize>>,
    length: usize,
}

/// The JSON answer of a list.
#[derive(Serialize)]
struct Items<T> {
    items: Vec<T>,
}

impl<'p, 'io, R: Row> List<'p, 'io, R> {
    /// Begins a list.
    pub(crate) fn new(printer: &'p mut Printer<'io>) -> Self {
        Self { printer, waiting: Vec::new(), widths: None, length: 0 }
    }

    /// Adds one.
    ///
    /// # Errors
    /// When stdout cannot be written.
    pub(crate) fn push(&mut self, row: R) -> Result<(), CtlError> {
        self.length += 1;
        if self.printer.redaction() == Redaction::All {
            return Ok(());
        }
        match self.printer.format() {
            Format::Name => self.printer.line(plain(row.key())),
            Format::Value => self.printer.values(&row),
            Format::Ndjson => self.printer.single(&row),
            // Either all of a document or nothing: a reader must not mistake half of it for the whole.
            Format::Json => {
                self.waiting.push(row);
                Ok(())
            }
            Format::Table | Format::Wide => self.push_to_table(row),
        }
    }

    fn push_to_table(&mut self, row: R) -> Result<(), CtlError> {
        if let Some(widths) = &self.widths {
            let line = line(&self.printer.cells(&row)?, widths);
            return self.printer.line(line);
        }
        self.waiting.push(row);
        if self.waiting.len() == FIRST_ROWS { self.lay_out() } else { Ok(()) }
    }

    /// Prints the rows that have waited, and fixes the widths for those to come.
    fn lay_out(&mut self) -> Result<(), CtlError> {
        let Some(first) = self.waiting.first() else { return Ok(()) };
        let mut table = Table::new();
        table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Disabled).force_no_tty();
        table.set_header(self.printer.head(first)?);
        for row in std::mem::take(&mut self.waiting) {
            table.add_row(self.printer.cells(&row)?.iter().map(|cell| plain(cell)).collect::<Vec<_>>());
        }
        for column in table.column_iter_mut() {
            column.set_padding((0, u16::try_from(GAP).unwrap_or_default()));
        }
        let widths = table.column_max_content_widths().into_iter().map(usize::from).collect();
        for text in table.lines() {
            self.printer.line(text.trim_end())?;
        }
        self.widths = Some(widths);
        Ok(())
    }

    /// Ends the list.
    ///
    /// # Errors
    /// When stdout cannot be written.
    pub(crate) fn finish(mut self) -> Result<(), CtlError> {
        match self.printer.format() {
            Format::Json => {
                let items = self.waiting.iter().map(|row| self.printer.shown(row)).collect::<Result<_, _>>()?;
                self.printer.document(&format!("{}List", R::KIND), &Items { items })?;
            }
            Format::Table | Format::Wide => {
                if self.widths.is_none() {
                    self.lay_out()?;
                }
                self.printer.flush()?;
                self.printer.note(counted(self.length, R::NOUN));
            }
            Format::Ndjson | Format::Name | Format::Value => {}
        }
        Ok(())
    }
}

impl Printer<'_> {
    /// Returns the fields of a row that are wanted.
    fn wanted<R: Row>(&self, row: &R) -> Result<Vec<(String, Value)>, CtlError> {
        let all = fields::all(row, self.redaction())?;
        if !self.fields().is_empty() {
            return fields::chosen(&all, self.fields(), R::NOUN);
        }
        if self.format() == Format::Table {
            let columns: Vec<String> = R::COLUMNS.iter().map(|name| (*name).to_owned()).collect();
            return fields::chosen(&all, &columns, R::NOUN);
        }
        Ok(all)
    }

    /// Returns a row as JSON answers hold it: as it is, unless fields are chosen or masked.
    fn shown<R: Row>(&self, row: &R) -> Result<Box<RawValue>, CtlError> {
        let json = if self.fields().is_empty() && self.redaction() == Redaction::Secrets {
            to_raw_value(row)
        } else {
            to_raw_value(&fields::object(self.wanted(row)?))
        };
        json.map_err(|error| CtlError::new(Exit::Bug, error.to_string()))
    }

    /// Writes one row as a JSON answer of its own.
    fn single<R: Row>(&mut self, row: &R) -> Result<(), CtlError> {
        if self.fields().is_empty() && self.redaction() == Redaction::Secrets {
            return self.document(R::KIND, row);
        }
        let body = fields::object(self.wanted(row)?);
        self.document(R::KIND, &body)
    }

    /// Writes the chosen values of one row, and nothing else.
    fn values<R: Row>(&mut self, row: &R) -> Result<(), CtlError> {
        if self.fields().is_empty() {
            return Err(CtlError::usage("-o value needs to know which values").hint("--fields id,username"));
        }
        let values: Vec<String> = self.wanted(row)?.iter().map(|(_, value)| fields::bare(value)).collect();
        self.line(values.join("\t"))
    }

    fn head<R: Row>(&self, row: &R) -> Result<Vec<String>, CtlError> {
        if self.format() == Format::Table && self.fields().is_empty() {
            return Ok(R::HEAD.iter().map(|text| (*text).to_owned()).collect());
        }
        let upper = |(name, _): (String, Value)| name.to_uppercase().replace('_', " ");
        Ok(self.wanted(row)?.into_iter().map(upper).collect())
    }

    fn cells<R: Row>(&self, row: &R) -> Result<Vec<String>, CtlError> {
        if self.format() == Format::Table && self.fields().is_empty() && self.redaction() == Redaction::Secrets {
            return Ok(row.cells());
        }
        Ok(self.wanted(row)?.iter().map(|(_, value)| fields::cell(value)).collect())
    }
}

/// Returns cells as a line of a table that has been laid out.
fn line(cells: &[String], widths: &[usize]) -> String {
    let mut text = String::new();
    for (cell, width) in cells.iter().zip(widths) {
        let cell = plain(cell);
        let room = (width + GAP).saturating_sub(measure_text_width(&cell)).max(1);
        text.push_str(&cell);
        text.extend(std::iter::repeat_n(' ', room));
    }
    text.truncate(text.trim_end().len());
    text
}

/// Prints things that were asked for by name: one by itself, several as a list.
///
/// # Errors
/// When stdout cannot be written.
pub(crate) fn print_details<R: Row>(printer: &mut Printer<'_>, rows: &[R]) -> Result<(), CtlError> {
    let by_fields = !printer.fields().is_empty() || printer.redaction() != Redaction::Secrets;
    match (printer.format(), rows) {
        (Format::Json, [row]) => return printer.single(row),
        (Format::Json, rows) => {
            let items = rows.iter().map(|row| printer.shown(row)).collect::<Result<_, _>>()?;
            return printer.document(&format!("{}List", R::KIND), &Items { items });
        }
        _ => {}
    }
    for (index, row) in rows.iter().enumerate() {
        match printer.format() {
            Format::Name => printer.line(plain(row.key()))?,
            Format::Value => printer.values(row)?,
            Format::Ndjson => printer.single(row)?,
            Format::Table | Format::Wide | Format::Json => {
                if index > 0 {
                    printer.line("")?;
                }
                let details = if by_fields {
                    let label = |(name, value): (String, Value)| (name, fields::cell(&value));
                    fields_of_details(printer, row)?.into_iter().map(label).collect()
                } else {
                    row.details()
                };
                let width = details.iter().map(|(label, _)| measure_text_width(label)).max().unwrap_or_default();
                for (label, value) in details {
                    let line = line(&[label, value], &[width, 0]);
                    printer.line(line)?;
                }
            }
        }
    }
    Ok(())
}

/// Everything about a row, or what was chosen of it.
fn fields_of_details<R: Row>(printer: &Printer<'_>, row: &R) -> Result<Vec<(String, Value)>, CtlError> {
    let all = fields::all(row, printer.redaction())?;
    if printer.fields().is_empty() { Ok(all) } else { fields::chosen(&all, printer.fields(), R::NOUN) }
}

/// Prints everything that `page` gives, as much of it as is wanted: `limit`, where 0 means all and nothing means all
/// but in a table on a terminal.
///
/// # Errors
/// Those of `page`, and when stdout cannot be written.
pub(crate) fn print_pages<R: Row>(
    printer: &mut Printer<'_>,
    limit: Option<u64>,
    mut page: impl FnMut(Option<String>) -> Result<Page<R>, CtlError>,
) -> Result<(), CtlError> {
    let unasked = limit.is_none() && printer.is_terminal() && matches!(printer.format(), Format::Table | Format::Wide);
    let most = match limit {
        None if unasked => FIRST_ROWS,
        None | Some(0) => usize::MAX,
        Some(limit) => usize::try_from(limit).unwrap_or(usize::MAX),
    };
    let mut list = List::new(printer);
    let mut after = None;
    let mut cut = false;
    'pages: loop {
        let Page { nodes, next } = page(after)?;
        for row in nodes {
            if list.length == most {
                cut = true;
                break 'pages;
            }
            list.push(row)?;
        }
        if next.is_none() {
            break;
        }
        after = next;
    }
    list.finish()?;
    if cut && unasked {
        printer.note(format_args!("these are the first {}; the rest: --limit 0, or --search", count(most)));
    }
    Ok(())
}

/// Prints what was found under `names`.
///
/// # Errors
/// Exit code 5 when something was not found; what was found is printed first.
pub(crate) fn print_found<R: Row>(
    printer: &mut Printer<'_>,
    names: &[String],
    found: Vec<Option<R>>,
) -> Result<Exit, CtlError> {
    let absent: Vec<&str> =
        names.iter().zip(&found).filter(|(_, one)| one.is_none()).map(|(name, _)| name.as_str()).collect();
    let present: Vec<R> = found.into_iter().flatten().collect();
    // A document that lacks something must not look complete.
    if absent.is_empty() || (!present.is_empty() && printer.format() != Format::Json) {
        print_details(printer, &present)?;
    }
    if absent.is_empty() { Ok(Exit::Ok) } else { Err(missing(R::NOUN, &absent)) }
}

/// Returns the error of names that do not exist.
#[must_use]
pub(crate) fn missing(noun: &str, names: &[&str]) -> CtlError {
    let quoted: Vec<String> = names.iter().map(|name| format!("{name:?}")).collect();
    // A run has no noun of its own on the command line.
    let list = if noun == "run" { "jobs".to_owned() } else { format!("{noun}s") };
    CtlError::new(Exit::NotFound, format!("there is no {noun} {}", quoted.join(", ")))
        .hint(format!("see all: baryctl {list} list"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::target::answer::{SigningKey, User};
    use crate::test::{Console, settings};

    fn user(number: usize) -> User {
        User {
            id: format!("0190-{number}"),
            username: format!("user{number}"),
            email: number.is_multiple_of(2).then(|| format!("user{number}@example.com")),
            email_verified: true,
            external_id: None,
            enabled: number != 1,
            protected: false,
            groups: vec!["ops".to_owned()],
            properties: serde_json::json!({ "role": "member" }),
            manager: Some("users.json".to_owned()),
            has_password: true,
            created_at: "2026-11-23T11:00:00Z".to_owned(),
            updated_at: "2026-11-23T11:00:00Z".to_owned(),
            last_login_at: None,
        }
    }

    fn listed(format: Format, length: usize) -> Console {
        let mut console = Console::default();
        let mut printer = console.printer();
        printer.configure(&settings(format));
        let mut nodes = Some((0..length).map(user).collect());
        print_pages(&mut printer, None, |_| Ok(Page { nodes: nodes.take().unwrap_or_default(), next: None })).unwrap();
        console
    }

    #[test]
    fn a_table_of_users() {
        let console = listed(Format::Table, 3);
        insta::assert_snapshot!(console.stdout(), @r"
        USERNAME  EMAIL              ENABLED  LAST LOGIN  MANAGED BY
        user0     user0@example.com  yes      –           users.json
        user1     –                  no       –           users.json
        user2     user2@example.com  yes      –           users.json
        ");
        assert_eq!(console.stderr(), "3 users\n");
    }

    #[test]
    fn a_long_table_keeps_its_columns() {
        let console = listed(Format::Table, FIRST_ROWS + 5);
        let stdout = console.stdout();
        let lines: Vec<&str> = stdout.lines().collect();
        assert_eq!(lines.len(), FIRST_ROWS + 6);
        let column = |line: &str| line.find("users.json");
        // Both with an address: bytes count as columns.
        assert_eq!(column(lines[FIRST_ROWS - 1]), column(lines[FIRST_ROWS + 1]));
    }

    #[test]
    fn other_formats_of_a_list() {
        insta::assert_snapshot!(listed(Format::Json, 1).stdout(), @r#"{"format":"1.0","kind":"UserList","items":[{"id":"0190-0","username":"user0","external_id":null,"email":"user0@example.com","email_verified":true,"enabled":true,"protected":false,"groups":["ops"],"properties":{"role":"member"},"manager":"users.json","has_password":true,"created_at":"2026-11-23T11:00:00Z","updated_at":"2026-11-23T11:00:00Z","last_login_at":null}]}"#);
        assert_eq!(listed(Format::Json, 0).stdout(), "{\"format\":\"1.0\",\"kind\":\"UserList\",\"items\":[]}\n");
        assert_eq!(listed(Format::Name, 2).stdout(), "user0\nuser1\n");
        assert_eq!(listed(Format::Ndjson, 2).stdout().lines().count(), 2);
    }

    #[test]
    fn a_user_by_itself() {
        let mut console = Console::default();
        print_details(&mut console.printer(), &[user(1)]).unwrap();
        insta::assert_snapshot!(console.stdout(), @r"
        username         user1
        id               0190-1
        email            –
        email verified   yes
        enabled          no
        protected        no
        groups           ops
        external id      –
        password         set
        managed by       users.json
        created          2026-11-23 11:00Z
        changed          2026-11-23 11:00Z
        last login       –
        properties.role  member
        ");
    }

    #[test]
    fn what_is_missing_is_named() {
        let mut console = Console::default();
        let names = ["user1".to_owned(), "nobody".to_owned()];
        let error = print_found(&mut console.printer(), &names, vec![Some(user(1)), None]).unwrap_err();
        assert_eq!((error.exit, error.message.as_str()), (Exit::NotFound, "there is no user \"nobody\""));
        assert!(console.stdout().contains("user1"));
    }

    fn keys() -> Vec<SigningKey> {
        let time = |text: &str| Some(format!("2026-{text}:00Z"));
        let key = |kid: &str, algorithm: &str, state: &str, created_at: &str| SigningKey {
            kid: kid.to_owned(),
            algorithm: algorithm.to_owned(),
            state: state.to_owned(),
            created_at: format!("2026-{created_at}:00Z"),
            ..SigningKey::default()
        };
        vec![
            SigningKey {
                signs_until: time("05-20T10:00"),
                verifies_until: time("05-27T10:00"),
                retired_at: time("05-27T10:00"),
                ..key("2025-11a", "RS256", "retired", "02-01T10:00")
            },
            SigningKey {
                activated_at: time("05-20T10:00"),
                signs_until: time("11-24T09:05"),
                verifies_until: time("12-01T09:05"),
                ..key("2026-05a", "RS256", "active", "05-19T10:00")
            },
            key("2026-05b", "EdDSA", "active", "05-20T10:00"),
            SigningKey { activates_at: time("11-24T09:05"), ..key("2026-11a", "RS256", "pending", "11-23T09:00") },
        ]
    }

    #[test]
    fn a_table_of_signing_keys() {
        let mut console = Console::default();
        let mut printer = console.printer();
        printer.configure(&settings(Format::Table));
        print_pages(&mut printer, None, |_| Ok(Page { nodes: keys(), next: None })).unwrap();
        insta::assert_snapshot!(console.stdout(), @"");
        let mut console = Console::default();
        print_details(&mut console.printer(), &keys()[1..2]).unwrap();
        insta::assert_snapshot!(console.stdout(), @"");
    }
}
