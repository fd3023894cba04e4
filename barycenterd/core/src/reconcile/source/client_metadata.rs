//! Further metadata of an entry of `clients`: what each field may hold, in words and as a JSON Schema. The names and
//! types are [`ClientMetadata`]'s own.

use serde_json::value::RawValue;
use serde_json::{Map, Value, json};

use crate::model::{
    AccessTokenFormat, ApplicationType, ClientAlgorithm, ClientMetadata, ResponseType, SigningAlgorithm, SubjectType,
};
use crate::reconcile::source::reader::{Field, Reader};

/// What a field may hold.
#[derive(Clone, Copy)]
enum Kind {
    Flag,
    Number,
    Span,
    Text,
    Uri,
    Texts,
    Uris,
    Name(&'static [&'static str]),
    Names(&'static [&'static str]),
    KeySet,
}

impl Kind {
    /// Returns what a value should be, for people.
    fn wanted(self) -> String {
        match self {
            Self::Flag => "true, false or null".to_owned(),
            Self::Number => "a number of seconds or null".to_owned(),
            Self::Span => "a span of time such as \"90s\", \"10m\", \"12h\" or \"30d\"".to_owned(),
            Self::Text | Self::Uri => "a text or null".to_owned(),
            Self::Texts | Self::Uris => "a list of texts or null".to_owned(),
            Self::Name(names) => format!("one of {}, or null", names.join(", ")),
            Self::Names(names) => format!("a list of {}, or null", names.join(", ")),
            Self::KeySet => "a JWK Set { \"keys\": [ … ] } or null".to_owned(),
        }
    }

    fn schema(self, description: &str) -> Value {
        let mut schema = match self {
            Self::Flag => json!({ "type": ["boolean", "null"] }),
            Self::Number => json!({ "type": ["integer", "null"], "minimum": 0 }),
            Self::Span => json!({ "type": ["string", "integer", "null"], "pattern": "^[0-9]+[smhd]?$" }),
            Self::Text => json!({ "type": ["string", "null"] }),
            Self::Uri => json!({ "type": ["string", "null"], "format": "uri" }),
            Self::Texts => json!({ "type": ["array", "null"], "items": { "type": "string" }, "uniqueItems": true }),
            Self::Uris => {
                json!({ "type": ["array", "null"], "items": { "type": "string", "format": "uri" }, "uniqueItems": true })
            }
            Self::Name(names) => {
                let names: Vec<Value> = names.iter().map(|name| json!(name)).chain([Value::Null]).collect();
                json!({ "enum": names })
            }
            Self::Names(names) => {
                json!({ "type": ["array", "null"], "items": { "enum": names }, "uniqueItems": true })
            }
            Self::KeySet => json!({ "type": ["object", "null"], "required": ["keys"] }),
        };
        if let Value::Object(members) = &mut schema {
            members.insert("description".to_owned(), json!(description));
        }
        schema
    }
}

/// The names of a closed set.
macro_rules! names {
    ($set:ident) => {{
        const NAMES: [&str; $set::ALL.len()] = {
            let mut names = [""; $set::ALL.len()];
            let mut index = 0;
            while index < names.len() {
                #[expect(clippy::indexing_slicing, reason = "both have the same length, and it is compiled")]
                {
                    names[index] = $set::ALL[index].as_str();
                }
                index += 1;
            }
            names
        };
        &NAMES
    }};
}

/// Every field: its name, what it may hold, what it means.
const FIELDS: &[(&str, Kind, &str)] = &[
    (
        "response_types",
        Kind::Names(names!(ResponseType)),
        "What the client may ask the authorization endpoint for. New clients: code.",
    ),
    (
        "application_type",
        Kind::Name(names!(ApplicationType)),
        "Whether it runs on a server or in a browser (web), or is installed (native).",
    ),
    ("contacts", Kind::Texts, "E-mail addresses of the people who are responsible."),
    ("client_uri", Kind::Uri, "Its home page."),
    ("logo_uri", Kind::Uri, "Its logo, shown when users sign in."),
    ("policy_uri", Kind::Uri, "Its privacy policy, linked when users sign in."),
    ("tos_uri", Kind::Uri, "Its terms of service, linked when users sign in."),
    ("jwks", Kind::KeySet, "Its public keys."),
    ("jwks_uri", Kind::Uri, "Where its public keys lie; https."),
    (
        "token_endpoint_auth_signing_alg",
        Kind::Name(names!(ClientAlgorithm)),
        "The only algorithm that its assertions may be signed with.",
    ),
    (
        "id_token_signed_response_alg",
        Kind::Name(names!(SigningAlgorithm)),
        "What its ID Tokens are signed with; null: as configured.",
    ),
    (
        "userinfo_signed_response_alg",
        Kind::Name(names!(SigningAlgorithm)),
        "What UserInfo is signed with; null: it is plain JSON.",
    ),
    (
        "request_object_signing_alg",
        Kind::Name(names!(ClientAlgorithm)),
        "The only algorithm that its request objects may be signed with.",
    ),
    ("request_uris", Kind::Uris, "Where its request objects may lie."),
    ("require_pushed_authorization_requests", Kind::Flag, "Whether it must use pushed authorization requests."),
    ("require_pkce", Kind::Flag, "Whether it must use PKCE; null: as configured."),
    ("default_max_age", Kind::Number, "The oldest acceptable sign-in, in seconds, where a request names none."),
    ("require_auth_time", Kind::Flag, "Whether its ID Tokens always say when the user signed in."),
    (
        "default_acr_values",
        Kind::Texts,
        "The authentication context classes that it asks for where a request names none.",
    ),
    ("subject_type", Kind::Name(names!(SubjectType)), "Whether the sub of its users is the same as for other clients."),
    ("sector_identifier_uri", Kind::Uri, "The list of redirect URIs that share its pairwise subjects; https."),
    ("initiate_login_uri", Kind::Uri, "Where others may send a user to start signing in; https."),
    ("backchannel_logout_uri", Kind::Uri, "Where it is told, from server to server, that a session has ended."),
    ("backchannel_logout_session_required", Kind::Flag, "Whether it must be told which session."),
    ("frontchannel_logout_uri", Kind::Uri, "Where it is told, through the browser, that a session has ended."),
    ("frontchannel_logout_session_required", Kind::Flag, "Whether it must be told which session."),
    (
        "access_token_format",
        Kind::Name(names!(AccessTokenFormat)),
        "Whether its access tokens are opaque or JWTs (RFC 9068).",
    ),
    ("dpop_bound_access_tokens", Kind::Flag, "Whether its access tokens are always bound to a key (RFC 9449)."),
    ("resources", Kind::Uris, "The resources that its access tokens may be for (RFC 8707)."),
    ("resource_server", Kind::Flag, "Whether it serves a resource, and may introspect every client's tokens."),
    ("required_groups", Kind::Texts, "The groups whose members may use it; none: everybody."),
    ("consent_lifetime", Kind::Span, "How long a consent is remembered; null: until it is taken back."),
    ("software_id", Kind::Text, "Names the software that it is an instance of."),
    ("software_version", Kind::Text, "The version of that software."),
];

/// Reads a field's value as it is written: `None` inside if it is the default.
pub(super) fn read(
    reader: &mut Reader<'_, '_>,
    name: &str,
    value: &RawValue,
) -> Option<(&'static str, Field<Option<Value>>)> {
    let (name, kind, _) = FIELDS.iter().find(|(known, ..)| *known == name)?;
    let wanted = kind.wanted();
    let json = match reader.field::<Value>(value, name, &wanted) {
        Field::Value(json) => json,
        Field::Null => return Some((name, Field::Null)),
        Field::Absent => return None,
    };
    let filled = reader.fill_all(value, name, json)?;
    match ClientMetadata::normalized(name, &filled) {
        Ok(normal) => Some((name, Field::Value(normal))),
        Err(_) => {
            reader.fault(value, name, format!("should be {wanted}"));
            None
        }
    }
}

/// Returns the JSON Schema of every field.
pub(super) fn schema() -> Map<String, Value> {
    FIELDS.iter().map(|(name, kind, description)| ((*name).to_owned(), kind.schema(description))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_field_of_the_model_may_be_declared() {
        let named: Vec<&str> = FIELDS.iter().map(|(name, ..)| *name).collect();
        assert_eq!(named, ClientMetadata::FIELDS);
    }
}
