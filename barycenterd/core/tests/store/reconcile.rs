//! Diff and sync against a real database.

use std::sync::Arc;
use std::time::Duration;

use barycenter_core::model::{AuthenticationMethod, Ownership, Session, SessionId, User, Username};
use barycenter_core::password::PasswordHasher;
use barycenter_core::reconcile::{
    Applied, Batch, Change, Checked, ConflictReason, Guards, Intent, Kind, Lease, MaxPrune, Observer, OnConflict,
    Order, Outcome, Plan, PlannedEntry, Prune, ReconcileError, Reconciler, Refusal, Request, Source, Target as _,
    Values, Verdict, compare, run,
};
use barycenter_core::secret::Secret;
use barycenter_core::store::Store;
use tokio::task::JoinSet;

use crate::support::{NOW, cheap_passwords, on_both, reconciler, user};

pub(crate) const TWO: &str = r#"{"users":[
  {"username":"admin","email":"admin@example.com","password":"first","groups":["ops"],"properties":{"role":"administrator"}},
  {"username":"app-service","email":"service@example.com","password":"second"}]}"#;

pub(crate) fn open(json: &str) -> (Source, Checked) {
    let mut source = Source::from_text("users.json", json, Values::default());
    let checked = source.check().unwrap();
    (source, checked)
}

pub(crate) fn order() -> Order {
    let request = Request { kinds: Kind::ALL.to_vec(), ..Request::default() };
    Order { request, patience: Duration::from_secs(20), ..Order::default() }
}

pub(crate) fn pruning(prune: Prune) -> Order {
    let order = order();
    Order { request: Request { prune, ..order.request }, ..order }
}

pub(crate) async fn sync_as(reconciler: &Reconciler, json: &str, order: &Order) -> Verdict {
    let (mut source, checked) = open(json);
    let lease = Lease::new(checked.manager.clone(), "test");
    run(reconciler, &mut source, &checked, order, &lease, &mut ()).await.unwrap()
}

pub(crate) async fn sync(reconciler: &Reconciler, json: &str) -> Verdict {
    sync_as(reconciler, json, &order()).await
}

async fn done(reconciler: &Reconciler, json: &str) -> Outcome {
    let verdict = sync(reconciler, json).await;
    assert!(matches!(verdict, Verdict::Done(..)), "{verdict:?}");
    let Verdict::Done(_, outcome) = verdict else { unreachable!() };
    outcome
}

async fn clean(reconciler: &Reconciler, json: &str) -> Plan {
    let verdict = sync(reconciler, json).await;
    assert!(matches!(verdict, Verdict::Clean(_)), "{verdict:?}");
    let Verdict::Clean(plan) = verdict else { unreachable!() };
    plan
}

/// Keeps what it hears.
#[derive(Default)]
struct Heard(Vec<Change>);

impl Observer<ReconcileError> for Heard {
    fn change(&mut self, change: &Change, _: Option<&barycenter_core::reconcile::Entry>) -> Result<(), ReconcileError> {
        self.0.push(change.clone());
        Ok(())
    }
}

async fn diff(reconciler: &Reconciler, json: &str) -> (Plan, Vec<Change>) {
    let (mut source, checked) = open(json);
    let mut heard = Heard::default();
    let plan = compare(reconciler, &mut source, &checked, &order().request, &mut heard).await.unwrap();
    (plan, heard.0)
}

pub(crate) async fn find(store: &Store, name: &str) -> User {
    store.users().by_username(&Username::parse(name).unwrap()).await.unwrap().expect("found")
}

#[tokio::test]
async fn a_second_sync_changes_nothing() {
    on_both(|place, store| async move {
        let reconciler = reconciler(&place, &store).await;
        assert_eq!(done(&reconciler, TWO).await.counts.create, 2);
        let before = find(&store, "admin").await;
        assert_eq!(clean(&reconciler, TWO).await.counts.unchanged, 2);
        assert_eq!(format!("{before:?}"), format!("{:?}", find(&store, "admin").await));
        assert!(diff(&reconciler, TWO).await.0.counts.is_clean());
    })
    .await;
}

#[tokio::test]
async fn a_declared_password_signs_in_and_one_changed_by_hand_stays() {
    on_both(|place, store| async move {
        let reconciler = reconciler(&place, &store).await;
        let hasher = PasswordHasher::new(&cheap_passwords()).unwrap();
        sync(&reconciler, TWO).await;
        let mut admin = find(&store, "admin").await;
        assert!(hasher.verify(&Secret::new("first"), admin.password.as_ref()).await.unwrap());
        admin.password = Some(hasher.hash(&Secret::new("by hand")).await.unwrap());
        store.users().update(&admin).await.unwrap();
        clean(&reconciler, TWO).await;
        sync(&reconciler, &TWO.replace("first", "third")).await;
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
                let verdict = sync(&reconciler, TWO).await;
                assert!(matches!(verdict, Verdict::Clean(_) | Verdict::Done(..)), "{verdict:?}");
            });
        }
        tasks.join_all().await;
        assert_eq!(store.users().page(10, None, None).await.unwrap().len(), 2);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_files_at_once_end_as_one_of_them() {
    on_both(|place, store| async move {
        let reconciler = Arc::new(reconciler(&place, &store).await);
        let file = |group: &str| {
            let users: Vec<_> = (0..1500)
                .map(|number| serde_json::json!({ "username": format!("u{number}"), "groups": [group] }))
                .collect();
            serde_json::json!({ "users": users }).to_string()
        };
        let mut tasks = JoinSet::new();
        for group in ["a", "b"] {
            let (reconciler, file) = (Arc::clone(&reconciler), file(group));
            tasks.spawn(async move { sync(&reconciler, &file).await });
        }
        for verdict in tasks.join_all().await {
            assert!(matches!(verdict, Verdict::Done(..)), "{verdict:?}");
        }
        let users = store.users().page(2000, None, None).await.unwrap();
        let groups: std::collections::BTreeSet<_> = users.iter().map(|user| user.groups.clone()).collect();
        assert_eq!((users.len(), groups.len()), (1500, 1));
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
        let Verdict::Conflicts(plan) = sync(&reconciler, TWO).await else { panic!("conflicts") };
        assert_eq!((plan.counts.conflict, plan.conflicts.len()), (1, 1));
        assert_eq!(store.users().page(10, None, None).await.unwrap().len(), 1, "nothing was written");
        let skip = Order { on_conflict: OnConflict::Skip, ..order() };
        let Verdict::Done(_, skipped) = sync_as(&reconciler, TWO, &skip).await else { panic!("done") };
        assert_eq!((skipped.counts.create, skipped.counts.conflict), (1, 1));
        assert!(find(&store, "admin").await.properties.is_empty(), "the squatter inherits nothing");
        let mut adopting = order();
        adopting.request.intent.adoption.names = ["admin".to_owned()].into();
        assert!(matches!(sync_as(&reconciler, TWO, &adopting).await, Verdict::Done(..)));
        clean(&reconciler, TWO).await;
    })
    .await;
}

#[tokio::test]
async fn names_and_addresses_may_change_hands_within_a_file() {
    on_both(|place, store| async move {
        let reconciler = reconciler(&place, &store).await;
        let file = |one: &str, other: &str| {
            format!(
                r#"{{"users":[{{"external_id":"1","username":"{one}","email":"{one}@x.example"}},
                {{"external_id":"2","username":"{other}","email":"{other}@x.example"}}]}}"#
            )
        };
        sync(&reconciler, &file("ann", "bea")).await;
        let before = find(&store, "ann").await;
        assert_eq!(done(&reconciler, &file("bea", "ann")).await.counts.update, 2);
        let after = find(&store, "bea").await;
        assert_eq!((after.id, after.email.unwrap().as_str()), (before.id, "bea@x.example"));
        clean(&reconciler, &file("bea", "ann")).await;
        assert_eq!(done(&reconciler, &file("cleo", "bea")).await.counts.update, 2, "a chain of renames");
        let third = r#"{"users":[{"external_id":"3","username":"cleo"}]}"#;
        assert_eq!(diff(&reconciler, third).await.1[0].conflict, Some(ConflictReason::UsernameTaken));
    })
    .await;
}

#[tokio::test]
async fn an_address_that_somebody_else_has_is_a_conflict() {
    on_both(|place, store| async move {
        let reconciler = reconciler(&place, &store).await;
        sync(&reconciler, TWO).await;
        let taken = r#"{"manager":"hr","users":[{"username":"new","email":"Admin@example.com"}]}"#;
        assert_eq!(diff(&reconciler, taken).await.1[0].conflict, Some(ConflictReason::EmailTaken));
    })
    .await;
}

#[tokio::test]
async fn what_changed_after_the_plan_is_refused_and_nothing_is_written() {
    on_both(|place, store| async move {
        let reconciler = reconciler(&place, &store).await;
        sync(&reconciler, TWO).await;
        let (mut source, checked) = open(&TWO.replace("administrator", "auditor"));
        let intent = Intent::default();
        let entries: Vec<_> = source.entries(Kind::User).unwrap().map(|entry| entry.unwrap().desired).collect();
        let wanted: Vec<_> = entries.iter().collect();
        let changes = reconciler.plan(&checked.manager, &wanted, &intent).await.unwrap();
        let mut admin = find(&store, "admin").await;
        admin.enabled = false;
        store.users().update(&admin).await.unwrap();
        let planned = entries.into_iter().zip(&changes);
        let planned = planned.map(|(desired, change)| PlannedEntry { desired, basis: change.basis }).collect();
        let batch = Batch { entries: planned, prunes: Vec::new() };
        let lease = Lease::new(checked.manager.clone(), "test");
        let applied = reconciler.apply(&lease, &batch, &intent, Prune::Keep).await.unwrap();
        assert!(matches!(applied, Applied::LeaseLost), "nobody writes without the lease");
        assert_eq!(reconciler.take_lease(&lease).await.unwrap(), None);
        let applied = reconciler.apply(&lease, &batch, &intent, Prune::Keep).await.unwrap();
        let Applied::Refused(refused) = applied else { panic!("refused") };
        assert_eq!((refused[0].0, refused[0].1.conflict), (0, Some(ConflictReason::ChangedMeanwhile)));
        assert_eq!(find(&store, "admin").await.properties["role"], "administrator");
    })
    .await;
}

#[tokio::test]
async fn disabling_pruning_or_a_new_password_ends_sessions() {
    on_both(|place, store| async move {
        let reconciler = reconciler(&place, &store).await;
        sync(&reconciler, TWO).await;
        let service = find(&store, "app-service").await;
        let session = |name: &str| Session {
            id: SessionId::new(name),
            cookie: Secret::new(name).digest(),
            user_id: service.id.clone(),
            authenticated_at: NOW,
            methods: vec![AuthenticationMethod::Password],
            expires_at: NOW.plus(60),
        };
        let without = r#"{"users":[{"username":"admin"}]}"#;
        for change in [
            TWO.replace("second", "third"),
            TWO.replace("\"second\"", "\"third\",\"enabled\":false"),
            TWO.replace("\"second\"", "\"third\",\"enabled\":true"),
            without.to_owned(),
        ] {
            store.sessions().insert(&session("s")).await.unwrap();
            let verdict = sync_as(&reconciler, &change, &pruning(Prune::Disable)).await;
            assert!(matches!(verdict, Verdict::Done(..)), "{verdict:?}");
            let ended = store.sessions().by_id(&SessionId::new("s"), NOW).await.unwrap().is_none();
            assert_eq!(ended, !change.contains("enabled\":true"), "{change}");
            store.sessions().end(&SessionId::new("s")).await.unwrap();
        }
    })
    .await;
}

#[tokio::test]
async fn more_than_one_batch_converges_whatever_is_in_the_way() {
    on_both(|place, store| async move {
        let reconciler = reconciler(&place, &store).await;
        let users: Vec<_> = (0..2100).map(|number| serde_json::json!({ "username": format!("u{number}"), "email": format!("u{number}@example.com") })).collect();
        let many = serde_json::json!({ "users": users }).to_string();
        assert_eq!(done(&reconciler, &many).await.counts.create, 2100);
        assert_eq!(clean(&reconciler, &many).await.counts.unchanged, 2100);
        let changed = many.replace("example.com", "example.org");
        assert_eq!(done(&reconciler, &changed).await.counts.update, 2100);
        clean(&reconciler, &changed).await;
    })
    .await;
}

#[tokio::test]
async fn what_the_file_no_longer_names_is_counted_disabled_or_deleted() {
    on_both(|place, store| async move {
        let reconciler = reconciler(&place, &store).await;
        sync(&reconciler, TWO).await;
        let one = r#"{"users":[{"username":"admin"}]}"#;
        let (plan, _) = diff(&reconciler, one).await;
        assert_eq!((plan.counts.unchanged, plan.counts.no_longer_in_file), (1, 1));
        let Verdict::Done(plan, outcome) = sync_as(&reconciler, one, &pruning(Prune::Disable)).await else {
            panic!("done")
        };
        assert_eq!((plan.counts.disable, outcome.counts.disable), (1, 1));
        assert!(!find(&store, "app-service").await.enabled);
        let again = sync_as(&reconciler, one, &pruning(Prune::Disable)).await;
        assert!(matches!(again, Verdict::Clean(_)), "{again:?}");
        assert_eq!(done(&reconciler, TWO).await.counts.update, 1, "it comes back with the file");
        assert!(find(&store, "app-service").await.enabled);
        let Verdict::Done(_, outcome) = sync_as(&reconciler, one, &pruning(Prune::Delete)).await else {
            panic!("done")
        };
        assert_eq!(outcome.counts.delete, 1);
        assert_eq!(store.users().page(10, None, None).await.unwrap().len(), 1);
    })
    .await;
}

#[tokio::test]
async fn guards_keep_a_sync_from_what_nobody_meant() {
    on_both(|place, store| async move {
        let reconciler = reconciler(&place, &store).await;
        let names = |from: usize, to: usize| {
            let users: Vec<_> =
                (from..to).map(|number| serde_json::json!({ "username": format!("u{number}") })).collect();
            serde_json::json!({ "users": users }).to_string()
        };
        sync(&reconciler, &names(0, 20)).await;
        let guarded = |guards: Guards| Order { guards, ..pruning(Prune::Delete) };
        let verdict = sync_as(&reconciler, &names(0, 14), &pruning(Prune::Delete)).await;
        let Verdict::Refused(_, Refusal::TooMany { count: 6, managed: 20, .. }) = verdict else {
            panic!("{verdict:?}")
        };
        let verdict = sync_as(&reconciler, &names(0, 0), &pruning(Prune::Delete)).await;
        let Verdict::Refused(_, Refusal::Empty { managed: 20, .. }) = verdict else { panic!("{verdict:?}") };
        let expect = Guards { expect: Some("000000000000".to_owned()), ..Guards::default() };
        let verdict = sync_as(&reconciler, &names(0, 19), &guarded(expect)).await;
        let Verdict::Refused(plan, Refusal::OtherPlan { .. }) = verdict else { panic!("{verdict:?}") };
        assert_eq!(store.users().page(100, None, None).await.unwrap().len(), 20, "nothing was written");

        let expect = Guards { expect: Some(plan.id), ..Guards::default() };
        assert!(matches!(sync_as(&reconciler, &names(0, 19), &guarded(expect)).await, Verdict::Done(..)));
        let all = Guards { max_prune: MaxPrune::Percent(100.0), allow_empty: true, expect: None };
        assert!(matches!(sync_as(&reconciler, &names(0, 0), &guarded(all)).await, Verdict::Done(..)));
        assert_eq!(store.users().page(100, None, None).await.unwrap().len(), 0);
    })
    .await;
}

#[tokio::test]
async fn the_protected_and_the_last_administrator_stay() {
    on_both(|place, store| async move {
        let reconciler = reconciler(&place, &store).await;
        let all = r#"{"users":[{"username":"root","groups":["Admins"]},{"username":"safe","protected":true},{"username":"bob"}]}"#;
        sync(&reconciler, all).await;
        let none = r#"{"users":[{"username":"carol"}]}"#;
        let Verdict::Done(_, outcome) = sync_as(&reconciler, none, &pruning(Prune::Disable)).await else { panic!("done") };
        assert_eq!(outcome.failures[0].conflict, Some(ConflictReason::LastAdministrator));
        assert_eq!((outcome.failed, outcome.counts.changes()), (1, 0), "all or nothing");
        assert!(find(&store, "bob").await.enabled && find(&store, "root").await.enabled);
        let named = r#"{"users":[{"username":"root"},{"username":"carol"}]}"#;
        let Verdict::Done(_, outcome) = sync_as(&reconciler, named, &pruning(Prune::Delete)).await else { panic!("done") };
        assert_eq!((outcome.counts.create, outcome.counts.delete), (1, 1));
        assert!(find(&store, "safe").await.enabled);
    })
    .await;
}

#[tokio::test]
async fn one_sync_at_a_time_and_a_dead_one_blocks_nobody_for_long() {
    on_both(|place, store| async move {
        let reconciler = reconciler(&place, &store).await;
        let lease = Lease::new(barycenter_core::model::Manager::default(), "somebody else");
        assert_eq!(reconciler.take_lease(&lease).await.unwrap(), None);
        let impatient = Order { patience: Duration::ZERO, ..order() };
        let Verdict::Busy(holder) = sync_as(&reconciler, TWO, &impatient).await else { panic!("busy") };
        assert_eq!(holder, lease.holder);
        assert_eq!(store.users().page(10, None, None).await.unwrap().len(), 0);
        let other = TWO.replace("{\"users\"", "{\"manager\":\"hr\",\"users\"");
        assert!(
            matches!(sync_as(&reconciler, &other, &impatient).await, Verdict::Done(..)),
            "another manager is not in the way"
        );
        // It dies, and its lease ends by itself.
        let name = format!("sync {}", lease.manager);
        assert!(store.leases().take(&name, "next", NOW.plus(11), 10).await.unwrap());
        assert!(!store.leases().renew(&name, &lease.holder, NOW.plus(11), 10).await.unwrap());
        reconciler.give_back(&lease).await.unwrap();
        assert_eq!(store.leases().holder(&name, NOW.plus(12)).await.unwrap().as_deref(), Some("next"));
    })
    .await;
}

#[tokio::test]
async fn clients_follow_the_same_rules() {
    on_both(|place, store| async move {
        let reconciler = reconciler(&place, &store).await;
        let file = r#"{"clients":[
            {"client_id":"web","client_secret":"0123456789abcdef","redirect_uris":["https://web.example/cb"],"access_token_lifetime":"5m"},
            {"client_id":"spa","authentication_method":"none","redirect_uris":["https://spa.example/cb"]}]}"#;
        assert_eq!(done(&reconciler, file).await.counts.create, 2);
        assert_eq!(clean(&reconciler, file).await.counts.unchanged, 2);
        let changed = file.replace("5m", "10m").replace("abcdef", "fedcba");
        assert_eq!(diff(&reconciler, &changed).await.1[0].fields.len(), 2);
        assert_eq!(done(&reconciler, &changed).await.counts.update, 1);
        let web = store.clients().by_id(&barycenter_core::model::ClientId::new("web")).await.unwrap().unwrap();
        assert!(web.has_secret(&Secret::new("0123456789fedcba")));
        let one = r#"{"clients":[{"client_id":"spa"}]}"#;
        assert!(matches!(sync_as(&reconciler, one, &pruning(Prune::Disable)).await, Verdict::Done(..)));
        let web = store.clients().by_id(&web.id).await.unwrap().unwrap();
        assert!(!web.enabled);
        assert_eq!(done(&reconciler, &changed).await.counts.update, 1);
        assert!(matches!(sync_as(&reconciler, one, &pruning(Prune::Delete)).await, Verdict::Done(..)));
        assert!(store.clients().by_id(&web.id).await.unwrap().is_none());
        let users_only = sync_as(&reconciler, r#"{"users":[]}"#, &pruning(Prune::Delete)).await;
        assert!(matches!(users_only, Verdict::Clean(_)), "a kind that the file does not list is left alone");
    })
    .await;
}
