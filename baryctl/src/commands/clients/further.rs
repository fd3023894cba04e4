//! The metadata that `clients create` is told by flags and by `--set NAME=VALUE`.

use std::fs;

use barycenter_core::model::ClientMetadata;
use clap::ValueEnum;
use serde_json::{Map, Value, json};

use crate::cli::ClientFurther;
use crate::error::CtlError;

/// Returns the metadata, by name.
///
/// # Errors
/// When a file cannot be read, or a field is not known or cannot hold its value.
pub(super) fn metadata(further: &ClientFurther) -> Result<Map<String, Value>, CtlError> {
    let mut metadata = Map::new();
    let mut put = |name: &str, value: Option<Value>| {
        if let Some(value) = value {
            metadata.insert(name.to_owned(), value);
        }
    };
    if let Some(path) = &further.jwks {
        let text = fs::read_to_string(path)
            .map_err(|error| CtlError::usage(format!("--jwks {} cannot be read: {error}", path.display())))?;
        let keys = serde_json::from_str(&text)
            .map_err(|error| CtlError::usage(format!("--jwks {} is not JSON: {error}", path.display())))?;
        put("jwks", Some(keys));
    }
    put("jwks_uri", further.jwks_uri.as_ref().map(|uri| json!(uri)));
    put("backchannel_logout_uri", further.backchannel_logout_uri.as_ref().map(|uri| json!(uri)));
    put("frontchannel_logout_uri", further.frontchannel_logout_uri.as_ref().map(|uri| json!(uri)));
    let groups = &further.required_groups;
    put("required_groups", (!groups.is_empty()).then(|| json!(groups)));
    put("access_token_format", further.access_token_format.map(spelled));
    put("id_token_signed_response_alg", further.id_token_alg.map(spelled));
    put("require_pkce", further.require_pkce.map(Value::Bool));
    for setting in &further.others {
        let (name, text) = setting
            .split_once('=')
            .ok_or_else(|| CtlError::usage(format!("--set {setting:?} is not of the form NAME=VALUE")))?;
        put(name, Some(read(name, text)));
    }
    ClientMetadata::from_map(&metadata).map_err(|faults| {
        let mut failure = CtlError::usage("the client's metadata is not sound; nothing was changed");
        failure.details = faults;
        failure.hint(format!("known are {}", ClientMetadata::FIELDS.join(", ")))
    })?;
    Ok(metadata)
}

/// Reads a value: JSON where the field can hold that, else a text as it stands.
fn read(name: &str, text: &str) -> Value {
    let json = serde_json::from_str::<Value>(text).ok();
    json.filter(|value| ClientMetadata::normalized(name, value).is_ok()).unwrap_or_else(|| json!(text))
}

/// Returns a choice as the specifications spell it.
fn spelled(choice: impl ValueEnum) -> Value {
    choice.to_possible_value().map_or(Value::Null, |value| json!(value.get_name()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(others: &[&str]) -> Result<Map<String, Value>, CtlError> {
        metadata(&ClientFurther {
            others: others.iter().map(|text| (*text).to_owned()).collect(),
            ..ClientFurther::default()
        })
    }

    #[test]
    fn values_are_json_where_the_field_can_hold_it() {
        let found = set(&["default_max_age=600", "software_id=1234", "contacts=[\"a@b.c\"]", "require_auth_time=true"]);
        let expected = json!({
            "default_max_age": 600, "software_id": "1234", "contacts": ["a@b.c"], "require_auth_time": true,
        });
        assert_eq!(Value::Object(found.unwrap()), expected);
    }

    #[test]
    fn unknown_names_and_wrong_values_are_refused() {
        for wrong in ["logo=x", "subject_type=secret", "default_max_age=soon", "no value"] {
            assert!(set(&[wrong]).is_err(), "{wrong}");
        }
    }
}
