//! PBKDF2 with HMAC (RFC 8018 section 5.2), as PHC strings and as passlib write it: `$pbkdf2-sha256$i=27500,l=64$…`,
//! `$pbkdf2-sha256$29000$…`.

use std::num::NonZeroU32;

use aws_lc_rs::pbkdf2::{self, Algorithm};

use crate::password::hash_format::{
    PasswordHashError, decode, limited, number, parameters, required, sound_digest, sound_salt,
};

/// Most iterations: some seconds of a processor.
const ITERATIONS: u64 = 10_000_000;

/// A PBKDF2 hash taken apart.
pub(super) struct Pbkdf2Hash {
    algorithm: Algorithm,
    iterations: NonZeroU32,
    salt: Vec<u8>,
    digest: Vec<u8>,
}

impl Pbkdf2Hash {
    /// Reads what follows `$pbkdf2-sha256$`.
    pub(super) fn read(algorithm: Algorithm, fields: &[&str]) -> Result<Self, PasswordHashError> {
        let [cost, salt, digest] = fields else {
            return Err(PasswordHashError::Malformed("PBKDF2 has three fields: the iterations, the salt, the digest"));
        };
        let (iterations, length) = if cost.contains('=') {
            let [iterations, length] = parameters(cost, ["i", "l"])?;
            (required(iterations)?, length)
        } else {
            (number(cost)?, None)
        };
        let iterations = NonZeroU32::new(limited(iterations, ITERATIONS, "iterations of PBKDF2")?)
            .ok_or(PasswordHashError::Malformed("PBKDF2 has at least one iteration"))?;
        let digest = sound_digest(decode(digest)?)?;
        if length.is_some_and(|length| usize::try_from(length) != Ok(digest.len())) {
            return Err(PasswordHashError::Malformed("the digest is not as long as the parameter l says"));
        }
        Ok(Self { algorithm, iterations, salt: sound_salt(decode(salt)?)?, digest })
    }

    /// Returns whether the password is the one behind the hash.
    pub(super) fn verify(&self, password: &str) -> bool {
        pbkdf2::verify(self.algorithm, self.iterations, &self.salt, password.as_bytes(), &self.digest).is_ok()
    }
}

#[cfg(test)]
mod tests {
    use aws_lc_rs::pbkdf2::{PBKDF2_HMAC_SHA1, PBKDF2_HMAC_SHA256};

    use super::*;

    fn hash(algorithm: Algorithm, salt: &str, iterations: u32, digest: &str) -> Pbkdf2Hash {
        let bytes = |at: usize| u8::from_str_radix(&digest[at..at + 2], 16).unwrap();
        let digest = (0..digest.len()).step_by(2).map(bytes).collect();
        Pbkdf2Hash {
            algorithm,
            iterations: NonZeroU32::new(iterations).unwrap(),
            salt: salt.as_bytes().to_vec(),
            digest,
        }
    }

    #[test]
    fn vectors_of_rfc_6070() {
        for (iterations, digest) in [
            (1, "0c60c80f961f0e71f3a9b524af6012062fe037a6"),
            (2, "ea6c014dc72d6f8ccd1ed92ace1d41f0d8de8957"),
            (4096, "4b007901b765489abead49d926f721d065a429c1"),
        ] {
            assert!(hash(PBKDF2_HMAC_SHA1, "salt", iterations, digest).verify("password"));
            assert!(!hash(PBKDF2_HMAC_SHA1, "salt", iterations, digest).verify("passwore"));
        }
        let long = "3d2eec4fe41c849b80c8d83662c0e44a8b291a964cf2f07038";
        let vector = hash(PBKDF2_HMAC_SHA1, "saltSALTsaltSALTsaltSALTsaltSALTsalt", 4096, long);
        assert!(vector.verify("passwordPASSWORDpassword"));
    }

    #[test]
    fn vectors_of_rfc_7914() {
        let one = "55ac046e56e3089fec1691c22544b605f94185216dde0465e68b9d57c20dacbc\
                   49ca9cccf179b645991664b39d77ef317c71b845b1e30bd509112041d3a19783";
        assert!(hash(PBKDF2_HMAC_SHA256, "salt", 1, one).verify("passwd"));
        let many = "4ddcd8f60b98be21830cee5ef22701f9641a4418d04c0414aeff08876b34ab56\
                    a1d425a1225833549adb841b51c9b3176a272bdebba1d078478f62b397f33c8d";
        assert!(hash(PBKDF2_HMAC_SHA256, "NaCl", 80_000, many).verify("Password"));
    }
}
