//! The doctor on both databases: a healthy deployment is healthy, and each fault is found by the check that is named
//! for it. No message holds a secret.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::sync::Arc;

use barycenter_core::clock::FixedClock;
use barycenter_core::config::Config;
use barycenter_core::doctor::{Check, Finding, Seat, Selection, Status, Subject, examine};
use barycenter_core::keyring::Keyring;
use barycenter_core::model::{Manager, Replica, SigningAlgorithm, SigningKey, SigningKeyState, Timestamp};
use barycenter_core::password::PasswordHasher;
use barycenter_core::reconcile::{
    Counts, Guards, Intent, Kind, Lease, OnConflict, Order, Prune, Reconciler, Request, Source, Values, run,
};
use barycenter_core::secret::Secret;
use barycenter_core::store::{Store, SyncOutcome, SyncRun};

use crate::support::{NOW, Place, cheap_passwords, on_both};

fn config(place: &Place) -> Config {
    let mut config = Config { database: place.settings.clone(), passwords: cheap_passwords(), ..Config::default() };
    config.keys.jwks_path = place.folder.path().join("jwks.json");
    config.keys.private_key_path = place.folder.path().join("private_key.pem");
    config.keys.alg = SigningAlgorithm::Es256;
    config
}

async fn examined(config: &Config, store: Result<&Store, &Finding>, now: Timestamp) -> Vec<Check> {
    let hasher = PasswordHasher::new(&config.passwords).unwrap();
    let subject = Subject { config, store, hasher: Some(&hasher), mirror_fault: None, seat: Seat::Direct, now };
    let checks = examine(&subject, &Selection::default()).await;
    let text = format!("{checks:?}");
    let password = url::Url::parse(config.database.url.expose()).ok().and_then(|url| url.password().map(str::to_owned));
    assert!(!text.contains("canary") && password.is_none_or(|password| !text.contains(&password)), "{text}");
    checks
}

/// Returns what is not as it should be; that the tests' Argon2 is cheap is known.
fn wrong(checks: &[Check]) -> Vec<(&'static str, Status)> {
    let bad = checks.iter().filter(|check| matches!(check.finding.status, Status::Warning | Status::Failed));
    bad.map(|check| (check.id, check.finding.status)).filter(|(id, _)| *id != "config.values").collect()
}

#[tokio::test]
async fn a_healthy_deployment_is_healthy() {
    on_both(|place, store| async move {
        let config = config(&place);
        Keyring::open(&config.keys, &store, NOW).await.unwrap();
        let checks = examined(&config, Ok(&store), NOW).await;
        assert_eq!(wrong(&checks), [], "{checks:#?}");
        let status = |id: &str| checks.iter().find(|check| check.id == id).unwrap().finding.status;
        let only_sqlite = if store.backend() == "sqlite" { Status::Ok } else { Status::Skipped };
        for id in ["db.folder", "db.wal", "db.location", "db.space", "db.integrity"] {
            assert_eq!(status(id), only_sqlite, "{id}");
        }
        assert_eq!(status("keys.keyring"), Status::Ok);
    })
    .await;
}

#[tokio::test]
async fn each_fault_is_found_by_its_check() {
    on_both(|place, store| async move {
        let mut config = config(&place);
        Keyring::open(&config.keys, &store, NOW).await.unwrap();
        let key = config.keys.private_key_path.clone();
        let mode = |mode| fs::set_permissions(&key, fs::Permissions::from_mode(mode)).unwrap();

        mode(0o640);
        assert_eq!(wrong(&examined(&config, Ok(&store), NOW).await), [("keys.root", Status::Warning)]);
        mode(0o644);
        assert_eq!(wrong(&examined(&config, Ok(&store), NOW).await), [("keys.root", Status::Failed)]);
        mode(0o600);

        let kept = fs::read(&key).unwrap();
        fs::write(&key, &kept[..40]).unwrap();
        assert_eq!(wrong(&examined(&config, Ok(&store), NOW).await), [("keys.root", Status::Failed)]);
        fs::remove_file(&key).unwrap();
        let found = wrong(&examined(&config, Ok(&store), NOW).await);
        assert_eq!(found, [("keys.root", Status::Warning), ("keys.keyring", Status::Failed)]);
        fs::write(&key, &kept).unwrap();
        mode(0o600);

        fs::write(&config.keys.jwks_path, "{}").unwrap();
        assert_eq!(wrong(&examined(&config, Ok(&store), NOW).await), [("keys.mirror", Status::Warning)]);
        fs::remove_file(&config.keys.jwks_path).unwrap();
        assert_eq!(wrong(&examined(&config, Ok(&store), NOW).await), [("keys.mirror", Status::Warning)]);
        Keyring::open(&config.keys, &store, NOW).await.unwrap();

        let later = NOW.plus(400 * 86_400);
        assert_eq!(wrong(&examined(&config, Ok(&store), later).await), [("keys.age", Status::Warning)]);

        config.keys.alg = SigningAlgorithm::Rs256;
        assert_eq!(wrong(&examined(&config, Ok(&store), NOW).await), [("keys.active", Status::Failed)]);
        config.keys.alg = SigningAlgorithm::Es256;

        config.server.public_base_url = "http://auth.example.com".parse().unwrap();
        assert_eq!(wrong(&examined(&config, Ok(&store), NOW).await), [("config.base-url", Status::Failed)]);
        config.server.public_base_url = "http://localhost:8080".parse().unwrap();

        config.database.max_connections = 4000;
        let pool = wrong(&examined(&config, Ok(&store), NOW).await);
        let wanted = [("db.pool", Status::Warning)];
        assert_eq!(pool, wanted[usize::from(store.backend() == "sqlite")..]);
        config.database.max_connections = 10;

        let key = store.signing_keys().all().await.unwrap().remove(0);
        let pending = SigningKey { state: SigningKeyState::Pending, activated_at: None, ..key };
        store.signing_keys().update(&pending).await.unwrap();
        let found = wrong(&examined(&config, Ok(&store), NOW.plus(3 * 86_400)).await);
        assert_eq!(found, [("keys.active", Status::Failed), ("keys.pending", Status::Warning)]);
    })
    .await;
}

#[tokio::test]
async fn connections_are_counted_for_every_replica_that_lives() {
    on_both(|place, store| async move {
        let config = config(&place);
        Keyring::open(&config.keys, &store, NOW).await.unwrap();
        let pool = async || {
            let checks = examined(&config, Ok(&store), NOW).await;
            checks.into_iter().find(|check| check.id == "db.pool").unwrap().finding
        };
        for (name, seen) in [("one", 1), ("two", 5), ("gone", 600)] {
            let replica = Replica {
                id: name.to_owned(),
                name: name.to_owned(),
                version: "1".to_owned(),
                root: "r".to_owned(),
                schema: "0001".to_owned(),
                issuer: "https://auth.example.com".to_owned(),
                public_address: None,
                started_at: NOW.plus(-900),
                seen_at: NOW.plus(-seen),
            };
            store.replicas().note(&replica).await.unwrap();
        }
        let found = pool().await;
        if store.backend() == "sqlite" {
            assert_eq!(found.status, Status::Skipped);
        } else {
            assert!(found.message.starts_with("2 replicas × 10 connections = 20 of the "), "{}", found.message);
        }
    })
    .await;
}

#[tokio::test]
async fn a_mirror_that_the_daemon_cannot_write_is_a_failure() {
    on_both(|place, store| async move {
        let mut config = config(&place);
        config.keys.jwks_path = place.folder.path().join("jwks.json");
        fs::create_dir(&config.keys.jwks_path).unwrap();
        let keyring = Keyring::open(&config.keys, &store, NOW).await.unwrap();
        let subject = Subject {
            config: &config,
            store: Ok(&store),
            hasher: None,
            mirror_fault: keyring.mirror_fault(),
            seat: Seat::Daemon,
            now: NOW,
        };
        let found = examine(&subject, &Selection::default()).await;
        let found = found.into_iter().find(|check| check.id == "keys.mirror").unwrap().finding;
        assert_eq!((found.status, Some(found.message)), (Status::Failed, keyring.mirror_fault()));
        let direct = examined(&config, Ok(&store), NOW).await;
        assert_eq!(wrong(&direct), [("keys.mirror", Status::Warning)], "who only looks does not know why");
    })
    .await;
}

#[tokio::test]
async fn a_database_that_does_not_open_is_one_failure_and_not_many() {
    on_both(|place, store| async move {
        let config = config(&place);
        Keyring::open(&config.keys, &store, NOW).await.unwrap();
        let why = Finding::failed("connection refused", "is it there?");
        let checks = examined(&config, Err(&why), NOW).await;
        assert_eq!(wrong(&checks), [("db.reachable", Status::Failed)]);
        store.clone().close().await.unwrap();
        let found = wrong(&examined(&config, Ok(&store), NOW).await);
        assert!(found.contains(&("db.reachable", Status::Failed)), "{found:?}");
    })
    .await;
}

#[tokio::test]
async fn a_users_file_that_was_not_applied_is_told() {
    on_both(|place, store| async move {
        let config = config(&place);
        Keyring::open(&config.keys, &store, NOW).await.unwrap();
        let mut run = SyncRun {
            manager: Manager::default(),
            origin: "watch /secrets/users.json".to_owned(),
            outcome: SyncOutcome::Failed,
            counts: Counts::default(),
            message: Some("3:5 unknown field".to_owned()),
            started_at: NOW,
            finished_at: NOW,
        };
        store.sync_runs().record(&run).await.unwrap();
        assert_eq!(wrong(&examined(&config, Ok(&store), NOW).await), [("users-file.applied", Status::Failed)]);
        (run.outcome, run.message, run.counts.conflict) = (SyncOutcome::Ok, None, 2);
        store.sync_runs().record(&run).await.unwrap();
        assert_eq!(wrong(&examined(&config, Ok(&store), NOW).await), [("users-file.conflicts", Status::Warning)]);
    })
    .await;
}

/// The guide's passwords are found by their fingerprints; who has chosen another since is left alone.
#[tokio::test]
async fn sample_passwords_are_found_until_they_are_changed() {
    on_both(|place, store| async move {
        let config = config(&place);
        let keyring = Keyring::open(&config.keys, &store, NOW).await.unwrap();
        let hasher = PasswordHasher::new(&config.passwords).unwrap();
        let reconciler =
            Reconciler::new(store.clone(), hasher.clone(), &keyring, Arc::new(FixedClock::at(NOW))).unwrap();
        let file = place.folder.path().join("users.json");
        let users = r#"{ "users": [
            { "username": "admin", "password": "CHANGE-ME-IN-PRODUCTION" },
            { "username": "app-service", "password": "service-account-password" },
            { "username": "alice", "password": "a password of her own" } ] }"#;
        fs::write(&file, users).unwrap();
        sync(&reconciler, &file).await;
        let told = async || {
            let checks = examined(&config, Ok(&store), NOW).await;
            let check = checks.into_iter().find(|check| check.id == "users.sample-passwords").unwrap();
            (check.finding.status, check.finding.message)
        };
        let (status, message) = told().await;
        assert_eq!(status, Status::Warning);
        assert!(
            message.contains("admin") && message.contains("app-service") && !message.contains("alice"),
            "{message}"
        );

        // He chose another by himself: the file's fingerprint stays, the password does not.
        let other = hasher.hash(&Secret::new("chosen by himself")).await.unwrap();
        let name = barycenter_core::model::Username::parse("admin").unwrap();
        let mut admin = store.users().by_username(&name).await.unwrap().unwrap();
        admin.password = Some(other);
        store.users().update(&admin).await.unwrap();
        assert!(told().await.1.starts_with("app-service has"), "{:?}", told().await);

        fs::write(&file, users.replace("service-account-password", "another one")).unwrap();
        sync(&reconciler, &file).await;
        assert_eq!(told().await, (Status::Ok, "nobody has one".to_owned()));
    })
    .await;
}

async fn sync(reconciler: &Reconciler, file: &std::path::Path) {
    let mut source = Source::open(&[file.to_owned()], &Values::default(), &mut std::io::empty()).unwrap();
    let checked = source.check().unwrap();
    let order = Order {
        request: Request { kinds: Kind::ALL.to_vec(), intent: Intent::default(), prune: Prune::Keep },
        guards: Guards::default(),
        on_conflict: OnConflict::Fail,
        patience: std::time::Duration::from_secs(5),
    };
    let lease = Lease::new(checked.manager.clone(), "test");
    run(reconciler, &mut source, &checked, &order, &lease, &mut ()).await.unwrap();
}
