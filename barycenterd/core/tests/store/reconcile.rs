//! Diff and sync against a real database.

use std::sync::Arc;

use barycenter_core::clock::FixedClock;
use barycenter_core::config::Keys;
use barycenter_core::keyring::Keyring;
use barycenter_core::model::{AuthenticationMethod, Ownership, Session, SessionId, User, Username};
use barycenter_core::password::PasswordHasher;
use barycenter_core::reconcile::{
    Adoption, Applied, ConflictReason, OnConflict, Operation, Outcome, PlannedUser, Reconciler, Target as _, UsersFile,
    compare, sync, users_file,
};
use barycenter_core::secret::Secret;
use barycenter_core::store::Store;
use tokio::task::JoinSet;

use crate::support::{NOW, Place, cheap_passwords, on_both, user};

async fn reconciler(place: &Place, store: &Store) -> Reconciler {
    let keys = Keys {
        jwks_path: place.folder.path().join("jwks.json"),
        private_key_path: place.folder.path().join("private_key.pem"),
        alg: barycenter_core::model::SigningAlgorithm::EdDsa,
    };
    let keyring = Keyring::open(&keys, store, NOW).await.unwrap();
    let hasher = PasswordHasher::new(&cheap_passwords()).unwrap();
    Reconciler::new(store.clone(), hasher, &keyring, Arc::new(FixedClock::at(NOW))).unwrap()
}

fn file(json: &str) -> UsersFile {
    users_file::parse(json).unwrap()
}

const TWO: &str = r#"{"users":[
  {"username":"admin","email":"admin@example.com","password":"first","properties":{"role":"administrator"}},
  {"username":"app-service","email":"service@example.com","password":"second"}]}"#;

async fn run(reconciler: &Reconciler, json: &str) -> Outcome {
    sync(reconciler, &file(json), &Adoption::default(), OnConflict::Fail).await.unwrap()
}

async fn find(store: &Store, name: &str) -> User {
    store.users().by_username(&Username::parse(name).unwrap()).await.unwrap().expect("found")
}

#[tokio::test]
async fn a_second_sync_changes_nothing() {
    on_both(|place, store| async move {
        let reconciler = reconciler(&place, &store).await;
        let Outcome::Done(first) = run(&reconciler, TWO).await else { panic!("done") };
        assert_eq!(first.count(Operation::Create), 2);
        let before = find(&store, "admin").await;
        let Outcome::Clean(second) = run(&reconciler, TWO).await else { panic!("clean") };
        assert_eq!(second.unchanged, 2);
        assert_eq!(format!("{before:?}"), format!("{:?}", find(&store, "admin").await));
        assert!(compare(&reconciler, &file(TWO), &Adoption::default()).await.unwrap().is_clean());
    })
    .await;
}

#[tokio::test]
async fn a_declared_password_signs_in_and_one_changed_by_hand_stays() {
    on_both(|place, store| async move {
        let reconciler = reconciler(&place, &store).await;
        let hasher = PasswordHasher::new(&cheap_passwords()).unwrap();
        run(&reconciler, TWO).await;
        let mut admin = find(&store, "admin").await;
        assert!(hasher.verify(&Secret::new("first"), admin.password.as_ref()).await.unwrap());
        admin.password = Some(hasher.hash(&Secret::new("by hand")).await.unwrap());
        store.users().update(&admin).await.unwrap();
        assert!(matches!(run(&reconciler, TWO).await, Outcome::Clean(_)));
        run(&reconciler, &TWO.replace("first", "third")).await;
        let admin = find(&store, "admin").await;
        assert!(hasher.verify(&Secret::new("third"), admin.password.as_ref()).await.unwrap());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn three_at_once_all_succeed() {
    on_both(|place, store| async move {
        let reconciler = Arc::new(reconciler(&place, &store).await);
        let mut tasks = JoinSet::new();
        for _ in 0..3 {
            let reconciler = Arc::clone(&reconciler);
            tasks.spawn(async move {
                let outcome = run(&reconciler, TWO).await;
                assert!(matches!(outcome, Outcome::Clean(_) | Outcome::Done(_)), "{outcome:?}");
            });
        }
        tasks.join_all().await;
        assert_eq!(store.users().page(10, None, None).await.unwrap().len(), 2);
    })
    .await;
}

#[tokio::test]
async fn a_conflict_stops_everything_or_is_skipped() {
    on_both(|place, store| async move {
        let reconciler = reconciler(&place, &store).await;
        let mut squatter = user("admin");
        squatter.ownership = Ownership::SelfRegistered;
        store.users().insert(&squatter).await.unwrap();
        let Outcome::Refused(refused) = run(&reconciler, TWO).await else { panic!("refused") };
        assert_eq!(refused.count(Operation::Conflict), 1);
        assert_eq!(store.users().page(10, None, None).await.unwrap().len(), 1, "nothing was written");
        let outcome = sync(&reconciler, &file(TWO), &Adoption::default(), OnConflict::Skip).await.unwrap();
        let Outcome::Done(skipped) = outcome else { panic!("done") };
        assert_eq!((skipped.count(Operation::Create), skipped.count(Operation::Conflict)), (1, 1));
        assert!(find(&store, "admin").await.properties.is_empty(), "the squatter inherits nothing");
        let adoption = Adoption { names: ["admin".to_owned()].into(), all: false };
        let outcome = sync(&reconciler, &file(TWO), &adoption, OnConflict::Fail).await.unwrap();
        assert!(matches!(outcome, Outcome::Done(_)));
        assert!(matches!(run(&reconciler, TWO).await, Outcome::Clean(_)));
    })
    .await;
}

#[tokio::test]
async fn addresses_may_change_hands_within_a_file() {
    on_both(|place, store| async move {
        let reconciler = reconciler(&place, &store).await;
        run(&reconciler, TWO).await;
        let swapped = TWO.replace("admin@", "x@").replace("service@", "admin@").replace("x@", "service@");
        let Outcome::Done(done) = run(&reconciler, &swapped).await else { panic!("done") };
        assert_eq!(done.count(Operation::Update), 2);
        assert_eq!(find(&store, "admin").await.email.unwrap().as_str(), "service@example.com");
        assert!(matches!(run(&reconciler, &swapped).await, Outcome::Clean(_)));
    })
    .await;
}

#[tokio::test]
async fn an_address_that_somebody_else_has_is_a_conflict() {
    on_both(|place, store| async move {
        let reconciler = reconciler(&place, &store).await;
        run(&reconciler, TWO).await;
        let taken = r#"{"manager":"hr","users":[{"username":"new","email":"Admin@example.com"}]}"#;
        let comparison = compare(&reconciler, &file(taken), &Adoption::default()).await.unwrap();
        assert_eq!(comparison.changes[0].conflict, Some(ConflictReason::EmailTaken));
    })
    .await;
}

#[tokio::test]
async fn what_changed_after_the_plan_is_refused_and_nothing_is_written() {
    on_both(|place, store| async move {
        let reconciler = reconciler(&place, &store).await;
        run(&reconciler, TWO).await;
        let file = file(&TWO.replace("administrator", "auditor"));
        let changes = reconciler.plan(&file.manager, &file.users, &Adoption::default()).await.unwrap();
        let mut admin = find(&store, "admin").await;
        admin.enabled = false;
        store.users().update(&admin).await.unwrap();
        let entries: Vec<_> = file
            .users
            .iter()
            .zip(&changes)
            .map(|(user, change)| PlannedUser { user: user.clone(), basis: change.basis.clone() })
            .collect();
        let applied = reconciler.apply(&file.manager, &entries, &Adoption::default()).await.unwrap();
        let Applied::Refused(refused) = applied else { panic!("refused") };
        assert_eq!(refused[0].conflict, Some(ConflictReason::ChangedMeanwhile));
        assert_eq!(find(&store, "admin").await.properties["role"], "administrator");
    })
    .await;
}

#[tokio::test]
async fn disabling_or_a_new_password_ends_sessions() {
    on_both(|place, store| async move {
        let reconciler = reconciler(&place, &store).await;
        run(&reconciler, TWO).await;
        let admin = find(&store, "admin").await;
        let session = |name: &str| Session {
            id: SessionId::new(name),
            cookie: Secret::new(name).digest(),
            user_id: admin.id.clone(),
            authenticated_at: NOW,
            methods: vec![AuthenticationMethod::Password],
            expires_at: NOW.plus(60),
        };
        for change in [TWO.replace("first", "third"), TWO.replace("\"first\"", "\"third\",\"enabled\":false")] {
            store.sessions().insert(&session("s")).await.unwrap();
            run(&reconciler, &change).await;
            assert!(store.sessions().by_id(&SessionId::new("s"), NOW).await.unwrap().is_none());
        }
    })
    .await;
}

#[tokio::test]
async fn users_that_the_file_no_longer_names_are_counted() {
    on_both(|place, store| async move {
        let reconciler = reconciler(&place, &store).await;
        run(&reconciler, TWO).await;
        let one = file(r#"{"users":[{"username":"admin"}]}"#);
        let comparison = compare(&reconciler, &one, &Adoption::default()).await.unwrap();
        assert_eq!((comparison.unchanged, comparison.no_longer_in_file), (1, 1));
    })
    .await;
}

#[tokio::test]
async fn more_than_one_batch_converges() {
    on_both(|place, store| async move {
        let reconciler = reconciler(&place, &store).await;
        let users: Vec<_> = (0..2100).map(|number| serde_json::json!({ "username": format!("u{number}"), "email": format!("u{number}@example.com") })).collect();
        let many = serde_json::json!({ "users": users }).to_string();
        let Outcome::Done(done) = run(&reconciler, &many).await else { panic!("done") };
        assert_eq!(done.count(Operation::Create), 2100);
        let Outcome::Clean(clean) = run(&reconciler, &many).await else { panic!("clean") };
        assert_eq!(clean.unchanged, 2100);
    })
    .await;
}
