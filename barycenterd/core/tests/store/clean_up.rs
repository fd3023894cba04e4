//! The clean-up: no table grows without bound, and nothing goes that is still needed.

use barycenter_core::store::{EXPIRING, Expiring, Store};
use sea_orm::{ConnectionTrait as _, DatabaseBackend, DatabaseConnection, Statement};

use crate::support::{NOW, Place, client, on_both, user};

async fn connect(place: &Place) -> DatabaseConnection {
    sea_orm::Database::connect(place.settings.url.expose()).await.unwrap()
}

fn is_sqlite(connection: &DatabaseConnection) -> bool {
    connection.get_database_backend() == DatabaseBackend::Sqlite
}

async fn texts(connection: &DatabaseConnection, query: &str) -> Vec<String> {
    let statement = Statement::from_string(connection.get_database_backend(), query.to_owned());
    let rows = connection.query_all_raw(statement).await.expect(query);
    rows.iter().map(|row| row.try_get_by_index::<String>(0).unwrap()).collect()
}

async fn count(connection: &DatabaseConnection, table: &str) -> i64 {
    let statement =
        Statement::from_string(connection.get_database_backend(), format!("SELECT count(*) FROM \"{table}\""));
    connection.query_one_raw(statement).await.unwrap().unwrap().try_get_by_index(0).unwrap()
}

/// A column of a table: its name, its type, and whether it may be empty.
type Column = (String, String, bool);

async fn columns(connection: &DatabaseConnection, table: &str) -> Vec<Column> {
    let query = if is_sqlite(connection) {
        format!(
            "SELECT name || '|' || lower(type) || '|' || (\"notnull\" = 0 AND pk = 0) FROM pragma_table_info('{table}')"
        )
    } else {
        format!(
            "SELECT column_name || '|' || data_type || '|' || (is_nullable = 'YES')::int FROM information_schema.columns \
             WHERE table_schema = 'public' AND table_name = '{table}' ORDER BY ordinal_position"
        )
    };
    let found = texts(connection, &query).await;
    found
        .iter()
        .map(|line| {
            let parts: Vec<&str> = line.split('|').collect();
            (parts[0].to_owned(), parts[1].to_owned(), parts[2] == "1")
        })
        .collect()
}

/// Adds a row whose time is `time`, with something in every column that wants something.
async fn add(connection: &DatabaseConnection, what: &Expiring, number: i64, time: i64) {
    let (mut names, mut values) = (Vec::new(), Vec::new());
    for (name, kind, may_be_empty) in columns(connection, what.table).await {
        let value = match name.as_str() {
            column if column == what.column => time.to_string(),
            "client_id" => "'web'".to_owned(),
            "user_id" => format!("'{}'", texts(connection, "SELECT id FROM users").await[0]),
            // What belongs together, where a condition asks for it.
            "manager" | "origin" => "'same'".to_owned(),
            "state" if what.table == "job_runs" => "'ok'".to_owned(),
            _ if may_be_empty => continue,
            _ if kind.contains("text") || kind.contains("char") => format!("'{name} {number}'"),
            _ if kind.contains("bool") => "false".to_owned(),
            _ => "1".to_owned(),
        };
        names.push(format!("\"{name}\""));
        values.push(value);
    }
    let insert = format!("INSERT INTO \"{}\" ({}) VALUES ({})", what.table, names.join(", "), values.join(", "));
    connection.execute_unprepared(&insert).await.expect(&insert);
}

/// Cleans a table up as the job does; returns how many rows went, and in how many steps.
async fn clean_up(store: &Store, what: &Expiring) -> (u64, u64) {
    let (mut rows, mut steps, mut from) = (0, 0, None);
    loop {
        let removed = store.remove_expired(what, NOW, from).await.unwrap();
        rows += removed.rows;
        steps += 1;
        from = removed.next;
        if from.is_none() {
            return (rows, steps);
        }
    }
}

async fn furnished(place: &Place, store: &Store) -> DatabaseConnection {
    store.users().insert(&user("alice")).await.unwrap();
    store.clients().insert(&client("web")).await.unwrap();
    connect(place).await
}

#[tokio::test]
async fn every_table_is_emptied_of_what_has_expired_and_of_nothing_else() {
    on_both(|place, store| async move {
        let connection = furnished(&place, &store).await;
        for what in EXPIRING {
            for number in 0..3 {
                add(&connection, what, number, 1000 + number).await;
            }
            add(&connection, what, 3, NOW.as_unix() + 1000).await;
            let (rows, _) = clean_up(&store, what).await;
            assert_eq!(rows, 3, "{}", what.table);
            assert_eq!(count(&connection, what.table).await, 1, "{}", what.table);
        }
    })
    .await;
}

#[tokio::test]
async fn every_table_with_rows_that_end_is_on_the_list() {
    on_both(|place, _store| async move {
        let connection = connect(&place).await;
        let tables = if is_sqlite(&connection) {
            "SELECT m.name FROM sqlite_master AS m JOIN pragma_table_info(m.name) AS c ON c.name = 'expires_at' WHERE m.type = 'table'"
        } else {
            "SELECT table_name::text FROM information_schema.columns WHERE table_schema = 'public' AND column_name = 'expires_at'"
        };
        let tables = texts(&connection, tables).await;
        assert!(tables.len() >= 5, "{tables:?}");
        for table in tables {
            assert!(
                EXPIRING.iter().any(|what| what.table == table),
                "{table} has expires_at and no line in store::clean_up::EXPIRING"
            );
        }
    })
    .await;
}

#[tokio::test]
async fn many_rows_go_in_bounded_steps() {
    on_both(|place, store| async move {
        let connection = furnished(&place, &store).await;
        let what = EXPIRING.iter().find(|what| what.table == "access_tokens").unwrap();
        let series = if is_sqlite(&connection) {
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1200) SELECT i FROM n"
        } else {
            "SELECT i FROM generate_series(1, 1200) AS i"
        };
        // Half of them have ended in the same second.
        let insert = format!(
            "INSERT INTO access_tokens (digest, family, client_id, user_id, session_id, scopes, issued_at, expires_at) \
             SELECT 'd' || i, 'f', 'web', (SELECT id FROM users), 's', '[]', 1, CASE WHEN i < 600 THEN 7 ELSE i END FROM ({series}) AS n"
        );
        connection.execute_unprepared(&insert).await.unwrap();
        assert_eq!(clean_up(&store, what).await, (1200, 3));
        assert_eq!(count(&connection, "access_tokens").await, 0);
    })
    .await;
}

#[tokio::test]
async fn a_used_refresh_token_stays_as_long_as_its_family_lives() {
    on_both(|place, store| async move {
        let connection = furnished(&place, &store).await;
        let what = EXPIRING.iter().find(|what| what.table == "refresh_tokens").unwrap();
        let (now, year) = (NOW.as_unix(), 31_536_000);
        for (digest, family, expires_at, used_at) in [
            ("gone 1", "gone", now - 5000, "1"),
            ("gone 2", "gone", now - 4000, "NULL"),
            ("living 1", "living", now - 5000, "1"),
            ("living 2", "living", now + 5000, "NULL"),
            ("ancient", "living", now - 5000 - year, "1"),
        ] {
            let insert = format!(
                "INSERT INTO refresh_tokens (digest, family, client_id, user_id, session_id, scopes, authenticated_at, \
                 issued_at, expires_at, used_at) VALUES ('{digest}', '{family}', 'web', (SELECT id FROM users), 's', '[]', 1, 1, {expires_at}, {used_at})"
            );
            connection.execute_unprepared(&insert).await.unwrap();
        }
        assert_eq!(clean_up(&store, what).await.0, 3);
        let left = texts(&connection, "SELECT digest FROM refresh_tokens ORDER BY digest").await;
        assert_eq!(left, ["living 1", "living 2"]);
    })
    .await;
}

#[tokio::test]
async fn an_authorization_stays_as_long_as_its_code_may_be_redeemed() {
    on_both(|place, store| async move {
        let connection = furnished(&place, &store).await;
        let what = EXPIRING.iter().find(|what| what.table == "authorizations").unwrap();
        add(&connection, what, 1, NOW.as_unix() - 1000).await;
        let code = format!("UPDATE authorizations SET code_expires_at = {}", NOW.as_unix() + 30);
        connection.execute_unprepared(&code).await.unwrap();
        assert_eq!(clean_up(&store, what).await.0, 0);
        connection.execute_unprepared("UPDATE authorizations SET code_expires_at = 1").await.unwrap();
        assert_eq!(clean_up(&store, what).await.0, 1);
    })
    .await;
}

#[tokio::test]
async fn the_last_sync_of_each_file_is_remembered() {
    on_both(|place, store| async move {
        let connection = connect(&place).await;
        let what = EXPIRING.iter().find(|what| what.table == "sync_runs").unwrap();
        for number in 0..3 {
            add(&connection, what, number, 1000 + number).await;
        }
        assert_eq!(clean_up(&store, what).await.0, 2);
        assert_eq!(texts(&connection, "SELECT id FROM sync_runs").await, ["id 2"]);
    })
    .await;
}
