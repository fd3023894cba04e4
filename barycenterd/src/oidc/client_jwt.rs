//! JWTs that come from outside: client assertions, request objects, DPoP proofs. Read first, believed only after the
//! signature.
//!
//! The rule: the algorithm must be one that we know (`none` is not), and the key's kind must be the algorithm's. Keys
//! come from the client's registration; `jku`, `x5u` and `x5c` are never followed, and `crit` is refused, because we
//! understand no extension (RFC 7515 section 4.1.11).

use barycenter_core::model::ClientAlgorithm;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{DecodingKey, Validation};
use serde::Deserialize;
use serde_json::{Map, Value};

/// The longest JWT that is read, in bytes.
const LONGEST: usize = 64 * 1024;

/// What a header may hold that means something to us.
#[derive(Deserialize)]
struct Header {
    alg: ClientAlgorithm,
    kid: Option<String>,
    typ: Option<String>,
    jwk: Option<Value>,
    crit: Option<Value>,
}

/// A JWT from outside.
pub(super) struct ClientJwt<'a> {
    text: &'a str,
    header: Header,
    claims: Map<String, Value>,
}

impl<'a> ClientJwt<'a> {
    /// Reads a JWT without believing it; `None` if it is none, or none that could ever be believed.
    pub(super) fn read(text: &'a str) -> Option<Self> {
        if text.len() > LONGEST {
            return None;
        }
        let mut parts = text.split('.');
        let (header, claims, _signature) = (parts.next()?, parts.next()?, parts.next()?);
        if parts.next().is_some() {
            return None;
        }
        let header: Header = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(header).ok()?).ok()?;
        let claims = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(claims).ok()?).ok()?;
        header.crit.is_none().then_some(Self { text, header, claims })
    }

    /// Returns what it says to be signed with.
    pub(super) fn algorithm(&self) -> ClientAlgorithm {
        self.header.alg
    }

    /// Returns the key that it says to be signed with.
    pub(super) fn kid(&self) -> Option<&str> {
        self.header.kid.as_deref()
    }

    /// Returns whether `typ` is one of these; a media type may be given with or without `application/`, in any case
    /// (RFC 7515 section 4.1.9). One that is absent counts as the empty text.
    pub(super) fn is_typed(&self, permitted: &[&str]) -> bool {
        let typ = self.header.typ.as_deref().unwrap_or_default().to_ascii_lowercase();
        let typ = typ.strip_prefix("application/").unwrap_or(&typ);
        permitted.contains(&typ)
    }

    /// Returns the key in its header. Only a DPoP proof may bring its own.
    pub(super) fn own_key(&self) -> Option<&Value> {
        self.header.jwk.as_ref()
    }

    /// Returns the claims.
    pub(super) fn claims(&self) -> &Map<String, Value> {
        &self.claims
    }

    /// Returns a claim that is a text.
    pub(super) fn text_claim(&self, name: &str) -> Option<&str> {
        self.claims.get(name).and_then(Value::as_str)
    }

    /// Returns a claim that is a time, in whole seconds.
    pub(super) fn time_claim(&self, name: &str) -> Option<i64> {
        let value = self.claims.get(name)?;
        // A NumericDate may have a fraction (RFC 7519 section 2).
        value.as_i64().or_else(|| value.as_f64().map(|seconds| seconds.floor() as i64))
    }

    /// Returns the audience: one text or several.
    pub(super) fn audience(&self) -> Vec<&str> {
        match self.claims.get("aud") {
            Some(Value::String(one)) => vec![one],
            Some(Value::Array(several)) => several.iter().map(|one| one.as_str().unwrap_or_default()).collect(),
            _ => Vec::new(),
        }
    }

    /// Returns whether the holder of this secret has signed it.
    pub(super) fn is_authenticated_by(&self, secret: &str) -> bool {
        self.header.alg.is_symmetric() && self.verifies(&DecodingKey::from_secret(secret.as_bytes()))
    }

    /// Returns whether the holder of this public key has signed it.
    pub(super) fn is_signed_by(&self, key: &Jwk) -> bool {
        if !fits(key, self.header.alg) {
            return false;
        }
        DecodingKey::from_jwk(key).is_ok_and(|key| self.verifies(&key))
    }

    fn verifies(&self, key: &DecodingKey) -> bool {
        let mut validation = Validation::new(self.header.alg.as_jwt());
        validation.required_spec_claims.clear();
        (validation.validate_exp, validation.validate_aud, validation.validate_nbf) = (false, false, false);
        jsonwebtoken::decode::<Value>(self.text, key, &validation).is_ok()
    }
}

/// Returns whether a key may verify this algorithm's signatures: its kind, its use, and its own algorithm if it names
/// one.
pub(super) fn fits(key: &Jwk, algorithm: ClientAlgorithm) -> bool {
    use jsonwebtoken::jwk::{AlgorithmParameters, EllipticCurve, PublicKeyUse};

    let kind = match (&key.algorithm, algorithm) {
        (AlgorithmParameters::RSA(_), ClientAlgorithm::Rs256 | ClientAlgorithm::Ps256) => true,
        (AlgorithmParameters::EllipticCurve(key), ClientAlgorithm::Es256) => key.curve == EllipticCurve::P256,
        (AlgorithmParameters::OctetKeyPair(key), ClientAlgorithm::EdDsa) => key.curve == EllipticCurve::Ed25519,
        _ => false,
    };
    let signs = key.common.public_key_use.as_ref().is_none_or(|usage| *usage == PublicKeyUse::Signature);
    let named = key.common.key_algorithm.map(|named| named.to_string());
    kind && signs && named.is_none_or(|named| named == algorithm.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn jwt(header: &str, claims: &str) -> String {
        let part = |text: &str| URL_SAFE_NO_PAD.encode(text);
        format!("{}.{}.c2lnbmF0dXJl", part(header), part(claims))
    }

    #[test]
    fn what_could_never_be_believed_is_not_read() {
        for header in
            [r#"{"alg":"none"}"#, r#"{"alg":"HS512"}"#, r#"{"alg":"RS256","crit":["exp"],"exp":1}"#, "{}", "[]", ""]
        {
            assert!(ClientJwt::read(&jwt(header, "{}")).is_none(), "{header}");
        }
        for wrong in ["", ".", "a.b", "a.b.c.d", "e30.e30.", "!.!.!"] {
            assert!(ClientJwt::read(wrong).is_none(), "{wrong}");
        }
        assert!(ClientJwt::read(&jwt(r#"{"alg":"RS256"}"#, "[]")).is_none());
        assert!(ClientJwt::read(&jwt(r#"{"alg":"RS256"}"#, "{}")).is_some());
    }

    #[test]
    fn a_public_key_is_never_a_secret() {
        let key: Jwk = serde_json::from_value(serde_json::json!({
            "kty": "EC", "crv": "P-256", "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
            "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"
        }))
        .unwrap();
        assert!(!fits(&key, ClientAlgorithm::Hs256) && fits(&key, ClientAlgorithm::Es256));
        assert!(!fits(&key, ClientAlgorithm::Rs256));
    }

    #[test]
    fn types_and_times_are_read_as_the_rfcs_spell_them() {
        let text = jwt(r#"{"alg":"ES256","typ":"application/DPoP+jwt"}"#, r#"{"iat":1.9,"aud":["a","b"]}"#);
        let jwt = ClientJwt::read(&text).unwrap();
        assert!(jwt.is_typed(&["dpop+jwt"]) && !jwt.is_typed(&["jwt", ""]));
        assert_eq!(jwt.time_claim("iat"), Some(1));
        assert_eq!(jwt.audience(), ["a", "b"]);
    }
}
