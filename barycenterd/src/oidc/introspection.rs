//! `POST /introspect` (RFC 7662): what a token permits, for those who have the right to know.
//!
//! A client may ask about its own tokens, one that is registered as a resource server about everybody's. To anybody
//! else every token is inactive, and an inactive token has no other properties (section 2.2). Who asks for it gets the
//! answer as a JWT that they can show to others (RFC 9701).

use barycenter_core::model::{AccessToken, Client, ClientId, RefreshToken, User, UserId};
use barycenter_core::secret::Secret;
use barycenter_core::store::StoreError;
use poem_openapi::Object;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::app::App;
use crate::oidc::access_token::audience;
use crate::oidc::client_authentication::{Presented, authenticated};
use crate::oidc::error::{ErrorCode, ProtocolError};
use crate::oidc::signature;

/// The media type of a signed answer.
pub(super) const JWT: &str = "application/token-introspection+jwt";

/// The introspection request, and the revocation request: they hold the same.
#[derive(Default, Deserialize, Object)]
#[serde(default)]
pub(super) struct TokenQuery {
    /// The token.
    pub(super) token: Option<String>,
    /// `access_token` or `refresh_token`: only a hint.
    pub(super) token_type_hint: Option<String>,
    /// The client, unless it authenticates by `Authorization: Basic`.
    pub(super) client_id: Option<String>,
    /// The client's secret, if it is registered for `client_secret_post`.
    pub(super) client_secret: Option<String>,
    /// `urn:ietf:params:oauth:client-assertion-type:jwt-bearer`.
    pub(super) client_assertion_type: Option<String>,
    /// The client's assertion (RFC 7523).
    pub(super) client_assertion: Option<String>,
}

impl TokenQuery {
    /// Returns how the client proves who it is.
    pub(super) fn credentials<'a>(&'a self, authorization: Option<&'a str>) -> Presented<'a> {
        Presented {
            authorization,
            client_id: self.client_id.as_deref(),
            client_secret: self.client_secret.as_deref(),
            assertion_type: self.client_assertion_type.as_deref(),
            assertion: self.client_assertion.as_deref(),
        }
    }

    /// Returns the token.
    pub(super) fn token(&self) -> Result<Secret, ProtocolError> {
        let missing = || ProtocolError::new(ErrorCode::InvalidRequest, "token is missing");
        self.token.as_deref().filter(|token| !token.is_empty()).map(Secret::new).ok_or_else(missing)
    }
}

/// What is told of a token.
pub(super) enum Introspection {
    /// As JSON.
    Plain(Value),
    /// As a JWT (RFC 9701).
    Signed(String),
}

/// Answers an introspection request; `accept` are the media types that the caller would like.
pub(super) async fn answer(
    app: &App,
    authorization: Option<&str>,
    accept: &[&str],
    form: &TokenQuery,
) -> Result<Introspection, ProtocolError> {
    let caller = authenticated(app, &form.credentials(authorization)).await?;
    if caller.is_public() {
        return Err(ProtocolError::new(
            ErrorCode::InvalidClient,
            "introspection is for clients that prove who they are",
        ));
    }
    let token = form.token()?;
    let described = describe(app, &caller, &token).await.map_err(|error| ProtocolError::internal(&error))?;
    let described = described.map_or_else(|| json!({ "active": false }), Value::Object);
    if accept.iter().any(|kind| kind.eq_ignore_ascii_case(JWT)) {
        return sign(app, &caller, &described).map(Introspection::Signed);
    }
    Ok(Introspection::Plain(described))
}

/// Says who speaks, and to whom (RFC 9701 section 5). There is neither `sub` nor `exp`: it is no access token, and must
/// never pass for one.
fn sign(app: &App, caller: &Client, described: &Value) -> Result<String, ProtocolError> {
    let claims = json!({
        "iss": app.config.server.public_base_url.as_str(),
        "aud": caller.id,
        "iat": app.now(),
        "token_introspection": described,
    });
    signature::sign(app, app.keyring.algorithm(), "token-introspection+jwt", &claims)
}

async fn describe(app: &App, caller: &Client, token: &Secret) -> Result<Option<Map<String, Value>>, StoreError> {
    let (now, digest) = (app.now(), token.dated_digest());
    if let Some(found) = app.store.tokens().access(&digest, now).await? {
        let Some(owner) = owner(app, caller, &found.client_id).await? else { return Ok(None) };
        let Some(user) = user_of(app, found.user_id.as_ref()).await? else { return Ok(None) };
        return Ok(Some(access(app, &owner, &found, user.as_ref())));
    }
    let Some((found, used_at)) = app.store.tokens().refresh(&digest).await? else { return Ok(None) };
    if used_at.is_some() || now >= found.expires_at {
        return Ok(None);
    }
    let Some(owner) = owner(app, caller, &found.client_id).await? else { return Ok(None) };
    let Some(user) = user_of(app, Some(&found.user_id)).await? else { return Ok(None) };
    Ok(Some(refresh(app, &owner, &found, user.as_ref())))
}

/// Returns whose token it is, if the caller may know, and the owner may be used.
async fn owner(app: &App, caller: &Client, owner: &ClientId) -> Result<Option<Client>, StoreError> {
    if caller.id == *owner {
        return Ok(Some(caller.clone()));
    }
    if !caller.metadata.resource_server {
        return Ok(None);
    }
    Ok(app.store.clients().by_id(owner).await?.filter(|owner| owner.enabled))
}

/// Returns the user of a token; `None` if they may no longer sign in, `Some(None)` if it speaks of nobody.
async fn user_of(app: &App, id: Option<&UserId>) -> Result<Option<Option<User>>, StoreError> {
    let Some(id) = id else { return Ok(Some(None)) };
    let user = app.store.users().by_id(id).await?;
    Ok(user.filter(|user| user.enabled).map(Some))
}

fn access(app: &App, owner: &Client, token: &AccessToken, user: Option<&User>) -> Map<String, Value> {
    let issuer = app.config.server.public_base_url.as_str();
    let speaks_of = |user: &UserId| app.subjects.of(owner, user);
    let subject = token.user_id.as_ref().map_or_else(|| token.client_id.to_string(), speaks_of);
    let mut answer = members(json!({
        "active": true,
        "client_id": token.client_id,
        "token_type": if token.jkt.is_some() { "DPoP" } else { "Bearer" },
        "exp": token.expires_at,
        "iat": token.issued_at,
        "sub": subject,
        "aud": audience(&token.resources, issuer),
        "iss": issuer,
    }));
    if !token.scopes.is_empty() {
        answer.insert("scope".to_owned(), json!(token.scopes.to_string()));
    }
    if let Some(jkt) = &token.jkt {
        answer.insert("cnf".to_owned(), json!({ "jkt": jkt }));
    }
    name(&mut answer, user);
    answer
}

fn refresh(app: &App, owner: &Client, token: &RefreshToken, user: Option<&User>) -> Map<String, Value> {
    let mut answer = members(json!({
        "active": true,
        "scope": token.scopes.to_string(),
        "client_id": token.client_id,
        "exp": token.expires_at,
        "iat": token.issued_at,
        "sub": app.subjects.of(owner, &token.user_id),
        "iss": app.config.server.public_base_url.as_str(),
    }));
    if let Some(jkt) = &token.jkt {
        answer.insert("cnf".to_owned(), json!({ "jkt": jkt }));
    }
    name(&mut answer, user);
    answer
}

fn name(answer: &mut Map<String, Value>, user: Option<&User>) {
    if let Some(user) = user {
        answer.insert("username".to_owned(), json!(user.username.as_str()));
    }
}

fn members(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(members) => members,
        _ => Map::new(),
    }
}
