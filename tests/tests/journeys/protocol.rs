//! The protocol over plain HTTP: what a relying party may do, and what it is told when it may not.

use barycenter_e2e::relying_party::{self, CODE_VERIFIER, parameters};
use barycenter_e2e::{Client, DatabaseKind, Deployment, Visitor};
use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

on_both_databases!(
    a_redirect_uri_that_is_not_registered_gets_a_page,
    an_unknown_client_gets_a_page,
    the_response_carries_state_and_issuer_unchanged,
    what_is_too_long_to_be_answered_is_refused,
    prompt_none_asks_nothing,
    a_wrong_verifier_or_secret_is_refused,
    a_public_client_needs_pkce_and_no_secret,
    a_code_belongs_to_its_client,
    discovery_and_keys_agree_with_the_server,
);

const PASSWORD: &str = "CHANGE-ME-IN-PRODUCTION";
/// A verifier of the right form that belongs to no request.
const WRONG_VERIFIER: &str = "wrongwrongwrongwrongwrongwrongwrongwrongwron";

async fn a_redirect_uri_that_is_not_registered_gets_a_page(database: DatabaseKind) {
    let deployment = Deployment::new(database).await;
    let _daemon = deployment.sync_and_start().await;
    let client = Client::register(&deployment, "webshop").await;
    for uri in [
        "https://attacker.example.com/".to_owned(),
        format!("{}/", client.redirect_uri),
        format!("{}?more=1", client.redirect_uri),
        client.redirect_uri.replace("/callback", "/CALLBACK"),
        client.redirect_uri.replace("/callback", "/x/../callback"),
        client.redirect_uri.replace("127.0.0.1", "localhost"),
    ] {
        let page = Visitor::new().get(&client.authorization_request(&[("redirect_uri", &uri)])).await;
        assert_eq!(page.status, 400, "{uri}");
        assert!(page.location().is_none(), "{uri}");
        assert!(page.body.contains("<html"), "{uri} is not answered with a page");
    }
}

async fn an_unknown_client_gets_a_page(database: DatabaseKind) {
    let deployment = Deployment::new(database).await;
    let _daemon = deployment.start().await;
    let client = Client::new(&deployment, "nobody", Some("secret".to_owned()));
    let page = Visitor::new().get(&client.authorization_request(&[])).await;
    assert_eq!(page.status, 400);
    assert!(page.location().is_none());

    let answer = client.redeem("a-code").await;
    assert_eq!(answer.status(), 401);
    assert!(answer.headers().contains_key("www-authenticate"));
    assert_eq!(error(answer).await, "invalid_client");
}

async fn the_response_carries_state_and_issuer_unchanged(database: DatabaseKind) {
    let deployment = Deployment::new(database).await;
    let _daemon = deployment.sync_and_start().await;
    let client = Client::register(&deployment, "webshop").await;
    let state = "ä b+c&d=e%20\"<>'#\\ 😀";
    let visitor = Visitor::new();
    let request = client.authorization_request(&[("state", state)]);
    let returned = parameters(&visitor.authorize(&request, "admin", PASSWORD).await);
    assert_eq!(returned["state"], state);
    assert_eq!(returned["iss"], client.issuer);

    // An error carries both as well.
    let request = client.authorization_request(&[("state", state), ("response_type", "nothing")]);
    let page = visitor.visit(&request).await;
    let returned = parameters(&page.location().expect("a redirect to the client"));
    assert_eq!(returned["error"], "unsupported_response_type");
    assert_eq!(returned["state"], state);
    assert_eq!(returned["iss"], client.issuer);
}

async fn what_is_too_long_to_be_answered_is_refused(database: DatabaseKind) {
    let deployment = Deployment::new(database).await;
    let _daemon = deployment.start().await;
    let client = Client::register(&deployment, "webshop").await;
    let request = client.authorization_request(&[("state", &"s".repeat(65_536))]);
    let target = request.trim_start_matches(&client.issuer);
    // No HTTP client sends such an address.
    let mut server = TcpStream::connect(("127.0.0.1", deployment.port())).await.expect("the server listens");
    let message = format!("GET {target} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    server.write_all(message.as_bytes()).await.expect("the server reads");
    let mut answer = [0; 14];
    server.read_exact(&mut answer).await.expect("the server answers");
    assert_eq!(answer.as_slice(), b"HTTP/1.1 414 U");
}

async fn prompt_none_asks_nothing(database: DatabaseKind) {
    let deployment = Deployment::new(database).await;
    let _daemon = deployment.sync_and_start().await;
    let client = Client::register(&deployment, "webshop").await;
    let visitor = Visitor::new();
    let silent = client.authorization_request(&[("prompt", "none")]);

    let returned = parameters(&visitor.visit(&silent).await.location().expect("a redirect"));
    assert_eq!(returned["error"], "login_required");
    assert!(!returned.contains_key("code"));

    let page = visitor.visit(&client.authorization_request(&[])).await;
    let page = visitor.log_in(&page, "admin", PASSWORD).await;
    assert!(page.offers("consent-accept"), "{}", page.body);
    let returned = parameters(&visitor.visit(&silent).await.location().expect("a redirect"));
    assert_eq!(returned["error"], "consent_required");

    visitor.press(&page, "consent-accept").await;
    let returned = parameters(&visitor.visit(&silent).await.location().expect("a redirect"));
    assert!(returned.contains_key("code"), "{returned:?}");
}

async fn a_wrong_verifier_or_secret_is_refused(database: DatabaseKind) {
    let deployment = Deployment::new(database).await;
    let _daemon = deployment.sync_and_start().await;
    let client = Client::register(&deployment, "webshop").await;
    let visitor = Visitor::new();
    let secret = client.secret.as_deref();

    let code = code_for_admin(&visitor, &client).await;
    let answer = client.redeem_with(&code, WRONG_VERIFIER, secret).await;
    assert_eq!(answer.status(), 400);
    assert_eq!(error(answer).await, "invalid_grant");

    let code = code_for_admin(&visitor, &client).await;
    let answer = client.redeem_with(&code, CODE_VERIFIER, Some("not the secret")).await;
    assert_eq!(answer.status(), 401);
    let challenge = answer.headers().get("www-authenticate").and_then(|value| value.to_str().ok());
    assert!(challenge.is_some_and(|challenge| challenge.starts_with("Basic")), "{challenge:?}");
    assert_eq!(error(answer).await, "invalid_client");
    // Who could not authenticate has spent nobody's code.
    assert_eq!(client.redeem(&code).await.status(), 200);
}

async fn a_public_client_needs_pkce_and_no_secret(database: DatabaseKind) {
    let deployment = Deployment::new(database).await;
    let _daemon = deployment.sync_and_start().await;
    let client = Client::register_public(&deployment, "notebook").await;
    let visitor = Visitor::new();
    let bare = client.authorization_request(&[("code_challenge", ""), ("code_challenge_method", "")]);
    let returned = parameters(&visitor.visit(&bare).await.location().expect("a redirect"));
    assert_eq!(returned["error"], "invalid_request");

    let plain = client.authorization_request(&[("code_challenge_method", "plain")]);
    let returned = parameters(&visitor.visit(&plain).await.location().expect("a redirect"));
    assert_eq!(returned["error"], "invalid_request");

    let code = code_for_admin(&visitor, &client).await;
    let answer = client.redeem(&code).await;
    assert_eq!(answer.status(), 200);
    assert_eq!(answer.headers()["cache-control"], "no-store");
    let tokens: Value = answer.json().await.expect("JSON");
    assert_eq!(tokens["token_type"], "Bearer");
    assert!(tokens["expires_in"].is_u64(), "{tokens:#}");
    assert!(tokens["id_token"].is_string());
}

async fn a_code_belongs_to_its_client(database: DatabaseKind) {
    let deployment = Deployment::new(database).await;
    let _daemon = deployment.sync_and_start().await;
    let owner = Client::register(&deployment, "webshop").await;
    let other = Client::register(&deployment, "bazaar").await;
    let code = code_for_admin(&Visitor::new(), &owner).await;
    let answer = other.redeem(&code).await;
    assert_eq!(answer.status(), 400);
    assert_eq!(error(answer).await, "invalid_grant");
}

async fn discovery_and_keys_agree_with_the_server(database: DatabaseKind) {
    let deployment = Deployment::new(database).await;
    let _daemon = deployment.sync_and_start().await;
    let issuer = deployment.issuer();
    let visitor = Visitor::new();
    for name in ["openid-configuration", "oauth-authorization-server"] {
        let page = visitor.get(&format!("{issuer}/.well-known/{name}")).await;
        assert_eq!(page.status, 200);
        let metadata: Value = serde_json::from_str(&page.body).expect("JSON");
        assert_eq!(metadata["issuer"], issuer);
        assert_eq!(metadata["authorization_endpoint"], format!("{issuer}/authorize"));
        assert_eq!(metadata["token_endpoint"], format!("{issuer}/token"));
        assert_eq!(metadata["authorization_response_iss_parameter_supported"], true);
    }

    let page = visitor.get(&format!("{issuer}/.well-known/jwks.json")).await;
    let published: Value = serde_json::from_str(&page.body).expect("JSON");
    let mirror = std::fs::read_to_string(deployment.path("data/jwks.json")).expect("the mirror is written");
    let mirror: Value = serde_json::from_str(&mirror).expect("JSON");
    assert_eq!(published, mirror);
    assert_eq!(published["keys"].as_array().map(Vec::len), Some(1));
    for private in ["d", "p", "q", "dp", "dq", "qi"] {
        assert!(published["keys"][0].get(private).is_none(), "{private} is published");
    }
    assert!(page.headers.contains_key("etag"));
    assert!(page.headers.contains_key("cache-control"));
}

async fn code_for_admin(visitor: &Visitor, client: &Client) -> String {
    let returned = visitor.authorize(&client.authorization_request(&[]), "admin", PASSWORD).await;
    relying_party::code(&returned)
}

async fn error(answer: reqwest::Response) -> String {
    let body: Value = answer.json().await.expect("JSON");
    body["error"].as_str().unwrap_or_default().to_owned()
}
