//! Codes and tokens: each is used once, however many try.

use barycenter_core::model::authorization::{CodeGrant, Redemption};
use barycenter_core::model::{
    AccessToken, Authorization, AuthorizationId, AuthorizationRequest, AuthorizationState, ClaimsRequest, RefreshToken,
    ResponseMode, ResponseType, Scopes, SessionId, UserId,
};
use barycenter_core::secret::Secret;
use barycenter_core::store::Store;
use tokio::task::JoinSet;

use crate::support::{NOW, client, on_both, user};

/// Stores a user, a client and an authorization that has issued `code`.
async fn issued(store: &Store, code: &Secret) -> (Authorization, CodeGrant) {
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

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_code_is_redeemed_once() {
    on_both(|_place, store| async move {
        let code = Secret::random();
        let (authorization, grant) = issued(&store, &code).await;
        assert!(!store.authorizations().issue_code(&authorization.id, &grant).await.unwrap(), "a second code");
        let mut tasks = JoinSet::new();
        for _ in 0..20 {
            let (store, digest) = (store.clone(), code.digest());
            tasks.spawn(async move {
                let transaction = store.write().await.unwrap();
                let redemption = transaction.authorizations().redeem(&digest, NOW).await.unwrap();
                transaction.commit().await.unwrap();
                redemption
            });
        }
        let (mut redeemed, mut reused) = (0, 0);
        for redemption in tasks.join_all().await {
            match redemption {
                Redemption::Redeemed(_) => redeemed += 1,
                Redemption::Reused(family) if family == authorization.id => reused += 1,
                other => panic!("{other:?}"),
            }
        }
        assert_eq!((redeemed, reused), (1, 19));
    })
    .await;
}

#[tokio::test]
async fn an_expired_or_revoked_code_is_unknown() {
    on_both(|_place, store| async move {
        let code = Secret::random();
        let (_, grant) = issued(&store, &code).await;
        let late = store.authorizations().redeem(&code.digest(), NOW.plus(60)).await.unwrap();
        assert!(matches!(late, Redemption::Unknown));
        assert_eq!(store.authorizations().revoke_codes_of(&grant.user_id).await.unwrap(), 1);
        let revoked = store.authorizations().redeem(&code.digest(), NOW).await.unwrap();
        assert!(matches!(revoked, Redemption::Unknown));
    })
    .await;
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
        let (token, access) = (Secret::random(), Secret::random());
        store.tokens().insert_refresh(&refresh(&authorization, &grant.user_id, &token, "openid")).await.unwrap();
        let stored = AccessToken {
            digest: access.digest(),
            family: authorization.id.clone(),
            client_id: authorization.request.client_id.clone(),
            user_id: Some(grant.user_id.clone()),
            session_id: Some(SessionId::new("s")),
            scopes: Scopes::from_request("openid"),
            resources: vec!["https://api.example".to_owned()],
            jkt: Some("thumbprint".to_owned()),
            claims: ClaimsRequest::parse(r#"{"userinfo":{"name":{"essential":true}}}"#).unwrap().userinfo,
            issued_at: NOW,
            expires_at: NOW.plus(60),
        };
        store.tokens().insert_access(&stored).await.unwrap();
        assert!(store.tokens().use_refresh(&token.digest(), NOW).await.unwrap());
        assert!(!store.tokens().use_refresh(&token.digest(), NOW).await.unwrap());
        let found = store.tokens().access(&access.digest(), NOW.plus(59)).await.unwrap().expect("it is valid");
        assert_eq!(found.claims, stored.claims);
        assert!(store.tokens().access(&access.digest(), NOW.plus(60)).await.unwrap().is_none(), "expired");
        store.tokens().revoke_family(&authorization.id).await.unwrap();
        assert!(store.tokens().access(&access.digest(), NOW).await.unwrap().is_none());
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
