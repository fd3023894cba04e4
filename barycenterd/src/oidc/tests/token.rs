//! `/token` and `/userinfo`: what a code, a refresh token and an access token are good for, and for whom.

use super::*;

#[tokio::test]
async fn a_code_needs_the_verifier_of_its_challenge_and_no_other() {
    let scene = scene().await;
    let challenged = [("code_challenge", CHALLENGE), ("code_challenge_method", "S256")];
    let wrong = VERIFIER.replace('d', "e");
    for (request, more) in [
        (&challenged[..], &[][..]),
        (&challenged, &[("code_verifier", wrong.as_str())]),
        (&[], &[("code_verifier", VERIFIER)]),
    ] {
        let code = scene.code("rp", request).await;
        let (status, error) = scene.redeem(&code, more).await;
        assert_eq!((status, text(&error, "error").as_str()), (StatusCode::BAD_REQUEST, "invalid_grant"));
    }
    let code = scene.code("rp", &challenged).await;
    assert_eq!(scene.redeem(&code, &[("code_verifier", VERIFIER)]).await.0, StatusCode::OK);
}

#[tokio::test]
async fn a_code_lives_for_its_lifetime() {
    let scene = scene().await;
    let (early, late) = (scene.code("rp", &[]).await, scene.code("rp", &[]).await);
    scene.clock.advance(59);
    assert_eq!(scene.redeem(&early, &[]).await.0, StatusCode::OK);
    scene.clock.advance(1);
    assert_eq!(scene.redeem(&late, &[]).await.0, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn a_reused_code_ends_what_it_gave() {
    let scene = scene().await;
    let code = scene.code("rp", &[("scope", "openid offline_access")]).await;
    let (_, tokens) = scene.redeem(&code, &[]).await;
    assert_eq!(scene.userinfo(&text(&tokens, "access_token")).await, StatusCode::OK);
    let (status, error) = scene.redeem(&code, &[]).await;
    assert_eq!((status, text(&error, "error").as_str()), (StatusCode::BAD_REQUEST, "invalid_grant"));
    assert_eq!(scene.userinfo(&text(&tokens, "access_token")).await, StatusCode::UNAUTHORIZED);
    let (status, _) = scene.refresh("rp", "s3cret", &text(&tokens, "refresh_token"), None).await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn somebody_elses_attempt_does_not_spend_a_code() {
    let scene = scene().await;
    let code = scene.code("rp", &[]).await;
    let pairs = [("grant_type", "authorization_code"), ("code", code.as_str()), ("redirect_uri", CALLBACK)];
    let (status, error) = json(scene.token("other", "0ther", &pairs).await).await;
    assert_eq!((status, text(&error, "error").as_str()), (StatusCode::BAD_REQUEST, "invalid_grant"));
    let elsewhere =
        [("grant_type", "authorization_code"), ("code", code.as_str()), ("redirect_uri", "https://rp.example/cb")];
    assert_eq!(scene.token("rp", "s3cret", &elsewhere).await.0.status(), StatusCode::BAD_REQUEST);
    assert_eq!(scene.redeem(&code, &[]).await.0, StatusCode::OK);
}

#[tokio::test]
async fn a_disabled_user_has_no_code_no_token_and_no_session() {
    let scene = scene().await;
    let tokens = scene.tokens("openid offline_access").await;
    let code = scene.code("rp", &[]).await;
    scene.disable_user().await;
    assert_eq!(scene.redeem(&code, &[]).await.0, StatusCode::BAD_REQUEST);
    assert_eq!(scene.userinfo(&text(&tokens, "access_token")).await, StatusCode::UNAUTHORIZED);
    let (status, _) = scene.refresh("rp", "s3cret", &text(&tokens, "refresh_token"), None).await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
    assert_eq!(scene.refused("rp", &[("prompt", "none")]).await, "login_required");
}

#[tokio::test]
async fn a_client_that_does_not_prove_itself_is_told_how() {
    let scene = scene().await;
    let pairs = [("grant_type", "authorization_code"), ("code", "x")];
    for (id, secret) in [("rp", "wrong"), ("nobody", "s3cret"), ("spa", "secret"), ("rp", "")] {
        let response = scene.token(id, secret, &pairs).await;
        response.assert_status(StatusCode::UNAUTHORIZED);
        response.assert_header(header::WWW_AUTHENTICATE, "Basic realm=\"barycenter\"");
        response.assert_header(header::CACHE_CONTROL, "no-store");
        assert_eq!(text(&json(response).await.1, "error"), "invalid_client");
    }
    // Registered for the header, used in the form.
    let posted =
        [("grant_type", "authorization_code"), ("code", "x"), ("client_id", "rp"), ("client_secret", "s3cret")];
    scene.form(&posted, None).await.assert_status(StatusCode::UNAUTHORIZED);
    scene.form(&pairs, None).await.assert_status(StatusCode::UNAUTHORIZED);
    scene.token("rp", "s3cret", &posted).await.assert_status(StatusCode::BAD_REQUEST);
    // A public client may name itself in the header, as it may in the form.
    let (_, named) = json(scene.token("spa", "", &pairs).await).await;
    assert_ne!(text(&named, "error"), "invalid_client");
}

#[tokio::test]
async fn token_requests_name_each_parameter_once() {
    let scene = scene().await;
    let twice = [("grant_type", "authorization_code"), ("code", "a"), ("code", "b")];
    let (status, error) = json(scene.token("rp", "s3cret", &twice).await).await;
    assert_eq!((status, text(&error, "error").as_str()), (StatusCode::BAD_REQUEST, "invalid_request"));
    for (grant, code) in [("password", "unsupported_grant_type"), ("", "invalid_request")] {
        let (status, error) = json(scene.token("rp", "s3cret", &[("grant_type", grant)]).await).await;
        assert_eq!((status, text(&error, "error").as_str()), (StatusCode::BAD_REQUEST, code));
    }
}

#[tokio::test]
async fn a_token_response_is_not_kept_and_holds_what_was_granted() {
    let scene = scene().await;
    let code = scene.code("rp", &[("nonce", "n-1"), ("scope", "openid email unknown")]).await;
    let pairs = [("grant_type", "authorization_code"), ("code", code.as_str()), ("redirect_uri", CALLBACK)];
    let response = scene.token("rp", "s3cret", &pairs).await;
    response.assert_header(header::CACHE_CONTROL, "no-store");
    response.assert_header(header::PRAGMA, "no-cache");
    let (_, tokens) = json(response).await;
    assert_eq!(tokens["token_type"], "Bearer");
    assert_eq!(tokens["scope"], "openid email");
    assert_eq!(tokens["expires_in"], 600);
    assert!(tokens.get("refresh_token").is_none());
    let claims = scene.app.keyring.verify_signature(&text(&tokens, "id_token")).expect("our signature");
    let seconds = NOW.as_unix();
    assert_eq!(
        claims,
        serde_json::json!({
            "iss": "http://localhost:8080", "sub": scene.user.id, "aud": "rp", "iat": seconds, "exp": seconds + 600,
            "auth_time": seconds - 100, "nonce": "n-1", "acr": "1", "amr": ["pwd"], "sid": "sid-1", "at_hash": claims["at_hash"],
        })
    );
}

#[tokio::test]
async fn a_refresh_may_narrow_the_scope_and_never_widen_it() {
    let scene = scene().await;
    let first = scene.tokens("openid email offline_access").await;
    let (status, error) = scene.refresh("rp", "s3cret", &text(&first, "refresh_token"), Some("openid profile")).await;
    assert_eq!((status, text(&error, "error").as_str()), (StatusCode::BAD_REQUEST, "invalid_scope"));
    let (status, narrow) = scene.refresh("rp", "s3cret", &text(&first, "refresh_token"), Some("openid")).await;
    assert_eq!((status, text(&narrow, "scope").as_str()), (StatusCode::OK, "openid"), "the refusal spent nothing");
    let (status, whole) = scene.refresh("rp", "s3cret", &text(&narrow, "refresh_token"), None).await;
    assert_eq!((status, text(&whole, "scope").as_str()), (StatusCode::OK, "openid email offline_access"));
}

#[tokio::test]
async fn another_clients_refresh_token_is_refused_and_stays_valid() {
    let scene = scene().await;
    let tokens = scene.tokens("openid offline_access").await;
    let token = text(&tokens, "refresh_token");
    let (status, error) = scene.refresh("other", "0ther", &token, None).await;
    assert_eq!((status, text(&error, "error").as_str()), (StatusCode::BAD_REQUEST, "invalid_grant"));
    assert_eq!(scene.refresh("rp", "s3cret", &token, None).await.0, StatusCode::OK);
}

#[tokio::test]
async fn userinfo_takes_its_token_in_one_way() {
    let scene = scene().await;
    let token = text(&scene.tokens("openid").await, "access_token");
    let bearer = format!("Bearer {token}");
    scene.http.post("/userinfo").header(header::AUTHORIZATION, &bearer).send().await.assert_status_is_ok();
    let form = || {
        scene
            .http
            .post("/userinfo")
            .content_type("application/x-www-form-urlencoded")
            .body(format!("access_token={token}"))
    };
    form().send().await.assert_status_is_ok();
    form().header(header::AUTHORIZATION, &bearer).send().await.assert_status(StatusCode::BAD_REQUEST);
    let none = scene.http.get(format!("/userinfo?access_token={token}")).send().await;
    none.assert_status(StatusCode::UNAUTHORIZED);
    let challenge = none.0.headers()[header::WWW_AUTHENTICATE].to_str().unwrap();
    assert!(
        challenge.starts_with("Bearer realm=\"barycenter\", DPoP algs=\"") && !challenge.contains("error"),
        "{challenge}"
    );
    let wrong = scene.http.get("/userinfo").header(header::AUTHORIZATION, "Bearer x").send().await;
    wrong.assert_status(StatusCode::UNAUTHORIZED);
    assert!(wrong.0.headers()[header::WWW_AUTHENTICATE].to_str().unwrap().contains("error=\"invalid_token\""));
    scene.clock.advance(600);
    assert_eq!(scene.userinfo(&token).await, StatusCode::UNAUTHORIZED, "expired");
}

#[tokio::test]
async fn userinfo_needs_the_scope_openid() {
    let scene = scene().await;
    let tokens = scene.tokens("email").await;
    assert!(tokens.get("id_token").is_none());
    assert_eq!(scene.userinfo(&text(&tokens, "access_token")).await, StatusCode::FORBIDDEN);
}
