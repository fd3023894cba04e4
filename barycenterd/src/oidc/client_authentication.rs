//! Client authentication at the token endpoint (OpenID Connect Core section 9, RFC 6749 section 2.3).
//!
//! A client uses the one method that it is registered for, and one only. Whether the client is unknown, the secret
//! is wrong or the method is not its own: the answer is the same.

use barycenter_core::model::{Client, ClientAuthenticationMethod, ClientId};
use barycenter_core::secret::Secret;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use url::form_urlencoded;

use crate::app::App;
use crate::oidc::error::{ErrorCode, ProtocolError};

/// What a client shows to prove who it is.
#[derive(Debug)]
pub(super) struct Credentials {
    id: ClientId,
    secret: Option<Secret>,
    method: ClientAuthenticationMethod,
}

/// Reads the credentials from the `Authorization` header and the form.
pub(super) fn credentials(
    header: Option<&str>,
    client_id: Option<&str>,
    client_secret: Option<&str>,
) -> Result<Credentials, ProtocolError> {
    let invalid = |code, description| Err(ProtocolError::new(code, description));
    let basic = match header {
        None => None,
        Some(header) => match decode_basic(header) {
            Some(basic) => Some(basic),
            None => {
                return invalid(
                    ErrorCode::InvalidClient,
                    "the Authorization header is not of the form: Basic base64(client_id:client_secret)",
                );
            }
        },
    };
    match (basic, client_id, client_secret) {
        (Some(_), _, Some(_)) => {
            invalid(ErrorCode::InvalidRequest, "the client authenticates in two ways at once (RFC 6749 section 2.3)")
        }
        (Some((id, _)), Some(form_id), None) if id != form_id => {
            invalid(ErrorCode::InvalidRequest, "client_id differs between the Authorization header and the form")
        }
        (Some((id, secret)), _, None) => Ok(Credentials {
            id: ClientId::new(id),
            secret: Some(secret),
            method: ClientAuthenticationMethod::ClientSecretBasic,
        }),
        (None, Some(id), secret) => Ok(Credentials {
            id: ClientId::new(id),
            method: if secret.is_some() {
                ClientAuthenticationMethod::ClientSecretPost
            } else {
                ClientAuthenticationMethod::None
            },
            secret: secret.map(Secret::new),
        }),
        (None, None, _) => invalid(ErrorCode::InvalidClient, "the request does not say which client it comes from"),
    }
}

/// Reads `Basic …`: both halves are form-encoded before they are put together (RFC 6749 section 2.3.1).
fn decode_basic(header: &str) -> Option<(String, Secret)> {
    let (scheme, encoded) = header.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let decoded = String::from_utf8(STANDARD.decode(encoded.trim()).ok()?).ok()?;
    let (id, secret) = decoded.split_once(':')?;
    // One name without a value: `&` and `=` stand for themselves here.
    let decode = |text: &str| {
        let name = text.replace('&', "%26").replace('=', "%3D");
        form_urlencoded::parse(name.as_bytes()).next().map(|(name, _)| name.into_owned()).unwrap_or_default()
    };
    Some((decode(id), Secret::new(decode(secret))))
}

/// Returns the client that has proved who it is.
pub(super) async fn authenticate(app: &App, credentials: &Credentials) -> Result<Client, ProtocolError> {
    let client = app.store.clients().by_id(&credentials.id).await.map_err(|error| ProtocolError::internal(&error))?;
    client.filter(|client| client.enabled && proves(client, credentials)).ok_or_else(|| {
        ProtocolError::new(ErrorCode::InvalidClient, "client authentication failed: unknown or disabled client, wrong secret, or a method that the client is not registered for")
    })
}

/// Returns whether the credentials are this client's.
fn proves(client: &Client, credentials: &Credentials) -> bool {
    let method = client.authentication_method == credentials.method;
    match &credentials.secret {
        Some(secret) => method && client.has_secret(secret),
        None => method && client.is_public(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn basic(text: &str) -> String {
        format!("Basic {}", STANDARD.encode(text))
    }

    #[test]
    fn basic_credentials_are_form_decoded() {
        let credentials = credentials(Some(&basic("a%3Ab:p%26q+r%3D")), None, None).unwrap();
        assert_eq!(credentials.id.as_str(), "a:b");
        assert_eq!(credentials.secret.unwrap().expose(), "p&q r=");
    }

    #[test]
    fn two_methods_at_once_are_refused() {
        let error = credentials(Some(&basic("a:s")), Some("a"), Some("s")).unwrap_err();
        assert_eq!(error.code, ErrorCode::InvalidRequest);
        let error = credentials(Some(&basic("a:s")), Some("b"), None).unwrap_err();
        assert_eq!(error.code, ErrorCode::InvalidRequest);
        assert!(credentials(Some(&basic("a:s")), Some("a"), None).is_ok());
    }

    #[test]
    fn a_header_that_is_not_basic_is_refused() {
        for header in ["Bearer x", "Basic", "Basic !!", &basic("no colon")] {
            assert_eq!(credentials(Some(header), None, None).unwrap_err().code, ErrorCode::InvalidClient, "{header}");
        }
    }
}
