//! The kinds of values that settings have. Each is checked once, here, and can show itself without its secrets.

use std::fmt;
use std::net::{Ipv4Addr, Ipv6Addr};
use std::path::PathBuf;
use std::str::FromStr;

use schemars::{JsonSchema, SchemaGenerator};
use serde::de::{DeserializeOwned, Error as _};
use serde::{Deserialize, Deserializer};
use serde_json::{Value, json};

use crate::config::base_url::BaseUrl;
use crate::config::database_url::DatabaseUrl;
use crate::config::network::Network;
use crate::model::SigningAlgorithm;
use crate::secret::Secret;

/// A kind of value that a setting may have.
pub(super) trait Setting: DeserializeOwned + JsonSchema {
    /// Whether the value may hold a secret: then no error repeats it.
    const SECRET: bool = false;

    /// What the value should be, in words, for errors.
    const WANTED: &'static str;

    /// Returns the JSON Schema of the value.
    fn schema(generator: &mut SchemaGenerator) -> Value {
        generator.subschema_for::<Self>().to_value()
    }

    /// Returns the value as it may be shown.
    fn show(&self) -> String;

    /// Returns the value for the schema's `default`; `None` where there is none to show.
    fn as_default(&self) -> Option<Value> {
        Some(json!(self.show()))
    }
}

macro_rules! plain_settings {
    ($($kind:ty => $wanted:literal),* $(,)?) => {$(
        impl Setting for $kind {
            const WANTED: &'static str = $wanted;

            fn show(&self) -> String {
                self.to_string()
            }

            fn as_default(&self) -> Option<Value> {
                Some(json!(self))
            }
        }
    )*};
}

plain_settings! {
    bool => "true or false",
    u16 => "a whole number from 0 to 65535",
    u32 => "a whole number from 0 to 4294967295",
    usize => "a whole number",
    String => "a text",
    SigningAlgorithm => "\"RS256\", \"ES256\" or \"EdDSA\"",
}

impl Setting for PathBuf {
    const WANTED: &'static str = "a path";

    fn show(&self) -> String {
        self.display().to_string()
    }
}

impl Setting for Vec<String> {
    const WANTED: &'static str = "a list of texts: [\"…\", \"…\"]";

    fn show(&self) -> String {
        format!("[{}]", self.iter().map(|text| format!("{text:?}")).collect::<Vec<_>>().join(", "))
    }

    fn as_default(&self) -> Option<Value> {
        Some(json!(self))
    }
}

impl Setting for Vec<Network> {
    const WANTED: &'static str = "a list of networks: [\"10.0.0.0/8\", \"fd00::/8\"]";

    fn show(&self) -> String {
        format!("[{}]", self.iter().map(|network| format!("\"{network}\"")).collect::<Vec<_>>().join(", "))
    }

    fn as_default(&self) -> Option<Value> {
        Some(json!(self))
    }
}

impl Setting for Secret {
    const SECRET: bool = true;
    const WANTED: &'static str = "a text";

    fn show(&self) -> String {
        "(set)".to_owned()
    }
}

impl<T: Setting> Setting for Option<T> {
    const SECRET: bool = T::SECRET;
    const WANTED: &'static str = T::WANTED;

    /// TOML has no null: a setting is left out or has a value.
    fn schema(generator: &mut SchemaGenerator) -> Value {
        T::schema(generator)
    }

    fn show(&self) -> String {
        self.as_ref().map_or_else(|| "(not set)".to_owned(), Setting::show)
    }

    fn as_default(&self) -> Option<Value> {
        self.as_ref().and_then(Setting::as_default)
    }
}

/// Gives a type that is written as text its `Deserialize`, `JsonSchema` and `Setting`.
macro_rules! text_settings {
    ($($kind:ident => $wanted:literal, secret: $secret:literal, $schema:expr;)*) => {$(
        impl<'de> Deserialize<'de> for $kind {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
            }
        }

        impl JsonSchema for $kind {
            fn schema_name() -> std::borrow::Cow<'static, str> {
                stringify!($kind).into()
            }

            fn inline_schema() -> bool {
                true
            }

            fn json_schema(_: &mut SchemaGenerator) -> schemars::Schema {
                $schema
            }
        }

        impl Setting for $kind {
            const SECRET: bool = $secret;
            const WANTED: &'static str = $wanted;

            fn show(&self) -> String {
                self.to_string()
            }
        }
    )*};
}

text_settings! {
    Host => "a host name, an IPv4 or an IPv6 address", secret: false,
        schemars::json_schema!({ "type": "string", "minLength": 1 });
    BaseUrl => "an http or https URL", secret: false,
        schemars::json_schema!({ "type": "string", "format": "uri", "pattern": "^https?://" });
    DatabaseUrl => "the URL of a database", secret: true,
        schemars::json_schema!({ "type": "string", "pattern": "^(sqlite:|postgres(ql)?://)" });
}

/// Where to listen: a name, an IPv4 or an IPv6 address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Host(String);

impl Host {
    /// Returns the name or address, an IPv6 address without brackets.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Host {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let bare = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
        if let Some(address) = bare {
            return match address.parse::<Ipv6Addr>() {
                Ok(_) => Ok(Self(address.to_owned())),
                Err(_) => Err(format!("{text:?} is not an IPv6 address in brackets")),
            };
        }
        if !text.is_empty() && text.chars().all(|character| character.is_ascii_digit() || character == '.') {
            return match text.parse::<Ipv4Addr>() {
                Ok(_) => Ok(Self(text.to_owned())),
                Err(_) => Err(format!("{text:?} is not an IPv4 address")),
            };
        }
        let name = |character: char| character.is_ascii_alphanumeric() || matches!(character, '.' | '-' | '_');
        if text.parse::<Ipv6Addr>().is_ok() || (!text.is_empty() && text.chars().all(name)) {
            return Ok(Self(text.to_owned()));
        }
        let hint = if text.contains("://") || text.contains(':') {
            "; give the host alone, the port has its own setting"
        } else {
            ""
        };
        Err(format!("{text:?} is not a host name or an address{hint}"))
    }
}

impl fmt::Display for Host {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// Who must use PKCE (RFC 7636).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(inline)]
pub enum RequirePkce {
    /// Clients that cannot keep a secret.
    Public,
    /// Every client.
    All,
}

impl Setting for RequirePkce {
    const WANTED: &'static str = "\"public\" or \"all\"";

    fn show(&self) -> String {
        match self {
            Self::Public => "public".to_owned(),
            Self::All => "all".to_owned(),
        }
    }
}

/// Whether clients may register themselves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(inline)]
pub enum RegistrationMode {
    /// No.
    Off,
    /// With an initial access token.
    Token,
    /// Anybody may.
    Open,
}

impl Setting for RegistrationMode {
    const WANTED: &'static str = "\"off\", \"token\" or \"open\"";

    fn show(&self) -> String {
        match self {
            Self::Off => "off".to_owned(),
            Self::Token => "token".to_owned(),
            Self::Open => "open".to_owned(),
        }
    }
}

/// What happens to what a users file no longer names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(inline)]
pub enum PruneChoice {
    /// Nothing.
    Keep,
    /// It may no longer be used.
    Disable,
    /// It is removed.
    Delete,
}

impl Setting for PruneChoice {
    const WANTED: &'static str = "\"keep\", \"disable\" or \"delete\"";

    fn show(&self) -> String {
        match self {
            Self::Keep => "keep".to_owned(),
            Self::Disable => "disable".to_owned(),
            Self::Delete => "delete".to_owned(),
        }
    }
}

/// How log lines are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(inline)]
pub enum LogFormat {
    /// For people.
    Text,
    /// For machines: one JSON object a line.
    Json,
}

impl Setting for LogFormat {
    const WANTED: &'static str = "\"text\" or \"json\"";

    fn show(&self) -> String {
        match self {
            Self::Text => "text".to_owned(),
            Self::Json => "json".to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_are_names_and_addresses() {
        for (text, host) in [
            ("0.0.0.0", "0.0.0.0"),
            ("::", "::"),
            ("::1", "::1"),
            ("[::1]", "::1"),
            ("localhost", "localhost"),
            ("auth-1.example.com", "auth-1.example.com"),
        ] {
            assert_eq!(text.parse::<Host>().unwrap().as_str(), host);
        }
        for text in ["", "[localhost]", "[127.0.0.1]", "[::1", "::g", "256.1.1.1", "127.0.0.1:80", "http://x", "a b"] {
            assert!(text.parse::<Host>().is_err(), "{text}");
        }
    }
}
