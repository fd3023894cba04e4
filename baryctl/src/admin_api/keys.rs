//! Signing keys on a server: what is sent, and what its answers become.

use barycenter_core::keyring::{Importation, Retirement, Rotation, Run, Start};
use barycenter_core::model::SigningAlgorithm;

use crate::admin_api::AdminApi;
use crate::admin_api::operations as operation;
use crate::error::CtlError;
use crate::target::answer::SigningKey;
use crate::target::keys::{KeyImport, KeyRetirement, KeyRotation};

impl From<SigningAlgorithm> for operation::rotate_key::SigningAlgorithm {
    fn from(algorithm: SigningAlgorithm) -> Self {
        match algorithm {
            SigningAlgorithm::Rs256 => Self::Rs256,
            SigningAlgorithm::Es256 => Self::Es256,
            SigningAlgorithm::EdDsa => Self::EdDsa,
        }
    }
}

fn count(answers: i64) -> u64 {
    u64::try_from(answers).unwrap_or_default()
}

impl AdminApi {
    /// Returns the signing keys.
    ///
    /// # Errors
    /// When the server cannot be reached or refuses.
    pub(crate) async fn keys(&self) -> Result<Vec<SigningKey>, CtlError> {
        let data = self.execute(operation::ListKeys, operation::list_keys::Variables).await?;
        Ok(data.keys.into_iter().map(SigningKey::from).collect())
    }

    /// Publishes a new signing key.
    ///
    /// # Errors
    /// When the server cannot be reached or refuses.
    pub(crate) async fn rotate_key(&self, rotation: Rotation) -> Result<KeyRotation, CtlError> {
        use operation::rotate_key::{RotateKeyInput, RotateKeyRotateKey as Payload, Variables};

        let input = RotateKeyInput {
            algorithm: rotation.algorithm.map(Into::into),
            activate_in_seconds: rotation.activate_in,
            dry_run: rotation.run == Run::Dry,
        };
        Ok(match self.execute(operation::RotateKey, Variables { input }).await?.rotate_key {
            Payload::KeyPublished(done) => KeyRotation::Published { key: done.key.into(), replaces: done.replaces },
            Payload::KeyPending(pending) => KeyRotation::Pending(pending.key.into()),
            Payload::KeyTooSoon(soon) => KeyRotation::TooSoon(soon.least_seconds),
        })
    }

    /// Takes a signing key out of the JWKS.
    ///
    /// # Errors
    /// When the server cannot be reached or refuses.
    pub(crate) async fn retire_key(&self, kid: &str, how: Retirement, run: Run) -> Result<KeyRetirement, CtlError> {
        use operation::retire_key::{RetireKeyInput, RetireKeyRetireKey as Payload, Variables};

        let input = RetireKeyInput { kid: kid.to_owned(), now: how == Retirement::Now, dry_run: run == Run::Dry };
        Ok(match self.execute(operation::RetireKey, Variables { input }).await?.retire_key {
            Payload::KeyRetired(done) => KeyRetirement::Retired {
                key: done.key.into(),
                successor: done.successor.map(SigningKey::from),
                answers: count(done.answers),
                until: done.until,
            },
            Payload::KeyInUse(used) => {
                KeyRetirement::InUse { key: used.key.into(), answers: count(used.answers), until: used.until }
            }
            Payload::KeyRetiredBefore(_) => KeyRetirement::Before,
            Payload::KeyNotFound(_) => KeyRetirement::NotFound,
        })
    }

    /// Brings a signing key along.
    ///
    /// # Errors
    /// When the server cannot be reached or refuses.
    pub(crate) async fn import_key(&self, importation: Importation) -> Result<KeyImport, CtlError> {
        use operation::import_key::{ImportKeyImportKey as Payload, ImportKeyInput, Variables};

        let input = ImportKeyInput {
            key: importation.key.expose().to_owned(),
            passphrase: importation.passphrase.as_ref().map(|passphrase| passphrase.expose().to_owned()),
            kid: importation.kid,
            active: importation.start == Start::Now,
            dry_run: importation.run == Run::Dry,
        };
        Ok(match self.execute(operation::ImportKey, Variables { input }).await?.import_key {
            Payload::KeyImported(done) => KeyImport::Imported { key: done.key.into(), replaces: done.replaces },
            Payload::KeyExists(known) => KeyImport::Exists(known.key.into()),
            Payload::KeyPending(pending) => KeyImport::Pending(pending.key.into()),
            Payload::KeyInvalid(invalid) => KeyImport::Invalid(invalid.reason),
        })
    }
}
