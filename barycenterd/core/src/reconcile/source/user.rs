//! One entry of `users`: its fields, what each may hold, what is refused, and how it goes over the wire.

use std::collections::BTreeSet;

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::Value;
use serde_json::value::RawValue;

use crate::model::user::RESERVED_CLAIMS;
use crate::model::{EmailAddress, Groups, Properties, Username};
use crate::password::{self, PasswordHash};
use crate::reconcile::source::reader::{Field, Member, Reader};
use crate::secret::Secret;

/// The fields of an entry.
pub(super) const FIELDS: &[&str] = &[
    "external_id",
    "username",
    "email",
    "email_verified",
    "enabled",
    "password",
    "password_hash",
    "groups",
    "protected",
    "properties",
];

/// The longest name of a property, of a group, and of an external id, in bytes.
const NAME_BYTES: usize = 255;
/// The most groups of one user.
pub(super) const MOST_GROUPS: usize = 1000;

/// How long most entries are, in bytes.
const TYPICAL_ENTRY: usize = 512;

/// What a file wants of one user.
#[derive(Debug, Clone)]
pub struct DesiredUser {
    /// The stable key, if the file gives one: a user of that key who is called otherwise is renamed.
    pub external_id: Field<String>,
    /// The name.
    pub username: Username,
    /// The e-mail address.
    pub email: Field<EmailAddress>,
    /// Whether the address is known to reach the user; `null`: not.
    pub email_verified: Field<bool>,
    /// Whether the user may sign in; `null`: yes.
    pub enabled: Field<bool>,
    /// Whether no sync prunes the account; `null`: not.
    pub protected: Field<bool>,
    /// The password, in clear text or as a hash.
    pub password: Field<DeclaredPassword>,
    /// The groups, all of them.
    pub groups: Field<Groups>,
    /// Further properties; a `null` inside removes that one.
    pub properties: Field<Properties>,
}

/// A password as a file declares it.
#[derive(Debug, Clone)]
pub enum DeclaredPassword {
    /// In clear text; and where it came from, if it did not stand in the file.
    Plain(Secret, Option<String>),
    /// As a hash; and where it came from, if it did not stand in the file.
    Hash(PasswordHash, Option<String>),
}

impl DeclaredPassword {
    /// The field of a password in clear text.
    pub(super) const PLAIN: &str = "password";
    /// The field of a password's hash.
    pub(super) const HASH: &str = "password_hash";

    /// Returns the field of the entry that declares it.
    #[must_use]
    pub const fn field(&self) -> &'static str {
        match self {
            Self::Plain(..) => Self::PLAIN,
            Self::Hash(..) => Self::HASH,
        }
    }

    /// Returns what is declared: a text that must not be seen.
    #[must_use]
    pub fn expose(&self) -> &str {
        match self {
            Self::Plain(password, _) => password.expose(),
            Self::Hash(hash, _) => hash.as_str(),
        }
    }

    /// Returns where it came from, if it did not stand in the file: `env:ALICE_PASSWORD`.
    #[must_use]
    pub fn source(&self) -> Option<&str> {
        match self {
            Self::Plain(_, source) | Self::Hash(_, source) => source.as_deref(),
        }
    }
}

impl DesiredUser {
    /// Returns what a file wants that names nothing but the user.
    #[must_use]
    pub const fn named(username: Username) -> Self {
        Self {
            external_id: Field::Absent,
            username,
            email: Field::Absent,
            email_verified: Field::Absent,
            enabled: Field::Absent,
            protected: Field::Absent,
            password: Field::Absent,
            groups: Field::Absent,
            properties: Field::Absent,
        }
    }

    /// Returns the entry as JSON on one line, its secret with it: as it goes over the wire.
    #[must_use]
    pub fn to_entry(&self) -> Secret {
        Secret::new(String::from_utf8(self.members().to_json(true)).unwrap_or_default())
    }

    /// Returns the digest of the entry without its secret, 128 bits in base64url: whether the file moved.
    #[must_use]
    pub fn digest(&self) -> String {
        self.members().digest()
    }

    fn members(&self) -> Members<'_, Groups, Properties> {
        Members {
            email: self.email.as_ref().map(EmailAddress::as_str),
            email_verified: &self.email_verified,
            enabled: &self.enabled,
            external_id: self.external_id.as_ref().map(String::as_str),
            groups: self.groups.as_ref(),
            password: self.password.as_ref().map(|password| (password.field(), password.expose())),
            properties: self.properties.as_ref(),
            protected: &self.protected,
            username: self.username.as_str(),
        }
    }
}

/// Returns whether a password is one that guides and templates show, to be changed by whoever reads them.
pub(super) fn is_sample_password(password: &Secret) -> bool {
    let folded = password.expose().to_ascii_lowercase().replace('_', "-");
    folded.contains("change-me") || folded.contains("changeme")
}

/// An entry as JSON: its members in the order of their names, with the secret or without it. The digest hangs on every
/// byte: what changes here makes every stored user look changed in the file.
pub(super) struct Members<'m, G, P> {
    pub(super) email: Field<&'m str>,
    pub(super) email_verified: &'m Field<bool>,
    pub(super) enabled: &'m Field<bool>,
    pub(super) external_id: Field<&'m str>,
    /// Texts in their order.
    pub(super) groups: Field<&'m G>,
    /// The field that declares it, and what is declared.
    pub(super) password: Field<(&'static str, &'m str)>,
    /// Values in the order of their names.
    pub(super) properties: Field<&'m P>,
    pub(super) protected: &'m Field<bool>,
    pub(super) username: &'m str,
}

impl<G: Serialize, P: Serialize> Members<'_, G, P> {
    /// Returns 128 bits of SHA-256 of the entry without its secret, in base64url.
    pub(super) fn digest(&self) -> String {
        let mut text = self.to_json(false);
        // Which secret there is belongs to the entry; what it is does not.
        text.extend_from_slice(self.password.value().map_or("", |(field, _)| field).as_bytes());
        URL_SAFE_NO_PAD.encode(digest(&SHA256, &text).as_ref().get(..16).unwrap_or_default())
    }

    fn to_json(&self, with_secret: bool) -> Vec<u8> {
        let mut text = Vec::with_capacity(TYPICAL_ENTRY);
        // An entry holds nothing that JSON cannot express, and memory takes everything.
        let _ = self.write(&mut serde_json::Serializer::new(&mut text), with_secret);
        text
    }

    fn write<S: Serializer>(&self, serializer: S, with_secret: bool) -> Result<S::Ok, S::Error> {
        fn put<M: SerializeMap, T: Serialize>(members: &mut M, name: &str, field: &Field<T>) -> Result<(), M::Error> {
            match field {
                Field::Absent => Ok(()),
                Field::Null => members.serialize_entry(name, &()),
                Field::Value(value) => members.serialize_entry(name, value),
            }
        }

        let mut members = serializer.serialize_map(None)?;
        put(&mut members, "email", &self.email)?;
        put(&mut members, "email_verified", self.email_verified)?;
        put(&mut members, "enabled", self.enabled)?;
        put(&mut members, "external_id", &self.external_id)?;
        put(&mut members, "groups", &self.groups)?;
        match self.password {
            Field::Null => members.serialize_entry(DeclaredPassword::PLAIN, &())?,
            Field::Value((field, secret)) if with_secret => members.serialize_entry(field, secret)?,
            Field::Absent | Field::Value(_) => {}
        }
        put(&mut members, "properties", &self.properties)?;
        put(&mut members, "protected", self.protected)?;
        members.serialize_entry("username", self.username)?;
        members.end()
    }
}

/// Reads one entry; faults go to the reader, and what is faulty yields no user.
pub(super) fn read<'t>(reader: &mut Reader<'t, '_>, entry: &'t RawValue) -> Option<DesiredUser> {
    let members = reader.split(entry, "");
    reader.name_by("username", &members);
    let named = members.iter().any(|member| member.key == "username");
    let is_object = entry.get().starts_with('{') && reader.faults.is_empty();
    let members = reader.sound(members, "", FIELDS);
    if is_object && !named {
        reader.fault(entry, "", "has no `username`");
    }
    let mut username = None;
    let mut user = DesiredUser::named(Username::from_stored(String::new(), String::new()));
    for Member { key, value } in members {
        match key.as_str() {
            "username" => username = username_of(reader, value),
            "external_id" => user.external_id = external_id_of(reader, value),
            "email" => user.email = email_of(reader, value),
            "email_verified" => user.email_verified = reader.field(value, "email_verified", "true, false or null"),
            "enabled" => user.enabled = reader.field(value, "enabled", "true, false or null"),
            "protected" => user.protected = reader.field(value, "protected", "true, false or null"),
            "groups" => user.groups = groups_of(reader, value),
            "properties" => user.properties = properties_of(reader, value),
            field => {
                if !matches!(user.password, Field::Absent) {
                    reader.fault(value, field, "`password` and `password_hash` cannot stand together; keep one");
                }
                user.password = password_of(reader, value, field == "password_hash");
            }
        }
    }
    user.username = username?;
    reader.faults.is_empty().then_some(user)
}

fn username_of(reader: &mut Reader<'_, '_>, value: &RawValue) -> Option<Username> {
    let text: String = reader.value(value, "username", "a text")?;
    let text = reader.fill(value, "username", text)?;
    Username::parse(&text).map_err(|error| reader.fault(value, "", error.to_string())).ok()
}

/// Refuses names that nobody could read or that are too long to be any.
pub(super) fn is_sound_name(text: &str) -> bool {
    (1..=NAME_BYTES).contains(&text.len()) && !text.chars().any(char::is_control)
}

fn external_id_of(reader: &mut Reader<'_, '_>, value: &RawValue) -> Field<String> {
    match reader.text(value, "external_id") {
        Field::Value(text) if !is_sound_name(&text) => {
            reader.fault(value, "external_id", format!("has 1 to {NAME_BYTES} bytes and no controls"));
            Field::Absent
        }
        other => other,
    }
}

fn email_of(reader: &mut Reader<'_, '_>, value: &RawValue) -> Field<EmailAddress> {
    match reader.text(value, "email") {
        Field::Absent => Field::Absent,
        Field::Null => Field::Null,
        Field::Value(text) => match EmailAddress::parse(&text) {
            Ok(email) => Field::Value(email),
            Err(error) => {
                let filled = reader.has_placeholder(value);
                let shown = || "what was filled in is not an e-mail address".to_owned();
                reader.fault(value, "email", if filled { shown() } else { error.to_string() });
                Field::Absent
            }
        },
    }
}

fn password_of(reader: &mut Reader<'_, '_>, value: &RawValue, is_hash: bool) -> Field<DeclaredPassword> {
    let field = if is_hash { "password_hash" } else { "password" };
    let found = match reader.secret(value, field) {
        Field::Absent => return Field::Absent,
        Field::Null => return Field::Null,
        Field::Value(found) => found,
    };
    // The value itself must not appear in a message, whatever is wrong with it.
    let checked = if is_hash {
        PasswordHash::parse(found.value.expose())
            .map(|hash| DeclaredPassword::Hash(hash, found.source))
            .map_err(|error| error.to_string())
    } else {
        password::prepare(&found.value)
            .map(|_| DeclaredPassword::Plain(found.value, found.source))
            .map_err(|error| error.to_string())
    };
    match checked {
        Ok(declared) => Field::Value(declared),
        Err(message) => {
            reader.fault(value, field, message);
            Field::Absent
        }
    }
}

fn groups_of(reader: &mut Reader<'_, '_>, value: &RawValue) -> Field<Groups> {
    let names = match reader.field::<Vec<String>>(value, "groups", "a list of texts or null") {
        Field::Absent => return Field::Absent,
        Field::Null => return Field::Null,
        Field::Value(names) => names,
    };
    if names.len() > MOST_GROUPS {
        reader.fault(value, "groups", format!("one user has at most {MOST_GROUPS} groups"));
    }
    let mut groups = BTreeSet::new();
    for name in names {
        let Some(name) = reader.fill(value, "groups", name) else { continue };
        if !is_sound_name(&name) {
            reader.fault(value, "groups", format!("a group's name has 1 to {NAME_BYTES} bytes and no controls"));
        } else if let Some(twice) = groups.replace(name) {
            let shown = if reader.has_placeholder(value) { "a name".to_owned() } else { format!("{twice:?}") };
            reader.fault(value, "groups", format!("{shown} stands twice"));
        }
    }
    Field::Value(groups)
}

fn properties_of<'t>(reader: &mut Reader<'t, '_>, value: &'t RawValue) -> Field<Properties> {
    const FIELD: &str = "properties";
    if value.get() == "null" {
        return Field::Null;
    }
    let mut properties = Properties::new();
    let members = reader.split(value, FIELD);
    for Member { key, value } in reader.sound(members, FIELD, &[]) {
        if !is_sound_name(&key) {
            reader.fault(value, FIELD, format!("a property's name has 1 to {NAME_BYTES} bytes and no controls"));
        } else if RESERVED_CLAIMS.contains(&key.as_str()) {
            let message = format!("`{key}` is a claim that the protocol itself makes; choose another name");
            reader.fault(value, FIELD, message);
        } else if let Some(json) = reader.value::<Value>(value, FIELD, "a JSON value")
            && let Some(json) = reader.fill_all(value, FIELD, json)
        {
            properties.insert(key, json);
        }
    }
    Field::Value(properties)
}
