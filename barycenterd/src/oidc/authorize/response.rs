//! The authorization response: back to the client through the browser, with `iss` (RFC 9207) and `state` as it came.

use barycenter_core::model::{AuthorizationRequest, RegisteredRedirectUri};
use barycenter_core::secret::Secret;
use poem::Response;
use poem::http::{StatusCode, header};
use url::form_urlencoded;

use crate::oidc::error::RedirectedError;

/// Answers with a code.
pub(super) fn code(request: &AuthorizationRequest, code: &Secret, issuer: &str) -> Response {
    let state = request.state.as_deref();
    redirect(&request.redirect_uri, &[("code", Some(code.expose())), ("state", state), ("iss", Some(issuer))])
}

/// Answers with an error.
pub(super) fn error(error: &RedirectedError, issuer: &str) -> Response {
    redirect(
        &error.redirect_uri,
        &[
            ("error", Some(error.error.code.as_str())),
            ("error_description", Some(&error.error.description)),
            ("state", error.state.as_deref()),
            ("iss", Some(issuer)),
        ],
    )
}

/// Adds parameters to the registered URI, which keeps its own query (RFC 6749 section 4.1.2).
fn redirect(uri: &RegisteredRedirectUri, parameters: &[(&str, Option<&str>)]) -> Response {
    let mut query = form_urlencoded::Serializer::new(String::new());
    for (name, value) in parameters {
        if let Some(value) = value {
            query.append_pair(name, value);
        }
    }
    let separator = if uri.as_str().contains('?') { '&' } else { '?' };
    let location = format!("{}{separator}{}", uri.as_str(), query.finish());
    Response::builder()
        .status(StatusCode::SEE_OTHER)
        .header(header::LOCATION, location)
        .header(header::CACHE_CONTROL, "no-store")
        .header(header::REFERRER_POLICY, "no-referrer")
        .finish()
}
