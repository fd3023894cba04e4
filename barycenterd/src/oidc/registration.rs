//! `POST /connect/register` and `/connect/register/:client_id` (OpenID Connect Dynamic Client Registration, RFC 7591,
//! RFC 7592): clients that register and manage themselves, where the operator permits it.
//!
//! Nothing that comes in is believed: addresses must be https (loopback for native applications only), what we would
//! fetch must be public, and what only an operator may decide (groups, resources, first party) is passed over.

pub(super) mod metadata;

use std::net::IpAddr;

use barycenter_core::config::RegistrationMode;
use barycenter_core::model::{Client, ClientId, Limit, Ownership};
use barycenter_core::registration::{give_secret, new_secret};
use barycenter_core::secret::Secret;
use barycenter_core::store::StoreError;
use serde_json::{Map, Value, json};

use crate::app::App;
use crate::client_address::take_turn;
use crate::oidc::error::{ErrorCode, ProtocolError};
use crate::oidc::signature;

/// How many registrations may come from one address where anybody may register.
const REGISTRATIONS: Limit = Limit { burst: 500, interval: 10 };

/// Members that a client must not send back when it changes its registration (RFC 7592 section 2.2).
const OURS: [&str; 4] =
    ["registration_access_token", "registration_client_uri", "client_secret_expires_at", "client_id_issued_at"];

/// Why a registration has no answer.
#[derive(Debug)]
pub(super) enum Refusal {
    /// There is no registration here.
    Off,
    /// Too many from this address; how many seconds to wait.
    TooMany(i64),
    /// The token is missing or does not do: an answer with a challenge.
    Unauthorized(ProtocolError),
    /// Anything else.
    Error(ProtocolError),
}

impl From<ProtocolError> for Refusal {
    fn from(error: ProtocolError) -> Self {
        Self::Error(error)
    }
}

impl From<StoreError> for Refusal {
    fn from(error: StoreError) -> Self {
        Self::Error(ProtocolError::internal(&error))
    }
}

/// Returns the token of an `Authorization: Bearer` header.
fn bearer(authorization: Option<&str>) -> Option<Secret> {
    let (scheme, token) = authorization?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| Secret::new(token.trim()))
}

fn unauthorized() -> Refusal {
    let text = "the token is missing, unknown, expired or used up";
    Refusal::Unauthorized(ProtocolError::new(ErrorCode::InvalidToken, text))
}

/// Registers a client (RFC 7591 section 3.1).
pub(super) async fn register(
    app: &App,
    authorization: Option<&str>,
    address: IpAddr,
    body: &Value,
) -> Result<Value, Refusal> {
    let now = app.now();
    let initial = match app.config.oidc.registration {
        RegistrationMode::Off => return Err(Refusal::Off),
        RegistrationMode::Open => {
            // Where anybody may register, nobody may fill the database.
            if let Some(seconds) = take_turn(app, "registration", address, REGISTRATIONS).await? {
                return Err(Refusal::TooMany(seconds));
            }
            None
        }
        RegistrationMode::Token => {
            let digest = bearer(authorization).ok_or_else(unauthorized)?.digest();
            // Looked at before anything is fetched for a stranger, used up only with the client itself.
            if !app.store.registration_tokens().permits(&digest, now).await? {
                return Err(unauthorized());
            }
            Some(digest)
        }
    };
    let mut client = metadata::client(app, ClientId::generate(now), body).await?;
    let secret = client.authentication_method.has_secret().then(new_secret);
    give_secret(&mut client, secret.as_ref(), &app.client_secrets).map_err(|error| cryptography(&error))?;
    let access = Secret::random();
    client.registration_token = Some(access.digest());
    client.ownership = Ownership::SelfRegistered;
    let transaction = app.store.write().await?;
    if let Some(digest) = initial
        && !transaction.registration_tokens().use_once(&digest, now).await?
    {
        return Err(unauthorized());
    }
    transaction.clients().insert(&client).await?;
    transaction.commit().await?;
    tracing::info!(client_id = %client.id, "a client has registered itself");
    Ok(answer(app, &client, secret.as_ref(), &access))
}

/// Returns a registered client and the token that manages it, if the caller shows that.
async fn managed(app: &App, authorization: Option<&str>, id: &str) -> Result<(Client, Secret), Refusal> {
    if app.config.oidc.registration == RegistrationMode::Off {
        return Err(Refusal::Off);
    }
    let token = bearer(authorization).ok_or_else(unauthorized)?;
    let client = app.store.clients().by_id(&ClientId::new(id)).await?;
    let owns = |client: &Client| client.registration_token.as_ref().is_some_and(|own| own.matches(&token.digest()));
    // Whether the client is unknown or the token is another's: the answer is the same (RFC 7592 section 2.1).
    let client = client.filter(|client| client.enabled && owns(client)).ok_or_else(unauthorized)?;
    Ok((client, token))
}

/// Shows a registration (RFC 7592 section 2.1).
pub(super) async fn read(app: &App, authorization: Option<&str>, id: &str) -> Result<Value, Refusal> {
    let (client, token) = managed(app, authorization, id).await?;
    Ok(answer(app, &client, None, &token))
}

/// Replaces a registration (RFC 7592 section 2.2).
pub(super) async fn update(app: &App, authorization: Option<&str>, id: &str, body: &Value) -> Result<Value, Refusal> {
    let (client, token) = managed(app, authorization, id).await?;
    let invalid = |text: &str| Refusal::Error(ProtocolError::new(ErrorCode::InvalidClientMetadata, text));
    if body.get("client_id").and_then(Value::as_str) != Some(client.id.as_str()) {
        return Err(invalid("client_id is missing or not this client's"));
    }
    if let Some(member) = OURS.iter().find(|member| body.get(**member).is_some()) {
        return Err(invalid(&format!("{member} must not be sent")));
    }
    if let Some(secret) = body.get("client_secret")
        && !secret.as_str().is_some_and(|secret| client.has_secret(&Secret::new(secret)))
    {
        return Err(invalid("client_secret is not this client's; it cannot be chosen"));
    }
    let mut changed = metadata::client(app, client.id.clone(), body).await?;
    changed.created_at = client.created_at;
    changed.ownership = client.ownership.clone();
    changed.registration_token.clone_from(&client.registration_token);
    // The secret stays while the client goes on proving itself the same way.
    let mut secret = None;
    if changed.authentication_method == client.authentication_method {
        (changed.secret, changed.sealed_secret) = (client.secret.clone(), client.sealed_secret.clone());
    } else if changed.authentication_method.has_secret() {
        secret = Some(new_secret());
        give_secret(&mut changed, secret.as_ref(), &app.client_secrets).map_err(|error| cryptography(&error))?;
    }
    let transaction = app.store.write().await?;
    transaction.clients().update(&changed).await?;
    if changed.grant_types != client.grant_types || changed.scopes != client.scopes {
        // What it gave up, its tokens give up as well.
        transaction.authorizations().revoke_codes_of_client(&client.id).await?;
        transaction.tokens().revoke_all_of_client(&client.id).await?;
    }
    transaction.commit().await?;
    Ok(answer(app, &changed, secret.as_ref(), &token))
}

/// Removes a registration, with everything that was issued to the client (RFC 7592 section 2.3).
pub(super) async fn delete(app: &App, authorization: Option<&str>, id: &str) -> Result<(), Refusal> {
    let (client, _) = managed(app, authorization, id).await?;
    app.store.clients().delete(&client.id).await?;
    tracing::info!(client_id = %client.id, "a client has removed its registration");
    Ok(())
}

fn cryptography(error: &dyn std::error::Error) -> ProtocolError {
    tracing::error!(error = %error, "a client's secret could not be encrypted");
    ProtocolError::new(ErrorCode::ServerError, "the request could not be completed because of a fault on our side")
}

/// Returns the client information response (RFC 7591 section 3.2.1).
fn answer(app: &App, client: &Client, secret: Option<&Secret>, token: &Secret) -> Value {
    let mut members: Map<String, Value> = client.metadata.to_map();
    let mut put = |name: &str, value: Value| {
        members.insert(name.to_owned(), value);
    };
    let issuer = app.config.server.public_base_url.as_str();
    put("client_id", json!(client.id));
    put("client_id_issued_at", json!(client.created_at));
    put("client_name", json!(client.name));
    put("redirect_uris", json!(client.redirect_uris));
    if !client.post_logout_redirect_uris.is_empty() {
        put("post_logout_redirect_uris", json!(client.post_logout_redirect_uris));
    }
    put("token_endpoint_auth_method", json!(client.authentication_method.as_str()));
    put("grant_types", json!(client.grant_types));
    put("response_types", json!(client.response_types()));
    put("scope", json!(client.scopes.to_string()));
    put("application_type", json!(client.metadata.application_type));
    put("subject_type", json!(client.metadata.subject_type));
    put(
        "id_token_signed_response_alg",
        json!(signature::algorithm(app, client.metadata.id_token_signed_response_alg).as_str()),
    );
    put("registration_access_token", json!(token.expose()));
    put("registration_client_uri", json!(format!("{issuer}/connect/register/{}", client.id)));
    if let Some(secret) = secret {
        put("client_secret", json!(secret.expose()));
        put("client_secret_expires_at", json!(0));
    }
    Value::Object(members)
}
