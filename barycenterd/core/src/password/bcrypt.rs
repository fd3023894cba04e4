//! bcrypt as crypt(3) writes it: `$2b$12$`, 22 characters of salt, 31 of digest.
//!
//! `$2a$`, `$2b$` and `$2y$` name the same function. Of a password it takes the first 72 bytes, a zero byte at the end
//! included; the rest never mattered to whoever made the hash.

use aws_lc_rs::constant_time::verify_slices_are_equal;
use base64::Engine as _;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use zeroize::Zeroizing;

use crate::password::hash_format::{PasswordHashError, number};

/// What bcrypt takes of a password, in bytes.
const LONGEST_KEY: usize = 72;

/// Characters of the salt.
const SALT: usize = 22;

/// bcrypt's own alphabet. Some programs leave bits set that do not count.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &alphabet::BCRYPT,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::RequireNone)
        .with_decode_allow_trailing_bits(true),
);

/// A bcrypt hash taken apart.
pub(super) struct BcryptHash {
    cost: u32,
    salt: [u8; 16],
    /// The function's 24 bytes without the last, which was never written down.
    digest: [u8; 23],
}

impl BcryptHash {
    /// Reads what follows `$2b$`.
    pub(super) fn read(fields: &[&str]) -> Result<Self, PasswordHashError> {
        let [cost, text] = fields else {
            return Err(PasswordHashError::Malformed("bcrypt is $2b$, the cost, and salt and digest in one"));
        };
        if cost.len() != 2 {
            return Err(PasswordHashError::Malformed("a bcrypt cost has two digits"));
        }
        let cost = u32::try_from(number(cost)?).ok().filter(|cost| (4..=16).contains(cost));
        let cost = cost.ok_or(PasswordHashError::BcryptCost)?;
        let wrong =
            PasswordHashError::Malformed("bcrypt has 22 characters of salt and 31 of digest, in its own base64");
        let (salt, digest) = text.split_at_checked(SALT).ok_or(wrong)?;
        let (salt, digest) = (decode(salt).ok_or(wrong)?, decode(digest).ok_or(wrong)?);
        Ok(Self { cost, salt, digest })
    }

    /// Returns whether the password is the one behind the hash.
    pub(super) fn verify(&self, password: &str) -> bool {
        let mut key = Zeroizing::new(Vec::with_capacity(LONGEST_KEY));
        key.extend(password.bytes().chain([0]).take(LONGEST_KEY));
        let computed = Zeroizing::new(bcrypt::bcrypt(self.cost, self.salt, &key));
        let [written @ .., _] = &*computed;
        verify_slices_are_equal(written, &self.digest).is_ok()
    }
}

/// Reads `N` bytes.
fn decode<const N: usize>(text: &str) -> Option<[u8; N]> {
    // More than a salt or a digest: it tells how much room it needs by the rule of thumb.
    let mut room = [0; 32];
    let length = BASE64.decode_slice(text, &mut room).ok()?;
    room.get(..length)?.try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matches(text: &str, password: &str) -> bool {
        let fields: Vec<_> = text.split('$').skip(2).collect();
        BcryptHash::read(&fields).unwrap().verify(password)
    }

    /// From jBCrypt and from crypt_blowfish.
    const PUBLISHED: [(&str, &str); 6] = [
        ("$2a$06$DCq7YPn5Rq63x1Lad4cll.TV4S6ytwfsfvkgY8jIucDrjc8deX1s.", ""),
        ("$2a$06$m0CrhHm10qJ3lXRY.5zDGO3rS2KdeeWLuGmsfGlMfOxih58VYVfxe", "a"),
        ("$2a$06$If6bvum7DFjUnE9p2uDeDu0YHzrHM6tf.iqN8.yx.jNN1ILEf7h0i", "abc"),
        ("$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW", "U*U"),
        ("$2b$04$abcdefghijklmnopqrstuuyx2n0Zzopyr9QuYTMCfOJJOj526QVoC", "pässwörd"),
        ("$2y$04$abcdefghijklmnopqrstuujydOTSfIH/d5oUHpsygqV5X9xJLQc6e", "correct horse"),
    ];

    #[test]
    fn published_hashes_are_verified() {
        for (hash, password) in PUBLISHED {
            assert!(matches(hash, password), "{hash}");
            assert!(!matches(hash, &format!("{password}x")), "{hash}");
        }
    }

    #[test]
    fn the_first_72_bytes_of_a_password_count() {
        let digits = "0123456789".repeat(8);
        let hash = "$2b$04$abcdefghijklmnopqrstuum2G75IXDN/xsgbNa/hCiPSKyIHQd70S";
        assert!(matches(hash, &digits) && matches(hash, &digits[..72]) && !matches(hash, &digits[..71]));
        assert!(matches("$2b$04$abcdefghijklmnopqrstuukow.iL/GuIgNNTSpCKVqIJG617.YQsi", &digits[..71]));
    }

    #[test]
    fn bits_that_do_not_count_are_ignored() {
        assert!(matches("$2b$04$abcdefghijklmnopqrstuvjydOTSfIH/d5oUHpsygqV5X9xJLQc6f", "correct horse"));
    }
}
