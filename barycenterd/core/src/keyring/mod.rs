//! The root key, and everything derived from it: the keyring that signs tokens, and keys for other purposes.
//!
//! The root key is a file (`keys.private_key_path`); the keyring lies in the database, its private halves encrypted
//! under the root key, so that replicas share it. A replica whose root key does not open the keyring refuses to
//! start: it would sign with keys that nobody else knows. `keys.jwks_path` is a mirror of what is published.

mod inspection;
mod private_key;
mod root;

use std::fs::{self, File};
use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{DecodingKey, Header, Validation};
use serde::Serialize;
use serde_json::{Value, json};
use tempfile::NamedTempFile;
use thiserror::Error;
use zeroize::Zeroizing;

use crate::config;
use crate::keyring::private_key::PrivateKey;
use crate::keyring::root::RootKey;
use crate::model::{KeyId, SigningAlgorithm, SigningKeyState, Timestamp};
use crate::secret::{Digest, random_bytes};
use crate::store::{Store, StoreError, StoredSigningKey};

pub use crate::keyring::inspection::RootInspection;
pub use crate::keyring::private_key::PrivateKeyError;
pub use crate::keyring::root::Purpose;

/// What stops the keys from being used.
#[derive(Debug, Error)]
pub enum KeyringError {
    /// The root key file cannot be used.
    #[error("the root key {} (keys.private_key_path) {reason}", path.display())]
    RootKey {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// The database's keys belong to another root key.
    #[error("the root key {} does not open the keyring in the database: that was made under root key {expected}, this is {found}; mount the same key file on every replica (or restore the one that belongs to this database)", path.display())]
    OtherRoot {
        /// The file.
        path: PathBuf,
        /// The fingerprint that the keyring names.
        expected: String,
        /// The fingerprint of the file.
        found: String,
    },
    /// The database has keys, but there is no root key to open them.
    #[error("there is no root key at {} (keys.private_key_path), but the database holds signing keys made under root key {expected}; mount that key file here; a new one is not generated, because it could not open them", path.display())]
    RootMissing {
        /// Where the file should be.
        path: PathBuf,
        /// The fingerprint that the keyring names.
        expected: String,
    },
    /// The JWKS mirror cannot be written.
    #[error("the JWKS mirror {} (keys.jwks_path) cannot be written: {reason}", path.display())]
    Mirror {
        /// The file.
        path: PathBuf,
        /// Why not.
        reason: String,
    },
    /// A stored key is damaged.
    #[error("signing key {kid} in the database: {reason}")]
    Key {
        /// The key.
        kid: KeyId,
        /// What is wrong with it.
        reason: String,
    },
    /// The cryptographic library failed.
    #[error("the cryptographic library refused an operation")]
    Cryptography,
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What relying parties verify with: the JWKS as it is served.
#[derive(Debug, Clone)]
pub struct PublishedKeys {
    /// The JWK Set (RFC 7517), JSON.
    pub json: String,
    /// A quoted entity tag that changes with it.
    pub etag: String,
}

/// The keys of a deployment, opened.
pub struct Keyring {
    root: RootKey,
    active: PrivateKey,
    active_kid: KeyId,
    published: PublishedKeys,
    verifying: Vec<(KeyId, SigningAlgorithm, DecodingKey)>,
}

impl Keyring {
    /// Opens the keyring; at the first start makes the root key and the first signing key. Any number of processes
    /// may do so at once.
    ///
    /// # Errors
    /// When the root key is unusable or not the one that this keyring was made under, or the database fails.
    pub async fn open(settings: &config::Keys, store: &Store, now: Timestamp) -> Result<Self, KeyringError> {
        let path = &settings.private_key_path;
        let (root, ours) = find_root(settings, store).await?;
        let mut keys = store.signing_keys().all().await?;
        // Only what is not there yet needs the lock: opening a keyring that is in order writes nothing.
        if !is_in_order(&keys, &root, settings.alg)? {
            keys = complete(store, &root, settings.alg, now).await.inspect_err(|error| {
                // Another process made the keyring while we made a root key that nobody will need.
                if ours && matches!(error, KeyringError::OtherRoot { .. }) {
                    let _ = fs::remove_file(path);
                }
            })?;
        }
        let keyring = Self::assemble(root, settings.alg, &keys)?;
        write_mirror(&settings.jwks_path, &keyring.published.json)?;
        Ok(keyring)
    }

    /// Unwraps the active key and lays out what is published.
    fn assemble(root: RootKey, algorithm: SigningAlgorithm, keys: &[StoredSigningKey]) -> Result<Self, KeyringError> {
        let active = keys
            .iter()
            .find(|key| key.state == SigningKeyState::Active && key.algorithm == algorithm)
            .ok_or(KeyringError::Cryptography)?;
        let mut jwks = Vec::new();
        let mut verifying = Vec::new();
        for key in keys.iter().filter(|key| key.state.is_published()) {
            let damaged = |reason: String| KeyringError::Key { kid: key.kid.clone(), reason };
            let jwk: Value = serde_json::from_str(&key.jwk).map_err(|error| damaged(error.to_string()))?;
            let parsed = serde_json::from_value(jwk.clone()).map_err(|error| damaged(error.to_string()))?;
            let decoding = DecodingKey::from_jwk(&parsed).map_err(|error| damaged(error.to_string()))?;
            verifying.push((key.kid.clone(), key.algorithm, decoding));
            jwks.push(jwk);
        }
        let json = json!({ "keys": jwks }).to_string();
        let etag = format!("\"{}\"", Digest::of(&json).as_str());
        let published = PublishedKeys { json, etag };
        Ok(Self { active: unwrap(&root, active)?, active_kid: active.kid.clone(), published, verifying, root })
    }

    /// Signs claims as a JWT with the active key (RFC 7519); `typ` as the kind of token demands.
    ///
    /// # Errors
    /// When the cryptographic library fails.
    pub fn sign<T: Serialize>(&self, typ: &str, claims: &T) -> Result<String, KeyringError> {
        let mut header = Header::new(self.algorithm().as_jwt());
        header.kid = Some(self.active_kid.to_string());
        header.typ = Some(typ.to_owned());
        let part = |json: serde_json::Result<Vec<u8>>| {
            json.map(|bytes| URL_SAFE_NO_PAD.encode(bytes)).map_err(|_| KeyringError::Cryptography)
        };
        let message = format!("{}.{}", part(serde_json::to_vec(&header))?, part(serde_json::to_vec(claims))?);
        let signature = self.active.sign(message.as_bytes()).map_err(|_| KeyringError::Cryptography)?;
        Ok(format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature)))
    }

    /// Returns the claims of a JWT that one of our published keys has signed, whatever its age: for hints
    /// (OpenID Connect RP-Initiated Logout section 2 accepts expired ones). `None` if we did not sign it.
    #[must_use]
    pub fn verify_signature(&self, jwt: &str) -> Option<Value> {
        let header = jsonwebtoken::decode_header(jwt).ok()?;
        let kid = header.kid?;
        let (_, algorithm, key) = self.verifying.iter().find(|(known, ..)| known.as_str() == kid)?;
        let mut validation = Validation::new(algorithm.as_jwt());
        validation.required_spec_claims.clear();
        validation.validate_exp = false;
        validation.validate_aud = false;
        jsonwebtoken::decode::<Value>(jwt, key, &validation).ok().map(|token| token.claims)
    }

    /// Returns the published keys.
    #[must_use]
    pub fn published(&self) -> &PublishedKeys {
        &self.published
    }

    /// Returns the algorithm that tokens are signed with.
    #[must_use]
    pub fn algorithm(&self) -> SigningAlgorithm {
        self.active.algorithm()
    }

    /// Derives the key for a purpose from the root key.
    ///
    /// # Errors
    /// When the cryptographic library fails.
    pub fn derive(&self, purpose: Purpose) -> Result<Zeroizing<[u8; 32]>, KeyringError> {
        self.root.derive(purpose)
    }
}

/// Reads the root key, or makes the first one; the flag tells whether this process made it.
async fn find_root(settings: &config::Keys, store: &Store) -> Result<(RootKey, bool), KeyringError> {
    let path = &settings.private_key_path;
    if let Some(root) = RootKey::load(path)? {
        return Ok((root, false));
    }
    let Some(key) = store.signing_keys().all().await?.into_iter().next() else {
        return RootKey::generate(path, settings.alg);
    };
    // The keyring may have been made, and its root key written, since we looked for the file.
    let missing = || KeyringError::RootMissing { path: path.clone(), expected: key.root.clone() };
    Ok((RootKey::load(path)?.ok_or_else(missing)?, false))
}

/// Returns whether a keyring belongs to this root key and can sign with `algorithm`.
fn is_in_order(keys: &[StoredSigningKey], root: &RootKey, algorithm: SigningAlgorithm) -> Result<bool, KeyringError> {
    let fingerprint = root.fingerprint()?;
    if let Some(other) = keys.iter().find(|key| key.root != fingerprint) {
        let (path, expected) = (root.path.clone(), other.root.clone());
        return Err(KeyringError::OtherRoot { path, expected, found: fingerprint });
    }
    Ok(keys.iter().any(|key| key.state == SigningKeyState::Active && key.algorithm == algorithm))
}

/// Brings the keyring in the database to where it can sign with `algorithm`, under a lock, and returns it.
async fn complete(
    store: &Store,
    root: &RootKey,
    algorithm: SigningAlgorithm,
    now: Timestamp,
) -> Result<Vec<StoredSigningKey>, KeyringError> {
    let transaction = store.write().await?;
    transaction.lock("barycenter.keyring").await?;
    let keys = transaction.signing_keys().all().await?;
    if is_in_order(&keys, root, algorithm)? {
        return Ok(keys);
    }
    for key in keys.iter().filter(|key| key.state == SigningKeyState::Active) {
        transaction.signing_keys().set_state(&key.kid, SigningKeyState::Retiring, now).await?;
    }
    // The root key is the first signing key, if it is of that kind and has not served.
    let cryptography = |_: PrivateKeyError| KeyringError::Cryptography;
    let (root_kid, _) = root.key.public_jwk().map_err(cryptography)?;
    let fingerprint = root.fingerprint()?;
    let fresh = if root.key.algorithm() == algorithm && keys.iter().all(|key| key.kid != root_kid) {
        wrap(root, &root.key, &fingerprint, now)?
    } else {
        wrap(root, &PrivateKey::generate(algorithm).map_err(cryptography)?, &fingerprint, now)?
    };
    transaction.signing_keys().insert(&fresh).await?;
    let keys = transaction.signing_keys().all().await?;
    transaction.commit().await?;
    Ok(keys)
}

/// Returns the cipher that wraps private halves.
fn cipher(root: &RootKey) -> Result<LessSafeKey, KeyringError> {
    let key = root.derive(Purpose::Keyring)?;
    UnboundKey::new(&AES_256_GCM, &*key).map(LessSafeKey::new).map_err(|_| KeyringError::Cryptography)
}

/// Encrypts a key's private half under the root key: nonce, ciphertext and tag, bound to the `kid`.
fn wrap(root: &RootKey, key: &PrivateKey, fingerprint: &str, now: Timestamp) -> Result<StoredSigningKey, KeyringError> {
    let (kid, jwk) = key.public_jwk().map_err(|_| KeyringError::Cryptography)?;
    let mut sealed = key.to_pkcs8().map_err(|_| KeyringError::Cryptography)?.to_vec();
    let nonce: [u8; 12] = random_bytes();
    cipher(root)?
        .seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), Aad::from(kid.as_str().as_bytes()), &mut sealed)
        .map_err(|_| KeyringError::Cryptography)?;
    let wrapped = URL_SAFE_NO_PAD.encode([nonce.as_slice(), &sealed].concat());
    Ok(StoredSigningKey {
        algorithm: key.algorithm(),
        state: SigningKeyState::Active,
        jwk: jwk.to_string(),
        wrapped,
        root: fingerprint.to_owned(),
        created_at: now,
        activated_at: Some(now),
        kid,
    })
}

/// Decrypts a key's private half.
fn unwrap(root: &RootKey, stored: &StoredSigningKey) -> Result<PrivateKey, KeyringError> {
    let damaged =
        || KeyringError::Key { kid: stored.kid.clone(), reason: "the wrapped private half is damaged".to_owned() };
    let bytes = URL_SAFE_NO_PAD.decode(&stored.wrapped).map_err(|_| damaged())?;
    let (nonce, sealed) = bytes.split_first_chunk::<12>().ok_or_else(damaged)?;
    let mut sealed = Zeroizing::new(sealed.to_vec());
    let aad = Aad::from(stored.kid.as_str().as_bytes());
    let opened =
        cipher(root)?.open_in_place(Nonce::assume_unique_for_key(*nonce), aad, &mut sealed).map_err(|_| damaged())?;
    PrivateKey::from_pkcs8(opened).map_err(|_| damaged())
}

/// Replaces the mirror of the published keys, whole or not at all (mode 0644: it holds nothing secret).
fn write_mirror(path: &Path, json: &str) -> Result<(), KeyringError> {
    if fs::read_to_string(path).is_ok_and(|current| current == json) {
        return Ok(());
    }
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let write = || -> std::io::Result<()> {
        let mut file = NamedTempFile::new_in(folder)?;
        file.write_all(json.as_bytes())?;
        file.as_file().set_permissions(fs::Permissions::from_mode(0o644))?;
        file.as_file().sync_all()?;
        file.persist(path).map_err(|error| error.error)?;
        File::open(folder)?.sync_all()
    };
    write().map_err(|error| KeyringError::Mirror { path: path.to_owned(), reason: error.to_string() })
}
