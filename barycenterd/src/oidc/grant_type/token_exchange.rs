//! Token exchange (RFC 8693), off until the operator switches it on: an access token for another one that permits less.
//!
//! Only downscoping: the new token speaks of the same user, belongs to the same family (what ends the first ends the
//! second), permits no more and lives no longer. A client exchanges its own tokens; one that serves a resource also
//! those that it was sent.

use barycenter_core::model::{AccessToken, Client, GrantType, Scope, Scopes};
use barycenter_core::secret::Secret;
use barycenter_core::store::StoreError;

use crate::app::App;
use crate::oidc::access_token::{self, NewAccessToken, Speaker};
use crate::oidc::error::{ErrorCode, ProtocolError};
use crate::oidc::token::{TokenForm, TokenSet, may_use};

/// The only type of token that is taken and given.
pub(in crate::oidc) const ACCESS_TOKEN: &str = "urn:ietf:params:oauth:token-type:access_token";

/// Exchanges a token.
pub(in crate::oidc) async fn exchange(
    app: &App,
    client: &Client,
    form: &TokenForm,
    jkt: Option<&str>,
) -> Result<TokenSet, ProtocolError> {
    let internal = |error: StoreError| ProtocolError::internal(&error);
    if !app.config.oidc.token_exchange {
        return Err(ProtocolError::new(ErrorCode::UnsupportedGrantType, "token exchange is switched off"));
    }
    may_use(client, GrantType::TokenExchange)?;
    let (token, requested) = request(form)?;
    let now = app.now();
    let transaction = app.store.write().await.map_err(internal)?;
    let subject = transaction.tokens().access(&token.dated_digest(), now).await.map_err(internal)?;
    let subject = subject.filter(|subject| may_exchange(client, subject)).ok_or_else(invalid)?;
    let user_id = subject.user_id.as_ref().ok_or_else(invalid)?;
    // The user first, as everywhere, and the token again: it may have ended meanwhile.
    let user = transaction.users().by_id_locked(user_id).await.map_err(internal)?;
    user.filter(|user| user.enabled).ok_or_else(invalid)?;
    let alive = transaction.tokens().access(&token.dated_digest(), now).await.map_err(internal)?;
    let subject = alive.ok_or_else(invalid)?;
    if subject.jkt.as_deref().is_some_and(|bound| jkt != Some(bound)) {
        return Err(ProtocolError::new(ErrorCode::InvalidDpopProof, "the subject_token is bound to another key"));
    }
    let scopes = narrowed(requested.as_deref(), &subject.scopes)?;
    let resources = access_token::resources(&form.resource, &subject.resources, client)?;
    let session_id = subject.session_id.as_ref().ok_or_else(invalid)?;
    let session = transaction.sessions().by_id(session_id, now).await.map_err(internal)?;
    let speaker = Speaker {
        user_id,
        subject: &app.subjects.of(client, user_id),
        session_id,
        authenticated_at: session.as_ref().map(|session| session.authenticated_at),
        session: session.as_ref(),
    };
    let new = NewAccessToken {
        family: &subject.family,
        client,
        user: Some(speaker),
        scopes: &scopes,
        resources: &resources,
        jkt,
        claims: &subject.claims,
        not_after: Some(subject.expires_at),
    };
    let made = access_token::make(app, &new)?;
    made.store(&transaction).await?;
    transaction.commit().await.map_err(internal)?;
    Ok(TokenSet { issued_token_type: Some(ACCESS_TOKEN.to_owned()), ..TokenSet::access_only(&made, &scopes) })
}

/// Reads the request (RFC 8693 section 2.1).
fn request(form: &TokenForm) -> Result<(Secret, Option<String>), ProtocolError> {
    let invalid = |reason: &str| ProtocolError::new(ErrorCode::InvalidRequest, reason);
    let text = |value: &Option<String>| value.clone().filter(|text| !text.is_empty());
    let token = text(&form.subject_token).ok_or_else(|| invalid("subject_token is missing"))?;
    if form.subject_token_type.as_deref() != Some(ACCESS_TOKEN) {
        return Err(invalid("subject_token_type must be that of an access token"));
    }
    if text(&form.requested_token_type).is_some_and(|wanted| wanted != ACCESS_TOKEN) {
        return Err(invalid("requested_token_type must be that of an access token"));
    }
    if text(&form.actor_token).is_some() {
        return Err(invalid("an actor_token is not supported: nobody acts for somebody else here"));
    }
    if text(&form.audience).is_some() {
        return Err(ProtocolError::new(
            ErrorCode::InvalidTarget,
            "name what the token is for by resource, not by audience",
        ));
    }
    Ok((Secret::new(token), text(&form.scope)))
}

fn may_exchange(client: &Client, subject: &AccessToken) -> bool {
    subject.client_id == client.id || client.metadata.resource_server
}

/// An exchange may ask for less than the token permits, never for more; and never for a session of its own.
fn narrowed(requested: Option<&str>, granted: &Scopes) -> Result<Scopes, ProtocolError> {
    let granted = granted.without(Scope::OfflineAccess);
    let Some(requested) = requested else { return Ok(granted) };
    let scopes = Scopes::from_names(requested.split(' ').filter(|name| !name.is_empty())).ok();
    scopes
        .filter(|scopes| granted.covers(scopes))
        .ok_or_else(|| ProtocolError::new(ErrorCode::InvalidScope, "the exchange asks for more than the token permits"))
}

fn invalid() -> ProtocolError {
    ProtocolError::new(
        ErrorCode::InvalidRequest,
        "the subject_token is unknown, expired, revoked, or not this client's to exchange",
    )
}
