//! Many issue at once: they may share a transaction, and nothing else.

use barycenter_core::model::{AccessToken, ClientId, User};
use barycenter_core::secret::Secret;
use barycenter_core::store::{Issuance, Spent, Store, StoreError};
use tokio::task::JoinSet;

use crate::authorization::{access, issued, refresh};
use crate::support::{NOW, on_both};

/// Uses a refresh token up, for a new one and this access token.
async fn issue(store: Store, user: User, spent: Secret, access_token: AccessToken) -> Result<bool, StoreError> {
    let digest = spent.digest();
    let issuance = Issuance {
        spent: Spent::RefreshToken(&digest),
        user: &user,
        by_group: false,
        session: None,
        access_token: &access_token,
        refresh_token: None,
        now: NOW,
    };
    store.issue(&issuance).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn what_one_request_breaks_breaks_no_other() {
    on_both(|_place, store| async move {
        let (authorization, grant) = issued(&store, &Secret::random()).await;
        let user = store.users().by_id(&grant.user_id).await.unwrap().unwrap();
        let mut tasks = JoinSet::new();
        for count in 0..60 {
            let (spent, token) = (Secret::random(), Secret::random());
            store.tokens().insert_refresh(&refresh(&authorization, &user.id, &spent, "openid")).await.unwrap();
            let mut new = access(&authorization, &user.id, &token);
            // Every tenth is for a client that has gone meanwhile: the database refuses its token.
            let is_sound = count % 10 != 0;
            if !is_sound {
                new.client_id = ClientId::new("gone");
            }
            let (store, user) = (store.clone(), user.clone());
            tasks.spawn(async move {
                let issued = issue(store.clone(), user, spent.clone(), new).await;
                (is_sound, issued, spent, token)
            });
        }
        for (is_sound, issued, spent, token) in tasks.join_all().await {
            assert_eq!(issued.ok(), is_sound.then_some(true));
            let found = store.find_refresh_token(&spent.digest()).await.unwrap().expect("it is kept");
            assert_eq!(found.used_at.is_some(), is_sound, "what failed has used nothing up");
            assert_eq!(store.tokens().access(&token.digest(), NOW).await.unwrap().is_some(), is_sound);
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn who_has_gone_away_while_others_wrote_has_used_nothing_up() {
    on_both(|_place, store| async move {
        // PostgreSQL lets nobody wait for another one's transaction.
        if store.backend() != "sqlite" {
            return;
        }
        let (authorization, grant) = issued(&store, &Secret::random()).await;
        let user = store.users().by_id(&grant.user_id).await.unwrap().unwrap();
        let (gone, stayed) = (Secret::random(), Secret::random());
        for token in [&gone, &stayed] {
            store.tokens().insert_refresh(&refresh(&authorization, &user.id, token, "openid")).await.unwrap();
        }
        let transaction = store.write().await.unwrap();
        let begin = |spent: &Secret| {
            let new = access(&authorization, &user.id, &Secret::random());
            tokio::spawn(issue(store.clone(), user.clone(), spent.clone(), new))
        };
        let (first, second) = (begin(&gone), begin(&stayed));
        tokio::task::yield_now().await;
        first.abort();
        assert!(first.await.is_err(), "it was still waiting");
        transaction.commit().await.unwrap();
        assert!(second.await.unwrap().unwrap());
        for (token, is_used) in [(gone, false), (stayed, true)] {
            let found = store.find_refresh_token(&token.digest()).await.unwrap().expect("it is kept");
            assert_eq!(found.used_at.is_some(), is_used);
        }
    })
    .await;
}
