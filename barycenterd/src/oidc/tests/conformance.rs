//! What the OpenID Foundation's modules look at and no other test here does: one test for each, named for its demand.

use barycenter_core::model::ApplicationType;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::*;

/// oidcc-ensure-registered-redirect-uri, oidcc-redirect-uri-query-mismatch, oidcc-redirect-uri-query-added.
#[tokio::test]
async fn what_nearly_is_a_registered_redirect_uri_gets_a_page() {
    let scene = scene().await;
    for near in [
        "https://rp.example/cb",
        "https://rp.example/cb?",
        "https://rp.example/cb?kept=2",
        "https://rp.example/cb?kept=1&more=1",
        "https://rp.example/cb?kept=1&",
        "https://rp.example/cb?kept=1#",
        "https://rp.example/cb?kept=1#fragment",
        "https://rp.example/cb/?kept=1",
        "https://rp.example/CB?kept=1",
        "https://rp.example/./cb?kept=1",
        "https://rp.example/x/../cb?kept=1",
        "https://rp.example//cb?kept=1",
        "https://rp.example/%63b?kept=1",
        "https://rp.example/cb%2f..?kept=1",
        "https://rp.example\\cb?kept=1",
        "https:rp.example/cb?kept=1",
        "//rp.example/cb?kept=1",
        "/cb?kept=1",
        "HTTPS://rp.example/cb?kept=1",
        "https://RP.example/cb?kept=1",
        "https://rp.example./cb?kept=1",
        "https://rp.example:443/cb?kept=1",
        "https://rp.example:8443/cb?kept=1",
        "http://rp.example/cb?kept=1",
        "https://user@rp.example/cb?kept=1",
        "https://rp.example@evil.example/cb?kept=1",
        "https://rp.example.evil.example/cb?kept=1",
        "https://evil.example/https://rp.example/cb?kept=1",
        " https://rp.example/cb?kept=1",
        "https://rp.example/cb?kept=1\t",
        "https://rp.example/cb?kept=1\r\nSet-Cookie: a=b",
        "https://rp.example/cb?kept=1\0",
        "javascript:alert(1)//https://rp.example/cb?kept=1",
    ] {
        let pairs = [("client_id", "rp"), ("redirect_uri", near), ("response_type", "code"), ("scope", "openid")];
        let response = scene.authorize_raw(&encode(&pairs)).await;
        response.assert_status(StatusCode::BAD_REQUEST);
        assert!(response.0.headers().get(header::LOCATION).is_none(), "{near:?}");
        response.assert_content_type("text/html; charset=utf-8");
    }
}

/// RFC 8252 section 7.3, and 8.3 for the name.
#[tokio::test]
async fn a_native_client_may_use_any_port_of_a_loopback_address_and_of_no_name() {
    let scene = scene().await;
    scene
        .client("native", |client| {
            client.metadata.application_type = ApplicationType::Native;
            client.redirect_uris =
                ["http://127.0.0.1/cb", "http://[::1]/cb", "http://localhost/cb"].map(str::to_owned).into();
        })
        .await;
    let ask = async |uri: &str| {
        let pairs = [("client_id", "native"), ("redirect_uri", uri), ("response_type", "code"), ("scope", "openid")];
        let challenge = [("code_challenge", CHALLENGE), ("code_challenge_method", "S256")];
        scene.authorize_raw(&encode(&[&pairs[..], &challenge].concat())).await
    };
    for uri in ["http://127.0.0.1:51004/cb", "http://[::1]:1/cb", "http://127.0.0.1/cb", "http://localhost/cb"] {
        let target = location(&ask(uri).await);
        assert!(target.as_str().starts_with(uri) && parameter(&target, "code").is_some(), "{target}");
    }
    for uri in
        ["http://localhost:51004/cb", "http://127.0.0.2:1/cb", "https://127.0.0.1:1/cb", "http://127.0.0.1:1/other"]
    {
        ask(uri).await.assert_status(StatusCode::BAD_REQUEST);
    }
}

/// oidcc-alternate-happy-flow.
#[tokio::test]
async fn the_order_of_scopes_and_parameters_makes_no_difference() {
    let scene = scene().await;
    let pairs = [
        ("state", "s"),
        ("scope", "email profile openid"),
        ("response_type", "code"),
        ("redirect_uri", CALLBACK),
        ("nonce", "n"),
        ("client_id", "rp"),
    ];
    let target = location(&scene.authorize_raw(&encode(&pairs)).await);
    let (status, tokens) = scene.redeem(&parameter(&target, "code").expect("a code"), &[]).await;
    assert_eq!((status, &tokens["scope"]), (StatusCode::OK, &Value::from("openid profile email")));
}

/// oidcc-ensure-request-without-nonce-succeeds-for-code-flow.
#[tokio::test]
async fn a_code_needs_no_nonce_and_none_is_made_up() {
    let scene = scene().await;
    let tokens = scene.tokens("openid").await;
    assert!(scene.claims(&tokens).get("nonce").is_none(), "{tokens}");
}

/// oidcc-idtoken-signature: the key can be found by what the token says of it.
#[tokio::test]
async fn an_id_token_names_a_published_key_and_its_algorithm() {
    let scene = scene().await;
    let token = text(&scene.tokens("openid").await, "id_token");
    let head = URL_SAFE_NO_PAD.decode(token.split('.').next().unwrap()).unwrap();
    let head: Value = serde_json::from_slice(&head).unwrap();
    let (_, set) = json(scene.http.get("/.well-known/jwks.json").send().await).await;
    let named: Vec<&Value> = set["keys"].as_array().unwrap().iter().filter(|key| key["kid"] == head["kid"]).collect();
    assert_eq!(named.len(), 1, "{head} {set}");
    assert_eq!((&named[0]["alg"], &named[0]["use"]), (&head["alg"], &Value::from("sig")));
    assert!(named[0].get("d").is_none() && named[0].get("k").is_none(), "{set}");
}

/// oidcc-server-client-secret-post.
#[tokio::test]
async fn client_secret_post_is_a_way_to_prove_oneself() {
    let scene = scene().await;
    scene.client("post", |client| client.authentication_method = ClientAuthenticationMethod::ClientSecretPost).await;
    let code = scene.code("post", &[]).await;
    let form = |secret: &'static str| {
        let code = code.clone();
        [
            ("grant_type", "authorization_code".to_owned()),
            ("code", code),
            ("redirect_uri", CALLBACK.to_owned()),
            ("client_id", "post".to_owned()),
            ("client_secret", secret.to_owned()),
        ]
    };
    for (secret, status) in [("wrong", StatusCode::UNAUTHORIZED), ("s3cret", StatusCode::OK)] {
        let form = form(secret);
        let pairs: Vec<(&str, &str)> = form.iter().map(|(name, value)| (*name, value.as_str())).collect();
        scene.form(&pairs, None).await.assert_status(status);
    }
}

/// oidcc-codereuse-30seconds, and the same when the code has expired meanwhile.
#[tokio::test]
async fn a_code_that_is_reused_later_ends_what_it_gave() {
    for seconds in [30, 90] {
        let scene = scene().await;
        let code = scene.code("rp", &[]).await;
        let (_, tokens) = scene.redeem(&code, &[]).await;
        let token = text(&tokens, "access_token");
        scene.clock.advance(seconds);
        assert_eq!(scene.userinfo(&token).await, StatusCode::OK);
        let (status, error) = scene.redeem(&code, &[]).await;
        assert_eq!((status, text(&error, "error").as_str()), (StatusCode::BAD_REQUEST, "invalid_grant"));
        assert_eq!(scene.userinfo(&token).await, StatusCode::UNAUTHORIZED, "after {seconds} seconds");
    }
}

/// oidcc-prompt-login, oidcc-max-age-1.
#[tokio::test]
async fn who_must_sign_in_again_sees_the_login_page() {
    let scene = scene().await;
    for more in [("prompt", "login"), ("max_age", "1")] {
        let target = location(&scene.authorize("rp", &[more]).await);
        assert_eq!(target.path(), "/login", "{more:?}");
    }
    let code = scene.code("rp", &[("max_age", "10000")]).await;
    let (_, tokens) = scene.redeem(&code, &[]).await;
    assert_eq!(scene.claims(&tokens)["auth_time"], NOW.as_unix() - 100);
}

/// oidcc-prompt-none-not-logged-in: a long state comes back whole, and nothing else comes with it.
#[tokio::test]
async fn a_refusal_holds_error_state_and_issuer_and_nothing_else() {
    let scene = scene().await;
    let state = "s".repeat(128);
    let pairs = [
        ("client_id", "rp"),
        ("redirect_uri", CALLBACK),
        ("response_type", "code"),
        ("scope", "openid"),
        ("prompt", "none"),
        ("state", &state),
    ];
    let response = scene.http.get(format!("/authorize?{}", encode(&pairs))).send().await;
    let target = location(&response);
    let mut names: Vec<String> = target.query_pairs().map(|(name, _)| name.into_owned()).collect();
    names.sort();
    assert_eq!(names, ["error", "error_description", "iss", "kept", "state"]);
    assert_eq!(parameter(&target, "error").as_deref(), Some("login_required"));
    assert_eq!(parameter(&target, "state"), Some(state));
}

/// oidcc-discovery-endpoint-verification.
#[tokio::test]
async fn every_endpoint_lies_below_the_issuer_whatever_a_request_says_of_its_host() {
    let scene = scene_with(|config| {
        config.server.public_base_url = "https://op.example/auth".parse().unwrap();
        config.server.trusted_proxies = vec!["0.0.0.0/0".parse().unwrap()];
    })
    .await;
    let spoofed = [
        (header::HOST.as_str(), "evil.example"),
        ("x-forwarded-host", "evil.example"),
        ("x-forwarded-proto", "http"),
        ("forwarded", "host=evil.example;proto=http"),
        ("x-forwarded-prefix", "/evil"),
    ];
    let get = async |path: &str| {
        let request = scene.http.get(path);
        spoofed.iter().fold(request, |request, (name, value)| request.header(*name, *value)).send().await
    };
    let (status, document) = json(get("/auth/.well-known/openid-configuration").await).await;
    assert_eq!((status, text(&document, "issuer").as_str()), (StatusCode::OK, "https://op.example/auth"));
    for (name, value) in document.as_object().unwrap() {
        if name.ends_with("_endpoint") || name.ends_with("_uri") {
            assert!(value.as_str().unwrap().starts_with("https://op.example/auth/"), "{name} {value}");
        }
    }
    let pairs = [("client_id", "rp"), ("redirect_uri", CALLBACK), ("response_type", "code"), ("scope", "openid")];
    for path in [format!("/auth/authorize?{}", encode(&pairs)), "/auth/login".to_owned(), "/auth/".to_owned()] {
        let response = get(&path).await;
        let target = response.0.headers().get(header::LOCATION).map(|value| value.to_str().unwrap().to_owned());
        assert!(target.is_none_or(|target| !target.contains("evil")), "{path}");
        assert!(!response.0.into_body().into_string().await.unwrap().contains("evil"), "{path}");
    }
}

/// oidcc-server: a code that nobody guesses.
#[tokio::test]
async fn codes_and_tokens_have_256_bits_and_are_never_the_same() {
    let scene = scene().await;
    let mut seen = std::collections::BTreeSet::new();
    for _ in 0..20 {
        let code = scene.code("rp", &[("scope", "openid offline_access")]).await;
        let (_, tokens) = scene.redeem(&code, &[]).await;
        // A token has its date before what is random.
        for (date, secret) in [(0, code), (12, text(&tokens, "access_token")), (12, text(&tokens, "refresh_token"))] {
            let random = &secret[date..];
            assert_eq!(URL_SAFE_NO_PAD.decode(random).map(|bytes| bytes.len()), Ok(32), "{secret}");
            assert!(seen.insert(random.to_owned()), "twice");
        }
    }
}

/// The user is gone between the sign-in and the token request.
#[tokio::test]
async fn a_deleted_user_has_no_code_no_token_and_no_session() {
    let scene = scene().await;
    let tokens = scene.tokens("openid offline_access").await;
    let code = scene.code("rp", &[]).await;
    scene.app.store.users().delete_all(&[scene.user.id.as_str()]).await.unwrap();
    let (status, error) = scene.redeem(&code, &[]).await;
    assert_eq!((status, text(&error, "error").as_str()), (StatusCode::BAD_REQUEST, "invalid_grant"));
    assert_eq!(scene.userinfo(&text(&tokens, "access_token")).await, StatusCode::UNAUTHORIZED);
    let (status, _) = scene.refresh("rp", "s3cret", &text(&tokens, "refresh_token"), None).await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
    assert_eq!(scene.refused("rp", &[("prompt", "none")]).await, "login_required");
}

/// oidcc-registration-logo-uri, oidcc-registration-policy-uri, oidcc-registration-tos-uri.
#[tokio::test]
async fn the_login_page_shows_the_clients_logo_and_links() {
    let scene = scene().await;
    scene.has_links("rp").await;
    let pairs = [("client_id", "rp"), ("redirect_uri", CALLBACK), ("response_type", "code"), ("scope", "openid")];
    let answer = scene.http.get(format!("/authorize?{}", encode(&pairs))).send().await;
    let browser = answer.0.headers()[header::SET_COOKIE].to_str().unwrap().split(';').next().unwrap().to_owned();
    let target = location(&answer);
    let address = format!("{}?{}", target.path(), target.query().unwrap());
    let page = scene.http.get(address).header(header::COOKIE, browser).send().await;
    let policy = page.0.headers()[header::CONTENT_SECURITY_POLICY].to_str().unwrap().to_owned();
    assert!(policy.contains("img-src 'self' https://rp.example/logo.png; base-uri"), "{policy}");
    let page = page.0.into_body().into_string().await.unwrap();
    for part in ["src=\"https://rp.example/logo.png\"", "https://rp.example/privacy", "https://rp.example/terms"] {
        assert!(page.contains(part), "{part}: {page}");
    }
}
