//! Encrypts the few secrets that we must be able to read again, under a key derived from the root key: what lies in
//! the database is of no use without the root key file.

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::keyring::KeyringError;
use crate::secret::{Secret, random_bytes};

/// Encrypts and decrypts secrets of one purpose.
pub struct Sealer(LessSafeKey);

impl Sealer {
    /// Takes a derived key.
    pub(super) fn new(key: &[u8; 32]) -> Result<Self, KeyringError> {
        UnboundKey::new(&AES_256_GCM, key)
            .map(|key| Self(LessSafeKey::new(key)))
            .map_err(|_| KeyringError::Cryptography)
    }

    /// Encrypts a secret; `owner` names whose it is, and nobody else's name opens it.
    ///
    /// # Errors
    /// When the cryptographic library fails.
    pub fn seal(&self, owner: &str, secret: &Secret) -> Result<String, KeyringError> {
        let nonce: [u8; 12] = random_bytes();
        let mut sealed = secret.expose().as_bytes().to_vec();
        self.0
            .seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), Aad::from(owner.as_bytes()), &mut sealed)
            .map_err(|_| KeyringError::Cryptography)?;
        Ok(URL_SAFE_NO_PAD.encode([nonce.as_slice(), &sealed].concat()))
    }

    /// Decrypts what [`Sealer::seal`] has encrypted for this owner; `None` if it is anything else.
    #[must_use]
    pub fn open(&self, owner: &str, sealed: &str) -> Option<Secret> {
        let bytes = URL_SAFE_NO_PAD.decode(sealed).ok()?;
        let (nonce, sealed) = bytes.split_first_chunk::<12>()?;
        let mut sealed = sealed.to_vec();
        let nonce = Nonce::assume_unique_for_key(*nonce);
        let opened = self.0.open_in_place(nonce, Aad::from(owner.as_bytes()), &mut sealed).ok()?;
        String::from_utf8(opened.to_vec()).ok().map(Secret::new)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sealed_secret_opens_for_its_owner_only() {
        let sealer = Sealer::new(&[7; 32]).unwrap();
        let sealed = sealer.seal("rp", &Secret::new("s3cret")).unwrap();
        assert!(!sealed.contains("s3cret"));
        assert_eq!(sealer.open("rp", &sealed).unwrap().expose(), "s3cret");
        assert!(sealer.open("other", &sealed).is_none());
        assert!(Sealer::new(&[8; 32]).unwrap().open("rp", &sealed).is_none());
        assert!(sealer.open("rp", "AAAA").is_none());
    }
}
