//! What `baryctl` promises in `schema/output.schema.json`: every JSON answer that a journey sees is held against it.

use std::sync::LazyLock;

use jsonschema::Validator;
use serde_json::{Value, json};

use crate::program::Finished;

static DOCUMENT: LazyLock<Validator> = LazyLock::new(|| validator("document"));
static LINE: LazyLock<Validator> = LazyLock::new(|| validator("line"));

fn validator(part: &str) -> Validator {
    let text = include_str!("../../schema/output.schema.json");
    let mut schema: Value = serde_json::from_str(text).expect("the schema is JSON");
    let members = schema.as_object_mut().expect("the schema is an object");
    members.remove("anyOf");
    members.insert("$ref".to_owned(), json!(format!("#/$defs/{part}")));
    jsonschema::validator_for(&schema).expect("the schema is a schema")
}

/// Ends the test unless what was answered, for these arguments, is what the schema promises.
pub fn check(arguments: &[&str], finished: &Finished) {
    let format =
        arguments.iter().zip(arguments.iter().skip(1)).find_map(|(flag, value)| (*flag == "-o").then_some(*value));
    let validator = match format {
        Some("json") => &*DOCUMENT,
        Some("ndjson") => &*LINE,
        _ => return,
    };
    let errors = finished.stderr.lines().filter(|line| line.starts_with("{\"format\""));
    for (text, validator) in
        finished.stdout.lines().map(|line| (line, validator)).chain(errors.map(|line| (line, &*DOCUMENT)))
    {
        let value: Value = match serde_json::from_str(text) {
            Ok(value) => value,
            Err(error) => panic!("not JSON: {error}: {text}\n{finished}"),
        };
        if let Some(error) = validator.iter_errors(&value).next() {
            panic!("schema/output.schema.json does not permit {value}: {error}\n{finished}");
        }
    }
}
