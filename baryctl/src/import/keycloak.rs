//! A Keycloak realm export: `{"realm": …, "users": [ … ]}`, as `kc.sh export` writes it, read a user at a time.
//!
//! Password credentials come along (PBKDF2 and Argon2), so that people sign in as before. Second factors, roles and
//! service accounts do not; how many there were is said.

use std::collections::BTreeMap;
use std::fmt;
use std::io::Read;

use barycenter_core::model::user::RESERVED_CLAIMS;
use barycenter_core::password::from_keycloak;
use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value, json};

use crate::error::CtlError;
use crate::import::Entries;

/// What a property is called whose name the protocol has taken.
const PREFIX: &str = "keycloak_";

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct User {
    id: Option<String>,
    username: Option<String>,
    email: Option<String>,
    email_verified: Option<bool>,
    enabled: Option<bool>,
    first_name: Option<String>,
    last_name: Option<String>,
    #[serde(default)]
    attributes: BTreeMap<String, Value>,
    #[serde(default)]
    groups: Vec<String>,
    #[serde(default)]
    credentials: Vec<Credential>,
    #[serde(default)]
    realm_roles: Vec<String>,
    #[serde(default)]
    client_roles: BTreeMap<String, Value>,
    service_account_client_id: Option<String>,
}

/// A credential, in today's form or in that of old versions.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Credential {
    #[serde(rename = "type")]
    kind: Option<String>,
    credential_data: Option<String>,
    secret_data: Option<String>,
    hashed_salted_value: Option<String>,
    salt: Option<String>,
    hash_iterations: Option<u64>,
    algorithm: Option<String>,
}

/// Reads all users.
///
/// # Errors
/// When the file is no realm export, or cannot be read.
pub(super) fn read(input: impl Read, entries: &mut Entries) -> Result<(), CtlError> {
    let mut deserializer = serde_json::Deserializer::from_reader(input);
    let mut failed = None;
    let outcome = Realm { entries, failed: &mut failed }.deserialize(&mut deserializer);
    if let Some(error) = failed {
        return Err(error);
    }
    let found = outcome.map_err(|error| CtlError::usage(format!("this is no Keycloak realm export: {error}")))?;
    if !found {
        return Err(CtlError::usage("this Keycloak export holds no users")
            .hint("export with --users realm_file or different_files"));
    }
    Ok(())
}

/// Visits the realm; says whether it has users.
struct Realm<'e> {
    entries: &'e mut Entries,
    failed: &'e mut Option<CtlError>,
}

impl<'de> DeserializeSeed<'de> for Realm<'_> {
    type Value = bool;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<bool, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Realm<'_> {
    type Value = bool;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a realm, an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<bool, A::Error> {
        let mut found = false;
        while let Some(key) = map.next_key::<String>()? {
            if key == "users" {
                found = true;
                map.next_value_seed(Users { entries: self.entries, failed: self.failed })?;
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        Ok(found)
    }
}

/// Visits the list of users.
struct Users<'e> {
    entries: &'e mut Entries,
    failed: &'e mut Option<CtlError>,
}

impl<'de> DeserializeSeed<'de> for Users<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for Users<'_> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a list of users")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        let mut number = 0;
        while let Some(user) = list.next_element::<User>()? {
            number += 1;
            if let Err(error) = take(user, number, self.entries) {
                *self.failed = Some(error);
                return Err(serde::de::Error::custom("stopped"));
            }
        }
        Ok(())
    }
}

/// Turns one user into an entry. A realm has no lines worth naming: users are counted.
fn take(user: User, number: usize, entries: &mut Entries) -> Result<(), CtlError> {
    if user.service_account_client_id.is_some() {
        entries.leave_out("service accounts");
        return Ok(());
    }
    let place = format!("users[{}] {:?}", number - 1, user.username.as_deref().unwrap_or_default());
    let mut entry = Map::new();
    let mut put = |name: &str, value: Option<Value>| {
        if let Some(value) = value {
            entry.insert(name.to_owned(), value);
        }
    };
    put("external_id", user.id.map(Value::from));
    put("username", user.username.map(Value::from));
    put("email", user.email.filter(|email| !email.is_empty()).map(Value::from));
    put("email_verified", user.email_verified.map(Value::from));
    put("enabled", user.enabled.map(Value::from));
    let groups: Vec<&str> = user.groups.iter().map(|path| path.trim_start_matches('/')).collect();
    put("groups", (!groups.is_empty()).then(|| json!(groups)));
    let properties = properties(user.first_name, user.last_name, user.attributes);
    put("properties", (!properties.is_empty()).then_some(Value::Object(properties)));
    for credential in user.credentials {
        if credential.kind.as_deref() != Some("password") {
            entries.leave_out("second factors (people set them up again)");
            continue;
        }
        match hash(credential) {
            Ok(hash) => put("password_hash", Some(Value::from(hash))),
            Err(message) => entries.fault(number, format!("{place} password"), message),
        }
    }
    if !user.realm_roles.is_empty() || !user.client_roles.is_empty() {
        entries.leave_out("users with roles (groups are taken along, roles are not)");
    }
    entries.push(number, &entry)
}

fn hash(credential: Credential) -> Result<String, String> {
    let (data, secret) = match (credential.credential_data, credential.secret_data) {
        (Some(data), Some(secret)) => (data, secret),
        _ => (
            json!({ "hashIterations": credential.hash_iterations, "algorithm": credential.algorithm }).to_string(),
            json!({ "value": credential.hashed_salted_value, "salt": credential.salt }).to_string(),
        ),
    };
    from_keycloak(&data, &secret).map(|hash| hash.as_str().to_owned()).map_err(|error| error.to_string())
}

fn properties(first: Option<String>, last: Option<String>, attributes: BTreeMap<String, Value>) -> Map<String, Value> {
    let mut properties = Map::new();
    let name: Vec<&str> =
        [&first, &last].into_iter().flatten().map(String::as_str).filter(|name| !name.is_empty()).collect();
    if !name.is_empty() {
        properties.insert("name".to_owned(), json!(name.join(" ")));
    }
    for (name, value) in [("given_name", first), ("family_name", last)] {
        if let Some(value) = value.filter(|value| !value.is_empty()) {
            properties.insert(name.to_owned(), json!(value));
        }
    }
    for (name, value) in attributes {
        // Keycloak keeps every attribute as a list.
        let value = match value {
            Value::Array(mut items) if items.len() == 1 => items.remove(0),
            other => other,
        };
        let name = if RESERVED_CLAIMS.contains(&name.as_str()) { format!("{PREFIX}{name}") } else { name };
        properties.entry(name).or_insert(value);
    }
    properties
}
