//! Key pairs of clients, and what is signed with them: right and wrong.

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair};
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::jwk::{Jwk, ThumbprintHash};
use jsonwebtoken::{Algorithm, EncodingKey};
use serde_json::json;

use super::*;

/// A key pair on P-256.
pub(super) struct Key {
    pub(super) kid: String,
    signing: EncodingKey,
}

impl Key {
    pub(super) fn new(kid: &str) -> Self {
        let pkcs8 = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &SystemRandom::new()).unwrap();
        Self { kid: kid.to_owned(), signing: EncodingKey::from_ec_der(pkcs8.as_ref()) }
    }

    /// The public half as a JWK.
    pub(super) fn public(&self) -> Value {
        let jwk = Jwk::from_encoding_key(&self.signing, Algorithm::ES256).unwrap();
        let mut value = serde_json::to_value(jwk).unwrap();
        value["kid"] = json!(self.kid);
        value
    }

    /// The thumbprint of the public half (RFC 7638).
    pub(super) fn thumbprint(&self) -> String {
        let jwk: Jwk = serde_json::from_value(self.public()).unwrap();
        jwk.thumbprint(ThumbprintHash::SHA256).unwrap()
    }

    /// A JWK Set with this key.
    pub(super) fn set(&self) -> Value {
        json!({ "keys": [self.public()] })
    }

    /// Signs claims under this header.
    pub(super) fn sign(&self, header: &Value, claims: &Value) -> String {
        let message = message(header, claims);
        let signature = jsonwebtoken::crypto::sign(message.as_bytes(), &self.signing, Algorithm::ES256).unwrap();
        format!("{message}.{signature}")
    }
}

fn message(header: &Value, claims: &Value) -> String {
    let part = |value: &Value| base64::Engine::encode(&URL_SAFE_NO_PAD, value.to_string());
    format!("{}.{}", part(header), part(claims))
}

/// Authenticates claims with a secret.
pub(super) fn sign_with_secret(secret: &[u8], header: &Value, claims: &Value) -> String {
    let message = message(header, claims);
    let key = EncodingKey::from_secret(secret);
    let signature = jsonwebtoken::crypto::sign(message.as_bytes(), &key, Algorithm::HS256).unwrap();
    format!("{message}.{signature}")
}

/// Claims under `alg: none`.
pub(super) fn unsigned(claims: &Value) -> String {
    format!("{}.", message(&json!({ "alg": "none" }), claims))
}
