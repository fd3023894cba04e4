//! The keyring: one root key, every algorithm, several replicas.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::sync::{Arc, Mutex};

use barycenter_core::config::{Keys, Oidc};
use barycenter_core::keyring::{Keyring, KeyringError, Purpose};
use barycenter_core::model::{SigningAlgorithm, SigningKey};
use jsonwebtoken::jwk::JwkSet;
use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::support::{NOW, on_both};

fn settings(folder: &Path, alg: SigningAlgorithm) -> Keys {
    let (jwks_path, private_key_path) = (folder.join("jwks.json"), folder.join("private_key.pem"));
    Keys { jwks_path, private_key_path, alg, ..Keys::default() }
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
async fn another_algorithm_is_published_before_it_signs() {
    on_both(|place, store| async move {
        let before = Keyring::open(&settings(place.folder.path(), SigningAlgorithm::Rs256), &store, NOW).await.unwrap();
        let token = before.sign("JWT", &json!({})).unwrap();
        let after = Keyring::open(&settings(place.folder.path(), SigningAlgorithm::EdDsa), &store, NOW).await.unwrap();
        assert_eq!((after.algorithm(), after.algorithms()), (SigningAlgorithm::Rs256, vec![SigningAlgorithm::Rs256]));
        assert_eq!(key_count(&after.published().json), 2);
        after.advance(&after.policy(&Oidc::default()), NOW.plus(335).into()).await.unwrap();
        assert_eq!(after.algorithm(), SigningAlgorithm::EdDsa);
        assert_eq!(after.algorithms(), [SigningAlgorithm::Rs256, SigningAlgorithm::EdDsa], "side by side");
        for algorithm in after.algorithms() {
            let token = after.sign_with(algorithm, "JWT", &json!({})).unwrap();
            verify(&after.published().json, &token, algorithm);
        }
        let refused = after.sign_with(SigningAlgorithm::Es256, "JWT", &json!({})).unwrap_err();
        assert!(refused.to_string().contains("baryctl keys rotate --alg ES256"), "{refused}");
        verify(&after.published().json, &token, SigningAlgorithm::Rs256);
    })
    .await;
}

fn key_count(jwks: &str) -> usize {
    serde_json::from_str::<JwkSet>(jwks).unwrap().keys.len()
}

/// Opens the keyring with a root key file that cannot be used, and returns why; the file and the keyring are left alone.
async fn refused(text: &'static str, mode: u32) -> Vec<String> {
    let reasons: Arc<Mutex<Vec<String>>> = Arc::default();
    let kept = Arc::clone(&reasons);
    on_both(|place, store| {
        let reasons = Arc::clone(&kept);
        async move {
            let settings = settings(place.folder.path(), SigningAlgorithm::Rs256);
            for is_first_start in [true, false] {
                if !is_first_start {
                    fs::remove_file(&settings.private_key_path).unwrap();
                    Keyring::open(&settings, &store, NOW).await.unwrap();
                }
                let before = store.signing_keys().all().await.unwrap();
                fs::write(&settings.private_key_path, text).unwrap();
                fs::set_permissions(&settings.private_key_path, fs::Permissions::from_mode(mode)).unwrap();
                let error = Keyring::open(&settings, &store, NOW).await.map(drop).unwrap_err().to_string();
                assert!(error.contains("private_key.pem"), "{error}");
                assert_eq!(fs::read_to_string(&settings.private_key_path).unwrap(), text, "the file is left alone");
                assert_eq!(store.signing_keys().all().await.unwrap(), before, "no key is made in its place");
                reasons.lock().unwrap().push(error);
            }
        }
    })
    .await;
    std::mem::take(&mut *reasons.lock().unwrap())
}

const RSA: &str = include_str!("keys/rsa-pkcs8.pem");

#[tokio::test]
async fn an_empty_root_key_is_refused_and_left_alone() {
    assert!(refused("", 0o600).await.iter().all(|reason| reason.contains("holds no PEM private key")));
}

#[tokio::test]
async fn a_truncated_root_key_is_refused_and_left_alone() {
    let half = RSA.get(..RSA.len() / 2).unwrap();
    assert!(refused(half, 0o600).await.iter().all(|reason| reason.contains("truncated")));
}

#[tokio::test]
async fn a_root_key_of_another_type_is_refused_and_left_alone() {
    let reasons = refused(include_str!("keys/p384.pem"), 0o600).await;
    assert!(reasons.iter().all(|reason| reason.contains("RSA (2048 to 8192 bits), P-256 or Ed25519")), "{reasons:?}");
}

#[tokio::test]
async fn a_root_key_under_a_passphrase_is_refused_and_left_alone() {
    let reasons = refused(include_str!("keys/encrypted.pem"), 0o600).await;
    assert!(
        reasons.iter().all(|reason| reason.contains("passphrase") && reason.contains("openssl pkey")),
        "{reasons:?}"
    );
}

#[tokio::test]
async fn a_root_key_that_everybody_can_read_is_refused_and_left_alone() {
    let reasons = refused(RSA, 0o644).await;
    assert!(reasons.iter().all(|reason| reason.contains("open to everybody (mode 0644)")), "{reasons:?}");
}

#[tokio::test]
async fn a_signing_key_that_is_damaged_is_named_and_not_replaced() {
    on_both(|place, store| async move {
        let settings = settings(place.folder.path(), SigningAlgorithm::Es256);
        Keyring::open(&settings, &store, NOW).await.unwrap();
        let key = store.signing_keys().all().await.unwrap().remove(0);
        let damaged = SigningKey { wrapped: key.wrapped.replace(&key.wrapped[..4], "AAAA"), ..key.clone() };
        store.signing_keys().update(&damaged).await.unwrap();
        let error = Keyring::open(&settings, &store, NOW).await.map(drop).unwrap_err();
        assert!(error.to_string().contains(key.kid.as_str()), "{error}");
        assert_eq!(store.signing_keys().all().await.unwrap(), [damaged]);
    })
    .await;
}
