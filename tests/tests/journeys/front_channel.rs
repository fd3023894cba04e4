//! What the authorization endpoint offers besides a plain code, used by an independent relying party: openid-client,
//! Chromium and jose (`relying-party/front-channel.mjs`).

use barycenter_e2e::{DatabaseKind, Deployment, program};
use serde_json::{Value, json};

on_both_databases!(an_independent_relying_party_finds_everything_that_is_advertised,);

const PASSWORD: &str = "CHANGE-ME-IN-PRODUCTION";

/// A key of the relying party, made for this test.
const KEY: &str = r#"{"kty":"EC","crv":"P-256","kid":"rp-1","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0","d":"jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI"}"#;

async fn an_independent_relying_party_finds_everything_that_is_advertised(database: DatabaseKind) {
    let mut deployment = Deployment::new(database).await;
    deployment.set("OIDC__RESPONSE_TYPES", r#"["code", "code id_token"]"#);
    deployment.set("OUTBOUND__ALLOW", r#"["127.0.0.1/32"]"#);
    let (redirect_uri, port) = (deployment.redirect_uri(), deployment.port());
    let backchannel_uri = format!("http://127.0.0.1:{}/backchannel", port + 3);
    let goodbye = format!("http://127.0.0.1:{}/goodbye", port + 2);
    let mut public: Value = serde_json::from_str(KEY).expect("JSON");
    public.as_object_mut().expect("an object").remove("d");
    let mut users: Value = serde_json::from_str(barycenter_e2e::deployment::GUIDE_USERS).expect("JSON");
    users["clients"] = json!([{
        "client_id": "webshop",
        "name": "Webshop",
        "client_secret": "s3cret-s3cret-s3cret",
        "redirect_uris": [redirect_uri],
        "post_logout_redirect_uris": [goodbye],
        "grant_types": ["authorization_code", "refresh_token", "implicit"],
        "response_types": ["code", "code id_token"],
        "jwks": { "keys": [public] },
        "backchannel_logout_uri": backchannel_uri,
        "policy_uri": "https://shop.example.com/privacy",
        "tos_uri": "https://shop.example.com/terms",
    }]);
    deployment.write("secrets/users.json", &users.to_string());
    let _daemon = deployment.sync_and_start().await;

    let given = json!({
        "issuer": deployment.issuer(),
        "clientId": "webshop",
        "clientSecret": "s3cret-s3cret-s3cret",
        "redirectUri": redirect_uri,
        "postLogoutRedirectUri": goodbye,
        "backchannelUri": backchannel_uri,
        "key": serde_json::from_str::<Value>(KEY).expect("JSON"),
        "username": "admin",
        "password": PASSWORD,
        "pictures": program::environment("BARYCENTER_TEST_PICTURES"),
    });
    let script = program::repository().join("tests/relying-party/front-channel.mjs");
    let command = deployment.command("node", &[script.to_str().expect("UTF-8")]);
    let seen = program::run(command, Some(&given.to_string())).await.exited(0).json();

    let first = &seen["formPost"];
    for step in ["withoutScripts", "pushed", "requestObject", "hybrid"] {
        for claim in ["iss", "sub", "aud", "auth_time", "sid"] {
            assert_eq!(seen[step][claim], first[claim], "{claim} of {step}: {seen:#}");
        }
    }
    assert_eq!(seen["logout"]["sub"], first["sub"]);
    assert_eq!(seen["logout"]["sid"], first["sid"]);
    assert!(seen["logout"].get("nonce").is_none());
    assert_eq!(seen["logout"]["events"], json!({ "http://schemas.openid.net/event/backchannel-logout": {} }));
}
