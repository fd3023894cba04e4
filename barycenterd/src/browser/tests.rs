//! Signing in as a browser does it: the form, the cookie, the answer, and what is stored afterwards.

use std::sync::Arc;
use std::task::{Context, Waker};

use barycenter_core::model::{User, UserId, Username};
use barycenter_core::password::PasswordHash;
use barycenter_core::secret::Secret;
use poem::Endpoint;
use poem::http::{StatusCode, header};
use poem::test::{TestClient, TestResponse};
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
    id: UserId,
    _folder: TempDir,
}

/// A deployment with the user `admin`, who has this hash.
async fn scene(hash: &str) -> Scene<impl Endpoint> {
    let (app, folder, _clock) = test_app_with(|config| config.passwords.max_concurrent = Some(1)).await;
    let user = User {
        password: Some(PasswordHash::parse(hash).unwrap()),
        updated_at: NOW.plus(-5),
        ..User::new(Username::parse("admin").unwrap(), NOW)
    };
    app.store.users().insert(&user).await.unwrap();
    let http = TestClient::new(public_app(&app));
    Scene { app, http, id: user.id, _folder: folder }
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
