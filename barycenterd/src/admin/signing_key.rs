//! Signing keys: the queries `keys` and `keyring`, the mutations `rotateKey`, `retireKey` and
//! `importKey`. Private halves go in and never come out.

mod change;

use std::sync::Arc;

use async_graphql::{Context, Enum, ID, Object, Result, SimpleObject};
use barycenter_core::keyring::{Outlook, Policy, outlook};
use barycenter_core::model;
use serde_json::Value;

use crate::admin::error::failed;
use crate::admin::scalar::DateTime;
use crate::app::App;

pub(super) use change::SigningKeyMutation;

/// A signing key's way through life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "model::SigningKeyState")]
pub(super) enum SigningKeyState {
    /// Published, not yet signing.
    Pending,
    /// Signs.
    Active,
    /// Published, no longer signing.
    Retiring,
    /// Gone from the JWKS.
    Retired,
}

/// An algorithm that signs tokens (RFC 7518 section 3.1, RFC 8037).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "model::SigningAlgorithm")]
pub(super) enum SigningAlgorithm {
    /// RSASSA-PKCS1-v1_5 with SHA-256.
    #[graphql(name = "RS256")]
    Rs256,
    /// ECDSA on P-256 with SHA-256.
    #[graphql(name = "ES256")]
    Es256,
    /// Ed25519.
    #[graphql(name = "EdDSA")]
    EdDsa,
}

/// A key that tokens are, were or will be signed with.
#[derive(SimpleObject)]
pub(super) struct SigningKey {
    kid: ID,
    algorithm: &'static str,
    state: SigningKeyState,
    /// When it was made, and published.
    created_at: DateTime,
    /// When it may begin to sign.
    activates_at: Option<DateTime>,
    /// When it began to sign.
    activated_at: Option<DateTime>,
    /// When it ceases to sign, or has; null: nothing is planned.
    signs_until: Option<DateTime>,
    /// When the last token that it signed has expired, so that it leaves the JWKS; null: nothing is planned.
    verifies_until: Option<DateTime>,
    /// When it left the JWKS.
    retired_at: Option<DateTime>,
    /// The public half (RFC 7517).
    public_jwk: Value,
}

impl SigningKey {
    fn new(key: &model::SigningKey, keys: &[model::SigningKey], policy: &Policy) -> Self {
        let Outlook { signs_until, verifies_until } = outlook(key, keys, policy);
        Self {
            kid: key.kid.as_str().into(),
            algorithm: key.algorithm.as_str(),
            state: key.state.into(),
            created_at: DateTime(key.created_at),
            activates_at: key.activates_at.map(DateTime),
            activated_at: key.activated_at.map(DateTime),
            signs_until: signs_until.map(DateTime),
            verifies_until: verifies_until.map(DateTime),
            retired_at: key.retired_at.map(DateTime),
            public_jwk: serde_json::from_str(&key.jwk).unwrap_or_default(),
        }
    }
}

/// How keys are published and rotated; times in seconds.
#[derive(SimpleObject)]
pub(super) struct Keyring {
    /// How long relying parties may keep the JWKS.
    jwks_max_age_seconds: i64,
    /// How long a new key is published before it signs.
    publication_seconds: i64,
    /// How long a key signs before the next one takes its place by itself; null: when an operator rotates.
    rotate_every_seconds: Option<i64>,
    /// Why the mirror of the JWKS is not up to date on the replica that answers; null: it is.
    mirror_fault: Option<String>,
}

/// Queries about signing keys.
#[derive(Default)]
pub(super) struct SigningKeyQuery;

#[Object]
impl SigningKeyQuery {
    /// All signing keys, oldest first.
    async fn keys(&self, context: &Context<'_>) -> Result<Vec<SigningKey>> {
        let app = context.data::<Arc<App>>()?;
        let keys = app.store.signing_keys().all().await.map_err(|error| failed(context, &error))?;
        let longest = app.store.signing_keys().longest_lifetime().await.map_err(|error| failed(context, &error))?;
        let policy = app.keyring.policy(&app.config.oidc).with_lifetime(longest);
        Ok(keys.iter().map(|key| SigningKey::new(key, &keys, &policy)).collect())
    }

    /// How keys are published and rotated.
    async fn keyring(&self, context: &Context<'_>) -> Result<Keyring> {
        let app = context.data::<Arc<App>>()?;
        let policy = app.keyring.policy(&app.config.oidc);
        Ok(Keyring {
            jwks_max_age_seconds: app.config.keys.jwks_max_age.as_seconds(),
            publication_seconds: policy.publication,
            rotate_every_seconds: policy.rotate_every,
            mirror_fault: app.keyring.mirror_fault(),
        })
    }
}
