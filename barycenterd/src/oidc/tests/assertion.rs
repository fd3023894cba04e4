//! Clients that prove who they are by a JWT (OpenID Connect Core section 9, RFC 7523).

use barycenter_core::keyring::Purpose;
use barycenter_core::model::{ClientAlgorithm, GrantType};
use serde_json::json;

use super::keys::{Key, sign_with_secret, unsigned};
use super::*;

const JWT_BEARER: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
const ISSUER: &str = "http://localhost:8080";

fn claims(jti: &str) -> Value {
    let now = NOW.as_unix();
    json!({ "iss": "signer", "sub": "signer", "aud": ISSUER, "jti": jti, "iat": now, "exp": now + 60 })
}

fn with(change: Value) -> Value {
    let mut claims = claims("changed");
    for (name, value) in change.as_object().unwrap() {
        match value {
            Value::Null => claims.as_object_mut().unwrap().remove(name),
            value => claims.as_object_mut().unwrap().insert(name.clone(), value.clone()),
        };
    }
    claims
}

async fn signer(key: &Key) -> Scene<impl Endpoint> {
    let scene = scene().await;
    scene
        .client("signer", |client| {
            client.authentication_method = ClientAuthenticationMethod::PrivateKeyJwt;
            client.secret = None;
            client.grant_types.push(GrantType::ClientCredentials);
            client.metadata.jwks = Some(key.set());
        })
        .await;
    scene
}

/// A token request that this assertion comes with.
async fn request<E: Endpoint>(scene: &Scene<E>, assertion: &str) -> (StatusCode, Value) {
    let pairs =
        [("grant_type", "client_credentials"), ("client_assertion_type", JWT_BEARER), ("client_assertion", assertion)];
    scene.post("/token", &pairs, &[]).await
}

async fn refused<E: Endpoint>(scene: &Scene<E>, assertion: &str, why: &str) {
    let (status, body) = request(scene, assertion).await;
    assert_eq!((status, body["error"].as_str()), (StatusCode::UNAUTHORIZED, Some("invalid_client")), "{why}: {body}");
}

#[tokio::test]
async fn an_assertion_for_the_issuer_or_the_token_endpoint_proves_the_client() {
    let key = Key::new("k1");
    let scene = signer(&key).await;
    let header = json!({ "alg": "ES256", "kid": "k1", "typ": "JWT" });
    let endpoint = format!("{ISSUER}/token");
    for (jti, audience) in [("1", json!(ISSUER)), ("2", json!(endpoint)), ("3", json!([ISSUER, endpoint]))] {
        let mut claims = claims(jti);
        claims["aud"] = audience;
        let (status, body) = request(&scene, &key.sign(&header, &claims)).await;
        assert_eq!(status, StatusCode::OK, "{body}");
    }
    let without_kid = key.sign(&json!({ "alg": "ES256" }), &claims("4"));
    assert_eq!(request(&scene, &without_kid).await.0, StatusCode::OK);
}

#[tokio::test]
async fn an_assertion_is_used_once() {
    let key = Key::new("k1");
    let scene = signer(&key).await;
    let assertion = key.sign(&json!({ "alg": "ES256", "kid": "k1" }), &claims("once"));
    assert_eq!(request(&scene, &assertion).await.0, StatusCode::OK);
    refused(&scene, &assertion, "replayed").await;
    scene.clock.advance(85);
    refused(&scene, &assertion, "replayed at its very end").await;
}

#[tokio::test]
async fn an_assertion_that_does_not_say_what_it_must_is_refused() {
    let key = Key::new("k1");
    let scene = signer(&key).await;
    let now = NOW.as_unix();
    let header = json!({ "alg": "ES256", "kid": "k1" });
    for change in [
        json!({ "aud": "https://other.example" }),
        json!({ "aud": [ISSUER, "https://other.example"] }),
        json!({ "aud": format!("{ISSUER}/") }),
        json!({ "aud": null }),
        json!({ "iss": "rp" }),
        json!({ "iss": null }),
        json!({ "exp": null }),
        json!({ "exp": now - 31 }),
        json!({ "exp": now + 3601 }),
        json!({ "exp": "soon" }),
        json!({ "nbf": now + 60 }),
        json!({ "nbf": "now" }),
        json!({ "iat": now + 60 }),
        json!({ "jti": null }),
        json!({ "jti": "" }),
        json!({ "jti": 7 }),
    ] {
        refused(&scene, &key.sign(&header, &with(change.clone())), &change.to_string()).await;
    }
    for typ in ["dpop+jwt", "at+jwt", "logout+jwt"] {
        let header = json!({ "alg": "ES256", "kid": "k1", "typ": typ });
        refused(&scene, &key.sign(&header, &claims(typ)), typ).await;
    }
}

#[tokio::test]
async fn no_key_but_the_registered_one_signs_an_assertion() {
    let (key, other) = (Key::new("k1"), Key::new("k1"));
    let scene = signer(&key).await;
    refused(&scene, &other.sign(&json!({ "alg": "ES256", "kid": "k1" }), &claims("1")), "another key").await;
    refused(&scene, &key.sign(&json!({ "alg": "ES256", "kid": "k2" }), &claims("2")), "another kid").await;
    refused(&scene, &unsigned(&claims("3")), "none").await;
    // The public key as an HMAC secret: what an attacker has.
    let public = key.public().to_string();
    let confused = sign_with_secret(public.as_bytes(), &json!({ "alg": "HS256", "kid": "k1" }), &claims("4"));
    refused(&scene, &confused, "algorithm confusion").await;
    // A key that the JWT brings along, or points to, is nobody's.
    let brought = json!({ "alg": "ES256", "jwk": other.public(), "jku": "http://127.0.0.1:9/jwks", "x5u": "http://127.0.0.1:9/" });
    refused(&scene, &other.sign(&brought, &claims("5")), "its own key").await;
    refused(&scene, &key.sign(&json!({ "alg": "ES256", "kid": "k1", "crit": ["x"] }), &claims("6")), "crit").await;
}

#[tokio::test]
async fn the_registered_algorithm_is_the_only_one() {
    let key = Key::new("k1");
    let scene = signer(&key).await;
    scene
        .client("rsa-only", |client| {
            client.authentication_method = ClientAuthenticationMethod::PrivateKeyJwt;
            client.secret = None;
            client.metadata.jwks = Some(key.set());
            client.metadata.token_endpoint_auth_signing_alg = Some(ClientAlgorithm::Ps256);
        })
        .await;
    let claims = with(json!({ "iss": "rsa-only", "sub": "rsa-only" }));
    refused(&scene, &key.sign(&json!({ "alg": "ES256", "kid": "k1" }), &claims), "ES256").await;
}

#[tokio::test]
async fn a_method_that_is_not_registered_proves_nothing() {
    let key = Key::new("k1");
    let scene = signer(&key).await;
    // A client with a secret sends a JWT that is authenticated with that secret, and a signer sends a secret.
    let by_secret = sign_with_secret(b"s3cret", &json!({ "alg": "HS256" }), &with(json!({ "iss": "rp", "sub": "rp" })));
    refused(&scene, &by_secret, "client_secret_basic by JWT").await;
    let pairs = [("grant_type", "client_credentials"), ("client_id", "signer"), ("client_secret", "x")];
    assert_eq!(scene.error("/token", &pairs, &[]).await, (401, "invalid_client".to_owned()));
    let pairs = [("grant_type", "client_credentials"), ("client_id", "signer")];
    assert_eq!(scene.error("/token", &pairs, &[]).await, (401, "invalid_client".to_owned()));
}

#[tokio::test]
async fn two_ways_to_prove_oneself_are_one_too_many() {
    let key = Key::new("k1");
    let scene = signer(&key).await;
    let assertion = key.sign(&json!({ "alg": "ES256", "kid": "k1" }), &claims("1"));
    let pairs = [
        ("grant_type", "client_credentials"),
        ("client_assertion_type", JWT_BEARER),
        ("client_assertion", assertion.as_str()),
    ];
    let header = basic("rp", "s3cret");
    let answer = scene.error("/token", &pairs, &[("authorization", header.as_str())]).await;
    assert_eq!(answer, (400, "invalid_request".to_owned()));
    let other: Vec<_> = pairs.into_iter().chain([("client_id", "rp")]).collect();
    assert_eq!(scene.error("/token", &other, &[]).await, (400, "invalid_request".to_owned()));
}

#[tokio::test]
async fn client_secret_jwt_needs_the_secret_that_is_kept_encrypted() {
    let scene = scene().await;
    let secret = Secret::new("0123456789abcdef0123456789abcdef");
    let sealer = scene.app.keyring.sealer(Purpose::ClientSecrets).unwrap();
    let sealed = sealer.seal("hmac", &secret).unwrap();
    assert!(!sealed.contains(secret.expose()));
    scene
        .client("hmac", |client| {
            client.authentication_method = ClientAuthenticationMethod::ClientSecretJwt;
            client.secret = Some(secret.digest());
            client.sealed_secret = Some(sealed);
            client.grant_types.push(GrantType::ClientCredentials);
        })
        .await;
    let own = with(json!({ "iss": "hmac", "sub": "hmac" }));
    let header = json!({ "alg": "HS256" });
    refused(&scene, &sign_with_secret(b"another secret of thirty-two bytes", &header, &own), "another secret").await;
    let (status, body) = request(&scene, &sign_with_secret(secret.expose().as_bytes(), &header, &own)).await;
    assert_eq!(status, StatusCode::OK, "{body}");
}
