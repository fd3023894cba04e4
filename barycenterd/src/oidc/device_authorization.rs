//! `POST /device_authorization` (RFC 8628 section 3.1): a device without a browser asks for a code that its user types
//! elsewhere. The page for it is [`crate::browser::device`], the polling [`super::grant_type::device_code`].

use std::net::IpAddr;

use barycenter_core::model::device::{DeviceAuthorization, DeviceState, UserCode};
use barycenter_core::model::{AuthorizationId, Client, GrantType, Limit, Scopes};
use barycenter_core::secret::Secret;
use poem_openapi::Object;
use serde::{Deserialize, Deserializer};
use url::form_urlencoded;

use crate::app::App;
use crate::oidc::access_token;
use crate::oidc::client_authentication::{Presented, authenticated, require_turn};
use crate::oidc::error::{ErrorCode, ProtocolError};
use crate::oidc::parameters::Fields;
use crate::oidc::token::may_use;

/// How many seconds lie between two polls, at least.
const INTERVAL: i64 = 5;

/// How many devices that prove nothing may ask from one address.
const REQUESTS: Limit = Limit { burst: 200, interval: 5 };

/// How often a user code that is in use is replaced by another one before we give up.
const ATTEMPTS: usize = 5;

/// The device authorization request.
#[derive(Default, Object)]
pub(super) struct DeviceForm {
    /// What is asked for, space-separated.
    pub(super) scope: Option<String>,
    /// What the access tokens will be for (RFC 8707); may stand more than once.
    #[oai(default)]
    pub(super) resource: Vec<String>,
    /// The client, unless it authenticates by `Authorization: Basic`.
    pub(super) client_id: Option<String>,
    /// The client's secret, if it is registered for `client_secret_post`.
    pub(super) client_secret: Option<String>,
    /// `urn:ietf:params:oauth:client-assertion-type:jwt-bearer`.
    pub(super) client_assertion_type: Option<String>,
    /// The client's assertion (RFC 7523).
    pub(super) client_assertion: Option<String>,
}

impl<'de> Deserialize<'de> for DeviceForm {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut fields = Fields::deserialize(deserializer)?;
        Ok(Self {
            scope: fields.take("scope"),
            client_id: fields.take("client_id"),
            client_secret: fields.take("client_secret"),
            client_assertion_type: fields.take("client_assertion_type"),
            client_assertion: fields.take("client_assertion"),
            resource: fields.resource,
        })
    }
}

/// The device authorization response (RFC 8628 section 3.2).
#[derive(Debug, Object)]
pub(super) struct DeviceCodes {
    /// What the device polls with.
    pub(super) device_code: String,
    /// What the user types.
    pub(super) user_code: String,
    /// Where the user types it.
    pub(super) verification_uri: String,
    /// The same with the code in it, for a QR code.
    pub(super) verification_uri_complete: String,
    /// How long both codes are valid, in seconds.
    pub(super) expires_in: i64,
    /// How many seconds the device must wait between two polls.
    pub(super) interval: i64,
}

/// Answers a device authorization request.
pub(super) async fn answer(
    app: &App,
    authorization: Option<&str>,
    address: IpAddr,
    form: &DeviceForm,
) -> Result<DeviceCodes, ProtocolError> {
    let client = authenticated(
        app,
        &Presented {
            authorization,
            client_id: form.client_id.as_deref(),
            client_secret: form.client_secret.as_deref(),
            assertion_type: form.client_assertion_type.as_deref(),
            assertion: form.client_assertion.as_deref(),
        },
    )
    .await?;
    may_use(&client, GrantType::DeviceCode)?;
    let scopes = scopes(form.scope.as_deref(), &client)?;
    let resources = access_token::resources(&form.resource, &[], &client)?;
    require_turn(app, &client, "device authorization", address, REQUESTS).await?;
    let now = app.now();
    let lifetime = app.config.oidc.device_code_lifetime.as_seconds();
    for _ in 0..ATTEMPTS {
        let (device_code, user_code) = (Secret::random(), UserCode::random());
        let new = DeviceAuthorization {
            id: AuthorizationId::generate(now),
            device_code: device_code.digest(),
            user_code: user_code.digest(),
            client_id: client.id.clone(),
            scopes: scopes.clone(),
            resources: resources.clone(),
            state: DeviceState::Pending,
            approval: None,
            interval: INTERVAL,
            polled_at: None,
            created_at: now,
            expires_at: now.plus(lifetime),
        };
        match app.store.device_authorizations().insert(&new).await {
            Ok(()) => return Ok(codes(app, &device_code, &user_code, lifetime)),
            Err(error) if error.is_conflict() => {}
            Err(error) => return Err(ProtocolError::internal(&error)),
        }
    }
    Err(ProtocolError::new(ErrorCode::TemporarilyUnavailable, "too many devices ask at the moment; try again later"))
}

fn codes(app: &App, device_code: &Secret, user_code: &UserCode, lifetime: i64) -> DeviceCodes {
    let verification_uri = format!("{}/device", app.config.server.public_base_url.as_str());
    let shown = user_code.shown();
    let query = form_urlencoded::Serializer::new(String::new()).append_pair("user_code", &shown).finish();
    DeviceCodes {
        device_code: device_code.expose().to_owned(),
        user_code: shown,
        verification_uri_complete: format!("{verification_uri}?{query}"),
        verification_uri,
        expires_in: lifetime,
        interval: INTERVAL,
    }
}

/// Unknown scopes are ignored, as at the authorization endpoint; those that are not the client's as well.
fn scopes(requested: Option<&str>, client: &Client) -> Result<Scopes, ProtocolError> {
    let asked = Scopes::from_request(requested.unwrap_or("openid"));
    let scopes = asked.intersection(&client.scopes);
    if scopes.is_empty() {
        return Err(ProtocolError::new(
            ErrorCode::InvalidScope,
            "none of the scopes is one that this client may ask for",
        ));
    }
    Ok(scopes)
}
