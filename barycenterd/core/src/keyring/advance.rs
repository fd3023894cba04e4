//! Carrying out what is due. Any process may do it at any time: who comes second finds nothing to do.

use crate::keyring::life::{Clocks, Policy, Step, due, take};
use crate::keyring::wrapping::wrap;
use crate::keyring::{Keyring, KeyringError, generate};
use crate::model::SigningKey;
use crate::store::Transaction;

impl Keyring {
    /// Carries out the steps that are due; returns them.
    ///
    /// # Errors
    /// When the database does not answer, or the keyring belongs to another root key by now. Then nothing has happened.
    pub async fn advance(&self, policy: &Policy, clocks: Clocks) -> Result<Vec<Step>, KeyringError> {
        // Keys that will be needed are made before anybody is kept waiting.
        let mut fresh = Vec::new();
        let expected = due(&self.opened().keys, policy, clocks);
        if expected.is_empty() {
            return Ok(expected);
        }
        for step in &expected {
            if let Step::Publish { algorithm, .. } = step {
                fresh.push((*algorithm, generate(*algorithm).await?));
            }
        }
        let (transaction, mut keys) = self.begin().await?;
        let clocks = clocks.up_to_date();
        let policy = policy.with_lifetime(transaction.signing_keys().longest_lifetime().await?);
        let steps = due(&keys, &policy, clocks);
        for step in &steps {
            if let Step::Publish { algorithm, activates_at } = step {
                let made = fresh.iter().position(|(made, _)| made == algorithm).map(|index| fresh.swap_remove(index));
                // Due only since we looked: the next one to come by publishes it.
                let Some((_, key)) = made else { continue };
                let key = wrap(&self.root, &key, None, clocks.fastest(), *activates_at)?;
                transaction.signing_keys().insert(&key).await?;
                keys.push(key);
            }
            let changed = take(step, &keys, &policy, clocks)?;
            write(&transaction, &mut keys, changed).await?;
        }
        if steps.is_empty() {
            return Ok(steps);
        }
        transaction.commit().await?;
        for step in &steps {
            tracing::info!(%step, "the keyring has changed");
        }
        self.refresh(clocks.fastest()).await?;
        Ok(steps)
    }
}

impl Keyring {
    /// Begins to change the keyring as it is when everything that is due is done, at the time when nobody else is in
    /// the way any more. Keys that are due to be published are left to [`Self::advance`]. Who does not commit has
    /// changed nothing at all.
    pub(super) async fn begin_up_to_date(
        &self,
        policy: &Policy,
        clocks: &mut Clocks,
    ) -> Result<(Transaction, Vec<SigningKey>), KeyringError> {
        let (transaction, mut keys) = self.begin().await?;
        *clocks = clocks.up_to_date();
        let policy = policy.with_lifetime(transaction.signing_keys().longest_lifetime().await?);
        for step in due(&keys, &policy, *clocks) {
            let changed = take(&step, &keys, &policy, *clocks)?;
            write(&transaction, &mut keys, changed).await?;
        }
        Ok((transaction, keys))
    }
}

/// Writes keys that have changed, in their order.
pub(super) async fn write(
    transaction: &Transaction,
    keys: &mut [SigningKey],
    changed: Vec<SigningKey>,
) -> Result<(), KeyringError> {
    for after in changed {
        transaction.signing_keys().update(&after).await?;
        if let Some(key) = keys.iter_mut().find(|key| key.kid == after.kid) {
            *key = after;
        }
    }
    Ok(())
}
