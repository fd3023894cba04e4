//! Clients that speak for themselves (RFC 6749 section 4.4), and what their access tokens look like.

use barycenter_core::model::{AccessTokenFormat, GrantType};
use serde_json::json;

use super::*;

const API: &str = "https://api.example";

async fn service() -> Scene<impl Endpoint> {
    let scene = scene().await;
    scene
        .client("service", |client| {
            client.grant_types = vec![GrantType::ClientCredentials];
            client.redirect_uris.clear();
            client.metadata.access_token_format = AccessTokenFormat::Jwt;
            client.metadata.resources = vec![API.to_owned(), "https://other.example".to_owned()];
        })
        .await;
    scene
}

async fn ask<E: Endpoint>(scene: &Scene<E>, more: &[(&str, &str)]) -> (StatusCode, Value) {
    let mut pairs = vec![("grant_type", "client_credentials")];
    pairs.extend_from_slice(more);
    json(scene.token("service", "s3cret", &pairs).await).await
}

#[tokio::test]
async fn there_is_neither_an_id_token_nor_a_refresh_token() {
    let scene = service().await;
    let (status, tokens) = ask(&scene, &[]).await;
    assert_eq!(status, StatusCode::OK, "{tokens}");
    assert!(tokens.get("id_token").is_none() && tokens.get("refresh_token").is_none() && tokens.get("scope").is_none());
    assert_eq!(scene.userinfo(&text(&tokens, "access_token")).await, StatusCode::FORBIDDEN, "there is no user");
}

#[tokio::test]
async fn scopes_that_speak_of_a_user_are_refused() {
    let scene = service().await;
    for scope in ["openid", "offline_access", "unknown", "email openid"] {
        let (status, error) = ask(&scene, &[("scope", scope)]).await;
        assert_eq!((status, text(&error, "error").as_str()), (StatusCode::BAD_REQUEST, "invalid_scope"), "{scope}");
    }
}

#[tokio::test]
async fn only_clients_that_are_registered_for_it_may() {
    let scene = service().await;
    let pairs = [("grant_type", "client_credentials")];
    let (status, error) = json(scene.token("rp", "s3cret", &pairs).await).await;
    assert_eq!((status, text(&error, "error").as_str()), (StatusCode::BAD_REQUEST, "unauthorized_client"));
    let pairs = [("grant_type", "authorization_code"), ("code", "x")];
    let (status, error) = json(scene.token("service", "s3cret", &pairs).await).await;
    assert_eq!((status, text(&error, "error").as_str()), (StatusCode::BAD_REQUEST, "unauthorized_client"));
}

#[tokio::test]
async fn an_access_token_is_for_the_resources_that_were_named() {
    let scene = service().await;
    for (resources, audience) in [
        (&[][..], json!("http://localhost:8080")),
        (&[("resource", API)], json!(API)),
        (&[("resource", API), ("resource", "https://other.example")], json!([API, "https://other.example"])),
    ] {
        let (status, tokens) = ask(&scene, resources).await;
        assert_eq!(status, StatusCode::OK, "{tokens}");
        let claims = scene.app.keyring.verify_signature(&text(&tokens, "access_token")).expect("our signature");
        assert_eq!(claims["aud"], audience);
    }
    for unknown in ["https://api.example/", "not a uri", "https://elsewhere.example"] {
        let (status, error) = ask(&scene, &[("resource", unknown)]).await;
        assert_eq!((status, text(&error, "error").as_str()), (StatusCode::BAD_REQUEST, "invalid_target"), "{unknown}");
    }
}

#[tokio::test]
async fn a_jwt_access_token_holds_what_rfc_9068_demands() {
    let scene = service().await;
    let (_, tokens) = ask(&scene, &[("resource", API)]).await;
    let token = text(&tokens, "access_token");
    let header = jsonwebtoken::decode_header(&token).unwrap();
    assert_eq!(header.typ.as_deref(), Some("at+jwt"));
    assert!(header.kid.is_some());
    let claims = scene.app.keyring.verify_signature(&token).expect("our signature");
    let now = NOW.as_unix();
    assert_eq!(
        claims,
        json!({
            "iss": "http://localhost:8080", "sub": "service", "client_id": "service", "aud": API,
            "iat": now, "exp": now + 600, "jti": claims["jti"],
        })
    );
    assert!(claims["jti"].as_str().is_some_and(|jti| jti.len() >= 22));
}

#[tokio::test]
async fn an_id_token_is_no_access_token() {
    let scene = scene().await;
    let tokens = scene.tokens("openid").await;
    assert_eq!(scene.userinfo(&text(&tokens, "id_token")).await, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn an_access_token_for_a_resource_does_not_open_userinfo() {
    let scene = scene().await;
    scene
        .client("api-user", |client| {
            client.metadata.access_token_format = AccessTokenFormat::Jwt;
            client.metadata.resources = vec![API.to_owned()];
        })
        .await;
    for (more, status) in [(&[][..], StatusCode::OK), (&[("resource", API)], StatusCode::UNAUTHORIZED)] {
        let code = scene.code("api-user", &[]).await;
        let mut pairs = vec![("grant_type", "authorization_code"), ("code", code.as_str()), ("redirect_uri", CALLBACK)];
        pairs.extend_from_slice(more);
        let (_, tokens) = json(scene.token("api-user", "s3cret", &pairs).await).await;
        assert_eq!(scene.userinfo(&text(&tokens, "access_token")).await, status, "{tokens}");
    }
}
