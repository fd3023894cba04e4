//! Clients that register themselves (RFC 7591, RFC 7592, OpenID Connect Dynamic Client Registration).

use barycenter_core::config::RegistrationMode;
use barycenter_core::store::RegistrationToken;
use serde_json::json;

use super::keys::Key;
use super::*;

const PATH: &str = "/connect/register";

async fn open() -> Scene<impl Endpoint> {
    scene_with(|config| {
        config.oidc.registration = RegistrationMode::Open;
        config.server.public_base_url = "https://op.example".parse().unwrap();
    })
    .await
}

fn minimal() -> Value {
    json!({ "redirect_uris": ["https://rp.example/cb"] })
}

async fn send<E: Endpoint>(
    scene: &Scene<E>,
    method: Method,
    path: &str,
    body: Option<&Value>,
    token: Option<&str>,
) -> TestResponse {
    let mut request = scene.http.request(method, path);
    if let Some(body) = body {
        request = request.content_type("application/json").body(body.to_string());
    }
    if let Some(token) = token {
        request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
    }
    request.send().await
}

async fn register<E: Endpoint>(scene: &Scene<E>, body: &Value) -> (u16, Value) {
    let (status, body) = json(send(scene, Method::POST, PATH, Some(body), None).await).await;
    (status.as_u16(), body)
}

#[tokio::test]
async fn a_registration_says_everything_that_the_client_needs() {
    let scene = open().await;
    let key = Key::new("k");
    let request = json!({
        "client_name": "Suite", "redirect_uris": ["https://rp.example/cb"], "contacts": ["a@rp.example"],
        "grant_types": ["authorization_code", "refresh_token"], "response_types": ["code"], "jwks": key.set(),
        "logo_uri": "https://rp.example/logo.png", "unknown_to_us": 1, "required_groups": ["admins"], "first_party": true,
    });
    let response = send(&scene, Method::POST, PATH, Some(&request), None).await;
    response.assert_status(StatusCode::CREATED);
    response.assert_header(header::CACHE_CONTROL, "no-store");
    let answer = json(response).await.1;
    let id = text(&answer, "client_id");
    assert_eq!(text(&answer, "registration_client_uri"), format!("https://op.example{PATH}/{id}"));
    assert!(text(&answer, "registration_access_token").len() >= 43 && text(&answer, "client_secret").len() >= 43);
    assert_eq!((&answer["client_secret_expires_at"], &answer["client_id_issued_at"]), (&json!(0), &json!(NOW)));
    assert_eq!(answer["token_endpoint_auth_method"], "client_secret_basic");
    assert_eq!((&answer["application_type"], &answer["subject_type"]), (&json!("web"), &json!("public")));
    assert_eq!(answer["jwks"], key.set());
    for passed_over in ["unknown_to_us", "required_groups", "first_party"] {
        assert!(answer.get(passed_over).is_none(), "{passed_over}");
    }
    let client = scene.app.store.clients().by_id(&ClientId::new(&id)).await.unwrap().unwrap();
    assert!(!client.first_party && client.metadata.required_groups.is_empty());
    let pairs = [("grant_type", "authorization_code"), ("code", "x"), ("redirect_uri", "https://rp.example/cb")];
    let (_, error) = json(scene.token(&id, &text(&answer, "client_secret"), &pairs).await).await;
    assert_eq!(text(&error, "error"), "invalid_grant", "it can prove who it is");
}

#[tokio::test]
async fn what_is_left_out_has_the_defaults_of_the_specification() {
    let scene = open().await;
    let (status, answer) = register(&scene, &minimal()).await;
    assert_eq!(status, 201, "{answer}");
    assert_eq!(answer["grant_types"], json!(["authorization_code"]));
    assert_eq!(answer["response_types"], json!(["code"]));
    assert_eq!(answer["client_name"], "rp.example");
    let mut public = minimal();
    public["token_endpoint_auth_method"] = json!("none");
    let (status, answer) = register(&scene, &public).await;
    assert!(status == 201 && answer.get("client_secret").is_none(), "{answer}");
}

#[tokio::test]
async fn addresses_that_are_not_safe_are_refused() {
    let scene = open().await;
    for wrong in [
        json!([]),
        json!("https://rp.example/cb"),
        json!(["javascript:alert(1)"]),
        json!(["data:text/html,x"]),
        json!(["https://rp.example/cb#fragment"]),
        json!(["https://u:p@rp.example/cb"]),
        json!(["http://rp.example/cb"]),
        json!(["http://127.0.0.1/cb"]),
        json!(["com.example.app:/cb"]),
        json!(["/cb"]),
        json!(["https://rp.example/\r\nSet-Cookie:x"]),
    ] {
        let (status, error) = register(&scene, &json!({ "redirect_uris": wrong })).await;
        assert_eq!((status, text(&error, "error").as_str()), (400, "invalid_redirect_uri"), "{wrong}");
    }
    let native = json!({
        "application_type": "native",
        "redirect_uris": ["http://127.0.0.1/cb", "http://localhost:7/cb", "com.example.app:/cb", "https://app.example/cb"],
    });
    assert_eq!(register(&scene, &native).await.0, 201);
    for wrong in ["http://rp.example/cb", "javascript:alert(1)", "app:/cb"] {
        let native = json!({ "application_type": "native", "redirect_uris": [wrong] });
        assert_eq!(register(&scene, &native).await.0, 400, "{wrong}");
    }
}

#[tokio::test]
async fn metadata_that_we_cannot_honour_is_refused() {
    let scene = open().await;
    let key = Key::new("k");
    let mut private = key.public();
    private["d"] = json!("AAAA");
    for (name, value) in [
        ("jwks_uri", json!("https://127.0.0.1/jwks")),
        ("jwks_uri", json!("https://[::1]/jwks")),
        ("jwks_uri", json!("https://169.254.169.254/latest")),
        ("jwks_uri", json!("https://10.0.0.1/jwks")),
        ("jwks_uri", json!("https://localhost/jwks")),
        ("jwks_uri", json!("http://rp.example/jwks")),
        ("jwks_uri", json!("file:///etc/passwd")),
        ("jwks", json!({ "keys": [private] })),
        ("jwks", json!("none")),
        ("sector_identifier_uri", json!("https://127.0.0.1/sector")),
        ("backchannel_logout_uri", json!("https://192.168.0.1/logout")),
        ("logo_uri", json!("javascript:alert(1)")),
        ("policy_uri", json!("http://rp.example/policy")),
        ("tos_uri", json!("data:text/html,x")),
        ("token_endpoint_auth_method", json!("tls_client_auth")),
        ("token_endpoint_auth_method", json!("private_key_jwt")),
        ("id_token_signed_response_alg", json!("none")),
        ("id_token_signed_response_alg", json!("EdDSA")),
        ("userinfo_signed_response_alg", json!("RS256")),
        ("id_token_encrypted_response_alg", json!("RSA-OAEP")),
        ("grant_types", json!(["password"])),
        ("grant_types", json!(["urn:ietf:params:oauth:grant-type:token-exchange"])),
        ("grant_types", json!(["implicit"])),
        ("response_types", json!(["code id_token"])),
        ("scope", json!("admin")),
        ("subject_type", json!("secret")),
        ("client_name", json!("Good\u{202e}live")),
        ("client_name", json!("x".repeat(256))),
        ("contacts", json!(vec!["a@b.c"; 51])),
        ("client_uri", json!("x".repeat(3000))),
    ] {
        let mut body = minimal();
        body[name] = value.clone();
        let (status, error) = register(&scene, &body).await;
        assert_eq!((status, text(&error, "error").as_str()), (400, "invalid_client_metadata"), "{name} {value}");
    }
    let mut statement = minimal();
    statement["software_statement"] = json!("x.y.z");
    let (status, error) = register(&scene, &statement).await;
    assert_eq!((status, text(&error, "error").as_str()), (400, "unapproved_software_statement"));
    for body in ["", "[]", "null", "{", "\"x\""] {
        let request = scene.http.post(PATH).content_type("application/json").body(body);
        request.send().await.assert_status(StatusCode::BAD_REQUEST);
    }
    assert_eq!(scene.app.store.clients().page(100, None).await.unwrap().len(), 3, "nobody has been registered");
}

#[tokio::test]
async fn scopes_are_limited_to_what_discovery_lists() {
    let scene = open().await;
    let mut body = minimal();
    body["scope"] = json!("openid email admin");
    assert_eq!(text(&register(&scene, &body).await.1, "scope"), "openid email");
}

#[tokio::test]
async fn a_registration_that_is_off_is_not_there() {
    let scene = scene().await;
    send(&scene, Method::POST, PATH, Some(&minimal()), None).await.assert_status(StatusCode::NOT_FOUND);
    let (_, document) = json(scene.http.get("/.well-known/openid-configuration").send().await).await;
    assert!(document.get("registration_endpoint").is_none());
}

#[tokio::test]
async fn an_initial_access_token_permits_so_many_registrations() {
    let scene = scene_with(|config| config.oidc.registration = RegistrationMode::Token).await;
    let token = Secret::random();
    let stored = RegistrationToken {
        digest: token.digest(),
        description: "test".to_owned(),
        uses: Some(1),
        created_at: NOW,
        expires_at: NOW.plus(60),
    };
    scene.app.store.registration_tokens().insert(&stored).await.unwrap();
    for wrong in [None, Some("wrong")] {
        let response = send(&scene, Method::POST, PATH, Some(&minimal()), wrong).await;
        response.assert_status(StatusCode::UNAUTHORIZED);
        assert!(response.0.headers()[header::WWW_AUTHENTICATE].to_str().unwrap().starts_with("Bearer "));
    }
    let refused = send(&scene, Method::POST, PATH, Some(&json!({})), Some(token.expose())).await;
    refused.assert_status(StatusCode::BAD_REQUEST);
    let created = send(&scene, Method::POST, PATH, Some(&minimal()), Some(token.expose())).await;
    created.assert_status(StatusCode::CREATED);
    let again = send(&scene, Method::POST, PATH, Some(&minimal()), Some(token.expose())).await;
    again.assert_status(StatusCode::UNAUTHORIZED);
    let late = RegistrationToken { digest: Secret::new("late").digest(), uses: None, ..stored };
    scene.app.store.registration_tokens().insert(&late).await.unwrap();
    scene.clock.advance(60);
    let expired = send(&scene, Method::POST, PATH, Some(&minimal()), Some("late")).await;
    expired.assert_status(StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn nobody_fills_the_database_with_registrations() {
    let scene = open().await;
    let name = "registration from 0.0.0.0";
    scene.app.store.throttles().charge(name, NOW, 5000).await.unwrap();
    let response = send(&scene, Method::POST, PATH, Some(&minimal()), None).await;
    response.assert_status(StatusCode::TOO_MANY_REQUESTS);
    response.assert_header(header::RETRY_AFTER, "10");
    assert_eq!(text(&json(response).await.1, "error"), "temporarily_unavailable");
    scene.clock.advance(10);
    assert_eq!(register(&scene, &minimal()).await.0, 201);
}

#[tokio::test]
async fn a_client_reads_changes_and_removes_its_registration() {
    let scene = open().await;
    let (_, mine) = register(&scene, &minimal()).await;
    let (_, other) = register(&scene, &minimal()).await;
    let path = format!("{PATH}/{}", text(&mine, "client_id"));
    let (token, foreign) = (text(&mine, "registration_access_token"), text(&other, "registration_access_token"));
    for method in [Method::GET, Method::PUT, Method::DELETE] {
        for wrong in [None, Some(foreign.as_str()), Some("wrong")] {
            let body = (method == Method::PUT).then(minimal);
            let response = send(&scene, method.clone(), &path, body.as_ref(), wrong).await;
            response.assert_status(StatusCode::UNAUTHORIZED);
        }
    }
    let (status, shown) = json(send(&scene, Method::GET, &path, None, Some(&token)).await).await;
    assert_eq!((status, &shown["client_id"]), (StatusCode::OK, &mine["client_id"]));
    assert_eq!(shown["registration_access_token"], mine["registration_access_token"]);
    let put = async |change: Value| {
        let mut body = minimal();
        body["client_id"] = mine["client_id"].clone();
        for (name, value) in change.as_object().unwrap() {
            body[name] = value.clone();
        }
        json(send(&scene, Method::PUT, &path, Some(&body), Some(&token)).await).await
    };
    let (status, changed) = put(json!({ "client_name": "New", "client_secret": mine["client_secret"] })).await;
    assert_eq!((status, &changed["client_name"]), (StatusCode::OK, &json!("New")), "{changed}");
    for wrong in [
        json!({ "client_id": other["client_id"] }),
        json!({ "client_secret": "chosen" }),
        json!({ "registration_access_token": token }),
        json!({ "client_secret_expires_at": 0 }),
        json!({ "redirect_uris": ["javascript:x"] }),
    ] {
        assert_eq!(put(wrong.clone()).await.0, StatusCode::BAD_REQUEST, "{wrong}");
    }
    let (_, kept) = json(scene.token(&text(&mine, "client_id"), &text(&mine, "client_secret"), &[]).await).await;
    assert_eq!(text(&kept, "error"), "invalid_request", "the secret is the same");
    let gone = send(&scene, Method::DELETE, &path, None, Some(&token)).await;
    gone.assert_status(StatusCode::NO_CONTENT);
    send(&scene, Method::GET, &path, None, Some(&token)).await.assert_status(StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_registered_secret_and_token_are_stored_as_digests() {
    let scene = open().await;
    let (_, answer) = register(&scene, &minimal()).await;
    for name in ["client_secret", "registration_access_token"] {
        let secret = text(&answer, name);
        for file in ["barycenter.db", "barycenter.db-wal"] {
            let bytes = std::fs::read(scene._folder.path().join(file)).unwrap_or_default();
            assert!(!bytes.windows(secret.len()).any(|window| window == secret.as_bytes()), "{name} in {file}");
        }
    }
}
