//! The JSON Schema of users files, for editors and other programs: schema/users.schema.json.

use serde_json::{Value, json};

use crate::model::{ClientAuthenticationMethod, GrantType, Scope, Username};
use crate::password;
use crate::reconcile::source::client_metadata;

/// Returns the JSON Schema (2020-12) of a users file.
#[must_use]
pub fn json_schema() -> Value {
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Barycenter users file",
        "description": "The users and clients of a deployment as they should be. A field that is absent is not managed; null clears it.",
        "type": "object",
        "anyOf": [{ "required": ["users"] }, { "required": ["clients"] }],
        "additionalProperties": false,
        "properties": {
            "$schema": { "type": "string", "description": "Where this schema lies, for editors." },
            "manager": {
                "type": "string", "minLength": 1, "default": "users.json",
                "description": "Who owns what is in this file. What another manager owns is a conflict."
            },
            "users": { "type": "array", "items": { "$ref": "#/$defs/user" }, "description": "The people and services that sign in." },
            "clients": { "type": "array", "items": { "$ref": "#/$defs/client" }, "description": "The relying parties." }
        },
        "$defs": { "user": user_schema(), "client": client_schema(), "secret": secret_schema() }
    })
}

fn secret_schema() -> Value {
    json!({
        "type": ["string", "object", "null"],
        "writeOnly": true,
        "properties": { "file": { "type": "string", "description": "A file that holds the value; relative to this file's folder." } },
        "required": ["file"],
        "additionalProperties": false
    })
}

fn flag(description: &str) -> Value {
    json!({ "type": ["boolean", "null"], "description": description })
}

fn user_schema() -> Value {
    let longest = password::MAXIMUM_BYTES;
    json!({
        "type": "object",
        "required": ["username"],
        "additionalProperties": false,
        "not": { "required": ["password", "password_hash"] },
        "properties": {
            "external_id": {
                "type": ["string", "null"], "minLength": 1, "maxLength": 255,
                "description": "A key that never changes: with it, another username is a rename and not another user."
            },
            "username": {
                "type": "string", "minLength": 1, "maxLength": Username::MAXIMUM_BYTES,
                "description": "The name to sign in with. Names that differ only in case or width are one name (RFC 8265)."
            },
            "email": { "type": ["string", "null"], "format": "email", "description": "The e-mail address; one user each." },
            "email_verified": flag("Whether the address is known to reach the user. New users: false."),
            "enabled": flag("Whether the user may sign in. New users: true. Disabling ends sessions and tokens."),
            "protected": flag("Whether no sync disables or deletes the user because the file no longer names it."),
            "password": {
                "$ref": "#/$defs/secret", "minLength": 1, "maxLength": longest,
                "description": "The password in clear text. It is set when it changes in this file; a password that the user changed by hand stays otherwise."
            },
            "password_hash": {
                "$ref": "#/$defs/secret",
                "description": "The password as a hash: argon2id, argon2i, bcrypt, scrypt, pbkdf2-sha256 or pbkdf2-sha512, in PHC or modular crypt format. Upgraded at the next sign-in."
            },
            "groups": {
                "type": ["array", "null"], "items": { "type": "string", "minLength": 1, "maxLength": 255 }, "uniqueItems": true,
                "description": "All groups of the user: the claim `groups`."
            },
            "properties": {
                "type": ["object", "null"],
                "description": "Anything else about the user. Merged by name: what this file set before and no longer mentions is removed, what others set stays. display_name, given_name and other profile claims are filled from here.",
                "additionalProperties": true
            }
        }
    })
}

fn client_schema() -> Value {
    let uris = |description: &str| json!({ "type": ["array", "null"], "items": { "type": "string", "format": "uri" }, "uniqueItems": true, "description": description });
    let names = |names: Vec<&str>, description: &str| json!({ "type": ["array", "null"], "items": { "enum": names }, "uniqueItems": true, "description": description });
    let span = |description: &str| json!({ "type": ["string", "integer", "null"], "pattern": "^[0-9]+[smhd]?$", "description": description });
    let methods: Vec<Value> =
        ClientAuthenticationMethod::ALL.iter().map(|method| json!(method.as_str())).chain([Value::Null]).collect();
    let mut schema = json!({
        "type": "object",
        "required": ["client_id"],
        "additionalProperties": false,
        "properties": {
            "client_id": { "type": "string", "pattern": "^[A-Za-z0-9._~-]{1,128}$", "description": "The client id." },
            "name": { "type": ["string", "null"], "description": "The name that users see. New clients: the client id." },
            "enabled": flag("Whether the client may be used. New clients: true."),
            "authentication_method": { "enum": methods, "description": "How the client proves who it is at the token endpoint. New clients: client_secret_basic." },
            "client_secret": {
                "$ref": "#/$defs/secret", "minLength": 16,
                "description": "The client's secret. It is set when it changes in this file; one that was rotated by hand stays otherwise."
            },
            "redirect_uris": uris("Where authorization responses may go."),
            "post_logout_redirect_uris": uris("Where the browser may go after logout."),
            "grant_types": names(GrantType::ALL.iter().map(|grant| grant.as_str()).collect(), "How the client may obtain tokens. New clients: authorization_code and refresh_token."),
            "scopes": names(Scope::ALL.iter().map(|scope| scope.as_str()).collect(), "What the client may ask for. New clients: all."),
            "first_party": flag("Whether the client's users are not asked for consent. New clients: false."),
            "access_token_lifetime": span("How long access tokens live, such as \"10m\"; null: as configured."),
            "id_token_lifetime": span("How long ID Tokens live, such as \"10m\"; null: as configured."),
            "refresh_token_lifetime": span("How long refresh tokens live, such as \"30d\"; null: as configured.")
        }
    });
    if let Some(properties) = schema.get_mut("properties").and_then(Value::as_object_mut) {
        properties.extend(client_metadata::schema());
    }
    schema
}
