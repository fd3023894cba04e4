//! Secrets that cannot leak by accident, and the digests under which bearer values are stored.
//!
//! The rule: a [`Secret`] shows itself only through [`Secret::expose`]; what a database needs to recognise a bearer
//! value is its [`Digest`]; comparisons take constant time.
//!
//! Tokens are dated: their text and their digest begin with the time at which they were made. Many are made, and a
//! database that keeps them in the order of their digests appends a dated one, where it would put any other just
//! anywhere (RFC 9562 section 2.1 says so of identifiers). A token's time is no secret.

use std::fmt;

use aws_lc_rs::constant_time::verify_slices_are_equal;
use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Deserializer};
use uuid::Uuid;
use zeroize::Zeroizing;

/// How long a bearer value is, 256 bits in base64url; and so is a digest.
const RANDOM_CHARACTERS: usize = 43;

/// How long a date is: 48 bits, hexadecimal.
const DATE_CHARACTERS: usize = 12;

fn is_digit(byte: u8) -> bool {
    matches!(byte, b'0'..=b'9' | b'a'..=b'f')
}

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

    /// Returns the same bearer value, dated now: the milliseconds since the epoch, 12 hexadecimal digits, stand before it
    /// as they do in an identifier that sorts by its age (RFC 9562 section 5.7).
    #[must_use]
    pub fn dated(&self) -> Self {
        let identifier = Uuid::now_v7().simple().to_string();
        self.dated_as(identifier.get(..DATE_CHARACTERS).unwrap_or_default())
    }

    /// Returns the same bearer value with this date before it, as [`Digest::date`] gives it.
    #[must_use]
    pub fn dated_as(&self, date: &str) -> Self {
        Self::new([date, self.expose()].concat())
    }

    /// Returns the text. Every call deserves a look: where does it go?
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Returns the text to keep; it is still wiped on drop.
    pub(crate) fn into_inner(self) -> Zeroizing<String> {
        self.0
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

    /// Returns the digest under which a bearer value is stored that may be dated: then the date stands before it.
    #[must_use]
    pub fn dated_digest(&self) -> Digest {
        let text = self.expose();
        match text.split_at_checked(DATE_CHARACTERS) {
            Some((date, rest)) if rest.len() == RANDOM_CHARACTERS && date.bytes().all(is_digit) => {
                Digest([date, Digest::of(rest).as_str()].concat())
            }
            _ => Digest::of(text),
        }
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

/// The SHA-256 digest of a bearer value, in base64url: what the database keeps in its place. That of a dated one has
/// the date before it.
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

    /// Returns the date before it; an empty text where there is none.
    #[must_use]
    pub fn date(&self) -> &str {
        self.halves().0
    }

    /// Returns whether this is the digest of a bearer value, whenever that is dated.
    #[must_use]
    pub fn is_of(&self, undated: &Secret) -> bool {
        verify_slices_are_equal(self.halves().1.as_bytes(), undated.digest().0.as_bytes()).is_ok()
    }

    fn halves(&self) -> (&str, &str) {
        self.0.split_at_checked(self.0.len().saturating_sub(RANDOM_CHARACTERS)).unwrap_or(("", &self.0))
    }

    /// Returns the digest in base64url, 43 characters, and 12 more if it is dated.
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
    fn dated_secrets_and_their_digests_sort_by_age() {
        let (one, other) = (Secret::random(), Secret::random());
        let first = one.dated();
        std::thread::sleep(std::time::Duration::from_millis(2));
        let second = other.dated();
        assert_eq!(first.expose().len(), 55);
        assert!(first.expose() < second.expose());
        let (early, late) = (first.dated_digest(), second.dated_digest());
        assert!(early.as_str() < late.as_str());
        assert!(early.is_of(&one) && !early.is_of(&other));
        assert_eq!(one.dated_as(early.date()).expose(), first.expose());
        assert!(!early.as_str().contains(one.expose()));
    }

    #[test]
    fn a_secret_with_another_date_is_another_one() {
        let token = Secret::random();
        let digests =
            ["0193a1b2c3d4", "0193a1b2c3d5", "0193A1B2C3D4", ""].map(|date| token.dated_as(date).dated_digest());
        for (place, digest) in digests.iter().enumerate() {
            assert!(digests.iter().skip(place + 1).all(|other| other != digest));
        }
        let [dated, _, odd, undated] = &digests;
        assert_eq!((dated.date(), odd.date(), undated.date()), ("0193a1b2c3d4", "", ""));
        assert!(dated.is_of(&token) && !odd.is_of(&token) && undated.is_of(&token));
        assert_eq!(*undated, token.digest());
        for text in ["", "short", "\u{fc}0193a1b2c3d4", &"\u{fc}".repeat(30)] {
            assert_eq!(Secret::new(text).dated_digest(), Digest::of(text));
        }
    }

    #[test]
    fn random_secrets_hold_256_bits_and_differ() {
        let (one, other) = (Secret::random(), Secret::random());
        assert_eq!(one.expose().len(), 43);
        assert!(!one.matches(&other));
        assert!(one.digest().matches(&Digest::of(one.expose())));
    }
}
