//! The life of signing keys: rotations, retirements, imports and another root key, by any number of processes at once.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use barycenter_core::config::{Keys, Oidc, Seconds};
use barycenter_core::keyring::{
    Importation, Imported, Keyring, KeyringError, Policy, Purpose, Retired, Retirement, Rotated, Rotation, Run, Start,
    Step,
};
use barycenter_core::model::{KeyId, SigningAlgorithm, SigningKey, SigningKeyState, TokenLifetimes};
use barycenter_core::secret::Secret;
use barycenter_core::store::Store;
use serde_json::json;
use tokio::task::JoinSet;

use crate::support::{NOW, Place, client, on_both};

/// Seconds from publication to the first signature, and from the last signature to the end, by default.
const PUBLICATION: i64 = 335;
const VERIFICATION: i64 = 635;

const ROTATION: Rotation = Rotation { algorithm: None, activate_in: None, run: Run::Real };

fn settings(place: &Place) -> Keys {
    let path = |name: &str| place.folder.path().join(name);
    let (jwks_path, private_key_path) = (path("jwks.json"), path("private_key.pem"));
    Keys { jwks_path, private_key_path, alg: SigningAlgorithm::Es256, ..Keys::default() }
}

fn policy(keyring: &Keyring) -> Policy {
    keyring.policy(&Oidc::default())
}

async fn open(place: &Place, store: &Store) -> Keyring {
    Keyring::open(&settings(place), store, NOW).await.unwrap()
}

async fn states(store: &Store) -> Vec<SigningKeyState> {
    let mut states: Vec<_> = store.signing_keys().all().await.unwrap().into_iter().map(|key| key.state).collect();
    states.sort();
    states
}

async fn rotate(keyring: &Keyring, after: i64) -> KeyId {
    match keyring.rotate(ROTATION, &policy(keyring), NOW.plus(after).into()).await.unwrap() {
        Rotated::Published { key, .. } => key.kid,
        other => unreachable!("{other:?}"),
    }
}

async fn advance(keyring: &Keyring, after: i64) -> Vec<Step> {
    keyring.refresh(NOW.plus(after)).await.unwrap();
    keyring.advance(&policy(keyring), NOW.plus(after).into()).await.unwrap()
}

fn kid(token: &str) -> String {
    jsonwebtoken::decode_header(token).unwrap().kid.unwrap()
}

#[tokio::test]
async fn a_rotation_publishes_activates_and_retires() {
    on_both(|place, store| async move {
        use SigningKeyState::{Active, Pending, Retired, Retiring};

        let keyring = open(&place, &store).await;
        let old = keyring.sign("JWT", &json!({})).unwrap();
        let next = rotate(&keyring, 0).await;
        assert_eq!(states(&store).await, [Pending, Active]);
        assert!(keyring.published().json.contains(next.as_str()), "published at once");
        assert_eq!(kid(&keyring.sign("JWT", &json!({})).unwrap()), kid(&old), "it does not sign yet");

        assert_eq!(advance(&keyring, PUBLICATION - 1).await, []);
        assert_eq!(advance(&keyring, PUBLICATION).await, [Step::Activate(next.clone())]);
        assert_eq!(states(&store).await, [Active, Retiring]);
        assert_eq!(kid(&keyring.sign("JWT", &json!({})).unwrap()), next.as_str());
        assert!(keyring.verify_signature(&old).is_some(), "the tokens of the key before verify");

        assert_eq!(advance(&keyring, PUBLICATION + VERIFICATION - 1).await, []);
        assert_eq!(advance(&keyring, PUBLICATION + VERIFICATION).await.len(), 1);
        assert_eq!(states(&store).await, [Active, Retired]);
        assert!(!keyring.published().json.contains(&kid(&old)));
        let keys = store.signing_keys().all().await.unwrap();
        let retired = keys.iter().find(|key| key.state == Retired).unwrap();
        assert_eq!(retired.wrapped, "", "its private half is destroyed");
    })
    .await;
}

#[tokio::test]
async fn the_database_knows_one_key_in_each_place() {
    on_both(|place, store| async move {
        rotate(&open(&place, &store).await, 0).await;
        for key in store.signing_keys().all().await.unwrap() {
            let copy = SigningKey { kid: KeyId::new(format!("copy of {}", key.kid)), ..key };
            assert!(store.signing_keys().insert(&copy).await.unwrap_err().is_conflict(), "{}", copy.state);
        }
        assert_eq!(states(&store).await, [SigningKeyState::Pending, SigningKeyState::Active]);
    })
    .await;
}

#[tokio::test]
async fn every_algorithm_has_a_key_of_its_own() {
    on_both(|place, store| async move {
        let keyring = open(&place, &store).await;
        for algorithm in [SigningAlgorithm::Rs256, SigningAlgorithm::EdDsa] {
            let rotation = Rotation { algorithm: Some(algorithm), ..ROTATION };
            let rotated = keyring.rotate(rotation, &policy(&keyring), NOW.into()).await.unwrap();
            assert!(matches!(rotated, Rotated::Published { replaces: None, .. }), "{rotated:?}");
        }
        advance(&keyring, PUBLICATION).await;
        assert_eq!(keyring.algorithms(), SigningAlgorithm::ALL);
        assert_eq!(keyring.algorithm(), SigningAlgorithm::Es256, "the configured one where nobody asks");
    })
    .await;
}

#[tokio::test]
async fn a_dry_run_changes_nothing() {
    on_both(|place, store| async move {
        let keyring = open(&place, &store).await;
        let before = store.signing_keys().all().await.unwrap();
        let dry = Rotation { run: Run::Dry, ..ROTATION };
        let rotated = keyring.rotate(dry, &policy(&keyring), NOW.into()).await.unwrap();
        assert!(matches!(rotated, Rotated::Published { .. }));
        let how = (&policy(&keyring), NOW.into());
        let retired = keyring.retire(&before[0].kid, Retirement::Now, Run::Dry, how).await.unwrap();
        assert!(matches!(retired, Retired::Done { successor: Some(_), .. }), "{retired:?}");
        assert_eq!(store.signing_keys().all().await.unwrap(), before);
    })
    .await;
}

#[tokio::test]
async fn nobody_signs_before_every_relying_party_knows() {
    on_both(|place, store| async move {
        let keyring = open(&place, &store).await;
        let soon = Rotation { activate_in: Some(PUBLICATION - 1), ..ROTATION };
        let rotated = keyring.rotate(soon, &policy(&keyring), NOW.into()).await.unwrap();
        assert!(matches!(rotated, Rotated::TooSoon { least: PUBLICATION }), "{rotated:?}");
        let later = Rotation { activate_in: Some(86_400), ..ROTATION };
        let rotated = keyring.rotate(later, &policy(&keyring), NOW.into()).await.unwrap();
        assert!(matches!(rotated, Rotated::Published { .. }));
        assert_eq!(advance(&keyring, 86_399).await, []);
        assert_eq!(advance(&keyring, 86_400).await.len(), 1);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_operators_who_rotate_at_once_one_does() {
    on_both(|place, store| async move {
        let mut keyrings = Vec::new();
        for _ in 0..6 {
            keyrings.push(open(&place, &place.connect().await).await);
        }
        let mut tasks = JoinSet::new();
        for keyring in keyrings {
            tasks.spawn(async move { keyring.rotate(ROTATION, &policy(&keyring), NOW.into()).await.unwrap() });
        }
        let (mut published, mut pending) = (Vec::new(), Vec::new());
        for rotated in tasks.join_all().await {
            match rotated {
                Rotated::Published { key, .. } => published.push(key.kid),
                Rotated::Pending(key) => pending.push(key.kid),
                other => panic!("{other:?}"),
            }
        }
        assert_eq!((published.len(), pending.len()), (1, 5));
        assert!(pending.iter().all(|kid| *kid == published[0]), "the others are shown the one that waits");
        assert_eq!(states(&store).await, [SigningKeyState::Pending, SigningKeyState::Active]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn replicas_that_advance_at_once_do_everything_once() {
    on_both(|place, store| async move {
        rotate(&open(&place, &store).await, 0).await;
        let mut keyrings = Vec::new();
        for _ in 0..6 {
            keyrings.push(open(&place, &place.connect().await).await);
        }
        let mut tasks = JoinSet::new();
        for keyring in keyrings {
            tasks.spawn(async move {
                let steps = keyring.advance(&policy(&keyring), NOW.plus(PUBLICATION).into()).await.unwrap();
                (steps.len(), kid(&keyring.sign("JWT", &json!({})).unwrap()))
            });
        }
        let done = tasks.join_all().await;
        assert_eq!(done.iter().map(|(steps, _)| steps).sum::<usize>(), 1);
        assert_eq!(states(&store).await, [SigningKeyState::Active, SigningKeyState::Retiring]);
        let keys = store.signing_keys().all().await.unwrap();
        let active = keys.iter().find(|key| key.state == SigningKeyState::Active).unwrap();
        let all_agree = done.iter().filter(|(_, signed)| *signed == active.kid.as_str()).count();
        assert!(all_agree >= 1);
    })
    .await;
}

#[tokio::test]
async fn a_replica_sees_what_another_has_done() {
    on_both(|place, store| async move {
        let (one, other) = (open(&place, &store).await, open(&place, &place.connect().await).await);
        let next = rotate(&one, 0).await;
        assert!(!other.published().json.contains(next.as_str()));
        other.freshen(NOW.plus(6)).await;
        assert_eq!(other.published(), one.published(), "whoever was away looks before it publishes");
        advance(&one, PUBLICATION).await;
        other.tend(&policy(&other), NOW.plus(PUBLICATION)).await.unwrap();
        assert_eq!(kid(&other.sign("JWT", &json!({})).unwrap()), next.as_str());
    })
    .await;
}

#[tokio::test]
async fn keys_rotate_by_themselves_if_that_is_configured() {
    on_both(|place, store| async move {
        let settings = Keys { rotate_every: Some(Seconds::new(1000)), ..settings(&place) };
        let keyring = Keyring::open(&settings, &store, NOW).await.unwrap();
        assert_eq!(advance(&keyring, 1000 - PUBLICATION - 1).await.len(), 1, "only what is known of lifetimes");
        assert_eq!(advance(&keyring, 1000 - PUBLICATION).await.len(), 1);
        assert_eq!(states(&store).await, [SigningKeyState::Pending, SigningKeyState::Active]);
        assert_eq!(advance(&keyring, 999).await, []);
        assert!(matches!(advance(&keyring, 1000).await[..], [Step::Activate(_)]));
    })
    .await;
}

#[tokio::test]
async fn a_clients_own_lifetime_keeps_the_key_that_signs_for_it() {
    on_both(|place, store| async move {
        let keyring = open(&place, &store).await;
        let mut patient = client("patient");
        patient.lifetimes = TokenLifetimes { id_token: Some(Seconds::new(86_400)), ..TokenLifetimes::default() };
        store.clients().insert(&patient).await.unwrap();
        // Whoever tends the keyring notes what is permitted while the key signs.
        keyring.tend(&policy(&keyring), NOW).await.unwrap();
        store.clients().delete(&patient.id).await.unwrap();
        rotate(&keyring, 0).await;
        advance(&keyring, PUBLICATION).await;
        assert_eq!(advance(&keyring, PUBLICATION + 86_400 + 34).await, []);
        assert_eq!(advance(&keyring, PUBLICATION + 86_400 + 35).await.len(), 1);
    })
    .await;
}

#[tokio::test]
async fn a_key_that_is_needed_is_not_retired_by_the_way() {
    on_both(|place, store| async move {
        let keyring = open(&place, &store).await;
        let retire = async |kid: &KeyId, how, after: i64| {
            let policy = policy(&keyring);
            keyring.retire(kid, how, Run::Real, (&policy, NOW.plus(after).into())).await.unwrap()
        };
        let first = store.signing_keys().all().await.unwrap().remove(0).kid;
        let Retired::InUse { unexpired, .. } = retire(&first, Retirement::WhenUnused, 0).await else { panic!() };
        assert_eq!(unexpired.until, NOW.plus(600));
        assert!(matches!(retire(&KeyId::new("unknown"), Retirement::Now, 0).await, Retired::Unknown));

        let pending = rotate(&keyring, 0).await;
        let taken_back = retire(&pending, Retirement::WhenUnused, 0).await;
        assert!(matches!(taken_back, Retired::Done { successor: None, unexpired: None, .. }), "{taken_back:?}");
        assert!(matches!(retire(&pending, Retirement::WhenUnused, 0).await, Retired::Already(_)));

        rotate(&keyring, 0).await;
        advance(&keyring, PUBLICATION).await;
        let Retired::InUse { unexpired, .. } = retire(&first, Retirement::WhenUnused, PUBLICATION).await else {
            panic!()
        };
        assert_eq!(unexpired.until, NOW.plus(PUBLICATION + VERIFICATION));
        let retired = retire(&first, Retirement::Now, PUBLICATION).await;
        assert!(matches!(retired, Retired::Done { successor: None, unexpired: Some(_), .. }), "{retired:?}");
    })
    .await;
}

#[tokio::test]
async fn a_stolen_key_is_gone_at_once_and_a_successor_signs() {
    on_both(|place, store| async move {
        let keyring = open(&place, &store).await;
        for is_published_before in [false, true] {
            let stolen = keyring.sign("JWT", &json!({})).unwrap();
            let waiting = if is_published_before { Some(rotate(&keyring, 0).await) } else { None };
            let policy = policy(&keyring);
            let how = (&policy, NOW.into());
            let retired = keyring.retire(&KeyId::new(kid(&stolen)), Retirement::Now, Run::Real, how).await.unwrap();
            let Retired::Done { successor: Some(successor), unexpired: Some(unexpired), .. } = retired else {
                panic!()
            };
            assert_eq!(unexpired.until, NOW.plus(600));
            assert!(waiting.is_none_or(|waiting| waiting == successor.kid), "the one that waits, if one does");
            assert!(keyring.verify_signature(&stolen).is_none());
            assert_eq!(kid(&keyring.sign("JWT", &json!({})).unwrap()), successor.kid.as_str());
            assert!(!keyring.published().json.contains(&kid(&stolen)));
        }
    })
    .await;
}

fn importation(key: &str) -> Importation {
    Importation { key: Secret::new(key), passphrase: None, kid: None, start: Start::WhenKnown, run: Run::Real }
}

#[tokio::test]
async fn a_key_is_brought_along_under_its_own_name() {
    on_both(|place, store| async move {
        let keyring = open(&place, &store).await;
        let import = async |importation| keyring.import(importation, &policy(&keyring), NOW.into()).await.unwrap();
        let rsa = include_str!("keys/rsa-pkcs8.pem");
        let named = Importation { kid: Some("2026-05a".to_owned()), ..importation(rsa) };
        let Imported::Done { key, replaces: None } = import(named).await else { panic!() };
        assert_eq!((key.kid.as_str(), key.state), ("2026-05a", SigningKeyState::Pending));
        assert!(keyring.published().json.contains("\"kid\":\"2026-05a\""));
        let again = import(importation(include_str!("keys/rsa.jwk"))).await;
        assert!(matches!(&again, Imported::Exists(key) if key.kid.as_str() == "2026-05a"), "whatever its form");
        let same_name =
            Importation { kid: Some("2026-05a".to_owned()), ..importation(include_str!("keys/ed25519.pem")) };
        assert!(matches!(import(same_name).await, Imported::Exists(_)));
        let refused = import(Importation { kid: Some("a b".to_owned()), ..importation(rsa) }).await;
        assert!(matches!(&refused, Imported::Invalid(reason) if reason.contains("a b")), "{refused:?}");
        rotate(&keyring, 0).await;
        let waits = import(importation(include_str!("keys/p256-sec1.pem"))).await;
        assert!(matches!(waits, Imported::Pending(_)), "{waits:?}");
        advance(&keyring, PUBLICATION).await;
        let token = keyring.sign_with(SigningAlgorithm::Rs256, "JWT", &json!({})).unwrap();
        assert_eq!(kid(&token), "2026-05a");
    })
    .await;
}

#[tokio::test]
async fn a_key_that_is_to_sign_at_once_does() {
    on_both(|place, store| async move {
        let keyring = open(&place, &store).await;
        let before = keyring.sign("JWT", &json!({})).unwrap();
        let now = Importation { start: Start::Now, ..importation(include_str!("keys/p256-pkcs8.pem")) };
        let imported = keyring.import(now, &policy(&keyring), NOW.into()).await.unwrap();
        let Imported::Done { key, replaces: Some(replaces) } = imported else { panic!() };
        assert_eq!((key.state, replaces.as_str()), (SigningKeyState::Active, kid(&before).as_str()));
        assert_eq!(kid(&keyring.sign("JWT", &json!({})).unwrap()), key.kid.as_str());
        assert!(keyring.verify_signature(&before).is_some());
    })
    .await;
}

fn new_root(folder: &Path) -> PathBuf {
    let path = folder.join("new_root.pem");
    fs::write(&path, include_str!("keys/ed25519.pem")).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
    path
}

#[tokio::test]
async fn another_root_key_opens_the_same_keyring() {
    on_both(|place, store| async move {
        let before = open(&place, &store).await;
        let stolen = KeyId::new(kid(&before.sign("JWT", &json!({})).unwrap()));
        let how = (&policy(&before), NOW.into());
        before.retire(&stolen, Retirement::Now, Run::Real, how).await.unwrap();
        let token = before.sign("JWT", &json!({})).unwrap();
        let path = new_root(place.folder.path());
        before.rewrap(&path, Run::Dry).await.unwrap();
        open(&place, &store).await;

        let rewrapped = before.rewrap(&path, Run::Real).await.unwrap();
        assert_eq!(rewrapped.keys, 2);
        let refused = Keyring::open(&settings(&place), &store, NOW).await.map(drop).unwrap_err();
        assert!(matches!(refused, KeyringError::OtherRoot { .. }), "{refused}");
        let after = Keyring::open(&Keys { private_key_path: path, ..settings(&place) }, &store, NOW).await.unwrap();
        assert_eq!(after.published(), before.published());
        assert!(after.verify_signature(&token).is_some());
        assert_eq!(kid(&after.sign("JWT", &json!({})).unwrap()), kid(&token));
        for purpose in [Purpose::Forms, Purpose::PasswordFingerprint] {
            assert_eq!(*after.derive(purpose).unwrap(), *before.derive(purpose).unwrap(), "{purpose:?} is kept");
        }

        // A daemon that still has the old root key goes on, and changes nothing.
        before.tend(&policy(&before), NOW.plus(10)).await.unwrap();
        assert_eq!(kid(&before.sign("JWT", &json!({})).unwrap()), kid(&token));
        let refused = before.rotate(ROTATION, &policy(&before), NOW.into()).await.unwrap_err();
        assert!(matches!(refused, KeyringError::OtherRoot { .. }), "{refused}");
        // It even publishes what the others add.
        let next = rotate(&after, 0).await;
        before.tend(&policy(&before), NOW.plus(12)).await.unwrap();
        assert!(before.published().json.contains(next.as_str()));
    })
    .await;
}

#[tokio::test]
async fn a_new_root_key_that_cannot_be_used_leaves_everything_as_it_was() {
    on_both(|place, store| async move {
        let keyring = open(&place, &store).await;
        let keys = store.signing_keys().all().await.unwrap();
        let path = new_root(place.folder.path());
        for (text, mode, reason) in [
            (None, 0o600, "does not exist"),
            (Some("-----BEGIN PRIVATE KEY-----\n"), 0o600, "truncated"),
            (Some(include_str!("keys/p384.pem")), 0o600, "P-256 or Ed25519"),
            (Some(include_str!("keys/encrypted.pem")), 0o600, "passphrase"),
            (Some(include_str!("keys/ed25519.pem")), 0o644, "open to everybody"),
        ] {
            let _ = fs::remove_file(&path);
            if let Some(text) = text {
                fs::write(&path, text).unwrap();
                fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
            }
            let error = keyring.rewrap(&path, Run::Real).await.unwrap_err().to_string();
            assert!(error.contains(reason) && error.contains("the keyring is unchanged"), "{error}");
        }
        let same = keyring.rewrap(&settings(&place).private_key_path, Run::Real).await.unwrap_err().to_string();
        assert!(same.contains("already"), "{same}");
        assert_eq!(store.signing_keys().all().await.unwrap(), keys);
    })
    .await;
}

#[tokio::test]
async fn a_full_disk_under_the_mirror_stops_nobody() {
    on_both(|place, store| async move {
        let settings = Keys { jwks_path: "/proc/no/jwks.json".into(), ..settings(&place) };
        let keyring = Keyring::open(&settings, &store, NOW).await.unwrap();
        assert!(keyring.mirror_fault().is_some_and(|fault| fault.contains("/proc/no/jwks.json")));
        rotate(&keyring, 0).await;
        advance(&keyring, PUBLICATION).await;
        keyring.write_mirror();
        assert!(keyring.mirror_fault().is_some());
    })
    .await;
}
