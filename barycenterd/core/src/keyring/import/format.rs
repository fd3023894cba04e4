//! The forms in which a private key may come: PEM, encrypted or not, and JWK. Whatever is wrong is said without
//! repeating anything of it.

use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use pkcs8::{EncryptedPrivateKeyInfoRef, SecretDocument};
use rustls_pki_types::PrivateKeyDer;
use rustls_pki_types::pem::PemObject as _;
use serde_json::Value;
use zeroize::Zeroizing;

use crate::keyring::der::{integer, sequence};
use crate::keyring::private_key::PrivateKey;
use crate::secret::Secret;

/// The members of an RSA JWK in the order of PKCS#1 (RFC 8017 appendix A.1.2).
const RSA_MEMBERS: [&str; 8] = ["n", "e", "d", "p", "q", "dp", "dq", "qi"];

/// Reads a private key, and its `kid` if it has one.
pub(super) fn read(text: &Secret, passphrase: Option<&Secret>) -> Result<(PrivateKey, Option<String>), String> {
    let text = text.expose().trim();
    let (key, kid) = if text.starts_with('{') {
        if passphrase.is_some() {
            return Err("a JWK is not encrypted: no passphrase is needed".to_owned());
        }
        read_jwk(text)?
    } else {
        (read_pem(text, passphrase)?, None)
    };
    // What can be read may still not fit together.
    key.sign(b"probe").map_err(|_| unusable())?;
    Ok((key, kid))
}

fn unusable() -> String {
    "is not a private key of a kind that can be used: RSA (2048 to 8192 bits), P-256 or Ed25519".to_owned()
}

fn read_pem(text: &str, passphrase: Option<&Secret>) -> Result<PrivateKey, String> {
    let has = |label: &str| text.contains(label);
    if has("BEGIN ENCRYPTED PRIVATE KEY") {
        let Some(passphrase) = passphrase else {
            return Err("is protected by a passphrase; give the file that holds it: --passphrase-file FILE".to_owned());
        };
        return decrypt(text, passphrase);
    }
    if has("Proc-Type: 4,ENCRYPTED") {
        return Err(
            "is encrypted in OpenSSL's old form, which is weak; write it as PKCS#8 first: openssl pkcs8 -topk8 -in … -out …"
                .to_owned(),
        );
    }
    if passphrase.is_some() {
        return Err("is not encrypted: no passphrase is needed".to_owned());
    }
    if !has("PRIVATE KEY") && (has("BEGIN PUBLIC KEY") || has("BEGIN RSA PUBLIC KEY") || has("BEGIN CERTIFICATE")) {
        return Err("holds the public half only; the private key is needed".to_owned());
    }
    let der = PrivateKeyDer::from_pem_slice(text.as_bytes()).map_err(|_| {
        "holds neither a PEM private key (PKCS#8, PKCS#1 or SEC1) nor a JWK; is it truncated?".to_owned()
    })?;
    PrivateKey::from_der(&der).map_err(|error| error.to_string())
}

/// Decrypts PKCS#8 (PBES2, RFC 8018 section 6.2).
fn decrypt(text: &str, passphrase: &Secret) -> Result<PrivateKey, String> {
    let (_, document) = SecretDocument::from_pem(text).map_err(|_| "is not whole; is it truncated?".to_owned())?;
    let encrypted = EncryptedPrivateKeyInfoRef::try_from(document.as_bytes()).map_err(|_| {
        "is encrypted in a way that is not known here: PBES2 with PBKDF2 or scrypt and AES is".to_owned()
    })?;
    let opened = encrypted.decrypt(passphrase.expose()).map_err(|_| {
        "cannot be decrypted: the passphrase is wrong, or it is encrypted in a way that is not known here".to_owned()
    })?;
    PrivateKey::from_pkcs8(opened.as_bytes()).map_err(|error| error.to_string())
}

fn read_jwk(text: &str) -> Result<(PrivateKey, Option<String>), String> {
    // The parser's own messages would repeat what they met.
    let jwk: Value = serde_json::from_str(text).map_err(|error| {
        format!("is not a JWK: no JSON at line {}, column {}; is it truncated?", error.line(), error.column())
    })?;
    if jwk.get("keys").is_some() {
        return Err("is a set of keys; give one of them".to_owned());
    }
    let name = |member: &str| jwk.get(member).and_then(Value::as_str);
    if name("d").is_none() {
        return Err("is a JWK without a private half (the member d)".to_owned());
    }
    if let Some(other) = name("use").filter(|purpose| *purpose != "sig") {
        return Err(format!("is a JWK for another use: {other:?} is not \"sig\""));
    }
    let key = match (name("kty"), name("crv")) {
        (Some("RSA"), _) => rsa(&jwk)?,
        (Some("EC"), Some("P-256")) => {
            let point = [vec![4], fixed(&jwk, "x")?, fixed(&jwk, "y")?].concat();
            let private = Zeroizing::new(fixed(&jwk, "d")?);
            let pair =
                EcdsaKeyPair::from_private_key_and_public_key(&ECDSA_P256_SHA256_FIXED_SIGNING, &private, &point);
            PrivateKey::P256(Box::new(pair.map_err(|_| unusable())?))
        }
        (Some("OKP"), Some("Ed25519")) => {
            let (seed, public) = (Zeroizing::new(fixed(&jwk, "d")?), fixed(&jwk, "x")?);
            let pair = Ed25519KeyPair::from_seed_and_public_key(&seed, &public);
            PrivateKey::Ed25519(Box::new(pair.map_err(|_| unusable())?))
        }
        _ => return Err(unusable()),
    };
    let algorithm = key.algorithm();
    if let Some(other) = name("alg").filter(|alg| *alg != algorithm.as_str()) {
        return Err(format!("is a JWK for the algorithm {other:?}; this key would sign with {algorithm}"));
    }
    Ok((key, name("kid").map(str::to_owned)))
}

fn member(jwk: &Value, name: &str) -> Result<Vec<u8>, String> {
    let text = jwk.get(name).and_then(Value::as_str);
    let bytes = text.and_then(|text| URL_SAFE_NO_PAD.decode(text).ok()).filter(|bytes| !bytes.is_empty());
    bytes.ok_or_else(|| format!("is a JWK whose member {name} is missing or not base64url"))
}

/// Returns a member that has 32 bytes (RFC 7518 section 6.2, RFC 8037 section 2).
fn fixed(jwk: &Value, name: &str) -> Result<Vec<u8>, String> {
    let bytes = member(jwk, name)?;
    if bytes.len() == 32 { Ok(bytes) } else { Err(format!("is a JWK whose member {name} does not have 32 bytes")) }
}

fn rsa(jwk: &Value) -> Result<PrivateKey, String> {
    if jwk.get("oth").is_some() {
        return Err("is an RSA key of more than two primes, which is not supported".to_owned());
    }
    let mut values = vec![integer(&[])];
    for name in RSA_MEMBERS {
        values.push(integer(&member(jwk, name)?));
    }
    let der = Zeroizing::new(sequence(&values));
    PrivateKey::from_der(&PrivateKeyDer::Pkcs1(der.as_slice().into())).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::model::SigningAlgorithm;

    fn pem(text: &str) -> Secret {
        Secret::new(text)
    }

    fn refused(text: &str, passphrase: Option<&str>) -> String {
        read(&pem(text), passphrase.map(Secret::new).as_ref()).map(drop).unwrap_err()
    }

    #[test]
    fn pem_is_read_in_every_encoding() {
        for (text, algorithm) in [
            (include_str!("../../../tests/store/keys/rsa-pkcs1.pem"), SigningAlgorithm::Rs256),
            (include_str!("../../../tests/store/keys/rsa-pkcs8.pem"), SigningAlgorithm::Rs256),
            (include_str!("../../../tests/store/keys/p256-sec1.pem"), SigningAlgorithm::Es256),
            (include_str!("../../../tests/store/keys/p256-pkcs8.pem"), SigningAlgorithm::Es256),
            (include_str!("../../../tests/store/keys/ed25519.pem"), SigningAlgorithm::EdDsa),
        ] {
            assert_eq!(read(&pem(text), None).unwrap().0.algorithm(), algorithm);
        }
    }

    #[test]
    fn an_encrypted_key_needs_its_passphrase() {
        let text = include_str!("../../../tests/store/keys/encrypted.pem");
        assert!(refused(text, None).contains("--passphrase-file"));
        assert!(refused(text, Some("wrong")).contains("passphrase is wrong"));
        let scrypt = include_str!("../../../tests/store/keys/encrypted-scrypt.pem");
        for text in [text, scrypt] {
            read(&pem(text), Some(&Secret::new("test"))).unwrap();
        }
        let plain = include_str!("../../../tests/store/keys/ed25519.pem");
        assert!(refused(plain, Some("secret")).contains("not encrypted"));
        assert!(refused(&text[..text.len() / 2], Some("secret")).contains("truncated"));
    }

    /// The key pairs of RFC 8037 appendix A.1 and RFC 7515 appendix A.3.
    fn jwks() -> [Value; 2] {
        [
            json!({ "kty": "OKP", "crv": "Ed25519", "d": "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A", "kid": "mine",
                "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo" }),
            json!({ "kty": "EC", "crv": "P-256", "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU", "use": "sig",
                "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0", "d": "jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI" }),
        ]
    }

    #[test]
    fn jwks_are_read_with_their_name() {
        let [ed25519, p256] = jwks();
        let (key, kid) = read(&pem(&ed25519.to_string()), None).unwrap();
        assert_eq!((key.algorithm(), kid.as_deref()), (SigningAlgorithm::EdDsa, Some("mine")));
        let (key, kid) = read(&pem(&p256.to_string()), None).unwrap();
        assert_eq!((key.algorithm(), kid), (SigningAlgorithm::Es256, None));
        let rsa = include_str!("../../../tests/store/keys/rsa.jwk");
        let (key, _) = read(&pem(rsa), None).unwrap();
        let (from_pem, _) = read(&pem(include_str!("../../../tests/store/keys/rsa-pkcs8.pem")), None).unwrap();
        assert_eq!(key.public_jwk().unwrap(), from_pem.public_jwk().unwrap());
    }

    #[test]
    fn what_is_no_private_signing_key_is_refused_without_repeating_it() {
        let [ed25519, p256] = jwks();
        let with = |jwk: &Value, name: &str, text: &str| {
            let mut jwk = jwk.clone();
            jwk[name] = json!(text);
            jwk.to_string()
        };
        let mut public = p256.clone();
        public.as_object_mut().unwrap().remove("d");
        let [x, canary] = ["f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU", "Y2FuYXJ5"];
        for (text, reason) in [
            (String::new(), "neither a PEM private key"),
            ("-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----".to_owned(), "public half only"),
            (include_str!("../../../tests/store/keys/p384.pem").to_owned(), "P-256 or Ed25519"),
            (public.to_string(), "without a private half"),
            (json!({ "keys": [ed25519] }).to_string(), "a set of keys"),
            (with(&ed25519, "x", x), "is not a private key of a kind"),
            (with(&p256, "x", x).replace("jpsQ", "jpsR"), "is not a private key of a kind"),
            (with(&p256, "d", canary), "does not have 32 bytes"),
            (with(&p256, "use", "enc"), "another use"),
            (with(&p256, "alg", "ES384"), "ES384"),
            (with(&p256, "crv", "P-384"), "P-256 or Ed25519"),
            ("{ \"kty\": \"EC\", \"d\": \"Y2FuYXJ5".to_owned(), "truncated"),
        ] {
            let message = refused(&text, None);
            assert!(message.contains(reason) && !message.contains(canary), "{message}");
        }
    }
}
