//! Users as a sync sees them: standings, pages of what a manager owns, administrators, names that change hands.

use barycenter_core::model::{Declared, EmailAddress, Manager, Ownership, User};
use barycenter_core::password::PasswordHash;
use barycenter_core::store::Store;
use serde_json::json;

use crate::support::{on_both, user};

/// Returns a user as a sync by `manager` would have left it.
fn managed(name: &str, manager: &str, external_id: Option<&str>) -> User {
    let mut user = user(name);
    user.external_id = external_id.map(str::to_owned);
    user.properties.insert("ü\"'".to_owned(), json!([1.1, 1e300, null]));
    let declared = Declared { state: Some(user.state_digest()), ..Declared::default() };
    user.ownership = Ownership::Managed { manager: Manager::new(manager), declared };
    user
}

async fn insert(store: &Store, users: &[User]) {
    store.users().insert_all(&users.iter().collect::<Vec<_>>()).await.unwrap();
}

#[tokio::test]
async fn a_standing_tells_whether_somebody_moved_the_user() {
    on_both(|_place, store| async move {
        let mut users = [
            managed("Same", "m", None),
            managed("moved", "m", None),
            managed("password", "m", None),
            managed("none", "m", None),
            user("nobodys"),
        ];
        users[1].groups.insert("g".to_owned());
        for index in [2, 3] {
            users[index].password = Some(PasswordHash::from_stored("by hand".to_owned()));
        }
        if let Ownership::Managed { declared, .. } = &mut users[3].ownership {
            declared.secret_cleared = true;
        }
        insert(&store, &users).await;
        let names = ["same", "moved", "password", "none", "nobodys", "absent"];
        let standings = store.users().standings(&names, &Manager::new("m"), &[]).await.unwrap();
        let mut found = standings.read().unwrap();
        found.sort_by(|one, other| one.folded.cmp(other.folded));
        let shown: Vec<_> = found.iter().map(|row| (row.folded, row.untouched, row.enabled)).collect();
        let expected = [
            ("moved", false, true),
            ("nobodys", false, true),
            ("none", false, true),
            ("password", true, true),
            ("same", true, true),
        ];
        assert_eq!(shown, expected);
        assert_eq!(found[4].id, users[0].id.as_str());
        let owned: Vec<_> = found.iter().filter(|row| row.owned).map(|row| row.folded).collect();
        assert_eq!(owned, ["moved", "none", "password", "same"]);
        let nobody = store.users().standings(&["absent"], &Manager::new("m"), &[]).await.unwrap();
        assert!(nobody.read().unwrap().is_empty());
    })
    .await;
}

#[tokio::test]
async fn names_in_their_order_find_the_same_users_as_in_any_other() {
    on_both(|_place, store| async move {
        let manager = Manager::new("m");
        let wanted = ["a", "A-z", "c", "e", "g", "i", "\u{e9}", "z"];
        // More of others than of those who are asked for, and in front of them.
        let others = ["0", "aa", "ab", "ac", "d", "f", "h", "j", "k", "l", "m", "\u{e0}"];
        let users: Vec<User> = wanted.iter().chain(&others).map(|name| managed(name, "m", None)).collect();
        insert(&store, &users).await;
        let mut names: Vec<String> = wanted.iter().map(|name| name.to_lowercase()).collect();
        names.extend(["b", "y"].map(str::to_owned));
        names.sort_unstable();
        let found = async |names: &[&str]| {
            let standings = store.users().standings(names, &manager, &[]).await.unwrap();
            let mut found: Vec<String> = standings.read().unwrap().iter().map(|row| row.folded.to_owned()).collect();
            found.sort_unstable();
            found.dedup();
            found.retain(|name| names.contains(&name.as_str()));
            found
        };
        let in_order: Vec<&str> = names.iter().map(String::as_str).collect();
        let backwards: Vec<&str> = in_order.iter().rev().copied().collect();
        let (one, other) = (found(&in_order).await, found(&backwards).await);
        assert_eq!(one.len(), wanted.len());
        assert_eq!(one, other);
        assert!(found(&["b"]).await.is_empty());
        assert_eq!(found(&["c"]).await, ["c"]);
    })
    .await;
}

#[tokio::test]
async fn a_stable_key_finds_only_the_managers_own() {
    on_both(|_place, store| async move {
        insert(&store, &[managed("a", "m", Some("1")), managed("b", "hr", Some("1")), managed("c", "m", Some("2"))])
            .await;
        let standings = store.users().standings(&["x"], &Manager::new("m"), &["1", "9"]).await.unwrap();
        let found = standings.read().unwrap();
        assert_eq!(found.iter().map(|row| row.folded).collect::<Vec<_>>(), ["a"]);
        assert_eq!(found[0].external_id, Some("1"));
        let users = store.users().by_names(&["c"], &Manager::new("hr"), &["1"]).await.unwrap();
        assert_eq!(users.len(), 2);
        let again = managed("d", "m", Some("1"));
        assert!(
            store.users().insert(&again).await.unwrap_err().is_conflict(),
            "a stable key is unique for its manager"
        );
        let fine = [managed("d", "m", None), managed("e", "m", None)];
        insert(&store, &fine).await;
    })
    .await;
}

#[tokio::test]
async fn pages_hold_what_a_manager_owns_and_no_more() {
    on_both(|_place, store| async move {
        let mut users: Vec<User> = ["e", "b", "D", "a", "ü", "c"].iter().map(|name| managed(name, "m", None)).collect();
        users[0].enabled = false;
        users.push(managed("bb", "hr", None));
        users.push(user("cc"));
        insert(&store, &users).await;
        let manager = Manager::new("m");
        let (mut seen, mut after) = (Vec::new(), None::<String>);
        loop {
            let page = store.users().managed(&manager, after.as_deref(), 2).await.unwrap();
            let Some(last) = page.last() else { break };
            after = Some(last.folded.clone());
            seen.extend(page.iter().map(|row| row.folded.clone()));
        }
        assert_eq!(seen, ["a", "b", "c", "d", "e", "ü"]);
        assert_eq!(store.users().count_managed(&manager).await.unwrap(), (6, 5));
        assert_eq!(store.users().count_managed(&Manager::new("nobody")).await.unwrap(), (0, 0));
    })
    .await;
}

#[tokio::test]
async fn administrators_are_those_of_role_and_group_who_may_sign_in() {
    on_both(|_place, store| async move {
        let mut users: Vec<User> = ["role", "group", "disabled", "other", "mention"].map(user).into();
        users[0].properties.insert("role".to_owned(), json!("Administrator"));
        users[1].groups.insert("ADMINS".to_owned());
        users[2].groups.insert("admin".to_owned());
        users[2].enabled = false;
        users[3].properties.insert("role".to_owned(), json!("badminton"));
        users[4].properties.insert("note".to_owned(), json!("asks the admin"));
        insert(&store, &users).await;
        let mut names: Vec<_> =
            store.users().administrators().await.unwrap().iter().map(|user| user.username.to_string()).collect();
        names.sort();
        assert_eq!(names, ["group", "role"]);
    })
    .await;
}

#[tokio::test]
async fn released_names_and_addresses_can_change_hands() {
    on_both(|_place, store| async move {
        let mut users = [managed("a", "m", None), managed("b", "m", None)];
        users[0].email = Some(EmailAddress::parse("a@example.com").unwrap());
        users[1].email = Some(EmailAddress::parse("b@example.com").unwrap());
        insert(&store, &users).await;
        let [mut first, mut second] = users;
        std::mem::swap(&mut first.username, &mut second.username);
        std::mem::swap(&mut first.email, &mut second.email);
        let transaction = store.write().await.unwrap();
        transaction.users().release_names(&[first.id.as_str(), second.id.as_str()]).await.unwrap();
        transaction.users().update(&first).await.unwrap();
        transaction.users().update(&second).await.unwrap();
        transaction.commit().await.unwrap();
        for (user, name, email) in [(first, "b", "b@example.com"), (second, "a", "a@example.com")] {
            let found = store.users().by_username(&user.username).await.unwrap().unwrap();
            assert_eq!((found.id, found.username.as_str(), found.email.unwrap().as_str()), (user.id, name, email));
        }
        assert_eq!(store.users().taken_emails(&["a@example.com", "c@d"]).await.unwrap(), ["a@example.com"]);
    })
    .await;
}
