//! How the answer travels, and what it holds: response modes and response types.

use super::*;

/// The parameters in the fragment of a redirect.
fn fragment(response: &TestResponse) -> Url {
    let target = location(response);
    assert!(target.query().is_none_or(|query| query == "kept=1"), "{target}");
    Url::parse(&format!("https://rp.example/?{}", target.fragment().expect("a fragment"))).unwrap()
}

/// A deployment with every response type switched on, where `rp` is registered for all of them.
async fn open_scene() -> Scene<impl Endpoint> {
    let all = || ResponseType::ALL.to_vec();
    let scene = scene_with(move |config| {
        config.oidc.response_types = all().iter().map(|one| one.as_str().to_owned()).collect();
    })
    .await;
    scene.change("rp", |client| client.metadata.response_types = all()).await;
    scene
}

#[tokio::test]
async fn a_code_may_travel_in_the_fragment() {
    let scene = scene().await;
    let response = scene.authorize("rp", &[("response_mode", "fragment"), ("state", "s")]).await;
    let answer = fragment(&response);
    assert!(parameter(&answer, "code").is_some());
    assert_eq!(parameter(&answer, "state").as_deref(), Some("s"));
    assert_eq!(parameter(&answer, "iss").as_deref(), Some("http://localhost:8080"));
    let refused = fragment(&scene.authorize("rp", &[("response_mode", "fragment"), ("prompt", "none login")]).await);
    assert_eq!(parameter(&refused, "error").as_deref(), Some("invalid_request"));
}

#[tokio::test]
async fn a_form_post_is_a_page_that_sends_its_form() {
    let scene = scene().await;
    for (more, name) in [(&[][..], "code"), (&[("max_age", "x")], "error")] {
        let mut pairs = vec![("response_mode", "form_post"), ("state", "a\"><b>")];
        pairs.extend_from_slice(more);
        let response = scene.authorize("rp", &pairs).await;
        response.assert_status_is_ok();
        response.assert_header(header::CACHE_CONTROL, "no-store");
        let policy = response.0.headers()[header::CONTENT_SECURITY_POLICY].to_str().unwrap().to_owned();
        assert!(
            policy.contains("script-src 'sha256-") && !policy.contains("unsafe") && !policy.contains("form-action")
        );
        let page = response.0.into_body().into_string().await.unwrap();
        assert!(page.contains("action=\"https://rp.example/cb?kept=1\""), "{page}");
        for field in [name, "state", "iss"] {
            assert!(page.contains(&format!("name=\"{field}\"")), "{field}: {page}");
        }
        assert!(!page.contains("<b>"), "{page}");
    }
}

#[tokio::test]
async fn other_response_types_are_refused_until_the_operator_offers_them_and_the_client_is_registered() {
    let scene = scene().await;
    let ask = |response_type: &'static str| {
        let pairs = [("client_id", "rp"), ("redirect_uri", CALLBACK), ("scope", "openid"), ("nonce", "n")];
        let query = format!("{}&{}", encode(&pairs), encode(&[("response_type", response_type)]));
        async move { query }
    };
    for response_type in ["id_token", "id_token token", "code id_token", "code token", "code id_token token", "token"] {
        let answer = fragment(&scene.authorize_raw(&ask(response_type).await).await);
        assert_eq!(parameter(&answer, "error").as_deref(), Some("unsupported_response_type"), "{response_type}");
    }
    let scene = open_scene().await;
    scene.change("rp", |client| client.metadata.response_types = vec![ResponseType::Code]).await;
    let answer = fragment(&scene.authorize_raw(&ask("id_token").await).await);
    assert_eq!(parameter(&answer, "error").as_deref(), Some("unauthorized_client"));
}

#[tokio::test]
async fn what_holds_a_token_never_travels_in_a_query() {
    let scene = open_scene().await;
    for response_type in ResponseType::ALL.into_iter().skip(1) {
        let response = scene.ask(response_type.as_str(), &[("response_mode", "query"), ("nonce", "n")]).await;
        assert_eq!(parameter(&fragment(&response), "error").as_deref(), Some("invalid_request"), "{response_type:?}");
    }
}

#[tokio::test]
async fn an_id_token_from_the_authorization_endpoint_needs_a_nonce() {
    let scene = open_scene().await;
    for response_type in ["id_token", "id_token token", "code id_token", "code id_token token"] {
        let answer = fragment(&scene.ask(response_type, &[]).await);
        assert_eq!(parameter(&answer, "error").as_deref(), Some("invalid_request"), "{response_type}");
    }
    let answer = fragment(&scene.ask("code token", &[]).await);
    assert!(parameter(&answer, "code").is_some(), "there is no ID Token in it: {answer}");
}

#[tokio::test]
async fn each_response_type_gives_what_it_names_and_its_hashes() {
    let scene = open_scene().await;
    for response_type in ResponseType::ALL.into_iter().skip(1) {
        let response = scene.ask(response_type.as_str(), &[("nonce", "n-1"), ("state", "s")]).await;
        let answer = fragment(&response);
        let get = |name: &str| parameter(&answer, name);
        assert_eq!(get("code").is_some(), response_type.has_code(), "{response_type:?}");
        assert_eq!(get("access_token").is_some(), response_type.has_token(), "{response_type:?}");
        assert_eq!(get("id_token").is_some(), response_type.has_id_token(), "{response_type:?}");
        assert_eq!(get("state").as_deref(), Some("s"));
        if let Some(token) = get("access_token") {
            assert_eq!((get("token_type").as_deref(), get("expires_in").as_deref()), (Some("Bearer"), Some("600")));
            assert_eq!(scene.about(&token).await["sub"], scene.user.id.as_str());
        }
        if let Some(id_token) = get("id_token") {
            let claims = scene.app.keyring.verify_signature(&id_token).expect("our signature");
            assert_eq!((claims["nonce"].as_str(), claims["aud"].as_str()), (Some("n-1"), Some("rp")));
            assert_eq!(claims.get("at_hash").is_some(), response_type.has_token(), "{response_type:?}");
            assert_eq!(claims.get("c_hash").is_some(), response_type.has_code(), "{response_type:?}");
        }
        if let Some(code) = get("code") {
            let (status, tokens) = scene.redeem(&code, &[]).await;
            assert_eq!(status, StatusCode::OK, "{tokens}");
            let claims = scene.claims(&tokens);
            assert_eq!(claims["nonce"], "n-1");
            // A reused code ends what came with it, too (RFC 6749 section 4.1.2).
            scene.redeem(&code, &[]).await;
            if let Some(token) = get("access_token") {
                assert_eq!(scene.userinfo(&token).await, StatusCode::UNAUTHORIZED);
            }
        }
    }
}

#[tokio::test]
async fn without_an_access_token_the_claims_of_the_scopes_are_in_the_id_token() {
    let scene = open_scene().await;
    for (response_type, has_claims) in [("id_token", true), ("id_token token", false), ("code id_token", false)] {
        let answer = fragment(&scene.ask(response_type, &[("nonce", "n"), ("scope", "openid profile")]).await);
        let claims = scene.app.keyring.verify_signature(&parameter(&answer, "id_token").unwrap()).unwrap();
        assert_eq!(claims.get("preferred_username").is_some(), has_claims, "{response_type}");
    }
}

#[tokio::test]
async fn there_is_no_refresh_token_without_a_code() {
    let scene = open_scene().await;
    let answer = fragment(&scene.ask("id_token token", &[("nonce", "n"), ("scope", "openid offline_access")]).await);
    assert_eq!(parameter(&answer, "scope").as_deref(), Some("openid"));
}

impl<E: Endpoint> Scene<E> {
    async fn ask(&self, response_type: &str, more: &[(&str, &str)]) -> TestResponse {
        let mut pairs = vec![("client_id", "rp"), ("redirect_uri", CALLBACK), ("response_type", response_type)];
        if !more.iter().any(|(name, _)| *name == "scope") {
            pairs.push(("scope", "openid"));
        }
        pairs.extend_from_slice(more);
        self.authorize_raw(&encode(&pairs)).await
    }
}
