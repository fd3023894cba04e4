//! What stops the keys from being used: which file or key it is, and the way out.

use std::path::PathBuf;

use thiserror::Error;

use crate::model::{KeyId, SigningAlgorithm, WrongState};
use crate::store::StoreError;

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
    /// The root key that the keyring is to be wrapped under from now on cannot be used.
    #[error("the new root key {} {reason}; the keyring is unchanged", path.display())]
    NewRootKey {
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
    /// What other keys are derived from is damaged.
    #[error("the keyring's derivation secret in the database is damaged; restore the database from a backup")]
    Derivation,
    /// No key signs with this algorithm.
    #[error("no key signs with {0}; publish one: baryctl keys rotate --alg {0}")]
    NoKey(SigningAlgorithm),
    /// This process has not been able to look at the keyring for too long to know which key signs.
    #[error("the keyring has not been read for more than {0} seconds; which key signs is not known")]
    Stale(i64),
    /// A key has moved on meanwhile.
    #[error(transparent)]
    WrongState(#[from] WrongState),
    /// The cryptographic library failed.
    #[error("the cryptographic library refused an operation")]
    Cryptography,
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}
