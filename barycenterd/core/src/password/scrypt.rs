//! scrypt (RFC 7914), as PHC strings, `$scrypt$ln=16,r=8,p=1$salt$hash`, and as crypt(3) writes it: `$7$`, one
//! character for the logarithm of N, five each for r and p, the salt as it is, `$`, 43 characters of digest.

use aws_lc_rs::constant_time::verify_slices_are_equal;
use scrypt::Params;
use zeroize::Zeroizing;

use crate::password::HashingError;
use crate::password::hash_format::{
    LANES, MEMORY_MIB, PasswordHashError, decode, limited, parameters, required, sound_digest, sound_salt,
};

/// The digits of crypt(3), each for six bits.
const DIGITS: &[u8; 64] = b"./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// A scrypt hash taken apart.
pub(super) struct ScryptHash {
    parameters: Params,
    salt: Vec<u8>,
    digest: Vec<u8>,
}

impl ScryptHash {
    /// Reads what follows `$scrypt$`.
    pub(super) fn read(fields: &[&str]) -> Result<Self, PasswordHashError> {
        let [cost, salt, digest] = fields else {
            return Err(PasswordHashError::Malformed("scrypt has three fields: the parameters, the salt, the digest"));
        };
        let [log_n, r, p] = parameters(cost, ["ln", "r", "p"])?;
        Ok(Self {
            parameters: sound_cost(required(log_n)?, required(r)?, required(p)?)?,
            salt: sound_salt(decode(salt)?)?,
            digest: sound_digest(decode(digest)?)?,
        })
    }

    /// Reads what follows `$7$`.
    pub(super) fn read_crypt(fields: &[&str]) -> Result<Self, PasswordHashError> {
        let malformed =
            PasswordHashError::Malformed("$7$ is followed by 11 characters of cost, a salt, $, and a digest");
        let [setting, digest] = fields else { return Err(malformed) };
        let (log_n, rest) = setting.as_bytes().split_at_checked(1).ok_or(malformed)?;
        let (r, rest) = rest.split_at_checked(5).ok_or(malformed)?;
        let (p, salt) = rest.split_at_checked(5).ok_or(malformed)?;
        let number = |digits: &[u8]| value(digits).ok_or(malformed);
        // Four digits are three bytes, the last three are two.
        let bytes = |digits: &[u8]| {
            let value = value(digits)?;
            let (count, bytes) = (digits.len() * 6 / 8, value.to_le_bytes());
            (value >> (8 * count) == 0).then(|| bytes.into_iter().take(count))
        };
        let digest: Option<Vec<_>> = digest.as_bytes().chunks(4).map(bytes).collect();
        let digest: Vec<u8> = digest.ok_or(malformed)?.into_iter().flatten().collect();
        Ok(Self {
            parameters: sound_cost(number(log_n)?, number(r)?, number(p)?)?,
            salt: sound_salt(salt.to_vec())?,
            digest: sound_digest(digest)?,
        })
    }

    /// Returns whether the password is the one behind the hash.
    pub(super) fn verify(&self, password: &str) -> Result<bool, HashingError> {
        let mut computed = Zeroizing::new(vec![0; self.digest.len()]);
        scrypt::scrypt(password.as_bytes(), &self.salt, &self.parameters, &mut computed)
            .map_err(|_| PasswordHashError::Malformed("scrypt makes no digest of that length"))?;
        Ok(verify_slices_are_equal(&computed, &self.digest).is_ok())
    }
}

/// Returns parameters that scrypt takes and that are not over a limit.
fn sound_cost(log_n: u64, r: u64, p: u64) -> Result<Params, PasswordHashError> {
    const MIB: u64 = 1024 * 1024;
    let p = limited(p, LANES, "lanes")?;
    let n = u32::try_from(log_n).ok().and_then(|log_n| 1_u64.checked_shl(log_n)).unwrap_or(u64::MAX);
    let memory = n.saturating_mul(128).saturating_mul(r).saturating_mul(u64::from(p));
    limited(memory.div_ceil(MIB), MEMORY_MIB, "MiB of memory")?;
    let unusable = PasswordHashError::Malformed("scrypt does not take these parameters");
    let (Ok(log_n @ 1..), Ok(r)) = (u8::try_from(log_n), u32::try_from(r)) else { return Err(unusable) };
    Params::new(log_n, r, p).map_err(|_| unusable)
}

/// Returns the number that at most ten digits of crypt(3) stand for, the least first.
fn value(digits: &[u8]) -> Option<u64> {
    digits.iter().rev().try_fold(0_u64, |value, digit| {
        let six = DIGITS.iter().position(|known| known == digit)?;
        Some(value << 6 | u64::try_from(six).ok()?)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes(hex: &str) -> Vec<u8> {
        (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap()).collect()
    }

    #[test]
    fn vectors_of_rfc_7914() {
        for (password, salt, (log_n, r, p), digest) in [
            (
                "",
                "",
                (4, 1, 1),
                "77d6576238657b203b19ca42c18a0497f16b4844e3074ae8dfdffa3fede21442\
                 fcd0069ded0948f8326a753a0fc81f17e8d3e0fb2e0d3628cf35e20c38d18906",
            ),
            (
                "password",
                "NaCl",
                (10, 8, 16),
                "fdbabe1c9d3472007856e7190d01e9fe7c6ad7cbc8237830e77376634b373162\
                 2eaf30d92e22a3886ff109279d9830dac727afb94a83ee6d8360cbdfa2cc0640",
            ),
            (
                "pleaseletmein",
                "SodiumChloride",
                (14, 8, 1),
                "7023bdcb3afd7348461c06cd81fd38ebfda8fbba904f8e3ea9b543f6545da1f2\
                 d5432955613f0fcf62d49705242a9af9e61e85dc0d651e40dfcf017b45575887",
            ),
        ] {
            let parameters = sound_cost(log_n, r, p).unwrap();
            let hash = ScryptHash { parameters, salt: salt.into(), digest: bytes(digest) };
            assert!(hash.verify(password).unwrap(), "{salt}");
            assert!(!hash.verify("other").unwrap());
        }
    }

    #[test]
    fn digits_of_crypt_count_from_the_least() {
        assert_eq!((value(b"6...."), value(b"/...."), value(b"zzzzz")), (Some(8), Some(1), Some(0x3fff_ffff)));
        assert_eq!(value(b"6,..."), None);
    }
}
