//! `keys rewrap`: encrypts the keyring under another root key. Nothing that relying parties see changes, and neither does
//! what is derived for other purposes: the secret behind that is kept, encrypted under the new root key.

use std::path::Path;

use crate::keyring::root::RootKey;
use crate::keyring::wrapping::{rewrap, wrap_derivation};
use crate::keyring::{Keyring, KeyringError, Run};

/// What was encrypted again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rewrapped {
    /// How many keys.
    pub keys: usize,
    /// Fingerprint of the root key before.
    pub from: String,
    /// Fingerprint of the root key from now on.
    pub to: String,
}

impl Keyring {
    /// Encrypts the keyring under the root key in another file. From then on that file opens it, and only that.
    ///
    /// # Errors
    /// When the file cannot be used, a key cannot be opened, or the database does not answer. Then nothing has
    /// happened.
    pub async fn rewrap(&self, new_root: &Path, run: Run) -> Result<Rewrapped, KeyringError> {
        let refused = |reason: String| KeyringError::NewRootKey { path: new_root.to_owned(), reason };
        let new = match RootKey::load(new_root) {
            Ok(Some(root)) => root,
            Ok(None) => {
                return Err(refused(
                    "does not exist; make one: openssl genpkey -algorithm ed25519 -out FILE && chmod 600 FILE"
                        .to_owned(),
                ));
            }
            Err(KeyringError::RootKey { reason, .. }) => return Err(refused(reason)),
            Err(error) => return Err(error),
        };
        let (from, to) = (self.root.fingerprint()?, new.fingerprint()?);
        if from == to {
            return Err(refused("is the root key that the keyring is wrapped under already".to_owned()));
        }
        let (transaction, keys) = self.begin().await?;
        for key in &keys {
            transaction.signing_keys().update(&rewrap(&self.root, &new, key)?).await?;
        }
        transaction.signing_keys().set_derivation(&wrap_derivation(&new, &self.derivation)?).await?;
        if run == Run::Real {
            transaction.commit().await?;
        }
        Ok(Rewrapped { keys: keys.len(), from, to })
    }
}
