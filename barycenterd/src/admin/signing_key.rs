//! Signing keys: the query `keys`. Private halves never leave the keyring.

use std::sync::Arc;

use async_graphql::{Context, Enum, ID, Object, Result, SimpleObject};
use barycenter_core::model;

use crate::admin::error::failed;
use crate::admin::scalar::DateTime;
use crate::app::App;

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

/// A key that tokens are, were or will be signed with.
#[derive(SimpleObject)]
pub(super) struct SigningKey {
    kid: ID,
    algorithm: &'static str,
    state: SigningKeyState,
    created_at: DateTime,
    /// When it began to sign.
    activated_at: Option<DateTime>,
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
        Ok(keys
            .into_iter()
            .map(|key| SigningKey {
                kid: key.kid.as_str().into(),
                algorithm: key.algorithm.as_str(),
                state: key.state.into(),
                created_at: DateTime(key.created_at),
                activated_at: key.activated_at.map(DateTime),
            })
            .collect())
    }
}
