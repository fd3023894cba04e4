//! The keyring: one root key, every algorithm, several replicas.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use barycenter_core::config::Keys;
use barycenter_core::keyring::{Keyring, KeyringError, Purpose};
use barycenter_core::model::SigningAlgorithm;
use jsonwebtoken::jwk::JwkSet;
use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::support::{NOW, on_both};

fn settings(folder: &Path, alg: SigningAlgorithm) -> Keys {
    Keys { jwks_path: folder.join("jwks.json"), private_key_path: folder.join("private_key.pem"), alg }
}

/// Verifies a token as a relying party does: with the published keys and nothing else.
fn verify(jwks: &str, token: &str, algorithm: SigningAlgorithm) -> Value {
    let set: JwkSet = serde_json::from_str(jwks).unwrap();
    let header = jsonwebtoken::decode_header(token).unwrap();
    let jwk = set.find(header.kid.as_deref().expect("a kid")).expect("a published key");
    let key = jsonwebtoken::DecodingKey::from_jwk(jwk).unwrap();
    let mut validation = jsonwebtoken::Validation::new(algorithm.as_jwt());
    validation.required_spec_claims.clear();
    validation.validate_exp = false;
    jsonwebtoken::decode::<Value>(token, &key, &validation).unwrap().claims
}

#[tokio::test]
async fn every_algorithm_truly_signs_with_itself() {
    for algorithm in SigningAlgorithm::ALL {
        on_both(|place, store| async move {
            let settings = settings(place.folder.path(), algorithm);
            let keyring = Keyring::open(&settings, &store, NOW).await.unwrap();
            let token = keyring.sign("JWT", &json!({ "sub": "u" })).unwrap();
            assert_eq!(verify(&keyring.published().json, &token, algorithm), json!({ "sub": "u" }));
            assert_eq!(keyring.verify_signature(&token), Some(json!({ "sub": "u" })));
            assert_eq!(fs::read_to_string(&settings.jwks_path).unwrap(), keyring.published().json, "the mirror");
            let mode = fs::metadata(&settings.private_key_path).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600);
            assert!(!keyring.published().json.contains("\"d\""), "no private member is published");
        })
        .await;
    }
}

#[tokio::test]
async fn a_restart_uses_the_same_key() {
    on_both(|place, store| async move {
        let settings = settings(place.folder.path(), SigningAlgorithm::Rs256);
        let first = Keyring::open(&settings, &store, NOW).await.unwrap();
        let token = first.sign("JWT", &json!({})).unwrap();
        let second = Keyring::open(&settings, &store, NOW.plus(60)).await.unwrap();
        assert!(second.verify_signature(&token).is_some());
        assert_eq!(first.published().etag, second.published().etag);
        assert_eq!(*first.derive(Purpose::Forms).unwrap(), *second.derive(Purpose::Forms).unwrap());
        assert_ne!(*first.derive(Purpose::Forms).unwrap(), *first.derive(Purpose::Keyring).unwrap());
    })
    .await;
}

#[tokio::test]
async fn replicas_that_start_at_once_on_one_volume_agree() {
    on_both(|place, store| async move {
        let mut tasks = JoinSet::new();
        for _ in 0..6 {
            let (settings, store) = (settings(place.folder.path(), SigningAlgorithm::Es256), store.clone());
            tasks.spawn(async move { Keyring::open(&settings, &store, NOW).await.unwrap().published().etag.clone() });
        }
        let mut etags = tasks.join_all().await;
        etags.dedup();
        assert_eq!(etags.len(), 1);
        assert_eq!(store.signing_keys().all().await.unwrap().len(), 1);
    })
    .await;
}

#[tokio::test]
async fn another_root_key_is_refused_with_a_way_out() {
    on_both(|place, store| async move {
        Keyring::open(&settings(place.folder.path(), SigningAlgorithm::Rs256), &store, NOW).await.unwrap();
        let other = tempfile::TempDir::new().unwrap();
        let elsewhere = settings(other.path(), SigningAlgorithm::EdDsa);
        let missing = Keyring::open(&elsewhere, &store, NOW).await.map(drop).unwrap_err();
        assert!(matches!(missing, KeyringError::RootMissing { .. }), "{missing}");
        assert!(!elsewhere.private_key_path.exists(), "no key is generated in its place");
        let foreign = include_str!("keys/ed25519.pem");
        write_key(&elsewhere.private_key_path, foreign);
        let error = Keyring::open(&elsewhere, &store, NOW).await.map(drop).unwrap_err();
        assert!(
            matches!(error, KeyringError::OtherRoot { .. }) && error.to_string().contains("mount the same key"),
            "{error}"
        );
        assert_eq!(fs::read_to_string(&elsewhere.private_key_path).unwrap(), foreign, "the file is left alone");
    })
    .await;
}

fn write_key(path: &Path, pem: &str) {
    fs::write(path, pem).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(0o600)).unwrap();
}

#[tokio::test]
async fn a_key_may_be_brought_along_in_every_encoding() {
    for (pem, algorithm) in [
        (include_str!("keys/rsa-pkcs1.pem"), SigningAlgorithm::Rs256),
        (include_str!("keys/rsa-pkcs8.pem"), SigningAlgorithm::Rs256),
        (include_str!("keys/p256-sec1.pem"), SigningAlgorithm::Es256),
        (include_str!("keys/p256-pkcs8.pem"), SigningAlgorithm::Es256),
        (include_str!("keys/ed25519.pem"), SigningAlgorithm::EdDsa),
        (include_str!("keys/ed25519.pem"), SigningAlgorithm::Rs256),
    ] {
        on_both(|place, store| async move {
            let settings = settings(place.folder.path(), algorithm);
            write_key(&settings.private_key_path, pem);
            let keyring = Keyring::open(&settings, &store, NOW).await.unwrap();
            let token = keyring.sign("JWT", &json!({})).unwrap();
            assert_eq!(keyring.algorithm(), algorithm);
            verify(&keyring.published().json, &token, algorithm);
        })
        .await;
    }
}

#[tokio::test]
async fn the_encoding_of_the_root_key_does_not_matter() {
    on_both(|place, store| async move {
        let settings = settings(place.folder.path(), SigningAlgorithm::Es256);
        write_key(&settings.private_key_path, include_str!("keys/p256-sec1.pem"));
        Keyring::open(&settings, &store, NOW).await.unwrap();
        write_key(&settings.private_key_path, include_str!("keys/p256-pkcs8.pem"));
        Keyring::open(&settings, &store, NOW).await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn another_algorithm_keeps_old_tokens_valid() {
    on_both(|place, store| async move {
        let before = Keyring::open(&settings(place.folder.path(), SigningAlgorithm::Rs256), &store, NOW).await.unwrap();
        let token = before.sign("JWT", &json!({})).unwrap();
        let after = Keyring::open(&settings(place.folder.path(), SigningAlgorithm::EdDsa), &store, NOW).await.unwrap();
        assert_eq!(after.algorithm(), SigningAlgorithm::EdDsa);
        verify(&after.published().json, &token, SigningAlgorithm::Rs256);
    })
    .await;
}

#[tokio::test]
async fn a_root_key_that_cannot_be_used_says_why_and_is_left_alone() {
    on_both(|place, store| async move {
        let settings = settings(place.folder.path(), SigningAlgorithm::Rs256);
        let rsa = include_str!("keys/rsa-pkcs8.pem");
        for (text, mode, reason) in [
            ("", 0o600, "holds no PEM private key"),
            (&rsa[..rsa.len() / 2], 0o600, "truncated"),
            (include_str!("keys/p384.pem"), 0o600, "RSA (2048 to 8192 bits), P-256 or Ed25519"),
            (include_str!("keys/encrypted.pem"), 0o600, "passphrase"),
            (rsa, 0o644, "open to everybody (mode 0644)"),
        ] {
            fs::write(&settings.private_key_path, text).unwrap();
            fs::set_permissions(&settings.private_key_path, fs::Permissions::from_mode(mode)).unwrap();
            let error = Keyring::open(&settings, &store, NOW).await.map(drop).unwrap_err().to_string();
            assert!(error.contains(reason) && error.contains("private_key.pem"), "{error}");
            assert_eq!(fs::read_to_string(&settings.private_key_path).unwrap(), text);
        }
        assert!(store.signing_keys().all().await.unwrap().is_empty());
    })
    .await;
}
