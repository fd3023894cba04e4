//! `id_token_hint` (OpenID Connect Core section 3.1.2.1, OpenID Connect RP-Initiated Logout section 2): an ID Token
//! that we issued, however old.
//!
//! The rule: a hint is believed only if one of our published keys signed it as an ID Token. Other JWTs that we sign
//! (logout tokens, access tokens, UserInfo) are none.

use barycenter_core::keyring::Keyring;
use serde_json::Value;

/// What a hint says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Hint {
    /// Whom it is about, as its audience knows them.
    pub(super) subject: String,
    /// The client that it was issued to.
    pub(super) audience: String,
    /// The session in which it was issued.
    pub(super) session: Option<String>,
}

/// Reads a hint; `None` if it proves nothing.
pub(super) fn read(keyring: &Keyring, issuer: &str, jwt: &str) -> Option<Hint> {
    let typ = jsonwebtoken::decode_header(jwt).ok()?.typ;
    let claims = keyring.verify_signature(jwt)?;
    let text = |name: &str| claims.get(name).and_then(Value::as_str).map(str::to_owned);
    let lifetime = ["iat", "exp"].iter().all(|name| claims.get(name).is_some_and(Value::is_number));
    let is_id_token = typ.is_none_or(|typ| typ.eq_ignore_ascii_case("JWT"))
        && lifetime
        && claims.get("events").is_none()
        && text("iss").as_deref() == Some(issuer);
    if !is_id_token {
        return None;
    }
    Some(Hint { subject: text("sub")?, audience: text("aud")?, session: text("sid") })
}
