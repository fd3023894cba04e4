//! People who make their own accounts, where the operator permits it, and what a users file says of them.

use barycenter_e2e::visitor::Page;
use barycenter_e2e::{Client, DatabaseKind, Deployment, Visitor, relying_party};
use serde_json::Value;

on_both_databases!(
    nobody_registers_unless_it_is_permitted,
    a_new_account_goes_on_to_the_relying_party,
    a_name_of_the_users_file_is_not_available,
    a_registered_account_is_adopted_by_name_only,
);

const PASSWORD: &str = "a long password of my own";

async fn nobody_registers_unless_it_is_permitted(database: DatabaseKind) {
    let deployment = Deployment::new(database).await;
    let _daemon = deployment.sync_and_start().await;
    let visitor = Visitor::new();
    let page = visitor.get(&format!("{}/register", deployment.issuer())).await;
    assert_eq!(page.status, 404);
    let login = visitor.get(&format!("{}/login", deployment.issuer())).await;
    assert!(!login.body.contains("/register"), "{}", login.body);
}

async fn a_new_account_goes_on_to_the_relying_party(database: DatabaseKind) {
    let deployment = permitting(database).await;
    let _daemon = deployment.sync_and_start().await;
    let client = Client::register(&deployment, "webshop").await;
    let visitor = Visitor::new();
    let login = visitor.visit(&client.authorization_request(&[])).await;
    let handle = login.form("login-submit").fields.into_iter().find(|(name, _)| name == "authorization");
    let (_, handle) = handle.expect("the login page knows what it is for");
    let page = visitor.visit(&format!("{}/register?authorization={handle}", deployment.issuer())).await;
    let page = register(&visitor, &page, "carol", "carol@example.com", PASSWORD).await;
    let page = visitor.press(&page, "consent-accept").await;
    let returned = page.location().expect("a redirect to the client");
    let tokens: Value = client.redeem(&relying_party::code(&returned)).await.json().await.expect("JSON");
    let access_token = tokens["access_token"].as_str().expect("an access token");
    let claims: Value = client.userinfo(access_token).await.json().await.expect("JSON");
    assert_eq!(claims["preferred_username"], "carol");
    assert_eq!(claims["email"], "carol@example.com");
    assert_eq!(claims["email_verified"], false);
}

async fn a_name_of_the_users_file_is_not_available(database: DatabaseKind) {
    let deployment = permitting(database).await;
    let _daemon = deployment.sync_and_start().await;
    let address = format!("{}/register", deployment.issuer());
    for (username, email, password) in [
        ("admin", "mine@example.com", PASSWORD),
        ("ADMIN", "mine@example.com", PASSWORD),
        ("carol", "admin@example.com", PASSWORD),
        ("carol", "carol@example.com", "too short"),
        ("carol", "carol@example.com", "Password1234567!"),
        ("caroline.miller", "carol@example.com", "caroline.miller1"),
        ("", "carol@example.com", PASSWORD),
    ] {
        let visitor = Visitor::new();
        let page = visitor.visit(&address).await;
        let answer = register(&visitor, &page, username, email, password).await;
        assert!(answer.offers("password"), "{username} {email} was accepted: {}", answer.body);
        assert!(!answer.body.contains(PASSWORD), "the password is on the page");
    }
    let users = deployment.users();
    deployment.direct(&["diff", "-f", &users]).await.exited(0);
}

/// Who registers a name first must not inherit the role that a file gives to it.
async fn a_registered_account_is_adopted_by_name_only(database: DatabaseKind) {
    let deployment = permitting(database).await;
    let daemon = deployment.start().await;
    let visitor = Visitor::new();
    let page = visitor.visit(&format!("{}/register", deployment.issuer())).await;
    register(&visitor, &page, "admin", "squatter@example.com", PASSWORD).await;
    let users = deployment.users();

    let conflict = &["admin", "--adopt admin"];
    deployment.online(&["diff", "-f", &users]).await.exited(1).said(conflict);
    deployment.online(&["users", "sync", "-f", &users]).await.exited(6).said(conflict);
    deployment.online(&["users", "sync", "-f", &users, "--adopt", "all"]).await.exited(6);
    let listed = deployment.online(&["users", "list", "-o", "name"]).await.exited(0);
    assert_eq!(listed.stdout.trim(), "admin", "a sync with a conflict wrote something");

    // The init container goes on: nobody can stop the server from starting by registering a name.
    deployment.sync_users(&users).await.exited(0).said(&["admin"]);
    let listed = deployment.direct(&["users", "get", "admin", "-o", "json"]).await.exited(0);
    assert!(listed.stdout.contains("squatter@example.com"), "{listed}");
    assert!(!listed.stdout.contains("administrator"), "{listed}");

    deployment.online(&["users", "sync", "-f", &users, "--adopt", "admin"]).await.exited(0);
    deployment.online(&["diff", "-f", &users]).await.exited(0);
    let adopted = deployment.direct(&["users", "get", "admin", "-o", "json"]).await.exited(0);
    assert!(adopted.stdout.contains("administrator"), "{adopted}");
    assert_eq!(daemon.stop().await, 0);
}

/// An installation that permits registration.
async fn permitting(database: DatabaseKind) -> Deployment {
    let mut deployment = Deployment::new(database).await;
    deployment.set("SERVER__ALLOW_PUBLIC_REGISTRATION", "true");
    deployment
}

async fn register(visitor: &Visitor, page: &Page, username: &str, email: &str, password: &str) -> Page {
    let mut form = page.form("password");
    form.set("username", username);
    form.set("email", email);
    form.set("password", password);
    let answer = visitor.submit(page, &form).await;
    visitor.follow(answer).await
}
