//! One entry of `users`: its fields, what each may hold, and what is refused.

use serde_json::Value;
use serde_json::value::RawValue;

use crate::model::user::RESERVED_CLAIMS;
use crate::model::{EmailAddress, Properties, Username};
use crate::password;
use crate::reconcile::users_file::{DesiredUser, Field, Member, Reader};
use crate::secret::Secret;

/// The fields of an entry.
pub(super) const FIELDS: &[&str] = &["username", "email", "email_verified", "enabled", "password", "properties"];

/// The longest name of a property, in bytes.
const PROPERTY_NAME_BYTES: usize = 128;

/// Reads one entry; faults go to the reader, and what is faulty yields no user.
pub(super) fn read<'t>(reader: &mut Reader<'t>, entry: &'t RawValue, place: &str) -> Option<DesiredUser> {
    let before = reader.faults.len();
    let username = name_of(entry);
    let place = match (&username, place) {
        (Some(name), "") => format!("\"{}\"", name.escape_debug()),
        (Some(name), place) => format!("{place} \"{}\"", name.escape_debug()),
        (None, place) => place.to_owned(),
    };
    let members = reader.members(entry, &place, FIELDS);
    let mut user = None;
    let mut rest = Vec::new();
    for member in members {
        if member.key == "username" {
            user = username_of(reader, &member, &place);
        } else {
            rest.push(member);
        }
    }
    if user.is_none() && reader.faults.len() == before {
        reader.fault(entry, &place, "has no `username`");
    }
    let mut desired = DesiredUser {
        username: user.unwrap_or_else(|| Username::from_stored(String::new(), String::new())),
        email: Field::Absent,
        email_verified: None,
        enabled: None,
        password: Field::Absent,
        properties: Field::Absent,
        entry: Secret::new(entry.get()),
        offset: reader.offset(entry),
    };
    for member in rest {
        match member.key.as_str() {
            "email" => desired.email = email_of(reader, &member, &place),
            "email_verified" => {
                desired.email_verified = reader.value(member.value, &format!("{place} email_verified"), "true or false")
            }
            "enabled" => desired.enabled = reader.value(member.value, &format!("{place} enabled"), "true or false"),
            "password" => desired.password = password_of(reader, &member, &place),
            _ => desired.properties = properties_of(reader, &member, &place),
        }
    }
    (reader.faults.len() == before).then_some(desired)
}

/// The username, if it is a text at all: to name the entry in faults.
fn name_of(entry: &RawValue) -> Option<String> {
    #[derive(serde::Deserialize)]
    struct Named {
        username: Option<String>,
    }
    serde_json::from_str::<Named>(entry.get()).ok()?.username
}

fn username_of(reader: &mut Reader<'_>, member: &Member<'_>, place: &str) -> Option<Username> {
    let text: String = reader.value(member.value, &format!("{place} username"), "a text")?;
    Username::parse(&text).map_err(|error| reader.fault(member.value, place, error.to_string())).ok()
}

fn email_of(reader: &mut Reader<'_>, member: &Member<'_>, place: &str) -> Field<EmailAddress> {
    let Some(text) = reader.value::<Option<String>>(member.value, &format!("{place} email"), "a text or null") else {
        return Field::Absent;
    };
    match text.as_deref().map(EmailAddress::parse) {
        None => Field::Null,
        Some(Ok(email)) => Field::Value(email),
        Some(Err(error)) => {
            reader.fault(member.value, &format!("{place} email"), error.to_string());
            Field::Absent
        }
    }
}

fn password_of(reader: &mut Reader<'_>, member: &Member<'_>, place: &str) -> Field<Secret> {
    let place = format!("{place} password");
    // The value itself must not appear in a message, whatever is wrong with it.
    let Ok(text) = serde_json::from_str::<Option<Secret>>(member.value.get()) else {
        reader.fault(member.value, &place, "should be a text or null");
        return Field::Absent;
    };
    let Some(text) = text else { return Field::Null };
    if let Err(error) = password::prepare(&text) {
        reader.fault(member.value, &place, error.to_string());
        return Field::Absent;
    }
    if let Some(name) = placeholder(text.expose()) {
        reader.fault(
            member.value,
            &place,
            format!("still holds the placeholder ${{{name}}}; fill it in before the file is read"),
        );
        return Field::Absent;
    }
    Field::Value(text)
}

/// Finds `${NAME}`: a template that nobody filled in would make its text everybody's password.
fn placeholder(text: &str) -> Option<&str> {
    let (_, rest) = text.split_once("${")?;
    let (name, _) = rest.split_once('}')?;
    let sound = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    sound.then_some(name)
}

fn properties_of<'t>(reader: &mut Reader<'t>, member: &Member<'t>, place: &str) -> Field<Properties> {
    if member.value.get() == "null" {
        return Field::Null;
    }
    let place = format!("{place} properties");
    let mut properties = Properties::new();
    for property in reader.members(member.value, &place, &[]) {
        let name = &property.key;
        if name.is_empty() || name.len() > PROPERTY_NAME_BYTES || name.chars().any(char::is_control) {
            reader.fault(
                property.value,
                &place,
                format!("a property's name has 1 to {PROPERTY_NAME_BYTES} bytes and no controls"),
            );
        } else if RESERVED_CLAIMS.contains(&name.as_str()) {
            let message = format!("`{name}` is a claim that the protocol itself makes; choose another name");
            reader.fault(property.value, &place, message);
        } else if let Some(value) = reader.value::<Value>(property.value, &place, "a JSON value") {
            properties.insert(property.key, value);
        }
    }
    Field::Value(properties)
}
