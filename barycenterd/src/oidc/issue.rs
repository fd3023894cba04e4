//! Issuing tokens: an access token, an ID Token if the request was OpenID Connect, a refresh token if the client may
//! have one.

use std::collections::BTreeMap;

use barycenter_core::model::{
    AccessToken, Authorization, AuthorizationId, AuthorizationRequest, ClaimRequest, Client, GrantType, RefreshToken,
    Scope, Scopes, Session, SessionId, Timestamp, User,
};
use barycenter_core::secret::Secret;
use barycenter_core::store::Transaction;

use crate::app::App;
use crate::oidc::error::ProtocolError;
use crate::oidc::id_token::{self, IdToken};
use crate::oidc::token::TokenSet;

/// What tokens are issued for.
pub(super) struct Grant<'a> {
    pub(super) family: &'a AuthorizationId,
    pub(super) client: &'a Client,
    pub(super) user: &'a User,
    pub(super) session_id: &'a SessionId,
    pub(super) scopes: &'a Scopes,
    /// What a refresh token permits: all that was granted, even where this answer holds less.
    pub(super) refresh_scopes: &'a Scopes,
    /// The single claims that UserInfo gives for these tokens.
    pub(super) claims: &'a BTreeMap<String, ClaimRequest>,
    /// The request that a code was issued for: what it wants in the ID Token, and its nonce.
    pub(super) request: Option<&'a AuthorizationRequest>,
    pub(super) authenticated_at: Timestamp,
    /// The session, as long as it lasts: how the End-User signed in is known from it alone.
    pub(super) session: Option<&'a Session>,
}

/// Makes and stores the tokens of one answer.
pub(super) async fn issue(app: &App, transaction: &Transaction, grant: &Grant<'_>) -> Result<TokenSet, ProtocolError> {
    let now = app.now();
    let lifetime = grant.client.lifetimes.access_token.unwrap_or(app.config.oidc.access_token_lifetime).as_seconds();
    let access_token = Secret::random();
    let stored = AccessToken {
        digest: access_token.digest(),
        family: grant.family.clone(),
        client_id: grant.client.id.clone(),
        user_id: grant.user.id.clone(),
        session_id: grant.session_id.clone(),
        scopes: grant.scopes.clone(),
        claims: grant.claims.clone(),
        issued_at: now,
        expires_at: now.plus(lifetime),
    };
    transaction.tokens().insert_access(&stored).await.map_err(|error| ProtocolError::internal(&error))?;
    let refresh_token = refresh_token(app, transaction, grant, now).await?;
    let id_token = if grant.scopes.contains(Scope::OpenId) { Some(id_token(app, grant, &access_token)?) } else { None };
    Ok(TokenSet {
        access_token: access_token.expose().to_owned(),
        token_type: "Bearer".to_owned(),
        expires_in: lifetime,
        scope: grant.scopes.to_string(),
        id_token,
        refresh_token: refresh_token.map(|token| token.expose().to_owned()),
    })
}

/// A client that is registered for refreshing gets a refresh token when the End-User granted `offline_access`.
async fn refresh_token(
    app: &App,
    transaction: &Transaction,
    grant: &Grant<'_>,
    now: Timestamp,
) -> Result<Option<Secret>, ProtocolError> {
    let wanted = grant.refresh_scopes.contains(Scope::OfflineAccess)
        && grant.client.grant_types.contains(&GrantType::RefreshToken);
    if !wanted {
        return Ok(None);
    }
    let lifetime = grant.client.lifetimes.refresh_token.unwrap_or(app.config.oidc.refresh_token_lifetime);
    let token = Secret::random();
    let stored = RefreshToken {
        digest: token.digest(),
        family: grant.family.clone(),
        client_id: grant.client.id.clone(),
        user_id: grant.user.id.clone(),
        session_id: grant.session_id.clone(),
        scopes: grant.refresh_scopes.clone(),
        claims: grant.claims.clone(),
        authenticated_at: grant.authenticated_at,
        issued_at: now,
        expires_at: now.plus(lifetime.as_seconds()),
    };
    transaction.tokens().insert_refresh(&stored).await.map_err(|error| ProtocolError::internal(&error))?;
    Ok(Some(token))
}

fn id_token(app: &App, grant: &Grant<'_>, access_token: &Secret) -> Result<String, ProtocolError> {
    id_token::issue(
        app,
        &IdToken {
            client: grant.client,
            user: grant.user,
            session_id: grant.session_id,
            session: grant.session,
            authenticated_at: grant.authenticated_at,
            nonce: grant.request.and_then(|request| request.nonce.as_deref()),
            request: grant.request,
            access_token: Some(access_token.expose()),
            code: None,
        },
    )
}

/// An access token that goes to the client through the browser.
pub(super) struct FrontChannelToken {
    pub(super) value: Secret,
    /// In seconds.
    pub(super) lifetime: i64,
}

/// Makes and stores the access token of an implicit or hybrid response (OpenID Connect Core sections 3.2.2.5 and
/// 3.3.2.5): of the same family as the code beside it.
pub(super) async fn at_the_authorization_endpoint(
    app: &App,
    transaction: &Transaction,
    authorization: &Authorization,
    client: &Client,
    session: &Session,
) -> Result<FrontChannelToken, ProtocolError> {
    let now = app.now();
    let lifetime = client.lifetimes.access_token.unwrap_or(app.config.oidc.access_token_lifetime).as_seconds();
    let value = Secret::random();
    let stored = AccessToken {
        digest: value.digest(),
        family: authorization.id.clone(),
        client_id: client.id.clone(),
        user_id: session.user_id.clone(),
        session_id: session.id.clone(),
        scopes: authorization.request.scopes.clone(),
        claims: authorization.request.claims.userinfo.clone(),
        issued_at: now,
        expires_at: now.plus(lifetime),
    };
    transaction.tokens().insert_access(&stored).await.map_err(|error| ProtocolError::internal(&error))?;
    Ok(FrontChannelToken { value, lifetime })
}
