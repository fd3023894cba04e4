//! `keys import`: brings a private key along, PEM or JWK. It is published like any new key, or signs at once.

mod format;

use serde_json::Value;

use crate::keyring::advance::write;
use crate::keyring::life::{Clocks, Policy, find, take};
use crate::keyring::wrapping::wrap;
use crate::keyring::{Keyring, KeyringError, Run, Step};
use crate::model::{KeyId, SigningKey, SigningKeyState};
use crate::secret::Secret;

/// The longest `kid` that a key may be given, in bytes.
const KID_BYTES: usize = 128;

/// When an imported key begins to sign.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Start {
    /// When every relying party knows it.
    WhenKnown,
    /// At once: relying parties that keep an older JWKS refuse what it signs until they look again.
    Now,
}

/// A key to import.
#[derive(Debug, Clone)]
pub struct Importation {
    /// The private key: PEM (PKCS#8, PKCS#1, SEC1) or JWK.
    pub key: Secret,
    /// What a PEM is encrypted with.
    pub passphrase: Option<Secret>,
    /// Its `kid`; not given: the one in the JWK, or the RFC 7638 thumbprint.
    pub kid: Option<String>,
    /// When it begins to sign.
    pub start: Start,
    /// Whether it is carried out.
    pub run: Run,
}

/// What became of it.
#[derive(Debug, Clone)]
pub enum Imported {
    /// It is in the keyring.
    Done {
        /// The key.
        key: SigningKey,
        /// Whose place it has taken, or will take.
        replaces: Option<KeyId>,
    },
    /// The keyring has this key, or another one of that name; nothing was changed.
    Exists(SigningKey),
    /// A key of this algorithm is published already and does not sign yet; nothing was changed.
    Pending(SigningKey),
    /// It cannot be used; nothing was changed.
    Invalid(String),
}

impl Keyring {
    /// Brings a key along.
    ///
    /// # Errors
    /// When the database does not answer or the keyring belongs to another root key by now. Then nothing has happened.
    pub async fn import(
        &self,
        importation: Importation,
        policy: &Policy,
        mut clocks: Clocks,
    ) -> Result<Imported, KeyringError> {
        let read = format::read(&importation.key, importation.passphrase.as_ref());
        let (private, named) = match read {
            Ok(read) => read,
            Err(reason) => return Ok(Imported::Invalid(reason)),
        };
        let kid = importation.kid.or(named);
        if let Some(reason) = kid.as_deref().and_then(unusable) {
            return Ok(Imported::Invalid(reason));
        }
        let (transaction, mut keys) = self.begin_up_to_date(policy, &mut clocks).await?;
        let now = clocks.fastest();
        let key = wrap(&self.root, &private, kid.map(KeyId::new), now, now.plus(policy.publication))?;
        if let Some(known) = keys.iter().find(|known| known.kid == key.kid || is_same(&known.jwk, &key.jwk)) {
            return Ok(Imported::Exists(known.clone()));
        }
        if let Some(pending) = find(&keys, key.algorithm, SigningKeyState::Pending) {
            return Ok(Imported::Pending(pending.clone()));
        }
        let replaces = find(&keys, key.algorithm, SigningKeyState::Active).map(|key| key.kid.clone());
        transaction.signing_keys().insert(&key).await?;
        keys.push(key.clone());
        let policy = policy.with_lifetime(transaction.signing_keys().longest_lifetime().await?);
        if importation.start == Start::Now {
            let changed = take(&Step::Activate(key.kid.clone()), &keys, &policy, clocks)?;
            write(&transaction, &mut keys, changed).await?;
        }
        if importation.run == Run::Real {
            transaction.commit().await?;
            self.refresh(now).await?;
        }
        let key = keys.into_iter().find(|known| known.kid == key.kid).unwrap_or(key);
        Ok(Imported::Done { key, replaces })
    }
}

/// A `kid` stands in headers, on command lines and in tables.
fn unusable(kid: &str) -> Option<String> {
    let is_usable = (1..=KID_BYTES).contains(&kid.len()) && kid.bytes().all(|byte| byte.is_ascii_graphic());
    (!is_usable).then(|| format!("the kid {kid:?} must be 1 to {KID_BYTES} visible ASCII characters without spaces"))
}

/// Returns whether two JWKs are the same key, whatever they are called.
fn is_same(one: &str, other: &str) -> bool {
    let parts = |jwk: &str| -> Option<Vec<Value>> {
        let jwk: Value = serde_json::from_str(jwk).ok()?;
        Some(
            ["kty", "n", "e", "crv", "x", "y"].iter().map(|name| jwk.get(*name).cloned().unwrap_or_default()).collect(),
        )
    };
    parts(one).is_some_and(|one| parts(other) == Some(one))
}
