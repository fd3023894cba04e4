//! Reads an entry of `users` that is plain, in one go and without copying its texts: several times as fast as the
//! [`Reader`](super::reader::Reader), which looks at every value by itself, so that each fault knows its place.
//!
//! The rule: what is read here, the reader reads to the same result. What is not plain, because it is wrong or only
//! because it is rare (a placeholder, a reference to a file, a name with escapes), is left to it; only it finds faults.

use std::borrow::Cow;
use std::fmt;

use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer};
use serde::de::{self, Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde::ser::{Serialize, Serializer};
use serde_json::{Number, Value};

use crate::model::user::RESERVED_CLAIMS;
use crate::model::{EmailAddress, Username};
use crate::password::{self, PasswordHash};
use crate::reconcile::source::reader::Field;
use crate::reconcile::source::user::{DeclaredPassword, DesiredUser, MOST_GROUPS, Members, is_sound_name};
use crate::secret::Secret;

/// An entry as it is written, of the types that its fields have.
#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::reconcile) struct PlainUser<'t> {
    username: &'t str,
    #[serde(skip)]
    folded: Cow<'t, str>,
    #[serde(default, borrow)]
    external_id: Field<&'t str>,
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
    #[serde(default, borrow)]
    groups: Field<Groups<'t>>,
    #[serde(default, borrow)]
    properties: Field<Properties<'t>>,
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Field<T> {
    /// Reads a field that is there; one that is not is `Absent` by default.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Option::deserialize(deserializer)?.map_or(Self::Null, Self::Value))
    }
}

/// Groups in their order, each once.
struct Groups<'t>(Vec<&'t str>);

impl<'de: 't, 't> Deserialize<'de> for Groups<'t> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut groups = Vec::<&str>::deserialize(deserializer)?;
        groups.sort_unstable();
        let once = groups.is_sorted_by(|one, next| one < next);
        if once && groups.len() <= MOST_GROUPS && groups.iter().all(|name| is_sound_name(name)) {
            Ok(Self(groups))
        } else {
            Err(de::Error::custom("not plain"))
        }
    }
}

impl Serialize for Groups<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

/// Properties in the order of their names, each once, none of which is a claim of the protocol.
struct Properties<'t>(Vec<(&'t str, Property<'t>)>);

impl<'de: 't, 't> Deserialize<'de> for Properties<'t> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Collect;

        impl<'de> Visitor<'de> for Collect {
            type Value = Properties<'de>;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("sound names, each once")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Properties<'de>, A::Error> {
                let mut properties = Vec::with_capacity(4);
                while let Some((name, value)) = members.next_entry::<&str, Property<'_>>()? {
                    if !is_sound_name(name) || RESERVED_CLAIMS.contains(&name) {
                        return Err(de::Error::custom("not plain"));
                    }
                    properties.push((name, value));
                }
                properties.sort_unstable_by_key(|(name, _)| *name);
                if !properties.is_sorted_by(|(one, _), (next, _)| one < next) {
                    return Err(de::Error::custom("not plain"));
                }
                Ok(Properties(properties))
            }
        }

        deserializer.deserialize_map(Collect)
    }
}

impl Serialize for Properties<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(name, value)| (name, value)))
    }
}

/// The value of a property: most are texts.
enum Property<'t> {
    Text(Cow<'t, str>),
    Other(Value),
}

impl<'de: 't, 't> Deserialize<'de> for Property<'t> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Take;

        impl<'de> Visitor<'de> for Take {
            type Value = Property<'de>;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("a JSON value")
            }

            fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
                Ok(Property::Text(Cow::Borrowed(text)))
            }

            fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
                Ok(Property::Text(Cow::Owned(text.to_owned())))
            }

            fn visit_unit<E>(self) -> Result<Self::Value, E> {
                Ok(Property::Other(Value::Null))
            }

            fn visit_bool<E>(self, value: bool) -> Result<Self::Value, E> {
                Ok(Property::Other(Value::Bool(value)))
            }

            fn visit_i64<E>(self, value: i64) -> Result<Self::Value, E> {
                Ok(Property::Other(Value::from(value)))
            }

            fn visit_u64<E>(self, value: u64) -> Result<Self::Value, E> {
                Ok(Property::Other(Value::from(value)))
            }

            fn visit_f64<E: de::Error>(self, value: f64) -> Result<Self::Value, E> {
                let number = Number::from_f64(value).ok_or_else(|| E::custom("not plain"))?;
                Ok(Property::Other(Value::Number(number)))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, items: A) -> Result<Self::Value, A::Error> {
                Value::deserialize(SeqAccessDeserializer::new(items)).map(Property::Other)
            }

            fn visit_map<A: MapAccess<'de>>(self, members: A) -> Result<Self::Value, A::Error> {
                Value::deserialize(MapAccessDeserializer::new(members)).map(Property::Other)
            }
        }

        deserializer.deserialize_any(Take)
    }
}

impl Serialize for Property<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Text(text) => serializer.serialize_str(text),
            Self::Other(value) => value.serialize(serializer),
        }
    }
}

impl Property<'_> {
    fn into_value(self) -> Value {
        match self {
            Self::Text(text) => Value::String(text.into_owned()),
            Self::Other(value) => value,
        }
    }
}

impl<'t> PlainUser<'t> {
    /// Reads an entry, if it is plain.
    pub(super) fn read(text: &'t str) -> Option<Self> {
        Self::read_again(text).filter(Self::is_sound)
    }

    /// Reads an entry that has been found to be without fault, if it is plain.
    pub(super) fn read_again(text: &'t str) -> Option<Self> {
        // Serde would take a list for an object whose fields stand in that order.
        if !text.trim_ascii_start().starts_with('{') || may_hold_placeholder(text) {
            return None;
        }
        let mut user: Self = serde_json::from_str(text).ok()?;
        user.folded = Username::fold(user.username).ok()?;
        Some(user)
    }

    fn is_sound(&self) -> bool {
        self.external_id.value().is_none_or(|id| is_sound_name(id))
            && self.email.value().is_none_or(|email| EmailAddress::is_sound(email))
            && match (&self.password, &self.password_hash) {
                (Field::Absent | Field::Null, Field::Absent) | (Field::Absent, Field::Null) => true,
                (Field::Value(password), Field::Absent) => password::prepare(password).is_ok(),
                (Field::Absent, Field::Value(hash)) => PasswordHash::check(hash).is_ok(),
                (Field::Null | Field::Value(_), Field::Null | Field::Value(_)) => false,
            }
    }

    pub(super) fn username(&self) -> &'t str {
        self.username
    }

    /// Returns the name under which names are compared.
    pub(super) fn folded(&self) -> &str {
        &self.folded
    }

    /// Returns the form under which addresses are compared.
    pub(super) fn folded_email(&self) -> Option<Cow<'t, str>> {
        self.email.value().map(|email| EmailAddress::fold(email))
    }

    pub(super) fn external_id(&self) -> Option<&'t str> {
        self.external_id.value().copied()
    }

    /// Returns the password in clear text.
    pub(super) fn password(&self) -> Option<&Secret> {
        self.password.value()
    }

    /// Returns the declared password, in clear text or as a hash.
    pub(super) fn secret(&self) -> Option<&str> {
        self.password.value().map(Secret::expose).or_else(|| self.password_hash.value().copied())
    }

    /// See [`DesiredUser::digest`].
    pub(super) fn digest(&self) -> String {
        let password = match (&self.password, &self.password_hash) {
            (Field::Value(password), _) => Field::Value((DeclaredPassword::PLAIN, password.expose())),
            (_, Field::Value(hash)) => Field::Value((DeclaredPassword::HASH, *hash)),
            (Field::Absent, Field::Absent) => Field::Absent,
            _ => Field::Null,
        };
        let members = Members {
            email: self.email.as_ref().map(|email| *email),
            email_verified: &self.email_verified,
            enabled: &self.enabled,
            external_id: self.external_id.as_ref().map(|id| *id),
            groups: self.groups.as_ref(),
            password,
            properties: self.properties.as_ref(),
            protected: &self.protected,
            username: self.username,
        };
        members.digest()
    }

    /// Copies its texts.
    pub(super) fn into_desired(self) -> DesiredUser {
        let password = match (self.password, self.password_hash) {
            (Field::Value(password), _) => Field::Value(DeclaredPassword::Plain(password, None)),
            (_, Field::Value(hash)) => {
                Field::Value(DeclaredPassword::Hash(PasswordHash::from_stored(hash.to_owned()), None))
            }
            (Field::Absent, Field::Absent) => Field::Absent,
            _ => Field::Null,
        };
        DesiredUser {
            external_id: self.external_id.map(str::to_owned),
            username: Username::from_stored(self.username.to_owned(), self.folded.into_owned()),
            email: self.email.map(|email| EmailAddress::from_sound(email.to_owned())),
            email_verified: self.email_verified,
            enabled: self.enabled,
            protected: self.protected,
            password,
            groups: self.groups.map(|groups| groups.0.into_iter().map(str::to_owned).collect()),
            properties: self.properties.map(|properties| {
                properties.0.into_iter().map(|(name, value)| (name.to_owned(), value.into_value())).collect()
            }),
        }
    }
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

/// Returns whether the reader reads an entry to the same result, if it is plain, and finds a fault in one that is not
/// sound: what tests and fuzzers hold this to.
#[cfg(any(test, fuzzing))]
pub(in crate::reconcile) fn agrees(text: &str) -> bool {
    use crate::reconcile::change::Kind;
    use crate::reconcile::probe::Probe;
    use crate::reconcile::source::scan::Position;
    use crate::reconcile::source::values::Values;
    use crate::reconcile::source::{Desired, Parsed, read_thoroughly};

    fn parts<'p>(Probe { key, external_id, email, digest, secret }: &'p Probe<'_>) -> [Option<&'p str>; 5] {
        [Some(*key), *external_id, email.as_deref(), Some(digest), *secret]
    }

    let Some(plain) = PlainUser::read_again(text) else { return true };
    let is_sound = plain.is_sound();
    let Some(again) = PlainUser::read_again(text) else { return false };
    let (plain, quick) = (Parsed::Plain(plain), again.into_desired());
    let probe = plain.probe();
    [Values::default(), Values::filled()].iter().all(|values| {
        match read_thoroughly(Kind::User, text, Position::START, None, values) {
            Err(_) => !is_sound,
            Ok(desired @ Desired::User(_)) => {
                let same = desired.to_entry().expose() == quick.to_entry().expose();
                is_sound && same && parts(&Parsed::Thorough(desired).probe()) == parts(&probe)
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
            r#"{"username":"Jürgen","email":"Ä@example.com","external_id":"ü","groups":["b","a"],"protected":true}"#.to_owned(),
            r#"{"username":"a","properties":{"b":"\u00fc\n","a":true,"c":-1}}"#.to_owned(),
            r#"{"username":"a","email":null,"external_id":null,"groups":null,"properties":null,"password":null,"enabled":null}"#.to_owned(),
            r#"{"username":"a","password_hash":null,"properties":{"x":[1.5e3,-0.0,{"y":"\ud83d\ude00"}],"z":null,"u":18446744073709551616}}"#.to_owned(),
            format!(r#" {{ "username" : "a" , "password_hash" : "{hash}" , "enabled" : false }} "#),
            r#"{"username":"a","password":"p\u00e4ss $x w\"rd"}"#.to_owned(),
        ] {
            assert!(PlainUser::read(&text).is_some(), "{text}");
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
            r#"{"username":"J\u00fcrgen"}"#,
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
            assert!(PlainUser::read(text).is_none(), "{text}");
        }
    }
}
