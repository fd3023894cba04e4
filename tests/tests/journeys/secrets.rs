//! No secret leaves the programs: not into the log, however much is logged, nor into what they print, nor into files
//! that others may read.

use std::os::unix::fs::PermissionsExt;

use barycenter_e2e::{Client, DatabaseKind, Deployment, Visitor, relying_party};
use serde_json::Value;

on_both_databases!(the_fullest_log_holds_no_secret, files_with_secrets_belong_to_their_owner);

const PASSWORD: &str = "CHANGE-ME-IN-PRODUCTION";

async fn the_fullest_log_holds_no_secret(database: DatabaseKind) {
    let mut deployment = Deployment::new(database).await;
    // The libraries are quiet unless they are named.
    deployment.set_variable("RUST_LOG", "trace,sqlx=trace,sea_orm=trace,sea_orm_migration=trace,poem=trace");
    let synced = deployment.sync_users(&deployment.users()).await.exited(0);
    let daemon = deployment.start().await;
    let listed = deployment.online(&["-vv", "users", "list"]).await.exited(0);
    let client = Client::register(&deployment, "webshop").await;
    let visitor = Visitor::new();
    let page = visitor.visit(&client.authorization_request(&[])).await;
    visitor.log_in(&page, "admin", "a canary that is mistyped").await;
    let returned = visitor.authorize(&client.authorization_request(&[]), "admin", PASSWORD).await;
    let code = relying_party::code(&returned);
    let tokens: Value = client.redeem(&code).await.json().await.expect("JSON");
    let access_token = tokens["access_token"].as_str().expect("an access token");
    client.userinfo(access_token).await;
    client.redeem(&code).await;
    let log = daemon.log();
    assert!(log.contains("poem::server"), "the libraries are quiet:\n{log}");
    assert_eq!(daemon.stop().await, 0);

    let token = std::fs::read_to_string(deployment.path("data/admin.token")).expect("the token was written");
    let database_password =
        url::Url::parse(deployment.database_url()).ok().and_then(|url| url.password().map(str::to_owned));
    let secrets = [
        ("a password", Some(PASSWORD)),
        ("a mistyped password", Some("canary")),
        ("the client's secret", client.secret.as_deref()),
        ("the code", Some(code.as_str())),
        ("the access token", Some(access_token)),
        ("the ID Token", tokens["id_token"].as_str()),
        ("the admin token", Some(token.trim())),
        ("the database's password", database_password.as_deref()),
    ];
    for (name, secret) in secrets {
        let Some(secret) = secret else { continue };
        for (place, text) in
            [("the daemon's log", &log), ("sync-users", &format!("{synced}")), ("baryctl", &format!("{listed}"))]
        {
            let line = text.lines().find(|line| line.contains(secret));
            assert!(line.is_none(), "{name} is in what {place} says: {line:?}");
        }
    }
}

async fn files_with_secrets_belong_to_their_owner(database: DatabaseKind) {
    let deployment = Deployment::new(database).await;
    let daemon = deployment.sync_and_start().await;
    let mut private = vec!["private_key.pem", "admin.token"];
    if database == DatabaseKind::Sqlite {
        private.extend(["barycenter.db", "barycenter.db-wal", "barycenter.db-shm"]);
    }
    for name in private {
        let metadata = std::fs::metadata(deployment.path(&format!("data/{name}"))).expect("the file exists");
        assert_eq!(metadata.permissions().mode() & 0o777, 0o600, "{name}");
    }
    assert_eq!(daemon.stop().await, 0);
}
