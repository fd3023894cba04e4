//! `POST /token` (RFC 6749 section 3.2, OpenID Connect Core section 3.1.3): who is asking, and for which grant.

use poem_openapi::Object;
use serde::Deserialize;

use crate::app::App;
use crate::oidc::client_authentication::{authenticate, credentials};
use crate::oidc::error::{ErrorCode, ProtocolError};
use crate::oidc::grant_type::{authorization_code, refresh_token};

/// The token request.
#[derive(Deserialize, Object)]
pub(super) struct TokenForm {
    /// `authorization_code` or `refresh_token`.
    pub(super) grant_type: Option<String>,
    /// The authorization code.
    pub(super) code: Option<String>,
    /// The redirect URI that the code was sent to.
    pub(super) redirect_uri: Option<String>,
    /// The PKCE verifier (RFC 7636).
    pub(super) code_verifier: Option<String>,
    /// The refresh token.
    pub(super) refresh_token: Option<String>,
    /// With a refresh token: fewer scopes than were granted.
    pub(super) scope: Option<String>,
    /// The client, unless it authenticates by `Authorization: Basic`.
    pub(super) client_id: Option<String>,
    /// The client's secret, if it is registered for `client_secret_post`.
    pub(super) client_secret: Option<String>,
}

/// The token response (RFC 6749 section 5.1, OpenID Connect Core section 3.1.3.3).
#[derive(Debug, Object)]
#[oai(skip_serializing_if_is_none)]
pub(super) struct TokenSet {
    /// The access token: opaque.
    pub(super) access_token: String,
    /// Always `Bearer`.
    pub(super) token_type: String,
    /// The access token's lifetime in seconds.
    pub(super) expires_in: i64,
    /// What was granted, space-separated.
    pub(super) scope: String,
    /// The ID Token, a JWT; present if `openid` was granted.
    pub(super) id_token: Option<String>,
    /// The refresh token; present if `offline_access` was granted.
    pub(super) refresh_token: Option<String>,
}

/// Answers a token request. `authorization` is the header of that name.
pub(super) async fn answer(
    app: &App,
    authorization: Option<&str>,
    form: &TokenForm,
) -> Result<TokenSet, ProtocolError> {
    let present = |value: &'_ Option<String>| value.as_deref().filter(|text| !text.is_empty()).map(str::to_owned);
    let (client_id, client_secret) = (present(&form.client_id), present(&form.client_secret));
    let credentials = credentials(authorization, client_id.as_deref(), client_secret.as_deref())?;
    let client = authenticate(app, &credentials).await?;
    match form.grant_type.as_deref() {
        Some("authorization_code") => authorization_code::redeem(app, &client, form).await,
        Some("refresh_token") => refresh_token::refresh(app, &client, form).await,
        Some("") | None => Err(ProtocolError::new(ErrorCode::InvalidRequest, "grant_type is missing")),
        Some(_) => Err(ProtocolError::new(
            ErrorCode::UnsupportedGrantType,
            "grant_type is authorization_code or refresh_token",
        )),
    }
}
