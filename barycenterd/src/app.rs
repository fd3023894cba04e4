//! Everything that a request may use. One value, made at start and handed to every handler: no globals, so that a
//! second server in the same process just works.

use std::sync::Arc;

use aws_lc_rs::hmac;
use barycenter_core::clock::Clock;
use barycenter_core::config::Config;
use barycenter_core::keyring::{Keyring, KeyringError, Purpose};
use barycenter_core::model::Timestamp;
use barycenter_core::password::{HashingError, PasswordHasher};
use barycenter_core::reconcile::Reconciler;
use barycenter_core::store::{Store, StoreError};
use thiserror::Error;

use crate::browser::assets::Assets;
use crate::metrics::Metrics;
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
    /// Style sheet and pictures of the pages.
    pub assets: Assets,
    /// Which lines of the log are written.
    pub log: LogFilter,
    /// What monitoring reads.
    pub metrics: Metrics,
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
        let store = Store::connect(&config.database).await?;
        for step in store.migrate().await? {
            tracing::info!(step, "migrated");
        }
        let started_at = clock.now();
        let keyring = Keyring::open(&config.keys, &store, started_at).await?;
        let hasher = PasswordHasher::new(&config.passwords)?;
        let reconciler = Reconciler::new(store.clone(), hasher.clone(), &keyring, Arc::clone(&clock))?;
        let forms = hmac::Key::new(hmac::HMAC_SHA256, &*keyring.derive(Purpose::Forms)?);
        let (assets, log, metrics) = (Assets::new(), LogFilter::default(), Metrics::new(started_at)?);
        Ok(Self { config, store, keyring, hasher, reconciler, clock, forms, assets, log, metrics, started_at })
    }

    /// Returns the current time.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }
}
