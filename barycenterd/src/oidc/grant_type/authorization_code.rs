//! The authorization code grant (RFC 6749 section 4.1.3, OpenID Connect Core section 3.1.3.2, RFC 7636 section 4.6).
//!
//! Everything that the code is bound to is checked, and the tokens are made, before it is redeemed: somebody else's
//! attempt does not spend it. Redeeming it and storing the tokens is one step, which one caller takes; whoever comes
//! second has proved that the code leaked, and ends everything that was issued for it.

use barycenter_core::model::authorization::CodeGrant;
use barycenter_core::model::{Authorization, AuthorizationState, Client, GrantType, Timestamp};
use barycenter_core::secret::Secret;
use barycenter_core::store::{FoundCode, Issuance, Spent, StoreError};

use crate::app::App;
use crate::oidc::access_token;
use crate::oidc::error::{ErrorCode, ProtocolError};
use crate::oidc::issue::{Grant, Refreshing, make};
use crate::oidc::token::{TokenForm, TokenSet, may_use};

/// Redeems a code.
pub(in crate::oidc) async fn redeem(
    app: &App,
    client: &Client,
    form: &TokenForm,
    jkt: Option<&str>,
) -> Result<TokenSet, ProtocolError> {
    let internal = |error: StoreError| ProtocolError::internal(&error);
    may_use(client, GrantType::AuthorizationCode)?;
    let missing = || ProtocolError::new(ErrorCode::InvalidRequest, "code is missing");
    let code = Secret::new(form.code.as_deref().filter(|code| !code.is_empty()).ok_or_else(missing)?);
    let found = app.store.find_code(&code.digest()).await.map_err(internal)?;
    let found = found.filter(|found| found.authorization.request.client_id == client.id).ok_or_else(invalid_grant)?;
    if found.authorization.state == AuthorizationState::Redeemed {
        return end_family(app, &found).await;
    }
    let FoundCode { authorization, grant, user, session } = &found;
    let now = app.now();
    check(authorization, grant, form, now)?;
    if authorization.request.dpop_jkt.as_deref().is_some_and(|bound| jkt != Some(bound)) {
        return Err(ProtocolError::new(ErrorCode::InvalidGrant, "the code is bound to a key that made no proof here"));
    }
    let resources = access_token::resources(&form.resource, &authorization.request.resources, client)?;
    let user = user.as_ref().filter(|user| client.serves(user)).ok_or_else(invalid_grant)?;
    let session = session.as_ref().filter(|session| now < session.expires_at).ok_or_else(invalid_grant)?;
    let answer = make(
        app,
        &Grant {
            family: &authorization.id,
            client,
            user,
            session_id: &grant.session_id,
            scopes: &authorization.request.scopes,
            refresh_scopes: &authorization.request.scopes,
            claims: &authorization.request.claims.userinfo,
            request: Some(&authorization.request),
            authenticated_at: grant.authenticated_at,
            session: Some(session),
            resources: &resources,
            refresh_resources: &authorization.request.resources,
            jkt,
            refreshing: Refreshing::First,
        },
    )?;
    let issuance = Issuance {
        spent: Spent::Code(&grant.code),
        user,
        by_group: client.asks_for_groups(),
        session: Some(&session.id),
        access_token: &answer.access_token,
        refresh_token: answer.refresh_token.as_ref(),
        now,
    };
    if app.store.issue(&issuance).await.map_err(internal)? {
        return Ok(answer.tokens);
    }
    // Somebody else was faster, or the End-User may not sign in any more.
    match app.store.find_code(&grant.code).await.map_err(internal)? {
        Some(found) if found.authorization.state == AuthorizationState::Redeemed => end_family(app, &found).await,
        _ => Err(invalid_grant()),
    }
}

/// Checks everything that the code is bound to.
fn check(
    authorization: &Authorization,
    grant: &CodeGrant,
    form: &TokenForm,
    now: Timestamp,
) -> Result<(), ProtocolError> {
    if authorization.state != AuthorizationState::CodeIssued || now >= grant.expires_at {
        return Err(invalid_grant());
    }
    if form.redirect_uri.as_deref() != Some(authorization.request.redirect_uri.as_str()) {
        return Err(ProtocolError::new(
            ErrorCode::InvalidGrant,
            "redirect_uri is not the one that the code was issued for",
        ));
    }
    let verifier = form.code_verifier.as_deref().filter(|verifier| !verifier.is_empty());
    match (&authorization.request.code_challenge, verifier) {
        (None, None) => Ok(()),
        (Some(challenge), Some(verifier)) if challenge.is_met_by(verifier) => Ok(()),
        (Some(_), Some(_)) => {
            Err(ProtocolError::new(ErrorCode::InvalidGrant, "code_verifier does not match the code_challenge"))
        }
        (Some(_), None) => Err(ProtocolError::new(ErrorCode::InvalidGrant, "code_verifier is missing")),
        // Without this an attacker could strip the challenge from the request (RFC 9700 section 4.8.2).
        (None, Some(_)) => Err(ProtocolError::new(ErrorCode::InvalidGrant, "code_verifier without a code_challenge")),
    }
}

/// The code was used before: what it gave is taken back, although this request fails (RFC 6749 section 4.1.2).
async fn end_family(app: &App, found: &FoundCode) -> Result<TokenSet, ProtocolError> {
    let internal = |error: StoreError| ProtocolError::internal(&error);
    let family = &found.authorization.id;
    tracing::warn!(%family, "an authorization code was used twice; all tokens that it gave are revoked");
    let transaction = app.store.write().await.map_err(internal)?;
    // The user first, as everywhere: with them locked, no token is born while a family ends.
    transaction.users().by_id_locked(&found.grant.user_id).await.map_err(internal)?;
    transaction.tokens().revoke_family(family).await.map_err(internal)?;
    transaction.commit().await.map_err(internal)?;
    Err(invalid_grant())
}

fn invalid_grant() -> ProtocolError {
    ProtocolError::new(
        ErrorCode::InvalidGrant,
        "the code is unknown, expired, already used, was issued to another client, or its user may no longer sign in",
    )
}
