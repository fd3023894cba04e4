//! Refresh tokens: replaced at every use, repeated for a moment, and ended when they come again after that.

use barycenter_core::config::Seconds;

use super::*;

#[tokio::test]
async fn a_refresh_token_is_replaced_and_its_reuse_ends_the_family() {
    let scene = scene().await;
    let first = scene.tokens("openid email offline_access").await;
    let (status, second) = scene.refresh("rp", "s3cret", &text(&first, "refresh_token"), None).await;
    assert_eq!(status, StatusCode::OK, "{second}");
    assert_ne!(text(&first, "refresh_token"), text(&second, "refresh_token"));
    let claims = scene.app.keyring.verify_signature(&text(&second, "id_token")).expect("our signature");
    assert_eq!(claims["auth_time"], NOW.as_unix() - 100);
    assert!(claims.get("nonce").is_none());
    scene.clock.advance(10);
    let (status, _) = scene.refresh("rp", "s3cret", &text(&first, "refresh_token"), None).await;
    assert_eq!(status, StatusCode::BAD_REQUEST, "ten seconds are over");
    let (status, _) = scene.refresh("rp", "s3cret", &text(&second, "refresh_token"), None).await;
    assert_eq!(status, StatusCode::BAD_REQUEST, "the family has ended");
    assert_eq!(scene.userinfo(&text(&second, "access_token")).await, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_lost_answer_may_be_asked_for_again_and_has_the_same_successor() {
    let scene = scene().await;
    let first = text(&scene.tokens("openid offline_access").await, "refresh_token");
    let (_, lost) = scene.refresh("rp", "s3cret", &first, None).await;
    scene.clock.advance(9);
    let (status, again) = scene.refresh("rp", "s3cret", &first, None).await;
    assert_eq!(status, StatusCode::OK, "{again}");
    assert_eq!(text(&lost, "refresh_token"), text(&again, "refresh_token"));
    assert_ne!(text(&lost, "access_token"), text(&again, "access_token"));
    assert_eq!(scene.refresh("rp", "s3cret", &text(&again, "refresh_token"), None).await.0, StatusCode::OK);
}

#[tokio::test]
async fn once_the_successor_is_used_its_predecessor_is_a_replay() {
    let scene = scene().await;
    let first = text(&scene.tokens("openid offline_access").await, "refresh_token");
    let (_, second) = scene.refresh("rp", "s3cret", &first, None).await;
    let (_, third) = scene.refresh("rp", "s3cret", &text(&second, "refresh_token"), None).await;
    assert_eq!(scene.refresh("rp", "s3cret", &first, None).await.0, StatusCode::BAD_REQUEST);
    let (status, _) = scene.refresh("rp", "s3cret", &text(&third, "refresh_token"), None).await;
    assert_eq!(status, StatusCode::BAD_REQUEST, "the family has ended");
}

#[tokio::test]
async fn without_a_grace_every_second_use_is_a_replay() {
    let scene = scene_with(|config| config.oidc.refresh_token_grace = Seconds::new(0)).await;
    let first = text(&scene.tokens("openid offline_access").await, "refresh_token");
    let (_, second) = scene.refresh("rp", "s3cret", &first, None).await;
    assert_eq!(scene.refresh("rp", "s3cret", &first, None).await.0, StatusCode::BAD_REQUEST);
    let (status, _) = scene.refresh("rp", "s3cret", &text(&second, "refresh_token"), None).await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn a_refresh_token_is_stored_as_a_digest_and_so_is_its_successor() {
    let scene = scene().await;
    let first = text(&scene.tokens("openid offline_access").await, "refresh_token");
    let (_, second) = scene.refresh("rp", "s3cret", &first, None).await;
    for token in [first, text(&second, "refresh_token")] {
        let bytes = std::fs::read(scene._folder.path().join("barycenter.db")).unwrap();
        let log = std::fs::read(scene._folder.path().join("barycenter.db-wal")).unwrap_or_default();
        for place in [bytes, log] {
            assert!(!place.windows(token.len()).any(|window| window == token.as_bytes()));
        }
    }
}

#[tokio::test]
async fn twenty_parallel_refreshes_get_one_successor() {
    let scene = scene().await;
    let first = text(&scene.tokens("openid offline_access").await, "refresh_token");
    let attempts = (0..20).map(|_| scene.refresh("rp", "s3cret", &first, None));
    let answers = futures(attempts).await;
    let mut successors: Vec<String> = answers.iter().map(|(_, body)| text(body, "refresh_token")).collect();
    successors.sort_unstable();
    successors.dedup();
    assert_eq!(successors.len(), 1, "{answers:?}");
}

#[tokio::test]
async fn who_left_the_required_group_gets_no_more_tokens() {
    let scene = scene().await;
    scene.client("ops", |client| client.metadata.required_groups = ["ops".to_owned()].into()).await;
    let mut user = User { groups: ["ops".to_owned()].into(), ..scene.user.clone() };
    scene.app.store.users().update(&user).await.unwrap();
    let redeem = async || {
        let code = scene.code("ops", &[("scope", "openid offline_access")]).await;
        let pairs = [("grant_type", "authorization_code"), ("code", code.as_str()), ("redirect_uri", CALLBACK)];
        json(scene.token("ops", "s3cret", &pairs).await).await
    };
    let (status, tokens) = redeem().await;
    assert_eq!(status, StatusCode::OK, "{tokens}");
    user.groups.clear();
    scene.app.store.users().update(&user).await.unwrap();
    let (status, _) = scene.refresh("ops", "s3cret", &text(&tokens, "refresh_token"), None).await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
}

/// Runs futures side by side.
async fn futures<T>(all: impl Iterator<Item = impl Future<Output = T>>) -> Vec<T> {
    futures_util::future::join_all(all).await
}
