//! Tokens that are bound to a key (RFC 9449).

use barycenter_core::model::GrantType;
use serde_json::json;

use super::keys::{Key, sign_with_secret, unsigned};
use super::*;

const TOKEN: &str = "http://localhost:8080/token";
const USERINFO: &str = "http://localhost:8080/userinfo";

struct Proof<'a> {
    key: &'a Key,
    method: &'a str,
    address: &'a str,
    jti: &'a str,
    token: Option<&'a str>,
}

impl Proof<'_> {
    fn header(&self) -> Value {
        let mut jwk = self.key.public();
        jwk.as_object_mut().unwrap().remove("kid");
        json!({ "typ": "dpop+jwt", "alg": "ES256", "jwk": jwk })
    }

    fn claims(&self) -> Value {
        let mut claims = json!({ "htm": self.method, "htu": self.address, "jti": self.jti, "iat": NOW.as_unix() });
        if let Some(token) = self.token {
            claims["ath"] = json!(Secret::new(token).digest().as_str());
        }
        claims
    }

    fn sign(&self) -> String {
        self.key.sign(&self.header(), &self.claims())
    }
}

fn at_token<'a>(key: &'a Key, jti: &'a str) -> Proof<'a> {
    Proof { key, method: "POST", address: TOKEN, jti, token: None }
}

async fn service() -> Scene<impl Endpoint> {
    let scene = scene().await;
    scene.client("service", |client| client.grant_types.push(GrantType::ClientCredentials)).await;
    scene
}

async fn with_proofs<E: Endpoint>(scene: &Scene<E>, proofs: &[&str]) -> (StatusCode, Value) {
    let header = basic("service", "s3cret");
    let mut request = scene.http.post("/token").content_type("application/x-www-form-urlencoded");
    request = request.body("grant_type=client_credentials").header("authorization", header);
    for proof in proofs {
        request = request.header("DPoP", *proof);
    }
    json(request.send().await).await
}

async fn refused<E: Endpoint>(scene: &Scene<E>, proofs: &[&str], why: &str) {
    let (status, body) = with_proofs(scene, proofs).await;
    let expected = (StatusCode::BAD_REQUEST, Some("invalid_dpop_proof"));
    assert_eq!((status, body["error"].as_str()), expected, "{why}: {body}");
}

#[tokio::test]
async fn a_proof_binds_the_access_token_to_its_key() {
    let scene = service().await;
    let key = Key::new("k");
    let (status, tokens) = with_proofs(&scene, &[&at_token(&key, "1").sign()]).await;
    assert_eq!((status, text(&tokens, "token_type").as_str()), (StatusCode::OK, "DPoP"), "{tokens}");
    let (_, unbound) = with_proofs(&scene, &[]).await;
    assert_eq!(text(&unbound, "token_type"), "Bearer");
}

#[tokio::test]
async fn a_proof_is_used_once() {
    let scene = service().await;
    let key = Key::new("k");
    let proof = at_token(&key, "once").sign();
    assert_eq!(with_proofs(&scene, &[&proof]).await.0, StatusCode::OK);
    refused(&scene, &[&proof], "replayed").await;
}

#[tokio::test]
async fn a_proof_that_is_not_for_this_request_is_refused() {
    let scene = service().await;
    let (key, other) = (Key::new("k"), Key::new("o"));
    let good = at_token(&key, "1");
    let now = NOW.as_unix();
    let changed = |name: &str, value: Value| {
        let mut claims = good.claims();
        claims[name] = value;
        key.sign(&good.header(), &claims)
    };
    for (name, value) in [
        ("htm", json!("GET")),
        ("htm", json!("post")),
        ("htm", Value::Null),
        ("htu", json!("https://localhost:8080/token")),
        ("htu", json!("http://localhost:8080/token/")),
        ("htu", json!(USERINFO)),
        ("htu", json!("http://localhost/token")),
        ("htu", json!("/token")),
        ("htu", Value::Null),
        ("iat", json!(now - 91)),
        ("iat", json!(now + 31)),
        ("iat", Value::Null),
        ("jti", Value::Null),
        ("jti", json!("")),
        ("jti", json!("x".repeat(513))),
    ] {
        refused(&scene, &[&changed(name, value.clone())], &format!("{name} {value}")).await;
    }
    let head = |name: &str, value: Value| {
        let mut header = good.header();
        header[name] = value;
        key.sign(&header, &good.claims())
    };
    refused(&scene, &[&head("typ", json!("JWT"))], "another type").await;
    refused(&scene, &[&head("jwk", other.public())], "another key").await;
    refused(&scene, &[&head("jwk", Value::Null)], "no key").await;
    refused(&scene, &[&head("jwk", json!({ "kty": "oct", "k": "c2VjcmV0" }))], "a shared secret").await;
    refused(&scene, &[&unsigned(&good.claims())], "none").await;
    let by_secret = json!({ "typ": "dpop+jwt", "alg": "HS256", "jwk": { "kty": "oct", "k": "c2VjcmV0" } });
    refused(&scene, &[&sign_with_secret(b"secret", &by_secret, &good.claims())], "HS256").await;
    let mut private = good.header();
    private["jwk"]["d"] = json!("AAAA");
    refused(&scene, &[&key.sign(&private, &good.claims())], "a private key").await;
    let (one, two) = (at_token(&key, "a").sign(), at_token(&key, "b").sign());
    refused(&scene, &[&one, &two], "two proofs").await;
    refused(&scene, &["nonsense"], "no JWT").await;
    let query = changed("htu", json!("HTTP://LOCALHOST:8080/token?x=1#y"));
    assert_eq!(with_proofs(&scene, &[&query]).await.0, StatusCode::OK, "query and fragment do not count");
}

#[tokio::test]
async fn a_client_that_is_registered_for_dpop_gets_nothing_without_a_proof() {
    let scene = scene().await;
    scene
        .client("service", |client| {
            client.grant_types.push(GrantType::ClientCredentials);
            client.metadata.dpop_bound_access_tokens = true;
        })
        .await;
    refused(&scene, &[], "no proof").await;
    let key = Key::new("k");
    assert_eq!(with_proofs(&scene, &[&at_token(&key, "1").sign()]).await.0, StatusCode::OK);
}

/// Redeems a code of the public client, with a proof.
async fn bound_tokens<E: Endpoint>(scene: &Scene<E>, key: &Key) -> Value {
    let challenge = [("code_challenge", CHALLENGE), ("code_challenge_method", "S256")];
    let code = scene.code("spa", &[&challenge[..], &[("scope", "openid offline_access")]].concat()).await;
    let pairs = [
        ("grant_type", "authorization_code"),
        ("code", code.as_str()),
        ("redirect_uri", CALLBACK),
        ("client_id", "spa"),
        ("code_verifier", VERIFIER),
    ];
    let proof = at_token(key, "code").sign();
    let (status, tokens) = scene.post("/token", &pairs, &[("dpop", proof.as_str())]).await;
    assert_eq!(status, StatusCode::OK, "{tokens}");
    tokens
}

#[tokio::test]
async fn a_bound_access_token_needs_a_proof_of_its_key_for_itself() {
    let scene = scene().await;
    let (key, other) = (Key::new("k"), Key::new("o"));
    let token = text(&bound_tokens(&scene, &key).await, "access_token");
    let ask = async |scheme: &str, proof: Option<String>| {
        let mut request = scene.http.get("/userinfo").header("authorization", format!("{scheme} {token}"));
        if let Some(proof) = proof {
            request = request.header("DPoP", proof);
        }
        let response = request.send().await;
        let challenge =
            response.0.headers().get(header::WWW_AUTHENTICATE).map(|value| value.to_str().unwrap().to_owned());
        (response.0.status(), challenge.unwrap_or_default())
    };
    let proof = |key, jti, token| Proof { key, method: "GET", address: USERINFO, jti, token }.sign();
    assert_eq!(ask("DPoP", Some(proof(&key, "1", Some(&token)))).await.0, StatusCode::OK);
    let (status, challenge) = ask("Bearer", None).await;
    assert_eq!(status, StatusCode::UNAUTHORIZED);
    assert!(challenge.contains("invalid_token"), "{challenge}");
    for (why, sent) in [
        ("no proof", None),
        ("another key", Some(proof(&other, "2", Some(&token)))),
        ("no ath", Some(proof(&key, "3", None))),
        ("another ath", Some(proof(&key, "4", Some("another token")))),
        (
            "for another address",
            Some(Proof { key: &key, method: "GET", address: TOKEN, jti: "5", token: Some(&token) }.sign()),
        ),
        ("replayed", Some(proof(&key, "1", Some(&token)))),
    ] {
        let (status, challenge) = ask("DPoP", sent).await;
        assert_eq!(status, StatusCode::UNAUTHORIZED, "{why}");
        assert!(challenge.contains("error="), "{why}: {challenge}");
    }
}

#[tokio::test]
async fn a_public_clients_refresh_token_is_bound_to_its_key() {
    let scene = scene().await;
    let (key, other) = (Key::new("k"), Key::new("o"));
    let token = text(&bound_tokens(&scene, &key).await, "refresh_token");
    let pairs = [("grant_type", "refresh_token"), ("refresh_token", token.as_str()), ("client_id", "spa")];
    assert_eq!(scene.error("/token", &pairs, &[]).await, (400, "invalid_grant".to_owned()));
    let wrong = at_token(&other, "2").sign();
    assert_eq!(scene.error("/token", &pairs, &[("dpop", wrong.as_str())]).await, (400, "invalid_grant".to_owned()));
    let right = at_token(&key, "3").sign();
    let (status, tokens) = scene.post("/token", &pairs, &[("dpop", right.as_str())]).await;
    assert_eq!((status, text(&tokens, "token_type").as_str()), (StatusCode::OK, "DPoP"), "the thief has spent nothing");
}

#[tokio::test]
async fn an_unbound_access_token_does_not_become_a_bound_one() {
    let scene = scene().await;
    let token = text(&scene.tokens("openid").await, "access_token");
    let key = Key::new("k");
    let proof = Proof { key: &key, method: "GET", address: USERINFO, jti: "1", token: Some(&token) }.sign();
    let request = scene.http.get("/userinfo").header("authorization", format!("DPoP {token}")).header("DPoP", proof);
    request.send().await.assert_status(StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_code_that_is_bound_to_a_key_needs_its_proof() {
    let scene = scene().await;
    let (key, other) = (Key::new("k"), Key::new("o"));
    let jkt = key.thumbprint();
    let code = scene.code("rp", &[("dpop_jkt", jkt.as_str())]).await;
    let pairs = [("grant_type", "authorization_code"), ("code", code.as_str()), ("redirect_uri", CALLBACK)];
    let header = basic("rp", "s3cret");
    let redeem = async |proof: Option<String>| {
        let mut headers = vec![("authorization", header.as_str())];
        headers.extend(proof.as_deref().map(|proof| ("dpop", proof)));
        scene.post("/token", &pairs, &headers).await
    };
    for wrong in [None, Some(at_token(&other, "1").sign())] {
        let (status, error) = redeem(wrong).await;
        assert_eq!((status, text(&error, "error").as_str()), (StatusCode::BAD_REQUEST, "invalid_grant"));
    }
    let (status, tokens) = redeem(Some(at_token(&key, "2").sign())).await;
    assert_eq!((status, text(&tokens, "token_type").as_str()), (StatusCode::OK, "DPoP"), "the thief has spent nothing");
}

#[tokio::test]
async fn a_browser_of_any_origin_may_send_a_proof() {
    let scene = scene().await;
    for path in ["/token", "/userinfo", "/revoke"] {
        let request = scene.http.request(Method::OPTIONS, path).header(header::ORIGIN, "https://spa.example");
        let request = request.header(header::ACCESS_CONTROL_REQUEST_METHOD, "POST");
        let response = request.header(header::ACCESS_CONTROL_REQUEST_HEADERS, "dpop,authorization").send().await;
        response.assert_status_is_ok();
        let allowed = response.0.headers()[header::ACCESS_CONTROL_ALLOW_HEADERS].to_str().unwrap();
        assert!(allowed.contains("dpop"), "{path}: {allowed}");
    }
}
