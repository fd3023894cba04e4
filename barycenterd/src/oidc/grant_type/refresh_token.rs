//! The refresh token grant (RFC 6749 section 6, OpenID Connect Core section 12).
//!
//! A refresh token is good for one use and is replaced by its successor (RFC 9700 section 4.14.2). One that comes a
//! second time has leaked: its family ends. But an answer may be lost on its way: for a few seconds
//! (`oidc.refresh_token_grace`), and as long as nobody has used the successor, the same token gets the same successor
//! once more. That can be, and nothing need be kept for it, because the successor is derived from its predecessor
//! under a key that only we have.

use aws_lc_rs::hmac;
use barycenter_core::model::{Client, GrantType, RefreshToken, Scopes, Timestamp};
use barycenter_core::secret::Secret;
use barycenter_core::store::{FoundRefreshToken, Issuance, Spent, StoreError, Transaction};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::app::App;
use crate::oidc::access_token;
use crate::oidc::error::{ErrorCode, ProtocolError};
use crate::oidc::issue::{Grant, Refreshing, make};
use crate::oidc::token::{TokenForm, TokenSet, may_use};

/// Uses a refresh token.
pub(in crate::oidc) async fn refresh(
    app: &App,
    client: &Client,
    form: &TokenForm,
    jkt: Option<&str>,
) -> Result<TokenSet, ProtocolError> {
    let internal = |error: StoreError| ProtocolError::internal(&error);
    may_use(client, GrantType::RefreshToken)?;
    let missing = || ProtocolError::new(ErrorCode::InvalidRequest, "refresh_token is missing");
    let token = Secret::new(form.refresh_token.as_deref().filter(|token| !token.is_empty()).ok_or_else(missing)?);
    let now = app.now();
    let found = app.store.find_refresh_token(&token.dated_digest()).await.map_err(internal)?;
    let found = found.filter(|found| found.token.client_id == client.id).ok_or_else(invalid_grant)?;
    let FoundRefreshToken { token: seen, user, session, .. } = &found;
    // Who does not hold the key has stolen the token: it is not theirs to use up.
    if seen.jkt.as_deref().is_some_and(|bound| jkt != Some(bound)) {
        return Err(ProtocolError::new(ErrorCode::InvalidGrant, "the refresh token is bound to another key"));
    }
    // What asks for too much is refused before anything is used up.
    let scopes = narrowed(form.scope.as_deref(), &seen.scopes)?;
    let resources = access_token::resources(&form.resource, &seen.resources, client)?;
    let successor = successor(app, &token);
    let answer = |refreshing: Refreshing| {
        let user = user.as_ref().filter(|user| client.serves(user)).ok_or_else(invalid_grant)?;
        let grant = Grant {
            family: &seen.family,
            client,
            user,
            session_id: &seen.session_id,
            scopes: &scopes,
            refresh_scopes: &seen.scopes,
            claims: &seen.claims,
            request: None,
            authenticated_at: seen.authenticated_at,
            session: session.as_ref().filter(|session| now < session.expires_at),
            resources: &resources,
            refresh_resources: &seen.resources,
            jkt,
            refreshing,
        };
        Ok((user, make(app, &grant)?))
    };
    if found.used_at.is_none() && now < seen.expires_at {
        let (user, answer) = answer(Refreshing::Successor(successor.dated()))?;
        let issuance = Issuance {
            spent: Spent::RefreshToken(&seen.digest),
            user,
            by_group: client.asks_for_groups(),
            session: None,
            access_token: &answer.access_token,
            refresh_token: answer.refresh_token.as_ref(),
            now,
        };
        if app.store.issue(&issuance).await.map_err(internal)? {
            return Ok(answer.tokens);
        }
    }
    let transaction = app.store.write().await.map_err(internal)?;
    // All tokens of a family are one user's: with the user locked, no token is born while its family ends.
    let still = transaction.users().by_id_locked(&seen.user_id).await.map_err(internal)?;
    let Some(again) = given_before(app, &transaction, seen, &successor, now).await.map_err(internal)? else {
        return end_family(transaction, seen).await;
    };
    still.filter(|user| client.serves(user)).ok_or_else(invalid_grant)?;
    let (_, answer) = answer(Refreshing::Again(again))?;
    answer.store(&transaction).await?;
    transaction.commit().await.map_err(internal)?;
    Ok(answer.tokens)
}

/// Returns the token that follows another one, undated: 256 bits that nobody can tell without our key.
fn successor(app: &App, token: &Secret) -> Secret {
    Secret::new(URL_SAFE_NO_PAD.encode(hmac::sign(&app.refresh_successors, token.expose().as_bytes())))
}

/// Returns the successor that a used token was given, if the token comes again only because its answer was lost: it was
/// used moments ago, and its successor has never been.
async fn given_before(
    app: &App,
    transaction: &Transaction,
    seen: &RefreshToken,
    successor: &Secret,
    now: Timestamp,
) -> Result<Option<Secret>, StoreError> {
    let grace = app.config.oidc.refresh_token_grace.as_seconds();
    let tokens = transaction.tokens();
    // Read again, now that the user is locked: the use that came first has been committed.
    let Some((_, Some(used_at))) = tokens.refresh(&seen.digest).await? else { return Ok(None) };
    if now.since(used_at) >= grace {
        return Ok(None);
    }
    let unused = tokens.unused_of_family(&seen.family).await?;
    Ok(unused.iter().find(|next| next.digest.is_of(successor)).map(|next| successor.dated_as(next.digest.date())))
}

/// The token was used before, or has expired: what has been used ends with its whole family, although this request
/// fails. What was not used is left alone: its user is not who they were a moment ago.
async fn end_family(transaction: Transaction, seen: &RefreshToken) -> Result<TokenSet, ProtocolError> {
    let internal = |error: StoreError| ProtocolError::internal(&error);
    let current = transaction.tokens().refresh(&seen.digest).await.map_err(internal)?;
    if current.is_some_and(|(_, used_at)| used_at.is_some()) {
        tracing::warn!(family = %seen.family, "a refresh token was used twice; its family is revoked");
        transaction.tokens().revoke_family(&seen.family).await.map_err(internal)?;
        transaction.commit().await.map_err(internal)?;
    }
    Err(invalid_grant())
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
