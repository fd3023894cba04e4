//! Devices without a browser (RFC 8628): the codes, the page, the polling.

use barycenter_core::model::GrantType;

use super::*;

const DEVICE: &str = "urn:ietf:params:oauth:grant-type:device_code";

async fn television() -> Scene<impl Endpoint> {
    let scene = scene().await;
    for id in ["tv", "radio"] {
        scene
            .client(id, |client| {
                client.authentication_method = ClientAuthenticationMethod::None;
                client.secret = None;
                client.grant_types = vec![GrantType::DeviceCode, GrantType::RefreshToken];
                client.redirect_uris.clear();
            })
            .await;
    }
    scene
}

async fn codes<E: Endpoint>(scene: &Scene<E>) -> Value {
    let pairs = [("client_id", "tv"), ("scope", "openid offline_access")];
    let (status, codes) = scene.post("/device_authorization", &pairs, &[]).await;
    assert_eq!(status, StatusCode::OK, "{codes}");
    codes
}

async fn poll<E: Endpoint>(scene: &Scene<E>, client: &str, codes: &Value) -> (StatusCode, Value) {
    let code = text(codes, "device_code");
    scene.post("/token", &[("grant_type", DEVICE), ("device_code", &code), ("client_id", client)], &[]).await
}

async fn poll_error<E: Endpoint>(scene: &Scene<E>, client: &str, codes: &Value) -> String {
    let (status, body) = poll(scene, client, codes).await;
    assert_eq!(status, StatusCode::BAD_REQUEST, "{body}");
    text(&body, "error")
}

/// One browser, with the form tokens of the pages that it has seen.
struct Browser<'a, E> {
    scene: &'a Scene<E>,
    cookies: String,
}

impl<'a, E: Endpoint> Browser<'a, E> {
    async fn signed_in(scene: &'a Scene<E>) -> (Self, String) {
        Self::open(scene, "barycenter-session=cookie").await
    }

    async fn open(scene: &'a Scene<E>, cookies: &str) -> (Self, String) {
        let response = scene.http.get("/device").header(header::COOKIE, cookies).send().await;
        let own = response.0.headers()[header::SET_COOKIE].to_str().unwrap().split(';').next().unwrap().to_owned();
        let page = response.0.into_body().into_string().await.unwrap();
        (Self { scene, cookies: format!("{cookies}; {own}") }, form_token(&page))
    }

    async fn submit(&self, pairs: &[(&str, &str)]) -> TestResponse {
        let request = self.scene.http.post("/device").header(header::COOKIE, &self.cookies);
        request.content_type("application/x-www-form-urlencoded").body(encode(pairs)).send().await
    }

    /// Types a code; returns the status and the page.
    async fn type_code(&self, csrf: &str, code: &str) -> (StatusCode, String) {
        let response = self.submit(&[("csrf", csrf), ("user_code", code)]).await;
        (response.0.status(), response.0.into_body().into_string().await.unwrap())
    }

    async fn decide(&self, csrf: &str, code: &str, decision: &str) -> StatusCode {
        let page = self.type_code(csrf, code).await.1;
        let csrf = form_token(&page);
        self.submit(&[("csrf", &csrf), ("user_code", code), ("decision", decision)]).await.0.status()
    }
}

fn form_token(page: &str) -> String {
    let (_, rest) = page.split_once("name=\"csrf\" value=\"").unwrap_or_else(|| panic!("no form: {page}"));
    rest.split('"').next().unwrap().to_owned()
}

#[tokio::test]
async fn an_approved_device_gets_its_tokens_once() {
    let scene = television().await;
    let codes = codes(&scene).await;
    assert_eq!(codes["interval"], 5);
    assert_eq!(text(&codes, "verification_uri"), "http://localhost:8080/device");
    assert!(text(&codes, "verification_uri_complete").ends_with(&text(&codes, "user_code")));
    assert_eq!(poll_error(&scene, "tv", &codes).await, "authorization_pending");
    let (browser, csrf) = Browser::signed_in(&scene).await;
    let (status, page) = browser.type_code(&csrf, &text(&codes, "user_code").to_lowercase()).await;
    assert_eq!(status, StatusCode::OK);
    assert!(page.contains("tv") && page.contains("Access while you are away"), "{page}");
    assert_eq!(browser.decide(&csrf, &text(&codes, "user_code"), "accept").await, StatusCode::OK);
    let (status, tokens) = poll(&scene, "tv", &codes).await;
    assert_eq!(status, StatusCode::OK, "{tokens}");
    let claims = scene.app.keyring.verify_signature(&text(&tokens, "id_token")).expect("our signature");
    assert_eq!((&claims["sub"], &claims["aud"]), (&Value::from(scene.user.id.as_str()), &Value::from("tv")));
    assert_eq!(scene.userinfo(&text(&tokens, "access_token")).await, StatusCode::OK);
    assert_eq!(poll_error(&scene, "tv", &codes).await, "invalid_grant", "used up");
    let token = text(&tokens, "refresh_token");
    let pairs = [("grant_type", "refresh_token"), ("refresh_token", token.as_str()), ("client_id", "tv")];
    assert_eq!(scene.post("/token", &pairs, &[]).await.0, StatusCode::OK);
}

#[tokio::test]
async fn twenty_parallel_polls_redeem_a_device_code_once() {
    let scene = television().await;
    let codes = codes(&scene).await;
    let (browser, csrf) = Browser::signed_in(&scene).await;
    browser.decide(&csrf, &text(&codes, "user_code"), "accept").await;
    let answers = futures_util::future::join_all((0..20).map(|_| poll(&scene, "tv", &codes))).await;
    let won = answers.iter().filter(|(status, _)| *status == StatusCode::OK).count();
    assert_eq!(won, 1, "{answers:?}");
}

#[tokio::test]
async fn a_device_that_polls_too_fast_must_slow_down() {
    let scene = television().await;
    let codes = codes(&scene).await;
    assert_eq!(poll_error(&scene, "tv", &codes).await, "authorization_pending");
    scene.clock.advance(4);
    assert_eq!(poll_error(&scene, "tv", &codes).await, "slow_down");
    scene.clock.advance(9);
    assert_eq!(poll_error(&scene, "tv", &codes).await, "slow_down", "five seconds longer from then on");
    scene.clock.advance(15);
    assert_eq!(poll_error(&scene, "tv", &codes).await, "authorization_pending");
}

#[tokio::test]
async fn device_codes_expire_and_belong_to_one_client() {
    let scene = television().await;
    let codes = codes(&scene).await;
    assert_eq!(poll_error(&scene, "radio", &codes).await, "invalid_grant");
    scene.clock.advance(600);
    assert_eq!(poll_error(&scene, "tv", &codes).await, "expired_token");
    let (browser, csrf) = Browser::signed_in(&scene).await;
    let (status, _) = browser.type_code(&csrf, &text(&codes, "user_code")).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test]
async fn a_refused_device_is_told_so() {
    let scene = television().await;
    let codes = codes(&scene).await;
    let (browser, csrf) = Browser::signed_in(&scene).await;
    assert_eq!(browser.decide(&csrf, &text(&codes, "user_code"), "deny").await, StatusCode::OK);
    assert_eq!(poll_error(&scene, "tv", &codes).await, "access_denied");
}

#[tokio::test]
async fn user_codes_are_guessed_ten_times_at_most() {
    let scene = television().await;
    let codes = codes(&scene).await;
    let (browser, csrf) = Browser::signed_in(&scene).await;
    for _ in 0..10 {
        let (status, _) = browser.type_code(&csrf, "BBBB-BBBB").await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    }
    let (status, _) = browser.type_code(&csrf, &text(&codes, "user_code")).await;
    assert_eq!(status, StatusCode::TOO_MANY_REQUESTS, "even the right one");
}

#[tokio::test]
async fn twenty_guesses_at_once_are_still_ten() {
    let scene = television().await;
    let (browser, csrf) = Browser::signed_in(&scene).await;
    let answers = futures_util::future::join_all((0..20).map(|_| browser.type_code(&csrf, "BBBB-BBBB"))).await;
    let heard = answers.iter().filter(|(status, _)| *status == StatusCode::UNPROCESSABLE_ENTITY).count();
    assert_eq!(heard, 10);
}

#[tokio::test]
async fn nobody_approves_from_another_site_or_without_signing_in() {
    let scene = television().await;
    let codes = codes(&scene).await;
    let code = text(&codes, "user_code");
    let (browser, csrf) = Browser::signed_in(&scene).await;
    // The token of the first page approves nothing.
    let forged = browser.submit(&[("csrf", &csrf), ("user_code", &code), ("decision", "accept")]).await;
    forged.assert_status(StatusCode::FORBIDDEN);
    browser.submit(&[("user_code", &code)]).await.assert_status(StatusCode::FORBIDDEN);
    let (stranger, csrf) = Browser::open(&scene, "x=y").await;
    let sent = stranger.submit(&[("csrf", &csrf), ("user_code", &code)]).await;
    assert_eq!(location(&sent).path(), "/login");
    assert_eq!(poll_error(&scene, "tv", &codes).await, "authorization_pending");
}

#[tokio::test]
async fn who_may_not_use_a_client_cannot_let_its_device_in() {
    let scene = scene().await;
    scene
        .client("tv", |client| {
            client.authentication_method = ClientAuthenticationMethod::None;
            client.secret = None;
            client.grant_types = vec![GrantType::DeviceCode];
            client.metadata.required_groups = ["family".to_owned()].into();
        })
        .await;
    let codes = codes(&scene).await;
    let (browser, csrf) = Browser::signed_in(&scene).await;
    assert_eq!(browser.decide(&csrf, &text(&codes, "user_code"), "accept").await, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn a_client_that_is_not_registered_for_devices_gets_no_codes() {
    let scene = television().await;
    let answer = scene.error("/device_authorization", &[("client_id", "spa")], &[]).await;
    assert_eq!(answer, (400, "unauthorized_client".to_owned()));
    let answer = scene.error("/device_authorization", &[("client_id", "rp")], &[]).await;
    assert_eq!(answer, (401, "invalid_client".to_owned()));
    let pairs = [("client_id", "tv"), ("scope", "unknown")];
    assert_eq!(scene.error("/device_authorization", &pairs, &[]).await, (400, "invalid_scope".to_owned()));
}

#[tokio::test]
async fn the_page_shows_who_asks_and_the_code_as_the_device_does() {
    let scene = television().await;
    scene
        .change("tv", |client| {
            client.metadata.logo_uri = Some("https://tv.example/logo.png".to_owned());
            client.metadata.policy_uri = Some("https://tv.example/privacy".to_owned());
        })
        .await;
    let code = text(&codes(&scene).await, "user_code");
    let (browser, csrf) = Browser::signed_in(&scene).await;
    let typed = format!(" {} ", code.to_lowercase().replace('-', " "));
    let response = browser.submit(&[("csrf", &csrf), ("user_code", &typed)]).await;
    let policy = response.0.headers()[header::CONTENT_SECURITY_POLICY].to_str().unwrap().to_owned();
    assert!(policy.contains("img-src 'self' https://tv.example/logo.png; base-uri"), "{policy}");
    let page = response.0.into_body().into_string().await.unwrap();
    for part in
        [&format!("<strong>{code}</strong>"), "src=\"https://tv.example/logo.png\"", "https://tv.example/privacy"]
    {
        assert!(page.contains(part), "{part}: {page}");
    }
    let decided = browser.submit(&[("csrf", &form_token(&page)), ("user_code", &code), ("decision", "accept")]).await;
    decided.assert_status_is_ok();
}

#[tokio::test]
async fn somebody_else_may_sign_in_and_come_back_to_the_code() {
    let scene = television().await;
    let codes = codes(&scene).await;
    let code = text(&codes, "user_code");
    let (browser, csrf) = Browser::signed_in(&scene).await;
    let (_, page) = browser.type_code(&csrf, &code).await;
    assert!(page.contains("Not you?"), "{page}");
    let csrf = form_token(&page);
    let response = browser.submit(&[("csrf", &csrf), ("user_code", &code), ("decision", "switch")]).await;
    response.assert_status(StatusCode::SEE_OTHER);
    response.assert_header(header::LOCATION, format!("/login?user_code={code}"));
    let cookies: Vec<&str> =
        response.0.headers().get_all(header::SET_COOKIE).iter().map(|cookie| cookie.to_str().unwrap()).collect();
    assert!(cookies.iter().any(|cookie| cookie.starts_with("barycenter-session=;")), "{cookies:?}");
    let response = browser.submit(&[("csrf", &csrf), ("user_code", &code), ("decision", "accept")]).await;
    assert_ne!(response.0.status(), StatusCode::OK, "the session has ended");
    assert_eq!(poll_error(&scene, "tv", &codes).await, "authorization_pending", "the code stays good");
}
