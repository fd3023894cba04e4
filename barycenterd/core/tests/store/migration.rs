//! A database of the first release becomes one of today, with what is in it.

use barycenter_core::model::{Manager, Ownership, Timestamp, Username};
use barycenter_core::store::SchemaStatus;
use sea_orm::ConnectionTrait as _;

use crate::support::{Place, on_both};

/// Takes a database back to the first step, as the first release left it.
async fn back_to_0001(place: &Place) {
    let connection = sea_orm::Database::connect(place.settings.url.expose()).await.unwrap();
    let indexes = [
        "ux_users_manager_external_id",
        "ix_clients_manager",
        "ix_sync_runs_started_at",
        "ux_signing_keys_pending",
        "ux_signing_keys_active",
    ];
    let columns = [
        ("access_tokens", ["claims"].as_slice()),
        ("refresh_tokens", &["claims"]),
        ("users", &["external_id", "groups", "protected"]),
        ("signing_keys", &["activates_at", "retiring_at", "verifies_until", "retired_at", "lifetime"]),
        (
            "clients",
            &[
                "enabled",
                "origin",
                "manager",
                "declared",
                "access_token_seconds",
                "id_token_seconds",
                "refresh_token_seconds",
                "metadata",
                "sealed_secret",
                "registration_digest",
            ],
        ),
        ("refresh_tokens", &["resources", "jkt"]),
    ];
    let mut statements: Vec<String> = indexes.iter().map(|name| format!("DROP INDEX {name}")).collect();
    let tables = [
        "leases",
        "sync_runs",
        "keyring",
        "job_log",
        "job_runs",
        "jobs",
        "replicas",
        "device_codes",
        "used_ids",
        "registration_tokens",
        "pushed_requests",
        "throttles",
        "participants",
        "logout_deliveries",
        "runtime_settings",
    ];
    statements.extend(tables.map(|table| format!("DROP TABLE {table}")));
    for (table, columns) in columns {
        statements.extend(columns.iter().map(|column| format!("ALTER TABLE {table} DROP COLUMN \"{column}\"")));
    }
    statements.push("DELETE FROM seaql_migrations WHERE version <> '0001_initial'".to_owned());
    statements.push(
        "INSERT INTO signing_keys (kid, algorithm, state, jwk, wrapped, root, created_at, activated_at) VALUES
         ('old', 'RS256', 'retiring', '{}', 'x', 'r', 6, 6), ('new', 'ES256', 'active', '{}', 'x', 'r', 7, 8)"
            .to_owned(),
    );
    statements.push(
        "INSERT INTO users (id, username, username_folded, email, email_folded, email_verified, enabled, password_hash,
            properties, origin, manager, declared, created_at, updated_at) VALUES
         ('1', 'Admin', 'admin', 'A@b.c', 'a@b.c', true, true, '$argon2id$x', '{\"role\":\"admin\"}', 'managed', 'users.json',
            '{\"password_fingerprint\":\"f\",\"property_names\":[\"role\"]}', 1, 2),
         ('2', 'bob', 'bob', NULL, NULL, false, false, NULL, '{}', 'self_registered', NULL, '{}', 3, 4)"
            .to_owned(),
    );
    statements.push(
        "INSERT INTO clients (id, name, authentication_method, redirect_uris, post_logout_redirect_uris, grant_types,
            scopes, first_party, created_at) VALUES ('web', 'Web', 'none', '[\"https://rp.example/cb\"]', '[]',
            '[\"authorization_code\"]', '[\"openid\"]', true, 5)"
            .to_owned(),
    );
    for statement in statements {
        connection.execute_unprepared(&statement).await.expect(&statement);
    }
}

#[tokio::test]
async fn what_the_first_release_stored_is_there_today() {
    on_both(|place, store| async move {
        drop(store);
        back_to_0001(&place).await;
        let store = place.connect().await;
        assert_eq!(store.schema_status().await.unwrap().version(), "0001");
        let pending = store.schema_status().await.unwrap().pending;
        assert_eq!(store.migrate().await.unwrap(), pending);
        assert_eq!(store.schema_status().await.unwrap().version(), SchemaStatus::newest());
        let users = store.users();
        let admin = users.by_username(&Username::parse("admin").unwrap()).await.unwrap().unwrap();
        assert_eq!((admin.external_id.as_ref(), admin.groups.len(), admin.protected), (None, 0, false));
        assert_eq!((admin.email.unwrap().as_str(), admin.enabled, admin.created_at.as_unix()), ("A@b.c", true, 1));
        let Ownership::Managed { manager, declared } = admin.ownership else { panic!("managed") };
        assert_eq!((manager, declared.secret_fingerprint.as_deref()), (Manager::default(), Some("f")));
        assert!(declared.property_names.contains("role") && declared.state.is_none());
        let bob = store.users().by_username(&Username::parse("bob").unwrap()).await.unwrap().unwrap();
        assert_eq!((bob.ownership, bob.enabled), (Ownership::SelfRegistered, false));
        assert_eq!(store.clients().page(10, None).await.unwrap().len(), 1);
        let keys = store.signing_keys().all().await.unwrap();
        let times: Vec<_> = keys.iter().map(|key| key.activates_at.map(Timestamp::as_unix)).collect();
        assert_eq!((times, keys[0].verifies_until), (vec![Some(6), Some(8)], None));
        assert_eq!(store.signing_keys().keyring().await.unwrap().derivation, None);
        assert!(store.migrate().await.unwrap().is_empty());
    })
    .await;
}
