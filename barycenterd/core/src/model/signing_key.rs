//! Signing keys: which algorithms there are, which states a key goes through, and how it gets from one to the next.
//!
//! ```text
//!   pending ──activate──► active ──step_down──► retiring ──retire──► retired
//!      └────────────────────┴──────────────────────────────────────────┘
//! ```
//!
//! A state is never gone back to. When a key may take the next step is the business of [`crate::keyring`].

use std::fmt;

use jsonwebtoken::Algorithm;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::model::{KeyId, Timestamp};

/// An algorithm that signs tokens (RFC 7518 section 3.1, RFC 8037).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize, JsonSchema)]
#[schemars(inline)]
pub enum SigningAlgorithm {
    /// RSASSA-PKCS1-v1_5 with SHA-256 on a 2048-bit key; every relying party understands it.
    #[default]
    #[serde(rename = "RS256")]
    Rs256,
    /// ECDSA on P-256 with SHA-256.
    #[serde(rename = "ES256")]
    Es256,
    /// Ed25519.
    #[serde(rename = "EdDSA")]
    EdDsa,
}

impl SigningAlgorithm {
    /// Every algorithm.
    pub const ALL: [Self; 3] = [Self::Rs256, Self::Es256, Self::EdDsa];

    /// Returns the name in `alg`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Rs256 => "RS256",
            Self::Es256 => "ES256",
            Self::EdDsa => "EdDSA",
        }
    }

    /// Returns the algorithm of that name, if there is one.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|algorithm| algorithm.as_str() == name)
    }

    /// Returns the same algorithm as jsonwebtoken names it.
    #[must_use]
    pub const fn as_jwt(self) -> Algorithm {
        match self {
            Self::Rs256 => Algorithm::RS256,
            Self::Es256 => Algorithm::ES256,
            Self::EdDsa => Algorithm::EdDSA,
        }
    }
}

impl fmt::Display for SigningAlgorithm {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

/// A signing key's way through life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SigningKeyState {
    /// Published, not yet signing.
    Pending,
    /// Signs.
    Active,
    /// Published, no longer signing: tokens that it signed still verify.
    Retiring,
    /// Gone from the JWKS.
    Retired,
}

impl SigningKeyState {
    /// Every state, in order.
    pub const ALL: [Self; 4] = [Self::Pending, Self::Active, Self::Retiring, Self::Retired];

    /// Returns the state's name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Active => "active",
            Self::Retiring => "retiring",
            Self::Retired => "retired",
        }
    }

    /// Returns the state of that name, if there is one.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == name)
    }

    /// Returns whether a key in this state is in the JWKS.
    #[must_use]
    pub const fn is_published(self) -> bool {
        !matches!(self, Self::Retired)
    }
}

impl fmt::Display for SigningKeyState {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

/// A signing key as the store holds it: of no use without the root key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SigningKey {
    /// RFC 7638 thumbprint of the public half, unless whoever imported the key gave it another name.
    pub kid: KeyId,
    /// What it signs with.
    pub algorithm: SigningAlgorithm,
    /// Where it stands.
    pub state: SigningKeyState,
    /// The public half as it is published, JSON.
    pub jwk: String,
    /// The private half, PKCS#8, encrypted under the root key; base64url. Empty once the key is retired.
    pub wrapped: String,
    /// Which root key it is wrapped under: a fingerprint.
    pub root: String,
    /// The longest life of a token, in seconds, that was permitted while it signed.
    pub lifetime: i64,
    /// When it was made, and published.
    pub created_at: Timestamp,
    /// When it may begin to sign: by then every relying party that honours the cache headers knows it.
    pub activates_at: Option<Timestamp>,
    /// When it began to sign.
    pub activated_at: Option<Timestamp>,
    /// When it ceased to sign.
    pub retiring_at: Option<Timestamp>,
    /// When the last token that it signed has expired.
    pub verifies_until: Option<Timestamp>,
    /// When it left the JWKS.
    pub retired_at: Option<Timestamp>,
}

/// A step that a key cannot take from where it stands.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("signing key {kid} is {from}; it does not become {to}")]
pub struct WrongState {
    kid: KeyId,
    from: SigningKeyState,
    to: SigningKeyState,
}

impl SigningKey {
    fn to(self, state: SigningKeyState, from: &[SigningKeyState]) -> Result<Self, WrongState> {
        if from.contains(&self.state) {
            return Ok(Self { state, ..self });
        }
        Err(WrongState { kid: self.kid, from: self.state, to: state })
    }

    /// Returns the key as it is when it has begun to sign.
    ///
    /// # Errors
    /// Unless it is pending.
    pub fn activate(self, now: Timestamp) -> Result<Self, WrongState> {
        let key = self.to(SigningKeyState::Active, &[SigningKeyState::Pending])?;
        Ok(Self { activated_at: Some(now), ..key })
    }

    /// Returns the key as it is when it has ceased to sign; what it has signed verifies until `verifies_until`.
    ///
    /// # Errors
    /// Unless it is active.
    pub fn step_down(self, now: Timestamp, verifies_until: Timestamp) -> Result<Self, WrongState> {
        let key = self.to(SigningKeyState::Retiring, &[SigningKeyState::Active])?;
        Ok(Self { retiring_at: Some(now), verifies_until: Some(verifies_until), ..key })
    }

    /// Returns the key as it is when it has left the JWKS. Its private half is destroyed.
    ///
    /// # Errors
    /// When that has happened before.
    pub fn retire(self, now: Timestamp) -> Result<Self, WrongState> {
        let was_active = self.state == SigningKeyState::Active;
        let published = [SigningKeyState::Pending, SigningKeyState::Active, SigningKeyState::Retiring];
        let key = self.to(SigningKeyState::Retired, &published)?;
        let retiring_at = if was_active { Some(now) } else { key.retiring_at };
        Ok(Self { retired_at: Some(now), retiring_at, wrapped: String::new(), ..key })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_unix(1_795_431_600);

    fn key(state: SigningKeyState) -> SigningKey {
        SigningKey {
            kid: KeyId::new("k"),
            algorithm: SigningAlgorithm::Es256,
            state,
            jwk: "{}".to_owned(),
            wrapped: "sealed".to_owned(),
            root: "root".to_owned(),
            lifetime: 0,
            created_at: NOW,
            activates_at: Some(NOW.plus(60)),
            activated_at: None,
            retiring_at: None,
            verifies_until: None,
            retired_at: None,
        }
    }

    #[test]
    fn a_key_only_ever_goes_forward() {
        use SigningKeyState::{Active, Pending, Retired, Retiring};

        for (from, activates, steps_down, retires) in [
            (Pending, true, false, true),
            (Active, false, true, true),
            (Retiring, false, false, true),
            (Retired, false, false, false),
        ] {
            assert_eq!(key(from).activate(NOW).is_ok(), activates, "{from}");
            assert_eq!(key(from).step_down(NOW, NOW.plus(1)).is_ok(), steps_down, "{from}");
            assert_eq!(key(from).retire(NOW).is_ok(), retires, "{from}");
        }
        let refused = key(Retired).activate(NOW).unwrap_err();
        assert_eq!(refused.to_string(), "signing key k is retired; it does not become active");
    }

    #[test]
    fn a_retired_key_has_no_private_half() {
        let retired = key(SigningKeyState::Active).retire(NOW).unwrap();
        assert_eq!((retired.wrapped.as_str(), retired.retiring_at, retired.retired_at), ("", Some(NOW), Some(NOW)));
    }
}
