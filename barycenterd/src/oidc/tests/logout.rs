//! Logout: at a relying party's wish (RP-Initiated), and who is told of it (Back-Channel, Front-Channel).

use std::sync::Mutex;

use barycenter_core::model::SessionId;
use poem::listener::{Acceptor as _, Listener as _, TcpListener};
use poem::web::{Data, Form};
use poem::{EndpointExt as _, Route, Server, post};

use super::*;

const GOODBYE: &str = "https://rp.example/goodbye?kept=1";

impl<E: Endpoint> Scene<E> {
    /// Signs in at `rp` and returns the ID Token.
    async fn signed_in(&self) -> String {
        self.change("rp", |client| client.post_logout_redirect_uris = vec![GOODBYE.to_owned()]).await;
        text(&self.tokens("openid offline_access").await, "id_token")
    }

    async fn logout(&self, pairs: &[(&str, &str)]) -> TestResponse {
        let request = self.http.get(format!("/logout?{}", encode(pairs)));
        request.header(header::COOKIE, "barycenter-session=cookie").send().await
    }

    async fn is_signed_in(&self) -> bool {
        self.app.store.sessions().by_id(&SessionId::new("sid-1"), self.app.now()).await.unwrap().is_some()
    }
}

#[tokio::test]
async fn a_relying_party_that_shows_its_id_token_ends_the_session() {
    let scene = scene().await;
    let hint = scene.signed_in().await;
    let response =
        scene.logout(&[("id_token_hint", &hint), ("post_logout_redirect_uri", GOODBYE), ("state", "a b&c")]).await;
    response.assert_status(StatusCode::SEE_OTHER);
    assert_eq!(response.0.headers()[header::LOCATION], "https://rp.example/goodbye?kept=1&state=a+b%26c");
    assert!(!scene.is_signed_in().await);
    assert_eq!(scene.refused("rp", &[("prompt", "none")]).await, "login_required");
}

#[tokio::test]
async fn without_state_none_is_given_back() {
    let scene = scene().await;
    let hint = scene.signed_in().await;
    let response = scene.logout(&[("id_token_hint", &hint), ("post_logout_redirect_uri", GOODBYE)]).await;
    assert_eq!(response.0.headers()[header::LOCATION], GOODBYE);
}

#[tokio::test]
async fn nothing_but_our_own_hint_and_a_registered_address_leads_to_a_redirect() {
    let scene = scene().await;
    let hint = scene.signed_in().await;
    let unsigned = format!("eyJhbGciOiJub25lIn0.{}.", hint.split('.').nth(1).unwrap());
    let mut forged = hint.clone();
    forged.replace_range(forged.len() - 4.., "AAAA");
    for pairs in [
        &[("id_token_hint", hint.as_str()), ("post_logout_redirect_uri", "https://evil.example/")][..],
        &[("id_token_hint", &hint), ("post_logout_redirect_uri", "https://rp.example/goodbye?kept=1&more=1")],
        &[("id_token_hint", &hint), ("post_logout_redirect_uri", "https://rp.example/goodbye")],
        &[("id_token_hint", &unsigned), ("post_logout_redirect_uri", GOODBYE)],
        &[("id_token_hint", &forged), ("post_logout_redirect_uri", GOODBYE)],
        &[("id_token_hint", "x"), ("post_logout_redirect_uri", GOODBYE)],
        &[("id_token_hint", &hint), ("client_id", "other"), ("post_logout_redirect_uri", GOODBYE)],
        &[("client_id", "rp"), ("post_logout_redirect_uri", GOODBYE)],
        &[("post_logout_redirect_uri", GOODBYE), ("state", "s")],
    ] {
        let response = scene.logout(pairs).await;
        assert!(response.0.headers().get(header::LOCATION).is_none(), "{pairs:?}");
        assert!(scene.is_signed_in().await, "{pairs:?}");
    }
}

#[tokio::test]
async fn without_an_address_the_page_says_that_it_is_done() {
    let scene = scene().await;
    let hint = scene.signed_in().await;
    let response = scene.logout(&[("id_token_hint", &hint)]).await;
    response.assert_status_is_ok();
    assert!(response.0.into_body().into_string().await.unwrap().contains("You are signed out"));
    assert!(!scene.is_signed_in().await);
}

#[tokio::test]
async fn without_a_hint_the_end_user_is_asked() {
    let scene = scene().await;
    for pairs in [&[][..], &[("state", "s")]] {
        let response = scene.logout(pairs).await;
        response.assert_status_is_ok();
        assert!(response.0.into_body().into_string().await.unwrap().contains("id=\"logout-confirm\""));
        assert!(scene.is_signed_in().await);
    }
}

#[tokio::test]
async fn a_logout_posted_from_another_site_ends_nothing() {
    let scene = scene().await;
    let request = scene.http.post("/logout").header(header::COOKIE, "barycenter-session=cookie");
    let body = encode(&[("csrf", "forged")]);
    let request = request.content_type("application/x-www-form-urlencoded").body(body);
    request.send().await.assert_status(StatusCode::FORBIDDEN);
    assert!(scene.is_signed_in().await);
}

#[tokio::test]
async fn a_hint_with_a_pairwise_subject_is_its_users() {
    let scene = scene().await;
    scene.change("rp", |client| client.metadata.subject_type = SubjectType::Pairwise).await;
    let hint = scene.signed_in().await;
    let response = scene.logout(&[("id_token_hint", &hint), ("post_logout_redirect_uri", GOODBYE)]).await;
    response.assert_status(StatusCode::SEE_OTHER);
    assert!(!scene.is_signed_in().await);
}

#[tokio::test]
async fn the_signed_out_page_frames_the_clients_that_want_it_and_nothing_else() {
    let scene = scene().await;
    let address = "https://other.example/out?x=1".to_owned();
    scene.change("other", |client| client.metadata.frontchannel_logout_uri = Some(address)).await;
    scene.code("other", &[]).await;
    let hint = scene.signed_in().await;
    let response =
        scene.logout(&[("id_token_hint", &hint), ("post_logout_redirect_uri", GOODBYE), ("state", "s")]).await;
    response.assert_status_is_ok();
    let header = |name: &str| response.0.headers()[name].to_str().unwrap().to_owned();
    assert!(header("content-security-policy").contains("; frame-src https://other.example/out; "));
    assert_eq!(header("refresh"), format!("2; url={GOODBYE}&state=s"));
    let page = response.0.into_body().into_string().await.unwrap();
    let frame = "https://other.example/out?x=1&#38;iss=http%3A%2F%2Flocalhost%3A8080&#38;sid=sid-1";
    assert!(page.contains(frame), "{page}");
    assert!(page.contains("id=\"logout-continue\""), "{page}");
}

/// What a client's server has been told.
type Told = Arc<Mutex<Vec<Vec<(String, String)>>>>;

#[poem::handler]
fn hear(told: Data<&Told>, Form(form): Form<Vec<(String, String)>>) -> StatusCode {
    let mut told = told.lock().unwrap();
    told.push(form);
    // The first try meets a server that is not well.
    if told.len() == 1 { StatusCode::INTERNAL_SERVER_ERROR } else { StatusCode::OK }
}

/// A client's server on a loopback port.
async fn listening() -> (String, Told) {
    let told = Told::default();
    let acceptor = TcpListener::bind("127.0.0.1:0").into_acceptor().await.unwrap();
    let port = acceptor.local_addr()[0].as_socket_addr().unwrap().port();
    let routes = Route::new().at("/backchannel", post(hear)).data(Arc::clone(&told));
    tokio::spawn(Server::new_with_acceptor(acceptor).run(routes));
    (format!("http://127.0.0.1:{port}/backchannel"), told)
}

async fn told_scene() -> (Scene<impl Endpoint>, Told) {
    let scene = scene_with(|config| config.outbound.allow = vec!["127.0.0.1/32".parse().unwrap()]).await;
    let (address, told) = listening().await;
    scene.change("rp", |client| client.metadata.backchannel_logout_uri = Some(address)).await;
    (scene, told)
}

#[tokio::test]
async fn a_client_is_told_that_a_session_has_ended_until_it_hears() {
    let (scene, told) = told_scene().await;
    let id_token = scene.signed_in().await;
    scene.logout(&[("id_token_hint", &id_token)]).await.assert_status_is_ok();
    assert_eq!(told.lock().unwrap().len(), 0, "no request waits for a client");

    assert_eq!(backchannel_logout::deliver_due(&scene.app).await.unwrap(), 1);
    assert_eq!(backchannel_logout::deliver_due(&scene.app).await.unwrap(), 0, "not again at once");
    scene.clock.advance(10);
    assert_eq!(backchannel_logout::deliver_due(&scene.app).await.unwrap(), 1);
    scene.clock.advance(100_000);
    assert_eq!(backchannel_logout::deliver_due(&scene.app).await.unwrap(), 0, "it was heard");

    let told = told.lock().unwrap();
    assert_eq!(told.len(), 2);
    let mut ids = Vec::new();
    for form in told.iter() {
        let [(name, token)] = form.as_slice() else { panic!("{form:?}") };
        assert_eq!(name, "logout_token");
        assert_eq!(jsonwebtoken::decode_header(token).unwrap().typ.as_deref(), Some("logout+jwt"));
        let claims = scene.app.keyring.verify_signature(token).expect("our signature");
        let about = scene.app.keyring.verify_signature(&id_token).unwrap();
        for name in ["iss", "aud", "sub", "sid"] {
            assert_eq!(claims[name], about[name], "{name}");
        }
        assert_eq!(claims["events"], serde_json::json!({ "http://schemas.openid.net/event/backchannel-logout": {} }));
        assert!(claims["iat"].is_number() && claims["exp"].is_number() && claims.get("nonce").is_none(), "{claims}");
        ids.push(text(&claims, "jti"));
        // It is no ID Token.
        assert!(hint::read(&scene.app.keyring, "http://localhost:8080", token).is_none());
    }
    assert_ne!(ids[0], ids[1]);
}

#[tokio::test]
async fn a_client_that_never_hears_is_given_up() {
    let (scene, _) = told_scene().await;
    scene.change("rp", |client| client.metadata.backchannel_logout_uri = Some("http://10.0.0.1/".to_owned())).await;
    let id_token = scene.signed_in().await;
    scene.logout(&[("id_token_hint", &id_token)]).await.assert_status_is_ok();
    let mut attempts = 0;
    for _ in 0..20 {
        attempts += backchannel_logout::deliver_due(&scene.app).await.unwrap();
        scene.clock.advance(50_000);
    }
    assert_eq!(attempts, 10);
    assert!(scene.app.store.logouts().due(scene.app.now(), 10).await.unwrap().is_empty());
}

#[tokio::test]
async fn whatever_ends_a_session_tells_its_clients() {
    let (scene, _) = told_scene().await;
    scene.code("rp", &[]).await;
    let transaction = scene.app.store.write().await.unwrap();
    transaction.sessions().end_all_of(&scene.user.id).await.unwrap();
    transaction.commit().await.unwrap();
    let due = scene.app.store.logouts().due(scene.app.now(), 10).await.unwrap();
    assert_eq!(due.len(), 1);
    assert_eq!((due[0].client_id.as_str(), due[0].session_id.as_str()), ("rp", "sid-1"));
}

#[tokio::test]
async fn a_client_that_does_not_want_to_know_is_not_written_down() {
    let scene = scene().await;
    scene.code("rp", &[]).await;
    assert!(scene.app.store.logouts().participants(&SessionId::new("sid-1")).await.unwrap().is_empty());
}
