//! The refresh token grant (RFC 6749 section 6, OpenID Connect Core section 12).
//!
//! A refresh token is good for one use and is replaced by its successor (RFC 9700 section 4.14.2). One that comes a
//! second time has leaked: its family ends.

use barycenter_core::model::{Client, GrantType, Scopes, User};
use barycenter_core::secret::Secret;
use barycenter_core::store::StoreError;

use crate::app::App;
use crate::oidc::error::{ErrorCode, ProtocolError};
use crate::oidc::issue::{Grant, issue};
use crate::oidc::token::{TokenForm, TokenSet};

/// Uses a refresh token.
pub(in crate::oidc) async fn refresh(app: &App, client: &Client, form: &TokenForm) -> Result<TokenSet, ProtocolError> {
    let internal = |error: StoreError| ProtocolError::internal(&error);
    if !client.grant_types.contains(&GrantType::RefreshToken) {
        return Err(ProtocolError::new(
            ErrorCode::UnauthorizedClient,
            "this client is not registered for refresh tokens",
        ));
    }
    let missing = || ProtocolError::new(ErrorCode::InvalidRequest, "refresh_token is missing");
    let token = Secret::new(form.refresh_token.as_deref().filter(|token| !token.is_empty()).ok_or_else(missing)?);
    let now = app.now();
    let transaction = app.store.write().await.map_err(internal)?;
    let found = transaction.tokens().refresh(&token.digest()).await.map_err(internal)?;
    let (seen, _) = found.filter(|(stored, _)| stored.client_id == client.id).ok_or_else(invalid_grant)?;
    // All tokens of a family are one user's: with the user locked, no token is born while its family ends.
    let user = transaction.users().by_id_locked(&seen.user_id).await.map_err(internal)?;
    let found = transaction.tokens().refresh(&token.digest()).await.map_err(internal)?;
    let (stored, used_at) = found.ok_or_else(invalid_grant)?;
    let fresh = used_at.is_none() && now < stored.expires_at;
    if !fresh || !transaction.tokens().use_refresh(&stored.digest, now).await.map_err(internal)? {
        if used_at.is_some() || now < stored.expires_at {
            tracing::warn!(family = %stored.family, "a refresh token was used twice; its family is revoked");
            transaction.tokens().revoke_family(&stored.family).await.map_err(internal)?;
            transaction.commit().await.map_err(internal)?;
        }
        return Err(invalid_grant());
    }
    let scopes = narrowed(form.scope.as_deref(), &stored.scopes)?;
    let user = user.filter(|user: &User| user.enabled).ok_or_else(invalid_grant)?;
    let session = transaction.sessions().by_id(&stored.session_id, now).await.map_err(internal)?;
    let tokens = issue(
        app,
        &transaction,
        &Grant {
            family: &stored.family,
            client,
            user: &user,
            session_id: &stored.session_id,
            scopes: &scopes,
            refresh_scopes: &stored.scopes,
            claims: &stored.claims,
            request: None,
            authenticated_at: stored.authenticated_at,
            session: session.as_ref(),
        },
    )
    .await?;
    transaction.commit().await.map_err(internal)?;
    Ok(tokens)
}

/// A refresh may ask for less than was granted, never for more (RFC 6749 section 6).
fn narrowed(requested: Option<&str>, granted: &Scopes) -> Result<Scopes, ProtocolError> {
    let Some(requested) = requested.filter(|text| !text.is_empty()) else { return Ok(granted.clone()) };
    let scopes = Scopes::from_names(requested.split(' ').filter(|name| !name.is_empty())).ok();
    scopes
        .filter(|scopes| granted.covers(scopes))
        .ok_or_else(|| ProtocolError::new(ErrorCode::InvalidScope, "the refresh asks for more than was granted"))
}

fn invalid_grant() -> ProtocolError {
    ProtocolError::new(
        ErrorCode::InvalidGrant,
        "the refresh token is unknown, expired, already used, or was issued to another client",
    )
}
