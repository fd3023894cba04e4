//! Syncs against a real database, from the file to the rows.

mod clients;
mod concurrency;
mod passwords;
mod prune;

use std::sync::Arc;
use std::time::Duration;

use barycenter_core::clock::FixedClock;
use barycenter_core::config::Keys;
use barycenter_core::keyring::Keyring;
use barycenter_core::model::{Manager, Ownership, SigningAlgorithm, User, Username};
use barycenter_core::password::PasswordHasher;
use barycenter_core::reconcile::{
    Adoption, Checked, ConflictReason, Guards, Intent, Kind, Lease, OnConflict, Order, Outcome, Plan, Prune,
    ReconcileError, Reconciler, Refusal, Request, Source, Target, Values, Verdict, compare, run,
};
use barycenter_core::store::Store;

use crate::support::{NOW, Place, cheap_passwords, on_both, user};

const TWO: &str = r#"{"users":[
  {"username":"admin","email":"admin@example.com","password":"first","properties":{"role":"administrator"}},
  {"username":"app-service","email":"service@example.com","password":"second"}]}"#;

async fn reconciler(place: &Place, store: &Store) -> Reconciler {
    reconciler_at(place, store, Arc::new(FixedClock::at(NOW))).await
}

async fn reconciler_at(place: &Place, store: &Store, clock: Arc<FixedClock>) -> Reconciler {
    let keys = Keys {
        jwks_path: place.folder.path().join("jwks.json"),
        private_key_path: place.folder.path().join("private_key.pem"),
        alg: SigningAlgorithm::EdDsa,
        ..Keys::default()
    };
    let keyring = Keyring::open(&keys, store, NOW).await.unwrap();
    let hasher = PasswordHasher::new(&cheap_passwords()).unwrap();
    Reconciler::new(store.clone(), hasher, &keyring, clock).unwrap()
}

fn file(json: &str) -> (Source, Checked) {
    let mut source = Source::from_text("users.json", json, Values::default());
    let checked = source.check().unwrap();
    (source, checked)
}

/// Returns a file of many users, and what a closure adds to each.
fn many(count: usize, more: impl Fn(usize) -> String) -> String {
    let users: Vec<_> = (0..count).map(|number| format!("{{\"username\":\"u{number:05}\"{}}}", more(number))).collect();
    format!("{{\"users\":[{}]}}", users.join(",\n"))
}

/// Returns an order for all kinds that waits for others.
fn order() -> Order {
    let request = Request { kinds: Kind::ALL.to_vec(), ..Request::default() };
    Order { request, patience: Duration::from_secs(60), ..Order::default() }
}

fn pruning(prune: Prune) -> Order {
    let order = order();
    Order { request: Request { prune, ..order.request }, ..order }
}

fn adopting(names: &[&str], all: bool) -> Order {
    let mut order = order();
    let names = names.iter().map(|name| (*name).to_owned()).collect();
    order.request.intent = Intent { adoption: Adoption { names, all }, ..Intent::default() };
    order
}

async fn sync_with<T: Target<Error = ReconcileError>>(target: &T, json: &str, order: &Order) -> Verdict {
    let (mut source, checked) = file(json);
    let lease = Lease::new(checked.manager.clone(), "a test");
    run(target, &mut source, &checked, order, &lease, &mut ()).await.unwrap()
}

async fn sync(target: &Reconciler, json: &str) -> Verdict {
    sync_with(target, json, &order()).await
}

/// Syncs and expects that everything was done.
async fn done(target: &Reconciler, json: &str) -> Outcome {
    done_with(target, json, &order()).await
}

async fn done_with(target: &Reconciler, json: &str, order: &Order) -> Outcome {
    match sync_with(target, json, order).await {
        Verdict::Done(_, outcome) => {
            assert_eq!((outcome.failed, outcome.left), (0, 0), "{:?}", outcome.failures);
            outcome
        }
        other => unreachable!("{other:?}"),
    }
}

async fn clean(target: &Reconciler, json: &str) -> Plan {
    match sync(target, json).await {
        Verdict::Clean(plan) => plan,
        other => unreachable!("{other:?}"),
    }
}

async fn find(store: &Store, name: &str) -> User {
    store.users().by_username(&Username::parse(name).unwrap()).await.unwrap().expect("found")
}

async fn exists(store: &Store, name: &str) -> bool {
    store.users().by_username(&Username::parse(name).unwrap()).await.unwrap().is_some()
}

/// Returns all users, byte for byte.
async fn everything(store: &Store) -> String {
    let rows = store.users().page(10_000, None, None).await.unwrap();
    let shown = |user: &User| format!("{user:?} {:?}\n", user.password.as_ref().map(|hash| hash.as_str().to_owned()));
    rows.iter().map(shown).collect()
}

#[tokio::test]
async fn a_second_sync_changes_nothing() {
    on_both(|place, store| async move {
        let reconciler = reconciler(&place, &store).await;
        assert_eq!(done(&reconciler, TWO).await.counts.create, 2);
        let before = everything(&store).await;
        let plan = clean(&reconciler, TWO).await;
        assert_eq!((plan.counts.unchanged, plan.steps(), plan.passwords), (2, 0, 0));
        assert_eq!(everything(&store).await, before);
        let (mut source, checked) = file(TWO);
        let plan = compare(&reconciler, &mut source, &checked, &order().request, &mut ()).await.unwrap();
        assert!(plan.counts.is_clean());
    })
    .await;
}

#[tokio::test]
async fn every_field_arrives_and_null_takes_it_away() {
    on_both(|place, store| async move {
        let reconciler = reconciler(&place, &store).await;
        let full = r#"{"users":[{"username":"Ada","external_id":"1","email":"a@example.com","email_verified":true,"enabled":false,
            "protected":true,"password":"p","groups":["b","a"],"properties":{"ü":[1.1,1e300,123456789012345678,null,"😀"]}}]}"#;
        done(&reconciler, full).await;
        let ada = find(&store, "ada").await;
        assert_eq!((ada.external_id.as_deref(), ada.email_verified, ada.enabled, ada.protected), (Some("1"), true, false, true));
        assert!(ada.groups.iter().eq(["a", "b"]) && ada.password.is_some());
        assert_eq!(clean(&reconciler, full).await.steps(), 0);
        let cleared = r#"{"users":[{"username":"Ada","external_id":null,"email":null,"email_verified":null,"enabled":null,
            "protected":null,"password":null,"groups":null,"properties":null}]}"#;
        assert_eq!(done(&reconciler, cleared).await.counts.update, 1);
        let ada = find(&store, "ada").await;
        assert_eq!((&ada.external_id, &ada.email, ada.email_verified, ada.enabled, ada.protected), (&None, &None, false, true, false));
        assert!(ada.groups.is_empty() && ada.properties.is_empty() && ada.password.is_none());
        assert_eq!(clean(&reconciler, cleared).await.steps(), 0);
    })
    .await;
}

#[tokio::test]
async fn a_stable_key_makes_another_name_a_rename() {
    on_both(|place, store| async move {
        let reconciler = reconciler(&place, &store).await;
        done(&reconciler, r#"{"users":[{"username":"ada","external_id":"1"},{"username":"bob"}]}"#).await;
        let ada = find(&store, "ada").await;
        let renamed = r#"{"users":[{"username":"lovelace","external_id":"1"},{"username":"bob"}]}"#;
        assert_eq!(done_with(&reconciler, renamed, &pruning(Prune::Delete)).await.counts.update, 1);
        assert_eq!(find(&store, "lovelace").await.id, ada.id);
        assert!(!exists(&store, "ada").await);
        clean(&reconciler, renamed).await;
        // The name that becomes free is another person's at once, with or without a key of their own.
        for (mine, theirs, key) in [("x1", "lovelace", r#","external_id":"2""#), ("x2", "x1", "")] {
            let other = format!(
                r#"{{"users":[{{"username":"{mine}","external_id":"1"}},{{"username":"{theirs}"{key}}},{{"username":"bob"}}]}}"#
            );
            let outcome = done(&reconciler, &other).await;
            assert_eq!((outcome.counts.create, outcome.counts.update), (1, 1), "{mine}");
            assert_eq!(find(&store, mine).await.id, ada.id);
            assert_ne!(find(&store, theirs).await.id, ada.id);
            clean(&reconciler, &other).await;
        }
    })
    .await;
}

#[tokio::test]
async fn a_name_that_moves_to_a_new_key_hides_nobody_that_the_file_left_out() {
    on_both(|place, store| async move {
        let reconciler = reconciler(&place, &store).await;
        done(&reconciler, r#"{"users":[{"username":"a","external_id":"1"},{"username":"c"}]}"#).await;
        let next = r#"{"users":[{"username":"b","external_id":"1"},{"username":"a","external_id":"2"}]}"#;
        let outcome = done_with(&reconciler, next, &pruning(Prune::Disable)).await;
        assert_eq!((outcome.counts.create, outcome.counts.update, outcome.counts.disable), (1, 1, 1));
        assert!(!find(&store, "c").await.enabled);
    })
    .await;
}

#[tokio::test]
async fn names_and_addresses_change_hands_within_a_file() {
    on_both(|place, store| async move {
        let reconciler = reconciler(&place, &store).await;
        let users = |first: &str, second: &str| {
            format!(r#"{{"users":[{{"external_id":"1","username":"{first}","email":"{first}@example.com"}},
                {{"external_id":"2","username":"{second}","email":"{second}@example.com"}}]}}"#)
        };
        done(&reconciler, &users("ada", "bob")).await;
        let ada = find(&store, "ada").await;
        assert_eq!(done(&reconciler, &users("bob", "ada")).await.counts.update, 2);
        let bob = find(&store, "bob").await;
        assert_eq!((bob.id, bob.email.unwrap().as_str()), (ada.id, "bob@example.com"));
        clean(&reconciler, &users("bob", "ada")).await;
        // One gives an address away, a new one takes it.
        let passed = r#"{"users":[{"username":"carol","email":"bob@example.com"},{"external_id":"1","username":"bob","email":null},{"username":"ada"}]}"#;
        let outcome = done(&reconciler, passed).await;
        assert_eq!((outcome.counts.create, outcome.counts.update), (1, 1));
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
        let before = everything(&store).await;
        for order in [order(), adopting(&[], true)] {
            let Verdict::Conflicts(plan) = sync_with(&reconciler, TWO, &order).await else { panic!("conflicts") };
            assert_eq!((plan.counts.conflict, plan.counts.create), (1, 1));
            assert_eq!(plan.conflicts[0].conflict, Some(ConflictReason::SelfRegistered));
        }
        assert_eq!(everything(&store).await, before, "nothing was written");
        let skip = Order { on_conflict: OnConflict::Skip, ..order() };
        let outcome = done_with(&reconciler, TWO, &skip).await;
        assert_eq!((outcome.counts.create, outcome.counts.conflict), (1, 1));
        assert!(find(&store, "admin").await.properties.is_empty(), "the squatter inherits nothing");
        assert_eq!(done_with(&reconciler, TWO, &adopting(&["admin"], false)).await.counts.update, 1);
        clean(&reconciler, TWO).await;
    })
    .await;
}

#[tokio::test]
async fn what_others_own_is_a_conflict() {
    on_both(|place, store| async move {
        let reconciler = reconciler(&place, &store).await;
        done(&reconciler, TWO).await;
        let before = everything(&store).await;
        for (users, reason) in [
            (r#"{"username":"new","email":"Admin@example.com"}"#, ConflictReason::EmailTaken),
            (r#"{"username":"Admin"}"#, ConflictReason::OtherManager),
        ] {
            let taken = format!(r#"{{"manager":"hr","users":[{users}]}}"#);
            let Verdict::Conflicts(plan) = sync_with(&reconciler, &taken, &adopting(&["admin"], true)).await else {
                panic!("conflicts")
            };
            assert_eq!(plan.conflicts[0].conflict, Some(reason));
        }
        assert_eq!(everything(&store).await, before);
    })
    .await;
}

#[tokio::test]
async fn only_the_plan_that_was_approved_is_carried_out() {
    on_both(|place, store| async move {
        let reconciler = reconciler(&place, &store).await;
        let (mut source, checked) = file(TWO);
        let plan = compare(&reconciler, &mut source, &checked, &order().request, &mut ()).await.unwrap();
        let expecting =
            |id: &str| Order { guards: Guards { expect: Some(id.to_owned()), ..Guards::default() }, ..order() };
        let refused = sync_with(&reconciler, &TWO.replace("service@", "other@"), &expecting(&plan.id)).await;
        assert!(
            matches!(&refused, Verdict::Refused(_, Refusal::OtherPlan { expected, .. }) if *expected == plan.id),
            "{refused:?}"
        );
        assert_eq!(everything(&store).await, "");
        done_with(&reconciler, TWO, &expecting(&plan.id)).await;
    })
    .await;
}

#[tokio::test]
async fn more_than_one_batch_converges_around_a_bad_entry() {
    on_both(|place, store| async move {
        let reconciler = reconciler(&place, &store).await;
        done(&reconciler, r#"{"users":[{"username":"leaver"}]}"#).await;
        let email = |number: usize| format!(r#","email":"u{number}@example.com""#);
        let wanted = many(2_100, email);
        let (mut source, checked) = file(&wanted);
        let prune = pruning(Prune::Delete);
        let meanwhile = concurrency::Meanwhile::new(&reconciler, async || {
            let mut foreign = user("foreign");
            foreign.email = Some("u1500@example.com".parse_email());
            store.users().insert(&foreign).await.unwrap();
        });
        let lease = Lease::new(Manager::default(), "a test");
        let verdict = run(&meanwhile, &mut source, &checked, &prune, &lease, &mut ()).await.unwrap();
        let Verdict::Done(_, outcome) = verdict else { unreachable!("{verdict:?}") };
        assert_eq!((outcome.counts.create, outcome.failed, outcome.left, outcome.counts.delete), (2_099, 1, 1, 0));
        assert_eq!(
            (outcome.failures[0].key.as_str(), outcome.failures[0].conflict),
            ("u01500", Some(ConflictReason::EmailTaken))
        );
        assert!(exists(&store, "leaver").await, "nobody is pruned while something is missing");
        let foreign = find(&store, "foreign").await;
        store.users().delete_all(&[foreign.id.as_str()]).await.unwrap();
        let outcome = done_with(&reconciler, &wanted, &prune).await;
        assert_eq!((outcome.counts.create, outcome.counts.delete, outcome.counts.unchanged), (1, 1, 2_099));
        assert_eq!(clean(&reconciler, &wanted).await.counts.unchanged, 2_100);
    })
    .await;
}

#[tokio::test]
async fn names_and_addresses_change_hands_across_batches() {
    on_both(|place, store| async move {
        let reconciler = reconciler(&place, &store).await;
        let with = |addresses: &'static [(usize, &str)]| {
            many(2_600, move |number| match addresses.iter().find(|(place, _)| *place == number) {
                Some((_, address)) => format!(r#","email":"{address}@example.com""#),
                None => String::new(),
            })
        };
        done(&reconciler, &with(&[(1, "ada"), (1_300, "bob"), (2_500, "carol"), (2_501, "dan")])).await;
        let kept = with(&[(2_500, "ada"), (1, "bob"), (1_300, "carol"), (10, "dan")]);
        let Verdict::Conflicts(plan) = sync(&reconciler, &kept).await else { unreachable!("nobody gives dan up") };
        assert_eq!((plan.counts.update, plan.counts.conflict), (3, 1));
        assert_eq!(plan.conflicts[0].holder.as_ref().unwrap().key, "u02501");
        let round = with(&[(2_500, "ada"), (1, "bob"), (1_300, "carol")]);
        assert_eq!(done(&reconciler, &round).await.counts.update, 3);
        assert_eq!(find(&store, "u01300").await.email.unwrap().as_str(), "carol@example.com");
    })
    .await;
}

/// Reads a sound address.
trait ParseEmail {
    fn parse_email(&self) -> barycenter_core::model::EmailAddress;
}

impl ParseEmail for str {
    fn parse_email(&self) -> barycenter_core::model::EmailAddress {
        barycenter_core::model::EmailAddress::parse(self).unwrap()
    }
}
