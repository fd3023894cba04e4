//! A database for every test: a SQLite file, or a database of its own on the PostgreSQL server of this test run.
//!
//! PostgreSQL is never optional: without `BARYCENTER_TEST_POSTGRES_URL` a test fails and says how to run it.

use std::path::Path;
use std::sync::atomic::{AtomicU32, Ordering};

use sea_orm::{
    ConnectOptions, ConnectionTrait, Database, DatabaseBackend, DatabaseConnection, DatabaseTransaction,
    SqliteTransactionMode, TransactionOptions, TransactionTrait,
};
use url::Url;

use crate::program;

/// Which database a case runs on; every case runs on both.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DatabaseKind {
    /// A file in the deployment's folder.
    Sqlite,
    /// A fresh database on the server that `tests/with-postgres.sh` started.
    Postgresql,
}

impl DatabaseKind {
    /// Returns what the database is called.
    pub fn name(self) -> &'static str {
        match self {
            Self::Sqlite => "SQLite",
            Self::Postgresql => "PostgreSQL",
        }
    }

    /// Makes an empty database and returns its URL; a SQLite file is left to be made by the product.
    pub async fn create(self, folder: &Path) -> String {
        match self {
            Self::Sqlite => format!("sqlite://{}?mode=rwc", folder.join("barycenter.db").display()),
            Self::Postgresql => create_on_postgresql().await,
        }
    }
}

/// Runs statements on a database, behind the product's back.
pub async fn execute(url: &str, statements: &str) {
    let connection = connect(url).await;
    if let Err(error) = connection.execute_unprepared(statements).await {
        panic!("cannot run {statements:?}: {error}");
    }
    connection.close().await.expect("the connection closes");
}

/// Holds the lock of that name, as the product's transactions do, until the returned value is dropped.
pub async fn hold_lock(url: &str, name: &str) -> DatabaseTransaction {
    let connection = connect(url).await;
    let sqlite = connection.get_database_backend() == DatabaseBackend::Sqlite;
    let options = TransactionOptions {
        sqlite_transaction_mode: sqlite.then_some(SqliteTransactionMode::Immediate),
        ..TransactionOptions::default()
    };
    let transaction = connection.begin_with_options(options).await.expect("a transaction");
    if !sqlite {
        let statement = format!("SELECT pg_advisory_xact_lock(hashtextextended('{name}', 0))");
        transaction.execute_unprepared(&statement).await.expect("the lock");
    }
    transaction
}

async fn create_on_postgresql() -> String {
    static COUNTER: AtomicU32 = AtomicU32::new(0);
    let Some(server) = program::environment("BARYCENTER_TEST_POSTGRES_URL") else {
        panic!(
            "this test needs PostgreSQL and BARYCENTER_TEST_POSTGRES_URL is not set; \
             run `make test`, or `tests/with-postgres.sh cargo test --workspace`"
        );
    };
    let name = format!("journey_{}_{}", std::process::id(), COUNTER.fetch_add(1, Ordering::Relaxed));
    execute(&server, &format!("CREATE DATABASE {name}")).await;
    let mut url = Url::parse(&server).expect("BARYCENTER_TEST_POSTGRES_URL is a URL");
    url.set_path(&name);
    url.into()
}

async fn connect(url: &str) -> DatabaseConnection {
    let mut options = ConnectOptions::new(url);
    options.max_connections(1).sqlx_logging(false);
    match Database::connect(options).await {
        Ok(connection) => connection,
        Err(error) => panic!("cannot connect to the test's database: {error}"),
    }
}
