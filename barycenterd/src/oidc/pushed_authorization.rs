//! `POST /par` (RFC 9126): a client hands its authorization request over itself, and gets a handle to send the browser
//! with. So nobody in between sees or changes it, and its faults are known before anybody is bothered.
//!
//! The handle is good for one use, for `oidc.pushed_authorization_lifetime`, and for this client.

use std::net::IpAddr;
use std::sync::Arc;

use barycenter_core::model::{Client, Limit};
use barycenter_core::secret::Secret;
use poem::http::{StatusCode, header};
use poem::web::{Data, Json};
use poem::{IntoResponse as _, Request, Response, handler};
use serde_json::{Value, json};

use crate::app::App;
use crate::client_address::client_address;
use crate::oidc::authorize::{Arrival, PUSHED, check, unfold};
use crate::oidc::client_authentication::{Presented, authenticated, require_turn};
use crate::oidc::error::{AuthorizeError, ErrorCode, ProtocolError};
use crate::oidc::parameters::Parameters;

/// How many requests clients that prove nothing may push from one address.
const PUSHES: Limit = Limit { burst: 500, interval: 2 };

/// What proves who the client is: no part of the request.
const CREDENTIALS: [&str; 3] = ["client_secret", "client_assertion", "client_assertion_type"];

/// `POST /par`.
#[handler]
pub(super) async fn serve(app: Data<&Arc<App>>, request: &Request, body: String) -> Response {
    let authorization = request.headers().get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let is_form = request.content_type().is_some_and(|kind| kind.starts_with("application/x-www-form-urlencoded"));
    let address = client_address(&app.config.server.trusted_proxies, request);
    let pushed = if is_form {
        push(&app, authorization, address, &body).await
    } else {
        Err(ProtocolError::new(ErrorCode::InvalidRequest, "the body is not application/x-www-form-urlencoded"))
    };
    match pushed {
        Ok(pushed) => respond(StatusCode::CREATED, pushed),
        Err(error) => refused(&error, authorization.is_some()),
    }
}

async fn push(app: &App, authorization: Option<&str>, address: IpAddr, body: &str) -> Result<Value, ProtocolError> {
    let parameters = Parameters::parse(body);
    let presented = Presented {
        authorization,
        client_id: parameters.get("client_id"),
        client_secret: parameters.get("client_secret"),
        assertion_type: parameters.get("client_assertion_type"),
        assertion: parameters.get("client_assertion"),
    };
    let client = authenticated(app, &presented).await?;
    let parameters = checked(app, &client, parameters).await?;
    require_turn(app, &client, "pushed request", address, PUSHES).await?;
    keep(app, &client, &parameters).await
}

/// Errors are those of the token endpoint, and 429 after too many (section 2.3).
fn refused(error: &ProtocolError, by_header: bool) -> Response {
    let status = match error.code {
        _ if error.wait.is_some() => StatusCode::TOO_MANY_REQUESTS,
        ErrorCode::InvalidClient => StatusCode::UNAUTHORIZED,
        ErrorCode::ServerError => StatusCode::INTERNAL_SERVER_ERROR,
        ErrorCode::TemporarilyUnavailable => StatusCode::SERVICE_UNAVAILABLE,
        _ => StatusCode::BAD_REQUEST,
    };
    let body = json!({ "error": error.code.as_str(), "error_description": error.description });
    let mut response = respond(status, body);
    let headers = response.headers_mut();
    if status == StatusCode::UNAUTHORIZED && by_header {
        headers.insert(header::WWW_AUTHENTICATE, header::HeaderValue::from_static("Basic realm=\"barycenter\""));
    }
    if let Some(seconds) = error.wait.or((status == StatusCode::SERVICE_UNAVAILABLE).then_some(5)) {
        headers.insert(header::RETRY_AFTER, header::HeaderValue::from(seconds));
    }
    response
}

fn respond(status: StatusCode, body: Value) -> Response {
    Json(body).with_status(status).with_header(header::CACHE_CONTROL, "no-store").into_response()
}

/// Checks a request as `/authorize` would, and returns what it says.
async fn checked(app: &App, client: &Client, mut parameters: Parameters) -> Result<Parameters, ProtocolError> {
    if let Some(name) = parameters.ambiguous().next() {
        let description = format!("the parameter {name} is repeated or is not UTF-8");
        return Err(ProtocolError::new(ErrorCode::InvalidRequest, description));
    }
    if parameters.get("request_uri").is_some() {
        return Err(ProtocolError::new(
            ErrorCode::InvalidRequest,
            "request_uri cannot be pushed (RFC 9126 section 2.1)",
        ));
    }
    for name in CREDENTIALS {
        parameters = parameters.without(name);
    }
    // A client that authenticates by a header need not name itself again.
    parameters = parameters.overlaid(&Parameters::of([("client_id", client.id.as_str())]));
    if let Some(jwt) = parameters.get("request").map(str::to_owned) {
        parameters = unfold(app, client, &parameters, &jwt).await?;
    }
    check(app, &parameters, client, Arrival::Pushed).map_err(|error| match error {
        AuthorizeError::Redirected(redirected) => redirected.error,
        AuthorizeError::Displayed(displayed) => {
            ProtocolError::new(displayed.code.unwrap_or(ErrorCode::ServerError), displayed.message)
        }
    })?;
    Ok(parameters)
}

/// Keeps a request until the browser comes with its handle.
async fn keep(app: &App, client: &Client, parameters: &Parameters) -> Result<Value, ProtocolError> {
    let handle = Secret::random();
    let lifetime = app.config.oidc.pushed_authorization_lifetime.as_seconds();
    let expires_at = app.now().plus(lifetime);
    let pushed = app.store.pushed_requests();
    let stored = pushed.insert(&handle.digest(), &client.id, parameters.to_form(), expires_at).await;
    stored.map_err(|error| ProtocolError::internal(&error))?;
    Ok(json!({ "request_uri": format!("{PUSHED}{}", handle.expose()), "expires_in": lifetime }))
}
