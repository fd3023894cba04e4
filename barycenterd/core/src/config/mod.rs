//! The daemon's settings, which `baryctl --direct` reads as well.
//!
//! ```text
//!   config.toml + BARYCENTER__SECTION__KEY ──► reader::Reader ──► section::{Server, Database, …}
//!        ──► secret_file (x_file) ──► check (values that must agree) ──► Loaded { Config, origins }
//! ```
//!
//! The rule: unknown keys, wrong types and impossible values are all reported at once, each with its place; a secret
//! is never shown. The environment wins over the file; an empty variable counts as unset; every secret `x` may come
//! from a file, `x_file`.

mod advice;
mod base_url;
mod check;
mod database_url;
mod network;
mod reader;
mod seconds;
mod secret_file;
mod section;
mod source;
mod value;

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

pub use advice::{Advice, advice};
pub use base_url::BaseUrl;
pub use database_url::{Backend, DatabaseUrl};
pub use network::Network;
pub use seconds::Seconds;
pub use section::{
    Admin, Database, Federation, Keys, Log, Oidc, Outbound, Passwords, Server, Telemetry, Users, json_schema,
};
pub use source::{ConfigError, Origin, Sources};
pub use value::{Host, LogFormat, PruneChoice, RegistrationMode, RequirePkce};

use crate::config::reader::Reader;
use crate::config::section::{Name, Shown};
use crate::model::ResponseType;

/// All settings.
#[derive(Debug, Clone, Default)]
pub struct Config {
    /// `[server]`
    pub server: Server,
    /// `[database]`
    pub database: Database,
    /// `[keys]`
    pub keys: Keys,
    /// `[admin]`
    pub admin: Admin,
    /// `[oidc]`
    pub oidc: Oidc,
    /// `[outbound]`
    pub outbound: Outbound,
    /// `[passwords]`
    pub passwords: Passwords,
    /// `[users]`
    pub users: Users,
    /// `[log]`
    pub log: Log,
    /// `[telemetry]`
    pub telemetry: Telemetry,
    /// `[federation]`
    pub federation: Federation,
    /// Where all of it came from.
    pub provenance: Provenance,
}

/// Where settings came from, in names only: no value, and so no secret.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Provenance {
    /// The file that was read, if one was.
    pub file: Option<PathBuf>,
    /// The variables that override it, by name.
    pub variables: Vec<String>,
}

/// The settings, and where they came from.
#[derive(Debug, Clone)]
pub struct Loaded {
    /// The settings.
    pub config: Config,
    /// The file that was read, if one was.
    pub file: Option<PathBuf>,
    /// Whether nobody has said where the database is: then its folder is ours to make.
    pub database_is_default: bool,
    origins: BTreeMap<Name, Origin>,
}

/// One setting as `check-config --print` shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// The section.
    pub section: &'static str,
    /// The key.
    pub key: &'static str,
    /// The value; `(set)` for a secret.
    pub value: String,
    /// Where it came from.
    pub origin: Origin,
}

/// Reads the settings.
///
/// # Errors
/// Everything that is wrong with them, at once.
pub fn load(sources: &Sources) -> Result<Loaded, ConfigError> {
    let file = sources.file();
    let mut reader = Reader::new(file.as_deref(), &sources.environment);
    let mut config = Config {
        server: Server::read(&mut reader),
        database: Database::read(&mut reader),
        keys: Keys::read(&mut reader),
        admin: Admin::read(&mut reader),
        oidc: Oidc::read(&mut reader),
        outbound: Outbound::read(&mut reader),
        passwords: Passwords::read(&mut reader),
        users: Users::read(&mut reader),
        log: Log::read(&mut reader),
        telemetry: Telemetry::read(&mut reader),
        federation: Federation::read(&mut reader),
        provenance: Provenance::default(),
    };
    // Nobody knows what a broken file would have said: judging values beside its absence would invent faults.
    if !reader.file_is_broken() {
        secret_file::read_into(&mut config, &mut reader);
        check::agree(&config, &mut reader);
    }
    let database_is_default = !reader.is_set("database", "url");
    let origins = reader.finish()?;
    let variable = |origin: &Origin| match origin {
        Origin::Environment(name) => Some(name.clone()),
        Origin::Default | Origin::File(..) => None,
    };
    let variables: BTreeSet<String> = origins.values().filter_map(variable).collect();
    config.provenance = Provenance { file: file.clone(), variables: variables.into_iter().collect() };
    Ok(Loaded { config, file, database_is_default, origins })
}

impl Config {
    /// Returns host and port of the public listener.
    #[must_use]
    pub fn public_address(&self) -> (&str, u16) {
        (self.server.host.as_str(), self.server.port)
    }

    /// Returns host and port of the admin listener: next to the public one unless it is said otherwise.
    #[must_use]
    pub fn admin_address(&self) -> (&str, u16) {
        let next = if self.server.port == 0 { 0 } else { self.server.port.saturating_add(1) };
        let host = self.server.admin_host.as_ref().unwrap_or(&self.server.host);
        (host.as_str(), self.server.admin_port.unwrap_or(next))
    }

    /// Returns where the operator's token is kept: `admin.token_file`, or admin.token beside the root key.
    #[must_use]
    pub fn admin_token_path(&self) -> PathBuf {
        self.admin.token_file.clone().unwrap_or_else(|| self.keys.private_key_path.with_file_name("admin.token"))
    }

    /// Returns whether the issuer is this machine: then nothing crosses a network in clear text.
    #[must_use]
    pub fn is_loopback_issuer(&self) -> bool {
        self.server.public_base_url.is_loopback()
    }

    /// Returns whether cookies are for https only.
    #[must_use]
    pub fn secure_cookies(&self) -> bool {
        self.server.public_base_url.is_https()
    }
}

impl Oidc {
    /// Returns what clients may ask the authorization endpoint for.
    #[must_use]
    pub fn response_types(&self) -> Vec<ResponseType> {
        ResponseType::ALL.into_iter().filter(|one| self.names(*one)).collect()
    }

    fn names(&self, response_type: ResponseType) -> bool {
        self.response_types.iter().any(|name| ResponseType::from_request(name) == Some(response_type))
    }
}

impl Loaded {
    /// Returns every setting with the value in effect and its origin, in the order of the sections. No secret is
    /// among them.
    #[must_use]
    pub fn rows(&self) -> Vec<Row> {
        let config = &self.config;
        let mut server = config.server.clone();
        server.admin_port = Some(config.admin_address().1);
        server.admin_host.get_or_insert_with(|| config.server.host.clone());
        let sections: [Vec<Shown>; 11] = [
            server.show(),
            config.database.show(),
            config.keys.show(),
            config.admin.show(),
            config.oidc.show(),
            config.outbound.show(),
            config.passwords.show(),
            config.users.show(),
            config.log.show(),
            config.telemetry.show(),
            config.federation.show(),
        ];
        let origin = |section, key| self.origins.get(&(section, key)).cloned().unwrap_or(Origin::Default);
        sections
            .into_iter()
            .flatten()
            .map(|(section, key, value)| Row { section, key, value, origin: origin(section, key) })
            .collect()
    }
}

#[cfg(test)]
mod tests;
