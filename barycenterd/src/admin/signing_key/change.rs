//! What can be done with signing keys: `rotateKey`, `retireKey`, `importKey`. The same functions as `--direct` uses.

use std::sync::Arc;

use async_graphql::{Context, ID, InputObject, Object, Result, SimpleObject, Union};
use barycenter_core::keyring::{
    Clocks, Importation, Imported, Policy, Retired, Retirement, Rotated, Rotation, Run, Start,
};
use barycenter_core::model;
use barycenter_core::model::KeyId;
use barycenter_core::secret::Secret;

use crate::admin::error::keyring_failed;
use crate::admin::scalar::DateTime;
use crate::admin::signing_key::{SigningAlgorithm, SigningKey};
use crate::app::App;

/// A rotation.
#[derive(InputObject)]
pub(super) struct RotateKeyInput {
    /// The algorithm of the new key; null: the configured one.
    algorithm: Option<SigningAlgorithm>,
    /// When the new key begins to sign, in seconds from now; null: as soon as every relying party knows it.
    activate_in_seconds: Option<i64>,
    /// Find out what would happen and change nothing.
    #[graphql(default)]
    dry_run: bool,
}

/// The end of a key.
#[derive(InputObject)]
pub(super) struct RetireKeyInput {
    kid: ID,
    /// At once, whatever it breaks; the key may have been stolen.
    #[graphql(default)]
    now: bool,
    /// Find out what would happen and change nothing.
    #[graphql(default)]
    dry_run: bool,
}

/// A private key to bring along.
#[derive(InputObject)]
pub(super) struct ImportKeyInput {
    /// PEM (PKCS#8, PKCS#1, SEC1) or JWK.
    key: String,
    /// What a PEM is encrypted with.
    passphrase: Option<String>,
    /// Its name; null: the one in the JWK, or its RFC 7638 thumbprint.
    kid: Option<ID>,
    /// It signs at once: relying parties that keep an older JWKS refuse what it signs until they look again.
    #[graphql(default)]
    active: bool,
    /// Find out what would happen and change nothing.
    #[graphql(default)]
    dry_run: bool,
}

/// A new key is published.
#[derive(SimpleObject)]
pub(super) struct KeyPublished {
    key: Box<SigningKey>,
    /// Whose place it takes; null: its algorithm is new.
    replaces: Option<ID>,
}

/// A key of this algorithm is published already and does not sign yet.
#[derive(SimpleObject)]
pub(super) struct KeyPending {
    key: Box<SigningKey>,
}

/// Relying parties would meet a key that they cannot know.
#[derive(SimpleObject)]
pub(super) struct KeyTooSoon {
    least_seconds: i64,
}

/// What became of a rotation.
#[derive(Union)]
pub(super) enum RotateKeyPayload {
    Published(KeyPublished),
    Pending(KeyPending),
    TooSoon(KeyTooSoon),
}

/// The key is gone from the JWKS.
#[derive(SimpleObject)]
pub(super) struct KeyRetired {
    key: Box<SigningKey>,
    /// The key that signs in its place from now on; null: it did not sign.
    successor: Option<Box<SigningKey>>,
    /// Answers of the token endpoint, still on record, whose tokens are broken by it.
    answers: i64,
    /// When the last of them would have expired; null: nothing is broken.
    until: Option<DateTime>,
}

/// Tokens need the key.
#[derive(SimpleObject)]
pub(super) struct KeyInUse {
    key: Box<SigningKey>,
    /// Answers of the token endpoint, still on record, whose tokens it may have signed.
    answers: i64,
    /// When the last of them expires at the latest.
    until: DateTime,
}

/// It was retired before.
#[derive(SimpleObject)]
pub(super) struct KeyRetiredBefore {
    key: Box<SigningKey>,
}

/// There is no such key.
#[derive(SimpleObject)]
pub(super) struct KeyNotFound {
    kid: ID,
}

/// What became of the end of a key.
#[derive(Union)]
pub(super) enum RetireKeyPayload {
    Retired(KeyRetired),
    InUse(KeyInUse),
    Before(KeyRetiredBefore),
    NotFound(KeyNotFound),
}

/// The key is in the keyring.
#[derive(SimpleObject)]
pub(super) struct KeyImported {
    key: Box<SigningKey>,
    /// Whose place it takes; null: its algorithm is new.
    replaces: Option<ID>,
}

/// The keyring has this key, or another one of that name.
#[derive(SimpleObject)]
pub(super) struct KeyExists {
    key: Box<SigningKey>,
}

/// The key cannot be used.
#[derive(SimpleObject)]
pub(super) struct KeyInvalid {
    reason: String,
}

/// What became of an import.
#[derive(Union)]
pub(super) enum ImportKeyPayload {
    Imported(KeyImported),
    Exists(KeyExists),
    Pending(KeyPending),
    Invalid(KeyInvalid),
}

fn run(dry: bool) -> Run {
    if dry { Run::Dry } else { Run::Real }
}

fn count(answers: u64) -> i64 {
    i64::try_from(answers).unwrap_or(i64::MAX)
}

/// What every operation needs.
struct Scene<'a> {
    app: &'a Arc<App>,
    policy: Policy,
    clocks: Clocks,
}

impl<'a> Scene<'a> {
    async fn new(context: &Context<'a>) -> Result<Self> {
        let app = context.data::<Arc<App>>()?;
        let policy = app.keyring.policy(&app.config.oidc);
        let clocks = app.keyring.clocks(&policy, app.now()).await.map_err(|error| keyring_failed(context, &error))?;
        Ok(Self { app, policy, clocks })
    }

    fn shown(&self, key: &model::SigningKey) -> Box<SigningKey> {
        Box::new(SigningKey::new(key, std::slice::from_ref(key), &self.policy))
    }
}

/// What can be done with signing keys.
#[derive(Default)]
pub(crate) struct SigningKeyMutation;

#[Object]
impl SigningKeyMutation {
    /// Publishes a new key, which takes the place of the one that signs as soon as every relying party knows it.
    async fn rotate_key(&self, context: &Context<'_>, input: RotateKeyInput) -> Result<RotateKeyPayload> {
        let scene = Scene::new(context).await?;
        let rotation = Rotation {
            algorithm: input.algorithm.map(Into::into),
            activate_in: input.activate_in_seconds,
            run: run(input.dry_run),
        };
        let rotated = scene.app.keyring.rotate(rotation, &scene.policy, scene.clocks).await;
        Ok(match rotated.map_err(|error| keyring_failed(context, &error))? {
            Rotated::Published { key, replaces } => {
                if rotation.run == Run::Real {
                    tracing::info!(kid = %key.kid, algorithm = %key.algorithm, "published a signing key");
                }
                let replaces = replaces.map(|kid| kid.as_str().into());
                RotateKeyPayload::Published(KeyPublished { key: scene.shown(&key), replaces })
            }
            Rotated::Pending(key) => RotateKeyPayload::Pending(KeyPending { key: scene.shown(&key) }),
            Rotated::TooSoon { least } => RotateKeyPayload::TooSoon(KeyTooSoon { least_seconds: least }),
        })
    }

    /// Takes a key out of the JWKS: only if no token needs it, or at once.
    async fn retire_key(&self, context: &Context<'_>, input: RetireKeyInput) -> Result<RetireKeyPayload> {
        let scene = Scene::new(context).await?;
        let kid = KeyId::new(input.kid.as_str());
        let retirement = if input.now { Retirement::Now } else { Retirement::WhenUnused };
        let how = (&scene.policy, scene.clocks);
        let retired = scene.app.keyring.retire(&kid, retirement, run(input.dry_run), how).await;
        Ok(match retired.map_err(|error| keyring_failed(context, &error))? {
            Retired::Done { key, successor, unexpired } => {
                if !input.dry_run {
                    tracing::warn!(%kid, "retired a signing key");
                }
                RetireKeyPayload::Retired(KeyRetired {
                    key: scene.shown(&key),
                    successor: successor.map(|key| scene.shown(&key)),
                    answers: unexpired.map_or(0, |unexpired| count(unexpired.answers)),
                    until: unexpired.map(|unexpired| DateTime(unexpired.until)),
                })
            }
            Retired::InUse { key, unexpired } => RetireKeyPayload::InUse(KeyInUse {
                key: scene.shown(&key),
                answers: count(unexpired.answers),
                until: DateTime(unexpired.until),
            }),
            Retired::Already(key) => RetireKeyPayload::Before(KeyRetiredBefore { key: scene.shown(&key) }),
            Retired::Unknown => RetireKeyPayload::NotFound(KeyNotFound { kid: input.kid }),
        })
    }

    /// Brings a private key along.
    async fn import_key(&self, context: &Context<'_>, input: ImportKeyInput) -> Result<ImportKeyPayload> {
        let scene = Scene::new(context).await?;
        let importation = Importation {
            key: Secret::new(input.key),
            passphrase: input.passphrase.map(Secret::new),
            kid: input.kid.map(|kid| kid.0),
            start: if input.active { Start::Now } else { Start::WhenKnown },
            run: run(input.dry_run),
        };
        let imported = scene.app.keyring.import(importation, &scene.policy, scene.clocks).await;
        Ok(match imported.map_err(|error| keyring_failed(context, &error))? {
            Imported::Done { key, replaces } => {
                if !input.dry_run {
                    tracing::info!(kid = %key.kid, algorithm = %key.algorithm, "imported a signing key");
                }
                let replaces = replaces.map(|kid| kid.as_str().into());
                ImportKeyPayload::Imported(KeyImported { key: scene.shown(&key), replaces })
            }
            Imported::Exists(key) => ImportKeyPayload::Exists(KeyExists { key: scene.shown(&key) }),
            Imported::Pending(key) => ImportKeyPayload::Pending(KeyPending { key: scene.shown(&key) }),
            Imported::Invalid(reason) => ImportKeyPayload::Invalid(KeyInvalid { reason }),
        })
    }
}
