//! Codes and tokens: each is used once, however many try.

use barycenter_core::model::authorization::CodeGrant;
use barycenter_core::model::{
    AccessToken, Authorization, AuthorizationId, AuthorizationRequest, AuthorizationState, ClaimsRequest, RefreshToken,
    ResponseMode, ResponseType, Scopes, Session, SessionId, Timestamp, User, UserId,
};
use barycenter_core::secret::Secret;
use barycenter_core::store::{Issuance, Spent, Store};
use tokio::task::JoinSet;

use crate::support::{NOW, client, on_both, user};

/// Stores a user, a client and an authorization that has issued `code`.
pub(crate) async fn issued(store: &Store, code: &Secret) -> (Authorization, CodeGrant) {
    let user = user("admin");
    store.users().insert(&user).await.unwrap();
    issue(store, user.id, code).await
}

/// Stores a client and an authorization that has issued `code` to a user.
pub(crate) async fn issue(store: &Store, user_id: UserId, code: &Secret) -> (Authorization, CodeGrant) {
    let client = client("rp");
    store.clients().insert(&client).await.unwrap();
    let authorization = Authorization {
        id: AuthorizationId::generate(NOW),
        handle: Secret::random().digest(),
        browser: Secret::random().digest(),
        request: AuthorizationRequest {
            client_id: client.id.clone(),
            redirect_uri: client.resolve_redirect_uri(Some("https://rp.example/cb")).unwrap(),
            response_type: ResponseType::Code,
            response_mode: ResponseMode::Query,
            scopes: Scopes::from_request("openid"),
            state: Some("a\"b".to_owned()),
            nonce: None,
            code_challenge: None,
            prompts: Vec::new(),
            max_age: None,
            expected_subject: None,
            login_hint: None,
            claims: ClaimsRequest::default(),
            acr_values: Vec::new(),
            dpop_jkt: None,
            resources: Vec::new(),
        },
        state: AuthorizationState::Pending,
        signed_in_by: None,
        consented_by: None,
        created_at: NOW,
        expires_at: NOW.plus(3600),
    };
    store.authorizations().insert(&authorization).await.unwrap();
    let grant = CodeGrant {
        code: code.digest(),
        expires_at: NOW.plus(60),
        user_id,
        session_id: SessionId::generate(NOW),
        authenticated_at: NOW,
    };
    assert!(store.authorizations().issue_code(&authorization.id, &grant).await.unwrap());
    (authorization, grant)
}

/// Uses a grant of `user` up, for an access token.
async fn spend(store: &Store, spent: Spent<'_>, authorization: &Authorization, user: &User, now: Timestamp) -> bool {
    let access_token = &access(authorization, &user.id, &Secret::random());
    let issuance = Issuance { spent, user, by_group: true, session: None, access_token, refresh_token: None, now };
    store.issue(&issuance).await.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_code_is_redeemed_once() {
    on_both(|_place, store| async move {
        let code = Secret::random();
        let (authorization, grant) = issued(&store, &code).await;
        assert!(!store.authorizations().issue_code(&authorization.id, &grant).await.unwrap(), "a second code");
        let user = store.users().by_id(&grant.user_id).await.unwrap().unwrap();
        let mut tasks = JoinSet::new();
        for _ in 0..20 {
            let (store, authorization, grant, user) =
                (store.clone(), authorization.clone(), grant.clone(), user.clone());
            tasks.spawn(async move { spend(&store, Spent::Code(&grant.code), &authorization, &user, NOW).await });
        }
        let redeemed = tasks.join_all().await.into_iter().filter(|redeemed| *redeemed).count();
        assert_eq!(redeemed, 1);
        let found = store.authorizations().by_code(&grant.code).await.unwrap().unwrap();
        assert_eq!(found.authorization.state, AuthorizationState::Redeemed);
    })
    .await;
}

#[tokio::test]
async fn an_expired_or_revoked_code_is_not_redeemed() {
    on_both(|_place, store| async move {
        let code = Secret::random();
        let (authorization, grant) = issued(&store, &code).await;
        let user = store.users().by_id(&grant.user_id).await.unwrap().unwrap();
        let spent = Spent::Code(&grant.code);
        assert!(!spend(&store, spent, &authorization, &user, NOW.plus(60)).await, "expired");
        assert_eq!(store.authorizations().revoke_codes_of(&grant.user_id).await.unwrap(), 1);
        assert!(!spend(&store, spent, &authorization, &user, NOW).await, "revoked");
    })
    .await;
}

#[tokio::test]
async fn nothing_is_issued_to_whom_has_changed_meanwhile() {
    on_both(|_place, store| async move {
        let code = Secret::random();
        let (authorization, grant) = issued(&store, &code).await;
        let seen = store.users().by_id(&grant.user_id).await.unwrap().unwrap();
        let spent = Spent::Code(&grant.code);
        store.users().update(&User { enabled: false, ..seen.clone() }).await.unwrap();
        assert!(!spend(&store, spent, &authorization, &seen, NOW).await, "disabled");
        store.users().update(&User { groups: ["others".to_owned()].into(), ..seen.clone() }).await.unwrap();
        assert!(!spend(&store, spent, &authorization, &seen, NOW).await, "in other groups");
        store.users().update(&seen).await.unwrap();

        let (access_token, refresh_token) = (Secret::random(), Secret::random());
        let granted = refresh(&authorization, &seen.id, &refresh_token, "openid offline_access");
        let session = Session {
            id: grant.session_id.clone(),
            cookie: Secret::random().digest(),
            user_id: seen.id.clone(),
            authenticated_at: NOW,
            methods: Vec::new(),
            expires_at: NOW.plus(60),
        };
        let issuance = Issuance {
            spent,
            user: &seen,
            by_group: true,
            session: Some(&session.id),
            access_token: &access(&authorization, &seen.id, &access_token),
            refresh_token: Some(&RefreshToken { session_id: session.id.clone(), ..granted }),
            now: NOW,
        };
        assert!(!store.issue(&issuance).await.unwrap(), "the session has ended");
        assert!(store.tokens().access(&access_token.digest(), NOW).await.unwrap().is_none(), "nothing is half-written");
        store.sessions().insert(&session).await.unwrap();
        assert!(store.issue(&issuance).await.unwrap());
        let stored = store.tokens().access(&access_token.digest(), NOW).await.unwrap().expect("it is stored");
        assert_eq!((&stored.claims, stored.jkt.as_deref()), (&issuance.access_token.claims, Some("thumbprint")));
        let found = store.tokens().find_refresh(&refresh_token.digest()).await.unwrap().expect("it is stored");
        assert_eq!((found.used_at, found.user.map(|user| user.id)), (None, Some(seen.id.clone())));
        assert_eq!(found.session.map(|session| session.id), Some(session.id.clone()));
    })
    .await;
}

pub(crate) fn access(authorization: &Authorization, user: &UserId, token: &Secret) -> AccessToken {
    AccessToken {
        digest: token.digest(),
        family: authorization.id.clone(),
        client_id: authorization.request.client_id.clone(),
        user_id: Some(user.clone()),
        session_id: Some(SessionId::new("s")),
        scopes: Scopes::from_request("openid"),
        resources: vec!["https://api.example".to_owned()],
        jkt: Some("thumbprint".to_owned()),
        claims: ClaimsRequest::parse(r#"{"userinfo":{"name":{"essential":true}}}"#).unwrap().userinfo,
        issued_at: NOW,
        expires_at: NOW.plus(60),
    }
}

pub(crate) fn refresh(authorization: &Authorization, user: &UserId, token: &Secret, scopes: &str) -> RefreshToken {
    RefreshToken {
        digest: token.digest(),
        family: authorization.id.clone(),
        client_id: authorization.request.client_id.clone(),
        user_id: user.clone(),
        session_id: SessionId::new("s"),
        scopes: Scopes::from_request(scopes),
        resources: Vec::new(),
        jkt: None,
        claims: ClaimsRequest::default().userinfo,
        authenticated_at: NOW,
        issued_at: NOW,
        expires_at: NOW.plus(60),
    }
}

#[tokio::test]
async fn a_refresh_token_is_used_once_and_a_family_ends_together() {
    on_both(|_place, store| async move {
        let (authorization, grant) = issued(&store, &Secret::random()).await;
        let (token, access_token) = (Secret::random(), Secret::random());
        store.tokens().insert_refresh(&refresh(&authorization, &grant.user_id, &token, "openid")).await.unwrap();
        let stored = access(&authorization, &grant.user_id, &access_token);
        store.tokens().insert_access(&stored).await.unwrap();
        let user = store.users().by_id(&grant.user_id).await.unwrap().unwrap();
        let digest = token.digest();
        let spent = Spent::RefreshToken(&digest);
        assert!(!spend(&store, spent, &authorization, &user, NOW.plus(60)).await, "expired");
        assert!(spend(&store, spent, &authorization, &user, NOW).await);
        assert!(!spend(&store, spent, &authorization, &user, NOW).await, "used");
        let found = store.tokens().access(&access_token.digest(), NOW.plus(59)).await.unwrap().expect("it is valid");
        assert_eq!(found.claims, stored.claims);
        assert!(store.tokens().access(&access_token.digest(), NOW.plus(60)).await.unwrap().is_none(), "expired");
        store.tokens().revoke_family(&authorization.id).await.unwrap();
        assert!(store.tokens().access(&access_token.digest(), NOW).await.unwrap().is_none());
        assert!(store.tokens().refresh(&token.digest()).await.unwrap().is_none());
    })
    .await;
}

#[tokio::test]
async fn offline_access_outlives_the_session() {
    on_both(|_place, store| async move {
        let (authorization, grant) = issued(&store, &Secret::random()).await;
        let (online, offline) = (Secret::random(), Secret::random());
        store.tokens().insert_refresh(&refresh(&authorization, &grant.user_id, &online, "openid")).await.unwrap();
        store
            .tokens()
            .insert_refresh(&refresh(&authorization, &grant.user_id, &offline, "openid offline_access"))
            .await
            .unwrap();
        store.tokens().revoke_session(&grant.user_id, &SessionId::new("s")).await.unwrap();
        assert!(store.tokens().refresh(&online.digest()).await.unwrap().is_none());
        assert!(store.tokens().refresh(&offline.digest()).await.unwrap().is_some());
    })
    .await;
}

#[tokio::test]
async fn a_client_goes_with_everything_of_its_own() {
    on_both(|_place, store| async move {
        let code = Secret::random();
        let (authorization, _) = issued(&store, &code).await;
        assert!(store.clients().delete(&authorization.request.client_id).await.unwrap());
        assert!(!store.clients().delete(&authorization.request.client_id).await.unwrap());
        assert!(store.authorizations().by_code(&code.digest()).await.unwrap().is_none());
    })
    .await;
}
