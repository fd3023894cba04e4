//! What targets answer to changes of the keyring, and the database's own answers. The server's are made in
//! [`crate::admin_api`]: the same functions, behind GraphQL.

use barycenter_core::clock::{Clock as _, SystemClock};
use barycenter_core::keyring::{
    Clocks, Importation, Imported, Keyring, Outlook, Policy, Retired, Retirement, Rotated, Rotation, Run, outlook,
};
use barycenter_core::model::{self, KeyId};
use serde_json::Value;

use crate::error::CtlError;
use crate::target::Target;
use crate::target::answer::SigningKey;
use crate::target::direct::Direct;

/// What became of a rotation.
#[derive(Debug)]
pub(crate) enum KeyRotation {
    /// A new key is published.
    Published {
        /// The key.
        key: SigningKey,
        /// Whose place it takes.
        replaces: Option<String>,
    },
    /// This one is published already and does not sign yet.
    Pending(SigningKey),
    /// It has to be published for so many seconds before it signs.
    TooSoon(i64),
}

/// What became of the end of a key.
#[derive(Debug)]
#[expect(clippy::large_enum_variant, reason = "made a few times a year, and never kept")]
pub(crate) enum KeyRetirement {
    /// It is gone from the JWKS.
    Retired {
        /// The key.
        key: SigningKey,
        /// What signs in its place.
        successor: Option<SigningKey>,
        /// Answers of the token endpoint whose tokens are broken.
        answers: u64,
        /// RFC 3339; when the last of them would have expired; none: nothing is broken.
        until: Option<String>,
    },
    /// Tokens need it.
    InUse {
        /// The key.
        key: SigningKey,
        /// Answers of the token endpoint whose tokens it may have signed.
        answers: u64,
        /// RFC 3339; when the last of them expires at the latest.
        until: String,
    },
    /// It was retired before.
    Before,
    /// There is no such key.
    NotFound,
}

/// What became of an import.
#[derive(Debug)]
pub(crate) enum KeyImport {
    /// It is in the keyring.
    Imported {
        /// The key.
        key: SigningKey,
        /// Whose place it takes.
        replaces: Option<String>,
    },
    /// The keyring has it, or another one of that name.
    Exists(SigningKey),
    /// This one of the same algorithm is published already and does not sign yet.
    Pending(SigningKey),
    /// It cannot be used.
    Invalid(String),
}

impl Target {
    /// Publishes a new signing key.
    ///
    /// # Errors
    /// When the target cannot be reached or refuses.
    pub(crate) async fn rotate_key(&self, rotation: Rotation) -> Result<KeyRotation, CtlError> {
        match self {
            Self::Admin(api) => api.rotate_key(rotation).await,
            Self::Direct(direct) => direct.rotate_key(rotation).await,
        }
    }

    /// Takes a signing key out of the JWKS.
    ///
    /// # Errors
    /// When the target cannot be reached or refuses.
    pub(crate) async fn retire_key(&self, kid: &str, how: Retirement, run: Run) -> Result<KeyRetirement, CtlError> {
        match self {
            Self::Admin(api) => api.retire_key(kid, how, run).await,
            Self::Direct(direct) => direct.retire_key(kid, how, run).await,
        }
    }

    /// Brings a signing key along.
    ///
    /// # Errors
    /// When the target cannot be reached or refuses.
    pub(crate) async fn import_key(&self, importation: Importation) -> Result<KeyImport, CtlError> {
        match self {
            Self::Admin(api) => api.import_key(importation).await,
            Self::Direct(direct) => direct.import_key(importation).await,
        }
    }
}

impl Direct {
    fn policy(&self) -> Policy {
        Policy::new(&self.config.keys, &self.config.oidc)
    }

    /// Opens the keyring; makes none where there is none yet.
    async fn open_keyring(&self) -> Result<(&Keyring, Policy, Clocks), CtlError> {
        self.require_root_key().await?;
        let (keyring, policy) = (self.keyring().await?, self.policy());
        let clocks = keyring.clocks(&policy, SystemClock.now()).await?;
        Ok((keyring, policy, clocks))
    }

    pub(crate) async fn keys(&self) -> Result<Vec<SigningKey>, CtlError> {
        let keys = self.store.signing_keys().all().await?;
        let policy = self.policy().with_lifetime(self.store.signing_keys().longest_lifetime().await?);
        Ok(keys.iter().map(|key| shown(key, &keys, &policy)).collect())
    }

    async fn rotate_key(&self, rotation: Rotation) -> Result<KeyRotation, CtlError> {
        let (keyring, policy, clocks) = self.open_keyring().await?;
        let one = |key: &model::SigningKey| shown(key, std::slice::from_ref(key), &policy);
        Ok(match keyring.rotate(rotation, &policy, clocks).await? {
            Rotated::Published { key, replaces } => {
                keyring.write_mirror();
                KeyRotation::Published { key: one(&key), replaces: replaces.map(|kid| kid.to_string()) }
            }
            Rotated::Pending(key) => KeyRotation::Pending(one(&key)),
            Rotated::TooSoon { least } => KeyRotation::TooSoon(least),
        })
    }

    async fn retire_key(&self, kid: &str, how: Retirement, run: Run) -> Result<KeyRetirement, CtlError> {
        let (keyring, policy, clocks) = self.open_keyring().await?;
        let one = |key: &model::SigningKey| shown(key, std::slice::from_ref(key), &policy);
        Ok(match keyring.retire(&KeyId::new(kid), how, run, (&policy, clocks)).await? {
            Retired::Done { key, successor, unexpired } => {
                keyring.write_mirror();
                KeyRetirement::Retired {
                    key: one(&key),
                    successor: successor.as_ref().map(one),
                    answers: unexpired.map_or(0, |unexpired| unexpired.answers),
                    until: unexpired.map(|unexpired| unexpired.until.to_string()),
                }
            }
            Retired::InUse { key, unexpired } => {
                KeyRetirement::InUse { key: one(&key), answers: unexpired.answers, until: unexpired.until.to_string() }
            }
            Retired::Already(_) => KeyRetirement::Before,
            Retired::Unknown => KeyRetirement::NotFound,
        })
    }

    async fn import_key(&self, importation: Importation) -> Result<KeyImport, CtlError> {
        let (keyring, policy, clocks) = self.open_keyring().await?;
        let one = |key: &model::SigningKey| shown(key, std::slice::from_ref(key), &policy);
        Ok(match keyring.import(importation, &policy, clocks).await? {
            Imported::Done { key, replaces } => {
                keyring.write_mirror();
                KeyImport::Imported { key: one(&key), replaces: replaces.map(|kid| kid.to_string()) }
            }
            Imported::Exists(key) => KeyImport::Exists(one(&key)),
            Imported::Pending(key) => KeyImport::Pending(one(&key)),
            Imported::Invalid(reason) => KeyImport::Invalid(reason),
        })
    }
}

fn shown(key: &model::SigningKey, keys: &[model::SigningKey], policy: &Policy) -> SigningKey {
    let Outlook { signs_until, verifies_until } = outlook(key, keys, policy);
    let time = |time: Option<model::Timestamp>| time.map(|time| time.to_string());
    SigningKey {
        kid: key.kid.to_string(),
        algorithm: key.algorithm.as_str().to_owned(),
        state: key.state.as_str().to_owned(),
        created_at: key.created_at.to_string(),
        activates_at: time(key.activates_at),
        activated_at: time(key.activated_at),
        signs_until: time(signs_until),
        verifies_until: time(verifies_until),
        retired_at: time(key.retired_at),
        public_jwk: serde_json::from_str(&key.jwk).unwrap_or(Value::Null),
    }
}
