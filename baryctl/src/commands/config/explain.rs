//! `baryctl config explain`: what a setting is for, from the schema that the daemon's own reader comes from.

use barycenter_core::config::json_schema;
use serde::Serialize;
use serde_json::{Map, Value};

use crate::cli::ConfigExplain;
use crate::error::{CtlError, Exit};
use crate::render::{Printer, plain};

/// One setting.
#[derive(Debug, Serialize)]
struct Explanation {
    /// `server.port`
    name: String,
    /// What it may be.
    #[serde(rename = "type")]
    kind: String,
    /// What it is for.
    meaning: String,
    /// What it is if nobody sets it.
    #[serde(skip_serializing_if = "Option::is_none")]
    default: Option<Value>,
    /// The variable that overrides it.
    variable: String,
}

/// Runs the command.
///
/// # Errors
/// [`Exit::NotFound`] when there is no such setting or section.
pub(crate) fn run(arguments: &ConfigExplain, printer: &mut Printer<'_>) -> Result<Exit, CtlError> {
    printer.refuse_names("config explain")?;
    let schema = json_schema();
    let wanted = arguments.setting.as_deref().unwrap_or_default();
    let sections = members(&schema);
    let found: Vec<(&String, &Value, Vec<Explanation>)> = sections
        .into_iter()
        .flatten()
        .filter_map(|(section, about)| {
            let settings: Vec<Explanation> = members(about)
                .into_iter()
                .flatten()
                .map(|(key, setting)| explanation(section, key, setting))
                .filter(|setting| wanted.is_empty() || wanted == section || wanted == setting.name)
                .collect();
            (!settings.is_empty()).then_some((section, about, settings))
        })
        .collect();
    if found.is_empty() {
        return Err(CtlError::new(Exit::NotFound, format!("there is no setting or section {wanted:?}"))
            .hint("baryctl config explain lists all sections"));
    }
    if printer.format().is_json() {
        let items: Vec<Explanation> = found.into_iter().flat_map(|(.., settings)| settings).collect();
        printer.document("SettingExplanationList", &serde_json::json!({ "items": items }))?;
        return Ok(Exit::Ok);
    }
    if wanted.contains('.') {
        return found
            .iter()
            .flat_map(|(.., settings)| settings)
            .try_for_each(|one| detailed(one, printer))
            .map(|()| Exit::Ok);
    }
    for (place, (section, about, settings)) in found.iter().enumerate() {
        if place > 0 {
            printer.line("")?;
        }
        printer.line(format_args!(
            "[{section}]  {}",
            text(about, "description").trim_start_matches(&format!("`[{section}]`: "))
        ))?;
        let width = settings.iter().map(|setting| setting.name.len()).max().unwrap_or_default();
        for setting in settings {
            printer.line(format_args!("  {:width$}  {}", setting.name, first_sentence(&setting.meaning)))?;
        }
    }
    Ok(Exit::Ok)
}

fn detailed(setting: &Explanation, printer: &mut Printer<'_>) -> Result<(), CtlError> {
    let default = match &setting.default {
        Some(Value::String(text)) => format!("{text:?}"),
        Some(value) => value.to_string(),
        None => "none".to_owned(),
    };
    for (label, value) in [
        ("setting", &setting.name),
        ("type", &setting.kind),
        ("meaning", &setting.meaning),
        ("default", &default),
        ("variable", &setting.variable),
    ] {
        printer.line(format_args!("{label:<9} {}", plain(value)))?;
    }
    Ok(())
}

fn members(schema: &Value) -> Option<&Map<String, Value>> {
    schema.get("properties")?.as_object()
}

fn text<'a>(schema: &'a Value, name: &str) -> &'a str {
    schema.get(name).and_then(Value::as_str).unwrap_or_default()
}

fn explanation(section: &str, key: &str, schema: &Value) -> Explanation {
    Explanation {
        name: format!("{section}.{key}"),
        kind: kind(schema),
        meaning: text(schema, "description").to_owned(),
        default: schema.get("default").cloned(),
        variable: format!("BARYCENTER__{}__{}", section.to_uppercase(), key.to_uppercase()),
    }
}

/// The type in words: `integer`, `string`, `"RS256" | "ES256" | "EdDSA"`, `array of string`.
fn kind(schema: &Value) -> String {
    let of_list = |values: &Vec<Value>| values.iter().map(ToString::to_string).collect::<Vec<_>>().join(" | ");
    if let Some(values) = schema.get("enum").and_then(Value::as_array) {
        return of_list(values);
    }
    if let Some(choices) = schema.get("oneOf").or_else(|| schema.get("anyOf")).and_then(Value::as_array) {
        let constant = |choice: &Value| choice.get("const").map_or_else(|| kind(choice), ToString::to_string);
        return choices.iter().map(constant).collect::<Vec<_>>().join(" | ");
    }
    match schema.get("type") {
        Some(Value::String(name)) if name == "array" => {
            format!("array of {}", schema.get("items").map_or_else(String::new, kind))
        }
        Some(Value::String(name)) => name.clone(),
        Some(Value::Array(names)) => names.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(" | "),
        _ => "any".to_owned(),
    }
}

fn first_sentence(text: &str) -> String {
    match text.split_once(". ") {
        Some((first, _)) => format!("{first}."),
        None => text.to_owned(),
    }
}
