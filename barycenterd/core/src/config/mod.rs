//! The daemon's settings, which `baryctl --direct` reads as well.
//!
//! ```text
//!   config.toml + BARYCENTER__SECTION__KEY ──► source::Reader ──► section::{Server, Database, …} ──► Config
//! ```
//!
//! The rule: unknown keys, wrong types and impossible values are all reported at once, each with its place; a secret
//! is never shown. The environment wins over the file; an empty variable counts as unset; every secret `x` may come
//! from a file, `x_file`.

mod section;
mod source;
mod value;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

pub use section::{Admin, Database, Federation, Keys, Log, Oidc, Passwords, Server, json_schema};
pub use source::{ConfigError, Origin, Sources};
pub use value::{Backend, BaseUrl, DatabaseUrl, Host, LogFormat, RequirePkce, Seconds};

use crate::config::section::Shown;
use crate::config::source::Reader;
use crate::secret::Secret;

/// The fewest characters of an operator's token.
const TOKEN_CHARACTERS: usize = 16;

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
    /// `[passwords]`
    pub passwords: Passwords,
    /// `[log]`
    pub log: Log,
    /// `[federation]`
    pub federation: Federation,
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
    origins: BTreeMap<(&'static str, &'static str), Origin>,
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
        passwords: Passwords::read(&mut reader),
        log: Log::read(&mut reader),
        federation: Federation::read(&mut reader),
    };
    read_secret_files(&mut reader, &mut config);
    check(&mut reader, &config);
    if !reader.faults.is_empty() {
        return Err(ConfigError(reader.faults));
    }
    let database_is_default = !reader.is_set("database", "url") && !reader.is_set("database", "url_file");
    Ok(Loaded { config, file, database_is_default, origins: reader.origins })
}

/// Fills `x` from `x_file`.
fn read_secret_files(reader: &mut Reader, config: &mut Config) {
    let both = |reader: &mut Reader, section, key, key_file| {
        let both = reader.is_set(section, key) && reader.is_set(section, key_file);
        if both {
            reader.fault(section, key_file, format!("`{key}` is given as well; remove one of the two"));
        }
        both
    };
    if let Some(path) = config.database.url_file.clone().filter(|_| !both(reader, "database", "url", "url_file")) {
        match read_secret(&path).and_then(|text| text.expose().parse()) {
            Ok(url) => config.database.url = url,
            Err(reason) => reader.fault("database", "url_file", reason),
        }
    }
    if let Some(path) =
        config.database.password_file.clone().filter(|_| !both(reader, "database", "password", "password_file"))
    {
        match read_secret(&path) {
            Ok(password) => config.database.password = Some(password),
            Err(reason) => reader.fault("database", "password_file", reason),
        }
    }
    if let Some(path) = config.admin.token_file.clone().filter(|_| !both(reader, "admin", "token", "token_file")) {
        match read_secret(&path) {
            Ok(token) => config.admin.token = Some(token),
            Err(reason) => reader.fault("admin", "token_file", reason),
        }
    }
    if let Some(password) = &config.database.password {
        let key = if config.database.password_file.is_some() { "password_file" } else { "password" };
        match config.database.url.with_password(password) {
            Ok(url) => config.database.url = url,
            Err(reason) => reader.fault("database", key, reason),
        }
    }
}

/// Reads a file that holds one secret; exactly one newline at the end is not part of it.
fn read_secret(path: &Path) -> Result<Secret, String> {
    let text = fs::read_to_string(path).map_err(|error| format!("{} cannot be read: {error}", path.display()))?;
    let text = Secret::new(text);
    let bare = text.expose().strip_suffix('\n').unwrap_or(text.expose());
    if bare.is_empty() {
        return Err(format!("{} is empty", path.display()));
    }
    Ok(Secret::new(bare))
}

/// Checks what one value alone cannot tell.
fn check(reader: &mut Reader, config: &Config) {
    let (_, port) = config.public_address();
    let (_, admin_port) = config.admin_address();
    if config.server.port == u16::MAX && config.server.admin_port.is_none() {
        reader.fault("server", "port", "leaves no port for the admin listener (port + 1); give server.admin_port");
    } else if port != 0 && port == admin_port {
        reader.fault("server", "admin_port", format!("is the public port as well ({port}); choose another"));
    }
    if !config.federation.trust_anchors.is_empty() {
        reader.fault(
            "federation",
            "trust_anchors",
            "OpenID Federation is not supported yet; leave the list empty: trust_anchors = []",
        );
    }
    if config.admin.token.as_ref().is_some_and(|token| token.expose().chars().count() < TOKEN_CHARACTERS) {
        let key = if config.admin.token_file.is_some() { "token_file" } else { "token" };
        reader.fault("admin", key, format!("an operator's token needs at least {TOKEN_CHARACTERS} characters"));
    }
    if config.database.max_connections == 0 {
        reader.fault("database", "max_connections", "at least 1 connection is needed");
    }
    check_passwords(reader, &config.passwords);
    check_lifetimes(reader, &config.oidc);
}

fn check_passwords(reader: &mut Reader, passwords: &Passwords) {
    let limits: [(&'static str, u32, u32, u32); 3] = [
        ("parallelism", passwords.parallelism, 1, 64),
        ("iterations", passwords.iterations, 1, 64),
        ("memory_kib", passwords.memory_kib, passwords.parallelism.saturating_mul(8).max(8), 1_048_576),
    ];
    for (key, value, least, most) in limits {
        if !(least..=most).contains(&value) {
            reader.fault("passwords", key, format!("{value} is out of range; from {least} to {most}"));
        }
    }
    if passwords.max_concurrent == Some(0) {
        reader.fault("passwords", "max_concurrent", "at least 1 hash at once is needed");
    }
    if !(8..=256).contains(&passwords.minimum_length) {
        reader.fault("passwords", "minimum_length", "is out of range; from 8 to 256 characters");
    }
}

fn check_lifetimes(reader: &mut Reader, oidc: &Oidc) {
    let day = Seconds::new(86_400);
    let year = Seconds::new(365 * 86_400);
    for (key, lifetime, most) in [
        ("authorization_code_lifetime", oidc.authorization_code_lifetime, Seconds::new(600)),
        ("access_token_lifetime", oidc.access_token_lifetime, day),
        ("id_token_lifetime", oidc.id_token_lifetime, day),
        ("refresh_token_lifetime", oidc.refresh_token_lifetime, year),
        ("session_lifetime", oidc.session_lifetime, year),
        ("authorization_lifetime", oidc.authorization_lifetime, day),
    ] {
        if lifetime == Seconds::new(0) || lifetime > most {
            reader.fault("oidc", key, format!("{lifetime} is out of range; from 1s to {most}"));
        }
    }
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

    /// Returns whether cookies are for https only.
    #[must_use]
    pub fn secure_cookies(&self) -> bool {
        self.server.public_base_url.is_https()
    }
}

impl Loaded {
    /// Returns every setting with its value and origin, in the order of the sections. No secret is among them.
    #[must_use]
    pub fn rows(&self) -> Vec<Row> {
        let config = &self.config;
        let sections: [Vec<Shown>; 8] = [
            config.server.show(),
            config.database.show(),
            config.keys.show(),
            config.admin.show(),
            config.oidc.show(),
            config.passwords.show(),
            config.log.show(),
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
