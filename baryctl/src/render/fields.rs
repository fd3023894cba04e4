//! Things in a list by their fields: chosen ones, all of them, and personal ones masked.

use serde_json::{Map, Value};

use crate::cli::Redaction;
use crate::error::{CtlError, Exit};
use crate::render::{Row, minute, plain};

/// What stands where there is nothing.
const NOTHING: &str = "–";
/// What stands in place of a value.
const MASK: &str = "(redacted)";

/// Returns the fields of a thing, in the order of its type; personal ones masked where that is wanted.
///
/// # Errors
/// When it is no JSON object: a fault of the program.
pub(crate) fn all<R: Row>(row: &R, redaction: Redaction) -> Result<Vec<(String, Value)>, CtlError> {
    let bug = || CtlError::new(Exit::Bug, format!("a {} is no JSON object", R::NOUN));
    let text = serde_json::to_string(row).map_err(|_| bug())?;
    // The order of a map is that of the alphabet: the text has the order of the type.
    let Ordered(mut fields) = serde_json::from_str(&text).map_err(|_| bug())?;
    if redaction == Redaction::Pii {
        for (_, value) in fields.iter_mut().filter(|(name, _)| R::PERSONAL.contains(&name.as_str())) {
            mask(value);
        }
    }
    Ok(fields)
}

fn mask(value: &mut Value) {
    match value {
        Value::Object(members) => members.values_mut().for_each(mask),
        Value::Null => {}
        other => *other = Value::String(MASK.to_owned()),
    }
}

/// Returns the chosen fields, in the order in which they were chosen. `properties.role` reaches into an object.
///
/// # Errors
/// Exit code 2 when there is no such field.
pub(crate) fn chosen(
    fields: &[(String, Value)],
    names: &[String],
    noun: &str,
) -> Result<Vec<(String, Value)>, CtlError> {
    let find = |name: &String| {
        let (head, path) = name.split_once('.').unwrap_or((name, ""));
        let Some((_, value)) = fields.iter().find(|(known, _)| known == head) else {
            let known: Vec<&str> = fields.iter().map(|(name, _)| name.as_str()).collect();
            return Err(CtlError::usage(format!("--fields: a {noun} has no {name:?}; there are {}", known.join(", "))));
        };
        let value = if path.is_empty() { Some(value) } else { value.get(path) };
        Ok((name.clone(), value.cloned().unwrap_or(Value::Null)))
    };
    names.iter().map(find).collect()
}

/// Returns fields as a JSON object.
pub(crate) fn object(fields: Vec<(String, Value)>) -> Map<String, Value> {
    fields.into_iter().collect()
}

/// Returns a value as a cell of a table.
pub(crate) fn cell(value: &Value) -> String {
    match value {
        Value::Null => NOTHING.to_owned(),
        Value::Bool(true) => "yes".to_owned(),
        Value::Bool(false) => "no".to_owned(),
        Value::String(text) if text.ends_with('Z') && text.contains('T') => minute(text),
        Value::String(text) => plain(text),
        Value::Array(items) if items.is_empty() => NOTHING.to_owned(),
        Value::Array(items) => items.iter().map(cell).collect::<Vec<_>>().join(" "),
        other => plain(&other.to_string()),
    }
}

/// Returns a value by itself: nothing for null, texts without quotes.
pub(crate) fn bare(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => plain(text),
        other => plain(&other.to_string()),
    }
}

/// An object's members in their order.
struct Ordered(Vec<(String, Value)>);

impl<'de> serde::Deserialize<'de> for Ordered {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Members;

        impl<'de> serde::de::Visitor<'de> for Members {
            type Value = Ordered;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("an object")
            }

            fn visit_map<A: serde::de::MapAccess<'de>>(self, mut map: A) -> Result<Ordered, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(Ordered(members))
            }
        }

        deserializer.deserialize_map(Members)
    }
}
