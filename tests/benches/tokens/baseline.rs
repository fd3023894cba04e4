//! What cannot be avoided: the signature, and a server that does nothing but answer.

use std::time::{Duration, Instant};

use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use poem::listener::TcpListener;
use poem::{Route, Server, get, handler};
use rcgen::{KeyPair, PKCS_ECDSA_P256_SHA256, PKCS_ED25519, PKCS_RSA_SHA256};
use serde_json::json;

/// The word that makes this program the server that [`say_hello`] is.
pub(crate) const HELLO: &str = "serve-hello";

/// For how long signatures are counted.
const COUNTED: Duration = Duration::from_secs(2);

/// Returns how many ID Tokens a second one core signs, through the library that the product signs with.
pub(crate) fn signatures_a_second(algorithm: Algorithm) -> f64 {
    let key = match algorithm {
        Algorithm::ES256 => KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256),
        Algorithm::EdDSA => KeyPair::generate_for(&PKCS_ED25519),
        _ => KeyPair::generate_for(&PKCS_RSA_SHA256),
    };
    let pem = key.expect("a key").serialize_pem();
    let key = match algorithm {
        Algorithm::ES256 => EncodingKey::from_ec_pem(pem.as_bytes()),
        Algorithm::EdDSA => EncodingKey::from_ed_pem(pem.as_bytes()),
        _ => EncodingKey::from_rsa_pem(pem.as_bytes()),
    };
    let key = key.expect("a key for JWTs");
    let claims = json!({
        "iss": "https://auth.example.com", "sub": "018f6a10-0000-7000-8000-000000000000", "aud": "bench",
        "exp": 1_800_000_900, "iat": 1_800_000_000, "auth_time": 1_800_000_000, "nonce": "a nonce",
        "sid": "018f6a10-0000-7000-8000-000000000001", "acr": "1", "amr": ["pwd"], "at_hash": "77QmUPtjPfzWtF2AnpK9RQ",
    });
    let header = Header { kid: Some("bench".to_owned()), ..Header::new(algorithm) };
    let began = Instant::now();
    let mut signed = 0_u32;
    while began.elapsed() < COUNTED {
        std::hint::black_box(encode(&header, &claims, &key).expect("a signature"));
        signed += 1;
    }
    f64::from(signed) / began.elapsed().as_secs_f64()
}

#[handler]
fn hello() -> &'static str {
    "hello"
}

/// Answers `hello` until it is stopped.
pub(crate) async fn say_hello(port: u16) {
    let server = Server::new(TcpListener::bind(("127.0.0.1", port)));
    server.run(Route::new().at("/", get(hello))).await.expect("a server");
}
