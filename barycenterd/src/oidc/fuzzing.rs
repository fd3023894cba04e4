//! What fuzzers call: forms, JWTs and registrations from bytes that nobody chose. A crash, a hang, or a broken promise
//! is a fault. `cargo fuzz` runs it without end (core/fuzz), every test run over a few inputs.

use barycenter_core::model::{Client, ClientAlgorithm, ClientId, Timestamp};
use serde::Deserialize as _;
use serde::de::value::{Error, MapDeserializer};
use serde_json::Value;
use url::form_urlencoded;

use crate::oidc::client_jwt::ClientJwt;
use crate::oidc::token::TokenForm;
use crate::oidc::{client_assertion, dpop, registration};

/// The time of everything here.
const NOW: Timestamp = Timestamp::from_unix(1_795_431_600);
const ISSUER: &str = "https://op.example";

/// Reads a token form.
///
/// # Panics
/// When a parameter that stands twice is believed.
pub fn token_form(bytes: &[u8]) {
    let pairs: Vec<(String, String)> = form_urlencoded::parse(bytes).into_owned().collect();
    let twice = pairs
        .iter()
        .enumerate()
        .any(|(index, (name, _))| name != "resource" && pairs.iter().take(index).any(|(earlier, _)| earlier == name));
    let form = TokenForm::deserialize(MapDeserializer::<_, Error>::new(pairs.into_iter()));
    assert_eq!(form.is_err(), twice, "each parameter once");
}

/// Reads a client assertion.
///
/// # Panics
/// When a claim fits that must not, or an algorithm is believed that is none.
pub fn client_assertion(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let Some(jwt) = ClientJwt::read(text) else { return };
    assert!(ClientAlgorithm::ALL.contains(&jwt.algorithm()));
    let client = Client::new(ClientId::new("rp"), "RP", NOW);
    if let Some(expires_at) = client_assertion::claims_fit(ISSUER, &client, &jwt, NOW) {
        assert_eq!((jwt.text_claim("iss"), jwt.text_claim("sub")), (Some("rp"), Some("rp")));
        assert!(expires_at <= NOW.plus(3600) && jwt.audience().iter().all(|one| one.starts_with(ISSUER)));
    }
}

/// Reads a DPoP proof.
///
/// # Panics
/// When a proof is believed that nobody has signed: no fuzzer finds a signature.
pub fn dpop_proof(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let Some(jwt) = ClientJwt::read(text) else { return };
    let target = dpop::Target { method: "POST", path: "/token", access_token: None };
    let fits = dpop::claims_fit(ISSUER, &jwt, &target, NOW).is_ok();
    assert!(!fits || jwt.text_claim("htm") == Some("POST"));
    assert!(dpop::thumbprint(&jwt).is_none_or(|jkt| jkt.len() == 43));
}

/// Reads a registration.
///
/// # Panics
/// When what only an operator decides about is taken over, or what was read cannot be written again.
pub fn registration(bytes: &[u8]) {
    let Ok(body) = serde_json::from_slice::<Value>(bytes) else { return };
    let Ok(client) = registration::metadata::read(ClientId::new("new"), &body, NOW) else { return };
    assert!(!client.first_party && !client.metadata.resource_server && client.metadata.required_groups.is_empty());
    let written = Value::Object(client.metadata.to_map());
    let again = serde_json::from_value(written).unwrap_or_default();
    assert_eq!(client.metadata, again);
    let _ = client.faults();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn odd_bytes_break_no_promise() {
        for bytes in [
            &b""[..],
            b"grant_type=a&grant_type=b",
            b"resource=a&resource=b&resource=",
            b"%ff%fe=&=&&a=%",
            b"{}",
            b"{\"redirect_uris\":[\"https://a\"],\"required_groups\":[\"x\"],\"resource_server\":true}",
            b"{\"default_max_age\":-1,\"jwks\":[[[[]]]],\"response_types\":[\"token code\"]}",
            b"eyJhbGciOiJIUzI1NiJ9.eyJpYXQiOjFlMzA4fQ.",
            b"eyJhbGciOiJFUzI1NiIsInR5cCI6ImRwb3Arand0IiwiandrIjp7fX0.e30.AA",
            &[0xff; 64],
        ] {
            token_form(bytes);
            client_assertion(bytes);
            dpop_proof(bytes);
            registration(bytes);
        }
    }
}
