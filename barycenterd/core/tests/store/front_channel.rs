//! Pushed requests, throttles and messages about ended sessions: each counts once, however many try.

use barycenter_core::model::{AuthenticationMethod, ClientId, Session, SessionId, UserId};
use barycenter_core::secret::Secret;
use barycenter_core::store::Store;
use tokio::task::JoinSet;

use crate::support::{NOW, client, on_both, user};

#[tokio::test]
async fn a_pushed_request_is_taken_once_by_its_client_in_time() {
    on_both(|_place, store| async move {
        for id in ["rp", "other"] {
            store.clients().insert(&client(id)).await.unwrap();
        }
        let (rp, other) = (ClientId::new("rp"), ClientId::new("other"));
        let (handle, late) = (Secret::random().digest(), Secret::random().digest());
        for handle in [&handle, &late] {
            store.pushed_requests().insert(handle, &rp, "scope=openid".to_owned(), NOW.plus(90)).await.unwrap();
        }
        assert_eq!(store.pushed_requests().take(&handle, &other, NOW).await.unwrap(), None);
        assert_eq!(store.pushed_requests().take(&late, &rp, NOW.plus(90)).await.unwrap(), None);
        let mut tries = JoinSet::new();
        for _ in 0..20 {
            let (store, handle, rp) = (store.clone(), handle.clone(), rp.clone());
            tries.spawn(async move { store.pushed_requests().take(&handle, &rp, NOW).await.unwrap() });
        }
        let taken: Vec<_> = tries.join_all().await.into_iter().flatten().collect();
        assert_eq!(taken, ["scope=openid"]);
    })
    .await;
}

#[tokio::test]
async fn no_charge_to_a_throttle_is_lost() {
    on_both(|_place, store| async move {
        let mut charges = JoinSet::new();
        for _ in 0..20 {
            let store = store.clone();
            charges.spawn(async move { store.throttles().charge("account x", NOW, 60).await.unwrap() });
        }
        charges.join_all().await;
        let free_at = store.throttles().free_at(&["account x", "account y"]).await.unwrap();
        assert_eq!(free_at.len(), 1);
        assert_eq!(free_at["account x"], NOW.plus(20 * 60));
        // What is paid off does not count any more.
        store.throttles().charge("account x", NOW.plus(5000), 60).await.unwrap();
        assert_eq!(store.throttles().free_at(&["account x"]).await.unwrap()["account x"], NOW.plus(5060));
        store.throttles().forget("account x").await.unwrap();
        assert!(store.throttles().free_at(&["account x"]).await.unwrap().is_empty());
    })
    .await;
}

async fn session(store: &Store, id: &str, user: &UserId) -> SessionId {
    let session = Session {
        id: SessionId::new(id),
        cookie: Secret::random().digest(),
        user_id: user.clone(),
        authenticated_at: NOW,
        methods: vec![AuthenticationMethod::Password],
        expires_at: NOW.plus(60),
    };
    store.sessions().insert(&session).await.unwrap();
    session.id
}

#[tokio::test]
async fn whatever_ends_a_session_leaves_a_message_for_each_of_its_clients() {
    on_both(|_place, store| async move {
        let (ada, bob) = (user("ada"), user("bob"));
        store.users().insert_all(&[&ada, &bob]).await.unwrap();
        for id in ["one", "two"] {
            store.clients().insert(&client(id)).await.unwrap();
        }
        for (id, owner) in [("a1", &ada), ("a2", &ada), ("b1", &bob), ("b2", &bob)] {
            let session = session(&store, id, &owner.id).await;
            for client in ["one", "two"] {
                store.logouts().take_part(&session, &ClientId::new(client)).await.unwrap();
            }
            store.logouts().take_part(&session, &ClientId::new("one")).await.unwrap();
        }
        assert_eq!(store.logouts().participants(&SessionId::new("a1")).await.unwrap().len(), 2);

        let messages = async || {
            let due = store.logouts().due(NOW, 100).await.unwrap();
            let mut names: Vec<_> =
                due.iter().map(|message| format!("{} {}", message.session_id, message.client_id)).collect();
            names.sort();
            names
        };
        store.sessions().end(&SessionId::new("a1")).await.unwrap();
        assert_eq!(messages().await, ["a1 one", "a1 two"]);
        store.sessions().end(&SessionId::new("a1")).await.unwrap();
        store.sessions().end_all_of(&ada.id).await.unwrap();
        assert_eq!(messages().await, ["a1 one", "a1 two", "a2 one", "a2 two"]);
        // Nobody is there any more to be told about, but the sessions were theirs.
        store.users().delete_all(&[bob.id.as_str()]).await.unwrap();
        assert_eq!(messages().await.len(), 8);
        assert!(store.logouts().participants(&SessionId::new("b1")).await.unwrap().is_empty());
        store.clients().delete(&ClientId::new("two")).await.unwrap();
        assert_eq!(messages().await, ["a1 one", "a2 one", "b1 one", "b2 one"]);
    })
    .await;
}

#[tokio::test]
async fn a_message_is_claimed_by_one_for_each_attempt() {
    on_both(|_place, store| async move {
        let ada = user("ada");
        store.users().insert(&ada).await.unwrap();
        store.clients().insert(&client("rp")).await.unwrap();
        let session = session(&store, "s", &ada.id).await;
        store.logouts().take_part(&session, &ClientId::new("rp")).await.unwrap();
        store.sessions().end(&session).await.unwrap();
        let message = store.logouts().due(NOW, 1).await.unwrap().remove(0);
        let mut claims = JoinSet::new();
        for _ in 0..10 {
            let (store, message) = (store.clone(), message.clone());
            claims.spawn(async move { store.logouts().claim(&message, NOW.plus(10)).await.unwrap() });
        }
        assert_eq!(claims.join_all().await.into_iter().filter(|won| *won).count(), 1);
        assert!(store.logouts().due(NOW.plus(9), 1).await.unwrap().is_empty());
        let again = store.logouts().due(NOW.plus(10), 1).await.unwrap().remove(0);
        assert_eq!(again.attempts, 1);
        store.logouts().remove(&again).await.unwrap();
        assert!(store.logouts().due(NOW.plus(100), 1).await.unwrap().is_empty());
    })
    .await;
}
