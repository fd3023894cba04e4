//! `keys retire`: takes a key out of the JWKS. Without haste, only where no token needs it; at once, whatever it breaks,
//! and then a successor signs from this moment on.

use crate::keyring::advance::write;
use crate::keyring::life::{Clocks, Policy, activated, find};
use crate::keyring::wrapping::wrap;
use crate::keyring::{Keyring, KeyringError, Run, generate};
use crate::model::{KeyId, SigningKey, SigningKeyState, Timestamp};
use crate::store::SigningKeys;

/// How a key is retired.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Retirement {
    /// Only if no token needs it any more.
    WhenUnused,
    /// At once: the key may have been stolen.
    Now,
}

/// Tokens that need a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unexpired {
    /// The answers of the token endpoint, still on record, whose tokens the key may have signed and which may not have
    /// expired.
    pub answers: u64,
    /// When the last of them expires at the latest.
    pub until: Timestamp,
}

/// What became of it.
#[derive(Debug, Clone)]
#[expect(clippy::large_enum_variant, reason = "made a few times a year, and never kept")]
pub enum Retired {
    /// It is gone from the JWKS.
    Done {
        /// The key.
        key: SigningKey,
        /// Which key signs in its place from now on, if it signed.
        successor: Option<SigningKey>,
        /// What was broken.
        unexpired: Option<Unexpired>,
    },
    /// Tokens need it; nothing was changed.
    InUse {
        /// The key.
        key: SigningKey,
        /// Which.
        unexpired: Unexpired,
    },
    /// It was retired before; nothing was changed.
    Already(SigningKey),
    /// There is no such key.
    Unknown,
}

impl Keyring {
    /// Takes a key out of the JWKS.
    ///
    /// # Errors
    /// When the database does not answer or the keyring belongs to another root key by now. Then nothing has happened.
    pub async fn retire(
        &self,
        kid: &KeyId,
        retirement: Retirement,
        run: Run,
        (policy, mut clocks): (&Policy, Clocks),
    ) -> Result<Retired, KeyringError> {
        self.refresh(clocks.fastest()).await?;
        // A successor may be needed; it is made before anybody is kept waiting.
        let fresh = match self.opened().keys.iter().find(|key| key.kid == *kid) {
            Some(key) if key.state == SigningKeyState::Active && retirement == Retirement::Now => {
                Some(generate(key.algorithm).await?)
            }
            _ => None,
        };
        let (transaction, mut keys) = self.begin_up_to_date(policy, &mut clocks).await?;
        let Some(key) = keys.iter().find(|key| key.kid == *kid).cloned() else { return Ok(Retired::Unknown) };
        if key.state == SigningKeyState::Retired {
            return Ok(Retired::Already(key));
        }
        let unexpired = unexpired(&transaction.signing_keys(), &key, policy, clocks).await?;
        if let (Some(unexpired), Retirement::WhenUnused) = (unexpired, retirement) {
            return Ok(Retired::InUse { key, unexpired });
        }
        let now = clocks.fastest();
        let was_active = key.state == SigningKeyState::Active;
        let retired = key.retire(now)?;
        write(&transaction, &mut keys, vec![retired.clone()]).await?;
        let pending = find(&keys, retired.algorithm, SigningKeyState::Pending).cloned();
        let successor = match (was_active, pending, fresh) {
            (false, ..) => None,
            (true, Some(pending), _) => {
                let next = activated(pending, policy, now)?;
                write(&transaction, &mut keys, vec![next.clone()]).await?;
                Some(next)
            }
            (true, None, fresh) => {
                let fresh = match fresh {
                    Some(fresh) => fresh,
                    None => generate(retired.algorithm).await?,
                };
                let next = activated(wrap(&self.root, &fresh, None, now, now)?, policy, now)?;
                transaction.signing_keys().insert(&next).await?;
                Some(next)
            }
        };
        if run == Run::Real {
            transaction.commit().await?;
            self.refresh(now).await?;
        }
        Ok(Retired::Done { key: retired, successor, unexpired })
    }
}

/// Returns the tokens that need a key; none if it has not signed, or they have all expired.
async fn unexpired(
    store: &SigningKeys<'_>,
    key: &SigningKey,
    policy: &Policy,
    clocks: Clocks,
) -> Result<Option<Unexpired>, KeyringError> {
    let now = clocks.slowest();
    let policy = policy.with_lifetime(store.longest_lifetime().await?);
    let until = match key.state {
        SigningKeyState::Pending | SigningKeyState::Retired => return Ok(None),
        SigningKeyState::Active => now.plus(policy.lifetime.max(key.lifetime)),
        SigningKeyState::Retiring => key.verifies_until.unwrap_or_else(|| now.plus(policy.verification(key))),
    };
    let first = now.plus(-policy.lifetime.max(key.lifetime)).max(key.activated_at.unwrap_or(key.created_at));
    let last = key.retiring_at.map_or(clocks.fastest(), |time| time.plus(policy.margin));
    let answers = store.answers(first, last).await?;
    Ok((until > now).then_some(Unexpired { answers, until }))
}
