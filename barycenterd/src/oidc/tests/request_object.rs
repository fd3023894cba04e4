//! Request objects by value (RFC 9101, OpenID Connect Core section 6.1).

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::json;

use super::*;

/// A client's key.
struct Key(EcdsaKeyPair);

impl Key {
    fn generate() -> Self {
        Self(EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap())
    }

    fn set(&self) -> Value {
        let point = self.0.public_key().as_ref();
        let (x, y) = (URL_SAFE_NO_PAD.encode(&point[1..33]), URL_SAFE_NO_PAD.encode(&point[33..]));
        json!({ "keys": [{ "kty": "EC", "crv": "P-256", "kid": "k1", "use": "sig", "x": x, "y": y }] })
    }

    fn sign(&self, header: &Value, claims: &Value) -> String {
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let message = format!("{}.{}", part(header), part(claims));
        let signature = self.0.sign(&SystemRandom::new(), message.as_bytes()).unwrap();
        format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature))
    }

    fn request(&self, claims: &Value) -> String {
        self.sign(&json!({ "alg": "ES256", "kid": "k1", "typ": "oauth-authz-req+jwt" }), claims)
    }
}

fn claims(more: &Value) -> Value {
    let mut claims = json!({
        "iss": "rp", "aud": "http://localhost:8080", "client_id": "rp", "redirect_uri": CALLBACK,
        "response_type": "code", "scope": "openid email", "state": "inside", "nonce": "n-1", "max_age": 1000,
        "claims": { "id_token": { "auth_time": { "essential": true } } }, "exp": NOW.as_unix() + 60,
    });
    claims.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    claims
}

async fn keyed() -> (Scene<impl Endpoint>, Key) {
    let (scene, key) = (scene().await, Key::generate());
    let set = key.set();
    scene.change("rp", |client| client.metadata.jwks = Some(set)).await;
    (scene, key)
}

#[tokio::test]
async fn a_signed_request_object_is_the_request() {
    let (scene, key) = keyed().await;
    let jwt = key.request(&claims(&json!({})));
    let target = location(&scene.authorize_raw(&encode(&[("client_id", "rp"), ("request", &jwt)])).await);
    assert_eq!(parameter(&target, "state").as_deref(), Some("inside"), "{target}");
    let (_, tokens) = scene.redeem(&parameter(&target, "code").unwrap(), &[]).await;
    assert_eq!(scene.claims(&tokens)["nonce"], "n-1");
    assert_eq!(tokens["scope"], "openid email");
}

#[tokio::test]
async fn what_the_object_says_wins() {
    let (scene, key) = keyed().await;
    scene.change("rp", |client| client.redirect_uris.push("https://rp.example/second".to_owned())).await;
    let jwt = key.request(&claims(&json!({ "redirect_uri": "https://rp.example/second", "prompt": "none" })));
    let target =
        location(&scene.authorize("rp", &[("state", "outside"), ("prompt", "login"), ("request", &jwt)]).await);
    assert!(target.as_str().starts_with("https://rp.example/second?"), "{target}");
    assert_eq!(parameter(&target, "state").as_deref(), Some("inside"));
    assert!(parameter(&target, "code").is_some(), "{target}");
    // An address that nobody registered is none, wherever it stands.
    let jwt = key.request(&claims(&json!({ "redirect_uri": "https://evil.example/" })));
    scene.authorize("rp", &[("request", &jwt)]).await.assert_status(StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn a_request_object_that_is_not_the_clients_is_refused() {
    let (scene, key) = keyed().await;
    let good = claims(&json!({}));
    let with = |more: Value| key.request(&claims(&more));
    let unsigned =
        format!("{}.{}.", URL_SAFE_NO_PAD.encode(r#"{"alg":"none"}"#), URL_SAFE_NO_PAD.encode(good.to_string()));
    let own_key = key.set()["keys"][0].clone();
    let stranger = Key::generate();
    let mut tampered = with(json!({}));
    tampered.replace_range(tampered.len() - 4.., "AAAA");
    for (about, jwt) in [
        ("alg none", unsigned),
        ("another key", stranger.request(&good)),
        ("its own key", stranger.sign(&json!({ "alg": "ES256", "jwk": own_key }), &good)),
        ("tampered", tampered),
        ("the public key as a secret", key.sign(&json!({ "alg": "HS256", "kid": "k1" }), &good)),
        ("another kind", key.sign(&json!({ "alg": "ES256", "kid": "k1", "typ": "dpop+jwt" }), &good)),
        ("extensions", key.sign(&json!({ "alg": "ES256", "kid": "k1", "crit": ["b64"], "b64": false }), &good)),
        ("another client", with(json!({ "iss": "other" }))),
        ("another client", with(json!({ "client_id": "other" }))),
        ("another audience", with(json!({ "aud": "https://elsewhere.example" }))),
        ("expired", with(json!({ "exp": NOW.as_unix() - 61 }))),
        ("not yet", with(json!({ "nbf": NOW.as_unix() + 61 }))),
        ("no time", with(json!({ "exp": "soon" }))),
        ("an assertion", with(json!({ "sub": "rp" }))),
        ("one in another", with(json!({ "request_uri": "https://rp.example/r" }))),
        ("another flow", with(json!({ "response_type": "id_token" }))),
        ("encrypted", "a.b.c.d.e".to_owned()),
        ("nothing", "..".to_owned()),
    ] {
        assert_eq!(scene.refused("rp", &[("request", &jwt)]).await, "invalid_request_object", "{about}");
    }
}

#[tokio::test]
async fn a_client_without_keys_has_no_request_objects() {
    let scene = scene().await;
    let jwt = Key::generate().request(&claims(&json!({})));
    assert_eq!(scene.refused("rp", &[("request", &jwt)]).await, "invalid_request_object");
}

#[tokio::test]
async fn only_the_registered_algorithm_counts() {
    let (scene, key) = keyed().await;
    scene.change("rp", |client| client.metadata.request_object_signing_alg = Some(ClientAlgorithm::Rs256)).await;
    let jwt = key.request(&claims(&json!({})));
    assert_eq!(scene.refused("rp", &[("request", &jwt)]).await, "invalid_request_object");
}

/// Serves a text on a loopback port and returns its address.
async fn serve(text: String) -> String {
    use poem::listener::{Acceptor as _, Listener as _, TcpListener};
    let acceptor = TcpListener::bind("127.0.0.1:0").into_acceptor().await.unwrap();
    let port = acceptor.local_addr()[0].as_socket_addr().unwrap().port();
    let routes = Route::new().at("/request", poem::endpoint::make_sync(move |_| text.clone()));
    tokio::spawn(poem::Server::new_with_acceptor(acceptor).run(routes));
    format!("http://127.0.0.1:{port}/request")
}

#[tokio::test]
async fn where_it_is_switched_on_a_registered_request_object_is_fetched() {
    let key = Key::generate();
    let scene = scene_with(|config| {
        config.oidc.request_uri = true;
        config.outbound.allow = vec!["127.0.0.1/32".parse().unwrap()];
    })
    .await;
    let address = serve(key.request(&claims(&json!({})))).await;
    let (set, registered) = (key.set(), format!("{address}#digest"));
    scene
        .change("rp", |client| {
            client.metadata.jwks = Some(set);
            client.metadata.request_uris = vec![registered, "http://10.0.0.1/request".to_owned()];
        })
        .await;
    let target = location(&scene.authorize("rp", &[("request_uri", &format!("{address}#other"))]).await);
    assert_eq!(parameter(&target, "state").as_deref(), Some("inside"), "{target}");
    for elsewhere in [format!("{address}/more"), "http://10.0.0.1/request".to_owned()] {
        assert_eq!(scene.refused("rp", &[("request_uri", &elsewhere)]).await, "invalid_request_uri", "{elsewhere}");
    }
}

#[tokio::test]
async fn a_request_object_may_be_pushed() {
    let (scene, key) = keyed().await;
    let basic = base64::engine::general_purpose::STANDARD.encode("rp:s3cret");
    let push = |jwt: String| {
        let request = scene.http.post("/par").header(header::AUTHORIZATION, format!("Basic {basic}"));
        request.content_type("application/x-www-form-urlencoded").body(encode(&[("request", &jwt)])).send()
    };
    let (status, answer) = json(push(key.request(&claims(&json!({})))).await).await;
    assert_eq!(status, StatusCode::CREATED, "{answer}");
    let query = encode(&[("client_id", "rp"), ("request_uri", &text(&answer, "request_uri"))]);
    let target = location(&scene.authorize_raw(&query).await);
    assert_eq!(parameter(&target, "state").as_deref(), Some("inside"));
    let (status, answer) = json(push(Key::generate().request(&claims(&json!({})))).await).await;
    assert_eq!((status, answer["error"].as_str()), (StatusCode::BAD_REQUEST, Some("invalid_request_object")));
}
