//! What fuzzers call: authorization requests and request objects from bytes that nobody chose. A crash, a hang, or a
//! broken promise is a fault. `cargo fuzz` runs it without end (core/fuzz), every test run over a few inputs.

use barycenter_core::config::Oidc;
use barycenter_core::model::{AuthorizationRequest, Client, ClientId, ResponseType, Timestamp};

use crate::oidc::authorize::request::{Arrival, Policy, client_id, parse};
use crate::oidc::authorize::request_object;
use crate::oidc::error::AuthorizeError;
use crate::oidc::parameters::Parameters;

const NOW: Timestamp = Timestamp::from_unix(1_795_431_600);

/// A client that may ask for everything.
fn client() -> Client {
    let mut client = Client::new(ClientId::new("rp"), "RP", NOW);
    client.redirect_uris = vec!["https://rp.example/cb?kept=1".to_owned()];
    client.metadata.response_types = ResponseType::ALL.to_vec();
    client.metadata.resources = vec!["https://api.example/".to_owned()];
    client
}

/// Checks a query; what is accepted is stored and read again.
///
/// # Panics
/// When what is read is not what was stored, or an answer would leave the registered address.
pub fn authorization_request(bytes: &[u8]) {
    let parameters = Parameters::parse(&String::from_utf8_lossy(bytes));
    assert_eq!(Parameters::parse(&parameters.to_form()).to_form(), parameters.to_form());
    let _ = client_id(&parameters);
    let client = client();
    let oidc =
        Oidc { response_types: ResponseType::ALL.map(|one| one.as_str().to_owned()).to_vec(), ..Oidc::default() };
    let policy = Policy { oidc: &oidc, read_hint: &|_| None, arrival: Arrival::Browser };
    match parse(&parameters, &client, &policy) {
        Ok(request) => {
            assert!(request.response_type.permits(request.response_mode));
            assert!(client.redirect_uris.iter().any(|uri| uri == request.redirect_uri.as_str()));
            assert_eq!(request.state.as_deref(), parameters.get("state"));
            let stored = serde_json::to_string(&request).unwrap_or_default();
            assert_eq!(serde_json::from_str::<AuthorizationRequest>(&stored).ok(), Some(request));
        }
        Err(AuthorizeError::Redirected(error)) => {
            assert!(client.redirect_uris.iter().any(|uri| uri == error.redirect_uri.as_str()));
            assert!(error.error.description.bytes().all(|byte| matches!(byte, b' '..=b'~') && byte != b'"'));
        }
        Err(AuthorizeError::Displayed(_)) => {}
    }
}

/// Reads a request object without its signature.
///
/// # Panics
/// When its parameters are no form.
pub fn request_object(bytes: &[u8]) {
    let Ok(text) = str::from_utf8(bytes) else { return };
    if let Some(parameters) = request_object::survey(text, &client(), "https://op.example", NOW) {
        assert_eq!(Parameters::parse(&parameters.to_form()), parameters);
    }
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    use proptest::prelude::*;

    use super::*;

    const QUERIES: &[&str] = &[
        "client_id=rp&redirect_uri=https%3A%2F%2Frp.example%2Fcb%3Fkept%3D1&response_type=code+id_token&nonce=n\
         &scope=openid+email&claims=%7B%22id_token%22%3A%7B%22acr%22%3A%7B%22values%22%3A%5B%221%22%5D%7D%7D%7D",
        "redirect_uri=https%3A%2F%2Frp.example%2Fcb%3Fkept%3D1&response_type=code&scope=openid&max_age=0&prompt=login\
         &acr_values=1+2&resource=https%3A%2F%2Fapi.example%2F&state=%00%0d%0a&response_mode=form_post",
        "a=%&=&&b==%ff&state=%ff",
    ];
    const CLAIMS: &[&str] = &[
        r#"{"iss":"rp","aud":["https://op.example"],"state":"a&b=c","max_age":1,"claims":{"x":null},"resource":["a","b"]}"#,
        r#"{"exp":1e300,"nbf":-1,"request":"x","":"","scope":[]}"#,
    ];

    /// Does small harm to a text.
    fn harmed(texts: &'static [&'static str]) -> impl Strategy<Value = Vec<u8>> {
        let harm = (any::<prop::sample::Index>(), any::<u8>());
        (prop::sample::select(texts), prop::collection::vec(harm, 0..4)).prop_map(|(text, harms)| {
            let mut bytes = text.as_bytes().to_vec();
            for (place, byte) in harms {
                let place = place.index(bytes.len());
                bytes[place] = byte;
            }
            bytes
        })
    }

    fn jwt(claims: &[u8]) -> Vec<u8> {
        let header = URL_SAFE_NO_PAD.encode(r#"{"alg":"ES256"}"#);
        format!("{header}.{}.c2ln", URL_SAFE_NO_PAD.encode(claims)).into_bytes()
    }

    #[test]
    fn the_corpus_breaks_nothing() {
        QUERIES.iter().for_each(|query| authorization_request(query.as_bytes()));
        CLAIMS.iter().for_each(|claims| request_object(&jwt(claims.as_bytes())));
    }

    proptest! {
        #[test]
        fn no_bytes_break_a_request(bytes in prop_oneof![any::<Vec<u8>>(), harmed(QUERIES)]) {
            authorization_request(&bytes);
        }

        #[test]
        fn no_bytes_break_a_request_object(bytes in prop_oneof![any::<Vec<u8>>(), harmed(CLAIMS)]) {
            request_object(&bytes);
            request_object(&jwt(&bytes));
        }
    }
}
