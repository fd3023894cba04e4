//! Request objects (RFC 9101, OpenID Connect Core section 6.1): the parameters of an authorization request in a JWT that
//! the client has signed.
//!
//! The rule: only the client's own keys count, with an algorithm that it may use. What the object says wins over what
//! stands beside it.

use barycenter_core::model::{Client, ClientAlgorithm, Timestamp};
use serde_json::{Map, Value};

use crate::app::App;
use crate::oidc::client_jwt::ClientJwt;
use crate::oidc::client_keys;
use crate::oidc::error::{ErrorCode, ProtocolError};
use crate::oidc::parameters::Parameters;

/// How far the clocks of clients may differ from ours, in seconds.
const LEEWAY: i64 = 60;

/// Claims of the JWT itself: no parameters.
const OWN_CLAIMS: [&str; 7] = ["iss", "aud", "exp", "nbf", "iat", "jti", "sub"];

/// What may stand in `typ`: other kinds of JWT that a client signs, such as DPoP proofs, are no requests (RFC 8725
/// section 3.11).
const TYPES: [&str; 3] = ["", "jwt", "oauth-authz-req+jwt"];

fn refuse(description: impl AsRef<str>) -> ProtocolError {
    ProtocolError::new(ErrorCode::InvalidRequestObject, description)
}

/// Returns the parameters in a request object that the client has signed.
pub(super) async fn read(app: &App, client: &Client, text: &str) -> Result<Parameters, ProtocolError> {
    let jwt = ClientJwt::read(text)
        .ok_or_else(|| refuse("the request object is not a signed JWT; encryption and alg none are not supported"))?;
    let issuer = app.config.server.public_base_url.as_str();
    check(&jwt, client, issuer, app.now())?;
    if !client_keys::has_signed(app, client, &jwt).await {
        return Err(refuse("the request object is not signed with a key that this client has registered"));
    }
    parameters(jwt.claims())
}

/// Checks everything but the signature.
fn check(jwt: &ClientJwt<'_>, client: &Client, issuer: &str, now: Timestamp) -> Result<(), ProtocolError> {
    if !jwt.is_typed(&TYPES) {
        return Err(refuse("the typ of the request object is not oauth-authz-req+jwt"));
    }
    let permitted = match client.metadata.request_object_signing_alg {
        Some(registered) => vec![registered],
        None => ClientAlgorithm::ASYMMETRIC.to_vec(),
    };
    if !permitted.contains(&jwt.algorithm()) || jwt.algorithm().is_symmetric() {
        let names = permitted.iter().map(|one| one.as_str()).collect::<Vec<_>>().join(", ");
        return Err(refuse(format!("the request object must be signed with one of: {names}")));
    }
    let (claims, id) = (jwt.claims(), client.id.as_str());
    let is = |name: &str, wanted: &str| claims.get(name).is_none_or(|value| value.as_str() == Some(wanted));
    if !is("iss", id) || !is("client_id", id) {
        return Err(refuse("the request object is another client's (iss, client_id)"));
    }
    // A client assertion has its client as subject: it must not pass for a request (RFC 9101 section 10.8).
    if jwt.text_claim("sub") == Some(id) {
        return Err(refuse("the request object is a client assertion (sub)"));
    }
    if claims.contains_key("aud") && !jwt.audience().contains(&issuer) {
        return Err(refuse("the request object is for somebody else (aud)"));
    }
    let now = now.as_unix();
    for name in ["exp", "nbf", "iat"] {
        let Some(time) = jwt.time_claim(name) else {
            if claims.contains_key(name) {
                return Err(refuse(format!("{name} of the request object is not a time")));
            }
            continue;
        };
        if name == "exp" && now >= time.saturating_add(LEEWAY) {
            return Err(refuse("the request object has expired"));
        }
        if name != "exp" && time > now.saturating_add(LEEWAY) {
            return Err(refuse("the request object is not valid yet"));
        }
    }
    if claims.contains_key("request") || claims.contains_key("request_uri") {
        return Err(refuse("a request object holds no other (request, request_uri)"));
    }
    Ok(())
}

/// Turns claims into parameters: texts as they are, numbers in digits, objects as JSON (section 4).
fn parameters(claims: &Map<String, Value>) -> Result<Parameters, ProtocolError> {
    let mut parameters = Parameters::default();
    for (name, value) in claims.iter().filter(|(name, _)| !OWN_CLAIMS.contains(&name.as_str())) {
        match value {
            Value::Null => {}
            Value::String(text) => parameters.add(name, text),
            Value::Number(_) | Value::Bool(_) | Value::Object(_) => parameters.add(name, value.to_string()),
            Value::Array(values) => {
                for value in values {
                    let text = value.as_str().ok_or_else(|| refuse(format!("{name} is not a list of texts")))?;
                    parameters.add(name, text);
                }
            }
        }
    }
    Ok(parameters)
}

/// Reads a request object as far as it goes without a signature.
#[cfg(any(test, fuzzing))]
pub(super) fn survey(text: &str, client: &Client, issuer: &str, now: Timestamp) -> Option<Parameters> {
    let jwt = ClientJwt::read(text)?;
    check(&jwt, client, issuer, now).ok()?;
    parameters(jwt.claims()).ok()
}
