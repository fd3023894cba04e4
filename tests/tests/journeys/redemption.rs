//! A code is redeemed once, however many ask at the same time, and a second attempt ends what the first one got.

use barycenter_e2e::proxy::{Breaks, Proxy};
use barycenter_e2e::{Client, DatabaseKind, Deployment, Visitor, relying_party};
use serde_json::Value;
use tokio::task::JoinSet;
use url::Url;

on_both_databases!(
    one_of_eight_parallel_redemptions_succeeds,
    two_replicas_redeem_a_code_once,
    a_reused_code_revokes_what_it_issued,
);

async fn one_of_eight_parallel_redemptions_succeeds(database: DatabaseKind) {
    let deployment = Deployment::new(database).await;
    let _daemon = deployment.sync_and_start().await;
    let client = Client::register(&deployment, "webshop").await;
    let code = code_for_admin(&client).await;
    exactly_one_redeems(std::slice::from_ref(&client), &code).await;
}

async fn two_replicas_redeem_a_code_once(database: DatabaseKind) {
    let deployment = Deployment::new(database).await;
    let _daemon = deployment.sync_and_start().await;
    let replica = deployment.start_replica().await;
    let here = Client::register(&deployment, "webshop").await;
    let there = here.through(replica.base());
    let code = code_for_admin(&here).await;
    exactly_one_redeems(&[here, there], &code).await;
}

/// Redeems the code eight times at once, by turns through each of `clients`: one succeeds, and then loses its token
/// because the others tried.
async fn exactly_one_redeems(clients: &[Client], code: &str) {
    let mut attempts = JoinSet::new();
    for client in clients.iter().cycle().take(8) {
        let (client, code) = (client.clone(), code.to_owned());
        attempts.spawn(async move {
            let answer = client.redeem(&code).await;
            let status = answer.status().as_u16();
            (status, answer.json::<Value>().await.expect("JSON"))
        });
    }
    let answers = attempts.join_all().await;
    let (winners, losers): (Vec<_>, Vec<_>) = answers.iter().partition(|(status, _)| *status == 200);
    assert_eq!(winners.len(), 1, "{answers:#?}");
    for (status, body) in losers {
        assert_eq!(*status, 400, "{body:#}");
        assert_eq!(body["error"], "invalid_grant");
    }
    let access_token = winners[0].1["access_token"].as_str().expect("an access token");
    for client in clients {
        let userinfo = client.userinfo(access_token).await;
        assert_eq!(userinfo.status(), 401, "the winner's token outlived the reuse");
    }
}

async fn a_reused_code_revokes_what_it_issued(database: DatabaseKind) {
    let deployment = Deployment::new(database).await;
    let _daemon = deployment.sync_and_start().await;
    let client = Client::register(&deployment, "webshop").await;
    let code = code_for_admin(&client).await;

    let tokens: Value = client.redeem(&code).await.json().await.expect("JSON");
    let access_token = tokens["access_token"].as_str().expect("an access token");
    assert_eq!(client.userinfo(access_token).await.status(), 200);

    let second = client.redeem(&code).await;
    assert_eq!(second.status(), 400);
    assert_eq!(second.json::<Value>().await.expect("JSON")["error"], "invalid_grant");
    let userinfo = client.userinfo(access_token).await;
    assert_eq!(userinfo.status(), 401);
    assert!(userinfo.headers().contains_key("www-authenticate"));
}

async fn code_for_admin(client: &Client) -> String {
    let returned =
        Visitor::new().authorize(&client.authorization_request(&[]), "admin", "CHANGE-ME-IN-PRODUCTION").await;
    relying_party::code(&returned)
}

/// The client, the grant, and the one step that uses the grant up: what else the daemon asks meanwhile comes on top, so
/// the fewest of several count.
#[tokio::test]
async fn a_token_request_makes_at_most_four_round_trips_to_the_database() {
    const REQUESTS: usize = 12;
    let mut deployment = Deployment::new(DatabaseKind::Postgresql).await;
    let mut url = Url::parse(deployment.database_url()).expect("a URL");
    let proxy = Proxy::start(url.port().expect("a port"), Breaks::Never).await;
    url.set_ip_host(proxy.address().ip()).expect("a host");
    url.set_port(Some(proxy.address().port())).expect("a port");
    deployment.set("DATABASE__URL", url.as_str());
    // Each connection prepares a statement once: few of them have soon prepared all.
    deployment.set("DATABASE__MAX_CONNECTIONS", "2");
    let _daemon = deployment.sync_and_start().await;
    let client = Client::register(&deployment, "webshop").await;
    let (visitor, request) = (Visitor::new(), client.authorization_request(&[]));
    let mut fewest = u64::MAX;
    for _ in 0..REQUESTS {
        let code = relying_party::code(&visitor.authorize(&request, "admin", "CHANGE-ME-IN-PRODUCTION").await);
        let before = proxy.round_trips();
        assert_eq!(client.redeem(&code).await.status(), 200);
        fewest = fewest.min(proxy.round_trips() - before);
    }
    assert!((1..=4).contains(&fewest), "{fewest} round trips");
}
