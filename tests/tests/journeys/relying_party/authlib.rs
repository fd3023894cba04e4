//! Authlib (`relying-party/authlib_web.py`) in a web application's back end, which proves who it is by `private_key_jwt`.

use barycenter_e2e::{DatabaseKind, Deployment, Visitor, program};
use serde_json::{Value, json};

use super::{Conversation, PASSWORD, Stream, USERNAME};

on_both_databases!(authlib_signs_a_user_in_and_uses_every_endpoint,);

/// A key of the relying party, made for this test.
const KEY: &str = r#"{"kty":"EC","crv":"P-256","kid":"rp-1","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0","d":"jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI"}"#;

async fn authlib_signs_a_user_in_and_uses_every_endpoint(database: DatabaseKind) {
    let deployment = Deployment::new(database).await;
    let _daemon = deployment.sync_and_start().await;
    let key: Value = serde_json::from_str(KEY).expect("JSON");
    let mut public = key.clone();
    public.as_object_mut().expect("an object").remove("d");
    let jwks = deployment.write("jwks.json", &json!({ "keys": [public] }).to_string());
    let redirect_uri = deployment.redirect_uri();
    let mut arguments = vec!["clients", "create", "shop", "--auth", "private-key-jwt", "--jwks", &jwks];
    arguments.extend(["--redirect-uri", &redirect_uri]);
    for grant in ["authorization_code", "refresh_token", "client_credentials"] {
        arguments.extend(["--grant", grant]);
    }
    deployment.direct(&arguments).await.exited(0);

    let script = program::repository().join("tests/relying-party/authlib_web.py");
    let python = program::repository().join("target/relying-party/bin/python");
    let command = deployment.command(python, &[script.to_str().expect("UTF-8")]);
    let mut authlib = Conversation::start(command, &Stream::Stdout);
    authlib
        .say(&json!({
            "issuer": deployment.issuer(),
            "clientId": "shop",
            "key": key,
            "redirectUri": redirect_uri,
            "scope": "openid profile email offline_access",
        }))
        .await;
    let asked: Value = serde_json::from_str(&authlib.hear("authorize").await).expect("JSON");
    let request = asked["authorize"].as_str().expect("an address");
    assert!(request.contains("code_challenge_method=S256") && request.contains("nonce="), "{request}");
    let returned = Visitor::new().authorize(request, USERNAME, PASSWORD).await;
    authlib.say(&json!({ "returned": returned.as_str() })).await;
    let seen: Value = serde_json::from_str(&authlib.hear("claims").await).expect("JSON");

    assert_eq!(seen["header"]["alg"], "RS256");
    assert_eq!(seen["claims"]["iss"], deployment.issuer());
    assert_eq!(seen["userinfo"]["sub"], seen["claims"]["sub"]);
    assert_eq!(seen["userinfo"]["preferred_username"], USERNAME);
    assert_eq!(seen["userinfo"]["email"], "admin@example.com");
    assert_ne!(seen["refreshed"]["refresh_token"], seen["token"]["refresh_token"]);
    assert_eq!(seen["introspected"]["active"], true, "{seen:#}");
    assert_eq!(seen["introspected"]["sub"], seen["claims"]["sub"]);
    assert_eq!(seen["revoked"], json!({ "active": false }));
    assert_eq!(seen["refusedAgain"], "invalid_grant");
    assert_eq!(seen["service"]["token_type"], "Bearer");
    assert!(seen["service"].get("refresh_token").is_none(), "{seen:#}");
}
