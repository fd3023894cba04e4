//! The ID Token (OpenID Connect Core section 2): who signed in, when and how, for one client.
//!
//! The rule: claims about the user are put in first and the protocol's own last, so that nothing that a user, a file or
//! a request says ever takes their place. There are none about the user unless the request asked for them here
//! (section 5.5), or there is no access token to ask UserInfo with (section 5.4).

use aws_lc_rs::digest::{SHA256, SHA512, digest};
use barycenter_core::model::{
    AuthorizationRequest, Client, Scopes, Session, SessionId, SigningAlgorithm, Timestamp, User,
};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value, json};

use crate::app::App;
use crate::oidc::claims::Disclosure;
use crate::oidc::error::{ErrorCode, ProtocolError};

/// What an ID Token is about.
pub(super) struct IdToken<'a> {
    pub(super) client: &'a Client,
    pub(super) user: &'a User,
    pub(super) session_id: &'a SessionId,
    /// The session, as long as it lasts: how the End-User signed in is known from it alone.
    pub(super) session: Option<&'a Session>,
    pub(super) authenticated_at: Timestamp,
    pub(super) nonce: Option<&'a str>,
    /// What the request asked for, where there was one.
    pub(super) request: Option<&'a AuthorizationRequest>,
    /// What goes into the same answer, or is redeemed with it.
    pub(super) access_token: Option<&'a str>,
    pub(super) code: Option<&'a str>,
}

/// Makes and signs an ID Token.
pub(super) fn issue(app: &App, token: &IdToken<'_>) -> Result<String, ProtocolError> {
    let claims = claims(app, token, app.keyring.algorithm());
    app.keyring.sign("JWT", &claims).map_err(|error| {
        tracing::error!(%error, "an ID Token could not be signed");
        ProtocolError::new(ErrorCode::ServerError, "the ID Token could not be signed")
    })
}

fn claims(app: &App, token: &IdToken<'_>, algorithm: SigningAlgorithm) -> Map<String, Value> {
    let now = app.now();
    let lifetime = token.client.lifetimes.id_token.unwrap_or(app.config.oidc.id_token_lifetime);
    let subject = app.subjects.of(token.client, &token.user.id);
    let mut claims = about_the_user(app, token, &subject);
    let protocol = [
        ("iss", json!(app.config.server.public_base_url.as_str())),
        ("sub", json!(subject)),
        ("aud", json!(token.client.id)),
        ("exp", json!(now.plus(lifetime.as_seconds()))),
        ("iat", json!(now)),
        ("auth_time", json!(token.authenticated_at)),
        ("sid", json!(token.session_id)),
    ];
    claims.extend(protocol.into_iter().map(|(name, value)| (name.to_owned(), value)));
    let hash = |value: &str| json!(half_hash(value, algorithm));
    let methods = |session: &Session| json!(session.methods.iter().map(|method| method.as_str()).collect::<Vec<_>>());
    let optional = [
        ("nonce", token.nonce.map(|nonce| json!(nonce))),
        ("acr", token.session.map(|session| json!(session.context_class()))),
        ("amr", token.session.map(methods)),
        ("at_hash", token.access_token.map(hash)),
        ("c_hash", token.code.map(hash)),
    ];
    for (name, value) in optional {
        // What is not said by the protocol is not said by anybody else either.
        claims.remove(name);
        claims.extend(value.map(|value| (name.to_owned(), value)));
    }
    claims
}

/// Claims that the request wants here.
fn about_the_user(app: &App, token: &IdToken<'_>, subject: &str) -> Map<String, Value> {
    let Some(request) = token.request else { return Map::new() };
    let disclosure = Disclosure { user: token.user, subject, property_claims: &app.config.oidc.property_claims };
    // Whoever gets an access token, now or for a code, asks UserInfo.
    let only_here = !request.response_type.has_token() && !request.response_type.has_code();
    let scopes = if only_here { request.scopes.clone() } else { Scopes::default() };
    disclosure.claims(&scopes, &request.claims.id_token, &token.client.scopes)
}

/// The left half of a value's digest, by the hash of the signature algorithm (OpenID Connect Core section 3.1.3.6):
/// Ed25519 is built on SHA-512.
fn half_hash(value: &str, algorithm: SigningAlgorithm) -> String {
    let hash = match algorithm {
        SigningAlgorithm::Rs256 | SigningAlgorithm::Es256 => &SHA256,
        SigningAlgorithm::EdDsa => &SHA512,
    };
    let digest = digest(hash, value.as_bytes());
    let left = digest.as_ref().get(..digest.as_ref().len() / 2).unwrap_or_default();
    URL_SAFE_NO_PAD.encode(left)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_is_the_left_half_of_the_digest() {
        // OpenID Connect Core appendix A.3 and A.4.
        let rs256 = SigningAlgorithm::Rs256;
        assert_eq!(half_hash("jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y", rs256), "77QmUPtjPfzWtF2AnpK9RQ");
        assert_eq!(
            half_hash("Qcb0Orv1zh30vL1MPRsbm-diHiMwcLyZvn1arpZv-Jxf_11jnpEX3Tgfvk", rs256),
            "LDktKdoQak3Pk0cnXxCltA"
        );
    }
}
