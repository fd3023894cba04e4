//! What clients do without a browser: an independent relying party (openid-client) registers itself and uses every
//! grant and endpoint of the back channel; device codes and refresh tokens are redeemed by many at once.

use barycenter_e2e::relying_party;
use barycenter_e2e::{Client, DatabaseKind, Deployment, Visitor};
use serde_json::{Value, json};
use tokio::task::JoinSet;

on_both_databases!(
    an_independent_client_uses_the_whole_back_channel,
    twenty_parallel_refreshes_on_two_replicas_get_one_successor,
    one_of_twenty_parallel_device_polls_succeeds,
    who_proves_nothing_asks_for_devices_so_often_from_an_address,
    who_proves_nothing_pushes_so_many_requests_from_an_address,
);

const DEVICE: &str = "urn:ietf:params:oauth:grant-type:device_code";

async fn an_independent_client_uses_the_whole_back_channel(database: DatabaseKind) {
    let mut deployment = Deployment::new(database).await;
    deployment.set("OIDC__REGISTRATION", "token");
    let _daemon = deployment.sync_and_start().await;
    let invited = deployment.online(&["clients", "registration-token", "--uses", "1"]).await.exited(0);
    let given = json!({
        "issuer": deployment.issuer(),
        "initialAccessToken": invited.stdout.trim(),
        "username": "admin",
        "password": "CHANGE-ME-IN-PRODUCTION",
    });
    let seen = relying_party::run_script(&deployment, "back_channel.mjs", &given).await;
    assert_eq!(seen["registered"]["token_endpoint_auth_method"], "private_key_jwt", "{seen:#}");
    assert_eq!(seen["service"]["token_type"], "bearer");
    assert_eq!((&seen["introspected"]["active"], &seen["revoked"]), (&json!(true), &json!({ "active": false })));
    assert_eq!(seen["device"]["token_type"], "dpop");
    assert_eq!(seen["userinfo"]["preferred_username"], "admin");
    assert_eq!((&seen["bound"], &seen["removed"]), (&json!(true), &json!(204)));
    assert_ne!(seen["refreshed"]["refresh_token"], seen["device"]["refresh_token"]);
}

async fn twenty_parallel_refreshes_on_two_replicas_get_one_successor(database: DatabaseKind) {
    let deployment = Deployment::new(database).await;
    let _daemon = deployment.sync_and_start().await;
    let replica = deployment.start_replica().await;
    let here = Client::register(&deployment, "webshop").await;
    let there = here.through(replica.base());
    let request = here.authorization_request(&[("scope", "openid offline_access")]);
    let returned = Visitor::new().authorize(&request, "admin", "CHANGE-ME-IN-PRODUCTION").await;
    let tokens: Value = here.redeem(&relying_party::code(&returned)).await.json().await.expect("JSON");
    let token = tokens["refresh_token"].as_str().expect("a refresh token").to_owned();
    let mut attempts = JoinSet::new();
    for client in [here.clone(), there].into_iter().cycle().take(20) {
        let token = token.clone();
        attempts.spawn(async move {
            client.post("/token", &[("grant_type", "refresh_token"), ("refresh_token", &token)]).await
        });
    }
    let answers = attempts.join_all().await;
    let mut successors: Vec<&str> =
        answers.iter().map(|(_, body)| body["refresh_token"].as_str().unwrap_or_default()).collect();
    successors.sort_unstable();
    successors.dedup();
    assert!(successors.len() == 1 && !successors[0].is_empty(), "{answers:#?}");
    let next = here.post("/token", &[("grant_type", "refresh_token"), ("refresh_token", successors[0])]).await;
    assert_eq!(next.0, 200, "{next:?}");
    let replayed = here.post("/token", &[("grant_type", "refresh_token"), ("refresh_token", &token)]).await;
    assert_eq!((replayed.0, &replayed.1["error"]), (400, &json!("invalid_grant")));
}

async fn one_of_twenty_parallel_device_polls_succeeds(database: DatabaseKind) {
    let deployment = Deployment::new(database).await;
    let _daemon = deployment.sync_and_start().await;
    deployment.direct(&["clients", "create", "tv", "--auth", "none", "--grant", DEVICE]).await.exited(0);
    let client = Client::new(&deployment, "tv", None);
    let (status, codes) = client.post("/device_authorization", &[("scope", "openid")]).await;
    assert_eq!(status, 200, "{codes}");
    let text = |name: &str| codes[name].as_str().unwrap_or_default().to_owned();
    let visitor = Visitor::new();
    let page = visitor.visit(&text("verification_uri_complete")).await;
    let page = visitor.press(&page, "device-submit").await;
    let page = visitor.log_in(&page, "admin", "CHANGE-ME-IN-PRODUCTION").await;
    let page = visitor.press(&page, "device-submit").await;
    let page = visitor.press(&page, "device-accept").await;
    assert_eq!(page.status, 200, "{}", page.body);
    let mut attempts = JoinSet::new();
    for _ in 0..20 {
        let (client, code) = (client.clone(), text("device_code"));
        attempts.spawn(async move { client.post("/token", &[("grant_type", DEVICE), ("device_code", &code)]).await });
    }
    let answers = attempts.join_all().await;
    let won: Vec<&(u16, Value)> = answers.iter().filter(|(status, _)| *status == 200).collect();
    assert_eq!(won.len(), 1, "{answers:#?}");
    assert!(answers.iter().all(|(status, body)| *status == 200 || body["error"] == "invalid_grant"), "{answers:#?}");
    let token = won[0].1["access_token"].as_str().expect("an access token");
    assert_eq!(client.userinfo(token).await.status(), 200);
}

async fn who_proves_nothing_asks_for_devices_so_often_from_an_address(database: DatabaseKind) {
    let deployment = Deployment::new(database).await;
    let _daemon = deployment.sync_and_start().await;
    deployment.direct(&["clients", "create", "tv", "--auth", "none", "--grant", DEVICE]).await.exited(0);
    let client = Client::new(&deployment, "tv", None);
    is_put_off(&client, "/device_authorization", &[("scope", "openid")], 200).await;
    // Who proves who they are is not.
    let created = deployment.direct(&["clients", "create", "box", "--grant", DEVICE, "-o", "json"]).await.exited(0);
    let created: Value = serde_json::from_str(&created.stdout).expect("JSON");
    let secret = created["client_secret"].as_str().expect("a secret").to_owned();
    let client = Client::new(&deployment, "box", Some(secret));
    assert_eq!(client.post("/device_authorization", &[("scope", "openid")]).await.0, 200);
}

async fn who_proves_nothing_pushes_so_many_requests_from_an_address(database: DatabaseKind) {
    let deployment = Deployment::new(database).await;
    let _daemon = deployment.sync_and_start().await;
    let redirect_uri = deployment.redirect_uri();
    let create = ["clients", "create", "spa", "--auth", "none", "--redirect-uri", &redirect_uri];
    deployment.direct(&create).await.exited(0);
    let client = Client::new(&deployment, "spa", None);
    let challenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
    let request = [
        ("response_type", "code"),
        ("redirect_uri", redirect_uri.as_str()),
        ("scope", "openid"),
        ("code_challenge", challenge),
        ("code_challenge_method", "S256"),
    ];
    is_put_off(&client, "/par", &request, 500).await;
}

/// Asks until it is told to wait, which it is after `burst` requests and a few that time has forgiven; the wait is true.
async fn is_put_off(client: &Client, path: &str, form: &[(&str, &str)], burst: usize) {
    let mut count = 0;
    let wait = loop {
        let answer = client.send(path, form).await;
        if answer.status() == 429 {
            break answer.headers()["retry-after"].to_str().expect("text").parse().expect("seconds");
        }
        assert!(answer.status().is_success(), "{}", answer.status());
        count += 1;
        assert!(count < burst + 100, "nobody is put off");
    };
    assert!(count >= burst, "{count} requests were too many");
    tokio::time::sleep(std::time::Duration::from_secs(wait)).await;
    assert!(client.send(path, form).await.status().is_success(), "{wait} seconds were not enough");
}
