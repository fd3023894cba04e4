//! `GET` and `POST /userinfo` (OpenID Connect Core section 5.3): claims about the user that an access token speaks of; as
//! JSON, or signed if the client is registered for that.

use barycenter_core::model::{Client, Scope};
use poem_openapi::Object;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::app::App;
use crate::oidc::access_token::{Presented, Refusal, presented};
use crate::oidc::claims::Disclosure;
use crate::oidc::error::{ErrorCode, ProtocolError};

/// The form of a POST that carries its token in the body (RFC 6750 section 2.2).
#[derive(Default, Deserialize, Object)]
pub(super) struct UserInfoForm {
    /// The access token, unless it is in the `Authorization` header.
    pub(super) access_token: Option<String>,
}

/// Claims about a user.
pub(super) enum UserInfo {
    /// As JSON.
    Plain(Value),
    /// As a JWT (section 5.3.2).
    Signed(String),
}

/// Answers with the claims that the token's scopes give, and those that the request named.
pub(super) async fn answer(app: &App, request: &Presented<'_>) -> Result<UserInfo, Refusal> {
    let refuse = |code, description| Refusal::Error(ProtocolError::new(code, description));
    let invalid = || refuse(ErrorCode::InvalidToken, "the access token is unknown, expired or revoked");
    let internal = |error| Refusal::Error(ProtocolError::internal(&error));
    let token = presented(app, request).await?;
    let missing = || refuse(ErrorCode::InsufficientScope, "the access token was not granted the scope openid");
    let user_id = token.user_id.as_ref().filter(|_| token.scopes.contains(Scope::OpenId)).ok_or_else(missing)?;
    let user = app.store.users().by_id(user_id).await.map_err(internal)?;
    let user = user.filter(|user| user.enabled).ok_or_else(invalid)?;
    let client = app.store.clients().by_id(&token.client_id).await.map_err(internal)?;
    let client = client.filter(|client| client.enabled).ok_or_else(invalid)?;
    let subject = app.subjects.of(&client, &user.id);
    let disclosure = Disclosure { user: &user, subject: &subject, property_claims: &app.config.oidc.property_claims };
    let claims = disclosure.claims(&token.scopes, &token.claims, &client.scopes);
    match client.metadata.userinfo_signed_response_alg {
        Some(_) => Ok(UserInfo::Signed(sign(app, &client, claims).map_err(Refusal::Error)?)),
        None => Ok(UserInfo::Plain(Value::Object(claims))),
    }
}

/// Says who speaks, and to whom (section 5.3.2). There is no `exp`: it is no ID Token, and must never pass for one.
fn sign(app: &App, client: &Client, mut claims: Map<String, Value>) -> Result<String, ProtocolError> {
    claims.insert("iss".to_owned(), json!(app.config.server.public_base_url.as_str()));
    claims.insert("aud".to_owned(), json!(client.id));
    app.keyring.sign("JWT", &claims).map_err(|error| {
        tracing::error!(%error, "UserInfo could not be signed");
        ProtocolError::new(ErrorCode::ServerError, "the claims could not be signed")
    })
}
