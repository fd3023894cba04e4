//! Signing in as a browser does it: the form, the cookie, the answer, and what is stored afterwards.

use std::sync::Arc;
use std::task::{Context, Waker};

use barycenter_core::clock::FixedClock;
use barycenter_core::model::{User, UserId, Username};
use barycenter_core::password::PasswordHash;
use barycenter_core::secret::Secret;
use poem::http::{StatusCode, header};
use poem::test::{TestClient, TestResponse};
use poem::{Endpoint, EndpointExt as _};
use tempfile::TempDir;
use url::form_urlencoded;

use crate::app::App;
use crate::oidc::public_app;
use crate::testing::{NOW, test_app_with};

/// The hash of `correct horse` that another system made.
const BCRYPT: &str = "$2b$04$abcdefghijklmnopqrstuujydOTSfIH/d5oUHpsygqV5X9xJLQc6e";

struct Scene<E> {
    app: Arc<App>,
    http: TestClient<E>,
    clock: Arc<FixedClock>,
    id: UserId,
    _folder: TempDir,
}

/// A deployment behind a proxy with the user `admin`, who has this hash.
async fn scene(hash: &str) -> Scene<impl Endpoint> {
    let (app, folder, clock) = test_app_with(|config| {
        config.passwords.max_concurrent = Some(1);
        config.server.trusted_proxies = vec!["0.0.0.0/32".parse().unwrap()];
    })
    .await;
    let user = User {
        password: Some(PasswordHash::parse(hash).unwrap()),
        updated_at: NOW.plus(-5),
        ..User::new(Username::parse("admin").unwrap(), NOW)
    };
    app.store.users().insert(&user).await.unwrap();
    let http = TestClient::new(public_app(&app));
    Scene { app, http, clock, id: user.id, _folder: folder }
}

impl<E: Endpoint> Scene<E> {
    /// Gets the form and sends it filled in.
    async fn sign_in(&self, username: &str, password: &str) -> TestResponse {
        let form = self.http.get("/login").send().await;
        let cookies = form.0.headers().get_all(header::SET_COOKIE).iter();
        let cookie =
            cookies.filter_map(|cookie| cookie.to_str().unwrap().split(';').next()).collect::<Vec<_>>().join("; ");
        let page = form.0.into_body().into_string().await.unwrap();
        let (_, rest) = page.split_once("name=\"csrf\" value=\"").expect("a token");
        let (csrf, _) = rest.split_once('"').unwrap();
        let pairs = [("csrf", csrf), ("username", username), ("password", password)];
        let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
        let request = self.http.post("/login").content_type("application/x-www-form-urlencoded");
        request.header(header::COOKIE, cookie).body(body).send().await
    }

    /// Tries a password from an address, with further cookies; the same form each time.
    async fn try_from(&self, address: &str, cookies: &str, username: &str, password: &str) -> TestResponse {
        let form = self.http.get("/login").send().await;
        let cookie = form.0.headers()[header::SET_COOKIE].to_str().unwrap().split(';').next().unwrap().to_owned();
        let page = form.0.into_body().into_string().await.unwrap();
        let csrf = page.split_once("name=\"csrf\" value=\"").unwrap().1.split_once('"').unwrap().0.to_owned();
        let pairs = [("csrf", csrf.as_str()), ("username", username), ("password", password)];
        let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
        let request = self.http.post("/login").content_type("application/x-www-form-urlencoded");
        let request = request.header("x-forwarded-for", address).header(header::COOKIE, format!("{cookie}; {cookies}"));
        request.body(body).send().await
    }

    /// Returns how many hashes have been computed.
    async fn hashes(&self) -> u64 {
        let metrics = TestClient::new(poem::get(crate::metrics::metrics).data(Arc::clone(&self.app)));
        let page = metrics.get("/").send().await.0.into_body().into_string().await.unwrap();
        let name = "barycenter_password_hash_duration_seconds_count ";
        page.lines().find_map(|line| line.strip_prefix(name)).expect("a count").parse().unwrap()
    }

    async fn user(&self) -> User {
        self.app.store.users().by_id(&self.id).await.unwrap().unwrap()
    }
}

#[tokio::test]
async fn the_first_sign_in_replaces_a_hash_of_another_system() {
    let scene = scene(BCRYPT).await;
    scene.sign_in("admin", "battery staple").await.assert_status(StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(scene.user().await.password.unwrap().as_str(), BCRYPT);

    scene.sign_in("admin", "correct horse").await.assert_status(StatusCode::SEE_OTHER);
    let user = scene.user().await;
    let hash = user.password.unwrap();
    assert!(scene.app.hasher.is_current(&hash));
    assert_eq!((user.updated_at, user.last_login_at), (NOW.plus(-5), Some(NOW)));

    scene.sign_in("admin", "correct horse").await.assert_status(StatusCode::SEE_OTHER);
    assert_eq!(scene.user().await.password, Some(hash), "a hash of today's parameters stays");
    scene.sign_in("admin", "battery staple").await.assert_status(StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test]
async fn sign_ins_at_the_same_time_all_succeed() {
    let scene = scene(BCRYPT).await;
    let (one, other) = tokio::join!(scene.sign_in("admin", "correct horse"), scene.sign_in("admin", "correct horse"));
    one.assert_status(StatusCode::SEE_OTHER);
    other.assert_status(StatusCode::SEE_OTHER);
    assert!(scene.app.hasher.is_current(&scene.user().await.password.unwrap()));
}

#[tokio::test]
async fn a_password_that_cannot_be_hashed_here_signs_in_with_its_old_hash() {
    let with_tab = "$pbkdf2-sha256$1000$8PHy8/T19vf4.fr7/P3./w$eYDUndVDeW9.pA9Qq4q4kkPK8GnSeMtb4KDYHEz5K/Y";
    let scene = scene(with_tab).await;
    scene.sign_in("admin", "a\tb").await.assert_status(StatusCode::SEE_OTHER);
    assert_eq!(scene.user().await.password.unwrap().as_str(), with_tab);
}

#[tokio::test]
async fn a_rush_of_sign_ins_is_told_to_come_back() {
    let scene = scene(BCRYPT).await;
    // About a second of work, so that the others wait.
    let slow = "$pbkdf2-sha512$2000000$8PHy8/T19vf4.fr7/P3./w$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
    let (slow, password) = (PasswordHash::parse(slow).unwrap(), Secret::new("x"));
    let mut waiting: Vec<_> = (0..1001).map(|_| Box::pin(scene.app.hasher.verify(&password, Some(&slow)))).collect();
    for verification in &mut waiting {
        assert!(verification.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
    }
    for name in ["admin", "nobody"] {
        let response = scene.sign_in(name, "correct horse").await;
        response.assert_status(StatusCode::SERVICE_UNAVAILABLE);
        response.assert_header(header::RETRY_AFTER, "5");
    }
    drop(waiting);
    scene.sign_in("admin", "correct horse").await.assert_status(StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn a_refused_sign_in_costs_one_hash_whoever_it_is_for() {
    let scene = scene(BCRYPT).await;
    let hash = scene.app.hasher.hash(&Secret::new("correct horse")).await.unwrap();
    let others = [("argon", Some(hash.clone()), true), ("disabled", Some(hash), false), ("without", None, true)];
    for (name, password, enabled) in others {
        let user = User { password, enabled, ..User::new(Username::parse(name).unwrap(), NOW) };
        scene.app.store.users().insert(&user).await.unwrap();
    }
    let long = "x".repeat(5000);
    for name in ["argon", "disabled", "without", "nobody", "no name at all\u{7}", "", &long] {
        for password in ["guess", "", &long] {
            let before = scene.hashes().await;
            scene.sign_in(name, password).await.assert_status(StatusCode::UNPROCESSABLE_ENTITY);
            assert_eq!(scene.hashes().await - before, 1, "{name} {password}");
        }
    }
    let before = scene.hashes().await;
    scene.sign_in("disabled", "correct horse").await.assert_status(StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(scene.hashes().await - before, 1);
}

#[tokio::test]
async fn guessing_is_slowed_down_and_nobody_is_locked_out() {
    let scene = scene(BCRYPT).await;
    let attacker = "198.51.100.7";
    for _ in 0..10 {
        scene.try_from(attacker, "", "admin", "guess").await.assert_status(StatusCode::UNPROCESSABLE_ENTITY);
    }
    let response = scene.try_from(attacker, "", "admin", "correct horse").await;
    response.assert_status(StatusCode::TOO_MANY_REQUESTS);
    response.assert_header(header::RETRY_AFTER, "60");
    scene.try_from(attacker, "", "ADMIN", "guess").await.assert_status(StatusCode::TOO_MANY_REQUESTS);
    scene.try_from(attacker, "", "somebody", "guess").await.assert_status(StatusCode::UNPROCESSABLE_ENTITY);
    // The owner, from elsewhere, at once.
    scene.try_from("192.0.2.1", "", "admin", "correct horse").await.assert_status(StatusCode::SEE_OTHER);
    scene.clock.advance(60);
    scene.try_from(attacker, "", "admin", "guess").await.assert_status(StatusCode::UNPROCESSABLE_ENTITY);
    scene.try_from(attacker, "", "admin", "guess").await.assert_status(StatusCode::TOO_MANY_REQUESTS);
    scene.clock.advance(60);
    scene.try_from(attacker, "", "admin", "correct horse").await.assert_status(StatusCode::SEE_OTHER);
    scene.try_from(attacker, "", "admin", "guess").await.assert_status(StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test]
async fn an_account_that_does_not_exist_is_limited_as_one_that_does() {
    let scene = scene(BCRYPT).await;
    let mut seen = Vec::new();
    for name in ["admin", "nobody"] {
        let mut answers = Vec::new();
        for _ in 0..12 {
            let response = scene.try_from("198.51.100.7", "", name, "guess").await;
            let headers: Vec<_> = response.0.headers().keys().map(ToString::to_string).collect();
            let status = response.0.status();
            let page = response.0.into_body().into_string().await.unwrap().replace(name, "NAME");
            let (before, rest) = page.split_once("name=\"csrf\" value=\"").unwrap();
            let after = rest.split_once('"').unwrap().1.to_owned();
            answers.push((status, headers, before.to_owned(), after));
        }
        seen.push(answers);
    }
    assert_eq!(seen[0], seen[1]);
}

#[tokio::test]
async fn a_device_on_which_the_owner_has_signed_in_is_not_slowed_down_by_others() {
    let scene = scene(BCRYPT).await;
    let first = scene.try_from("192.0.2.1", "", "admin", "correct horse").await;
    let cookies = first.0.headers().get_all(header::SET_COOKIE).iter().map(|cookie| cookie.to_str().unwrap());
    let device = cookies.filter_map(|cookie| cookie.split(';').next()).find(|cookie| cookie.contains("-device="));
    let device = device.expect("a device cookie").to_owned();
    // A hundred guesses from as many addresses, and many from the owner's own.
    for number in 0..100 {
        let address = format!("198.51.100.{number}");
        scene.try_from(&address, "", "admin", "guess").await.assert_status(StatusCode::UNPROCESSABLE_ENTITY);
    }
    let elsewhere = scene.try_from("203.0.113.1", "", "admin", "correct horse").await;
    elsewhere.assert_status(StatusCode::TOO_MANY_REQUESTS);
    elsewhere.assert_header(header::RETRY_AFTER, "5");
    scene.try_from("192.0.2.1", &device, "admin", "correct horse").await.assert_status(StatusCode::SEE_OTHER);
    // The device is known for its account only, and has a limit of its own.
    for _ in 0..10 {
        scene.try_from("192.0.2.1", &device, "admin", "guess").await.assert_status(StatusCode::UNPROCESSABLE_ENTITY);
    }
    scene.try_from("192.0.2.1", &device, "admin", "guess").await.assert_status(StatusCode::TOO_MANY_REQUESTS);
    scene.clock.advance(5);
    scene.try_from("203.0.113.1", "", "admin", "correct horse").await.assert_status(StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn all_addresses_of_an_ipv6_network_are_one() {
    let scene = scene(BCRYPT).await;
    for number in 0..10 {
        let address = format!("2001:db8:1:2::{number}");
        scene.try_from(&address, "", "admin", "guess").await.assert_status(StatusCode::UNPROCESSABLE_ENTITY);
    }
    scene.try_from("2001:db8:1:2:ffff::1", "", "admin", "x").await.assert_status(StatusCode::TOO_MANY_REQUESTS);
    scene.try_from("2001:db8:1:3::1", "", "admin", "x").await.assert_status(StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test]
async fn guesses_at_the_same_time_are_not_more_than_one_after_the_other() {
    let scene = scene(BCRYPT).await;
    let tries = (0..60).map(|_| scene.try_from("198.51.100.7", "", "admin", "guess"));
    let mut tries: Vec<_> = tries.map(Box::pin).collect();
    let mut tested = 0;
    let mut put_off = 0;
    for response in join_all(&mut tries).await {
        match response.0.status() {
            StatusCode::UNPROCESSABLE_ENTITY => tested += 1,
            StatusCode::TOO_MANY_REQUESTS => put_off += 1,
            status => panic!("{status}"),
        }
    }
    assert!((10..18).contains(&tested), "{tested} were tested, {put_off} put off");
}

/// Waits for all, together.
async fn join_all<F: Future + Unpin>(futures: &mut [F]) -> Vec<F::Output> {
    let mut outputs: Vec<Option<F::Output>> = futures.iter().map(|_| None).collect();
    std::future::poll_fn(move |context| {
        for (future, output) in futures.iter_mut().zip(&mut outputs) {
            if output.is_none()
                && let std::task::Poll::Ready(done) = std::pin::Pin::new(future).poll(context)
            {
                *output = Some(done);
            }
        }
        if outputs.iter().all(Option::is_some) {
            return std::task::Poll::Ready(outputs.iter_mut().filter_map(Option::take).collect());
        }
        std::task::Poll::Pending
    })
    .await
}

#[tokio::test]
async fn a_sign_in_gives_a_new_cookie_and_keeps_the_session_of_the_same_user() {
    let scene = scene(BCRYPT).await;
    let session_of = |response: &TestResponse| {
        let cookies = response.0.headers().get_all(header::SET_COOKIE).iter().map(|cookie| cookie.to_str().unwrap());
        let mut cookies = cookies.filter_map(|cookie| cookie.split(';').next());
        cookies.find(|cookie| cookie.contains("-session=")).expect("a session cookie").to_owned()
    };
    let stored = |cookie: String| {
        let digest = Secret::new(cookie.split_once('=').unwrap().1).digest();
        async move { digest }
    };
    let first = session_of(&scene.try_from("192.0.2.1", "", "admin", "correct horse").await);
    let digest = stored(first.clone()).await;
    let before = scene.app.store.sessions().by_cookie(&digest, NOW).await.unwrap().expect("a session");
    scene.clock.advance(10);
    let second = session_of(&scene.try_from("192.0.2.1", &first, "admin", "correct horse").await);
    assert_ne!(first, second);
    assert!(scene.app.store.sessions().by_cookie(&digest, NOW).await.unwrap().is_none(), "the old cookie is dead");
    let digest = stored(second).await;
    let after = scene.app.store.sessions().by_cookie(&digest, NOW).await.unwrap().expect("a session");
    assert_eq!((after.id, after.authenticated_at), (before.id, NOW.plus(10)));
    // One that somebody else has prepared is not taken over.
    let planted =
        session_of(&scene.try_from("192.0.2.1", "barycenter-session=planted", "admin", "correct horse").await);
    assert!(!planted.ends_with("=planted"));
}

#[tokio::test]
async fn a_sign_in_posted_from_another_site_is_none() {
    let scene = scene(BCRYPT).await;
    let form = scene.http.get("/login").send().await;
    let cookie = form.0.headers()[header::SET_COOKIE].to_str().unwrap().split(';').next().unwrap().to_owned();
    let page = form.0.into_body().into_string().await.unwrap();
    let csrf = page.split_once("name=\"csrf\" value=\"").unwrap().1.split_once('"').unwrap().0.to_owned();
    for (csrf, cookie, site) in [
        ("forged", cookie.as_str(), "same-origin"),
        (csrf.as_str(), "barycenter-browser=another", "same-origin"),
        (&csrf, "", "same-origin"),
        (&csrf, &cookie, "cross-site"),
    ] {
        let pairs = [("csrf", csrf), ("username", "admin"), ("password", "correct horse")];
        let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
        let request = scene.http.post("/login").content_type("application/x-www-form-urlencoded").body(body);
        let response = request.header(header::COOKIE, cookie).header("sec-fetch-site", site).send().await;
        response.assert_status(StatusCode::FORBIDDEN);
        assert!(!response.0.headers().contains_key(header::SET_COOKIE));
    }
}

#[tokio::test]
async fn nobody_fills_the_database_with_accounts() {
    let (app, _folder, clock) = test_app_with(|config| config.server.allow_public_registration = true).await;
    let http = TestClient::new(public_app(&app));
    let form = http.get("/register").send().await;
    let cookie = form.0.headers()[header::SET_COOKIE].to_str().unwrap().split(';').next().unwrap().to_owned();
    let page = form.0.into_body().into_string().await.unwrap();
    let csrf = page.split_once("name=\"csrf\" value=\"").unwrap().1.split_once('"').unwrap().0;
    let register = async |username: &str, csrf: &str| {
        let pairs = [("csrf", csrf), ("username", username), ("password", "a long password of my own")];
        let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
        let request = http.post("/register").content_type("application/x-www-form-urlencoded").body(body);
        request.header(header::COOKIE, &cookie).send().await
    };
    register("one", "forged").await.assert_status(StatusCode::FORBIDDEN);
    register("one", csrf).await.assert_status(StatusCode::SEE_OTHER);
    app.store.throttles().charge("account from 0.0.0.0", NOW, 500).await.unwrap();
    let refused = register("two", csrf).await;
    refused.assert_status(StatusCode::TOO_MANY_REQUESTS);
    refused.assert_header(header::RETRY_AFTER, "10");
    assert!(app.store.users().by_username(&Username::parse("two").unwrap()).await.unwrap().is_none());
    clock.advance(10);
    register("two", csrf).await.assert_status(StatusCode::SEE_OTHER);
}
