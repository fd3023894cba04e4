//! Where the parameters of an authorization request come from: the browser itself, a request object (RFC 9101), or a
//! request that the client has pushed (RFC 9126).

use barycenter_core::model::Client;
use barycenter_core::secret::Secret;
use url::Url;

use crate::app::App;
use crate::oidc::authorize::request::{self, Arrival};
use crate::oidc::authorize::request_object;
use crate::oidc::error::{AuthorizeError, ErrorCode, ProtocolError};
use crate::oidc::parameters::Parameters;

/// What every `request_uri` of ours begins with (RFC 9126 section 2.2).
pub(in crate::oidc) const PUSHED: &str = "urn:ietf:params:oauth:request_uri:";

/// Returns the parameters that count.
pub(super) async fn resolve(
    app: &App,
    client: &Client,
    parameters: &Parameters,
) -> Result<(Parameters, Arrival), AuthorizeError> {
    let refuse = |code, description: &str| request::refuse(parameters, client, ProtocolError::new(code, description));
    if ["request", "request_uri"].iter().any(|name| parameters.is_ambiguous(name)) {
        return Err(refuse(ErrorCode::InvalidRequest, "request or request_uri is repeated or is not UTF-8"));
    }
    match (parameters.get("request"), parameters.get("request_uri")) {
        (None, None) => Ok((parameters.clone(), Arrival::Browser)),
        (Some(_), Some(_)) => Err(refuse(ErrorCode::InvalidRequest, "request and request_uri exclude each other")),
        (Some(jwt), None) => {
            let whole = unfold(app, client, parameters, jwt).await;
            Ok((whole.map_err(|error| request::refuse(parameters, client, error))?, Arrival::Browser))
        }
        (None, Some(uri)) => match uri.strip_prefix(PUSHED) {
            Some(handle) => pushed(app, client, parameters, &Secret::new(handle)).await,
            None if app.config.oidc.request_uri => {
                let jwt = fetch(app, client, uri).await.map_err(|error| request::refuse(parameters, client, error))?;
                let outside = parameters.clone().without("request_uri");
                let whole = unfold(app, client, &outside, &jwt).await;
                Ok((whole.map_err(|error| request::refuse(parameters, client, error))?, Arrival::Browser))
            }
            None => Err(refuse(
                ErrorCode::RequestUriNotSupported,
                "request objects are not fetched; push the request (RFC 9126), or send it by value",
            )),
        },
    }
}

/// Returns the parameters of a request with those of its request object in their place.
///
/// # Errors
/// `invalid_request_object` when the object is not the client's.
pub(in crate::oidc) async fn unfold(
    app: &App,
    client: &Client,
    parameters: &Parameters,
    jwt: &str,
) -> Result<Parameters, ProtocolError> {
    let inside = request_object::read(app, client, jwt).await?;
    // What stands on both sides must agree (OpenID Connect Core section 6.1).
    for name in ["response_type", "client_id"] {
        if let (Some(outside), Some(inside)) = (parameters.get(name), inside.get(name))
            && outside != inside
        {
            let description = format!("{name} differs between the request and its request object");
            return Err(ProtocolError::new(ErrorCode::InvalidRequestObject, description));
        }
    }
    Ok(parameters.clone().without("request").overlaid(&inside))
}

/// Fetches a request object from where the client has registered it (OpenID Connect Core section 6.2). A fragment tells
/// that it has changed and is no part of the address.
async fn fetch(app: &App, client: &Client, uri: &str) -> Result<String, ProtocolError> {
    let refuse = |description: &str| ProtocolError::new(ErrorCode::InvalidRequestUri, description);
    let bare = |uri: &str| uri.split('#').next().unwrap_or_default().to_owned();
    if !client.metadata.request_uris.iter().any(|registered| bare(registered) == bare(uri)) {
        return Err(refuse("the request_uri is not one of those that this client has registered"));
    }
    let url = Url::parse(&bare(uri)).map_err(|_| refuse("the request_uri is not an address"))?;
    let accepted = "application/oauth-authz-req+jwt, application/jwt";
    let answer = app.outbound.get(&url, accepted).await.map_err(|error| {
        tracing::warn!(client_id = %client.id, %error, "a request object could not be fetched");
        refuse("the request object could not be fetched")
    })?;
    let text = String::from_utf8(answer.body).ok().filter(|_| answer.status == 200);
    text.map(|text| text.trim().to_owned()).ok_or_else(|| refuse("there is no request object at the request_uri"))
}

/// Uses up a pushed request. What stands beside its handle does not count (RFC 9126 section 4).
async fn pushed(
    app: &App,
    client: &Client,
    parameters: &Parameters,
    handle: &Secret,
) -> Result<(Parameters, Arrival), AuthorizeError> {
    let taken = app.store.pushed_requests().take(&handle.digest(), &client.id, app.now()).await?;
    let form = taken.ok_or_else(|| {
        let description = "the request_uri is unknown, was used already, has expired or is another client's";
        request::refuse(parameters, client, ProtocolError::new(ErrorCode::InvalidRequestUri, description))
    })?;
    Ok((Parameters::parse(&form), Arrival::Pushed))
}
