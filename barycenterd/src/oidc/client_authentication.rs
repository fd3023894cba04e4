//! Client authentication at the token endpoint and its neighbours (OpenID Connect Core section 9, RFC 6749 section 2.3).
//!
//! A client uses the one method that it is registered for, and one only. Whether the client is unknown, the secret
//! is wrong or the method is not its own: the answer is the same. Assertions are judged by [`super::client_assertion`].

use std::net::IpAddr;

use barycenter_core::model::{Client, ClientAuthenticationMethod, ClientId, Limit};
use barycenter_core::secret::Secret;
use barycenter_core::store::StoreError;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use url::form_urlencoded;

use crate::app::App;
use crate::client_address::take_turn;
use crate::oidc::client_assertion;
use crate::oidc::error::{ErrorCode, ProtocolError};

/// Where a request may carry a client's credentials.
#[derive(Clone, Copy, Default)]
pub(super) struct Presented<'a> {
    /// The `Authorization` header.
    pub(super) authorization: Option<&'a str>,
    /// The form's `client_id`, and so on; an empty one counts as absent.
    pub(super) client_id: Option<&'a str>,
    pub(super) client_secret: Option<&'a str>,
    pub(super) assertion_type: Option<&'a str>,
    pub(super) assertion: Option<&'a str>,
}

/// What a client shows to prove who it is.
#[derive(Debug)]
struct Credentials {
    id: ClientId,
    proof: Proof,
}

/// How it proves that.
#[derive(Debug)]
enum Proof {
    Basic(Secret),
    Post(Secret),
    Assertion(Secret),
    Nothing,
}

/// Returns the client that a request comes from, and that has proved it.
pub(super) async fn authenticated(app: &App, presented: &Presented<'_>) -> Result<Client, ProtocolError> {
    let credentials = credentials(presented)?;
    let internal = |error: StoreError| ProtocolError::internal(&error);
    let client = app.store.find_client(&credentials.id).await.map_err(internal)?;
    let client = client.filter(|client| client.enabled).ok_or_else(failed)?;
    if proves(app, &client, &credentials.proof).await.map_err(internal)? { Ok(client) } else { Err(failed()) }
}

fn failed() -> ProtocolError {
    ProtocolError::new(
        ErrorCode::InvalidClient,
        "client authentication failed: unknown or disabled client, wrong secret or assertion, or a method that the client is not registered for",
    )
}

/// Lets a client that proves nothing make one request of this name more from an address. Those that prove who they are
/// may come from one address as often as their users do.
///
/// # Errors
/// How long to wait, where there have been too many.
pub(super) async fn require_turn(
    app: &App,
    client: &Client,
    name: &str,
    address: IpAddr,
    limit: Limit,
) -> Result<(), ProtocolError> {
    if !client.is_public() {
        return Ok(());
    }
    let wait = take_turn(app, name, address, limit).await.map_err(|error| ProtocolError::internal(&error))?;
    wait.map_or(Ok(()), |seconds| Err(ProtocolError::too_many(seconds)))
}

/// Reads the credentials from the `Authorization` header and the form: of one kind only (RFC 6749 section 2.3).
fn credentials(presented: &Presented<'_>) -> Result<Credentials, ProtocolError> {
    let invalid = |code, description| Err(ProtocolError::new(code, description));
    let present = |text: Option<&str>| text.filter(|text| !text.is_empty()).map(str::to_owned);
    let (id, secret) = (present(presented.client_id), present(presented.client_secret));
    let assertion = present(presented.assertion);
    let basic = match presented.authorization {
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
    if usize::from(basic.is_some()) + usize::from(secret.is_some()) + usize::from(assertion.is_some()) > 1 {
        return invalid(
            ErrorCode::InvalidRequest,
            "the client authenticates in two ways at once (RFC 6749 section 2.3)",
        );
    }
    if assertion.is_some() != present(presented.assertion_type).is_some() {
        return invalid(ErrorCode::InvalidRequest, "client_assertion and client_assertion_type belong together");
    }
    if assertion.is_some() && presented.assertion_type != Some(client_assertion::JWT_BEARER) {
        return invalid(ErrorCode::InvalidClient, "client_assertion_type is not that of a JWT (RFC 7523)");
    }
    let claimed = assertion.as_deref().and_then(client_assertion::claimed_client);
    let by_proof = basic.as_ref().map(|(id, _)| id.clone()).or(claimed);
    match (by_proof, id) {
        (Some(one), Some(other)) if one != other => {
            invalid(ErrorCode::InvalidRequest, "client_id differs between the request's credentials and its form")
        }
        (Some(id), _) | (None, Some(id)) => Ok(Credentials {
            id: ClientId::new(id),
            proof: match (basic, secret, assertion) {
                // A public client may name itself there too; an empty secret proves nothing (RFC 6749 section 2.3.1).
                (Some((_, secret)), ..) if secret.expose().is_empty() => Proof::Nothing,
                (Some((_, secret)), ..) => Proof::Basic(secret),
                (None, Some(secret), _) => Proof::Post(Secret::new(secret)),
                (None, None, Some(assertion)) => Proof::Assertion(Secret::new(assertion)),
                (None, None, None) => Proof::Nothing,
            },
        }),
        (None, None) => invalid(ErrorCode::InvalidClient, "the request does not say which client it comes from"),
    }
}

/// Returns whether the proof is this client's, by the one method that it is registered for.
async fn proves(app: &App, client: &Client, proof: &Proof) -> Result<bool, StoreError> {
    use ClientAuthenticationMethod as Method;

    match (proof, client.authentication_method) {
        (Proof::Basic(secret), Method::ClientSecretBasic) | (Proof::Post(secret), Method::ClientSecretPost) => {
            Ok(client.has_secret(secret))
        }
        (Proof::Assertion(assertion), Method::PrivateKeyJwt | Method::ClientSecretJwt) => {
            client_assertion::proves(app, client, assertion.expose()).await
        }
        (Proof::Nothing, Method::None) => Ok(true),
        _ => Ok(false),
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

#[cfg(test)]
mod tests {
    use super::*;

    fn basic(text: &str) -> String {
        format!("Basic {}", STANDARD.encode(text))
    }

    fn read(
        authorization: Option<&str>,
        client_id: Option<&str>,
        client_secret: Option<&str>,
    ) -> Result<Credentials, ProtocolError> {
        credentials(&Presented { authorization, client_id, client_secret, ..Presented::default() })
    }

    #[test]
    fn basic_credentials_are_form_decoded() {
        let credentials = read(Some(&basic("a%3Ab:p%26q+r%3D")), None, None).unwrap();
        assert_eq!(credentials.id.as_str(), "a:b");
        let Proof::Basic(secret) = credentials.proof else { panic!("not basic") };
        assert_eq!(secret.expose(), "p&q r=");
    }

    #[test]
    fn an_empty_secret_is_none() {
        for presented in [
            Presented { authorization: Some(&basic("a:")), ..Presented::default() },
            Presented { client_id: Some("a"), client_secret: Some(""), ..Presented::default() },
        ] {
            let credentials = credentials(&presented).unwrap();
            assert_eq!(credentials.id.as_str(), "a");
            assert!(matches!(credentials.proof, Proof::Nothing));
        }
    }

    #[test]
    fn two_methods_at_once_are_refused() {
        let error = read(Some(&basic("a:s")), Some("a"), Some("s")).unwrap_err();
        assert_eq!(error.code, ErrorCode::InvalidRequest);
        let error = read(Some(&basic("a:s")), Some("b"), None).unwrap_err();
        assert_eq!(error.code, ErrorCode::InvalidRequest);
        assert!(read(Some(&basic("a:s")), Some("a"), None).is_ok());
        let both = Presented {
            client_id: Some("a"),
            client_secret: Some("s"),
            assertion_type: Some(client_assertion::JWT_BEARER),
            assertion: Some("x.y.z"),
            ..Presented::default()
        };
        assert_eq!(credentials(&both).unwrap_err().code, ErrorCode::InvalidRequest);
    }

    #[test]
    fn an_assertion_needs_its_type() {
        for (assertion, assertion_type, code) in [
            (Some("x.y.z"), None, ErrorCode::InvalidRequest),
            (None, Some(client_assertion::JWT_BEARER), ErrorCode::InvalidRequest),
            (Some("x.y.z"), Some("urn:ietf:params:oauth:client-assertion-type:saml2-bearer"), ErrorCode::InvalidClient),
        ] {
            let presented = Presented { client_id: Some("a"), assertion_type, assertion, ..Presented::default() };
            assert_eq!(credentials(&presented).unwrap_err().code, code);
        }
    }

    #[test]
    fn a_header_that_is_not_basic_is_refused() {
        for header in ["Bearer x", "Basic", "Basic !!", &basic("no colon")] {
            assert_eq!(read(Some(header), None, None).unwrap_err().code, ErrorCode::InvalidClient, "{header}");
        }
    }
}
