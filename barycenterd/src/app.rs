//! Everything that a request may use. One value, made at start and handed to every handler: no globals, so that a
//! second server in the same process just works.

use std::sync::Arc;

use aws_lc_rs::hmac;
use barycenter_core::clock::Clock;
use barycenter_core::config::Config;
use barycenter_core::keyring::{Keyring, KeyringError, Purpose, Sealer};
use barycenter_core::model::{Replica, Timestamp};
use barycenter_core::password::{HashingError, PasswordHasher};
use barycenter_core::reconcile::Reconciler;
use barycenter_core::store::{Store, StoreError};
use thiserror::Error;
use tokio::sync::Notify;

use crate::browser::UnderWay;
use crate::browser::assets::Assets;
use crate::jobs::{Jobs, TIMETABLE};
use crate::metrics::Metrics;
use crate::oidc::{ClientKeys, Metadata, Subjects};
use crate::outbound::Outbound;
use crate::replica;
use crate::telemetry::LogFilter;

/// The running deployment.
pub struct App {
    /// The settings.
    pub config: Config,
    /// The database.
    pub store: Store,
    /// What signs tokens.
    pub keyring: Keyring,
    /// What checks passwords.
    pub hasher: PasswordHasher,
    /// What makes users match a file.
    pub reconciler: Reconciler,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    /// Authenticates our own forms.
    pub forms: hmac::Key,
    /// Knows devices again on which somebody has signed in.
    pub devices: hmac::Key,
    /// Makes the subjects that clients know users by.
    pub subjects: Subjects,
    /// The sign-ins under way.
    pub under_way: UnderWay,
    /// Wakes whoever tells clients that a session has ended.
    pub logouts: Notify,
    /// Encrypts the secrets of clients that authenticate by an HMAC.
    pub client_secrets: Sealer,
    /// Makes each refresh token's successor.
    pub refresh_successors: hmac::Key,
    /// What reaches clients' servers.
    pub outbound: Outbound,
    /// The keys that clients publish at their own addresses.
    pub client_keys: ClientKeys,
    /// What discovery tells.
    pub(crate) metadata: Metadata,
    /// Style sheet and pictures of the pages.
    pub assets: Assets,
    /// Which lines of the log are written.
    pub log: LogFilter,
    /// What monitoring reads.
    pub metrics: Metrics,
    /// What is done at regular times, and what of it is under way.
    pub jobs: Jobs,
    /// This process among its replicas.
    pub replica: Replica,
    /// When the daemon started.
    pub started_at: Timestamp,
}

/// What stops a deployment from being opened.
#[derive(Debug, Error)]
pub enum AppError {
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The keys.
    #[error(transparent)]
    Keyring(#[from] KeyringError),
    /// Argon2's parameters.
    #[error(transparent)]
    Hashing(#[from] HashingError),
    /// Names of metrics.
    #[error(transparent)]
    Metrics(#[from] prometheus::Error),
}

impl App {
    /// Opens the deployment that a configuration describes: connects, migrates, opens the keyring.
    ///
    /// # Errors
    /// When the database, the root key or the keyring cannot be used.
    pub async fn open(config: Config, clock: Arc<dyn Clock>) -> Result<Self, AppError> {
        let started_at = clock.now();
        let metrics = Metrics::new(started_at)?;
        let store = Store::connect(&config.database).await?.observed_by(metrics.of_database());
        for step in store.migrate().await? {
            tracing::info!(step, "migrated");
        }
        let keyring = Keyring::open(&config.keys, &store, started_at).await?;
        let hasher = PasswordHasher::new(&config.passwords)?.observed_by(metrics.of_passwords());
        let reconciler = Reconciler::new(store.clone(), hasher.clone(), &keyring, Arc::clone(&clock))?;
        let forms = hmac::Key::new(hmac::HMAC_SHA256, &*keyring.derive(Purpose::Forms)?);
        let devices = hmac::Key::new(hmac::HMAC_SHA256, &*keyring.derive(Purpose::Devices)?);
        let subjects = Subjects::new(&*keyring.derive(Purpose::PairwiseSubjects)?);
        let under_way = UnderWay::default();
        let client_secrets = keyring.sealer(Purpose::ClientSecrets)?;
        let refresh_successors = hmac::Key::new(hmac::HMAC_SHA256, &*keyring.derive(Purpose::RefreshSuccessor)?);
        if !config.outbound.allow.is_empty() && !config.is_loopback_issuer() {
            let networks: Vec<String> = config.outbound.allow.iter().map(ToString::to_string).collect();
            tracing::warn!(
                networks = networks.join(", "),
                "outbound.allow: clients can make this daemon connect to these networks"
            );
        }
        let outbound = Outbound::new(&config.outbound);
        let (assets, jobs) = (Assets::new(), Jobs::new(TIMETABLE));
        let replica = replica::this(&keyring, config.server.public_base_url.to_string(), started_at)?;
        Ok(Self {
            config,
            store,
            keyring,
            hasher,
            reconciler,
            clock,
            forms,
            devices,
            subjects,
            under_way,
            logouts: Notify::new(),
            client_secrets,
            refresh_successors,
            outbound,
            client_keys: ClientKeys::default(),
            metadata: Metadata::default(),
            assets,
            log: LogFilter::default(),
            metrics,
            jobs,
            replica,
            started_at,
        })
    }

    /// Returns the current time.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }
}
