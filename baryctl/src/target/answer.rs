//! What a target answers: plain values that look the same whether a server or the database gave them, and that
//! serialise as `-o json` shows them.

use barycenter_core::config::Seconds;
use barycenter_core::doctor;
use barycenter_core::secret::Secret;
use serde::{Serialize, Serializer};
use serde_json::{Map, Value};

/// What a command acts on, in JSON answers and in headings.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Place {
    /// Address of the admin API.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) server: Option<String>,
    /// Address of the database, without its password.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) database: Option<String>,
    /// Version of the program that answers: barycenterd, or baryctl itself.
    pub(crate) version: String,
}

impl Place {
    /// Returns the address.
    #[must_use]
    pub(crate) fn address(&self) -> &str {
        self.server.as_deref().or(self.database.as_deref()).unwrap_or_default()
    }
}

/// A user.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct User {
    /// The `sub` claim.
    pub(crate) id: String,
    /// The name to sign in with.
    pub(crate) username: String,
    /// The key under which the users file knows the account.
    pub(crate) external_id: Option<String>,
    /// The e-mail address.
    pub(crate) email: Option<String>,
    /// Whether the address is known to reach the user.
    pub(crate) email_verified: bool,
    /// Whether the user may sign in.
    pub(crate) enabled: bool,
    /// Whether no sync prunes the account.
    pub(crate) protected: bool,
    /// The groups, in order.
    pub(crate) groups: Vec<String>,
    /// Further properties: an object.
    pub(crate) properties: Value,
    /// The users file that owns the account.
    pub(crate) manager: Option<String>,
    /// Whether there is a password.
    pub(crate) has_password: bool,
    /// RFC 3339.
    pub(crate) created_at: String,
    /// RFC 3339.
    pub(crate) updated_at: String,
    /// RFC 3339.
    pub(crate) last_login_at: Option<String>,
}

/// Which lines are logged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct LogFilter {
    /// What holds now, in the words of `RUST_LOG`.
    pub(crate) filter: String,
    /// What the daemon that answers was started with.
    pub(crate) configured: String,
    /// RFC 3339: until when `filter` holds; none where it is the configured one.
    pub(crate) expires_at: Option<String>,
}

/// A relying party.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Client {
    /// The `client_id`.
    pub(crate) client_id: String,
    /// The name that users see.
    pub(crate) name: String,
    /// `client_secret_basic`, `private_key_jwt` and so on.
    pub(crate) authentication_method: String,
    /// Where authorization responses may go.
    pub(crate) redirect_uris: Vec<String>,
    /// Where the browser may go after logout.
    pub(crate) post_logout_redirect_uris: Vec<String>,
    /// How it may obtain tokens.
    pub(crate) grant_types: Vec<String>,
    /// What it may ask for.
    pub(crate) scopes: Vec<String>,
    /// Whether its users are not asked for consent.
    pub(crate) first_party: bool,
    /// Whether it may be used.
    pub(crate) enabled: bool,
    /// The users file that owns it.
    pub(crate) manager: Option<String>,
    /// Seconds; none: as configured.
    pub(crate) access_token_seconds: Option<i64>,
    /// Seconds; none: as configured.
    pub(crate) id_token_seconds: Option<i64>,
    /// Seconds; none: as configured.
    pub(crate) refresh_token_seconds: Option<i64>,
    /// Everything else that it is registered with, by name; what has its default is not there.
    #[serde(skip_serializing_if = "Map::is_empty")]
    pub(crate) metadata: Map<String, Value>,
    /// RFC 3339.
    pub(crate) created_at: String,
}

/// An initial access token to make.
#[derive(Debug, Clone)]
pub(crate) struct Invitation {
    /// What it is for.
    pub(crate) description: String,
    /// How many clients may register with it; none: any number.
    pub(crate) uses: Option<u32>,
    /// How long it is valid.
    pub(crate) lifetime: Seconds,
}

/// An initial access token that has just been made.
#[derive(Debug)]
pub(crate) struct Invited {
    /// The token, now and never again.
    pub(crate) token: Secret,
    /// How many clients may register with it; none: any number.
    pub(crate) uses: Option<i64>,
    /// RFC 3339.
    pub(crate) expires_at: String,
    /// Whether clients can register with it now.
    pub(crate) registration_is_on: bool,
}

/// A signing key.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub(crate) struct SigningKey {
    /// The `kid`.
    pub(crate) kid: String,
    /// `RS256`, `ES256` or `EdDSA`.
    pub(crate) algorithm: String,
    /// `pending`, `active`, `retiring` or `retired`.
    pub(crate) state: String,
    /// RFC 3339; when it was made, and published.
    pub(crate) created_at: String,
    /// RFC 3339; when it may begin to sign.
    pub(crate) activates_at: Option<String>,
    /// RFC 3339; when it began to sign.
    pub(crate) activated_at: Option<String>,
    /// RFC 3339; when it ceases to sign, or has.
    pub(crate) signs_until: Option<String>,
    /// RFC 3339; when it leaves the JWKS, or has.
    pub(crate) verifies_until: Option<String>,
    /// RFC 3339; when it left the JWKS.
    pub(crate) retired_at: Option<String>,
    /// The public half; absent where only the key's standing was asked for.
    #[serde(skip_serializing_if = "Value::is_null")]
    pub(crate) public_jwk: Value,
}

/// A setting of the daemon.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Setting {
    /// `server.port`
    pub(crate) name: String,
    /// `(set)` for a secret.
    pub(crate) value: String,
    /// `default`, `config.toml:3`, `environment …`
    pub(crate) origin: String,
}

/// How a deployment stands.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Health {
    /// Where this was asked.
    pub(crate) target: Place,
    /// The issuer.
    pub(crate) issuer: String,
    /// `sqlite` or `postgres`.
    pub(crate) database: String,
    /// Number of the newest schema step that the database has taken.
    pub(crate) schema: String,
    /// RFC 3339; absent where no daemon was asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) started_at: Option<String>,
    /// The signing keys.
    pub(crate) keys: Vec<SigningKey>,
    /// The last sync from each users file that daemons watch, the latest first.
    pub(crate) users_files: Vec<FileSync>,
}

/// How much a deployment holds, and how fast its database answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Overview {
    /// The version of the database's own program.
    pub(crate) database_version: String,
    /// Milliseconds.
    pub(crate) latency_ms: u64,
    /// Users.
    pub(crate) users: u64,
    /// Those who may sign in.
    pub(crate) enabled_users: u64,
    /// Relying parties.
    pub(crate) clients: u64,
    /// Sessions that have not ended.
    pub(crate) sessions: u64,
    /// Daemons that serve the deployment.
    pub(crate) replicas: u64,
    /// Runs of jobs that ended badly within the last day.
    pub(crate) failed_jobs: u64,
}

/// One check and what it found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Check {
    /// The stable name.
    pub(crate) id: String,
    /// What it is shown under.
    pub(crate) group: String,
    /// How it ended.
    #[serde(serialize_with = "word")]
    pub(crate) status: doctor::Status,
    /// What it found.
    pub(crate) message: String,
    /// The way out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) fix: Option<String>,
    /// Milliseconds.
    pub(crate) took_ms: u64,
}

fn word<S: Serializer>(status: &doctor::Status, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(status.as_str())
}

impl From<doctor::Check> for Check {
    fn from(check: doctor::Check) -> Self {
        let doctor::Check { id, finding, took_ms } = check;
        let doctor::Finding { status, message, fix } = finding;
        let group = doctor::group_of(id).map_or("", doctor::Group::as_str).to_owned();
        Self { id: id.to_owned(), group, status, message, fix, took_ms }
    }
}

/// What became of a sync that a daemon has done by itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct FileSync {
    /// Whose users the file declares.
    pub(crate) manager: String,
    /// What made it happen, and the file.
    pub(crate) origin: String,
    /// `ok`, `partial` or `failed`.
    pub(crate) outcome: String,
    /// Users and clients that are there since.
    pub(crate) created: u64,
    /// Those that changed.
    pub(crate) updated: u64,
    /// Those that may no longer be used.
    pub(crate) disabled: u64,
    /// Those that are gone.
    pub(crate) deleted: u64,
    /// Those that were left as they are.
    pub(crate) conflicts: u64,
    /// What went wrong.
    pub(crate) message: Option<String>,
    /// RFC 3339.
    pub(crate) finished_at: String,
}

impl FileSync {
    /// Keeps the latest of each file; `all` begins with the latest.
    pub(crate) fn latest(all: impl IntoIterator<Item = Self>) -> Vec<Self> {
        let mut latest: Vec<Self> = Vec::new();
        for one in all {
            if latest.iter().all(|known| known.origin != one.origin) {
                latest.push(one);
            }
        }
        latest
    }
}

/// Returns the members of an object; of anything else, none.
pub(crate) fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(members) => members,
        _ => Map::new(),
    }
}

/// Some of many, and where to go on.
#[derive(Debug)]
pub(crate) struct Page<T> {
    /// These.
    pub(crate) nodes: Vec<T>,
    /// Give it back to get the next ones; none: these were the last.
    pub(crate) next: Option<String>,
}
