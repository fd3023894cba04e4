//! What everybody may ask: discovery, keys, the home page.

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
async fn any_origin_may_call_what_needs_no_cookie() {
    let scene = scene().await;
    let response = scene.http.get("/.well-known/jwks.json").header(header::ORIGIN, "https://spa.example").send().await;
    assert!(response.0.headers().contains_key(header::ACCESS_CONTROL_ALLOW_ORIGIN));
    let login = scene.http.get("/login").header(header::ORIGIN, "https://spa.example").send().await;
    assert!(!login.0.headers().contains_key(header::ACCESS_CONTROL_ALLOW_ORIGIN));
}
