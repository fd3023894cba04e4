//! The login page from outside: what it gives away, and what it refuses.

use barycenter_e2e::visitor::Page;
use barycenter_e2e::{Client, DatabaseKind, Deployment, Visitor};

on_both_databases!(
    a_person_without_an_application_logs_in_and_out,
    unknown_and_known_users_fail_alike,
    a_form_from_another_site_is_refused,
    a_denied_consent_goes_back_to_the_client,
);

/// What the demonstration invites to: the address of the server itself.
async fn a_person_without_an_application_logs_in_and_out(database: DatabaseKind) {
    let deployment = Deployment::new(database).await;
    let _daemon = deployment.sync_and_start().await;
    let home = format!("{}/", deployment.issuer());
    let visitor = Visitor::new();
    let page = visitor.visit(&home).await;
    assert_eq!(page.status, 200, "{}", page.body);
    assert!(page.body.contains("/login"), "{}", page.body);

    let page = visitor.visit(&format!("{}/login", deployment.issuer())).await;
    let page = visitor.log_in(&page, "admin", "CHANGE-ME-IN-PRODUCTION").await;
    assert_eq!(page.url.as_str(), home);
    assert!(page.body.contains("admin@example.com"), "{}", page.body);

    let page = visitor.press(&page, "logout-confirm").await;
    assert_eq!(page.status, 200);
    let page = visitor.visit(&home).await;
    assert!(!page.body.contains("admin@example.com"), "{}", page.body);
}

async fn unknown_and_known_users_fail_alike(database: DatabaseKind) {
    let deployment = Deployment::new(database).await;
    let _daemon = deployment.sync_and_start().await;
    let client = Client::register(&deployment, "webshop").await;
    let mut failures = Vec::new();
    for username in ["admin", "nobody"] {
        let visitor = Visitor::new();
        let page = visitor.visit(&client.authorization_request(&[])).await;
        let mut form = page.form("login-submit");
        form.set("username", username);
        form.set("password", "not the password");
        let answer = visitor.submit(&page, &form).await;
        failures.push(comparable(&answer, username));
    }
    assert_eq!(failures[0], failures[1]);
}

/// Returns what must be the same for everybody: the status, the headers but for what is new in every answer, and the
/// page without the name that was typed and without values that are new on every page.
fn comparable(page: &Page, username: &str) -> (u16, Vec<String>, String) {
    let mut headers: Vec<String> = page
        .headers
        .iter()
        .filter(|(name, _)| !matches!(name.as_str(), "date" | "x-request-id"))
        .map(|(name, value)| {
            let value = value.to_str().expect("text");
            let value = match name.as_str() {
                "set-cookie" | "content-security-policy" => value.split(['=', '\'']).next().unwrap_or_default(),
                "content-length" => "",
                _ => value,
            };
            format!("{name}: {value}")
        })
        .collect();
    headers.sort();
    let mut body = page.body.clone();
    if page.offers("login-submit") {
        for (_, value) in page.form("login-submit").fields {
            if !value.is_empty() && value != username {
                body = body.replace(&value, "HIDDEN");
            }
        }
    }
    (page.status.as_u16(), headers, body.replace(username, "NAME"))
}

async fn a_form_from_another_site_is_refused(database: DatabaseKind) {
    let deployment = Deployment::new(database).await;
    let _daemon = deployment.sync_and_start().await;
    let client = Client::register(&deployment, "webshop").await;
    let visitor = Visitor::new();
    let page = visitor.visit(&client.authorization_request(&[])).await;

    // Somebody else's page cannot know the hidden fields.
    let mut form = page.form("login-submit");
    form.fields.clear();
    form.set("username", "admin");
    form.set("password", "CHANGE-ME-IN-PRODUCTION");
    let answer = visitor.submit(&page, &form).await;
    assert!(answer.status == 403 || answer.status == 400, "{} {}", answer.status, answer.body);
    let again = visitor.visit(&client.authorization_request(&[])).await;
    assert!(again.offers("login-submit"), "the forged form logged somebody in");
}

async fn a_denied_consent_goes_back_to_the_client(database: DatabaseKind) {
    let deployment = Deployment::new(database).await;
    let _daemon = deployment.sync_and_start().await;
    let client = Client::register(&deployment, "webshop").await;
    let visitor = Visitor::new();
    let page = visitor.visit(&client.authorization_request(&[])).await;
    let page = visitor.log_in(&page, "admin", "CHANGE-ME-IN-PRODUCTION").await;
    let answer = visitor.press(&page, "consent-deny").await;
    let returned = answer.location().expect("a redirect to the client");
    let parameters = barycenter_e2e::relying_party::parameters(&returned);
    assert!(returned.as_str().starts_with(&client.redirect_uri), "{returned}");
    assert_eq!(parameters["error"], "access_denied");
    assert_eq!(parameters["state"], "a state");
    assert_eq!(parameters["iss"], client.issuer);
    assert!(!parameters.contains_key("code"));
}
