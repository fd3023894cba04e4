//! Declared passwords: set when the file changes them, and what ends with the old one.

use barycenter_core::model::{
    AccessToken, AuthenticationMethod, AuthorizationState, ClaimsRequest, Scopes, Session, SessionId, UserId,
};
use barycenter_core::secret::Secret;

use super::*;
use crate::authorization::{issue, refresh};

fn hasher() -> PasswordHasher {
    PasswordHasher::new(&cheap_passwords()).unwrap()
}

async fn opens(store: &Store, name: &str, password: &str) -> bool {
    hasher().verify(&Secret::new(password), find(store, name).await.password.as_ref()).await.unwrap()
}

async fn set_by_hand(store: &Store, name: &str, password: Option<&str>) {
    let mut user = find(store, name).await;
    user.password = match password {
        Some(text) => Some(hasher().hash(&Secret::new(text)).await.unwrap()),
        None => None,
    };
    store.users().update(&user).await.unwrap();
}

#[tokio::test]
async fn a_declared_password_signs_in_and_one_changed_by_hand_stays() {
    on_both(|place, store| async move {
        let reconciler = reconciler(&place, &store).await;
        done(&reconciler, TWO).await;
        assert!(opens(&store, "admin", "first").await && opens(&store, "app-service", "second").await);
        set_by_hand(&store, "admin", Some("by hand")).await;
        clean(&reconciler, TWO).await;
        done(&reconciler, &TWO.replace("administrator", "auditor")).await;
        assert!(opens(&store, "admin", "by hand").await, "another field has changed, not the password");
        let outcome = done(&reconciler, &TWO.replace("first", "third")).await;
        assert_eq!((outcome.counts.update, outcome.counts.unchanged), (1, 1));
        assert!(opens(&store, "admin", "third").await && !opens(&store, "admin", "by hand").await);
    })
    .await;
}

#[tokio::test]
async fn passwords_are_set_again_only_when_that_is_asked_for() {
    on_both(|place, store| async move {
        let reconciler = reconciler(&place, &store).await;
        done(&reconciler, TWO).await;
        set_by_hand(&store, "admin", Some("by hand")).await;
        let mut order = order();
        order.request.intent.reset_secrets = true;
        assert_eq!(done_with(&reconciler, TWO, &order).await.counts.update, 2);
        assert!(opens(&store, "admin", "first").await);
        clean(&reconciler, TWO).await;
    })
    .await;
}

#[tokio::test]
async fn where_the_file_says_that_there_is_no_password_none_stays() {
    on_both(|place, store| async move {
        let reconciler = reconciler(&place, &store).await;
        let none = r#"{"users":[{"username":"robot","password":null}]}"#;
        done(&reconciler, none).await;
        clean(&reconciler, none).await;
        set_by_hand(&store, "robot", Some("by hand")).await;
        assert_eq!(done(&reconciler, none).await.counts.update, 1);
        assert!(find(&store, "robot").await.password.is_none());
        clean(&reconciler, none).await;
    })
    .await;
}

#[tokio::test]
async fn a_hash_is_stored_as_it_is_and_compared_like_a_password() {
    on_both(|place, store| async move {
        let reconciler = reconciler(&place, &store).await;
        let hash =
            |text: &'static str| async move { hasher().hash(&Secret::new(text)).await.unwrap().as_str().to_owned() };
        let file = |hash: &str| format!(r#"{{"users":[{{"username":"ada","password_hash":"{hash}"}}]}}"#);
        let (first, second) = (hash("one").await, hash("two").await);
        done(&reconciler, &file(&first)).await;
        assert!(opens(&store, "ada", "one").await);
        clean(&reconciler, &file(&first)).await;
        set_by_hand(&store, "ada", Some("by hand")).await;
        clean(&reconciler, &file(&first)).await;
        done(&reconciler, &file(&second)).await;
        assert!(opens(&store, "ada", "two").await);
        let plain = r#"{"users":[{"username":"ada","password":"three"}]}"#;
        done(&reconciler, plain).await;
        assert!(opens(&store, "ada", "three").await);
        clean(&reconciler, plain).await;
    })
    .await;
}

#[tokio::test]
async fn adoption_keeps_the_password_until_the_file_changes_it() {
    on_both(|place, store| async move {
        let reconciler = reconciler(&place, &store).await;
        store.users().insert(&user("admin")).await.unwrap();
        set_by_hand(&store, "admin", Some("theirs")).await;
        done_with(&reconciler, TWO, &adopting(&[], true)).await;
        clean(&reconciler, TWO).await;
        assert!(opens(&store, "admin", "theirs").await);
        done(&reconciler, &TWO.replace("first", "third")).await;
        assert!(opens(&store, "admin", "third").await);
    })
    .await;
}

/// Lets a user in: a session, a code, an access token and a refresh token.
async fn let_in(store: &Store, user: &UserId, code: &Secret) {
    let session = Session {
        id: SessionId::new("s"),
        cookie: Secret::new("s").digest(),
        user_id: user.clone(),
        authenticated_at: NOW,
        methods: vec![AuthenticationMethod::Password],
        expires_at: NOW.plus(60),
    };
    store.sessions().insert(&session).await.unwrap();
    let (authorization, _) = issue(store, user.clone(), code).await;
    store.tokens().insert_refresh(&refresh(&authorization, user, code, "openid offline_access")).await.unwrap();
    let access = AccessToken {
        digest: code.digest(),
        family: authorization.id,
        client_id: authorization.request.client_id,
        user_id: Some(user.clone()),
        session_id: Some(session.id),
        scopes: Scopes::from_request("openid"),
        resources: Vec::new(),
        jkt: None,
        claims: ClaimsRequest::default().userinfo,
        issued_at: NOW,
        expires_at: NOW.plus(60),
    };
    store.tokens().insert_access(&access).await.unwrap();
}

/// Returns what still lets the user in.
async fn remains(store: &Store, code: &Secret) -> [bool; 4] {
    let code_found = store.authorizations().by_code(&code.digest()).await.unwrap();
    [
        store.sessions().by_id(&SessionId::new("s"), NOW).await.unwrap().is_some(),
        code_found.is_some_and(|found| found.authorization.state == AuthorizationState::CodeIssued),
        store.tokens().access(&code.digest(), NOW).await.unwrap().is_some(),
        store.tokens().refresh(&code.digest()).await.unwrap().is_some(),
    ]
}

/// Lets the user in, syncs, and returns what still lets the user in.
async fn after(place: Place, store: Store, json: &str, prune: Prune) -> [bool; 4] {
    let reconciler = reconciler(&place, &store).await;
    let before = TWO.replace("app-service", "zed");
    done(&reconciler, &before).await;
    let code = Secret::random();
    let_in(&store, &find(&store, "zed").await.id, &code).await;
    done_with(&reconciler, &before.replace("administrator", "admin"), &order()).await;
    done_with(&reconciler, json, &pruning(prune)).await;
    remains(&store, &code).await
}

#[tokio::test]
async fn disabling_pruning_and_a_new_password_end_sessions_codes_and_tokens() {
    let base = TWO.replace("app-service", "zed");
    let without = r#"{"users":[{"username":"admin"}]}"#.to_owned();
    for (json, prune) in [
        (base.replace("second", "third"), Prune::Keep),
        (base.replace("\"second\"", "\"second\",\"enabled\":false"), Prune::Keep),
        (base.replace("\"second\"", "null"), Prune::Keep),
        (without.clone(), Prune::Disable),
        (without, Prune::Delete),
    ] {
        let json = &json;
        on_both(|place, store| async move {
            assert_eq!(after(place, store, json, prune).await, [false; 4], "{json}");
        })
        .await;
    }
}

#[tokio::test]
async fn another_change_ends_nothing() {
    let json = &TWO.replace("app-service", "zed").replace("service@", "other@");
    on_both(|place, store| async move {
        assert_eq!(after(place, store, json, Prune::Keep).await, [true; 4]);
    })
    .await;
}
