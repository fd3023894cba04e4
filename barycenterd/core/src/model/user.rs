//! A user: the End-User's account, its names, its properties and who owns it.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use precis_profiles::UsernameCaseMapped;
use precis_profiles::precis_core::profile::PrecisFastInvocation as _;
use serde::Serialize;
use serde_json::Value;
use thiserror::Error;

use crate::model::{Ownership, Timestamp, UserId};
use crate::password::PasswordHash;

/// What a user has beyond the standard fields: names to JSON values. Some fill profile claims.
pub type Properties = BTreeMap<String, Value>;

/// Claims that the protocol itself makes. No property may carry such a name, and none ever overrides one.
pub const RESERVED_CLAIMS: &[&str] = &[
    "acr",
    "act",
    "amr",
    "at_hash",
    "aud",
    "auth_time",
    "azp",
    "c_hash",
    "client_id",
    "cnf",
    "email",
    "email_verified",
    "events",
    "exp",
    "groups",
    "iat",
    "iss",
    "jti",
    "nbf",
    "nonce",
    "s_hash",
    "scope",
    "sid",
    "sub",
    "updated_at",
];

/// The groups that a user is in, each once.
pub type Groups = BTreeSet<String>;

/// Values of the property `role`, and names of groups, that make an account an administrator's.
pub const ADMINISTRATORS: &[&str] = &["administrator", "administrators", "admin", "admins"];

/// A user as the store holds it.
#[derive(Debug, Clone)]
pub struct User {
    /// Never changes; the `sub` claim.
    pub id: UserId,
    /// The name that the user types to sign in.
    pub username: Username,
    /// The key under which the users file that manages this account knows it: it makes a rename an update.
    pub external_id: Option<String>,
    /// The e-mail address, if any.
    pub email: Option<EmailAddress>,
    /// Whether the address is known to reach this user.
    pub email_verified: bool,
    /// Whether the user may sign in.
    pub enabled: bool,
    /// Whether no sync ever disables or deletes the account because a file no longer names it.
    pub protected: bool,
    /// The password's hash; none: no sign-in by password.
    pub password: Option<PasswordHash>,
    /// The groups that the user is in.
    pub groups: Groups,
    /// Further properties.
    pub properties: Properties,
    /// Who decides about this account.
    pub ownership: Ownership,
    /// When the account came to be.
    pub created_at: Timestamp,
    /// When anything above last changed.
    pub updated_at: Timestamp,
    /// When the user last signed in.
    pub last_login_at: Option<Timestamp>,
}

impl User {
    /// Returns a new account: enabled, and nothing else.
    #[must_use]
    pub fn new(username: Username, now: Timestamp) -> Self {
        Self {
            id: UserId::generate(now),
            username,
            external_id: None,
            email: None,
            email_verified: false,
            enabled: true,
            protected: false,
            password: None,
            groups: Groups::new(),
            properties: Properties::new(),
            ownership: Ownership::Unmanaged,
            created_at: now,
            updated_at: now,
            last_login_at: None,
        }
    }

    /// Returns whether the account administers the platform: its property `role` is `administrator` or `admin`, or it
    /// is in a group of one of the names in [`ADMINISTRATORS`].
    #[must_use]
    pub fn is_administrator(&self) -> bool {
        let role = self.properties.get("role").and_then(Value::as_str);
        let names = |text: &str| ADMINISTRATORS.contains(&text.to_ascii_lowercase().as_str());
        role.is_some_and(names) || self.groups.iter().any(|group| names(group))
    }

    /// Returns the digest of everything that a users file can set, but the password: a user may change that.
    #[must_use]
    pub fn state_digest(&self) -> String {
        digest_of_state(
            self.username.as_str(),
            self.external_id.as_deref().unwrap_or(NO_TEXT),
            self.email.as_ref().map_or(NO_TEXT, EmailAddress::as_str),
            [self.email_verified, self.enabled, self.protected],
            &to_json(&self.groups),
            &to_json(&self.properties),
        )
    }
}

/// Stands between the parts of a user's state: names and addresses hold no controls, and JSON writes them as `\u001f`.
const PART: &str = "\u{1f}";
/// Stands for a part that is absent.
pub(crate) const NO_TEXT: &str = "\u{1e}";

/// Returns 128 bits of SHA-256 of a user's state, in base64url: of its parts as they are stored, with [`PART`] between
/// them. The flags are whether the address is verified, the user enabled and protected.
pub(crate) fn digest_of_state(
    username: &str,
    external_id: &str,
    email: &str,
    flags: [bool; 3],
    groups: &str,
    properties: &str,
) -> String {
    let letters: String = flags.map(|is_set| if is_set { "t" } else { "f" }).concat();
    let state = [username, external_id, email, &letters, groups, properties].join(PART);
    URL_SAFE_NO_PAD.encode(digest(&SHA256, state.as_bytes()).as_ref().get(..16).unwrap_or_default())
}

/// Writes a value as the store's columns hold it.
fn to_json(value: &impl Serialize) -> String {
    serde_json::to_string(value).unwrap_or_default()
}

/// Why a text is not a username.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum UsernameError {
    /// Nothing, or only white space.
    #[error("the username is empty")]
    Empty,
    /// More than [`Username::MAXIMUM_BYTES`].
    #[error("the username is longer than {} bytes", Username::MAXIMUM_BYTES)]
    TooLong,
    /// Characters that RFC 8265 does not allow in usernames.
    #[error(
        "the username holds characters that usernames cannot have (white space, controls, symbols that look alike; RFC 8265)"
    )]
    Disallowed,
}

/// A username and its folded form: names that fold to the same text are one name.
///
/// The folded form is that of the PRECIS profile `UsernameCaseMapped` (RFC 8265 section 3.3).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Username {
    text: String,
    folded: String,
}

impl Username {
    /// The longest username, in bytes of UTF-8.
    pub const MAXIMUM_BYTES: usize = 255;

    /// Takes a username as a person or a file writes it.
    ///
    /// # Errors
    /// When it is empty, too long, or holds characters that usernames cannot have.
    pub fn parse(text: &str) -> Result<Self, UsernameError> {
        let folded = Self::fold(text)?.into_owned();
        Ok(Self { text: text.to_owned(), folded })
    }

    /// Returns the folded form of a username.
    ///
    /// # Errors
    /// See [`Username::parse`].
    pub(crate) fn fold(text: &str) -> Result<Cow<'_, str>, UsernameError> {
        if text.trim().is_empty() {
            return Err(UsernameError::Empty);
        }
        if text.len() > Self::MAXIMUM_BYTES {
            return Err(UsernameError::TooLong);
        }
        // All that the profile does to printable ASCII is to fold its case.
        if text.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Ok(lowercase(text));
        }
        UsernameCaseMapped::enforce(text).map_err(|_| UsernameError::Disallowed)
    }

    /// Takes a username and its folded form, which are known to belong together.
    #[must_use]
    pub(crate) fn from_stored(text: String, folded: String) -> Self {
        Self { text, folded }
    }

    /// Returns the name as it was written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Returns the form under which names are compared.
    #[must_use]
    pub fn folded(&self) -> &str {
        &self.folded
    }
}

impl fmt::Display for Username {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.text)
    }
}

/// Returns the text in lower case.
fn lowercase(text: &str) -> Cow<'_, str> {
    if text.bytes().all(|byte| byte.is_ascii() && !byte.is_ascii_uppercase()) {
        Cow::Borrowed(text)
    } else {
        Cow::Owned(text.to_lowercase())
    }
}

/// Characters that turn or hide what stands around them: an address that holds one is not what it looks like.
fn is_invisible(character: char) -> bool {
    matches!(character, '\u{ad}' | '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

/// Characters that separate or enclose addresses (RFC 5322 section 3.2.3): no address as people write it holds one.
fn is_special(character: char) -> bool {
    matches!(character, '<' | '>' | '(' | ')' | ',' | ';' | ':' | '\\' | '"' | '[' | ']')
}

/// Why a text is not an e-mail address.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{text:?} is not an e-mail address")]
pub struct EmailAddressError {
    text: String,
}

/// An e-mail address; compared without regard to case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EmailAddress(String);

impl EmailAddress {
    /// The longest address (RFC 5321 section 4.5.3.1.3), in bytes.
    pub const MAXIMUM_BYTES: usize = 254;

    /// Takes an address: one `@` with something before it and a domain behind it, no white space, no controls.
    ///
    /// # Errors
    /// When it is none.
    pub fn parse(text: &str) -> Result<Self, EmailAddressError> {
        if Self::is_sound(text) { Ok(Self(text.to_owned())) } else { Err(EmailAddressError { text: text.to_owned() }) }
    }

    /// Returns whether a text is an address.
    pub(crate) fn is_sound(text: &str) -> bool {
        let is_wrong = |character: char| {
            character.is_whitespace() || character.is_control() || is_invisible(character) || is_special(character)
        };
        text.len() <= Self::MAXIMUM_BYTES
            && !text.contains(is_wrong)
            && text.split_once('@').is_some_and(|(local, domain)| {
                !local.is_empty()
                    && !domain.is_empty()
                    && !domain.contains('@')
                    && !domain.starts_with('.')
                    && !domain.ends_with('.')
            })
    }

    /// Takes a text that is known to be an address.
    pub(crate) fn from_sound(text: String) -> Self {
        Self(text)
    }

    /// Returns the address as it was written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the form under which addresses are compared.
    #[must_use]
    pub fn folded(&self) -> String {
        Self::fold(&self.0).into_owned()
    }

    /// Returns the form under which an address is compared.
    pub(crate) fn fold(text: &str) -> Cow<'_, str> {
        lowercase(text)
    }
}

impl fmt::Display for EmailAddress {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_differ_in_case_or_width_are_one() {
        for name in ["Admin", "ADMIN", "ａｄｍｉｎ"] {
            assert_eq!(Username::parse(name).unwrap().folded(), "admin", "{name}");
        }
    }

    #[test]
    fn printable_ascii_is_folded_as_the_profile_does() {
        let every: String = ('!'..='~').collect();
        for name in every.chars().map(String::from).chain([every.clone(), every.chars().rev().collect()]) {
            let profile = UsernameCaseMapped::enforce(name.as_str()).unwrap();
            assert_eq!(Username::parse(&name).unwrap().folded(), profile, "{name}");
        }
    }

    #[test]
    fn hopeless_usernames_are_refused() {
        assert_eq!(Username::parse("  "), Err(UsernameError::Empty));
        assert_eq!(Username::parse(&"a".repeat(256)), Err(UsernameError::TooLong));
        for name in ["a b", "a\0b", "a\u{202e}b", "ad\nmin", "ﬁle"] {
            assert_eq!(Username::parse(name), Err(UsernameError::Disallowed), "{name:?}");
        }
    }

    #[test]
    fn service_names_and_addresses_are_usernames() {
        for name in ["app-service", "a.b_c", "ops@example.com", "jürgen", "ольга"] {
            assert!(Username::parse(name).is_ok(), "{name}");
        }
    }

    #[test]
    fn addresses_have_one_at_and_a_domain() {
        assert!(EmailAddress::parse("admin@example.com").is_ok());
        assert!(EmailAddress::parse("root@localhost").is_ok());
        for text in ["", "admin", "@example.com", "a@", "a@b@c", "a b@c", "a@.b", "a\n@b", "a\u{202e}@b.c"] {
            assert!(EmailAddress::parse(text).is_err(), "{text:?}");
        }
    }
}
