//! Clients that the users file declares.

use barycenter_core::model::ClientId;
use barycenter_core::secret::Secret;

use super::*;

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
        assert_eq!(done(&reconciler, &changed).await.counts.update, 1);
        let web = store.clients().by_id(&ClientId::new("web")).await.unwrap().unwrap();
        assert!(web.has_secret(&Secret::new("0123456789fedcba")));
        let one = r#"{"clients":[{"client_id":"spa"}]}"#;
        assert!(matches!(sync_with(&reconciler, one, &pruning(Prune::Disable)).await, Verdict::Done(..)));
        let web = store.clients().by_id(&web.id).await.unwrap().unwrap();
        assert!(!web.enabled);
        assert_eq!(done(&reconciler, &changed).await.counts.update, 1);
        assert!(matches!(sync_with(&reconciler, one, &pruning(Prune::Delete)).await, Verdict::Done(..)));
        assert!(store.clients().by_id(&web.id).await.unwrap().is_none());
        let users_only = sync_with(&reconciler, r#"{"users":[]}"#, &pruning(Prune::Delete)).await;
        assert!(matches!(users_only, Verdict::Clean(_)), "a kind that the file does not list is left alone");
    })
    .await;
}
