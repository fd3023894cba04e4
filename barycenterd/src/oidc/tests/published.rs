//! What everybody may ask: discovery, keys, the home page.

use barycenter_core::keyring::{Rotation, Run};
use barycenter_core::model::SigningAlgorithm;

use super::*;

#[tokio::test]
async fn the_home_page_is_at_the_root() {
    let scene = scene().await;
    scene.http.get("/").send().await.assert_status_is_ok();
    scene.http.get("/nowhere").send().await.assert_status(StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn an_issuer_with_a_path_serves_everything_below_it() {
    let scene =
        scene_with(|config| config.server.public_base_url = "http://localhost:8080/auth".parse().unwrap()).await;
    for path in ["/auth/.well-known/openid-configuration", "/.well-known/oauth-authorization-server/auth"] {
        let (status, document) = json(scene.http.get(path).send().await).await;
        assert_eq!(
            (status, text(&document, "token_endpoint").as_str()),
            (StatusCode::OK, "http://localhost:8080/auth/token")
        );
    }
    scene.http.get("/auth").send().await.assert_status_is_ok();
    scene.http.get("/auth/login").send().await.assert_status_is_ok();
    scene.http.get("/login").send().await.assert_status(StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn the_keys_may_be_kept_and_asked_for_again() {
    let scene = scene().await;
    let first = scene.http.get("/.well-known/jwks.json").send().await;
    first.assert_header(header::CACHE_CONTROL, "public, max-age=300");
    let etag = first.0.headers()[header::ETAG].to_str().unwrap().to_owned();
    let again = scene.http.get("/.well-known/jwks.json").header(header::IF_NONE_MATCH, etag).send().await;
    again.assert_status(StatusCode::NOT_MODIFIED);
}

#[tokio::test]
async fn the_keys_may_be_kept_as_long_as_is_configured() {
    let scene = scene_with(|config| config.keys.jwks_max_age = Seconds::new(7)).await;
    let answer = scene.http.get("/.well-known/jwks.json").send().await;
    answer.assert_header(header::CACHE_CONTROL, "public, max-age=7");
}

#[tokio::test]
async fn whoever_cannot_look_at_the_keyring_lets_nobody_keep_the_keys() {
    let scene = scene().await;
    scene.clock.advance(1000);
    let answer = scene.http.get("/.well-known/jwks.json").send().await;
    answer.assert_header(header::CACHE_CONTROL, "public, max-age=300");
    scene.app.store.clone().close().await.unwrap();
    scene.clock.advance(1000);
    let answer = scene.http.get("/.well-known/jwks.json").send().await;
    answer.assert_status_is_ok();
    answer.assert_header(header::CACHE_CONTROL, "no-cache");
}

#[tokio::test]
async fn discovery_lists_exactly_the_algorithms_that_sign() {
    let scene = scene().await;
    let listed = async || {
        let (_, document) = json(scene.http.get("/.well-known/openid-configuration").send().await).await;
        document["id_token_signing_alg_values_supported"].clone()
    };
    assert_eq!(listed().await, serde_json::json!(["ES256"]));
    let policy = scene.app.keyring.policy(&scene.app.config.oidc);
    let rotation = Rotation { algorithm: Some(SigningAlgorithm::EdDsa), activate_in: None, run: Run::Real };
    scene.app.keyring.rotate(rotation, &policy, NOW.into()).await.unwrap();
    assert_eq!(listed().await, serde_json::json!(["ES256"]), "published, and not signing yet");
    scene.app.keyring.advance(&policy, NOW.plus(policy.publication).into()).await.unwrap();
    assert_eq!(listed().await, serde_json::json!(["ES256", "EdDSA"]));
}

#[tokio::test]
async fn any_origin_may_call_what_needs_no_cookie() {
    let scene = scene().await;
    let response = scene.http.get("/.well-known/jwks.json").header(header::ORIGIN, "https://spa.example").send().await;
    assert!(response.0.headers().contains_key(header::ACCESS_CONTROL_ALLOW_ORIGIN));
    let login = scene.http.get("/login").header(header::ORIGIN, "https://spa.example").send().await;
    assert!(!login.0.headers().contains_key(header::ACCESS_CONTROL_ALLOW_ORIGIN));
}
