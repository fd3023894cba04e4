//! Leases: one holder at a time, and none for ever.

use tokio::task::JoinSet;

use crate::support::{NOW, on_both};

#[tokio::test]
async fn a_lease_has_one_holder_until_it_ends() {
    on_both(|_place, store| async move {
        let leases = || store.leases();
        assert!(leases().take("sync a", "one", NOW, 10).await.unwrap());
        assert!(!leases().take("sync a", "two", NOW.plus(9), 10).await.unwrap());
        assert!(leases().take("sync b", "two", NOW, 10).await.unwrap(), "another one");
        assert_eq!(leases().holder("sync a", NOW.plus(9)).await.unwrap().as_deref(), Some("one"));
        assert!(leases().take("sync a", "one", NOW.plus(9), 10).await.unwrap(), "taken again, it lasts longer");
        assert!(!leases().take("sync a", "two", NOW.plus(18), 10).await.unwrap());
        assert_eq!(leases().holder("sync a", NOW.plus(19)).await.unwrap(), None);
        assert!(leases().hold("sync a", "one").await.unwrap(), "late, but nobody else has taken it");
        assert!(leases().take("sync a", "two", NOW.plus(40), 10).await.unwrap(), "what has ended is free");
        assert!(!leases().hold("sync a", "one").await.unwrap());
    })
    .await;
}

#[tokio::test]
async fn only_the_holder_gives_a_lease_back() {
    on_both(|_place, store| async move {
        let leases = || store.leases();
        assert!(leases().take("sync", "one", NOW, 10).await.unwrap());
        leases().give_back("sync", "two").await.unwrap();
        assert!(!leases().take("sync", "two", NOW, 10).await.unwrap());
        leases().give_back("sync", "one").await.unwrap();
        assert!(leases().take("sync", "two", NOW, 10).await.unwrap());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_many_who_take_it_at_once_one_has_it() {
    on_both(|_place, store| async move {
        let mut tasks = JoinSet::new();
        for number in 0..16 {
            let store = store.clone();
            tasks.spawn(async move { store.leases().take("sync", &number.to_string(), NOW, 10).await.unwrap() });
        }
        assert_eq!(tasks.join_all().await.into_iter().filter(|taken| *taken).count(), 1);
    })
    .await;
}
