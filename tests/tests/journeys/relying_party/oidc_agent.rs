//! oidc-agent, which has no browser: the device flow of a public client (RFC 8628), then access tokens for as long as the
//! agent runs, each refreshed as its owner asks.
//!
//! It is here because it is the one device-flow client that people install from their distribution. It names itself in
//! an `Authorization` header with an empty secret, where others put `client_id` into the form.

use std::process::Stdio;

use barycenter_e2e::{Client, DatabaseKind, Deployment, Visitor, program};
use serde_json::Value;
use url::Url;

use super::{Conversation, PASSWORD, Stream, USERNAME};

on_both_databases!(oidc_agent_gets_in_by_the_device_flow,);

async fn oidc_agent_gets_in_by_the_device_flow(database: DatabaseKind) {
    let deployment = Deployment::new(database).await;
    let _daemon = deployment.sync_and_start().await;
    let mut arguments = vec!["clients", "create", "laptop", "--auth", "none"];
    for grant in ["urn:ietf:params:oauth:grant-type:device_code", "refresh_token"] {
        arguments.extend(["--grant", grant]);
    }
    deployment.direct(&arguments).await.exited(0);
    let socket = deployment.path("data/agent.sock");
    let socket = socket.to_str().expect("UTF-8");
    // It keeps what it says in a buffer unless it is told otherwise.
    let command = deployment.command("stdbuf", &["-oL", "oidc-agent", "--console", "--socket-path", socket]);
    let mut agent = Conversation::start(command, &Stream::Stdout);
    agent.hear("OIDCD_PID").await;
    let mut command = deployment.command(
        "oidc-gen",
        &[
            "laptop",
            "--flow=device",
            &format!("--iss={}", deployment.issuer()),
            "--client-id=laptop",
            "--client-secret=",
            "--scope=openid profile offline_access",
            "--pw-cmd=echo password",
            "--prompt=none",
            "--confirm-yes",
            "--no-url-call",
        ],
    );
    command.env("OIDC_SOCK", socket);
    let mut generation = Conversation::start(command, &Stream::Stderr);
    generation.hear("visit:").await;
    let address = generation.hear("/device").await;
    let said = generation.hear("enter the code:").await;
    let code = said.rsplit(' ').next().unwrap_or_default();
    let address = Url::parse_with_params(address.trim(), [("user_code", code)]).expect("an address");
    let visitor = Visitor::new();
    let mut page = visitor.visit(address.as_str()).await;
    page = visitor.press(&page, "device-submit").await;
    page = visitor.log_in(&page, USERNAME, PASSWORD).await;
    page = visitor.press(&page, "device-submit").await;
    page = visitor.press(&page, "device-accept").await;
    assert_eq!(page.status, 200, "{}", page.body);
    generation.succeeded().await;

    let client = Client::new(&deployment, "laptop", None);
    let mut seen = Vec::new();
    // The second one is asked to live longer than the first still does: that takes a refresh.
    for life in ["--time=60", "--time=99999"] {
        let mut command = deployment.command("oidc-token", &[life, "laptop"]);
        command.env("OIDC_SOCK", socket).stdin(Stdio::null());
        let token = program::run(command, None).await.exited(0).stdout.trim().to_owned();
        let claims: Value = client.userinfo(&token).await.json().await.expect("JSON");
        assert_eq!(claims["preferred_username"], USERNAME, "{claims:#}");
        seen.push(token);
    }
    assert_ne!(seen[0], seen[1], "the token was not refreshed");
}
