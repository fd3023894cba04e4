//! What cannot be avoided: reading the file, reading the rows, writing the rows, hashing the passwords.

use std::fs::File;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::thread::{available_parallelism, scope};
use std::time::{Duration, Instant};

use argon2::{Algorithm, Argon2, Params, Version};
use futures_util::TryStreamExt as _;
use sea_orm::{
    ConnectOptions, ConnectionTrait as _, Database, DatabaseConnection, DbBackend, QueryResult, Statement,
    StreamTrait as _, TransactionTrait as _, Value,
};

/// Rows in one statement and one transaction.
const ROWS: usize = 1000;
const TEXTS: [&str; 12] = [
    "id",
    "username",
    "username_folded",
    "external_id",
    "email",
    "email_folded",
    "password_hash",
    "\"groups\"",
    "properties",
    "origin",
    "manager",
    "declared",
];
const FLAGS: [&str; 3] = ["email_verified", "enabled", "protected"];
const NUMBERS: [&str; 3] = ["created_at", "updated_at", "last_login_at"];

async fn connect(url: &str) -> DatabaseConnection {
    let mut options = ConnectOptions::new(url);
    options.max_connections(1).sqlx_logging(false);
    Database::connect(options).await.expect("the database answers")
}

/// Returns how long it takes to read a file of one user a line, and to parse each.
pub(crate) fn read_file(path: &Path) -> Duration {
    let began = Instant::now();
    let mut users = 0;
    for line in BufReader::new(File::open(path).expect("the file")).lines() {
        let line = line.expect("a line");
        if let Ok(user) = serde_json::from_str::<serde_json::Value>(line.trim_end_matches(',')) {
            users += u64::from(user.get("username").is_some());
        }
    }
    assert!(users > 0, "no user a line in {}", path.display());
    began.elapsed()
}

/// Returns how long it takes to stream the names and digests of all users.
pub(crate) async fn stream_rows(url: &str) -> Duration {
    let connection = connect(url).await;
    let query = "SELECT username_folded, declared FROM users ORDER BY username_folded";
    let began = Instant::now();
    let statement = Statement::from_string(connection.get_database_backend(), query);
    let mut rows = connection.stream_raw(statement).await.expect("rows");
    let mut bytes = 0;
    while let Some(row) = rows.try_next().await.expect("a row") {
        let text = |place: usize| row.try_get_by_index::<String>(place).expect("a text").len();
        bytes += text(0) + text(1);
    }
    assert!(bytes > 0, "no rows");
    began.elapsed()
}

/// Copies all users from one database into another one that has none; returns how long the inserts take.
pub(crate) async fn insert_rows(from: &str, to: &str) -> Duration {
    let (source, target) = (connect(from).await, connect(to).await);
    let backend = target.get_database_backend();
    let columns: Vec<&str> = TEXTS.into_iter().chain(FLAGS).chain(NUMBERS).collect();
    let query = format!("SELECT {} FROM users ORDER BY created_at, id", columns.join(","));
    let rows = source.query_all_raw(Statement::from_string(source.get_database_backend(), query)).await.expect("rows");
    let rows: Vec<Vec<Value>> = rows.iter().map(values).collect();
    let head = format!("INSERT INTO users ({}) VALUES ", columns.join(","));
    let mut took = Duration::ZERO;
    for batch in rows.chunks(ROWS) {
        let tuples: Vec<String> =
            (0..batch.len()).map(|row| tuple(backend, row * columns.len(), columns.len())).collect();
        let statement = Statement::from_sql_and_values(
            backend,
            format!("{head}{}", tuples.join(",")),
            batch.iter().flatten().cloned(),
        );
        let began = Instant::now();
        let transaction = target.begin().await.expect("a transaction");
        transaction.execute_raw(statement).await.expect("an insert");
        transaction.commit().await.expect("a commit");
        took += began.elapsed();
    }
    took
}

fn values(row: &QueryResult) -> Vec<Value> {
    let texts = (0..TEXTS.len()).map(|place| row.try_get_by_index::<Option<String>>(place).expect("a text").into());
    let flags = (0..FLAGS.len()).map(|place| row.try_get_by_index::<bool>(TEXTS.len() + place).expect("a flag").into());
    let first = TEXTS.len() + FLAGS.len();
    let numbers =
        (0..NUMBERS.len()).map(|place| row.try_get_by_index::<Option<i64>>(first + place).expect("a number").into());
    texts.chain(flags).chain(numbers).collect()
}

fn tuple(backend: DbBackend, first: usize, count: usize) -> String {
    let place = |number: usize| if backend == DbBackend::Postgres { format!("${number}") } else { "?".to_owned() };
    format!("({})", (first + 1..=first + count).map(place).collect::<Vec<_>>().join(","))
}

/// Returns how many passwords a second all cores hash together, with the parameters that are the default.
pub(crate) fn hashes_a_second() -> f64 {
    const HASHES: u32 = 100;
    let params = Params::new(19_456, 2, 1, None).expect("sound parameters");
    let hasher = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
    let cores = u32::try_from(available_parallelism().map_or(1, std::num::NonZero::get)).expect("few cores");
    let began = Instant::now();
    scope(|scope| {
        for _ in 0..cores {
            scope.spawn(|| {
                for number in 0..HASHES {
                    let mut hash = [0; 32];
                    let salt = u128::from(number).to_be_bytes();
                    hasher.hash_password_into(b"a password", &salt, &mut hash).expect("a hash");
                    std::hint::black_box(hash);
                }
            });
        }
    });
    f64::from(cores * HASHES) / began.elapsed().as_secs_f64()
}
