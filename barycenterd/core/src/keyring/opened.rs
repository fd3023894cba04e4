//! The keyring as it was when it was last read: which keys sign, what is published, what verifies. Never changed;
//! a reading that finds something new makes another one.

use std::sync::Arc;

use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{DecodingKey, Validation};
use serde_json::{Value, json};

use crate::keyring::KeyringError;
use crate::keyring::life::find;
use crate::keyring::private_key::PrivateKey;
use crate::keyring::root::RootKey;
use crate::keyring::wrapping::unwrap;
use crate::model::{KeyId, SigningAlgorithm, SigningKey, SigningKeyState};
use crate::secret::Digest;

/// What relying parties verify with: the JWKS as it is served.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublishedKeys {
    /// The JWK Set (RFC 7517), JSON.
    pub json: String,
    /// A quoted entity tag that changes with it.
    pub etag: String,
}

/// One reading of the keyring.
pub(super) struct OpenedKeys {
    pub(super) revision: i64,
    /// All keys, oldest first.
    pub(super) keys: Vec<SigningKey>,
    /// What is published.
    pub(super) published: Arc<PublishedKeys>,
    /// What could not be opened: such a key is published and does not sign here.
    pub(super) faults: Vec<KeyringError>,
    private: Vec<(KeyId, Arc<PrivateKey>)>,
    verifying: Vec<(KeyId, SigningAlgorithm, DecodingKey)>,
}

impl OpenedKeys {
    /// Opens private halves, those that `before` has not opened already, and lays out what is published: the keys
    /// that sign come first, and `preferred` before others, for relying parties that look no further.
    pub(super) fn assemble(
        root: &RootKey,
        (revision, keys): (i64, Vec<SigningKey>),
        before: Option<&Self>,
        preferred: SigningAlgorithm,
    ) -> Result<Self, KeyringError> {
        let (mut private, mut faults, mut verifying, mut jwks) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        let mut published: Vec<&SigningKey> = keys.iter().filter(|key| key.state.is_published()).collect();
        published.sort_by_key(|key| {
            (key.state != SigningKeyState::Active, key.algorithm != preferred, key.created_at, key.kid.clone())
        });
        for key in published {
            let damaged = |reason: String| KeyringError::Key { kid: key.kid.clone(), reason };
            let jwk: Value = serde_json::from_str(&key.jwk).map_err(|error| damaged(error.to_string()))?;
            let parsed: Jwk = serde_json::from_value(jwk.clone()).map_err(|error| damaged(error.to_string()))?;
            let decoding = DecodingKey::from_jwk(&parsed).map_err(|error| damaged(error.to_string()))?;
            verifying.push((key.kid.clone(), key.algorithm, decoding));
            jwks.push(jwk);
            if matches!(key.state, SigningKeyState::Pending | SigningKeyState::Active) {
                match before
                    .and_then(|before| before.private(&key.kid))
                    .map_or_else(|| unwrap(root, key).map(Arc::new), Ok)
                {
                    Ok(opened) => private.push((key.kid.clone(), opened)),
                    Err(fault) => faults.push(fault),
                }
            }
        }
        let json = json!({ "keys": jwks }).to_string();
        let etag = format!("\"{}\"", Digest::of(&json).as_str());
        let published = Arc::new(PublishedKeys { json, etag });
        Ok(Self { revision, keys, published, faults, private, verifying })
    }

    fn private(&self, kid: &KeyId) -> Option<Arc<PrivateKey>> {
        self.private.iter().find(|(known, _)| known == kid).map(|(_, key)| Arc::clone(key))
    }

    /// Returns the key that signs with an algorithm.
    pub(super) fn signing(&self, algorithm: SigningAlgorithm) -> Option<(&KeyId, Arc<PrivateKey>)> {
        let active = find(&self.keys, algorithm, SigningKeyState::Active)?;
        self.private(&active.kid).map(|key| (&active.kid, key))
    }

    /// Returns the algorithms that keys sign with here.
    pub(super) fn algorithms(&self) -> Vec<SigningAlgorithm> {
        SigningAlgorithm::ALL.into_iter().filter(|algorithm| self.signing(*algorithm).is_some()).collect()
    }

    /// Returns the claims of a JWT that a published key has signed, whatever its age.
    pub(super) fn verify_signature(&self, jwt: &str) -> Option<Value> {
        let header = jsonwebtoken::decode_header(jwt).ok()?;
        let kid = header.kid?;
        let (_, algorithm, key) = self.verifying.iter().find(|(known, ..)| known.as_str() == kid)?;
        let mut validation = Validation::new(algorithm.as_jwt());
        validation.required_spec_claims.clear();
        validation.validate_exp = false;
        validation.validate_aud = false;
        jsonwebtoken::decode::<Value>(jwt, key, &validation).ok().map(|token| token.claims)
    }
}
