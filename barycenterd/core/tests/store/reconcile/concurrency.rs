//! Several syncs at once, people who change users meanwhile, and leases.

use std::cell::Cell;

use barycenter_core::reconcile::change::Change;
use barycenter_core::reconcile::target::LEASE_SECONDS;
use barycenter_core::reconcile::{Applied, Batch, Compared, Desired, Managed, Owned, Probes};
use tokio::task::JoinSet;

use super::*;

/// A target at which something happens between the plan and the first batch.
pub(super) struct Meanwhile<'a, F> {
    target: &'a Reconciler,
    happens: F,
    happened: Cell<bool>,
}

impl<'a, F: AsyncFn()> Meanwhile<'a, F> {
    pub(super) fn new(target: &'a Reconciler, happens: F) -> Self {
        Self { target, happens, happened: Cell::new(false) }
    }
}

impl<F: AsyncFn()> Target for Meanwhile<'_, F> {
    type Error = ReconcileError;

    async fn compare(
        &self,
        manager: &Manager,
        kind: Kind,
        probes: &Probes,
        intent: &Intent,
    ) -> Result<Compared, ReconcileError> {
        self.target.compare(manager, kind, probes, intent).await
    }

    async fn plan(
        &self,
        manager: &Manager,
        entries: &[&Desired],
        intent: &Intent,
    ) -> Result<Vec<Change>, ReconcileError> {
        self.target.plan(manager, entries, intent).await
    }

    async fn plan_prune(
        &self,
        manager: &Manager,
        kind: Kind,
        ids: &[&str],
        prune: Prune,
    ) -> Result<Vec<Change>, ReconcileError> {
        self.target.plan_prune(manager, kind, ids, prune).await
    }

    async fn apply(
        &self,
        lease: &Lease,
        batch: &Batch,
        intent: &Intent,
        prune: Prune,
    ) -> Result<Applied, ReconcileError> {
        if !self.happened.replace(true) {
            (self.happens)().await;
        }
        self.target.apply(lease, batch, intent, prune).await
    }

    async fn managed(&self, manager: &Manager, kind: Kind) -> Result<Managed, ReconcileError> {
        self.target.managed(manager, kind).await
    }

    async fn owned(&self, manager: &Manager, kind: Kind, after: Option<&str>) -> Result<Vec<Owned>, ReconcileError> {
        self.target.owned(manager, kind, after).await
    }

    async fn take_lease(&self, lease: &Lease) -> Result<Option<String>, ReconcileError> {
        self.target.take_lease(lease).await
    }

    async fn give_back(&self, lease: &Lease) -> Result<(), ReconcileError> {
        self.target.give_back(lease).await
    }
}

#[tokio::test]
async fn what_changed_after_the_plan_is_refused_and_nothing_is_written() {
    on_both(|place, store| async move {
        let reconciler = reconciler(&place, &store).await;
        done(&reconciler, TWO).await;
        let wanted = TWO.replace("administrator", "auditor").replace("service@", "other@");
        let meanwhile = Meanwhile::new(&reconciler, async || {
            let mut admin = find(&store, "admin").await;
            admin.email_verified = true;
            store.users().update(&admin).await.unwrap();
        });
        let Verdict::Done(_, outcome) = sync_with(&meanwhile, &wanted, &order()).await else { panic!("done") };
        assert_eq!((outcome.failed, outcome.left, outcome.counts.update), (1, 1, 0));
        assert_eq!(outcome.failures[0].conflict, Some(ConflictReason::ChangedMeanwhile));
        assert_eq!(find(&store, "admin").await.properties["role"], "administrator");
        assert_eq!(find(&store, "app-service").await.email.unwrap().as_str(), "service@example.com");
        assert_eq!(done(&reconciler, &wanted).await.counts.update, 2, "a rerun converges");
        assert!(find(&store, "admin").await.email_verified, "what the file does not mention stays");
    })
    .await;
}

#[tokio::test]
async fn a_password_that_changes_meanwhile_is_in_nobodys_way() {
    on_both(|place, store| async move {
        let reconciler = reconciler(&place, &store).await;
        done(&reconciler, TWO).await;
        let meanwhile = Meanwhile::new(&reconciler, async || {
            let mut admin = find(&store, "admin").await;
            admin.password = None;
            store.users().update(&admin).await.unwrap();
        });
        let wanted = TWO.replace("administrator", "auditor");
        let Verdict::Done(_, outcome) = sync_with(&meanwhile, &wanted, &order()).await else { panic!("done") };
        assert_eq!((outcome.failed, outcome.counts.update), (0, 1));
        assert!(find(&store, "admin").await.password.is_none(), "changed by hand, and stays so");
    })
    .await;
}

#[tokio::test]
async fn somebody_who_registers_meanwhile_is_a_conflict() {
    on_both(|place, store| async move {
        let reconciler = reconciler(&place, &store).await;
        let meanwhile = Meanwhile::new(&reconciler, async || {
            let mut squatter = user("ADMIN");
            squatter.ownership = Ownership::SelfRegistered;
            store.users().insert(&squatter).await.unwrap();
        });
        let Verdict::Done(_, outcome) = sync_with(&meanwhile, TWO, &order()).await else { panic!("done") };
        assert_eq!((outcome.failed, outcome.left), (1, 1));
        assert_eq!(outcome.failures[0].conflict, Some(ConflictReason::SelfRegistered));
        assert!(!exists(&store, "app-service").await);
    })
    .await;
}

#[tokio::test]
async fn what_another_sync_did_meanwhile_is_no_failure() {
    on_both(|place, store| async move {
        let reconciler = reconciler(&place, &store).await;
        let ours = Lease::new(Manager::default(), "this one");
        let name = format!("sync {}", ours.manager);
        let meanwhile = Meanwhile::new(&reconciler, async || {
            // As if the lease had been lost and won back in between.
            store.leases().give_back(&name, &ours.holder).await.unwrap();
            done(&reconciler, TWO).await;
            assert!(store.leases().take(&name, &ours.holder, NOW, LEASE_SECONDS).await.unwrap());
        });
        let (mut source, checked) = file(TWO);
        let verdict = run(&meanwhile, &mut source, &checked, &order(), &ours, &mut ()).await.unwrap();
        let Verdict::Done(_, outcome) = verdict else { panic!("{verdict:?}") };
        assert_eq!((outcome.failed, outcome.counts.unchanged, outcome.counts.changes()), (0, 2, 0));
    })
    .await;
}

#[tokio::test]
async fn a_sync_that_has_lost_its_lease_writes_nothing() {
    on_both(|place, store| async move {
        let reconciler = reconciler(&place, &store).await;
        let lease = Lease::new(Manager::default(), "this one");
        let name = format!("sync {}", lease.manager);
        let meanwhile = Meanwhile::new(&reconciler, async || {
            let late = NOW.plus(LEASE_SECONDS);
            assert!(store.leases().take(&name, "another", late, LEASE_SECONDS).await.unwrap());
        });
        let (mut source, checked) = file(TWO);
        let verdict = run(&meanwhile, &mut source, &checked, &order(), &lease, &mut ()).await.unwrap();
        let Verdict::Done(_, outcome) = verdict else { panic!("{verdict:?}") };
        assert!(outcome.lease_lost);
        assert_eq!((outcome.left, outcome.counts.changes()), (2, 0));
        assert_eq!(everything(&store).await, "");
        assert_eq!(store.leases().holder(&name, NOW).await.unwrap().as_deref(), Some("another"));
    })
    .await;
}

#[tokio::test]
async fn a_second_sync_waits_and_then_says_who_is_syncing() {
    on_both(|place, store| async move {
        let clock = Arc::new(FixedClock::at(NOW));
        let reconciler = reconciler_at(&place, &store, Arc::clone(&clock)).await;
        let first = Lease::new(Manager::default(), "the first");
        assert_eq!(reconciler.take_lease(&first).await.unwrap(), None);
        let impatient = Order { patience: Duration::ZERO, ..order() };
        let verdict = sync_with(&reconciler, TWO, &impatient).await;
        assert!(matches!(&verdict, Verdict::Busy(holder) if *holder == first.holder), "{verdict:?}");
        assert_eq!(everything(&store).await, "");
        let other = TWO.replace("\"users\"", "\"manager\":\"hr\",\"users\"");
        assert!(matches!(sync_with(&reconciler, &other, &impatient).await, Verdict::Done(..)), "another manager's");
        // A process that died does not hold anybody up for long.
        clock.advance(LEASE_SECONDS);
        let theirs = r#"{"users":[{"username":"late"}]}"#;
        assert!(matches!(sync_with(&reconciler, theirs, &impatient).await, Verdict::Done(..)));
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
        clean(&reconciler, TWO).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_files_at_once_end_as_one_of_them() {
    on_both(|place, store| async move {
        let reconciler = Arc::new(reconciler(&place, &store).await);
        let files = ["one", "two"].map(|role| many(30, |_| format!(r#","properties":{{"role":"{role}"}}"#)));
        for _ in 0..3 {
            let mut tasks = JoinSet::new();
            for json in files.clone() {
                let reconciler = Arc::clone(&reconciler);
                tasks.spawn(async move {
                    let verdict = sync(&reconciler, &json).await;
                    assert!(matches!(verdict, Verdict::Clean(_) | Verdict::Done(..)), "{verdict:?}");
                });
            }
            tasks.join_all().await;
            let users = store.users().page(100, None, None).await.unwrap();
            assert_eq!(users.len(), 30);
            assert!(users.iter().all(|user| user.properties == users[0].properties), "one of the two, as a whole");
        }
    })
    .await;
}
