//! Public halves as others want them: a JWK Set, and PEM (SubjectPublicKeyInfo, RFC 5280).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use crate::keyring::der::{integer, sequence, value};
use crate::keyring::root::to_pem;

/// `AlgorithmIdentifier` of RSA (RFC 3279 section 2.3.1).
const RSA: [u8; 15] = [0x30, 13, 6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 1, 5, 0];
/// `AlgorithmIdentifier` of P-256 (RFC 5480 section 2.1.1).
const P256: [u8; 21] =
    [0x30, 19, 6, 7, 0x2a, 0x86, 0x48, 0xce, 0x3d, 2, 1, 6, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 7];
/// `AlgorithmIdentifier` of Ed25519 (RFC 8410 section 3).
const ED25519: [u8; 7] = [0x30, 5, 6, 3, 0x2b, 0x65, 0x70];

/// Returns a public JWK as PEM; `None` if it is not one of ours.
#[must_use]
pub fn public_pem(jwk: &str) -> Option<String> {
    let jwk: Value = serde_json::from_str(jwk).ok()?;
    let member = |name: &str| URL_SAFE_NO_PAD.decode(jwk.get(name)?.as_str()?).ok();
    let (algorithm, key) = match jwk.get("kty")?.as_str()? {
        "RSA" => (RSA.to_vec(), sequence(&[integer(&member("n")?), integer(&member("e")?)])),
        "EC" => (P256.to_vec(), [vec![4], member("x")?, member("y")?].concat()),
        _ => (ED25519.to_vec(), member("x")?),
    };
    let bits = value(0x03, &[vec![0], key].concat());
    Some(to_pem("PUBLIC KEY", &sequence(&[algorithm, bits])).to_string())
}

/// Returns public JWKs as a JWK Set (RFC 7517 section 5), JSON.
#[must_use]
pub fn public_key_set<'a>(jwks: impl IntoIterator<Item = &'a str>) -> String {
    let keys: Vec<Value> = jwks.into_iter().filter_map(|jwk| serde_json::from_str(jwk).ok()).collect();
    json!({ "keys": keys }).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keyring::private_key::PrivateKey;
    use crate::model::SigningAlgorithm;

    #[test]
    fn every_kind_of_key_is_written_as_libraries_read_it() {
        for algorithm in SigningAlgorithm::ALL {
            let key = PrivateKey::generate(algorithm).unwrap();
            let pem = public_pem(&key.public_jwk().unwrap().1.to_string()).unwrap();
            let decoding = match algorithm {
                SigningAlgorithm::Rs256 => jsonwebtoken::DecodingKey::from_rsa_pem(pem.as_bytes()),
                SigningAlgorithm::Es256 => jsonwebtoken::DecodingKey::from_ec_pem(pem.as_bytes()),
                SigningAlgorithm::EdDsa => jsonwebtoken::DecodingKey::from_ed_pem(pem.as_bytes()),
            };
            let signature = URL_SAFE_NO_PAD.encode(key.sign(b"message").unwrap());
            let verified = jsonwebtoken::crypto::verify(&signature, b"message", &decoding.unwrap(), algorithm.as_jwt());
            assert!(verified.unwrap(), "{algorithm}: {pem}");
        }
    }
}
