//! `GET` and `POST /userinfo` (OpenID Connect Core section 5.3): claims about the user that an access token speaks of.

use barycenter_core::model::Scope;
use poem_openapi::Object;
use serde::Deserialize;
use serde_json::Value;

use crate::app::App;
use crate::oidc::access_token::{Presented, Refusal, presented};
use crate::oidc::claims;
use crate::oidc::error::{ErrorCode, ProtocolError};

/// The form of a POST that carries its token in the body (RFC 6750 section 2.2).
#[derive(Default, Deserialize, Object)]
pub(super) struct UserInfoForm {
    /// The access token, unless it is in the `Authorization` header.
    pub(super) access_token: Option<String>,
}

/// Answers with the claims that the token's scopes give.
pub(super) async fn answer(app: &App, request: &Presented<'_>) -> Result<Value, Refusal> {
    let refuse = |code, description| Refusal::Error(ProtocolError::new(code, description));
    let invalid = || refuse(ErrorCode::InvalidToken, "the access token is unknown, expired or revoked");
    let internal = |error| Refusal::Error(ProtocolError::internal(&error));
    let token = presented(app, request).await?;
    let missing = || refuse(ErrorCode::InsufficientScope, "the access token was not granted the scope openid");
    let user_id = token.user_id.as_ref().filter(|_| token.scopes.contains(Scope::OpenId)).ok_or_else(missing)?;
    let user = app.store.users().by_id(user_id).await.map_err(internal)?;
    let user = user.filter(|user| user.enabled).ok_or_else(invalid)?;
    Ok(Value::Object(claims::about(&user, &token.scopes, &app.config.oidc.property_claims)))
}
