//! `POST /token` (RFC 6749 section 3.2, OpenID Connect Core section 3.1.3): who is asking, with which key, and for
//! which grant.

use barycenter_core::model::{Client, GrantType, Scopes};
use poem_openapi::Object;
use serde::{Deserialize, Deserializer};

use crate::app::App;
use crate::oidc::access_token::Made;
use crate::oidc::client_authentication::{Presented, authenticated};
use crate::oidc::dpop;
use crate::oidc::error::{ErrorCode, ProtocolError};
use crate::oidc::grant_type::{authorization_code, client_credentials, device_code, refresh_token, token_exchange};
use crate::oidc::parameters::Fields;

/// The token request.
#[derive(Default, Object)]
pub(super) struct TokenForm {
    /// `authorization_code`, `refresh_token` and so on: discovery lists them.
    pub(super) grant_type: Option<String>,
    /// The authorization code.
    pub(super) code: Option<String>,
    /// The redirect URI that the code was sent to.
    pub(super) redirect_uri: Option<String>,
    /// The PKCE verifier (RFC 7636).
    pub(super) code_verifier: Option<String>,
    /// The refresh token.
    pub(super) refresh_token: Option<String>,
    /// The device code (RFC 8628).
    pub(super) device_code: Option<String>,
    /// Fewer scopes than were granted, or those that a client wants for itself.
    pub(super) scope: Option<String>,
    /// What the access token will be for (RFC 8707); may stand more than once.
    #[oai(default)]
    pub(super) resource: Vec<String>,
    /// The token to exchange (RFC 8693).
    pub(super) subject_token: Option<String>,
    /// Its type.
    pub(super) subject_token_type: Option<String>,
    /// The type to exchange it for.
    pub(super) requested_token_type: Option<String>,
    /// Not supported.
    pub(super) actor_token: Option<String>,
    /// Not supported: name a `resource`.
    pub(super) audience: Option<String>,
    /// The client, unless it authenticates by `Authorization: Basic`.
    pub(super) client_id: Option<String>,
    /// The client's secret, if it is registered for `client_secret_post`.
    pub(super) client_secret: Option<String>,
    /// `urn:ietf:params:oauth:client-assertion-type:jwt-bearer`.
    pub(super) client_assertion_type: Option<String>,
    /// The client's assertion (RFC 7523).
    pub(super) client_assertion: Option<String>,
}

impl<'de> Deserialize<'de> for TokenForm {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut fields = Fields::deserialize(deserializer)?;
        Ok(Self {
            grant_type: fields.take("grant_type"),
            code: fields.take("code"),
            redirect_uri: fields.take("redirect_uri"),
            code_verifier: fields.take("code_verifier"),
            refresh_token: fields.take("refresh_token"),
            device_code: fields.take("device_code"),
            scope: fields.take("scope"),
            subject_token: fields.take("subject_token"),
            subject_token_type: fields.take("subject_token_type"),
            requested_token_type: fields.take("requested_token_type"),
            actor_token: fields.take("actor_token"),
            audience: fields.take("audience"),
            client_id: fields.take("client_id"),
            client_secret: fields.take("client_secret"),
            client_assertion_type: fields.take("client_assertion_type"),
            client_assertion: fields.take("client_assertion"),
            resource: fields.resource,
        })
    }
}

/// The token response (RFC 6749 section 5.1, OpenID Connect Core section 3.1.3.3).
#[derive(Debug, Object)]
#[oai(skip_serializing_if_is_none)]
pub(super) struct TokenSet {
    /// The access token: opaque, or a JWT if the client is registered for that.
    pub(super) access_token: String,
    /// `Bearer`, or `DPoP` if the access token is bound to a key.
    pub(super) token_type: String,
    /// The access token's lifetime in seconds.
    pub(super) expires_in: i64,
    /// What was granted, space-separated.
    pub(super) scope: Option<String>,
    /// The ID Token, a JWT; present if `openid` was granted.
    pub(super) id_token: Option<String>,
    /// The refresh token; present if `offline_access` was granted.
    pub(super) refresh_token: Option<String>,
    /// What kind of token this is; present after an exchange.
    pub(super) issued_token_type: Option<String>,
}

impl TokenSet {
    /// Returns an answer that holds nothing but an access token.
    pub(super) fn access_only(made: &Made, scopes: &Scopes) -> Self {
        Self {
            access_token: made.token.expose().to_owned(),
            token_type: made.token_type.to_owned(),
            expires_in: made.lifetime,
            scope: Some(scopes.to_string()).filter(|scopes| !scopes.is_empty()),
            id_token: None,
            refresh_token: None,
            issued_token_type: None,
        }
    }
}

/// The headers that a token request may carry.
pub(super) struct TokenHeaders<'a> {
    pub(super) authorization: Option<&'a str>,
    pub(super) proofs: Vec<&'a str>,
}

/// Answers a token request.
pub(super) async fn answer(app: &App, headers: &TokenHeaders<'_>, form: &TokenForm) -> Result<TokenSet, ProtocolError> {
    let presented = Presented {
        authorization: headers.authorization,
        client_id: form.client_id.as_deref(),
        client_secret: form.client_secret.as_deref(),
        assertion_type: form.client_assertion_type.as_deref(),
        assertion: form.client_assertion.as_deref(),
    };
    let client = authenticated(app, &presented).await?;
    let target = dpop::Target { method: "POST", path: "/token", access_token: None };
    let jkt = dpop::check(app, &headers.proofs, &target).await?;
    if client.metadata.dpop_bound_access_tokens && jkt.is_none() {
        let text = "this client is registered for DPoP; the request needs a proof (RFC 9449 section 5.2)";
        return Err(ProtocolError::new(ErrorCode::InvalidDpopProof, text));
    }
    let jkt = jkt.as_deref();
    let grant = form.grant_type.as_deref().filter(|grant| !grant.is_empty());
    let grant = grant.ok_or_else(|| ProtocolError::new(ErrorCode::InvalidRequest, "grant_type is missing"))?;
    match GrantType::from_name(grant) {
        Some(GrantType::AuthorizationCode) => authorization_code::redeem(app, &client, form, jkt).await,
        Some(GrantType::RefreshToken) => refresh_token::refresh(app, &client, form, jkt).await,
        Some(GrantType::ClientCredentials) => client_credentials::issue(app, &client, form, jkt).await,
        Some(GrantType::DeviceCode) => device_code::poll(app, &client, form, jkt).await,
        Some(GrantType::TokenExchange) => token_exchange::exchange(app, &client, form, jkt).await,
        // Implicit is registered, but never sent here.
        Some(GrantType::Implicit) | None => {
            Err(ProtocolError::new(ErrorCode::UnsupportedGrantType, "grant_type is not one that discovery lists"))
        }
    }
}

/// Refuses a grant that a client is not registered for.
pub(super) fn may_use(client: &Client, grant: GrantType) -> Result<(), ProtocolError> {
    if client.may_use(grant) {
        return Ok(());
    }
    let text = format!("this client is not registered for the grant {}", grant.as_str());
    Err(ProtocolError::new(ErrorCode::UnauthorizedClient, text))
}
