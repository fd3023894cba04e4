//! A comparison as people and programs see it: `+` create, `~` update, `!` conflict.
//!
//! Users that agree and fields that are not mentioned are never listed. A secret is an object in JSON and a remark in
//! text, so that nobody can mistake a mask for a value.

use barycenter_core::model::UserId;
use barycenter_core::reconcile::{Change, Comparison, ConflictReason, FieldChange, Operation};
use console::{Style, measure_text_width};
use serde::Serialize;
use serde_json::Value;

use crate::cli::Format;
use crate::error::CtlError;
use crate::render::{FORMAT_VERSION, Printer, count, counted, plain};
use crate::target::answer::Place;

/// How many changes of each kind a terminal gets to see.
const MOST_ON_TERMINAL: usize = 50;

/// The column of the word that says what happens.
const WORD_COLUMN: usize = 70;

/// What was compared with what.
pub(crate) struct Heading<'a> {
    /// The file, as the command line names it.
    pub(crate) file: &'a str,
    /// How many users it holds.
    pub(crate) users: usize,
    /// The file's name for itself.
    pub(crate) manager: &'a str,
    /// Where it was compared.
    pub(crate) place: &'a Place,
}

/// How many users something happens to.
#[derive(Debug, Clone, Copy, Serialize)]
pub(crate) struct Summary {
    create: usize,
    update: usize,
    conflict: usize,
    unchanged: usize,
    no_longer_in_file: u64,
}

impl Summary {
    /// Counts.
    #[must_use]
    pub(crate) fn of(comparison: &Comparison) -> Self {
        Self {
            create: comparison.count(Operation::Create),
            update: comparison.count(Operation::Update),
            conflict: comparison.count(Operation::Conflict),
            unchanged: comparison.unchanged,
            no_longer_in_file: comparison.no_longer_in_file,
        }
    }

    /// Returns `1 create, 2 updates · 3 unchanged` in the words of `words`: create, update.
    #[must_use]
    pub(crate) fn words(&self, [create, update]: [&str; 2]) -> String {
        let mut parts = Vec::new();
        for (number, word) in [(self.create, create), (self.update, update)] {
            if number > 0 {
                parts.push(format!("{} {word}", count(number)));
            }
        }
        if self.conflict > 0 {
            parts.push(counted(self.conflict, "conflict"));
        }
        parts.push(format!("{} unchanged", count(self.unchanged)));
        parts.join(", ")
    }
}

/// The word and the sign of what happens to a user.
const fn word(operation: Operation) -> (&'static str, char) {
    match operation {
        Operation::Create => ("create", '+'),
        Operation::Update => ("update", '~'),
        Operation::Conflict => ("conflict", '!'),
        Operation::Unchanged => ("unchanged", ' '),
    }
}

fn style(operation: Operation) -> Style {
    match operation {
        Operation::Create => Style::new().green(),
        Operation::Update => Style::new().yellow(),
        Operation::Conflict => Style::new().magenta(),
        Operation::Unchanged => Style::new(),
    }
}

/// Prints a comparison that found something.
///
/// # Errors
/// When stdout cannot be written.
pub(crate) fn print_plan(
    printer: &mut Printer<'_>,
    heading: &Heading<'_>,
    comparison: &Comparison,
) -> Result<(), CtlError> {
    match printer.format() {
        Format::Table => print_text(printer, heading, comparison),
        Format::Name => comparison.changes.iter().try_for_each(|change| printer.line(plain(&change.key))),
        Format::Json => {
            let items = comparison.changes.iter().map(Item::from).collect();
            let body =
                Diff { target: heading.place, manager: heading.manager, summary: Summary::of(comparison), items };
            printer.document("Diff", &body)
        }
        Format::Ndjson => {
            printer.json(&Begin::of(heading))?;
            for change in &comparison.changes {
                printer.json(&Item::from(change))?;
            }
            printer.json(&End {
                kind: "End",
                status: None,
                exit: None,
                summary: Some(Summary::of(comparison)),
                took_ms: None,
            })
        }
    }
}

/// A comparison in JSON.
#[derive(Serialize)]
struct Diff<'a> {
    target: &'a Place,
    manager: &'a str,
    summary: Summary,
    items: Vec<Item<'a>>,
}

/// The first line of a stream.
#[derive(Serialize)]
pub(crate) struct Begin<'a> {
    kind: &'static str,
    format: &'static str,
    target: &'a Place,
    manager: &'a str,
}

impl<'a> Begin<'a> {
    /// Returns the first line about what is compared.
    pub(crate) fn of(heading: &Heading<'a>) -> Self {
        Self { kind: "Begin", format: FORMAT_VERSION, target: heading.place, manager: heading.manager }
    }
}

/// The last line of a stream: without it, the stream is not complete.
#[derive(Serialize)]
pub(crate) struct End<S> {
    /// Always `End`.
    pub(crate) kind: &'static str,
    /// Whether it went well.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) status: Option<&'static str>,
    /// The exit code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) exit: Option<u8>,
    /// How many users something happened to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) summary: Option<S>,
    /// How long it took.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) took_ms: Option<u64>,
}

/// A change as JSON answers hold it.
#[derive(Serialize)]
pub(crate) struct Item<'a> {
    op: Operation,
    kind: &'static str,
    key: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<&'a UserId>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    fields: &'a [FieldChange],
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<ConflictReason>,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    hint: Option<&'a str>,
}

impl<'a> From<&'a Change> for Item<'a> {
    fn from(change: &'a Change) -> Self {
        Self {
            op: change.operation,
            kind: "User",
            key: &change.key,
            id: change.id.as_ref(),
            fields: &change.fields,
            reason: change.conflict,
            message: change.message.as_deref(),
            hint: change.hint.as_deref(),
        }
    }
}

fn print_text(printer: &mut Printer<'_>, heading: &Heading<'_>, comparison: &Comparison) -> Result<(), CtlError> {
    let Heading { file, users, place, .. } = heading;
    printer.line(format_args!(
        "{} ({}) against {} · {}",
        plain(file),
        counted(*users, "user"),
        plain(place.address()),
        program(place)
    ))?;
    printer.line("")?;
    let most = if printer.is_terminal() { MOST_ON_TERMINAL } else { usize::MAX };
    for operation in [Operation::Create, Operation::Update, Operation::Conflict] {
        let of_this_kind = comparison.changes.iter().filter(|change| change.operation == operation);
        for change in of_this_kind.take(most) {
            print_change(printer, change)?;
        }
        let hidden = comparison.count(operation).saturating_sub(most);
        if hidden > 0 {
            printer.line(format_args!(
                "… {} more to {}; the full list: -o ndjson",
                count(hidden),
                word(operation).0
            ))?;
        }
    }
    printer.line("")?;
    printer.line(format_args!("Plan: {}", Summary::of(comparison).words(["create", "update"])))
}

/// Returns the program that answers: `barycenterd 0.1.0`, or `direct`.
fn program(place: &Place) -> String {
    if place.server.is_some() { format!("barycenterd {}", plain(&place.version)) } else { "direct".to_owned() }
}

fn print_change(printer: &mut Printer<'_>, change: &Change) -> Result<(), CtlError> {
    let (word, sign) = word(change.operation);
    let name = plain(&change.key);
    let room = WORD_COLUMN.saturating_sub(2 + measure_text_width(&name)).max(2);
    let head = printer.paint(&style(change.operation), &format!("{sign} {name}"));
    printer.line(format_args!("{head}{:room$}{word}", ""))?;
    let width = change.fields.iter().map(|field| measure_text_width(&plain(&field.path))).max().unwrap_or_default();
    for field in &change.fields {
        let path = plain(&field.path);
        let room = width - measure_text_width(&path).min(width);
        printer.line(format_args!("    {path}{:room$}  {}", "", sides(field, change.operation)))?;
    }
    if let Some(message) = &change.message {
        printer.line(format_args!("    {}", plain(message)))?;
    }
    if let Some(hint) = &change.hint {
        printer.line(format_args!("    fix: {}", plain(hint)))?;
    }
    Ok(())
}

/// Returns what a field changes from and to.
fn sides(field: &FieldChange, operation: Operation) -> String {
    let is_secret =
        |side: &Option<Value>| side.as_ref().is_some_and(|value| value.get("secret") == Some(&Value::Bool(true)));
    match (is_secret(&field.before), is_secret(&field.after)) {
        (true, true) => return "(secret, changed)".to_owned(),
        (false, true) => return "(secret, set)".to_owned(),
        (true, false) => return "(secret, removed)".to_owned(),
        (false, false) => {}
    }
    let before = field.before.as_ref().map(shown);
    let after = field.after.as_ref().map(shown);
    match (before, after) {
        (Some(before), Some(after)) => format!("{before} → {after}"),
        (Some(before), None) => format!("{before} → (removed)"),
        (None, Some(after)) if operation == Operation::Create => after,
        (None, Some(after)) => format!("(none) → {after}"),
        (None, None) => "(none)".to_owned(),
    }
}

/// Returns a value as people write it; a text that could be mistaken for something else keeps its quotes.
fn shown(value: &Value) -> String {
    match value {
        Value::Bool(true) => "yes".to_owned(),
        Value::Bool(false) => "no".to_owned(),
        Value::String(text) => {
            let mistakable = text.is_empty()
                || text.trim() != text
                || matches!(text.as_str(), "yes" | "no")
                || text.starts_with(['"', '('])
                || serde_json::from_str::<Value>(text).is_ok();
            plain(&if mistakable { value.to_string() } else { text.clone() })
        }
        other => plain(&other.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use barycenter_core::reconcile::Basis;
    use serde_json::json;

    use super::*;
    use crate::test::{Console, settings};

    fn field(path: &str, before: Option<Value>, after: Option<Value>) -> FieldChange {
        FieldChange { path: path.to_owned(), before, after }
    }

    fn change(operation: Operation, key: &str, fields: Vec<FieldChange>) -> Change {
        Change {
            operation,
            key: key.to_owned(),
            id: (operation != Operation::Create).then(|| UserId::new("0190-1")),
            fields,
            conflict: None,
            message: None,
            hint: None,
            basis: Basis::new("absent"),
            owned: false,
        }
    }

    fn comparison() -> Comparison {
        let secret = || Some(json!({ "secret": true }));
        let mut carol = change(Operation::Conflict, "carol", Vec::new());
        carol.conflict = Some(ConflictReason::SelfRegistered);
        carol.message = Some("registered herself; not managed by this file".to_owned());
        carol.hint = Some("--adopt carol".to_owned());
        Comparison {
            changes: vec![
                change(
                    Operation::Create,
                    "alice",
                    vec![
                        field("email", None, Some(json!("alice@example.com"))),
                        field("properties.role", None, Some(json!("member"))),
                        field("password", None, secret()),
                    ],
                ),
                change(
                    Operation::Update,
                    "admin\u{1b}[2J",
                    vec![
                        field("email", Some(json!("root@example.com")), Some(json!("admin@example.com"))),
                        field("email_verified", Some(json!(true)), Some(json!(false))),
                        field("properties.dept", Some(json!("ops")), None),
                        field("properties.level", None, Some(json!("7"))),
                        field("password", secret(), secret()),
                    ],
                ),
                carol,
            ],
            unchanged: 9847,
            no_longer_in_file: 0,
        }
    }

    fn printed(format: Format) -> String {
        let place =
            Place { server: Some("http://127.0.0.1:8081".to_owned()), database: None, version: "0.1.0".to_owned() };
        let heading = Heading { file: "users.json", users: 9850, manager: "users.json", place: &place };
        let mut console = Console::default();
        let mut printer = console.printer();
        printer.configure(&settings(format));
        print_plan(&mut printer, &heading, &comparison()).unwrap();
        console.stdout()
    }

    #[test]
    fn a_plan_for_people() {
        insta::assert_snapshot!(printed(Format::Table), @r#"
        users.json (9,850 users) against http://127.0.0.1:8081 · barycenterd 0.1.0

        + alice                                                               create
            email            alice@example.com
            properties.role  member
            password         (secret, set)
        ~ admin\u{1b}[2J                                                      update
            email             root@example.com → admin@example.com
            email_verified    yes → no
            properties.dept   ops → (removed)
            properties.level  (none) → "7"
            password          (secret, changed)
        ! carol                                                               conflict
            registered herself; not managed by this file
            fix: --adopt carol

        Plan: 1 create, 1 update, 1 conflict, 9,847 unchanged
        "#);
    }

    #[test]
    fn a_plan_for_programs() {
        insta::assert_snapshot!(printed(Format::Json), @r#"{"format":"1.0","kind":"Diff","target":{"server":"http://127.0.0.1:8081","version":"0.1.0"},"manager":"users.json","summary":{"create":1,"update":1,"conflict":1,"unchanged":9847,"no_longer_in_file":0},"items":[{"op":"create","kind":"User","key":"alice","fields":[{"path":"email","after":"alice@example.com"},{"path":"properties.role","after":"member"},{"path":"password","after":{"secret":true}}]},{"op":"update","kind":"User","key":"admin\u001b[2J","id":"0190-1","fields":[{"path":"email","before":"root@example.com","after":"admin@example.com"},{"path":"email_verified","before":true,"after":false},{"path":"properties.dept","before":"ops"},{"path":"properties.level","after":"7"},{"path":"password","before":{"secret":true},"after":{"secret":true}}]},{"op":"conflict","kind":"User","key":"carol","id":"0190-1","reason":"self_registered","message":"registered herself; not managed by this file","hint":"--adopt carol"}]}"#);
        insta::assert_snapshot!(printed(Format::Ndjson), @r#"
        {"kind":"Begin","format":"1.0","target":{"server":"http://127.0.0.1:8081","version":"0.1.0"},"manager":"users.json"}
        {"op":"create","kind":"User","key":"alice","fields":[{"path":"email","after":"alice@example.com"},{"path":"properties.role","after":"member"},{"path":"password","after":{"secret":true}}]}
        {"op":"update","kind":"User","key":"admin\u001b[2J","id":"0190-1","fields":[{"path":"email","before":"root@example.com","after":"admin@example.com"},{"path":"email_verified","before":true,"after":false},{"path":"properties.dept","before":"ops"},{"path":"properties.level","after":"7"},{"path":"password","before":{"secret":true},"after":{"secret":true}}]}
        {"op":"conflict","kind":"User","key":"carol","id":"0190-1","reason":"self_registered","message":"registered herself; not managed by this file","hint":"--adopt carol"}
        {"kind":"End","summary":{"create":1,"update":1,"conflict":1,"unchanged":9847,"no_longer_in_file":0}}
        "#);
        assert_eq!(printed(Format::Name), "alice\nadmin\\u{1b}[2J\ncarol\n");
    }
}
