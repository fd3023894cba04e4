//! The protocol's endpoints as relying parties, browsers and attackers see them: a test for each MUST, named for it.

mod assertion;
mod authorize;
mod claims;
mod client_credentials;
mod client_keys;
mod conformance;
mod consent;
mod device;
mod dpop;
mod exchange;
mod introspection;
mod keys;
mod logout;
mod published;
mod pushed;
mod refresh;
mod registration;
mod request_object;
mod response;
mod token;

use barycenter_core::clock::FixedClock;
use barycenter_core::config::{Config, Seconds};
use barycenter_core::model::{
    AuthenticationMethod, Client, ClientAlgorithm, ClientAuthenticationMethod, ClientId, Consent, EmailAddress,
    ResponseType, Scopes, Session, SessionId, SubjectType, User, Username,
};
use barycenter_core::secret::Secret;
use poem::http::{StatusCode, header};
use poem::test::{TestClient, TestResponse};
use serde_json::Value;
use tempfile::TempDir;
use url::{Url, form_urlencoded};

use super::*;
use crate::testing::{NOW, test_app_with};

const CALLBACK: &str = "https://rp.example/cb?kept=1";
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

/// A deployment with a user who has signed in and consented, and two clients: `rp` with the secret `s3cret`, and
/// `spa`, which is public.
struct Scene<E> {
    app: Arc<App>,
    clock: Arc<FixedClock>,
    http: TestClient<E>,
    user: User,
    _folder: TempDir,
}

async fn scene() -> Scene<impl Endpoint> {
    scene_with(|_| ()).await
}

async fn scene_with(change: impl FnOnce(&mut Config)) -> Scene<impl Endpoint> {
    let (app, folder, clock) = test_app_with(change).await;
    let user = User::new(Username::parse("admin").unwrap(), NOW);
    app.store.users().insert(&user).await.unwrap();
    for (id, secret) in [("rp", Some("s3cret")), ("other", Some("0ther")), ("spa", None)] {
        app.store.clients().insert(&client(id, secret)).await.unwrap();
        let consent =
            Consent { user_id: user.id.clone(), client_id: ClientId::new(id), scopes: Scopes::all(), granted_at: NOW };
        app.store.consents().put(&consent).await.unwrap();
    }
    let session = Session {
        id: SessionId::new("sid-1"),
        cookie: Secret::new("cookie").digest(),
        user_id: user.id.clone(),
        authenticated_at: NOW.plus(-100),
        methods: vec![AuthenticationMethod::Password],
        expires_at: NOW.plus(10_000),
    };
    app.store.sessions().insert(&session).await.unwrap();
    let http = TestClient::new(public_app(&app));
    Scene { app, clock, http, user, _folder: folder }
}

fn client(id: &str, secret: Option<&str>) -> Client {
    Client {
        authentication_method: match secret {
            Some(_) => ClientAuthenticationMethod::ClientSecretBasic,
            None => ClientAuthenticationMethod::None,
        },
        secret: secret.map(|secret| Secret::new(secret).digest()),
        redirect_uris: vec![CALLBACK.to_owned()],
        ..Client::new(ClientId::new(id), id, NOW)
    }
}

fn encode(pairs: &[(&str, &str)]) -> String {
    form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish()
}

fn location(response: &TestResponse) -> Url {
    let location = response.0.headers().get(header::LOCATION).expect("a redirect").to_str().unwrap();
    Url::options().base_url(Some(&Url::parse("http://localhost:8080").unwrap())).parse(location).unwrap()
}

fn parameter(url: &Url, name: &str) -> Option<String> {
    url.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
}

async fn json(response: TestResponse) -> (StatusCode, Value) {
    let status = response.0.status();
    let text = response.0.into_body().into_string().await.unwrap();
    (status, serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}")))
}

impl<E: Endpoint> Scene<E> {
    /// `GET /authorize` by the browser in which the user has signed in.
    async fn authorize(&self, client_id: &str, more: &[(&str, &str)]) -> TestResponse {
        let mut pairs = vec![("client_id", client_id), ("redirect_uri", CALLBACK), ("response_type", "code")];
        if !more.iter().any(|(name, _)| *name == "scope") {
            pairs.push(("scope", "openid"));
        }
        pairs.extend_from_slice(more);
        self.authorize_raw(&encode(&pairs)).await
    }

    async fn authorize_raw(&self, query: &str) -> TestResponse {
        self.http.get(format!("/authorize?{query}")).header(header::COOKIE, "barycenter-session=cookie").send().await
    }

    /// The error that an authorization request is answered with by redirect.
    async fn refused(&self, client_id: &str, more: &[(&str, &str)]) -> String {
        let target = location(&self.authorize(client_id, more).await);
        assert!(target.as_str().starts_with(CALLBACK), "{target}");
        parameter(&target, "error").expect("an error")
    }

    async fn code(&self, client_id: &str, more: &[(&str, &str)]) -> String {
        let target = location(&self.authorize(client_id, more).await);
        parameter(&target, "code").unwrap_or_else(|| panic!("no code: {target}"))
    }

    /// `POST /token` with `Authorization: Basic`.
    async fn token(&self, id: &str, secret: &str, pairs: &[(&str, &str)]) -> TestResponse {
        let basic = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, format!("{id}:{secret}"));
        self.form(pairs, Some(&format!("Basic {basic}"))).await
    }

    async fn form(&self, pairs: &[(&str, &str)], authorization: Option<&str>) -> TestResponse {
        let request = self.http.post("/token").content_type("application/x-www-form-urlencoded").body(encode(pairs));
        match authorization {
            Some(value) => request.header(header::AUTHORIZATION, value).send().await,
            None => request.send().await,
        }
    }

    async fn redeem(&self, code: &str, more: &[(&str, &str)]) -> (StatusCode, Value) {
        let mut pairs = vec![("grant_type", "authorization_code"), ("code", code), ("redirect_uri", CALLBACK)];
        pairs.extend_from_slice(more);
        json(self.token("rp", "s3cret", &pairs).await).await
    }

    async fn tokens(&self, scope: &str) -> Value {
        let code = self.code("rp", &[("scope", scope)]).await;
        let (status, tokens) = self.redeem(&code, &[]).await;
        assert_eq!(status, StatusCode::OK, "{tokens}");
        tokens
    }

    async fn userinfo(&self, token: &str) -> StatusCode {
        let request = self.http.get("/userinfo").header(header::AUTHORIZATION, format!("Bearer {token}"));
        request.send().await.0.status()
    }

    async fn refresh(&self, id: &str, secret: &str, token: &str, scope: Option<&str>) -> (StatusCode, Value) {
        let mut pairs = vec![("grant_type", "refresh_token"), ("refresh_token", token)];
        pairs.extend(scope.map(|scope| ("scope", scope)));
        json(self.token(id, secret, &pairs).await).await
    }

    /// Changes a client's registration.
    async fn change(&self, id: &str, change: impl FnOnce(&mut Client)) {
        let mut client = self.app.store.clients().by_id(&ClientId::new(id)).await.unwrap().unwrap();
        change(&mut client);
        self.app.store.clients().update(&client).await.unwrap();
    }

    /// Gives a client a logo and the links that belong beside its name.
    async fn has_links(&self, id: &str) {
        self.change(id, |client| {
            client.metadata.logo_uri = Some("https://rp.example/logo.png".to_owned());
            client.metadata.policy_uri = Some("https://rp.example/privacy".to_owned());
            client.metadata.tos_uri = Some("https://rp.example/terms".to_owned());
        })
        .await;
    }

    /// The claims of the ID Token among these tokens.
    fn claims(&self, tokens: &Value) -> Value {
        self.app.keyring.verify_signature(&text(tokens, "id_token")).expect("our signature")
    }

    /// What UserInfo says.
    async fn about(&self, token: &str) -> Value {
        let request = self.http.get("/userinfo").header(header::AUTHORIZATION, format!("Bearer {token}"));
        let (status, claims) = json(request.send().await).await;
        assert_eq!(status, StatusCode::OK, "{claims}");
        claims
    }

    async fn disable_user(&self) {
        let user = User { enabled: false, ..self.user.clone() };
        self.app.store.users().update(&user).await.unwrap();
    }
}

impl<E: Endpoint> Scene<E> {
    /// Makes a client, changed as a test wants it.
    async fn client(&self, id: &str, change: impl FnOnce(&mut Client)) {
        let mut client = client(id, Some("s3cret"));
        change(&mut client);
        assert_eq!(client.faults(), [], "a client that could not be registered");
        self.app.store.clients().insert(&client).await.unwrap();
        let consent = Consent {
            user_id: self.user.id.clone(),
            client_id: client.id.clone(),
            scopes: Scopes::all(),
            granted_at: NOW,
        };
        self.app.store.consents().put(&consent).await.unwrap();
    }

    /// `POST` of a form, and what it answers.
    async fn post(&self, path: &str, pairs: &[(&str, &str)], headers: &[(&str, &str)]) -> (StatusCode, Value) {
        json(self.post_raw(path, pairs, headers).await).await
    }

    async fn post_raw(&self, path: &str, pairs: &[(&str, &str)], headers: &[(&str, &str)]) -> TestResponse {
        let mut request = self.http.post(path).content_type("application/x-www-form-urlencoded").body(encode(pairs));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        request.send().await
    }

    /// The error code that a form is answered with.
    async fn error(&self, path: &str, pairs: &[(&str, &str)], headers: &[(&str, &str)]) -> (u16, String) {
        let (status, body) = self.post(path, pairs, headers).await;
        (status.as_u16(), text(&body, "error"))
    }
}

fn basic(id: &str, secret: &str) -> String {
    format!("Basic {}", base64::Engine::encode(&base64::engine::general_purpose::STANDARD, format!("{id}:{secret}")))
}

fn text(value: &Value, name: &str) -> String {
    value[name].as_str().unwrap_or_else(|| panic!("{name}: {value}")).to_owned()
}
