//! Keys that clients publish at their own addresses: fetched, kept, and fetched again when they have changed.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use barycenter_core::model::GrantType;
use poem::listener::{Acceptor as _, Listener as _, TcpListener};
use poem::web::{Data, Json};
use poem::{Server, handler};
use serde_json::json;

use super::keys::Key;
use super::*;

/// A client's server: what it publishes, and how often it was asked.
#[derive(Clone, Default)]
struct Published {
    keys: Arc<Mutex<Value>>,
    asked: Arc<AtomicUsize>,
}

#[handler]
fn jwks(published: Data<&Published>) -> Json<Value> {
    published.asked.fetch_add(1, Ordering::SeqCst);
    Json(published.keys.lock().unwrap().clone())
}

impl Published {
    async fn serve(&self) -> String {
        let acceptor = TcpListener::bind("127.0.0.1:0").into_acceptor().await.unwrap();
        let port = acceptor.local_addr()[0].as_socket_addr().unwrap().port();
        let routes = Route::new().at("/jwks", get(jwks)).data(self.clone());
        tokio::spawn(Server::new_with_acceptor(acceptor).run(routes));
        format!("http://127.0.0.1:{port}/jwks")
    }

    fn publish(&self, key: &Key) {
        *self.keys.lock().unwrap() = key.set();
    }

    fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }
}

async fn with_address(published: &Published, allow: &[&str]) -> Scene<impl Endpoint> {
    let allow = allow.iter().map(|network| network.parse().unwrap()).collect();
    let scene = scene_with(move |config| config.outbound.allow = allow).await;
    let address = published.serve().await;
    scene
        .client("signer", |client| {
            client.authentication_method = ClientAuthenticationMethod::PrivateKeyJwt;
            client.secret = None;
            client.grant_types.push(GrantType::ClientCredentials);
            client.metadata.jwks_uri = Some(address);
        })
        .await;
    scene
}

async fn proves<E: Endpoint>(scene: &Scene<E>, key: &Key, kid: &str, jti: &str) -> bool {
    let now = scene.app.now().as_unix();
    let claims = json!({
        "iss": "signer", "sub": "signer", "aud": "http://localhost:8080", "jti": jti, "exp": now + 60,
    });
    let assertion = key.sign(&json!({ "alg": "ES256", "kid": kid }), &claims);
    let pairs = [
        ("grant_type", "client_credentials"),
        ("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"),
        ("client_assertion", assertion.as_str()),
    ];
    scene.post("/token", &pairs, &[]).await.0 == StatusCode::OK
}

#[tokio::test]
async fn an_unknown_key_is_looked_for_again_but_not_at_once() {
    let (first, second) = (Key::new("k1"), Key::new("k2"));
    let published = Published::default();
    published.publish(&first);
    let scene = with_address(&published, &["127.0.0.1/32"]).await;
    assert!(proves(&scene, &first, "k1", "1").await);
    assert!(proves(&scene, &first, "k1", "2").await);
    assert_eq!(published.asked(), 1, "kept");
    published.publish(&second);
    assert!(!proves(&scene, &second, "k2", "3").await, "too soon");
    scene.clock.advance(20);
    assert!(proves(&scene, &second, "k2", "4").await);
    assert_eq!(published.asked(), 2);
    for jti in ["5", "6", "7"] {
        assert!(!proves(&scene, &second, jti, jti).await);
    }
    assert_eq!(published.asked(), 2, "who invents key names does not make us knock");
    scene.clock.advance(3600);
    assert!(proves(&scene, &second, "k2", "8").await);
    assert_eq!(published.asked(), 3, "an hour is over");
}

#[tokio::test]
async fn keys_at_an_inner_address_are_never_fetched() {
    let key = Key::new("k1");
    let published = Published::default();
    published.publish(&key);
    let scene = with_address(&published, &[]).await;
    assert!(!proves(&scene, &key, "k1", "1").await);
    assert_eq!(published.asked(), 0);
}
