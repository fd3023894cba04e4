//! The deployment guide, followed to the letter: its configuration and its users, its init container's command, the
//! daemon, a certified relying party and a real browser.

use barycenter_e2e::{Client, DatabaseKind, Deployment, Visitor, deployment::GUIDE_USERS, relying_party};
use serde_json::{Value, json};

on_both_databases!(
    users_of_the_guide_log_in,
    every_algorithm_signs,
    drift_is_seen_and_mended,
    a_changed_password_is_taken_over,
);

/// Both users sign in with a browser; the first without JavaScript and after a mistyped password.
async fn users_of_the_guide_log_in(database: DatabaseKind) {
    let deployment = Deployment::new(database).await;
    deployment.sync_users(&deployment.users()).await.exited(0);
    let daemon = deployment.start().await;
    let client = register_online(&deployment).await;

    let people = [
        (
            "admin",
            "CHANGE-ME-IN-PRODUCTION",
            "admin@example.com",
            "System Administrator",
            json!({ "javaScript": false, "wrongPassword": "not the password" }),
        ),
        (
            "app-service",
            "service-account-password",
            "service@example.com",
            "Application Service Account",
            json!({ "javaScript": true }),
        ),
    ];
    let mut subjects = Vec::new();
    for (username, password, email, name, extra) in people {
        let mistyped = extra.get("wrongPassword").is_some();
        let seen = client.sign_in_with_browser(&deployment, username, password, extra).await;
        assert_id_token(&seen, &deployment, &client);
        assert_eq!(seen["userinfo"]["sub"], seen["claims"]["sub"]);
        assert_eq!(seen["userinfo"]["email"], email);
        assert_eq!(seen["userinfo"]["email_verified"], true);
        assert_eq!(seen["userinfo"]["preferred_username"], username);
        assert_eq!(seen["userinfo"]["name"], name);
        assert_eq!(seen["rejected"].is_string(), mistyped, "{seen:#}");
        subjects.push(seen["claims"]["sub"].clone());
    }
    assert_ne!(subjects[0], subjects[1]);

    let log = daemon.log();
    for secret in ["CHANGE-ME-IN-PRODUCTION", "service-account-password", "not the password"] {
        assert!(!log.contains(secret), "a password is in the log:\n{log}");
    }
    assert_eq!(daemon.stop().await, 0);
}

/// Whether the ID Token says what it must; openid-client checked its signature, times, nonce and hashes already.
fn assert_id_token(seen: &Value, deployment: &Deployment, client: &Client) {
    let claims = &seen["claims"];
    assert_eq!(seen["header"]["alg"], "RS256");
    assert!(seen["header"]["kid"].is_string());
    assert_eq!(claims["iss"], deployment.issuer());
    assert_eq!(claims["aud"], client.id);
    for time in ["iat", "exp", "auth_time"] {
        assert!(claims[time].is_i64(), "{time} is not an integer: {claims:#}");
    }
    for text in ["sub", "nonce", "at_hash", "acr", "sid"] {
        assert!(claims[text].is_string(), "{text} is missing: {claims:#}");
    }
    assert_eq!(claims["amr"], json!(["pwd"]));
    assert_eq!(seen["callback"]["iss"], deployment.issuer());
    // The silent sign-in found the same session.
    assert_eq!(seen["again"]["sub"], claims["sub"]);
    assert_eq!(seen["again"]["auth_time"], claims["auth_time"]);
    assert_eq!(seen["again"]["sid"], claims["sid"]);
}

/// The guide's `alg` may be another one; openid-client accepts no other than the one that is expected.
async fn every_algorithm_signs(database: DatabaseKind) {
    for (algorithm, kind) in [("ES256", "EC"), ("EdDSA", "OKP")] {
        let mut deployment = Deployment::new(database).await;
        deployment.set("KEYS__ALG", algorithm);
        let _daemon = deployment.sync_and_start().await;
        let client = register_online(&deployment).await;
        let extra = json!({ "algorithm": algorithm });
        let seen = client.sign_in_with_browser(&deployment, "admin", "CHANGE-ME-IN-PRODUCTION", extra).await;
        assert_eq!(seen["header"]["alg"], algorithm);
        let mirror = std::fs::read_to_string(deployment.path("data/jwks.json")).expect("the mirror is written");
        let mirror: Value = serde_json::from_str(&mirror).expect("JSON");
        assert_eq!(mirror["keys"][0]["kty"], kind);
    }
}

/// Registers a client through the admin API, as an operator does while the server runs.
async fn register_online(deployment: &Deployment) -> Client {
    let created = deployment
        .online(&["clients", "create", "webshop", "--redirect-uri", &deployment.redirect_uri()])
        .await
        .exited(0);
    Client::new(deployment, "webshop", Some(created.stdout.trim().to_owned()))
}

/// The file and the store agree; somebody edits the file; `diff` says so, `sync` mends it. First through the server,
/// then directly.
async fn drift_is_seen_and_mended(database: DatabaseKind) {
    let deployment = Deployment::new(database).await;
    let daemon = deployment.sync_and_start().await;
    let users = deployment.users();

    deployment.online(&["diff", "-f", &users]).await.exited(0);
    deployment.direct(&["diff", "-f", &users]).await.exited(0);

    let renamed = GUIDE_USERS.replace("admin@example.com", "root@example.com");
    deployment.write("secrets/users.json", &renamed);
    deployment.online(&["diff", "-f", &users]).await.exited(1).said(&[
        "admin",
        "email",
        "admin@example.com",
        "root@example.com",
    ]);
    deployment.direct(&["diff", "-f", &users]).await.exited(1);
    deployment.online(&["users", "sync", "-f", &users]).await.exited(0);
    deployment.online(&["diff", "-f", &users]).await.exited(0);

    let disabled = renamed.replacen("\"enabled\": true", "\"enabled\": false", 1);
    deployment.write("secrets/users.json", &disabled);
    deployment.direct(&["diff", "-f", &users]).await.exited(1).said(&["admin", "enabled"]);
    deployment.direct(&["users", "sync", "-f", &users]).await.exited(0);
    deployment.direct(&["diff", "-f", &users]).await.exited(0);
    deployment.online(&["diff", "-f", &users]).await.exited(0);

    // The running server honours it at once.
    let visitor = Visitor::new();
    let page = visitor.visit(&format!("{}/login", deployment.issuer())).await;
    let page = visitor.log_in(&page, "admin", "CHANGE-ME-IN-PRODUCTION").await;
    assert!(page.offers("login-submit"), "a disabled user logged in");
    assert_eq!(daemon.stop().await, 0);
}

/// A new password in the file replaces the old one; the plan names the field and never the password.
async fn a_changed_password_is_taken_over(database: DatabaseKind) {
    let deployment = Deployment::new(database).await;
    let _daemon = deployment.sync_and_start().await;
    let client = Client::register(&deployment, "webshop").await;
    let users = deployment.users();
    deployment
        .write("secrets/users.json", &GUIDE_USERS.replace("CHANGE-ME-IN-PRODUCTION", "a canary in the coal mine"));
    let diff = deployment.online(&["diff", "-f", &users]).await.exited(1).said(&["admin", "password"]);
    let sync = deployment.online(&["users", "sync", "-f", &users]).await.exited(0);
    for report in [diff, sync] {
        assert!(!format!("{report}").contains("canary"), "{report}");
    }

    let request = client.authorization_request(&[]);
    let visitor = Visitor::new();
    let page = visitor.visit(&request).await;
    let page = visitor.log_in(&page, "admin", "CHANGE-ME-IN-PRODUCTION").await;
    assert!(page.offers("login-submit"), "the old password still works");
    let returned = visitor.authorize(&request, "admin", "a canary in the coal mine").await;
    let answer = client.redeem(&relying_party::code(&returned)).await;
    assert_eq!(answer.status(), 200);
}
