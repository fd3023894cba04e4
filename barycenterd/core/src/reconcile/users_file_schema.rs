//! The JSON Schema of users.json, for editors and other programs: schema/users.schema.json.

use serde_json::{Value, json};

use crate::model::Username;
use crate::password;

/// Returns the JSON Schema (2020-12) of a users file.
#[must_use]
pub fn json_schema() -> Value {
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Barycenter users file",
        "description": "The users of a deployment as they should be. A field that is absent is not managed; null clears it.",
        "type": "object",
        "required": ["users"],
        "additionalProperties": false,
        "properties": {
            "$schema": { "type": "string", "description": "Where this schema lies, for editors." },
            "manager": {
                "type": "string", "minLength": 1, "default": "users.json",
                "description": "Who owns the accounts in this file. Accounts of another manager are conflicts."
            },
            "users": { "type": "array", "items": { "$ref": "#/$defs/user" } }
        },
        "$defs": { "user": user_schema() }
    })
}

fn user_schema() -> Value {
    json!({
        "type": "object",
        "required": ["username"],
        "additionalProperties": false,
        "properties": {
            "username": {
                "type": "string", "minLength": 1, "maxLength": Username::MAXIMUM_BYTES,
                "description": "The name to sign in with. Names that differ only in case or width are one name (RFC 8265)."
            },
            "email": { "type": ["string", "null"], "format": "email", "description": "The e-mail address; one user each." },
            "email_verified": { "type": "boolean", "description": "Whether the address is known to reach the user. New users: false." },
            "enabled": { "type": "boolean", "description": "Whether the user may sign in. New users: true. Disabling ends sessions and tokens." },
            "password": {
                "type": ["string", "null"], "minLength": 1, "maxLength": password::MAXIMUM_BYTES, "writeOnly": true,
                "description": "The password in clear text. It is set when it changes in this file; a password that the user changed by hand stays otherwise."
            },
            "properties": {
                "type": ["object", "null"],
                "description": "Anything else about the user. Merged by name: what this file set before and no longer mentions is removed, what others set stays. display_name, given_name and other profile claims are filled from here.",
                "additionalProperties": true
            }
        }
    })
}
