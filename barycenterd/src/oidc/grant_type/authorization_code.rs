//! The authorization code grant (RFC 6749 section 4.1.3, OpenID Connect Core section 3.1.3.2, RFC 7636 section 4.6).
//!
//! Everything that the code is bound to is checked before it is redeemed, so that somebody else's attempt does not
//! spend it. Redeeming is one conditional UPDATE; whoever comes second has proved that the code leaked, and ends
//! everything that was issued for it.

use barycenter_core::model::authorization::{CodeGrant, Redemption};
use barycenter_core::model::{Authorization, AuthorizationId, AuthorizationState, Client, GrantType, Timestamp, User};
use barycenter_core::secret::Secret;
use barycenter_core::store::{StoreError, Transaction};

use crate::app::App;
use crate::oidc::access_token;
use crate::oidc::error::{ErrorCode, ProtocolError};
use crate::oidc::issue::{Grant, Refreshing, issue};
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
    let transaction = app.store.write().await.map_err(internal)?;
    let found = transaction.authorizations().by_code(&code.digest()).await.map_err(internal)?;
    let (authorization, grant) = found.ok_or_else(invalid_grant)?;
    if authorization.request.client_id != client.id {
        return Err(invalid_grant());
    }
    // The user first, as everywhere: with them locked, no token is born while a family ends.
    let user = transaction.users().by_id_locked(&grant.user_id).await.map_err(internal)?;
    if authorization.state == AuthorizationState::Redeemed {
        return end_family(transaction, &authorization.id).await;
    }
    check(&authorization, &grant, form, app.now())?;
    if authorization.request.dpop_jkt.as_deref().is_some_and(|bound| jkt != Some(bound)) {
        return Err(ProtocolError::new(ErrorCode::InvalidGrant, "the code is bound to a key that made no proof here"));
    }
    let resources = access_token::resources(&form.resource, &authorization.request.resources, client)?;
    let (authorization, grant) =
        match transaction.authorizations().redeem(&code.digest(), app.now()).await.map_err(internal)? {
            Redemption::Redeemed(redeemed) => *redeemed,
            Redemption::Reused(family) => return end_family(transaction, &family).await,
            Redemption::Unknown => return Err(invalid_grant()),
        };
    let may_sign_in = |user: &User| user.enabled && client.admits(user.groups.iter().map(String::as_str));
    let user = user.filter(may_sign_in).ok_or_else(invalid_grant)?;
    let session = transaction.sessions().by_id(&grant.session_id, app.now()).await.map_err(internal)?;
    let session = session.ok_or_else(invalid_grant)?;
    let tokens = issue(
        app,
        &transaction,
        &Grant {
            family: &authorization.id,
            client,
            user: &user,
            session_id: &grant.session_id,
            scopes: &authorization.request.scopes,
            refresh_scopes: &authorization.request.scopes,
            claims: &authorization.request.claims.userinfo,
            request: Some(&authorization.request),
            authenticated_at: grant.authenticated_at,
            session: Some(&session),
            resources: &resources,
            refresh_resources: &authorization.request.resources,
            jkt,
            refreshing: Refreshing::First,
        },
    )
    .await?;
    transaction.commit().await.map_err(internal)?;
    Ok(tokens)
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
async fn end_family(transaction: Transaction, family: &AuthorizationId) -> Result<TokenSet, ProtocolError> {
    let internal = |error: StoreError| ProtocolError::internal(&error);
    tracing::warn!(%family, "an authorization code was used twice; all tokens that it gave are revoked");
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
