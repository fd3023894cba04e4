//! How password hashes are written: those of this program and those of others.
//!
//! Two notations: PHC string format, `$scrypt$ln=16,r=8,p=1$salt$hash`, and the modular crypt formats of crypt(3) and
//! passlib, `$2b$12$…`, `$7$…`, `$pbkdf2-sha256$29000$salt$hash`. Each scheme's file reads its own fields and
//! verifies; here is what they share. The rule: a hash that costs more than a server can give to one sign-in, or
//! protects less than its length promises, is refused before it is stored.

use argon2::Algorithm;
use aws_lc_rs::pbkdf2::{PBKDF2_HMAC_SHA1, PBKDF2_HMAC_SHA256, PBKDF2_HMAC_SHA512};
use base64::Engine as _;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use thiserror::Error;

use crate::password::HashingError;
use crate::password::argon2id::Argon2Hash;
use crate::password::bcrypt::BcryptHash;
use crate::password::pbkdf2::Pbkdf2Hash;
use crate::password::scrypt::ScryptHash;

/// What is accepted, for people who hand in something else.
const ACCEPTED: &str = "$argon2id$, $argon2i$, $2a$, $2b$ or $2y$ (bcrypt), $scrypt$ or $7$ (scrypt), \
                        $pbkdf2-sha256$, $pbkdf2-sha512$, and $pbkdf2$ or $pbkdf2-sha1$";

/// The least digest, in bytes: fewer could be met by chance.
const LEAST_HASH: usize = 16;

/// The longest digest, in bytes. PBKDF2 pays its iterations for each block of it.
const LONGEST_HASH: usize = 64;

/// The least salt, in bytes (RFC 8018 section 4.1, RFC 9106 section 3.1). Others write 10 and more.
const LEAST_SALT: usize = 8;

/// The longest salt, in bytes: passlib's limit.
const LONGEST_SALT: usize = 1024;

/// Most memory of one scrypt or foreign Argon2 hash, in MiB.
pub(super) const MEMORY_MIB: u64 = 256;

/// Most lanes of one scrypt or foreign Argon2 hash.
pub(super) const LANES: u64 = 16;

/// Standard base64, with and without padding.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// A password hash in PHC string format or a modular crypt format.
#[derive(Clone, PartialEq, Eq)]
pub struct PasswordHash(String);

impl PasswordHash {
    /// Takes a hash that this program or another has made: Argon2id, Argon2i, bcrypt, scrypt or PBKDF2.
    ///
    /// The limits: 256 MiB of memory and 16 lanes, 16 passes of Argon2, a bcrypt cost from 4 to 16, 10,000,000
    /// iterations of PBKDF2; digests of 16 to 64 bytes, salts of 8 to 1024.
    ///
    /// # Errors
    /// When the text is no hash, or one that is over a limit. The error holds no part of the text.
    pub fn parse(text: &str) -> Result<Self, PasswordHashError> {
        Self::check(text)?;
        Ok(Self(text.to_owned()))
    }

    /// Checks what [`PasswordHash::parse`] takes.
    ///
    /// # Errors
    /// See there.
    pub(crate) fn check(text: &str) -> Result<(), PasswordHashError> {
        Scheme::read(text, Origin::Foreign).map(drop)
    }

    /// Takes a hash as the store holds it.
    #[must_use]
    pub fn from_stored(text: String) -> Self {
        Self(text)
    }

    /// Returns the hash as it is written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for PasswordHash {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("PasswordHash(***)")
    }
}

/// Why a text is not a password hash that is accepted. Made of constants only: no part of a hash gets into a log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum PasswordHashError {
    /// A plain text, or a scheme that is too weak (MD5, SHA-crypt) or not known.
    #[error("this is not a password hash in one of the accepted formats: {ACCEPTED}")]
    UnknownFormat,
    /// Argon2d: who watches the memory learns about the password.
    #[error(
        "argon2d is not accepted, because the order of its memory accesses tells about the password; accepted are {ACCEPTED}"
    )]
    Argon2d,
    /// `$2$` and `$2x$`.
    #[error("bcrypt of the faulty early versions $2$ and $2x$ is not accepted; accepted are {ACCEPTED}")]
    FaultyBcrypt,
    /// A known scheme, but not as it is written.
    #[error("the password hash is not well formed: {0}")]
    Malformed(&'static str),
    /// Outside 4 to 16.
    #[error("the password hash is over a limit: a bcrypt cost is accepted from 4 to 16")]
    BcryptCost,
    /// Too expensive to verify.
    #[error("the password hash is over a limit: at most {most} {what} are accepted")]
    OverLimit {
        /// The limit.
        most: u64,
        /// Of what.
        what: &'static str,
    },
    /// A salt or digest of a length that is not accepted.
    #[error("the password hash has a {part} whose length is not accepted; {least} to {most} bytes are")]
    Length {
        /// `salt` or `digest`.
        part: &'static str,
        /// The least length in bytes.
        least: usize,
        /// The greatest length in bytes.
        most: usize,
    },
    /// Keycloak has more algorithms than are known here.
    #[error("the credential's algorithm is not accepted; accepted are pbkdf2, pbkdf2-sha256, pbkdf2-sha512 and argon2")]
    KeycloakAlgorithm,
    /// Not the JSON that Keycloak exports.
    #[error("the credential is not as Keycloak exports it: {0}")]
    KeycloakCredential(&'static str),
}

/// Where a hash comes from: what may be configured here may be more than what is taken from others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Origin {
    /// The store: hashes of this program with whatever was configured, and foreign ones within their limits.
    Stored,
    /// A file or another system.
    Foreign,
}

/// A hash taken apart.
pub(super) enum Scheme {
    Argon2(Argon2Hash),
    Bcrypt(BcryptHash),
    Pbkdf2(Pbkdf2Hash),
    Scrypt(ScryptHash),
}

impl Scheme {
    /// Takes a hash apart and checks its limits.
    pub(super) fn read(text: &str, origin: Origin) -> Result<Self, PasswordHashError> {
        let unknown = PasswordHashError::UnknownFormat;
        let (name, rest) = text.strip_prefix('$').and_then(|text| text.split_once('$')).ok_or(unknown)?;
        // No scheme has more than four fields; a fifth says that there are more.
        let (mut fields, mut count) = ([""; 5], 0);
        for (field, text) in fields.iter_mut().zip(rest.splitn(5, '$')) {
            (*field, count) = (text, count + 1);
        }
        let fields = fields.get(..count).unwrap_or_default();
        match name {
            "argon2id" => Argon2Hash::read(Algorithm::Argon2id, fields, origin).map(Self::Argon2),
            "argon2i" => Argon2Hash::read(Algorithm::Argon2i, fields, origin).map(Self::Argon2),
            "argon2d" => Err(PasswordHashError::Argon2d),
            "2a" | "2b" | "2y" => BcryptHash::read(fields).map(Self::Bcrypt),
            "2" | "2x" => Err(PasswordHashError::FaultyBcrypt),
            "scrypt" => ScryptHash::read(fields).map(Self::Scrypt),
            "7" => ScryptHash::read_crypt(fields).map(Self::Scrypt),
            "pbkdf2" | "pbkdf2-sha1" => Pbkdf2Hash::read(PBKDF2_HMAC_SHA1, fields).map(Self::Pbkdf2),
            "pbkdf2-sha256" => Pbkdf2Hash::read(PBKDF2_HMAC_SHA256, fields).map(Self::Pbkdf2),
            "pbkdf2-sha512" => Pbkdf2Hash::read(PBKDF2_HMAC_SHA512, fields).map(Self::Pbkdf2),
            _ => Err(unknown),
        }
    }

    /// Returns whether the password is the one behind the hash; compared in constant time.
    pub(super) fn verify(&self, password: &str) -> Result<bool, HashingError> {
        match self {
            Self::Argon2(hash) => hash.verify(password),
            Self::Bcrypt(hash) => Ok(hash.verify(password)),
            Self::Pbkdf2(hash) => Ok(hash.verify(password)),
            Self::Scrypt(hash) => hash.verify(password),
        }
    }
}

/// Reads `name=number` pairs with commas between them, in any order, each at most once.
pub(super) fn parameters<const N: usize>(text: &str, names: [&str; N]) -> Result<[Option<u64>; N], PasswordHashError> {
    let mut values = [None; N];
    for pair in text.split(',') {
        let (name, value) = pair.split_once('=').ok_or(PasswordHashError::Malformed("a parameter has no value"))?;
        match names.iter().zip(&mut values).find(|(known, _)| **known == name) {
            Some((_, slot @ None)) => *slot = Some(number(value)?),
            Some(_) => return Err(PasswordHashError::Malformed("a parameter appears twice")),
            None => return Err(PasswordHashError::Malformed("it has a parameter that is not known here")),
        }
    }
    Ok(values)
}

/// Reads a decimal number; one that is too large for any limit becomes the largest.
pub(super) fn number(text: &str) -> Result<u64, PasswordHashError> {
    if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(PasswordHashError::Malformed("a parameter is not a decimal number"));
    }
    Ok(text.parse().unwrap_or(u64::MAX))
}

/// Returns the value that a parameter must have.
pub(super) fn required(value: Option<u64>) -> Result<u64, PasswordHashError> {
    value.ok_or(PasswordHashError::Malformed("a parameter is missing"))
}

/// Returns a value that is not over its limit.
pub(super) fn limited(value: u64, most: u64, what: &'static str) -> Result<u32, PasswordHashError> {
    let over = PasswordHashError::OverLimit { most, what };
    if value > most { Err(over) } else { u32::try_from(value).map_err(|_| over) }
}

/// Reads base64 with or without padding, in the standard alphabet or passlib's, which has `.` for `+`.
pub(super) fn decode(text: &str) -> Result<Vec<u8>, PasswordHashError> {
    BASE64.decode(text.replace('.', "+")).map_err(|_| PasswordHashError::Malformed("salt or digest is not base64"))
}

/// Returns a salt whose length is accepted.
pub(super) fn sound_salt(salt: Vec<u8>) -> Result<Vec<u8>, PasswordHashError> {
    let sound = (LEAST_SALT..=LONGEST_SALT).contains(&salt.len());
    let error = PasswordHashError::Length { part: "salt", least: LEAST_SALT, most: LONGEST_SALT };
    if sound { Ok(salt) } else { Err(error) }
}

/// Returns a digest whose length is accepted.
pub(super) fn sound_digest(digest: Vec<u8>) -> Result<Vec<u8>, PasswordHashError> {
    let sound = (LEAST_HASH..=LONGEST_HASH).contains(&digest.len());
    let error = PasswordHashError::Length { part: "digest", least: LEAST_HASH, most: LONGEST_HASH };
    if sound { Ok(digest) } else { Err(error) }
}

#[cfg(test)]
mod tests;
