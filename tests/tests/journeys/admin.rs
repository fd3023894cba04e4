//! The admin API from outside: no token, no answer; and what `baryctl` says when it cannot get in.

use barycenter_e2e::{DatabaseKind, Deployment};
use reqwest::Client;
use serde_json::{Value, json};

on_both_databases!(every_operation_needs_a_token, only_json_posts_are_executed, a_wrong_token_is_exit_code_4,);

const QUERY: &str = "{ serverInfo { version } }";

#[tokio::test]
async fn an_unreachable_server_is_exit_code_8() {
    let deployment = Deployment::new(DatabaseKind::Sqlite).await;
    let token = deployment.write("data/admin.token", "bat_nobody\n");
    let admin = deployment.admin();
    deployment
        .baryctl(&["--server", &admin, "--token-file", &token, "users", "list"])
        .await
        .exited(8)
        .complained(&[&admin]);
}

async fn every_operation_needs_a_token(database: DatabaseKind) {
    let deployment = Deployment::new(database).await;
    let daemon = deployment.start().await;
    let address = format!("{}/admin/graphql", deployment.admin());
    let http = Client::builder().no_proxy().build().expect("an HTTP client");

    let body = json!({ "query": QUERY });
    for token in [None, Some("bat_wrong")] {
        let mut request = http.post(&address).json(&body);
        if let Some(token) = token {
            request = request.bearer_auth(token);
        }
        let answer = request.send().await.expect("the server answers");
        assert_eq!(answer.status(), 401);
        assert!(answer.headers().contains_key("www-authenticate"));
        let text = answer.text().await.expect("an answer");
        assert!(!text.contains("serverInfo"), "{text}");
    }

    let token = generated_token(&deployment);
    let answer = http.post(&address).bearer_auth(&token).json(&body).send().await.expect("the server answers");
    let answer: Value = answer.json().await.expect("JSON");
    assert!(answer["data"]["serverInfo"]["version"].is_string(), "{answer:#}");
    assert!(!daemon.log().contains(&token), "the token is in the log");
}

async fn only_json_posts_are_executed(database: DatabaseKind) {
    let deployment = Deployment::new(database).await;
    let _daemon = deployment.start().await;
    let address = format!("{}/admin/graphql", deployment.admin());
    let http = Client::builder().no_proxy().build().expect("an HTTP client");
    let token = generated_token(&deployment);

    let get = http.get(&address).query(&[("query", QUERY)]);
    let form = http.post(&address).form(&[("query", QUERY)]);
    let text = http.post(&address).header("content-type", "text/plain").body(json!({ "query": QUERY }).to_string());
    for (request, statuses) in [(get, [404, 405]), (form, [415, 400]), (text, [415, 400])] {
        let answer = request.bearer_auth(&token).send().await.expect("the server answers");
        let status = answer.status().as_u16();
        let body = answer.text().await.expect("an answer");
        assert!(statuses.contains(&status), "{status}: {body}");
        assert!(!body.contains("version"), "{body}");
    }
}

async fn a_wrong_token_is_exit_code_4(database: DatabaseKind) {
    let deployment = Deployment::new(database).await;
    let _daemon = deployment.sync_and_start().await;
    let admin = deployment.admin();
    let wrong = deployment.write("data/wrong.token", "bat_canary-6f1c\n");
    let users = deployment.users();
    for command in [&["users", "list"][..], &["users", "sync", "-f", &users]] {
        let mut arguments = vec!["--server", &admin, "--token-file", &wrong];
        arguments.extend(command);
        let finished = deployment.baryctl(&arguments).await.exited(4);
        assert!(!format!("{finished}").contains("canary"), "{finished}");
    }
}

/// Returns the token that the first start wrote, which only its owner may read.
fn generated_token(deployment: &Deployment) -> String {
    use std::os::unix::fs::PermissionsExt;

    let path = deployment.path("data/admin.token");
    let mode = std::fs::metadata(&path).expect("the token was written").permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let token = std::fs::read_to_string(&path).expect("the token is text");
    assert!(token.starts_with("bat_"), "an unknown kind of token");
    token.trim().to_owned()
}
