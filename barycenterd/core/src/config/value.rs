//! The kinds of values that settings have. Each is checked once, here, and can show itself without its secrets.

use std::fmt;
use std::net::Ipv6Addr;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use schemars::{JsonSchema, SchemaGenerator};
use serde::de::{DeserializeOwned, Error as _};
use serde::{Deserialize, Deserializer};
use serde_json::{Value, json};
use url::Url;

use crate::model::SigningAlgorithm;
use crate::secret::Secret;

/// A kind of value that a setting may have.
pub(super) trait Setting: DeserializeOwned + JsonSchema {
    /// Whether nobody may see the value.
    const SECRET: bool = false;

    /// What the value should be, in words, for errors.
    const WANTED: &'static str;

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

    fn show(&self) -> String {
        self.as_ref().map_or_else(|| "(not set)".to_owned(), Setting::show)
    }

    fn as_default(&self) -> Option<Value> {
        self.as_ref().and_then(Setting::as_default)
    }
}

/// Gives a type that is written as text its `Deserialize`, `JsonSchema` and `Setting`.
macro_rules! text_settings {
    ($($kind:ident => $wanted:literal, $schema:expr;)*) => {$(
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
            const WANTED: &'static str = $wanted;

            fn show(&self) -> String {
                self.to_string()
            }
        }
    )*};
}

text_settings! {
    Host => "a host name, an IPv4 or an IPv6 address", schemars::json_schema!({ "type": "string", "minLength": 1 });
    BaseUrl => "an http or https URL", schemars::json_schema!({ "type": "string", "format": "uri", "pattern": "^https?://" });
    DatabaseUrl => "a URL", schemars::json_schema!({ "type": "string", "pattern": "^(sqlite:|postgres(ql)?://)" });
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

/// The public address, which is also the issuer: `https://auth.example.com`, without a slash at the end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BaseUrl {
    text: String,
    path: String,
    host: String,
    https: bool,
}

impl BaseUrl {
    /// Returns the URL without a slash at the end: the `iss` claim.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Returns the path without a slash at the end; empty for most deployments.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }

    /// Returns whether the scheme is https.
    #[must_use]
    pub fn is_https(&self) -> bool {
        self.https
    }

    /// Returns whether the host is this machine.
    #[must_use]
    pub fn is_loopback(&self) -> bool {
        matches!(self.host.as_str(), "localhost" | "127.0.0.1" | "[::1]") || self.host.ends_with(".localhost")
    }
}

impl FromStr for BaseUrl {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let url = Url::parse(text)
            .map_err(|error| format!("{text:?} is not a URL ({error}); write it like https://auth.example.com"))?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err(format!("{text:?} should begin with https:// (or http:// for trying things out)"));
        }
        if url.query().is_some() || url.fragment().is_some() {
            return Err(format!("{text:?} may have no query and no fragment"));
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err("the URL may hold no user name and no password".to_owned());
        }
        let host = url.host_str().ok_or_else(|| format!("{text:?} names no host"))?.to_owned();
        Ok(Self {
            text: url.as_str().trim_end_matches('/').to_owned(),
            path: url.path().trim_end_matches('/').to_owned(),
            https: url.scheme() == "https",
            host,
        })
    }
}

impl fmt::Display for BaseUrl {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.text)
    }
}

/// Which database a URL leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Backend {
    /// A file.
    Sqlite,
    /// A server.
    Postgres,
}

/// A database's URL. Whatever shows it hides the password.
#[derive(Clone, PartialEq, Eq)]
pub struct DatabaseUrl {
    text: String,
    backend: Backend,
    path: Option<PathBuf>,
}

impl DatabaseUrl {
    /// Returns the URL with its password. Every call deserves a look: where does it go?
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.text
    }

    /// Returns which kind of database it leads to.
    #[must_use]
    pub fn backend(&self) -> Backend {
        self.backend
    }

    /// Returns the SQLite file; `None` for a server, and for a database in memory.
    #[must_use]
    pub fn sqlite_path(&self) -> Option<&Path> {
        self.path.as_deref()
    }

    /// Returns the URL with another password.
    ///
    /// # Errors
    /// When there is no user that it could belong to.
    pub(super) fn with_password(&self, password: &Secret) -> Result<Self, String> {
        if self.backend == Backend::Sqlite {
            return Err("an SQLite database has no password; remove database.password".to_owned());
        }
        let mut url = Url::parse(&self.text).map_err(|_| "database.url is not a URL".to_owned())?;
        if url.username().is_empty() {
            return Err("database.password needs a user in database.url: postgresql://USER@HOST/DATABASE".to_owned());
        }
        url.set_password(Some(password.expose())).map_err(|()| "database.url can hold no password".to_owned())?;
        Ok(Self { text: url.into(), ..self.clone() })
    }
}

impl FromStr for DatabaseUrl {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if let Some(rest) = text.strip_prefix("sqlite:") {
            let path = rest.strip_prefix("//").unwrap_or(rest).split('?').next().unwrap_or_default();
            if path.is_empty() {
                return Err("the URL names no file; write it like sqlite:///data/barycenter.db?mode=rwc".to_owned());
            }
            if path == ":memory:" {
                return Err("a database in memory would be another one for every connection; name a file".to_owned());
            }
            return Ok(Self { text: text.to_owned(), backend: Backend::Sqlite, path: Some(PathBuf::from(path)) });
        }
        // The text may hold a password: no message repeats it.
        let url = Url::parse(text)
            .map_err(|error| format!("is not a URL ({error}); write it like postgresql://USER@HOST:5432/DATABASE"))?;
        if !matches!(url.scheme(), "postgres" | "postgresql") {
            return Err(format!(
                "{}: is not a kind of database that can be used; use sqlite: or postgresql:",
                url.scheme()
            ));
        }
        Ok(Self { text: text.to_owned(), backend: Backend::Postgres, path: None })
    }
}

impl fmt::Display for DatabaseUrl {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.backend == Backend::Sqlite {
            return formatter.write_str(&self.text);
        }
        let Ok(mut url) = Url::parse(&self.text) else { return formatter.write_str("(not a URL)") };
        if url.password().is_some() && url.set_password(Some("***")).is_err() {
            return formatter.write_str("(hidden)");
        }
        // libpq also takes a password among the parameters.
        if url.query().is_some_and(|query| query.contains("password")) {
            url.set_query(Some("***"));
        }
        write!(formatter, "{url}")
    }
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{self}")
    }
}

/// A span of time: whole seconds, or a text such as `"90s"`, `"10m"`, `"12h"`, `"30d"`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Seconds(u32);

impl Seconds {
    /// Takes a number of seconds.
    #[must_use]
    pub const fn new(seconds: u32) -> Self {
        Self(seconds)
    }

    /// Returns the number of seconds.
    #[must_use]
    pub const fn as_seconds(self) -> i64 {
        self.0 as i64
    }

    /// Returns the span for timers.
    #[must_use]
    pub const fn as_duration(self) -> std::time::Duration {
        std::time::Duration::from_secs(self.0 as u64)
    }
}

const UNITS: [(char, u32); 4] = [('d', 86_400), ('h', 3600), ('m', 60), ('s', 1)];

impl FromStr for Seconds {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("{text:?} is not a span of time; write it like \"90s\", \"10m\", \"12h\" or \"30d\"");
        let (digits, factor) =
            UNITS.iter().find_map(|(unit, factor)| Some((text.strip_suffix(*unit)?, *factor))).unwrap_or((text, 1));
        let number: u32 = digits.parse().map_err(|_| wrong())?;
        number.checked_mul(factor).map(Self).ok_or_else(wrong)
    }
}

impl fmt::Display for Seconds {
    /// Writes the shortest exact form.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let exact = UNITS.iter().find(|(_, factor)| self.0 != 0 && self.0 % factor == 0);
        let (unit, factor) = exact.unwrap_or(&('s', 1));
        write!(formatter, "{}{unit}", self.0 / factor)
    }
}

impl<'de> Deserialize<'de> for Seconds {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Spelling {
            Number(u32),
            Text(String),
        }
        match Spelling::deserialize(deserializer)? {
            Spelling::Number(seconds) => Ok(Self(seconds)),
            Spelling::Text(text) => text.parse().map_err(D::Error::custom),
        }
    }
}

impl JsonSchema for Seconds {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Seconds".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "anyOf": [{ "type": "integer", "minimum": 0 }, { "type": "string", "pattern": "^[0-9]+[smhd]?$" }]
        })
    }
}

impl Setting for Seconds {
    const WANTED: &'static str = "a span of time: seconds, or a text like \"10m\"";

    fn show(&self) -> String {
        self.to_string()
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
