//! Users.

use barycenter_core::model::{EmailAddress, Manager, Ownership, Username};
use barycenter_core::password::PasswordHash;

use crate::support::{NOW, on_both, user};

#[tokio::test]
async fn a_user_comes_back_as_it_was_stored() {
    on_both(|_place, store| async move {
        let mut stored = user("Jürgen");
        stored.email = Some(EmailAddress::parse("J@example.com").unwrap());
        stored.password = Some(PasswordHash::from_stored("$argon2id$…".to_owned()));
        stored.properties.insert("a'b\"%_".to_owned(), serde_json::json!({ "ü": [1, null, true] }));
        stored.ownership = Ownership::Managed { manager: Manager::default(), declared: Default::default() };
        store.users().insert(&stored).await.unwrap();
        let read = store.users().by_username(&Username::parse("JÜRGEN").unwrap()).await.unwrap().expect("found");
        assert_eq!(format!("{read:?}"), format!("{stored:?}"));
        assert_eq!(store.users().count_managed(&Manager::default()).await.unwrap(), (1, 1));
    })
    .await;
}

#[tokio::test]
async fn names_and_addresses_are_unique_in_their_folded_form() {
    on_both(|_place, store| async move {
        let mut first = user("admin");
        first.email = Some(EmailAddress::parse("admin@example.com").unwrap());
        store.users().insert(&first).await.unwrap();
        assert!(store.users().insert(&user("ADMIN")).await.unwrap_err().is_conflict());
        let mut other = user("other");
        other.email = Some(EmailAddress::parse("Admin@Example.com").unwrap());
        assert!(store.users().insert(&other).await.unwrap_err().is_conflict());
    })
    .await;
}

#[tokio::test]
async fn an_update_leaves_the_last_sign_in_alone() {
    on_both(|_place, store| async move {
        let mut changed = user("admin");
        store.users().insert(&changed).await.unwrap();
        store.users().record_login(&changed.id, NOW.plus(5)).await.unwrap();
        changed.enabled = false;
        store.users().update(&changed).await.unwrap();
        let read = store.users().by_id(&changed.id).await.unwrap().unwrap();
        assert_eq!((read.enabled, read.last_login_at), (false, Some(NOW.plus(5))));
    })
    .await;
}

#[tokio::test]
async fn a_hash_is_replaced_only_where_it_is_still_the_same() {
    on_both(|_place, store| async move {
        let hash = |text: &str| PasswordHash::from_stored(text.to_owned());
        let mut stored = user("admin");
        stored.password = Some(hash("old"));
        store.users().insert(&stored).await.unwrap();
        let without = user("without");
        store.users().insert(&without).await.unwrap();
        assert!(store.users().replace_password(&stored.id, &hash("old"), &hash("new")).await.unwrap());
        assert!(!store.users().replace_password(&stored.id, &hash("old"), &hash("late")).await.unwrap());
        assert!(!store.users().replace_password(&without.id, &hash("old"), &hash("late")).await.unwrap());
        let read = store.users().by_id(&stored.id).await.unwrap().unwrap();
        assert_eq!((read.password, read.updated_at), (Some(hash("new")), stored.updated_at));
        assert_eq!(store.users().by_id(&without.id).await.unwrap().unwrap().password, None);
    })
    .await;
}

#[tokio::test]
async fn pages_follow_one_another_without_gaps() {
    on_both(|_place, store| async move {
        for name in ["c", "a", "e", "b", "d"] {
            store.users().insert(&user(name)).await.unwrap();
        }
        let mut seen = Vec::new();
        let mut after: Option<String> = None;
        loop {
            let page = store.users().page(2, after.as_deref(), None).await.unwrap();
            let Some(last) = page.last() else { break };
            after = Some(last.username.folded().to_owned());
            seen.extend(page.iter().map(|user| user.username.to_string()));
        }
        assert_eq!(seen, ["a", "b", "c", "d", "e"]);
        let found = store.users().page(10, None, Some("D")).await.unwrap();
        assert_eq!(found.len(), 1);
        assert!(store.users().page(10, None, Some("%")).await.unwrap().is_empty(), "a search is no pattern");
    })
    .await;
}

#[tokio::test]
async fn a_transaction_that_is_dropped_changes_nothing() {
    on_both(|_place, store| async move {
        let transaction = store.write().await.unwrap();
        transaction.users().insert(&user("ghost")).await.unwrap();
        drop(transaction);
        assert!(store.users().page(10, None, None).await.unwrap().is_empty());
        store.write().await.unwrap().commit().await.unwrap();
    })
    .await;
}
