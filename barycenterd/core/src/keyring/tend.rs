//! Keeping a process's view of the keyring new: a cheap query every now and then, and one before anything is signed or
//! published by a view that has grown old.

use std::sync::{Arc, PoisonError};
use std::time::{Duration, Instant};

use tokio::time::timeout;

use crate::keyring::life::{Clocks, LAG, Policy, Step};
use crate::keyring::opened::OpenedKeys;
use crate::keyring::{Keyring, KeyringError};
use crate::model::Timestamp;
use crate::store::KeyringRecord;

/// How long a request waits for the keyring to be read again.
const PATIENCE: Duration = Duration::from_secs(1);

/// How long what is known of clients' lifetimes is good enough, in seconds.
const LIFETIMES: Duration = Duration::from_secs(60);

/// The longest lifetime that any client has of its own, and when it was asked for.
pub(super) type Lifetimes = Option<(i64, Instant)>;

impl Keyring {
    /// Reads the keyring if it has changed.
    ///
    /// # Errors
    /// When the database does not answer or holds what cannot be read; then the last reading stays.
    pub async fn refresh(&self, now: Timestamp) -> Result<(), KeyringError> {
        let asked = Instant::now();
        let _turn = self.reading.lock().await;
        if self.view.is_since(asked) {
            return Ok(());
        }
        self.read(now).await.map(drop)
    }

    /// Reads the keyring again if this process may have missed something: it was stopped, or could not reach the
    /// database. Waits for a second at most; if that is not enough, [`Self::is_fresh`] is false and nothing is signed.
    pub async fn freshen(&self, now: Timestamp) {
        let at = Instant::now();
        if self.view.is_fresh(at, now) || !self.view.may_read(at) {
            return;
        }
        let failure = match timeout(PATIENCE, self.refresh(now)).await {
            Ok(Ok(())) => return,
            Ok(Err(error)) => error.to_string(),
            Err(_) => format!("no answer within {PATIENCE:?}"),
        };
        if self.view.note_failure(Instant::now()) {
            tracing::warn!(reason = failure, "the keyring cannot be read; nothing is signed until it can");
        }
    }

    /// Returns whether this process's view of the keyring is new enough to tell relying parties how long they may keep
    /// what it publishes.
    #[must_use]
    pub fn is_fresh(&self, now: Timestamp) -> bool {
        self.view.is_fresh(Instant::now(), now)
    }

    /// Does everything that is to be done every now and then, more often than every [`LAG`] seconds: reads what
    /// others have changed, and carries out what is due. From the first time on, nothing is signed by a view that is
    /// older than that.
    ///
    /// # Errors
    /// When the database does not answer or holds what cannot be read.
    pub async fn tend(&self, policy: &Policy, now: Timestamp) -> Result<Vec<Step>, KeyringError> {
        self.view.tend();
        let record = {
            let _turn = self.reading.lock().await;
            self.read(now).await?
        };
        let policy = policy.with_lifetime(self.longest_lifetime().await?);
        let clocks = self.judge(&policy, &record, now);
        self.advance(&policy, clocks).await
    }

    /// Returns what time it is by every clock at hand: this machine's, as far as it may be believed, and the database's.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn clocks(&self, policy: &Policy, now: Timestamp) -> Result<Clocks, KeyringError> {
        let record = self.store.signing_keys().keyring().await?;
        Ok(self.judge(policy, &record, now))
    }

    /// Reads the revision, and everything if that is a new one.
    async fn read(&self, now: Timestamp) -> Result<KeyringRecord, KeyringError> {
        let begun = Instant::now();
        let record = self.store.signing_keys().keyring().await?;
        let before = self.opened();
        if record.revision != before.revision {
            // What is newer than the revision will be read once more.
            let keys = self.store.signing_keys().all().await?;
            let reading = (record.revision, keys);
            let opened = OpenedKeys::assemble(&self.root, reading, Some(&before), self.settings.alg)?;
            for fault in &opened.faults {
                tracing::error!(%fault, "a key cannot be opened; this process does not sign with it");
            }
            if let Err(other) = self.root.refuse_others(&opened.keys) {
                tracing::error!(%other, "the keyring is wrapped under another root key now; this process goes on with the keys that it has and cannot start again");
            }
            tracing::info!(revision = opened.revision, etag = opened.published.etag, "read the keyring");
            *self.opened.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(opened);
        }
        self.view.note(begun, now);
        Ok(record)
    }

    fn judge(&self, policy: &Policy, record: &KeyringRecord, now: Timestamp) -> Clocks {
        let longest = self.opened().keys.iter().map(|key| policy.verification(key)).max().unwrap_or_default();
        let hold = Duration::from_secs(longest.max(policy.publication).max(LAG).unsigned_abs());
        let mut steady = self.steady.lock().unwrap_or_else(PoisonError::into_inner);
        let at = Instant::now();
        let reached = steady.reading(now, at, hold);
        let clocks = Clocks::from(now).and(reached).running_since(at);
        record.clock.map_or(clocks, |clock| clocks.and(clock))
    }

    /// Returns the longest lifetime that any client has of its own, as of the last minute.
    async fn longest_lifetime(&self) -> Result<i64, KeyringError> {
        let known = *self.lifetimes.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((lifetime, at)) = known
            && at.elapsed() < LIFETIMES
        {
            return Ok(lifetime);
        }
        let at = Instant::now();
        let lifetime = self.store.signing_keys().longest_lifetime().await?;
        *self.lifetimes.lock().unwrap_or_else(PoisonError::into_inner) = Some((lifetime, at));
        Ok(lifetime)
    }
}
