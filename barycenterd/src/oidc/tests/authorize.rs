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
        (&[("response_mode", "pigeon")], "invalid_request"),
        (&[("claims", "[]")], "invalid_request"),
        (&[("claims", r#"{"id_token":{"acr":{"essential":"yes"}}}"#)], "invalid_request"),
        (&[("dpop_jkt", "short")], "invalid_request"),
        (&[("resource", "https://api.example/")], "invalid_target"),
        (&[("resource", "api")], "invalid_target"),
        (&[("nonce", "a"), ("nonce", "b")], "invalid_request"),
        (&[("scope", "unknown")], "invalid_scope"),
        (&[("request", "x.y.z")], "invalid_request_object"),
        (&[("request_uri", "https://rp.example/r")], "request_uri_not_supported"),
        (&[("request_uri", "http://169.254.169.254/latest")], "request_uri_not_supported"),
        (&[("request_uri", "urn:ietf:params:oauth:request_uri:guessed")], "invalid_request_uri"),
        (&[("request", "x.y.z"), ("request_uri", "https://rp.example/r")], "invalid_request"),
        (&[("registration", "{}")], "registration_not_supported"),
    ] {
        assert_eq!(scene.refused("rp", more).await, error, "{more:?}");
    }
    let huge = "s".repeat(5000);
    assert_eq!(scene.refused("rp", &[("state", &huge)]).await, "invalid_request");
    let base = encode(&[("client_id", "rp"), ("redirect_uri", CALLBACK), ("scope", "openid")]);
    for (more, error) in [("", "invalid_request"), ("&response_type=password", "unsupported_response_type")] {
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
    scene
        .code("rp", &[("display", "page"), ("claims_locales", "se"), ("login_hint", "bob"), ("dpop_jkt", CHALLENGE)])
        .await;
}

#[tokio::test]
async fn a_posted_request_is_answered_as_a_link_is() {
    let scene = scene().await;
    let pairs = [("client_id", "rp"), ("redirect_uri", CALLBACK), ("response_type", "code"), ("scope", "openid")];
    let request = scene.http.post("/authorize").content_type("application/x-www-form-urlencoded");
    let response = request.body(encode(&pairs)).send().await;
    response.assert_status(StatusCode::SEE_OTHER);
    let target = location(&response);
    assert_eq!(target.path(), "/authorize");
    let answer = scene.authorize_raw(target.query().unwrap()).await;
    assert!(parameter(&location(&answer), "code").is_some());
}

#[tokio::test]
async fn an_id_token_hint_is_believed_however_old_it_is() {
    let scene = scene().await;
    let hint = text(&scene.tokens("openid").await, "id_token");
    scene.clock.advance(9000);
    scene.code("rp", &[("prompt", "none"), ("id_token_hint", &hint)]).await;
    let somebody = serde_json::json!({
        "iss": "http://localhost:8080", "sub": "somebody", "aud": "rp", "iat": 1, "exp": 2,
    });
    let other = scene.app.keyring.sign("JWT", &somebody).unwrap();
    assert_eq!(scene.refused("rp", &[("prompt", "none"), ("id_token_hint", &other)]).await, "login_required");
}

#[tokio::test]
async fn only_an_id_token_of_ours_is_a_hint() {
    let scene = scene().await;
    let sign = |typ: &str, claims: Value| scene.app.keyring.sign(typ, &claims).unwrap();
    let good = |more: Value| {
        let mut claims = serde_json::json!({
            "iss": "http://localhost:8080", "sub": scene.user.id, "aud": "rp", "iat": 1, "exp": 2,
        });
        claims.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        claims
    };
    scene.code("rp", &[("id_token_hint", &sign("JWT", good(serde_json::json!({}))))]).await;
    let ours = sign("JWT", good(serde_json::json!({})));
    let unsigned = format!("eyJhbGciOiJub25lIn0.{}.", ours.split('.').nth(1).unwrap());
    for wrong in [
        sign("logout+jwt", good(serde_json::json!({}))),
        sign("at+jwt", good(serde_json::json!({}))),
        sign("JWT", good(serde_json::json!({ "events": {} }))),
        sign("JWT", good(serde_json::json!({ "iss": "https://elsewhere.example" }))),
        sign("JWT", good(serde_json::json!({ "exp": null }))),
        unsigned,
    ] {
        assert_eq!(scene.refused("rp", &[("id_token_hint", &wrong)]).await, "invalid_request", "{wrong}");
    }
}

#[tokio::test]
async fn the_max_age_of_the_registration_counts_where_a_request_names_none() {
    let scene = scene().await;
    scene.change("rp", |client| client.metadata.default_max_age = Some(50)).await;
    assert_eq!(scene.refused("rp", &[("prompt", "none")]).await, "login_required");
    scene.code("rp", &[("prompt", "none"), ("max_age", "100")]).await;
}

#[tokio::test]
async fn a_client_for_certain_groups_is_for_their_members() {
    let scene = scene().await;
    scene.change("rp", |client| client.metadata.required_groups = ["ops".to_owned()].into()).await;
    assert_eq!(scene.refused("rp", &[]).await, "access_denied");
    let user = User { groups: ["ops".to_owned()].into(), ..scene.user.clone() };
    scene.app.store.users().update(&user).await.unwrap();
    scene.code("rp", &[]).await;
}

#[tokio::test]
async fn a_consent_is_remembered_for_its_lifetime() {
    let scene = scene_with(|config| config.oidc.consent_lifetime = Some(Seconds::new(500))).await;
    scene.change("other", |client| client.metadata.consent_lifetime = Some(Seconds::new(1000))).await;
    scene.clock.advance(499);
    scene.code("rp", &[("prompt", "none")]).await;
    scene.clock.advance(1);
    assert_eq!(scene.refused("rp", &[("prompt", "none")]).await, "consent_required");
    scene.code("other", &[("prompt", "none")]).await;
    scene.clock.advance(500);
    assert_eq!(scene.refused("other", &[("prompt", "none")]).await, "consent_required");
}

#[tokio::test]
async fn an_acr_that_can_be_met_is_named_and_one_that_cannot_fails_only_if_it_is_essential() {
    let scene = scene().await;
    let code = scene.code("rp", &[("acr_values", "9 1")]).await;
    let (_, tokens) = scene.redeem(&code, &[]).await;
    assert_eq!(scene.claims(&tokens)["acr"], "1");
    scene.code("rp", &[("acr_values", "9")]).await;
    let essential = r#"{"id_token":{"acr":{"essential":true,"values":["9"]}}}"#;
    assert_eq!(scene.refused("rp", &[("claims", essential)]).await, "unmet_authentication_requirements");
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
