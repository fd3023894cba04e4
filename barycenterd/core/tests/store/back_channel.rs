//! What the back channel keeps: identifiers that are used once, device codes, initial access tokens.

use barycenter_core::model::device::{Approval, DeviceAuthorization, DeviceState, UserCode};
use barycenter_core::model::{AuthorizationId, Client, ClientId, GrantType, Scopes, SessionId, User, Username};
use barycenter_core::secret::Secret;
use barycenter_core::store::{RegistrationToken, Store};
use tokio::task::JoinSet;

use crate::support::{NOW, on_both};

#[tokio::test]
async fn an_identifier_is_used_once_by_twenty_at_the_same_time() {
    on_both(|_place, store| async move {
        let mut attempts = JoinSet::new();
        for _ in 0..20 {
            let store = store.clone();
            attempts.spawn(
                async move { store.used_ids().first_use("proof", "client", "jti", NOW.plus(60)).await.unwrap() },
            );
        }
        let won = attempts.join_all().await.into_iter().filter(|won| *won).count();
        assert_eq!(won, 1);
        let used = store.used_ids();
        assert!(used.first_use("proof", "another", "jti", NOW.plus(60)).await.unwrap());
        assert!(used.first_use("assertion", "client", "jti", NOW.plus(61)).await.unwrap());
    })
    .await;
}

async fn device(store: &Store) -> (DeviceAuthorization, Approval) {
    let client =
        Client { grant_types: vec![GrantType::DeviceCode], ..Client::new(ClientId::new("tv"), "Television", NOW) };
    store.clients().insert(&client).await.unwrap();
    let user = User::new(Username::parse("admin").unwrap(), NOW);
    store.users().insert(&user).await.unwrap();
    let device = DeviceAuthorization {
        id: AuthorizationId::generate(NOW),
        device_code: Secret::random().digest(),
        user_code: UserCode::random().digest(),
        client_id: client.id,
        scopes: Scopes::from_request("openid"),
        resources: vec!["https://api.example".to_owned()],
        state: DeviceState::Pending,
        approval: None,
        interval: 5,
        polled_at: None,
        created_at: NOW,
        expires_at: NOW.plus(600),
    };
    store.device_authorizations().insert(&device).await.unwrap();
    let approval = Approval { user_id: user.id, session_id: SessionId::new("s"), authenticated_at: NOW };
    (device, approval)
}

#[tokio::test]
async fn a_device_code_is_redeemed_by_one_of_twenty() {
    on_both(|_place, store| async move {
        let (device, approval) = device(&store).await;
        let devices = store.device_authorizations();
        assert!(!devices.redeem(&device.id, NOW).await.unwrap(), "nobody has approved");
        assert!(devices.decide(&device.id, DeviceState::Approved, &approval, NOW).await.unwrap());
        assert!(!devices.decide(&device.id, DeviceState::Denied, &approval, NOW).await.unwrap(), "decided once");
        let mut attempts = JoinSet::new();
        for _ in 0..20 {
            let (store, id) = (store.clone(), device.id.clone());
            attempts.spawn(async move { store.device_authorizations().redeem(&id, NOW).await.unwrap() });
        }
        let won = attempts.join_all().await.into_iter().filter(|won| *won).count();
        assert_eq!(won, 1);
        let read = devices.by_device_code(&device.device_code).await.unwrap().unwrap();
        assert_eq!(
            (read.state, read.approval, read.resources),
            (DeviceState::Redeemed, Some(approval), device.resources)
        );
    })
    .await;
}

#[tokio::test]
async fn a_user_code_is_in_use_once() {
    on_both(|_place, store| async move {
        let (device, _) = device(&store).await;
        let other = DeviceAuthorization {
            id: AuthorizationId::generate(NOW),
            device_code: Secret::random().digest(),
            ..device.clone()
        };
        assert!(store.device_authorizations().insert(&other).await.unwrap_err().is_conflict());
        assert!(store.device_authorizations().pending(&device.user_code, NOW).await.unwrap().is_some());
        assert!(store.device_authorizations().pending(&device.user_code, NOW.plus(600)).await.unwrap().is_none());
    })
    .await;
}

#[tokio::test]
async fn an_initial_access_token_is_used_as_often_as_it_says() {
    on_both(|_place, store| async move {
        let tokens = store.registration_tokens();
        let token = RegistrationToken {
            digest: Secret::random().digest(),
            description: "test".to_owned(),
            uses: Some(2),
            created_at: NOW,
            expires_at: NOW.plus(60),
        };
        tokens.insert(&token).await.unwrap();
        for expected in [true, true, false] {
            assert_eq!(tokens.permits(&token.digest, NOW).await.unwrap(), expected);
            assert_eq!(tokens.use_once(&token.digest, NOW).await.unwrap(), expected);
        }
        let endless = RegistrationToken { digest: Secret::random().digest(), uses: None, ..token };
        tokens.insert(&endless).await.unwrap();
        for _ in 0..3 {
            assert!(tokens.use_once(&endless.digest, NOW).await.unwrap());
        }
        assert!(!tokens.use_once(&endless.digest, NOW.plus(60)).await.unwrap(), "expired");
    })
    .await;
}
