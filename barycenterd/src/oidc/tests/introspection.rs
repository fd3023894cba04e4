//! Introspection (RFC 7662) and revocation (RFC 7009): who may know, and who may end what.

use serde_json::json;

use super::*;

async fn with_api() -> Scene<impl Endpoint> {
    let scene = scene().await;
    scene.client("api", |client| client.metadata.resource_server = true).await;
    scene
}

async fn introspect<E: Endpoint>(scene: &Scene<E>, id: &str, secret: &str, token: &str) -> (StatusCode, Value) {
    let header = basic(id, secret);
    scene.post("/introspect", &[("token", token)], &[("authorization", header.as_str())]).await
}

async fn revoke<E: Endpoint>(scene: &Scene<E>, id: &str, secret: &str, token: &str) -> StatusCode {
    let header = basic(id, secret);
    let pairs = [("token", token), ("token_type_hint", "something_else")];
    scene.post("/revoke", &pairs, &[("authorization", header.as_str())]).await.0
}

#[tokio::test]
async fn a_resource_server_learns_what_a_token_permits() {
    let scene = with_api().await;
    let tokens = scene.tokens("openid email offline_access").await;
    let now = NOW.as_unix();
    let (status, answer) = introspect(&scene, "api", "s3cret", &text(&tokens, "access_token")).await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(
        answer,
        json!({
            "active": true, "scope": "openid email offline_access", "client_id": "rp", "username": "admin",
            "token_type": "Bearer", "exp": now + 600, "iat": now, "sub": scene.user.id, "aud": "http://localhost:8080",
            "iss": "http://localhost:8080",
        })
    );
    let (_, answer) = introspect(&scene, "api", "s3cret", &text(&tokens, "refresh_token")).await;
    assert_eq!((&answer["active"], &answer["client_id"]), (&json!(true), &json!("rp")));
}

#[tokio::test]
async fn a_client_sees_its_own_tokens_only() {
    let scene = with_api().await;
    let tokens = scene.tokens("openid offline_access").await;
    for name in ["access_token", "refresh_token"] {
        let token = text(&tokens, name);
        assert_eq!(introspect(&scene, "rp", "s3cret", &token).await.1["active"], true);
        assert_eq!(introspect(&scene, "other", "0ther", &token).await, (StatusCode::OK, json!({ "active": false })));
    }
    let (_, unknown) = introspect(&scene, "api", "s3cret", "unknown").await;
    assert_eq!(unknown, json!({ "active": false }));
}

#[tokio::test]
async fn nobody_introspects_without_proof() {
    let scene = with_api().await;
    let token = text(&scene.tokens("openid").await, "access_token");
    let response = scene.post_raw("/introspect", &[("token", &token)], &[]).await;
    response.assert_status(StatusCode::UNAUTHORIZED);
    let header = basic("api", "wrong");
    let response = scene.post_raw("/introspect", &[("token", &token)], &[("authorization", header.as_str())]).await;
    response.assert_status(StatusCode::UNAUTHORIZED);
    response.assert_header(header::WWW_AUTHENTICATE, "Basic realm=\"barycenter\"");
    // A public client proves nothing.
    let pairs = [("token", token.as_str()), ("client_id", "spa")];
    assert_eq!(scene.error("/introspect", &pairs, &[]).await, (401, "invalid_client".to_owned()));
    let header = basic("api", "s3cret");
    let answer = scene.error("/introspect", &[], &[("authorization", header.as_str())]).await;
    assert_eq!(answer, (400, "invalid_request".to_owned()));
}

#[tokio::test]
async fn what_has_ended_is_inactive() {
    let scene = with_api().await;
    let tokens = scene.tokens("openid offline_access").await;
    let (access, refresh) = (text(&tokens, "access_token"), text(&tokens, "refresh_token"));
    scene.refresh("rp", "s3cret", &refresh, None).await;
    assert_eq!(introspect(&scene, "api", "s3cret", &refresh).await.1, json!({ "active": false }), "used");
    scene.disable_user().await;
    assert_eq!(introspect(&scene, "api", "s3cret", &access).await.1, json!({ "active": false }), "disabled");
    scene.app.store.users().update(&scene.user).await.unwrap();
    assert_eq!(introspect(&scene, "api", "s3cret", &access).await.1["active"], true);
    scene.clock.advance(600);
    assert_eq!(introspect(&scene, "api", "s3cret", &access).await.1, json!({ "active": false }), "expired");
}

#[tokio::test]
async fn an_access_token_ends_alone_and_a_refresh_token_with_its_family() {
    let scene = scene().await;
    let tokens = scene.tokens("openid offline_access").await;
    let (access, refresh) = (text(&tokens, "access_token"), text(&tokens, "refresh_token"));
    assert_eq!(revoke(&scene, "rp", "s3cret", &access).await, StatusCode::OK);
    assert_eq!(scene.userinfo(&access).await, StatusCode::UNAUTHORIZED);
    let (status, second) = scene.refresh("rp", "s3cret", &refresh, None).await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(revoke(&scene, "rp", "s3cret", &text(&second, "refresh_token")).await, StatusCode::OK);
    assert_eq!(scene.userinfo(&text(&second, "access_token")).await, StatusCode::UNAUTHORIZED);
    let (status, _) = scene.refresh("rp", "s3cret", &text(&second, "refresh_token"), None).await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn nobody_revokes_what_is_not_theirs() {
    let scene = scene().await;
    let tokens = scene.tokens("openid offline_access").await;
    for name in ["access_token", "refresh_token"] {
        let token = text(&tokens, name);
        assert_eq!(revoke(&scene, "other", "0ther", &token).await, StatusCode::BAD_REQUEST);
        let header = basic("rp", "wrong");
        let answer = scene.error("/revoke", &[("token", &token)], &[("authorization", header.as_str())]).await;
        assert_eq!(answer, (401, "invalid_client".to_owned()));
        assert_eq!(scene.error("/revoke", &[("token", &token)], &[]).await, (401, "invalid_client".to_owned()));
    }
    assert_eq!(scene.userinfo(&text(&tokens, "access_token")).await, StatusCode::OK);
    assert_eq!(revoke(&scene, "rp", "s3cret", "unknown").await, StatusCode::OK, "as good as revoked");
}

#[tokio::test]
async fn a_public_client_revokes_its_own_tokens() {
    let scene = scene().await;
    let code = scene
        .code("spa", &[("code_challenge", CHALLENGE), ("code_challenge_method", "S256"), ("scope", "openid")])
        .await;
    let pairs = [
        ("grant_type", "authorization_code"),
        ("code", code.as_str()),
        ("redirect_uri", CALLBACK),
        ("client_id", "spa"),
        ("code_verifier", VERIFIER),
    ];
    let (_, tokens) = scene.post("/token", &pairs, &[]).await;
    let token = text(&tokens, "access_token");
    let (status, _) = scene.post("/revoke", &[("token", &token), ("client_id", "spa")], &[]).await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(scene.userinfo(&token).await, StatusCode::UNAUTHORIZED);
}

async fn introspect_signed<E: Endpoint>(scene: &Scene<E>, token: &str) -> TestResponse {
    let header = basic("api", "s3cret");
    let headers =
        [("authorization", header.as_str()), ("accept", "application/json;q=0.5, application/Token-Introspection+jwt")];
    scene.post_raw("/introspect", &[("token", token)], &headers).await
}

/// RFC 9701 section 5.
#[tokio::test]
async fn a_signed_answer_names_its_type_issuer_audience_and_time() {
    let scene = with_api().await;
    let token = text(&scene.tokens("openid email").await, "access_token");
    let (_, plain) = introspect(&scene, "api", "s3cret", &token).await;
    let response = introspect_signed(&scene, &token).await;
    response.assert_status_is_ok();
    response.assert_content_type("application/token-introspection+jwt");
    let jwt = response.0.into_body().into_string().await.unwrap();
    assert_eq!(jsonwebtoken::decode_header(&jwt).unwrap().typ.as_deref(), Some("token-introspection+jwt"));
    let claims = scene.app.keyring.verify_signature(&jwt).expect("our signature");
    let expected = json!({
        "iss": "http://localhost:8080", "aud": "api", "iat": NOW.as_unix(), "token_introspection": plain,
    });
    assert_eq!(claims, expected, "neither sub nor exp: it must not pass for an access token");
}

/// RFC 9701 section 5: what is inactive is told with no other properties.
#[tokio::test]
async fn a_signed_answer_about_an_inactive_token_tells_nothing_else() {
    let scene = with_api().await;
    let jwt = introspect_signed(&scene, "unknown").await.0.into_body().into_string().await.unwrap();
    let claims = scene.app.keyring.verify_signature(&jwt).expect("our signature");
    assert_eq!(claims["token_introspection"], json!({ "active": false }));
    assert_eq!(scene.userinfo(&jwt).await, StatusCode::UNAUTHORIZED, "it is no access token");
}

/// RFC 9701 section 5: the caller is authenticated first.
#[tokio::test]
async fn nobody_gets_a_signed_answer_without_proof() {
    let scene = with_api().await;
    let token = text(&scene.tokens("openid").await, "access_token");
    let accept = [("accept", "application/token-introspection+jwt")];
    let response = scene.post_raw("/introspect", &[("token", &token), ("client_id", "api")], &accept).await;
    response.assert_status(StatusCode::UNAUTHORIZED);
}
