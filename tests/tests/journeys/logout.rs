//! Logging out: at once when the relying party shows the user's ID Token, after a question otherwise.

use barycenter_e2e::relying_party::{self, parameters};
use barycenter_e2e::{Client, DatabaseKind, Deployment, Visitor};
use serde_json::Value;
use url::Url;

on_both_databases!(a_relying_party_logs_its_user_out, without_a_hint_the_user_is_asked,);

const GOODBYE: &str = "https://shop.example.com/goodbye";

async fn a_relying_party_logs_its_user_out(database: DatabaseKind) {
    let deployment = Deployment::new(database).await;
    let _daemon = deployment.sync_and_start().await;
    let (client, visitor, id_token) = signed_in(&deployment).await;

    // An address that nobody registered is never gone to, and the session stays.
    let answer = logout(
        &visitor,
        &client,
        &[("id_token_hint", &id_token), ("post_logout_redirect_uri", "https://attacker.example.com/")],
    )
    .await;
    assert!(answer.location().is_none(), "{:?}", answer.location());
    assert!(is_signed_in(&visitor, &client).await);

    let answer = logout(
        &visitor,
        &client,
        &[("id_token_hint", &id_token), ("post_logout_redirect_uri", GOODBYE), ("state", "a b")],
    )
    .await;
    let returned = answer.location().expect("a redirect to the relying party");
    assert!(returned.as_str().starts_with(GOODBYE), "{returned}");
    assert_eq!(parameters(&returned)["state"], "a b");
    assert!(!is_signed_in(&visitor, &client).await);
}

async fn without_a_hint_the_user_is_asked(database: DatabaseKind) {
    let deployment = Deployment::new(database).await;
    let _daemon = deployment.sync_and_start().await;
    let (client, visitor, _) = signed_in(&deployment).await;

    let page = logout(&visitor, &client, &[("post_logout_redirect_uri", GOODBYE)]).await;
    assert!(page.location().is_none(), "a redirect without a hint");
    assert!(is_signed_in(&visitor, &client).await);
    let page = visitor.press(&page, "logout-confirm").await;
    assert_eq!(page.status, 200);
    assert!(page.location().is_none(), "a redirect without a hint");
    assert!(!is_signed_in(&visitor, &client).await);
}

/// Registers a client, signs the guide's admin in there, and returns the ID Token too.
async fn signed_in(deployment: &Deployment) -> (Client, Visitor, String) {
    let redirect_uri = deployment.redirect_uri();
    let created = deployment
        .direct(&[
            "clients",
            "create",
            "webshop",
            "--redirect-uri",
            &redirect_uri,
            "--post-logout-redirect-uri",
            GOODBYE,
        ])
        .await
        .exited(0);
    let client = Client::new(deployment, "webshop", Some(created.stdout.trim().to_owned()));
    let visitor = Visitor::new();
    let returned = visitor.authorize(&client.authorization_request(&[]), "admin", "CHANGE-ME-IN-PRODUCTION").await;
    let tokens: Value = client.redeem(&relying_party::code(&returned)).await.json().await.expect("JSON");
    let id_token = tokens["id_token"].as_str().expect("an ID Token").to_owned();
    assert!(is_signed_in(&visitor, &client).await);
    (client, visitor, id_token)
}

async fn logout(visitor: &Visitor, client: &Client, parameters: &[(&str, &str)]) -> barycenter_e2e::visitor::Page {
    let address = Url::parse_with_params(&format!("{}/logout", client.issuer), parameters).expect("a URL");
    visitor.get(address.as_str()).await
}

/// Whether a silent authorization request finds a session.
async fn is_signed_in(visitor: &Visitor, client: &Client) -> bool {
    let page = visitor.visit(&client.authorization_request(&[("prompt", "none")])).await;
    let returned = parameters(&page.location().expect("a redirect to the client"));
    returned.contains_key("code")
}
