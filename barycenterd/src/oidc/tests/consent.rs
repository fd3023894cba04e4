//! The consent page as a browser sees it: what it asks for, what is remembered, and what it shows of the client.

use super::*;

/// A page that a browser was sent to, and the cookies that it came with.
struct Page {
    cookies: String,
    policy: String,
    text: String,
    handle: String,
}

impl<E: Endpoint> Scene<E> {
    async fn consent_page(&self, more: &[(&str, &str)]) -> Page {
        let answer = self.authorize("rp", more).await;
        let target = location(&answer);
        assert_eq!(target.path(), "/consent", "{target}");
        let browser = answer.0.headers()[header::SET_COOKIE].to_str().unwrap().split(';').next().unwrap().to_owned();
        let cookies = format!("{browser}; barycenter-session=cookie");
        let address = format!("{}?{}", target.path(), target.query().unwrap());
        let page = self.http.get(address).header(header::COOKIE, &cookies).send().await;
        page.assert_status_is_ok();
        let policy = page.0.headers()[header::CONTENT_SECURITY_POLICY].to_str().unwrap().to_owned();
        let text = page.0.into_body().into_string().await.unwrap();
        Page { cookies, policy, text, handle: parameter(&target, "authorization").unwrap() }
    }

    async fn answer(&self, page: &Page, csrf: &str, decision: &str) -> TestResponse {
        let body = encode(&[("csrf", csrf), ("authorization", &page.handle), ("decision", decision)]);
        let request = self.http.post("/consent").content_type("application/x-www-form-urlencoded");
        request.header(header::COOKIE, &page.cookies).body(body).send().await
    }

    async fn grant(&self, scopes: &str, granted_at: barycenter_core::model::Timestamp) {
        let (user_id, client_id) = (self.user.id.clone(), ClientId::new("rp"));
        let consent = Consent { user_id, client_id, scopes: Scopes::from_request(scopes), granted_at };
        self.app.store.consents().put(&consent).await.unwrap();
    }

    async fn granted(&self) -> (String, i64) {
        let consent = self.app.store.consents().of(&self.user.id, &ClientId::new("rp")).await.unwrap().unwrap();
        (consent.scopes.to_string(), consent.granted_at.since(NOW))
    }
}

impl Page {
    fn csrf(&self) -> &str {
        self.text.split_once("name=\"csrf\" value=\"").unwrap().1.split_once('"').unwrap().0
    }
}

#[tokio::test]
async fn the_page_asks_only_for_what_is_new_and_what_is_granted_is_remembered() {
    let scene = scene().await;
    scene.grant("openid email", NOW.plus(-50)).await;
    let page = scene.consent_page(&[("scope", "openid email profile")]).await;
    assert!(page.text.contains("It will also receive") && page.text.contains("Your profile"), "{}", page.text);
    assert!(!page.text.contains("Your e-mail address"), "{}", page.text);
    let answer = scene.answer(&page, page.csrf(), "accept").await;
    assert_eq!(location(&answer).path(), "/authorize/resume");
    assert_eq!(scene.granted().await, ("openid profile email".to_owned(), -50));
    scene.code("rp", &[("prompt", "none"), ("scope", "openid profile")]).await;
}

#[tokio::test]
async fn prompt_consent_asks_for_everything_again() {
    let scene = scene().await;
    scene.grant("openid email", NOW.plus(-50)).await;
    let page = scene.consent_page(&[("scope", "openid email"), ("prompt", "consent")]).await;
    assert!(page.text.contains("It will receive") && page.text.contains("Your e-mail address"), "{}", page.text);
    scene.answer(&page, page.csrf(), "accept").await;
    assert_eq!(scene.granted().await, ("openid email".to_owned(), 0));
}

#[tokio::test]
async fn what_is_not_remembered_any_more_is_not_added_to() {
    let scene = scene_with(|config| config.oidc.consent_lifetime = Some(Seconds::new(40))).await;
    scene.grant("openid email", NOW.plus(-50)).await;
    let page = scene.consent_page(&[("scope", "openid profile")]).await;
    assert!(page.text.contains("Who you are") && page.text.contains("Your profile"), "{}", page.text);
    scene.answer(&page, page.csrf(), "accept").await;
    assert_eq!(scene.granted().await, ("openid profile".to_owned(), 0));
}

#[tokio::test]
async fn single_claims_need_consent_as_their_scope_does() {
    let scene = scene().await;
    scene.grant("openid", NOW).await;
    let page = scene.consent_page(&[("claims", r#"{"userinfo":{"email":null}}"#)]).await;
    assert!(page.text.contains("Your e-mail address"), "{}", page.text);
}

#[tokio::test]
async fn who_refuses_sends_the_client_away_in_the_mode_that_it_asked_for() {
    let scene = scene().await;
    scene.grant("openid", NOW).await;
    let page = scene.consent_page(&[("scope", "openid email"), ("response_mode", "fragment"), ("state", "s")]).await;
    let target = location(&scene.answer(&page, page.csrf(), "deny").await);
    let fragment = target.fragment().unwrap_or_default();
    assert!(fragment.contains("error=access_denied") && fragment.contains("state=s"), "{target}");
}

#[tokio::test]
async fn a_consent_from_another_site_is_none() {
    let scene = scene().await;
    scene.grant("openid", NOW).await;
    let page = scene.consent_page(&[("scope", "openid email")]).await;
    scene.answer(&page, "forged", "accept").await.assert_status(StatusCode::FORBIDDEN);
    let body = encode(&[("csrf", page.csrf()), ("authorization", &page.handle), ("decision", "accept")]);
    let request = scene.http.post("/consent").content_type("application/x-www-form-urlencoded").body(body);
    let foreign = request.header(header::COOKIE, &page.cookies).header("sec-fetch-site", "cross-site").send().await;
    foreign.assert_status(StatusCode::FORBIDDEN);
    assert_eq!(scene.granted().await.0, "openid");
}

#[tokio::test]
async fn the_page_shows_the_clients_logo_and_links_and_loads_nothing_else_of_it() {
    let scene = scene().await;
    scene.has_links("rp").await;
    let page = scene.consent_page(&[("prompt", "consent")]).await;
    for part in
        ["src=\"https://rp.example/logo.png\"", "href=\"https://rp.example/privacy\"", "https://rp.example/terms"]
    {
        assert!(page.text.contains(part), "{part}: {}", page.text);
    }
    assert!(page.policy.contains("img-src 'self' https://rp.example/logo.png; base-uri"), "{}", page.policy);
}
