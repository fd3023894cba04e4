//! What can be said of a root key without making or changing anything: for `doctor` and for backups.

use std::fs;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::Path;

use zeroize::Zeroizing;

use crate::keyring::root::RootKey;
use crate::keyring::wrapping::{unwrap, unwrap_derivation};
use crate::keyring::{KeyringError, Purpose};
use crate::model::{SigningKey, SigningKeyState};
use crate::store::KeyringRecord;

/// A root key that was read, and its file.
pub struct RootInspection {
    root: RootKey,
    /// The permission bits of the file.
    pub mode: u32,
    /// The user whose file it is.
    pub owner: u32,
}

impl RootInspection {
    /// Reads a root key; `None` if there is none.
    ///
    /// # Errors
    /// When the file cannot be read, holds no usable key, or is open to everybody.
    pub fn load(path: &Path) -> Result<Option<Self>, KeyringError> {
        let Some(root) = RootKey::load(path)? else { return Ok(None) };
        let metadata = fs::metadata(path)
            .map_err(|error| KeyringError::RootKey { path: path.to_owned(), reason: error.to_string() })?;
        Ok(Some(Self { root, mode: metadata.permissions().mode() & 0o777, owner: metadata.uid() }))
    }

    /// Returns the name of the root key, as the keyring in the database has it; it tells nothing of the key.
    ///
    /// # Errors
    /// When the cryptographic library fails.
    pub fn fingerprint(&self) -> Result<String, KeyringError> {
        self.root.fingerprint()
    }

    /// Opens every key that signs or will sign, and forgets it again.
    ///
    /// # Errors
    /// [`KeyringError::OtherRoot`] when the keys were made under another root key; [`KeyringError::Key`] for the first
    /// that is damaged.
    pub fn open_all(&self, keys: &[SigningKey]) -> Result<(), KeyringError> {
        let found = self.fingerprint()?;
        if let Some(other) = keys.iter().find(|key| key.root != found) {
            let (path, expected) = (self.root.path.clone(), other.root.clone());
            return Err(KeyringError::OtherRoot { path, expected, found });
        }
        let signing = |key: &&SigningKey| matches!(key.state, SigningKeyState::Active | SigningKeyState::Pending);
        keys.iter().filter(signing).try_for_each(|key| unwrap(&self.root, key).map(drop))
    }

    /// Derives the key for a purpose, as the keyring does; its record tells whether it was wrapped under another root
    /// key before.
    ///
    /// # Errors
    /// When the keyring's record does not belong to this root key, or the cryptographic library fails.
    pub fn derive(&self, purpose: Purpose, record: &KeyringRecord) -> Result<Zeroizing<[u8; 32]>, KeyringError> {
        match &record.derivation {
            Some(kept) => unwrap_derivation(&self.root, kept)?.derive(purpose),
            None => self.root.own.derive(purpose),
        }
    }
}
