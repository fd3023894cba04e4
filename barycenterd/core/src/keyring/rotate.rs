//! `keys rotate`: publishes a new key, which takes the place of the one that signs as soon as every relying party knows
//! it.

use crate::keyring::life::{Clocks, Policy, find};
use crate::keyring::wrapping::wrap;
use crate::keyring::{Keyring, KeyringError, Run, generate};
use crate::model::{KeyId, SigningAlgorithm, SigningKey, SigningKeyState};

/// What is wanted.
#[derive(Debug, Clone, Copy)]
pub struct Rotation {
    /// Of this algorithm; not given: the configured one.
    pub algorithm: Option<SigningAlgorithm>,
    /// When the new key begins to sign, in seconds from now; not given: as soon as may be.
    pub activate_in: Option<i64>,
    /// Whether it is carried out.
    pub run: Run,
}

/// What became of it.
#[derive(Debug, Clone)]
pub enum Rotated {
    /// A new key is published.
    Published {
        /// The key.
        key: SigningKey,
        /// Whose place it will take; nobody's if its algorithm is new.
        replaces: Option<KeyId>,
    },
    /// A key of this algorithm is published already and does not sign yet; nothing was changed.
    Pending(SigningKey),
    /// Relying parties would meet a key that they cannot know; nothing was changed.
    TooSoon {
        /// The fewest seconds.
        least: i64,
    },
}

impl Keyring {
    /// Publishes a new key.
    ///
    /// # Errors
    /// When the database does not answer or the keyring belongs to another root key by now. Then nothing has happened.
    pub async fn rotate(
        &self,
        rotation: Rotation,
        policy: &Policy,
        mut clocks: Clocks,
    ) -> Result<Rotated, KeyringError> {
        let least = policy.publication;
        let wait = rotation.activate_in.unwrap_or(least);
        if wait < least {
            return Ok(Rotated::TooSoon { least });
        }
        // The key is made before anybody is kept waiting.
        let algorithm = rotation.algorithm.unwrap_or(self.settings.alg);
        let fresh = generate(algorithm).await?;
        let (transaction, keys) = self.begin_up_to_date(policy, &mut clocks).await?;
        if let Some(pending) = find(&keys, algorithm, SigningKeyState::Pending) {
            return Ok(Rotated::Pending(pending.clone()));
        }
        let replaces = find(&keys, algorithm, SigningKeyState::Active).map(|key| key.kid.clone());
        let now = clocks.fastest();
        let key = wrap(&self.root, &fresh, None, now, now.plus(wait))?;
        if rotation.run == Run::Real {
            transaction.signing_keys().insert(&key).await?;
            transaction.commit().await?;
            self.refresh(now).await?;
        }
        Ok(Rotated::Published { key, replaces })
    }
}
