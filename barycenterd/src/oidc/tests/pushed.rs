//! `/par`: pushed authorization requests (RFC 9126).

use super::*;

impl<E: Endpoint> Scene<E> {
    async fn push(&self, id: &str, secret: &str, more: &[(&str, &str)]) -> TestResponse {
        let mut pairs = vec![("redirect_uri", CALLBACK), ("response_type", "code"), ("scope", "openid")];
        pairs.extend_from_slice(more);
        let basic = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, format!("{id}:{secret}"));
        let request = self.http.post("/par").header(header::AUTHORIZATION, format!("Basic {basic}"));
        request.content_type("application/x-www-form-urlencoded").body(encode(&pairs)).send().await
    }

    async fn pushed(&self, more: &[(&str, &str)]) -> String {
        let response = self.push("rp", "s3cret", more).await;
        response.assert_status(StatusCode::CREATED);
        response.assert_header(header::CACHE_CONTROL, "no-store");
        let (_, answer) = json(response).await;
        assert_eq!(answer["expires_in"], 90);
        text(&answer, "request_uri")
    }

    async fn use_pushed(&self, client_id: &str, request_uri: &str) -> TestResponse {
        self.authorize_raw(&encode(&[("client_id", client_id), ("request_uri", request_uri)])).await
    }
}

#[tokio::test]
async fn a_pushed_request_is_used_once() {
    let scene = scene().await;
    let uri = scene.pushed(&[("state", "s-1"), ("nonce", "n-1")]).await;
    assert!(uri.starts_with("urn:ietf:params:oauth:request_uri:"), "{uri}");
    let target = location(&scene.use_pushed("rp", &uri).await);
    assert_eq!(parameter(&target, "state").as_deref(), Some("s-1"));
    let (status, tokens) = scene.redeem(&parameter(&target, "code").unwrap(), &[]).await;
    assert_eq!((status, scene.claims(&tokens)["nonce"].as_str()), (StatusCode::OK, Some("n-1")));
    let again = scene.use_pushed("rp", &uri).await;
    again.assert_status(StatusCode::BAD_REQUEST);
    assert!(again.0.into_body().into_string().await.unwrap().contains("invalid_request_uri"));
}

#[tokio::test]
async fn a_pushed_request_is_its_clients_and_ends() {
    let scene = scene().await;
    let uri = scene.pushed(&[]).await;
    scene.use_pushed("other", &uri).await.assert_status(StatusCode::BAD_REQUEST);
    let late = scene.pushed(&[]).await;
    assert!(parameter(&location(&scene.use_pushed("rp", &uri).await), "code").is_some(), "nobody else has spent it");
    scene.clock.advance(90);
    scene.use_pushed("rp", &late).await.assert_status(StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn what_stands_beside_a_pushed_request_does_not_count() {
    let scene = scene().await;
    let uri = scene.pushed(&[("state", "inside")]).await;
    let query = encode(&[("client_id", "rp"), ("request_uri", &uri), ("state", "outside"), ("prompt", "login")]);
    let target = location(&scene.authorize_raw(&query).await);
    assert_eq!(parameter(&target, "state").as_deref(), Some("inside"));
    assert!(parameter(&target, "code").is_some());
}

#[tokio::test]
async fn a_client_authenticates_to_push() {
    let scene = scene().await;
    scene.push("rp", "wrong", &[]).await.assert_status(StatusCode::UNAUTHORIZED);
    scene.push("nobody", "s3cret", &[]).await.assert_status(StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_pushed_request_is_checked_at_once() {
    let scene = scene().await;
    for (more, error) in [
        (&[("prompt", "none login")][..], "invalid_request"),
        (&[("redirect_uri", "https://evil.example/")], "invalid_request"),
        (&[("request_uri", "urn:ietf:params:oauth:request_uri:x")], "invalid_request"),
        (&[("nonce", "a"), ("nonce", "b")], "invalid_request"),
        (&[("request", "x.y.z")], "invalid_request_object"),
        (&[("resource", "https://api.example/")], "invalid_target"),
    ] {
        let (status, body) = json(scene.push("rp", "s3cret", more).await).await;
        assert_eq!((status, text(&body, "error").as_str()), (StatusCode::BAD_REQUEST, error), "{more:?}");
    }
    scene.http.get("/par").send().await.assert_status(StatusCode::METHOD_NOT_ALLOWED);
}

#[tokio::test]
async fn pushing_may_be_demanded_of_one_client_or_of_all() {
    let scene = scene().await;
    scene.change("rp", |client| client.metadata.require_pushed_authorization_requests = true).await;
    assert_eq!(scene.refused("rp", &[]).await, "invalid_request");
    scene.code("other", &[]).await;
    let uri = scene.pushed(&[]).await;
    assert!(parameter(&location(&scene.use_pushed("rp", &uri).await), "code").is_some());
    let scene = scene_with(|config| config.oidc.require_pushed_authorization_requests = true).await;
    assert_eq!(scene.refused("other", &[]).await, "invalid_request");
}
