//! A copy of an SQLite database that nobody has open: looked at without touching it.

use std::path::Path;

use sea_orm::{ConnectOptions, ConnectionTrait as _, Database, DatabaseBackend, DatabaseConnection, DbErr, Statement};
use url::Url;

use crate::backup::BackupError;
use crate::backup::manifest::Counts;

/// What is in a copy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Snapshot {
    /// Its schema steps, oldest first.
    pub(super) schema: Vec<String>,
    /// How much it holds.
    pub(super) counts: Counts,
    /// The root keys that its signing keys are wrapped under: one, or none before the first start.
    pub(super) roots: Vec<String>,
    /// What `integrity_check` found.
    pub(super) faults: Vec<String>,
}

impl Snapshot {
    /// Looks at a file.
    pub(super) async fn of(file: &Path) -> Result<Self, BackupError> {
        let unreadable = |error: DbErr| BackupError::File { path: file.to_owned(), reason: error.to_string() };
        let connection = open(file).await.map_err(unreadable)?;
        let snapshot = read(&connection).await;
        let _ = connection.close().await;
        snapshot.map_err(unreadable)
    }
}

/// Opens a file for reading only; immutable, so that no further file is made beside it.
async fn open(file: &Path) -> Result<DatabaseConnection, DbErr> {
    let invalid = || DbErr::Custom(format!("{} cannot be written as a URL", file.display()));
    let absolute = std::path::absolute(file).map_err(|_| invalid())?;
    let mut url = Url::from_file_path(absolute).map_err(|()| invalid())?;
    url.set_query(Some("mode=ro&immutable=true"));
    let mut options = ConnectOptions::new(url.as_str().replacen("file://", "sqlite://", 1));
    options.max_connections(1).sqlx_logging(false);
    Database::connect(options).await
}

async fn read(connection: &DatabaseConnection) -> Result<Snapshot, DbErr> {
    let texts = async |sql: &str| -> Result<Vec<String>, DbErr> {
        let statement = Statement::from_string(DatabaseBackend::Sqlite, sql);
        let rows = connection.query_all_raw(statement).await?;
        rows.iter().map(|row| row.try_get_by_index(0)).collect()
    };
    let faults: Vec<String> =
        texts("PRAGMA integrity_check(5)").await?.into_iter().filter(|line| line != "ok").collect();
    if !faults.is_empty() {
        return Ok(Snapshot { schema: Vec::new(), counts: Counts::default(), roots: Vec::new(), faults });
    }
    let tables = texts("SELECT name FROM sqlite_master WHERE type = 'table'").await?;
    let there = |name: &str| tables.iter().any(|table| table == name);
    let count = async |table: &str| -> Result<u64, DbErr> {
        if !there(table) {
            return Ok(0);
        }
        let counted = texts(&format!("SELECT CAST(count(*) AS TEXT) FROM {table}")).await?;
        Ok(counted.first().and_then(|text| text.parse().ok()).unwrap_or_default())
    };
    Ok(Snapshot {
        schema: if there("seaql_migrations") {
            texts("SELECT version FROM seaql_migrations ORDER BY version").await?
        } else {
            Vec::new()
        },
        counts: Counts {
            users: count("users").await?,
            clients: count("clients").await?,
            keys: count("signing_keys").await?,
        },
        roots: if there("signing_keys") { texts("SELECT DISTINCT root FROM signing_keys").await? } else { Vec::new() },
        faults,
    })
}
