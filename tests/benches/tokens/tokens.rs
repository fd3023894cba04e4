//! Codes that are redeemed and tokens that are refreshed, against the signature alone.

use std::sync::{Arc, Mutex};

use barycenter_e2e::relying_party::{CODE_VERIFIER, code};
use barycenter_e2e::report::Report;
use barycenter_e2e::{Client, DatabaseKind, Deployment, Visitor};
use futures_util::future::join_all;
use jsonwebtoken::Algorithm;
use serde_json::Value;

use crate::baseline::signatures_a_second;
use crate::load::{CLIENTS, best_rate, http};

const SECRET: &str = "a-secret-of-some-length-for-a-benchmark";
const PASSWORD: &str = "a fine password";
/// What one core must answer in a second on SQLite, with a signature that costs little.
const ANSWERS: f64 = 4000.0;

/// Both grants, with each algorithm, on both databases.
pub(crate) async fn issued(report: &mut Report, count: usize) {
    for (name, algorithm) in [("RS256", Algorithm::RS256), ("ES256", Algorithm::ES256), ("EdDSA", Algorithm::EdDSA)] {
        let signatures = signatures_a_second(algorithm);
        for database in [DatabaseKind::Sqlite, DatabaseKind::Postgresql] {
            let (codes, refreshes) = measured(database, name, count).await;
            for (what, rate) in [("codes", codes), ("refreshes", refreshes)] {
                let how = format!("{rate:.0} a second a core; signatures alone {signatures:.0}");
                let place = format!("{:<10} {name}", database.name());
                match (algorithm, database) {
                    (Algorithm::RS256, _) => {
                        let what = format!("{what}: rate / signatures alone");
                        report.at_least(place, &what, rate / signatures, 0.5, "×  ", &how);
                    }
                    (_, DatabaseKind::Sqlite) => {
                        report.at_least(place, &format!("{what}: a second a core"), rate, ANSWERS, "   ", &how);
                    }
                    _ => report.tell(place, &format!("{what}: a second a core"), rate, "   ", &how),
                }
            }
        }
    }
}

/// Returns how many codes and how many refresh tokens a core answers in a second.
async fn measured(database: DatabaseKind, algorithm: &str, count: usize) -> (f64, f64) {
    let mut deployment = Deployment::new(database).await;
    deployment.set("KEYS__ALG", algorithm);
    deployment.direct(&["db", "migrate", "-q"]).await.exited(0);
    let file = serde_json::json!({
        "manager": "bench",
        "users": [{ "username": "admin", "password": PASSWORD }],
        "clients": [{
            "client_id": "bench", "client_secret": SECRET, "first_party": true,
            "redirect_uris": [deployment.redirect_uri()], "grant_types": ["authorization_code", "refresh_token"],
            "scopes": ["openid", "profile", "email", "offline_access"],
        }],
    });
    let file = deployment.write("secrets/bench.json", &file.to_string());
    deployment.direct(&["sync", "-q", "-f", &file]).await.exited(0);
    let daemon = deployment.start().await;
    let client = Client::new(&deployment, "bench", Some(SECRET.to_owned()));
    let codes = codes(&client, count).await;

    let http = http();
    let token = format!("{}/token", deployment.issuer());
    let refresh_tokens = Arc::new(Mutex::new(Vec::new()));
    let request = |form: &[(&str, &str)]| http.post(&token).basic_auth("bench", Some(SECRET)).form(form);
    let redeemed = best_rate(daemon.id(), codes, |code| {
        let request = request(&[
            ("grant_type", "authorization_code"),
            ("code", &code),
            ("redirect_uri", &client.redirect_uri),
            ("code_verifier", CODE_VERIFIER),
        ]);
        let refresh_tokens = Arc::clone(&refresh_tokens);
        async move {
            let token = refresh_token(request).await;
            refresh_tokens.lock().expect("no panic").push(token);
        }
    })
    .await;
    let refresh_tokens = std::mem::take(&mut *refresh_tokens.lock().expect("no panic"));
    let refreshed = best_rate(daemon.id(), refresh_tokens, |token| {
        let request = request(&[("grant_type", "refresh_token"), ("refresh_token", &token)]);
        async move {
            refresh_token(request).await;
        }
    })
    .await;
    (redeemed, refreshed)
}

/// Sends a request and returns the refresh token of the answer.
async fn refresh_token(request: reqwest::RequestBuilder) -> String {
    let answer = request.send().await.expect("an answer");
    let status = answer.status();
    let answer: Value = answer.json().await.expect("JSON");
    assert!(answer.get("id_token").is_some(), "{status} {answer}");
    answer.get("refresh_token").and_then(Value::as_str).expect("a refresh token").to_owned()
}

/// Signs in once a browser, and gets so many codes.
async fn codes(client: &Client, count: usize) -> Vec<String> {
    let request = client.authorization_request(&[("scope", "openid profile email offline_access")]);
    let browsers = (0..CLIENTS).map(|_| async {
        let visitor = Visitor::new();
        let mut codes = vec![code(&visitor.authorize(&request, "admin", PASSWORD).await)];
        while codes.len() < count / CLIENTS {
            let page = visitor.visit(&request).await;
            codes.push(code(&page.location().expect("the way back to the client")));
        }
        codes
    });
    join_all(browsers).await.concat()
}
