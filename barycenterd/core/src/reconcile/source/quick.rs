//! Reads an entry of `users` that is plain, in one go: three times as fast as the [`Reader`](super::reader::Reader),
//! which looks at every value by itself, so that each fault knows its place.
//!
//! The rule: what is read here, the reader reads to the same result. What is not plain, because it is wrong or only
//! because it is rare (a placeholder, a reference to a file, a name with escapes), is left to it; only it finds faults.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::fmt;

use serde::Deserialize;
use serde::de::{self, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::Value;

use crate::model::user::RESERVED_CLAIMS;
use crate::model::{EmailAddress, Groups, Properties, Username};
use crate::password::{self, PasswordHash};
use crate::reconcile::source::reader::Field;
use crate::reconcile::source::user::{DeclaredPassword, DesiredUser, MOST_GROUPS, is_sound_name};
use crate::secret::Secret;

/// An entry as it is written, of the types that its fields have.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Plain<'t> {
    #[serde(borrow)]
    username: Cow<'t, str>,
    #[serde(default)]
    external_id: Field<String>,
    #[serde(default, borrow)]
    email: Field<&'t str>,
    #[serde(default)]
    email_verified: Field<bool>,
    #[serde(default)]
    enabled: Field<bool>,
    #[serde(default)]
    protected: Field<bool>,
    #[serde(default)]
    password: Field<Secret>,
    #[serde(default, borrow)]
    password_hash: Field<&'t str>,
    #[serde(default)]
    groups: Field<PlainGroups>,
    #[serde(default)]
    properties: Field<PlainProperties>,
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Field<T> {
    /// Reads a field that is there; one that is not is `Absent` by default.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Option::deserialize(deserializer)?.map_or(Self::Null, Self::Value))
    }
}

/// Groups, each once.
struct PlainGroups(Groups);

impl<'de> Deserialize<'de> for PlainGroups {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Collect;

        impl<'de> Visitor<'de> for Collect {
            type Value = PlainGroups;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("sound names, each once")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut names: A) -> Result<PlainGroups, A::Error> {
                let mut groups = BTreeSet::new();
                while let Some(name) = names.next_element::<String>()? {
                    if !is_sound_name(&name) || groups.len() == MOST_GROUPS || !groups.insert(name) {
                        return Err(de::Error::custom("not plain"));
                    }
                }
                Ok(PlainGroups(groups))
            }
        }

        deserializer.deserialize_seq(Collect)
    }
}

/// Properties, each once, none of which is a claim of the protocol.
struct PlainProperties(Properties);

impl<'de> Deserialize<'de> for PlainProperties {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Collect;

        impl<'de> Visitor<'de> for Collect {
            type Value = PlainProperties;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("sound names, each once")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<PlainProperties, A::Error> {
                let mut properties = Properties::new();
                while let Some((name, value)) = members.next_entry::<String, Value>()? {
                    let is_sound = is_sound_name(&name) && !RESERVED_CLAIMS.contains(&name.as_str());
                    if !is_sound || properties.insert(name, value).is_some() {
                        return Err(de::Error::custom("not plain"));
                    }
                }
                Ok(PlainProperties(properties))
            }
        }

        deserializer.deserialize_map(Collect)
    }
}

/// Reads an entry, if it is plain.
pub(super) fn read(text: &str) -> Option<DesiredUser> {
    // Serde would take a list for an object whose fields stand in that order.
    if !text.trim_ascii_start().starts_with('{') || may_hold_placeholder(text) {
        return None;
    }
    let plain: Plain<'_> = serde_json::from_str(text).ok()?;
    let external_id = plain.external_id;
    if external_id.value().is_some_and(|id| !is_sound_name(id)) {
        return None;
    }
    let password = match (plain.password, plain.password_hash) {
        (Field::Absent, Field::Absent) => Field::Absent,
        (Field::Null, Field::Absent) | (Field::Absent, Field::Null) => Field::Null,
        (Field::Value(password), Field::Absent) => {
            password::prepare(&password).ok()?;
            Field::Value(DeclaredPassword::Plain(password, None))
        }
        (Field::Absent, Field::Value(hash)) => {
            Field::Value(DeclaredPassword::Hash(PasswordHash::parse(hash).ok()?, None))
        }
        (Field::Null | Field::Value(_), Field::Null | Field::Value(_)) => return None,
    };
    Some(DesiredUser {
        external_id,
        username: Username::parse(&plain.username).ok()?,
        email: match plain.email {
            Field::Absent => Field::Absent,
            Field::Null => Field::Null,
            Field::Value(text) => Field::Value(EmailAddress::parse(text).ok()?),
        },
        email_verified: plain.email_verified,
        enabled: plain.enabled,
        protected: plain.protected,
        password,
        groups: plain.groups.map(|groups| groups.0),
        properties: plain.properties.map(|properties| properties.0),
    })
}

/// Returns whether a text of the entry may hold `${`, as it is or with escapes.
fn may_hold_placeholder(text: &str) -> bool {
    let mut rest = text;
    while let Some(at) = memchr::memchr2(b'$', b'\\', rest.as_bytes()) {
        let (_, found) = rest.split_at(at);
        if ["${", "\\u0024", "$\\u007"].iter().any(|start| found.starts_with(start)) {
            return true;
        }
        let Some(behind) = found.get(1..) else { return false };
        rest = behind;
    }
    false
}

/// Returns whether the reader reads an entry to the same result, if it is plain: what tests and fuzzers hold this to.
#[cfg(any(test, fuzzing))]
pub(in crate::reconcile) fn agrees(text: &str) -> bool {
    use crate::reconcile::change::Kind;
    use crate::reconcile::source::scan::Position;
    use crate::reconcile::source::values::Values;
    use crate::reconcile::source::{Desired, read_thoroughly};

    let Some(quick) = read(text) else { return true };
    [Values::default(), Values::filled()].iter().all(|values| {
        match read_thoroughly(Kind::User, text, Position::START, None, values) {
            Ok(Desired::User(user)) => {
                user.digest() == quick.digest() && user.to_entry().expose() == quick.to_entry().expose()
            }
            _ => false,
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_plain_is_read_as_the_reader_reads_it() {
        let hash = "$2b$12$LQv3c1yqBWVHxkd0LHAkCOYz6TtxMQJqhN8/LewKyNiAYMyzJ/I1i";
        for text in [
            r#"{"username":"a"}"#.to_owned(),
            r#"{"username":"J\u00fcrgen","email":"A@example.com","external_id":"\u00fc","groups":["b","a"],"protected":true}"#.to_owned(),
            r#"{"username":"a","email":null,"external_id":null,"groups":null,"properties":null,"password":null,"enabled":null}"#.to_owned(),
            r#"{"username":"a","password_hash":null,"properties":{"x":[1.5e3,-0.0,{"y":"\ud83d\ude00"}],"z":null,"u":18446744073709551616}}"#.to_owned(),
            format!(r#" {{ "username" : "a" , "password_hash" : "{hash}" , "enabled" : false }} "#),
            r#"{"username":"a","password":"p\u00e4ss $x w\"rd"}"#.to_owned(),
        ] {
            assert!(read(&text).is_some(), "{text}");
            assert!(agrees(&text), "{text}");
        }
    }

    #[test]
    fn what_is_not_plain_is_left_to_the_reader() {
        for text in [
            r#"{"username":"a","username":"b"}"#,
            r#"{"username":"a","email":"a@example.com","email":null}"#,
            r#"{"username":"a","user":"b"}"#,
            r#"{"email":null}"#,
            r#"{"username":null}"#,
            r#"{"username":"a b"}"#,
            r#"{"username":"a"} 7"#,
            r#"["a"]"#,
            r#"{"username":"a","email":"nobody"}"#,
            r#"{"username":"a","external_id":""}"#,
            r#"{"username":"a","groups":["x","x"]}"#,
            r#"{"username":"a","groups":["x\u0000"]}"#,
            r#"{"username":"a","properties":{"x":1,"x":1}}"#,
            r#"{"username":"a","properties":{"sub":1}}"#,
            r#"{"username":"a","properties":{"x":1e999}}"#,
            r#"{"username":"a","password":"p","password_hash":null}"#,
            r#"{"username":"a","password":""}"#,
            r#"{"username":"a","password":{"file":"x"}}"#,
            r#"{"username":"a","password":"${X}"}"#,
            r#"{"username":"a","password":"\u0024{X}"}"#,
            r#"{"username":"a","password":"$\u007bX}"}"#,
            r#"{"username":"a","password":"$\u007BX}"}"#,
            r#"{"username":"a","password_hash":"x"}"#,
            r#"{"username":"a","enabled":1}"#,
            "{\"username\":\"a\\ud800\"}",
        ] {
            assert!(read(text).is_none(), "{text}");
        }
    }
}
