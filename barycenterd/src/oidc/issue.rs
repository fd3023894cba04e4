//! Issuing tokens: an access token, an ID Token if the request was OpenID Connect, a refresh token if the client may
//! have one.

use std::collections::BTreeMap;

use barycenter_core::model::{
    AccessToken, Authorization, AuthorizationId, AuthorizationRequest, ClaimRequest, Client, GrantType, RefreshToken,
    Scope, Scopes, Session, SessionId, Timestamp, User,
};
use barycenter_core::secret::Secret;
use barycenter_core::store::{StoreError, Transaction};

use crate::app::App;
use crate::oidc::access_token::{self, Made, NewAccessToken, Speaker};
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
    /// What this access token is for (RFC 8707).
    pub(super) resources: &'a [String],
    /// What later access tokens may be for.
    pub(super) refresh_resources: &'a [String],
    /// Thumbprint of the key that the tokens are bound to (RFC 9449).
    pub(super) jkt: Option<&'a str>,
    /// Which refresh token comes with them.
    pub(super) refreshing: Refreshing,
}

/// Which refresh token an answer holds, if it holds one.
pub(super) enum Refreshing {
    /// The first of its family, if the client may have one.
    First,
    /// The successor of one that has just been used.
    Successor(Secret),
    /// The same successor once more: the answer that held it was lost.
    Again(Secret),
}

/// The tokens of one answer, which nobody has seen yet, and what the store is to know of them.
pub(super) struct Answer {
    pub(super) tokens: TokenSet,
    pub(super) access_token: AccessToken,
    /// Nothing where the store knows it already.
    pub(super) refresh_token: Option<RefreshToken>,
}

impl Answer {
    /// Stores the tokens.
    pub(super) async fn store(&self, transaction: &Transaction) -> Result<(), ProtocolError> {
        let internal = |error: StoreError| ProtocolError::internal(&error);
        transaction.tokens().insert_access(&self.access_token).await.map_err(internal)?;
        if let Some(token) = &self.refresh_token {
            transaction.tokens().insert_refresh(token).await.map_err(internal)?;
        }
        Ok(())
    }
}

/// Makes the tokens of one answer; they are none before they are stored.
pub(super) fn make(app: &App, grant: &Grant<'_>) -> Result<Answer, ProtocolError> {
    let now = app.now();
    let subject = app.subjects.of(grant.client, &grant.user.id);
    let speaker = Speaker {
        user_id: &grant.user.id,
        subject: &subject,
        session_id: grant.session_id,
        authenticated_at: Some(grant.authenticated_at),
        session: grant.session,
    };
    let new = NewAccessToken {
        family: grant.family,
        client: grant.client,
        user: Some(speaker),
        scopes: grant.scopes,
        resources: grant.resources,
        jkt: grant.jkt,
        claims: grant.claims,
        not_after: None,
    };
    let made = access_token::make(app, &new)?;
    let (refresh_token, stored) = refresh_token(app, grant, now).unzip();
    let id_token = if grant.scopes.contains(Scope::OpenId) { Some(id_token(app, grant, &made.token)?) } else { None };
    let tokens = TokenSet {
        id_token,
        refresh_token: refresh_token.map(|token| token.expose().to_owned()),
        ..TokenSet::access_only(&made, grant.scopes)
    };
    Ok(Answer { tokens, access_token: made.stored, refresh_token: stored.flatten() })
}

/// A client that is registered for refreshing gets a refresh token when the End-User granted `offline_access`:
/// returns it, and what the store is to know of it unless it does already.
fn refresh_token(app: &App, grant: &Grant<'_>, now: Timestamp) -> Option<(Secret, Option<RefreshToken>)> {
    let wanted = grant.refresh_scopes.contains(Scope::OfflineAccess) && grant.client.may_use(GrantType::RefreshToken);
    if !wanted {
        return None;
    }
    let lifetime = grant.client.lifetimes.refresh_token.unwrap_or(app.config.oidc.refresh_token_lifetime);
    let token = match &grant.refreshing {
        Refreshing::First => Secret::random().dated(),
        Refreshing::Successor(token) => token.clone(),
        Refreshing::Again(token) => return Some((token.clone(), None)),
    };
    let stored = RefreshToken {
        digest: token.dated_digest(),
        family: grant.family.clone(),
        client_id: grant.client.id.clone(),
        user_id: grant.user.id.clone(),
        session_id: grant.session_id.clone(),
        scopes: grant.refresh_scopes.clone(),
        resources: grant.refresh_resources.to_vec(),
        // Only a client that cannot prove who it is needs its refresh tokens bound (RFC 9449 section 5).
        jkt: grant.jkt.filter(|_| grant.client.is_public()).map(str::to_owned),
        claims: grant.claims.clone(),
        authenticated_at: grant.authenticated_at,
        issued_at: now,
        expires_at: now.plus(lifetime.as_seconds()),
    };
    Some((token, Some(stored)))
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

/// Makes and stores the access token of an implicit or hybrid response (OpenID Connect Core sections 3.2.2.5 and
/// 3.3.2.5): of the same family as the code beside it.
pub(super) async fn at_the_authorization_endpoint(
    app: &App,
    transaction: &Transaction,
    authorization: &Authorization,
    client: &Client,
    session: &Session,
) -> Result<Made, ProtocolError> {
    let subject = app.subjects.of(client, &session.user_id);
    let speaker = Speaker {
        user_id: &session.user_id,
        subject: &subject,
        session_id: &session.id,
        authenticated_at: Some(session.authenticated_at),
        session: Some(session),
    };
    let new = NewAccessToken {
        family: &authorization.id,
        client,
        user: Some(speaker),
        scopes: &authorization.request.scopes,
        resources: &authorization.request.resources,
        // No proof of a key comes through the browser.
        jkt: None,
        claims: &authorization.request.claims.userinfo,
        not_after: None,
    };
    let made = access_token::make(app, &new)?;
    made.store(transaction).await?;
    Ok(made)
}
