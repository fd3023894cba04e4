//! DPoP (RFC 9449): a client proves, with each request, that it holds the key that its tokens are bound to.
//!
//! A proof is for one method, one address, one minute and one use. Only here may a JWT bring its own key: the key is
//! no authority, it is what the token will be bound to.

use aws_lc_rs::digest::{SHA256, digest};
use barycenter_core::model::{ClientAlgorithm, Timestamp};
use barycenter_core::secret::Secret;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::jwk::{Jwk, ThumbprintHash};
use serde_json::Value;
use url::Url;

use crate::app::App;
use crate::oidc::client_jwt::ClientJwt;
use crate::oidc::error::{ErrorCode, ProtocolError};

/// How old a proof may be, in seconds.
const LONGEST_LIFE: i64 = 60;
/// How far ahead of ours a client's clock may be, in seconds.
const SKEW: i64 = 30;
/// The longest `jti`, in bytes.
const LONGEST_ID: usize = 512;
/// Members of a JWK that a public key does not have.
const PRIVATE_MEMBERS: [&str; 7] = ["d", "p", "q", "dp", "dq", "qi", "k"];

/// Returns the names of the algorithms that proofs may be signed with.
pub(super) fn algorithms() -> Vec<&'static str> {
    ClientAlgorithm::ASYMMETRIC.iter().map(|algorithm| algorithm.as_str()).collect()
}

/// What a proof must be for.
pub(super) struct Target<'a> {
    /// The request's method.
    pub(super) method: &'a str,
    /// The endpoint's path below the issuer.
    pub(super) path: &'a str,
    /// The access token that comes with it.
    pub(super) access_token: Option<&'a Secret>,
}

/// Checks the proof of a request, if it carries one, and uses it up. Returns the thumbprint of the key (RFC 7638).
pub(super) async fn check(app: &App, headers: &[&str], target: &Target<'_>) -> Result<Option<String>, ProtocolError> {
    let refused = |reason: &str| ProtocolError::new(ErrorCode::InvalidDpopProof, reason);
    let proof = match headers {
        [] => return Ok(None),
        [proof] => *proof,
        _ => return Err(refused("there is more than one DPoP header")),
    };
    let jwt = ClientJwt::read(proof).ok_or_else(|| refused("the DPoP proof is not a JWT of a known algorithm"))?;
    let jkt =
        thumbprint(&jwt).ok_or_else(|| refused("the DPoP proof is not signed by the public key in its header"))?;
    claims_fit(app.config.server.public_base_url.as_str(), &jwt, target, app.now()).map_err(refused)?;
    let jti = jwt.text_claim("jti").unwrap_or_default();
    let expires_at = app.now().plus(LONGEST_LIFE + 2 * SKEW);
    let fresh = app.store.used_ids().first_use("DPoP proof", &jkt, jti, expires_at).await;
    if !fresh.map_err(|error| ProtocolError::internal(&error))? {
        return Err(refused("the DPoP proof has been used before"));
    }
    Ok(Some(jkt))
}

/// Returns the thumbprint of the key that has signed a proof and that stands in its header.
pub(super) fn thumbprint(jwt: &ClientJwt<'_>) -> Option<String> {
    let key = jwt.own_key().filter(|_| jwt.is_typed(&["dpop+jwt"]) && !jwt.algorithm().is_symmetric())?;
    if PRIVATE_MEMBERS.iter().any(|member| key.get(*member).is_some()) {
        return None;
    }
    let key: Jwk = serde_json::from_value(key.clone()).ok()?;
    if !jwt.is_signed_by(&key) {
        return None;
    }
    key.thumbprint(ThumbprintHash::SHA256).ok()
}

/// Checks what a proof is for (RFC 9449 section 4.3).
pub(super) fn claims_fit(
    issuer: &str,
    jwt: &ClientJwt<'_>,
    target: &Target<'_>,
    now: Timestamp,
) -> Result<(), &'static str> {
    if jwt.text_claim("htm") != Some(target.method) {
        return Err("htm of the DPoP proof is not the request's method");
    }
    let expected = format!("{issuer}{}", target.path);
    let address = |text: &str| {
        let mut url = Url::parse(text).ok()?;
        url.set_query(None);
        url.set_fragment(None);
        Some(url)
    };
    let named = jwt.text_claim("htu").and_then(address);
    if named.is_none() || named != address(&expected) {
        return Err("htu of the DPoP proof is not the address of this endpoint");
    }
    let now = now.as_unix();
    let issued_at = jwt.time_claim("iat").ok_or("the DPoP proof has no iat")?;
    if issued_at > now + SKEW || issued_at < now - LONGEST_LIFE - SKEW {
        return Err("the DPoP proof is too old, or from the future");
    }
    if !jwt.text_claim("jti").is_some_and(|jti| !jti.is_empty() && jti.len() <= LONGEST_ID) {
        return Err("the DPoP proof has no jti");
    }
    let hash = target.access_token.map(token_hash);
    match (jwt.claims().get("ath").and_then(Value::as_str), hash) {
        (_, None) => Ok(()),
        (Some(named), Some(hash)) if named == hash => Ok(()),
        _ => Err("ath of the DPoP proof is not the digest of the access token"),
    }
}

fn token_hash(token: &Secret) -> String {
    URL_SAFE_NO_PAD.encode(digest(&SHA256, token.expose().as_bytes()))
}
