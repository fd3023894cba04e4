//! Issuing tokens: an access token, an ID Token if the request was OpenID Connect, a refresh token if the client may
//! have one.

use aws_lc_rs::digest::{SHA256, SHA512, digest};
use barycenter_core::model::{
    AuthorizationId, Client, GrantType, RefreshToken, Scope, Scopes, Session, SessionId, SigningAlgorithm, Timestamp,
    UserId,
};
use barycenter_core::secret::Secret;
use barycenter_core::store::Transaction;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Serialize;

use crate::app::App;
use crate::oidc::access_token::{self, NewAccessToken, Speaker};
use crate::oidc::error::{ErrorCode, ProtocolError};
use crate::oidc::token::TokenSet;

/// What tokens are issued for.
pub(super) struct Grant<'a> {
    pub(super) family: &'a AuthorizationId,
    pub(super) client: &'a Client,
    pub(super) user_id: &'a UserId,
    pub(super) session_id: &'a SessionId,
    pub(super) scopes: &'a Scopes,
    /// What a refresh token permits: all that was granted, even where this answer holds less.
    pub(super) refresh_scopes: &'a Scopes,
    pub(super) nonce: Option<&'a str>,
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

/// The ID Token's claims (OpenID Connect Core section 2); times are whole seconds.
#[derive(Serialize)]
struct IdTokenClaims<'a> {
    iss: &'a str,
    sub: &'a UserId,
    aud: &'a str,
    exp: Timestamp,
    iat: Timestamp,
    auth_time: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    nonce: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    acr: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    amr: Option<Vec<&'static str>>,
    sid: &'a SessionId,
    at_hash: String,
}

/// Makes and stores the tokens of one answer.
pub(super) async fn issue(app: &App, transaction: &Transaction, grant: &Grant<'_>) -> Result<TokenSet, ProtocolError> {
    let now = app.now();
    let speaker = Speaker {
        user_id: grant.user_id,
        subject: grant.user_id.as_str(),
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
        not_after: None,
    };
    let made = access_token::make(app, transaction, &new).await?;
    let refresh_token = refresh_token(app, transaction, grant, now).await?;
    let id_token =
        if grant.scopes.contains(Scope::OpenId) { Some(id_token(app, grant, &made.token, now)?) } else { None };
    Ok(TokenSet {
        id_token,
        refresh_token: refresh_token.map(|token| token.expose().to_owned()),
        ..TokenSet::access_only(&made, grant.scopes)
    })
}

/// A client that is registered for refreshing gets a refresh token when the End-User granted `offline_access`.
async fn refresh_token(
    app: &App,
    transaction: &Transaction,
    grant: &Grant<'_>,
    now: Timestamp,
) -> Result<Option<Secret>, ProtocolError> {
    let wanted = grant.refresh_scopes.contains(Scope::OfflineAccess) && grant.client.may_use(GrantType::RefreshToken);
    if !wanted {
        return Ok(None);
    }
    let lifetime = grant.client.lifetimes.refresh_token.unwrap_or(app.config.oidc.refresh_token_lifetime);
    let token = match &grant.refreshing {
        Refreshing::First => Secret::random(),
        Refreshing::Successor(token) => token.clone(),
        Refreshing::Again(token) => return Ok(Some(token.clone())),
    };
    let stored = RefreshToken {
        digest: token.digest(),
        family: grant.family.clone(),
        client_id: grant.client.id.clone(),
        user_id: grant.user_id.clone(),
        session_id: grant.session_id.clone(),
        scopes: grant.refresh_scopes.clone(),
        resources: grant.refresh_resources.to_vec(),
        // Only a client that cannot prove who it is needs its refresh tokens bound (RFC 9449 section 5).
        jkt: grant.jkt.filter(|_| grant.client.is_public()).map(str::to_owned),
        authenticated_at: grant.authenticated_at,
        issued_at: now,
        expires_at: now.plus(lifetime.as_seconds()),
    };
    transaction.tokens().insert_refresh(&stored).await.map_err(|error| ProtocolError::internal(&error))?;
    Ok(Some(token))
}

fn id_token(app: &App, grant: &Grant<'_>, access_token: &Secret, now: Timestamp) -> Result<String, ProtocolError> {
    let methods = grant.session.map(|session| session.methods.iter().map(|method| method.as_str()).collect());
    let lifetime = grant.client.lifetimes.id_token.unwrap_or(app.config.oidc.id_token_lifetime);
    let claims = IdTokenClaims {
        iss: app.config.server.public_base_url.as_str(),
        sub: grant.user_id,
        aud: grant.client.id.as_str(),
        exp: now.plus(lifetime.as_seconds()),
        iat: now,
        auth_time: grant.authenticated_at,
        nonce: grant.nonce,
        acr: grant.session.map(Session::context_class),
        amr: methods,
        sid: grant.session_id,
        at_hash: token_hash(access_token, app.keyring.algorithm()),
    };
    app.keyring.sign("JWT", &claims).map_err(|error| {
        tracing::error!(%error, "an ID Token could not be signed");
        ProtocolError::new(ErrorCode::ServerError, "the ID Token could not be signed")
    })
}

/// The left half of the token's digest, by the hash of the signature algorithm (OpenID Connect Core section 3.1.3.6):
/// Ed25519 is built on SHA-512.
fn token_hash(token: &Secret, algorithm: SigningAlgorithm) -> String {
    let hash = match algorithm {
        SigningAlgorithm::Rs256 | SigningAlgorithm::Es256 => &SHA256,
        SigningAlgorithm::EdDsa => &SHA512,
    };
    let digest = digest(hash, token.expose().as_bytes());
    let left = digest.as_ref().get(..digest.as_ref().len() / 2).unwrap_or_default();
    URL_SAFE_NO_PAD.encode(left)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn at_hash_is_the_left_half_of_the_digest() {
        // OpenID Connect Core appendix A.3.
        let token = Secret::new("jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y");
        assert_eq!(token_hash(&token, SigningAlgorithm::Rs256), "77QmUPtjPfzWtF2AnpK9RQ");
    }
}
