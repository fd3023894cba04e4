//! The database as a target: opened through the daemon's own configuration, with the engine that the daemon uses.
//!
//! The schema must be exactly this program's. The root key is opened only for comparing and changing users, whose
//! passwords it fingerprints, and for registering a client whose secret must be encrypted.

use std::collections::HashMap;
use std::fs;
use std::sync::Arc;
use std::time::Duration;

use barycenter_core::clock::{Clock as _, SystemClock};
use barycenter_core::config::{Config, Loaded, RegistrationMode, Seconds};
use barycenter_core::keyring::{Keyring, KeyringError, Purpose};
use barycenter_core::model::{self, ClientAuthenticationMethod, ClientId, Username};
use barycenter_core::password::PasswordHasher;
use barycenter_core::reconcile::{Fault, ReconcileError, Reconciler, UsersFileError};
use barycenter_core::registration::{NewClient, Registered, RegistrationError, invite, register_client};
use barycenter_core::store::{Goal, SchemaStatus, Store, SyncRun, TakenStep};
use serde_json::Value;
use tokio::sync::OnceCell;
use tokio::time::timeout;

use crate::error::{CtlError, Exit};
use crate::target::Creation;
use crate::target::answer::{Client, FileSync, Health, Invitation, Invited, Page, Place, SigningKey, User};

/// How many of a list are read at once.
pub(super) const PAGE: u64 = 1000;

/// How long the end of the connections may take.
const CLOSING: Duration = Duration::from_secs(5);

/// How many syncs of the past are looked at.
const RUNS: u64 = 100;

/// A deployment's database.
pub(crate) struct Direct {
    pub(super) config: Config,
    pub(super) store: Store,
    keyring: OnceCell<Keyring>,
    reconciler: OnceCell<Reconciler>,
}

/// What to do about an SQLite database that does not exist.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Absence {
    /// Say so: who only looks makes nothing.
    Refused,
    /// Make it, if its URL permits.
    Mended,
}

impl Direct {
    /// Opens the database, whatever schema it has.
    ///
    /// # Errors
    /// When it cannot be opened, or does not exist and is not to be made.
    pub(crate) async fn open(loaded: Loaded, absence: Absence) -> Result<Self, CtlError> {
        let Loaded { config, database_is_default, .. } = loaded;
        if let Some(file) = config.database.url.sqlite_path().filter(|file| !file.exists()) {
            match absence {
                Absence::Refused => {
                    return Err(CtlError::new(
                        Exit::Conflict,
                        format!("the database file {} does not exist yet", file.display()),
                    )
                    .hint("baryctl db migrate"));
                }
                // The daemon does the same: nobody has chosen this folder but us.
                Absence::Mended if database_is_default => {
                    let folder = file.parent().unwrap_or(file);
                    fs::create_dir_all(folder).map_err(|error| {
                        CtlError::new(Exit::Failed, format!("the folder {} cannot be made: {error}", folder.display()))
                    })?;
                }
                Absence::Mended => {}
            }
        }
        let store = Store::connect(&config.database).await.map_err(|error| {
            let mut failure = CtlError::from(error);
            let address = config.database.url.to_string();
            if !failure.message.contains(&address) {
                failure.message = format!("cannot open {address}: {}", failure.message);
            }
            failure
        })?;
        tracing::debug!(database = %config.database.url, "opened");
        Ok(Self { config, store, keyring: OnceCell::new(), reconciler: OnceCell::new() })
    }

    /// Refuses a database whose schema is not this program's.
    ///
    /// # Errors
    /// When the schema is older or newer.
    pub(crate) async fn require_schema(&self) -> Result<(), CtlError> {
        let status = self.schema().await?;
        let Err(error) = status.require_current() else { return Ok(()) };
        let mut failure = CtlError::from(error);
        failure.details.extend(status.unknown.iter().map(|step| format!("unknown step {step}")));
        Err(if status.unknown.is_empty() { failure.hint("baryctl db migrate") } else { failure })
    }

    /// Returns which schema the database has.
    ///
    /// # Errors
    /// When the database does not answer.
    pub(crate) async fn schema(&self) -> Result<SchemaStatus, CtlError> {
        Ok(self.store.schema_status().await?)
    }

    /// Takes the schema steps that are missing; returns them.
    ///
    /// # Errors
    /// When the database does not answer or is newer than this program.
    pub(crate) async fn migrate(&self) -> Result<Vec<String>, CtlError> {
        Ok(self.migrate_within(Goal::Newest, None).await?.into_iter().map(|taken| taken.step).collect())
    }

    /// The same as far as a goal, and says how long each step took; waits that long for the lock.
    ///
    /// # Errors
    /// Further: when there is no such step, the database has gone further, or the lock cannot be had in time.
    pub(crate) async fn migrate_within(
        &self,
        goal: Goal,
        patience: Option<Duration>,
    ) -> Result<Vec<TakenStep>, CtlError> {
        let unknown = self.schema().await?.unknown;
        let taken = match patience {
            Some(patience) => self.store.migrate_within(goal, patience).await,
            None => self.store.migrate_steps(goal).await,
        };
        taken.map_err(|error| {
            let mut failure = CtlError::from(error);
            failure.details.extend(unknown.iter().map(|step| format!("unknown step {step}")));
            failure
        })
    }

    /// Refuses to go on where opening the keys would make them: a comparison changes nothing.
    ///
    /// # Errors
    /// When there is neither a root key nor any signing key yet.
    pub(crate) async fn require_root_key(&self) -> Result<(), CtlError> {
        let path = &self.config.keys.private_key_path;
        if path.exists() || !self.store.signing_keys().all().await?.is_empty() {
            return Ok(());
        }
        Err(CtlError::new(
            Exit::Conflict,
            format!("there is no root key yet at {} (keys.private_key_path)", path.display()),
        )
        .hint("the first start of barycenterd makes it, and so does `baryctl --direct users sync`"))
    }

    /// Closes the database; on SQLite this also folds the write-ahead log into the file.
    pub(crate) async fn close(self) {
        // A question that was given up may still wait for its answer.
        match timeout(CLOSING, self.store.close()).await {
            Ok(Err(error)) => tracing::debug!(%error, "closing the database"),
            Ok(Ok(())) => {}
            Err(_) => tracing::debug!("the database does not answer while closing"),
        }
    }

    /// Returns where the daemon looks for the root key.
    #[must_use]
    pub(crate) fn root_key_path(&self) -> &std::path::Path {
        &self.config.keys.private_key_path
    }

    /// Returns what this target is.
    #[must_use]
    pub(crate) fn place(&self) -> Place {
        Place {
            server: None,
            database: Some(self.config.database.url.to_string()),
            version: env!("CARGO_PKG_VERSION").to_owned(),
        }
    }

    pub(super) async fn users(&self, search: Option<&str>, after: Option<&str>) -> Result<Page<User>, CtlError> {
        let rows = self.store.users().page(PAGE, after, search).await?;
        let next = last_of_full(&rows).map(|user| user.username.folded().to_owned());
        Ok(Page { nodes: rows.into_iter().map(User::from).collect(), next })
    }

    /// Returns the password hashes of these users, by id; who has no password is left out.
    ///
    /// # Errors
    /// When the database does not answer.
    pub(crate) async fn password_hashes(&self, ids: &[&str]) -> Result<HashMap<String, String>, CtlError> {
        let users = self.store.users().by_ids(ids).await?;
        let hash = |user: model::User| Some((user.id.to_string(), user.password?.as_str().to_owned()));
        Ok(users.into_iter().filter_map(hash).collect())
    }

    /// Returns a user by name.
    ///
    /// # Errors
    /// When the database does not answer.
    pub(crate) async fn user(&self, username: &str) -> Result<Option<User>, CtlError> {
        // What is no username at all is nobody's.
        let Ok(username) = Username::parse(username) else { return Ok(None) };
        Ok(self.store.users().by_username(&username).await?.map(User::from))
    }

    pub(super) async fn clients(&self, after: Option<&str>) -> Result<Page<Client>, CtlError> {
        let rows = self.store.clients().page(PAGE, after).await?;
        let next = last_of_full(&rows).map(|client| client.id.to_string());
        Ok(Page { nodes: rows.into_iter().map(Client::from).collect(), next })
    }

    pub(super) async fn client(&self, id: &str) -> Result<Option<Client>, CtlError> {
        Ok(self.store.clients().by_id(&ClientId::new(id)).await?.map(Client::from))
    }

    pub(super) async fn create_client(&self, new: &NewClient) -> Result<Creation, CtlError> {
        // The root key may not be mounted here, and most clients do not need it.
        let sealer = match new.authentication_method {
            ClientAuthenticationMethod::ClientSecretJwt => Some(self.keyring().await?.sealer(Purpose::ClientSecrets)?),
            _ => None,
        };
        match register_client(&self.store, sealer.as_ref(), new.clone(), SystemClock.now()).await {
            Ok(Registered { client, secret }) => Ok(Creation::Created { client: Box::new(client.into()), secret }),
            Err(RegistrationError::Exists(_)) => Ok(Creation::Exists),
            Err(RegistrationError::Invalid(faults)) => Ok(Creation::Invalid(faults)),
            Err(RegistrationError::Store(error)) => Err(error.into()),
            Err(RegistrationError::Keyring(error)) => Err(error.into()),
        }
    }

    pub(super) async fn delete_client(&self, id: &str) -> Result<bool, CtlError> {
        Ok(self.store.clients().delete(&ClientId::new(id)).await?)
    }

    pub(super) async fn invite(&self, invitation: &Invitation) -> Result<Invited, CtlError> {
        let Invitation { description, uses, lifetime } = invitation;
        let (token, stored) = invite(&self.store, description, *uses, *lifetime, SystemClock.now()).await?;
        Ok(Invited {
            token,
            uses: stored.uses.map(i64::from),
            expires_at: stored.expires_at.to_string(),
            registration_is_on: self.config.oidc.registration != RegistrationMode::Off,
        })
    }

    pub(super) async fn health(&self) -> Result<Health, CtlError> {
        let runs = self.store.sync_runs().last(RUNS).await?;
        Ok(Health {
            target: self.place(),
            issuer: self.config.server.public_base_url.to_string(),
            database: self.store.backend().to_owned(),
            schema: self.schema().await?.version().to_owned(),
            started_at: None,
            keys: self.keys().await?.into_iter().map(|key| SigningKey { public_jwk: Value::Null, ..key }).collect(),
            users_files: FileSync::latest(runs.into_iter().map(FileSync::from)),
        })
    }

    /// Opens the keyring at the first use.
    pub(crate) async fn keyring(&self) -> Result<&Keyring, CtlError> {
        self.keyring
            .get_or_try_init(|| async { Ok(Keyring::open(&self.config.keys, &self.store, SystemClock.now()).await?) })
            .await
    }

    /// Opens the keys at the first use.
    pub(super) async fn reconciler(&self) -> Result<&Reconciler, CtlError> {
        self.reconciler
            .get_or_try_init(|| async {
                let keyring = self.keyring().await?;
                let hasher = PasswordHasher::new(&self.config.passwords)
                    .map_err(|error| CtlError::new(Exit::Failed, error.to_string()))?;
                Ok(Reconciler::new(self.store.clone(), hasher, keyring, Arc::new(SystemClock))?)
            })
            .await
    }
}

/// Returns the last of a page that may have a successor.
fn last_of_full<T>(rows: &[T]) -> Option<&T> {
    rows.last().filter(|_| rows.len() as u64 == PAGE)
}

impl From<KeyringError> for CtlError {
    fn from(error: KeyringError) -> Self {
        match error {
            KeyringError::Store(error) => error.into(),
            KeyringError::OtherRoot { .. } | KeyringError::RootMissing { .. } | KeyringError::WrongState(_) => {
                Self::new(Exit::Conflict, error.to_string())
            }
            KeyringError::NewRootKey { .. } => Self::usage(error.to_string()),
            _ => Self::new(Exit::Failed, error.to_string()),
        }
    }
}

impl From<ReconcileError> for CtlError {
    fn from(error: ReconcileError) -> Self {
        match error {
            ReconcileError::Store(error) => error.into(),
            ReconcileError::Hashing(error) => Self::new(Exit::Failed, error.to_string()),
            ReconcileError::File(error) => error.into(),
        }
    }
}

impl From<UsersFileError> for CtlError {
    /// Lays the faults out in columns: position, place, message.
    fn from(error: UsersFileError) -> Self {
        let mut failure = Self::usage(error.to_string());
        let UsersFileError::Faults { faults, total, .. } = error else { return failure };
        let positions: Vec<String> = faults.iter().map(|fault| format!("{}:{}", fault.line, fault.column)).collect();
        let width = positions.iter().map(String::len).max().unwrap_or_default();
        for (position, Fault { place, message, .. }) in positions.iter().zip(&faults) {
            let place = if place.is_empty() { String::new() } else { format!("{place}: ") };
            failure = failure.detail(format!("{position:width$}  {place}{message}"));
        }
        let untold = total - faults.len();
        if untold > 0 { failure.detail(format!("and {untold} more")) } else { failure }
    }
}

impl From<SyncRun> for FileSync {
    fn from(run: SyncRun) -> Self {
        Self {
            manager: run.manager.to_string(),
            origin: run.origin,
            outcome: run.outcome.as_str().to_owned(),
            created: run.counts.create,
            updated: run.counts.update,
            disabled: run.counts.disable,
            deleted: run.counts.delete,
            conflicts: run.counts.conflict,
            message: run.message,
            finished_at: run.finished_at.to_string(),
        }
    }
}

impl From<model::User> for User {
    fn from(user: model::User) -> Self {
        Self {
            id: user.id.to_string(),
            username: user.username.to_string(),
            external_id: user.external_id,
            email: user.email.map(|email| email.to_string()),
            email_verified: user.email_verified,
            enabled: user.enabled,
            protected: user.protected,
            groups: user.groups.into_iter().collect(),
            properties: Value::Object(user.properties.into_iter().collect()),
            manager: user.ownership.manager().map(ToString::to_string),
            has_password: user.password.is_some(),
            created_at: user.created_at.to_string(),
            updated_at: user.updated_at.to_string(),
            last_login_at: user.last_login_at.map(|time| time.to_string()),
        }
    }
}

impl From<model::Client> for Client {
    fn from(client: model::Client) -> Self {
        Self {
            client_id: client.id.to_string(),
            name: client.name,
            authentication_method: client.authentication_method.as_str().to_owned(),
            redirect_uris: client.redirect_uris,
            post_logout_redirect_uris: client.post_logout_redirect_uris,
            grant_types: client.grant_types.iter().map(|grant| grant.as_str().to_owned()).collect(),
            scopes: client.scopes.iter().map(|scope| scope.as_str().to_owned()).collect(),
            first_party: client.first_party,
            enabled: client.enabled,
            manager: client.ownership.manager().map(ToString::to_string),
            access_token_seconds: client.lifetimes.access_token.map(Seconds::as_seconds),
            id_token_seconds: client.lifetimes.id_token.map(Seconds::as_seconds),
            refresh_token_seconds: client.lifetimes.refresh_token.map(Seconds::as_seconds),
            metadata: client.metadata.to_map(),
            created_at: client.created_at.to_string(),
        }
    }
}
