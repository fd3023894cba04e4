//! The root key: the deployment's one secret, a PEM file at `keys.private_key_path`.
//!
//! It is the first signing key, and every other secret is derived from it. Absent, it is generated (mode 0600,
//! atomically; of several processes that start at once on one volume, one writes and all use what it wrote).
//! Present, it is used as it is. It is never replaced: a broken one is an error.
//!
//! Two kinds of keys are derived. What belongs to the root key itself (the keyring's wrapping key, the fingerprint)
//! comes from it directly. Everything else comes from the derivation secret: at first the same as the root key's own,
//! but kept when the keyring is wrapped under another root, so that passwords' fingerprints outlive that.

use std::fs::{self, File};
use std::io::{ErrorKind, Write as _};
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use aws_lc_rs::hkdf::{HKDF_SHA256, KeyType, Prk};
use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use rustls_pki_types::PrivateKeyDer;
use rustls_pki_types::pem::PemObject as _;
use tempfile::NamedTempFile;
use zeroize::Zeroizing;

use crate::keyring::KeyringError;
use crate::keyring::private_key::PrivateKey;
use crate::model::{SigningAlgorithm, SigningKey};

/// What a key derived from the root is for: one HKDF label each (RFC 5869), so that none tells anything of another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// Wraps the private halves of the keyring.
    Keyring,
    /// Authenticates forms against forgery from other sites.
    Forms,
    /// Makes the subjects that only one sector knows.
    PairwiseSubjects,
    /// Names devices on which somebody has signed in before.
    Devices,
    /// Fingerprints of declared passwords.
    PasswordFingerprint,
    /// Encrypts the secrets of clients that authenticate by an HMAC.
    ClientSecrets,
    /// Makes each refresh token's successor.
    RefreshSuccessor,
    /// Names the root key without telling anything of it.
    RootFingerprint,
}

impl Purpose {
    const fn label(self) -> &'static [u8] {
        match self {
            Self::Keyring => b"barycenter keyring v1",
            Self::Forms => b"barycenter forms v1",
            Self::PairwiseSubjects => b"barycenter pairwise subjects v1",
            Self::Devices => b"barycenter devices v1",
            Self::PasswordFingerprint => b"barycenter password fingerprint v1",
            Self::ClientSecrets => b"barycenter client secrets v1",
            Self::RefreshSuccessor => b"barycenter refresh successor v1",
            Self::RootFingerprint => b"barycenter root fingerprint v1",
        }
    }
}

/// 32 bytes, as HKDF wants to be told.
struct Length32;

impl KeyType for Length32 {
    fn len(&self) -> usize {
        32
    }
}

/// What keys are derived from: the pseudo-random key of HKDF.
#[derive(Clone)]
pub(super) struct Derivation(Zeroizing<Vec<u8>>);

impl Derivation {
    /// Extracts it from a root key's secret (RFC 5869 section 2.2).
    fn extract(secret: &[u8]) -> Self {
        let salt = hmac::Key::new(hmac::HMAC_SHA256, b"barycenter");
        Self(Zeroizing::new(hmac::sign(&salt, secret).as_ref().to_vec()))
    }

    /// Takes one that was kept.
    pub(super) fn from_kept(bytes: Zeroizing<Vec<u8>>) -> Self {
        Self(bytes)
    }

    pub(super) fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// Derives the key for a purpose.
    pub(super) fn derive(&self, purpose: Purpose) -> Result<Zeroizing<[u8; 32]>, KeyringError> {
        let mut key = Zeroizing::new([0; 32]);
        Prk::new_less_safe(HKDF_SHA256, &self.0)
            .expand(&[purpose.label()], Length32)
            .and_then(|output| output.fill(&mut *key))
            .map_err(|_| KeyringError::Cryptography)?;
        Ok(key)
    }
}

/// Returns whether a file's group may do more with it than `user`, whom it may be for, needs. What a Secret holds
/// belongs to root on Kubernetes, and whoever is not root reads it through the group that fsGroup gives it.
pub(crate) const fn is_open_to_its_group(mode: u32, owner: u32, user: u32) -> bool {
    let is_for_group = owner == 0 && user != 0;
    mode & if is_for_group { 0o030 } else { 0o070 } != 0
}

/// Returns who we are, as the kernel sees it.
pub(crate) fn user() -> Option<u32> {
    fs::metadata("/proc/self").map(|ours| ours.uid()).ok()
}

/// The root key.
pub(super) struct RootKey {
    pub(super) path: PathBuf,
    pub(super) key: PrivateKey,
    /// What its own keys are derived from, and in the beginning all others.
    pub(super) own: Derivation,
}

impl RootKey {
    /// Reads the file, if it is there.
    pub(super) fn load(path: &Path) -> Result<Option<Self>, KeyringError> {
        let refused = |reason: String| KeyringError::RootKey { path: path.to_owned(), reason };
        let text = match fs::read(path) {
            Ok(bytes) => Zeroizing::new(bytes),
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(refused(format!("cannot be read: {error}"))),
        };
        let metadata = fs::metadata(path).map_err(|error| refused(error.to_string()))?;
        let mode = metadata.permissions().mode();
        if mode & 0o007 != 0 {
            return Err(refused(format!(
                "is open to everybody (mode {:04o}); run `chmod 600` on it, or set `defaultMode: 0400` on the mounted Secret (0440 with fsGroup)",
                mode & 0o777
            )));
        }
        if is_open_to_its_group(mode, metadata.uid(), user().unwrap_or_else(|| metadata.uid())) {
            tracing::warn!(path = %path.display(), mode = format!("{:04o}", mode & 0o777), "the root key is open to its group");
        }
        if text.windows(19).any(|window| window == b"ENCRYPTED PRIVATE K")
            || text.windows(15).any(|window| window == b"Proc-Type: 4,EN")
        {
            return Err(refused(
                "is protected by a passphrase; store it without one (openssl pkey -in … -out …)".to_owned(),
            ));
        }
        let der = PrivateKeyDer::from_pem_slice(&text).map_err(|_| {
            refused("holds no PEM private key (PKCS#8, PKCS#1 or SEC1); is the file truncated?".to_owned())
        })?;
        let key = PrivateKey::from_der(&der).map_err(|error| refused(error.to_string()))?;
        Self::new(path, key).map(Some)
    }

    /// Makes a new one and writes it, unless another process was faster: then that one's is returned. The flag tells
    /// whether the file is ours.
    pub(super) fn generate(path: &Path, algorithm: SigningAlgorithm) -> Result<(Self, bool), KeyringError> {
        let refused = |reason: String| KeyringError::RootKey { path: path.to_owned(), reason };
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        if !folder.is_dir() {
            let reason = format!("cannot be created: the folder {} does not exist", folder.display());
            return Err(refused(reason));
        }
        let key = PrivateKey::generate(algorithm).map_err(|error| refused(error.to_string()))?;
        let pem = to_pem("PRIVATE KEY", &key.to_pkcs8().map_err(|error| refused(error.to_string()))?);
        match write_new(folder, path, pem.as_bytes()) {
            Ok(()) => Ok((Self::new(path, key)?, true)),
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {
                let other = Self::load(path)?.ok_or_else(|| refused("vanished while it was being read".to_owned()))?;
                Ok((other, false))
            }
            Err(error) => Err(refused(format!("cannot be created: {error}; is the folder writable for this user?"))),
        }
    }

    fn new(path: &Path, key: PrivateKey) -> Result<Self, KeyringError> {
        let secret =
            key.secret().map_err(|error| KeyringError::RootKey { path: path.to_owned(), reason: error.to_string() })?;
        Ok(Self { path: path.to_owned(), key, own: Derivation::extract(&secret) })
    }

    /// Names the root key: 16 characters that tell nothing of it.
    pub(super) fn fingerprint(&self) -> Result<String, KeyringError> {
        let derived = self.own.derive(Purpose::RootFingerprint)?;
        Ok(URL_SAFE_NO_PAD.encode(derived.get(..12).unwrap_or_default()))
    }

    /// Refuses keys that were wrapped under another root key.
    pub(super) fn refuse_others(&self, keys: &[SigningKey]) -> Result<(), KeyringError> {
        let found = self.fingerprint()?;
        match keys.iter().find(|key| key.root != found) {
            Some(other) => {
                Err(KeyringError::OtherRoot { path: self.path.clone(), expected: other.root.clone(), found })
            }
            None => Ok(()),
        }
    }
}

/// Writes a file that nobody else can read and that is whole as soon as it is there; never replaces one.
fn write_new(folder: &Path, path: &Path, contents: &[u8]) -> std::io::Result<()> {
    // NamedTempFile makes files with mode 0600.
    let mut file = NamedTempFile::new_in(folder)?;
    file.write_all(contents)?;
    file.as_file().sync_all()?;
    file.persist_noclobber(path).map_err(|error| error.error)?;
    File::open(folder)?.sync_all()
}

/// Writes DER as PEM (RFC 7468).
pub(super) fn to_pem(label: &str, der: &[u8]) -> Zeroizing<String> {
    let encoded = Zeroizing::new(STANDARD.encode(der));
    let mut pem = Zeroizing::new(format!("-----BEGIN {label}-----\n"));
    let mut rest = encoded.as_str();
    while let Some((line, more)) = rest.split_at_checked(64) {
        pem.push_str(line);
        pem.push('\n');
        rest = more;
    }
    if !rest.is_empty() {
        pem.push_str(rest);
        pem.push('\n');
    }
    pem.push_str(&format!("-----END {label}-----\n"));
    pem
}

#[cfg(test)]
mod tests {
    use aws_lc_rs::hkdf::Salt;

    use super::*;

    #[test]
    fn derived_keys_are_those_of_hkdf() {
        let mut whole = [0; 32];
        let extracted = Salt::new(HKDF_SHA256, b"barycenter").extract(b"secret");
        extracted.expand(&[Purpose::Forms.label()], Length32).unwrap().fill(&mut whole).unwrap();
        assert_eq!(*Derivation::extract(b"secret").derive(Purpose::Forms).unwrap(), whole);
    }
}
