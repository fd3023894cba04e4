//! One change as people and programs see it: `+` create, `~` update, `-` disable or delete, `!` conflict.
//!
//! Fields that are not mentioned are never listed. A secret is an object in JSON and a remark in text, so that nobody
//! can mistake a mask for a value.

use barycenter_core::reconcile::{Change, ConflictReason, Drift, Effects, FieldChange, Kind, Operation};
use console::{Style, measure_text_width};
use serde::Serialize;
use serde_json::Value;

use crate::error::CtlError;
use crate::render::{Printer, counted, plain};

/// The column of the word that says what happens.
const WORD_COLUMN: usize = 70;

/// A change as JSON answers hold it.
#[derive(Serialize)]
pub(crate) struct Item<'a> {
    op: Operation,
    kind: Kind,
    key: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<&'a str>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    fields: &'a [FieldChange],
    #[serde(skip_serializing_if = "Option::is_none")]
    drift: Option<Drift>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    hint: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    effects: Option<Effects>,
}

impl<'a> From<&'a Change> for Item<'a> {
    fn from(change: &'a Change) -> Self {
        let pruned = change.operation.is_prune();
        Self {
            op: change.operation,
            kind: change.kind,
            key: &change.key,
            id: change.id.as_deref(),
            fields: &change.fields,
            drift: change.drift,
            reason: if pruned { Some("not_in_file") } else { change.conflict.map(reason) },
            message: change.message.as_deref(),
            hint: change.hint.as_deref(),
            effects: pruned.then_some(change.effects),
        }
    }
}

/// The reason of a conflict in JSON answers.
const fn reason(reason: ConflictReason) -> &'static str {
    match reason {
        ConflictReason::Unmanaged => "unmanaged",
        ConflictReason::SelfRegistered => "self_registered",
        ConflictReason::OtherManager => "other_manager",
        ConflictReason::Exists => "exists",
        ConflictReason::EmailTaken => "email_taken",
        ConflictReason::UsernameTaken => "username_taken",
        ConflictReason::SecretMissing => "secret_missing",
        ConflictReason::LastAdministrator => "last_administrator",
        ConflictReason::Invalid => "invalid",
        ConflictReason::ChangedMeanwhile => "changed_meanwhile",
    }
}

/// Returns the sign in front of a change.
pub(crate) const fn sign(operation: Operation) -> char {
    match operation {
        Operation::Create => '+',
        Operation::Update => '~',
        Operation::Disable | Operation::Delete => '-',
        Operation::Conflict => '!',
        Operation::Unchanged => ' ',
    }
}

fn style(operation: Operation) -> Style {
    match operation {
        Operation::Create => Style::new().green(),
        Operation::Update => Style::new().yellow(),
        Operation::Disable | Operation::Delete => Style::new().red(),
        Operation::Conflict => Style::new().magenta(),
        Operation::Unchanged => Style::new(),
    }
}

/// Prints a change for people.
///
/// # Errors
/// When stdout cannot be written.
pub(crate) fn print_change(printer: &mut Printer<'_>, change: &Change) -> Result<(), CtlError> {
    let name = match change.kind {
        Kind::User => plain(&change.key),
        Kind::Client => format!("client {}", plain(&change.key)),
    };
    let room = WORD_COLUMN.saturating_sub(2 + measure_text_width(&name)).max(2);
    let head = printer.paint(&style(change.operation), &format!("{} {name}", sign(change.operation)));
    let moved = match change.drift {
        None => "",
        Some(Drift::File) => " · the file changed",
        Some(Drift::Live) => " · changed live",
        Some(Drift::Both) => " · the file changed, and live",
    };
    let moved = printer.paint(&Style::new().dim(), moved);
    printer.line(format_args!("{head}{:room$}{}{moved}", "", change.operation.word()))?;
    let width = change.fields.iter().map(|field| measure_text_width(&plain(&field.path))).max().unwrap_or_default();
    for field in &change.fields {
        let path = plain(&field.path);
        let room = width - measure_text_width(&path).min(width);
        printer.line(format_args!("    {path}{:room$}  {}", "", sides(field, change.operation)))?;
    }
    let ending = match change.effects.sessions {
        0 => None,
        1 => Some("1 session ends".to_owned()),
        many => Some(format!("{} end", counted(many, "session"))),
    };
    let said: Vec<String> = change.message.as_deref().map(plain).into_iter().chain(ending).collect();
    if !said.is_empty() {
        printer.line(format_args!("    {}", said.join(" · ")))?;
    }
    if let Some(hint) = &change.hint {
        printer.line(format_args!("    fix: {}", plain(hint)))?;
    }
    Ok(())
}

/// Returns what a field changes from and to.
pub(crate) fn sides(field: &FieldChange, operation: Operation) -> String {
    let secret = |side: &Option<Value>| {
        side.as_ref().and_then(Value::as_object).filter(|side| side.get("secret") == Some(&Value::Bool(true))).cloned()
    };
    if let Some(after) = secret(&field.after) {
        let revision = |side: &serde_json::Map<String, Value>| side.get("revision").and_then(Value::as_u64);
        let change = match (secret(&field.before), &field.before) {
            (Some(before), _) => match (revision(&before), revision(&after)) {
                (Some(before), Some(after)) => format!("revision {before} → {after}"),
                _ => "changed".to_owned(),
            },
            _ => "set".to_owned(),
        };
        return match after.get("source").and_then(Value::as_str).and_then(|source| source.split_once(':')) {
            Some((from, name)) => format!("(secret, from {from} {}, {change})", plain(name)),
            None => format!("(secret, {change})"),
        };
    }
    if secret(&field.before).is_some() {
        return "(secret, removed)".to_owned();
    }
    match (field.before.as_ref().map(shown), field.after.as_ref().map(shown)) {
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
                || text.starts_with('"')
                || (text.starts_with('(') && text != "(redacted)")
                || serde_json::from_str::<Value>(text).is_ok();
            plain(&if mistakable { value.to_string() } else { text.clone() })
        }
        Value::Array(items) if items.iter().all(Value::is_string) => {
            items.iter().map(shown).collect::<Vec<_>>().join(", ")
        }
        other => plain(&other.to_string()),
    }
}
