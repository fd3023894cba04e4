//! The root key, and everything derived from it: the keyring that signs tokens, and keys for other purposes.
//!
//! The root key is a file (`keys.private_key_path`); the keyring lies in the database, its private halves encrypted
//! under the root key, so that replicas share it. A replica whose root key does not open the keyring refuses to
//! start: it would sign with keys that nobody else knows. `keys.jwks_path` is a mirror of what is published.
//!
//! ```text
//!   life (when: plain functions) ──► advance · rotate · retire · import · rewrap (one transaction each, under a lock)
//!        Keyring ──► OpenedKeys (one reading) ◄── tend: read again whenever the revision has grown
//! ```
//!
//! One key signs for each algorithm. Every change is one transaction, so a process that dies leaves the keyring as it
//! was or as it should be; every process carries out what is due, and whoever comes second finds nothing to do.

mod advance;
mod der;
mod error;
mod import;
mod inspection;
mod life;
mod mirror;
mod opened;
mod private_key;
mod public_key;
mod retire;
mod rewrap;
mod root;
mod rotate;
mod sealer;
mod tend;
mod view;
mod wrapping;

use std::fs;
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::Instant;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::Header;
use serde::Serialize;
use serde_json::Value;
use zeroize::Zeroizing;

use crate::config;
use crate::keyring::life::find;
use crate::keyring::mirror::Mirror;
use crate::keyring::opened::OpenedKeys;
use crate::keyring::private_key::PrivateKey;
use crate::keyring::root::{Derivation, RootKey};
use crate::keyring::tend::Lifetimes;
use crate::keyring::view::{SteadyClock, View};
use crate::keyring::wrapping::{unwrap_derivation, wrap};
use crate::model::{SigningAlgorithm, SigningKey, SigningKeyState, Timestamp};
use crate::store::{Store, Transaction};

pub use crate::keyring::error::KeyringError;
pub use crate::keyring::import::{Importation, Imported, Start};
pub use crate::keyring::inspection::RootInspection;
pub use crate::keyring::life::{Clocks, LAG, Outlook, Policy, Step, due, find as find_key, outlook, publication, take};
pub use crate::keyring::mirror::Mirrored;
pub use crate::keyring::opened::PublishedKeys;
pub use crate::keyring::private_key::PrivateKeyError;
pub use crate::keyring::public_key::{public_key_set, public_pem};
pub use crate::keyring::retire::{Retired, Retirement, Unexpired};
pub use crate::keyring::rewrap::Rewrapped;
pub use crate::keyring::root::Purpose;
pub(crate) use crate::keyring::root::{is_open_to_its_group, user};
pub use crate::keyring::rotate::{Rotated, Rotation};
pub use crate::keyring::sealer::Sealer;

/// Whether an operation is carried out, or only found out about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Run {
    /// Carried out.
    Real,
    /// Taken back before anybody sees it.
    Dry,
}

/// The keys of a deployment, opened; read again whenever another process has changed them.
pub struct Keyring {
    settings: config::Keys,
    store: Store,
    root: RootKey,
    derivation: Derivation,
    opened: RwLock<Arc<OpenedKeys>>,
    /// One reads at a time.
    reading: tokio::sync::Mutex<()>,
    view: View,
    steady: Mutex<SteadyClock>,
    lifetimes: Mutex<Lifetimes>,
    mirror: Mirror,
}

impl Keyring {
    /// Opens the keyring; at the first start makes the root key and the first signing key. Any number of processes
    /// may do so at once. An algorithm that is new to the keyring is published first and signs later.
    ///
    /// # Errors
    /// When the root key is unusable or not the one that this keyring was made under, or the database fails.
    pub async fn open(settings: &config::Keys, store: &Store, now: Timestamp) -> Result<Self, KeyringError> {
        let begun = Instant::now();
        let path = &settings.private_key_path;
        let (root, ours) = find_root(settings, store).await?;
        let mut record = store.signing_keys().keyring().await?;
        let mut keys = store.signing_keys().all().await?;
        root.refuse_others(&keys)?;
        // Only what is not there yet needs the lock: opening a keyring that is in order writes nothing.
        if !is_in_order(&keys, settings.alg) {
            keys = complete(store, &root, settings, now).await.inspect_err(|error| {
                // Another process made the keyring while we made a root key that nobody will need.
                if ours && matches!(error, KeyringError::OtherRoot { .. }) {
                    let _ = fs::remove_file(path);
                }
            })?;
            record = store.signing_keys().keyring().await?;
        }
        let derivation = match &record.derivation {
            Some(kept) => unwrap_derivation(&root, kept)?,
            None => root.own.clone(),
        };
        let mut opened = OpenedKeys::assemble(&root, (record.revision, keys), None, settings.alg)?;
        if let Some(fault) = opened.faults.pop() {
            return Err(fault);
        }
        let keyring = Self {
            settings: settings.clone(),
            store: store.clone(),
            root,
            derivation,
            opened: RwLock::new(Arc::new(opened)),
            reading: tokio::sync::Mutex::default(),
            view: View::new(begun, now),
            steady: Mutex::default(),
            lifetimes: Mutex::default(),
            mirror: Mirror::new(settings.jwks_path.clone()),
        };
        keyring.write_mirror();
        Ok(keyring)
    }

    /// Returns the last reading.
    fn opened(&self) -> Arc<OpenedKeys> {
        Arc::clone(&self.opened.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Signs claims as a JWT with the key of [`Self::algorithm`] (RFC 7519); `typ` as the kind of token demands.
    ///
    /// # Errors
    /// As [`Self::sign_with`].
    pub fn sign<T: Serialize>(&self, typ: &str, claims: &T) -> Result<String, KeyringError> {
        self.sign_with(self.algorithm(), typ, claims)
    }

    /// Signs claims as a JWT with the key that signs with an algorithm.
    ///
    /// # Errors
    /// [`KeyringError::NoKey`] when there is none, [`KeyringError::Stale`] when this process has been out of touch
    /// with the keyring for too long to know it; and when the cryptographic library fails.
    pub fn sign_with<T: Serialize>(
        &self,
        algorithm: SigningAlgorithm,
        typ: &str,
        claims: &T,
    ) -> Result<String, KeyringError> {
        if self.view.is_neglected(Instant::now()) {
            return Err(KeyringError::Stale(LAG));
        }
        let opened = self.opened();
        let (kid, key) = opened.signing(algorithm).ok_or(KeyringError::NoKey(algorithm))?;
        let mut header = Header::new(algorithm.as_jwt());
        header.kid = Some(kid.to_string());
        header.typ = Some(typ.to_owned());
        let part = |json: serde_json::Result<Vec<u8>>| {
            json.map(|bytes| URL_SAFE_NO_PAD.encode(bytes)).map_err(|_| KeyringError::Cryptography)
        };
        let message = format!("{}.{}", part(serde_json::to_vec(&header))?, part(serde_json::to_vec(claims))?);
        let signature = key.sign(message.as_bytes()).map_err(|_| KeyringError::Cryptography)?;
        Ok(format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature)))
    }

    /// Returns the claims of a JWT that one of our published keys has signed, whatever its age: for hints
    /// (OpenID Connect RP-Initiated Logout section 2 accepts expired ones). `None` if we did not sign it.
    #[must_use]
    pub fn verify_signature(&self, jwt: &str) -> Option<Value> {
        self.opened().verify_signature(jwt)
    }

    /// Returns the published keys.
    #[must_use]
    pub fn published(&self) -> Arc<PublishedKeys> {
        Arc::clone(&self.opened().published)
    }

    /// Returns all keys as they were when they were last read, oldest first.
    #[must_use]
    pub fn keys(&self) -> Vec<SigningKey> {
        self.opened().keys.clone()
    }

    /// Returns the algorithm that tokens are signed with where a client asks for no other: the configured one as soon
    /// as a key signs with it.
    #[must_use]
    pub fn algorithm(&self) -> SigningAlgorithm {
        let algorithms = self.algorithms();
        let fallback = algorithms.first().copied().unwrap_or(self.settings.alg);
        if algorithms.contains(&self.settings.alg) { self.settings.alg } else { fallback }
    }

    /// Returns the algorithms that tokens can be signed with.
    #[must_use]
    pub fn algorithms(&self) -> Vec<SigningAlgorithm> {
        self.opened().algorithms()
    }

    /// Names the root key: 16 characters that tell nothing of it, the same on every replica of a deployment.
    ///
    /// # Errors
    /// When the cryptographic library fails.
    pub fn root_fingerprint(&self) -> Result<String, KeyringError> {
        self.root.fingerprint()
    }

    /// Derives the key for a purpose. It stays the same when the keyring is wrapped under another root key.
    ///
    /// # Errors
    /// When the cryptographic library fails.
    pub fn derive(&self, purpose: Purpose) -> Result<Zeroizing<[u8; 32]>, KeyringError> {
        self.derivation.derive(purpose)
    }

    /// Returns what encrypts secrets of a purpose.
    ///
    /// # Errors
    /// When the cryptographic library fails.
    pub fn sealer(&self, purpose: Purpose) -> Result<Sealer, KeyringError> {
        let key = self.derive(purpose)?;
        Sealer::new(&key)
    }

    /// Returns the policy of this deployment.
    #[must_use]
    pub fn policy(&self, oidc: &config::Oidc) -> Policy {
        Policy::new(&self.settings, oidc)
    }

    /// Brings the mirror at `keys.jwks_path` up to date. Where that fails, it is logged once, and reported by
    /// [`Self::mirror_fault`] until it succeeds: the keys are served all the same.
    pub fn write_mirror(&self) -> Mirrored {
        self.mirror.write(&self.published().json)
    }

    /// Returns why the mirror is not up to date, if it is not.
    #[must_use]
    pub fn mirror_fault(&self) -> Option<String> {
        self.mirror.fault()
    }

    /// Begins to change the keyring: nobody else does until the transaction ends. Returns the keys as they are.
    async fn begin(&self) -> Result<(Transaction, Vec<SigningKey>), KeyringError> {
        let transaction = self.store.write().await?;
        transaction.lock(LOCK).await?;
        let keys = transaction.signing_keys().all().await?;
        self.root.refuse_others(&keys)?;
        Ok((transaction, keys))
    }
}

/// The lock that everybody holds who changes the keyring.
const LOCK: &str = "barycenter.keyring";

/// Makes a key; one for RSA takes a while.
async fn generate(algorithm: SigningAlgorithm) -> Result<PrivateKey, KeyringError> {
    let made = tokio::task::spawn_blocking(move || PrivateKey::generate(algorithm)).await;
    made.ok().and_then(Result::ok).ok_or(KeyringError::Cryptography)
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

/// Returns whether a keyring can sign, and will with `algorithm`.
fn is_in_order(keys: &[SigningKey], algorithm: SigningAlgorithm) -> bool {
    let is_to_come = |state| find(keys, algorithm, state).is_some();
    keys.iter().any(|key| key.state == SigningKeyState::Active)
        && (is_to_come(SigningKeyState::Active) || is_to_come(SigningKeyState::Pending))
}

/// Brings the keyring in the database to where it can sign, and will with the configured algorithm, under a lock;
/// returns its keys. The very first key signs at once: nobody can have a JWKS without it.
async fn complete(
    store: &Store,
    root: &RootKey,
    settings: &config::Keys,
    now: Timestamp,
) -> Result<Vec<SigningKey>, KeyringError> {
    let transaction = store.write().await?;
    transaction.lock(LOCK).await?;
    let keys = transaction.signing_keys().all().await?;
    root.refuse_others(&keys)?;
    if is_in_order(&keys, settings.alg) {
        return Ok(keys);
    }
    let pending = find(&keys, settings.alg, SigningKeyState::Pending).cloned();
    if keys.iter().any(|key| key.state == SigningKeyState::Active) {
        let key = next_key(root, settings.alg, &keys).await?;
        let activates_at = now.plus(publication(settings));
        transaction.signing_keys().insert(&wrap(root, &key, None, now, activates_at)?).await?;
    } else if let Some(key) = pending {
        transaction.signing_keys().update(&key.activate(now)?).await?;
    } else {
        let key = next_key(root, settings.alg, &keys).await?;
        transaction.signing_keys().insert(&wrap(root, &key, None, now, now)?.activate(now)?).await?;
    }
    let keys = transaction.signing_keys().all().await?;
    transaction.commit().await?;
    Ok(keys)
}

/// The root key is the first signing key, if it is of that kind and has not served.
async fn next_key(
    root: &RootKey,
    algorithm: SigningAlgorithm,
    keys: &[SigningKey],
) -> Result<PrivateKey, KeyringError> {
    let (root_kid, _) = root.key.public_jwk().map_err(|_| KeyringError::Cryptography)?;
    if root.key.algorithm() == algorithm && keys.iter().all(|key| key.kid != root_kid) {
        let der = root.key.to_pkcs8().map_err(|_| KeyringError::Cryptography)?;
        return PrivateKey::from_pkcs8(&der).map_err(|_| KeyringError::Cryptography);
    }
    generate(algorithm).await
}
