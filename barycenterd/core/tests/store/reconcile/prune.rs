//! What the file no longer names, and the guards around it.

use barycenter_core::reconcile::MaxPrune;

use super::*;

const ADMIN_ONLY: &str = r#"{"users":[{"username":"admin"}]}"#;

fn guarded(prune: Prune, guards: Guards) -> Order {
    Order { guards, ..pruning(prune) }
}

/// Expects a refusal, and that nothing was written.
async fn refused(reconciler: &Reconciler, store: &Store, json: &str, order: &Order) -> Refusal {
    let before = everything(store).await;
    let Verdict::Refused(_, refusal) = sync_with(reconciler, json, order).await else {
        unreachable!("nothing refuses {json}")
    };
    assert_eq!(everything(store).await, before);
    refusal
}

#[tokio::test]
async fn what_the_file_no_longer_names_is_counted_and_mentioned() {
    on_both(|place, store| async move {
        let reconciler = reconciler(&place, &store).await;
        done(&reconciler, TWO).await;
        let mut stranger = user("stranger");
        stranger.ownership = Ownership::Managed { manager: Manager::new("hr"), declared: Default::default() };
        store.users().insert(&stranger).await.unwrap();
        let plan = clean(&reconciler, ADMIN_ONLY).await;
        assert_eq!((plan.counts.unchanged, plan.counts.no_longer_in_file), (1, 1));
        assert!(find(&store, "app-service").await.enabled);
    })
    .await;
}

#[tokio::test]
async fn a_kind_that_the_file_does_not_list_is_left_alone() {
    on_both(|place, store| async move {
        let reconciler = reconciler(&place, &store).await;
        done(&reconciler, TWO).await;
        let before = everything(&store).await;
        let verdict = sync_with(&reconciler, r#"{"clients":[]}"#, &pruning(Prune::Delete)).await;
        assert!(matches!(&verdict, Verdict::Clean(plan) if plan.counts.no_longer_in_file == 0), "{verdict:?}");
        assert_eq!(everything(&store).await, before);
    })
    .await;
}

#[tokio::test]
async fn pruned_users_are_disabled_and_come_back_with_the_file() {
    on_both(|place, store| async move {
        let reconciler = reconciler(&place, &store).await;
        done(&reconciler, TWO).await;
        let outcome = done_with(&reconciler, ADMIN_ONLY, &pruning(Prune::Disable)).await;
        assert_eq!(outcome.counts.disable, 1);
        assert!(!find(&store, "app-service").await.enabled);
        let again = sync_with(&reconciler, ADMIN_ONLY, &pruning(Prune::Disable)).await;
        assert!(matches!(&again, Verdict::Clean(plan) if plan.counts.no_longer_in_file == 0), "{again:?}");
        assert_eq!(done(&reconciler, TWO).await.counts.update, 1);
        assert!(find(&store, "app-service").await.enabled);
        clean(&reconciler, TWO).await;
    })
    .await;
}

#[tokio::test]
async fn pruned_users_are_deleted_for_good() {
    on_both(|place, store| async move {
        let reconciler = reconciler(&place, &store).await;
        done(&reconciler, TWO).await;
        let before = find(&store, "app-service").await;
        assert_eq!(done_with(&reconciler, ADMIN_ONLY, &pruning(Prune::Delete)).await.counts.delete, 1);
        assert!(!exists(&store, "app-service").await);
        done(&reconciler, TWO).await;
        assert_ne!(find(&store, "app-service").await.id, before.id);
    })
    .await;
}

#[tokio::test]
async fn more_than_the_limit_is_refused_and_nothing_is_written() {
    on_both(|place, store| async move {
        let reconciler = reconciler(&place, &store).await;
        done(&reconciler, &many(20, |_| String::new())).await;
        let (six_less, five_less) = (many(14, |_| String::new()), many(15, |_| String::new()));
        for prune in [Prune::Disable, Prune::Delete] {
            let refusal = refused(&reconciler, &store, &six_less, &pruning(prune)).await;
            assert!(matches!(refusal, Refusal::TooMany { count: 6, managed: 20, .. }), "{refusal}");
        }
        let limited = |max_prune| guarded(Prune::Disable, Guards { max_prune, ..Guards::default() });
        let literal = refused(&reconciler, &store, &five_less, &limited(MaxPrune::Number(4))).await;
        assert!(matches!(literal, Refusal::TooMany { count: 5, .. }), "{literal}");
        let share = refused(&reconciler, &store, &five_less, &limited(MaxPrune::Percent(20.0))).await;
        assert!(matches!(share, Refusal::TooMany { count: 5, .. }), "{share}");
        assert_eq!(done_with(&reconciler, &five_less, &pruning(Prune::Disable)).await.counts.disable, 5);
        assert_eq!(done_with(&reconciler, &six_less, &limited(MaxPrune::Percent(5.0))).await.counts.disable, 1);
    })
    .await;
}

#[tokio::test]
async fn an_empty_file_prunes_nobody_unless_that_is_allowed() {
    on_both(|place, store| async move {
        let reconciler = reconciler(&place, &store).await;
        done(&reconciler, r#"{"users":[{"username":"a"},{"username":"b"}]}"#).await;
        let empty = r#"{"users":[]}"#;
        let refusal = refused(&reconciler, &store, empty, &pruning(Prune::Delete)).await;
        assert!(matches!(refusal, Refusal::Empty { managed: 2, .. }), "{refusal}");
        let allowed = guarded(Prune::Delete, Guards { allow_empty: true, ..Guards::default() });
        assert_eq!(done_with(&reconciler, empty, &allowed).await.counts.delete, 2);
        assert_eq!(everything(&store).await, "");
    })
    .await;
}

#[tokio::test]
async fn the_protected_and_the_last_administrator_stay() {
    on_both(|place, store| async move {
        let reconciler = reconciler(&place, &store).await;
        let wanted = r#"{"users":[{"username":"root","groups":["admins"]},{"username":"boss","properties":{"role":"Administrator"}},
            {"username":"old","protected":true},{"username":"x"}]}"#;
        done(&reconciler, wanted).await;
        let only_x = r#"{"users":[{"username":"x"}]}"#;
        for prune in [Prune::Disable, Prune::Delete] {
            let before = everything(&store).await;
            let Verdict::Done(_, outcome) = sync_with(&reconciler, only_x, &pruning(prune)).await else { panic!("done") };
            assert_eq!((outcome.failed, outcome.counts.changes()), (2, 0));
            assert!(outcome.failures.iter().all(|change| change.conflict == Some(ConflictReason::LastAdministrator)));
            assert_eq!(everything(&store).await, before, "nothing was written");
        }
        let with_boss = r#"{"users":[{"username":"x"},{"username":"boss"}]}"#;
        assert_eq!(done_with(&reconciler, with_boss, &pruning(Prune::Delete)).await.counts.delete, 1);
        assert!(!exists(&store, "root").await && exists(&store, "old").await);
    })
    .await;
}

#[tokio::test]
async fn somebody_who_was_taken_over_meanwhile_is_not_pruned() {
    on_both(|place, store| async move {
        let reconciler = reconciler(&place, &store).await;
        done(&reconciler, TWO).await;
        let meanwhile = concurrency::Meanwhile::new(&reconciler, async || {
            let mut service = find(&store, "app-service").await;
            service.ownership = Ownership::Managed { manager: Manager::new("hr"), declared: Default::default() };
            store.users().update(&service).await.unwrap();
        });
        let Verdict::Done(_, outcome) = sync_with(&meanwhile, ADMIN_ONLY, &pruning(Prune::Delete)).await else {
            panic!("done")
        };
        assert_eq!((outcome.counts.delete, outcome.failed), (0, 0), "{:?}", outcome.failures);
        assert!(exists(&store, "app-service").await);
    })
    .await;
}
