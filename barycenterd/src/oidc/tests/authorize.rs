//! `/authorize`: what is refused, where, and what the answer holds.

use super::*;

#[tokio::test]
async fn the_response_keeps_the_uris_query_and_names_the_issuer() {
    let scene = scene().await;
    let target = location(&scene.authorize("rp", &[("state", "a b&c=d+e%ü\"")]).await);
    assert_eq!(parameter(&target, "kept").as_deref(), Some("1"));
    assert_eq!(parameter(&target, "state").as_deref(), Some("a b&c=d+e%ü\""));
    assert_eq!(parameter(&target, "iss").as_deref(), Some("http://localhost:8080"));
    assert_eq!(parameter(&target, "code").unwrap().len(), 43);
}

#[tokio::test]
async fn no_parameter_makes_a_header_of_its_own() {
    let scene = scene().await;
    let response = scene.authorize("rp", &[("state", "x\r\nSet-Cookie: evil=1")]).await;
    assert_eq!(parameter(&location(&response), "state").as_deref(), Some("x\r\nSet-Cookie: evil=1"));
    assert!(
        !response
            .0
            .headers()
            .get_all(header::SET_COOKIE)
            .iter()
            .any(|cookie| cookie.to_str().unwrap().contains("evil"))
    );
}

#[tokio::test]
async fn requests_that_cannot_be_right_are_refused_by_redirect() {
    let scene = scene().await;
    for (more, error) in [
        (&[("prompt", "none login")][..], "invalid_request"),
        (&[("prompt", "dance")], "invalid_request"),
        (&[("max_age", "-1")], "invalid_request"),
        (&[("max_age", "soon")], "invalid_request"),
        (&[("code_challenge", CHALLENGE)], "invalid_request"),
        (&[("code_challenge", CHALLENGE), ("code_challenge_method", "plain")], "invalid_request"),
        (&[("code_challenge_method", "S256")], "invalid_request"),
        (&[("id_token_hint", "x.y.z")], "invalid_request"),
        (&[("response_mode", "fragment")], "invalid_request"),
        (&[("nonce", "a"), ("nonce", "b")], "invalid_request"),
        (&[("scope", "unknown")], "invalid_scope"),
        (&[("request", "x.y.z")], "request_not_supported"),
        (&[("request_uri", "https://rp.example/r")], "request_uri_not_supported"),
        (&[("registration", "{}")], "registration_not_supported"),
    ] {
        assert_eq!(scene.refused("rp", more).await, error, "{more:?}");
    }
    let huge = "s".repeat(5000);
    assert_eq!(scene.refused("rp", &[("state", &huge)]).await, "invalid_request");
    let base = encode(&[("client_id", "rp"), ("redirect_uri", CALLBACK), ("scope", "openid")]);
    for (more, error) in [("", "invalid_request"), ("&response_type=token", "unsupported_response_type")] {
        let target = location(&scene.authorize_raw(&format!("{base}{more}")).await);
        assert_eq!(parameter(&target, "error").as_deref(), Some(error));
    }
}

#[tokio::test]
async fn a_request_that_cannot_be_believed_gets_a_page() {
    let scene = scene().await;
    let good = encode(&[("client_id", "rp"), ("redirect_uri", CALLBACK), ("response_type", "code")]);
    for query in [
        String::new(),
        format!("{good}&client_id=other"),
        format!("{good}&redirect_uri=https%3A%2F%2Fevil.example"),
        encode(&[("client_id", "nobody"), ("redirect_uri", CALLBACK), ("response_type", "code")]),
        encode(&[("client_id", "rp"), ("redirect_uri", "https://rp.example/cb"), ("response_type", "code")]),
        encode(&[("client_id", "rp"), ("response_type", "code")]),
    ] {
        let response = scene.authorize_raw(&query).await;
        response.assert_status(StatusCode::BAD_REQUEST);
        assert!(response.0.headers().get(header::LOCATION).is_none(), "{query}");
        response.assert_content_type("text/html; charset=utf-8");
    }
}

#[tokio::test]
async fn unknown_parameters_are_ignored() {
    let scene = scene().await;
    scene.code("rp", &[("extra", "foobar"), ("display", "popup"), ("ui_locales", "de"), ("acr_values", "1 2")]).await;
}

#[tokio::test]
async fn a_public_client_must_use_pkce() {
    let scene = scene().await;
    assert_eq!(scene.refused("spa", &[]).await, "invalid_request");
    let code = scene.code("spa", &[("code_challenge", CHALLENGE), ("code_challenge_method", "S256")]).await;
    let pairs = [
        ("grant_type", "authorization_code"),
        ("code", code.as_str()),
        ("redirect_uri", CALLBACK),
        ("client_id", "spa"),
        ("code_verifier", VERIFIER),
    ];
    scene.form(&pairs, None).await.assert_status_is_ok();
}

#[tokio::test]
async fn every_client_must_use_pkce_where_the_operator_says_so() {
    let scene = scene_with(|config| config.oidc.require_pkce = barycenter_core::config::RequirePkce::All).await;
    assert_eq!(scene.refused("rp", &[]).await, "invalid_request");
}

#[tokio::test]
async fn another_browser_cannot_finish_a_sign_in() {
    let scene = scene().await;
    let query =
        encode(&[("client_id", "rp"), ("redirect_uri", CALLBACK), ("response_type", "code"), ("scope", "openid")]);
    let response = scene.http.get(format!("/authorize?{query}")).send().await;
    let login = location(&response);
    assert_eq!(login.path(), "/login");
    let handle = parameter(&login, "authorization").unwrap();
    let resume = |cookies: String| {
        scene.http.get(format!("/authorize/resume?authorization={handle}")).header(header::COOKIE, cookies).send()
    };
    let stolen = resume("barycenter-browser=somebody-else; barycenter-session=cookie".to_owned()).await;
    stolen.assert_status(StatusCode::BAD_REQUEST);
    let own = response.0.headers()[header::SET_COOKIE].to_str().unwrap().split(';').next().unwrap().to_owned();
    let finished = resume(format!("{own}; barycenter-session=cookie")).await;
    assert!(parameter(&location(&finished), "code").is_some());
    let again = resume(format!("{own}; barycenter-session=cookie")).await;
    again.assert_status(StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn a_session_lives_for_its_lifetime() {
    let scene = scene_with(|config| config.oidc.session_lifetime = Seconds::new(60)).await;
    scene.clock.advance(10_000);
    assert_eq!(scene.refused("rp", &[("prompt", "none")]).await, "login_required");
}
