//! Access tokens: making them, opaque or as a JWT (RFC 9068), and finding the one that a request presents (RFC 6750,
//! RFC 9449 section 7).
//!
//! Every access token is known to the store by the digest of its whole text, JWTs as well: so each of them can be
//! revoked, and no other JWT of ours (an ID Token, say) is ever taken for one.

use std::collections::BTreeMap;

use barycenter_core::model::{
    AccessToken, AccessTokenFormat, AuthorizationId, ClaimRequest, Client, Scopes, Session, SessionId, Timestamp,
    UserId,
};
use barycenter_core::secret::Secret;
use barycenter_core::store::Transaction;
use serde::Serialize;
use serde_json::{Value, json};

use crate::app::App;
use crate::oidc::error::{ErrorCode, ProtocolError};
use crate::oidc::{dpop, signature};

/// What an access token is made for.
pub(super) struct NewAccessToken<'a> {
    pub(super) family: &'a AuthorizationId,
    pub(super) client: &'a Client,
    /// Whom it speaks of; nobody: the client itself.
    pub(super) user: Option<Speaker<'a>>,
    pub(super) scopes: &'a Scopes,
    /// What it is for (RFC 8707); nothing: this provider's own endpoints.
    pub(super) resources: &'a [String],
    /// Thumbprint of the key that it is bound to.
    pub(super) jkt: Option<&'a str>,
    /// The single claims that UserInfo gives for it besides.
    pub(super) claims: &'a BTreeMap<String, ClaimRequest>,
    /// No longer than this, if anything limits it.
    pub(super) not_after: Option<Timestamp>,
}

/// Whom an access token speaks of.
#[derive(Clone, Copy)]
pub(super) struct Speaker<'a> {
    pub(super) user_id: &'a UserId,
    /// The user's `sub` as this client knows it.
    pub(super) subject: &'a str,
    pub(super) session_id: &'a SessionId,
    pub(super) authenticated_at: Option<Timestamp>,
    pub(super) session: Option<&'a Session>,
}

/// An access token that has just been made, and nobody has seen yet.
pub(super) struct Made {
    pub(super) token: Secret,
    pub(super) token_type: &'static str,
    /// In seconds.
    pub(super) lifetime: i64,
    /// What the store is to know of it.
    pub(super) stored: AccessToken,
}

impl Made {
    /// Stores it.
    pub(super) async fn store(&self, transaction: &Transaction) -> Result<(), ProtocolError> {
        let stored = transaction.tokens().insert_access(&self.stored).await;
        stored.map_err(|error| ProtocolError::internal(&error))
    }
}

/// The claims of an access token (RFC 9068 section 2.2).
#[derive(Serialize)]
struct Claims<'a> {
    iss: &'a str,
    sub: &'a str,
    aud: Value,
    client_id: &'a str,
    iat: Timestamp,
    exp: Timestamp,
    jti: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    scope: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    auth_time: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    acr: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    amr: Option<Vec<&'static str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cnf: Option<Value>,
}

/// Makes an access token; it is none before it is stored.
pub(super) fn make(app: &App, new: &NewAccessToken<'_>) -> Result<Made, ProtocolError> {
    let now = app.now();
    let configured = new.client.lifetimes.access_token.unwrap_or(app.config.oidc.access_token_lifetime).as_seconds();
    let lifetime = new.not_after.map_or(configured, |end| end.since(now).min(configured));
    let expires_at = now.plus(lifetime);
    let token = match new.client.metadata.access_token_format {
        AccessTokenFormat::Opaque => Secret::random().dated(),
        AccessTokenFormat::Jwt => sign(app, new, now, expires_at)?,
    };
    let stored = AccessToken {
        digest: token.dated_digest(),
        family: new.family.clone(),
        client_id: new.client.id.clone(),
        user_id: new.user.map(|user| user.user_id.clone()),
        session_id: new.user.map(|user| user.session_id.clone()),
        scopes: new.scopes.clone(),
        resources: new.resources.to_vec(),
        jkt: new.jkt.map(str::to_owned),
        claims: new.claims.clone(),
        issued_at: now,
        expires_at,
    };
    let token_type = if new.jkt.is_some() { "DPoP" } else { "Bearer" };
    Ok(Made { token, token_type, lifetime, stored })
}

fn sign(app: &App, new: &NewAccessToken<'_>, now: Timestamp, expires_at: Timestamp) -> Result<Secret, ProtocolError> {
    let issuer = app.config.server.public_base_url.as_str();
    let session = new.user.and_then(|user| user.session);
    let claims = Claims {
        iss: issuer,
        sub: new.user.map_or(new.client.id.as_str(), |user| user.subject),
        aud: audience(new.resources, issuer),
        client_id: new.client.id.as_str(),
        iat: now,
        exp: expires_at,
        jti: Secret::random().expose().to_owned(),
        scope: new.scopes.to_string(),
        auth_time: new.user.and_then(|user| user.authenticated_at),
        acr: session.map(Session::context_class),
        amr: session.map(|session| session.methods.iter().map(|method| method.as_str()).collect()),
        cnf: new.jkt.map(|jkt| json!({ "jkt": jkt })),
    };
    signature::sign(app, app.keyring.algorithm(), "at+jwt", &claims).map(Secret::new)
}

/// Returns what an access token is for: one text, or a list of several.
pub(super) fn audience(resources: &[String], issuer: &str) -> Value {
    match resources {
        [] => json!(issuer),
        [one] => json!(one),
        several => json!(several),
    }
}

/// Which of the resources that a request names its access token will be for (RFC 8707 section 2.2): those of the
/// grant, or where the grant names none, those of the client.
pub(super) fn resources(
    requested: &[String],
    granted: &[String],
    client: &Client,
) -> Result<Vec<String>, ProtocolError> {
    let permitted = if granted.is_empty() { &client.metadata.resources } else { granted };
    if requested.iter().any(|resource| !permitted.contains(resource)) {
        return Err(ProtocolError::new(
            ErrorCode::InvalidTarget,
            "a resource is unknown, malformed, or not among those that this client was granted",
        ));
    }
    let mut wanted = if requested.is_empty() { granted.to_vec() } else { requested.to_vec() };
    wanted.dedup();
    Ok(wanted)
}

/// Where a request carries its access token.
pub(super) struct Presented<'a> {
    /// The `Authorization` header.
    pub(super) authorization: Option<&'a str>,
    /// The form's `access_token` (RFC 6750 section 2.2).
    pub(super) form: Option<&'a str>,
    /// The `DPoP` headers.
    pub(super) proofs: Vec<&'a str>,
    /// The request's method.
    pub(super) method: &'a str,
    /// The endpoint's path below the issuer.
    pub(super) path: &'a str,
}

/// Why a request has no answer.
#[derive(Debug)]
pub(super) enum Refusal {
    /// It carries no token at all: the challenge says nothing more (RFC 6750 section 3.1).
    NoToken,
    /// It carries one that does not do.
    Error(ProtocolError),
}

/// Returns the access token that a request presents: valid, for us, and by whom it is bound to.
pub(super) async fn presented(app: &App, request: &Presented<'_>) -> Result<AccessToken, Refusal> {
    let invalid = |reason: &str| Refusal::Error(ProtocolError::new(ErrorCode::InvalidToken, reason));
    let (token, by_dpop) = find(request)?;
    let found = app.store.tokens().access(&token.dated_digest(), app.now()).await;
    let found = found.map_err(|error| Refusal::Error(ProtocolError::internal(&error)))?;
    let stored = found.ok_or_else(|| invalid("the access token is unknown, expired or revoked"))?;
    match (&stored.jkt, by_dpop) {
        (None, false) => {}
        // A bound token that comes as a bearer token may be stolen (RFC 9449 section 7.1).
        (Some(_), false) => return Err(invalid("the access token is bound to a key; send it as DPoP with a proof")),
        (None, true) => return Err(invalid("the access token is not bound to a key; send it as Bearer")),
        (Some(jkt), true) => {
            let target = dpop::Target { method: request.method, path: request.path, access_token: Some(&token) };
            let proved = dpop::check(app, &request.proofs, &target).await.map_err(Refusal::Error)?;
            let missing = || ProtocolError::new(ErrorCode::InvalidDpopProof, "there is no DPoP proof");
            if proved.ok_or_else(|| Refusal::Error(missing()))? != *jkt {
                return Err(invalid("the access token is bound to another key"));
            }
        }
    }
    if !stored.is_for(app.config.server.public_base_url.as_str()) {
        return Err(invalid("the access token is for another resource"));
    }
    Ok(stored)
}

/// Finds the one token of a request (RFC 6750 section 2); the flag tells whether it came by the scheme DPoP.
fn find(request: &Presented<'_>) -> Result<(Secret, bool), Refusal> {
    let header = request.authorization.and_then(|header| {
        let (scheme, token) = header.split_once(' ')?;
        let by_dpop = scheme.eq_ignore_ascii_case("dpop");
        (by_dpop || scheme.eq_ignore_ascii_case("bearer")).then(|| (token.trim(), by_dpop))
    });
    let body = request.form.filter(|token| !token.is_empty());
    match (header, body) {
        (Some(_), Some(_)) => Err(Refusal::Error(ProtocolError::new(
            ErrorCode::InvalidRequest,
            "the access token is sent in two ways at once",
        ))),
        (Some((token, by_dpop)), None) => Ok((Secret::new(token), by_dpop)),
        (None, Some(token)) => Ok((Secret::new(token), false)),
        (None, None) => Err(Refusal::NoToken),
    }
}
