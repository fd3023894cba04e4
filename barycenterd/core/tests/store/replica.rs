//! Replicas: each is there as long as it says so.

use barycenter_core::model::{REPLICA_PRESENT_SECONDS, Replica};

use crate::support::{NOW, on_both};

#[tokio::test]
async fn a_replica_is_present_while_it_is_heard_of() {
    on_both(|_place, store| async move {
        let one = Replica {
            id: "1".to_owned(),
            name: "host/1".to_owned(),
            version: "0.1.0".to_owned(),
            root: "fingerprint".to_owned(),
            schema: "0004".to_owned(),
            issuer: "https://auth.example.com".to_owned(),
            public_address: None,
            started_at: NOW,
            seen_at: NOW,
        };
        let two = Replica { id: "2".to_owned(), started_at: NOW.plus(1), ..one.clone() };
        for replica in [&two, &one] {
            store.replicas().note(replica).await.unwrap();
        }
        let later = Replica { seen_at: NOW.plus(100), public_address: Some("0.0.0.0:8080".to_owned()), ..one.clone() };
        store.replicas().note(&later).await.unwrap();
        let found = store.replicas().all().await.unwrap();
        assert_eq!(found, [later.clone(), two.clone()]);
        let present: Vec<bool> = found.iter().map(|replica| replica.is_present(NOW.plus(100))).collect();
        assert_eq!(present, [true, false]);
        assert!(two.is_present(NOW.plus(REPLICA_PRESENT_SECONDS)) && two.is_present(NOW.plus(-500)));
        store.replicas().forget("1").await.unwrap();
        assert_eq!(store.replicas().all().await.unwrap(), [two]);
    })
    .await;
}
