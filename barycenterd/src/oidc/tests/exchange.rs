//! Token exchange (RFC 8693): off by default, and only ever for less.

use barycenter_core::model::GrantType;

use super::*;

const EXCHANGE: &str = "urn:ietf:params:oauth:grant-type:token-exchange";
const ACCESS_TOKEN: &str = "urn:ietf:params:oauth:token-type:access_token";

async fn gateway(on: bool) -> Scene<impl Endpoint> {
    let scene = scene_with(move |config| config.oidc.token_exchange = on).await;
    scene
        .client("gateway", |client| {
            client.grant_types.push(GrantType::TokenExchange);
            client.metadata.resource_server = true;
            client.metadata.resources = vec!["https://inner.example".to_owned()];
        })
        .await;
    scene.client("plain", |client| client.grant_types.push(GrantType::TokenExchange)).await;
    scene
}

async fn exchange<E: Endpoint>(scene: &Scene<E>, id: &str, token: &str, more: &[(&str, &str)]) -> (u16, Value) {
    let mut pairs = vec![("grant_type", EXCHANGE), ("subject_token", token), ("subject_token_type", ACCESS_TOKEN)];
    pairs.extend_from_slice(more);
    let (status, body) = json(scene.token(id, "s3cret", &pairs).await).await;
    (status.as_u16(), body)
}

#[tokio::test]
async fn an_exchange_gives_less_for_no_longer() {
    let scene = gateway(true).await;
    let token = text(&scene.tokens("openid email offline_access").await, "access_token");
    scene.clock.advance(100);
    let (status, tokens) = exchange(&scene, "gateway", &token, &[("scope", "openid")]).await;
    assert_eq!(status, 200, "{tokens}");
    assert_eq!(tokens["issued_token_type"], ACCESS_TOKEN);
    assert_eq!((&tokens["scope"], &tokens["expires_in"]), (&Value::from("openid"), &Value::from(500)));
    assert!(tokens.get("refresh_token").is_none() && tokens.get("id_token").is_none());
    let lesser = text(&tokens, "access_token");
    assert_eq!(scene.userinfo(&lesser).await, StatusCode::OK);
    let (status, error) = exchange(&scene, "gateway", &lesser, &[("scope", "openid email")]).await;
    assert_eq!((status, text(&error, "error").as_str()), (400, "invalid_scope"));
    let (status, _) = exchange(&scene, "gateway", &token, &[("resource", "https://inner.example")]).await;
    assert_eq!(status, 200);
    let (status, error) = exchange(&scene, "gateway", &token, &[("resource", "https://else.example")]).await;
    assert_eq!((status, text(&error, "error").as_str()), (400, "invalid_target"));
}

#[tokio::test]
async fn what_ends_the_first_token_ends_the_second() {
    let scene = gateway(true).await;
    let tokens = scene.tokens("openid offline_access").await;
    let (_, lesser) = exchange(&scene, "gateway", &text(&tokens, "access_token"), &[]).await;
    let header = basic("rp", "s3cret");
    scene.post("/revoke", &[("token", &text(&tokens, "refresh_token"))], &[("authorization", &header)]).await;
    assert_eq!(scene.userinfo(&text(&lesser, "access_token")).await, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_client_does_not_exchange_what_is_not_its_own() {
    let scene = gateway(true).await;
    let token = text(&scene.tokens("openid").await, "access_token");
    let (status, error) = exchange(&scene, "plain", &token, &[]).await;
    assert_eq!((status, text(&error, "error").as_str()), (400, "invalid_request"));
    let (status, error) = exchange(&scene, "rp", &token, &[]).await;
    assert_eq!((status, text(&error, "error").as_str()), (400, "unauthorized_client"));
    for more in [
        ("actor_token", "x"),
        ("requested_token_type", "urn:ietf:params:oauth:token-type:id_token"),
        ("audience", "somebody"),
    ] {
        assert_eq!(exchange(&scene, "gateway", &token, &[more]).await.0, 400, "{more:?}");
    }
    scene.disable_user().await;
    assert_eq!(exchange(&scene, "gateway", &token, &[]).await.0, 400, "the user is disabled");
}

#[tokio::test]
async fn an_exchange_that_is_switched_off_is_refused() {
    let scene = gateway(false).await;
    let token = text(&scene.tokens("openid").await, "access_token");
    let (status, error) = exchange(&scene, "gateway", &token, &[]).await;
    assert_eq!((status, text(&error, "error").as_str()), (400, "unsupported_grant_type"));
}
