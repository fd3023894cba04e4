//! CSV: a header row, a user a row. Columns that are named like fields are taken; `--map` says what others are.

use std::io::Read;

use csv::{ReaderBuilder, StringRecord, Trim};
use serde_json::{Map, Value, json};

use crate::error::CtlError;
use crate::import::Entries;

/// The fields that a column may fill; and `properties.NAME`.
const FIELDS: [&str; 9] = [
    "external_id",
    "username",
    "email",
    "email_verified",
    "enabled",
    "protected",
    "groups",
    "password",
    "password_hash",
];

/// The field that stands for leaving a column out.
const NOTHING: &str = "-";

/// Reads all rows.
///
/// # Errors
/// When the columns make no sense, or the file cannot be read.
pub(super) fn read(input: impl Read, mapping: &[(String, String)], entries: &mut Entries) -> Result<(), CtlError> {
    let mut reader = ReaderBuilder::new().trim(Trim::Headers).flexible(true).from_reader(input);
    let unreadable = |error: csv::Error| CtlError::usage(format!("the CSV file cannot be read: {error}"));
    let head = reader.headers().map_err(unreadable)?.clone();
    let columns = columns(&head, mapping)?;
    let mut record = StringRecord::new();
    loop {
        let line = usize::try_from(reader.position().line()).unwrap_or(usize::MAX);
        match reader.read_record(&mut record) {
            Ok(false) => return Ok(()),
            Ok(true) if record.len() != head.len() => {
                entries.fault(line, "", format!("has {} cells, the header has {}", record.len(), head.len()));
            }
            Ok(true) => {
                if let Some(entry) = entry(&record, &columns, line, entries) {
                    entries.push(line, &entry)?;
                }
            }
            // Bytes that are no UTF-8: the rest may be.
            Err(error) if matches!(error.kind(), csv::ErrorKind::Utf8 { .. }) => {
                entries.fault(line, "", "is not UTF-8 text");
            }
            Err(error) => return Err(unreadable(error)),
        }
    }
}

/// Says which field each column fills.
fn columns(head: &StringRecord, mapping: &[(String, String)]) -> Result<Vec<Option<String>>, CtlError> {
    for (column, _) in mapping {
        if !head.iter().any(|name| plain(name) == *column) {
            let known: Vec<&str> = head.iter().map(plain).collect();
            return Err(CtlError::usage(format!(
                "--map: there is no column {column:?}; there are {}",
                known.join(", ")
            )));
        }
    }
    let mut columns: Vec<Option<String>> = Vec::new();
    for name in head.iter().map(plain) {
        let mapped = mapping.iter().find(|(column, _)| column == name).map(|(_, field)| field.clone());
        let field = mapped.unwrap_or_else(|| name.to_ascii_lowercase());
        if field == NOTHING {
            columns.push(None);
            continue;
        }
        let known = FIELDS.contains(&field.as_str())
            || field.strip_prefix("properties.").is_some_and(|property| !property.is_empty());
        if !known {
            return Err(CtlError::usage(format!("the column {name:?} is none of {}", FIELDS.join(", ")))
                .hint(format!("--map '{name}=properties.{}'", field.replace(' ', "_")))
                .hint(format!("to leave it out: --map '{name}=-'")));
        }
        if columns.iter().flatten().any(|other| *other == field) {
            return Err(CtlError::usage(format!("two columns fill {field}")).hint("leave one out: --map 'COLUMN=-'"));
        }
        columns.push(Some(field));
    }
    if !columns.iter().flatten().any(|field| field == "username") {
        return Err(CtlError::usage("no column fills username").hint("--map 'COLUMN=username'"));
    }
    Ok(columns)
}

/// A column's name without the mark that some programs put in front of a file.
fn plain(name: &str) -> &str {
    name.trim_start_matches('\u{feff}')
}

fn entry(
    record: &StringRecord,
    columns: &[Option<String>],
    line: usize,
    entries: &mut Entries,
) -> Option<Map<String, Value>> {
    let mut entry = Map::new();
    let mut properties = Map::new();
    let mut sound = true;
    for (cell, column) in record.iter().zip(columns) {
        let Some(field) = column.as_ref().filter(|_| !cell.is_empty()) else { continue };
        let value = match field.as_str() {
            "email_verified" | "enabled" | "protected" => match flag(cell) {
                Some(flag) => json!(flag),
                None => {
                    entries.fault(line, field, "should be true or false, yes or no, 1 or 0");
                    sound = false;
                    continue;
                }
            },
            "groups" => json!(cell.split(';').map(str::trim).filter(|name| !name.is_empty()).collect::<Vec<_>>()),
            _ => json!(cell),
        };
        match field.strip_prefix("properties.") {
            Some(name) => properties.insert(name.to_owned(), value),
            None => entry.insert(field.clone(), value),
        };
    }
    if !properties.is_empty() {
        entry.insert("properties".to_owned(), Value::Object(properties));
    }
    sound.then_some(entry)
}

fn flag(cell: &str) -> Option<bool> {
    match cell.trim().to_ascii_lowercase().as_str() {
        "true" | "yes" | "1" => Some(true),
        "false" | "no" | "0" => Some(false),
        _ => None,
    }
}
