//! Secrets that cannot leak by accident, and the digests under which bearer values are stored.
//!
//! The rule: a [`Secret`] shows itself only through [`Secret::expose`]; what a database needs to recognise a bearer
//! value is its [`Digest`]; comparisons take constant time.

use std::fmt;

use aws_lc_rs::constant_time::verify_slices_are_equal;
use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Deserializer};
use zeroize::Zeroizing;

/// A text that must not be seen: a password, a token, a client secret.
///
/// `Debug` shows `***`, there is no `Display`, and the memory is wiped on drop.
#[derive(Clone)]
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// Wraps a text.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        Self(Zeroizing::new(text.into()))
    }

    /// Returns a new bearer value: 256 random bits in base64url, 43 characters.
    #[must_use]
    pub fn random() -> Self {
        Self::new(URL_SAFE_NO_PAD.encode(random_bytes::<32>()))
    }

    /// Returns the text. Every call deserves a look: where does it go?
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Returns whether there is no text at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns the digest under which this value is stored.
    #[must_use]
    pub fn digest(&self) -> Digest {
        Digest::of(self.expose())
    }

    /// Returns whether both texts are the same, in time that depends on their lengths only.
    #[must_use]
    pub fn matches(&self, other: &Self) -> bool {
        self.digest().matches(&other.digest())
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("***")
    }
}

impl From<String> for Secret {
    fn from(text: String) -> Self {
        Self::new(text)
    }
}

impl<'de> Deserialize<'de> for Secret {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(Self::new)
    }
}

impl schemars::JsonSchema for Secret {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Secret".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": "string", "writeOnly": true })
    }
}

/// The SHA-256 digest of a bearer value, in base64url: what the database keeps in its place.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Digest(String);

impl Digest {
    /// Returns the digest of a text.
    #[must_use]
    pub fn of(text: &str) -> Self {
        Self(URL_SAFE_NO_PAD.encode(digest(&SHA256, text.as_bytes())))
    }

    /// Takes a digest as the database holds it.
    #[must_use]
    pub fn from_stored(text: String) -> Self {
        Self(text)
    }

    /// Returns the digest in base64url, 43 characters.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns whether both digests are the same, in constant time.
    #[must_use]
    pub fn matches(&self, other: &Self) -> bool {
        verify_slices_are_equal(self.0.as_bytes(), other.0.as_bytes()).is_ok()
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Digest({}…)", self.0.get(..6).unwrap_or_default())
    }
}

/// Returns `N` random bytes from the operating system's generator.
///
/// # Panics
/// Never in practice: the generator of aws-lc aborts the process itself when the system has no entropy.
#[must_use]
pub fn random_bytes<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    #[expect(clippy::expect_used, reason = "without random bytes nothing that follows would be safe")]
    aws_lc_rs::rand::fill(&mut bytes).expect("the system has a random generator");
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_not_shown() {
        assert_eq!(format!("{:?}", Secret::new("hunter2")), "***");
    }

    #[test]
    fn random_secrets_hold_256_bits_and_differ() {
        let (one, other) = (Secret::random(), Secret::random());
        assert_eq!(one.expose().len(), 43);
        assert!(!one.matches(&other));
        assert!(one.digest().matches(&Digest::of(one.expose())));
    }
}
