//! What can go wrong between us and the database. No message ever holds a password or a connection URL's password.

use std::path::PathBuf;

use sea_orm::{DbErr, RuntimeErr, SqlErr};
use thiserror::Error;

/// A failure of the store.
#[derive(Debug, Error)]
pub enum StoreError {
    /// The database cannot be reached, does not answer in time, or is locked; trying again later may help.
    #[error("the database is not available: {0}")]
    Unavailable(#[source] DbErr),
    /// The row exists already.
    #[error("already exists: {0}")]
    Conflict(String),
    /// A stored value cannot be read back.
    #[error("table {table}, column {column}, row {row}: the stored value cannot be read: {reason}")]
    Corrupt {
        /// The table.
        table: &'static str,
        /// The column.
        column: &'static str,
        /// The row's key.
        row: String,
        /// What is wrong with the value.
        reason: String,
    },
    /// The folder in which the SQLite file should lie does not exist.
    #[error("the folder {} of the database file {} does not exist; create it, or mount a volume there", folder.display(), file.display())]
    FolderMissing {
        /// The folder.
        folder: PathBuf,
        /// The database file.
        file: PathBuf,
    },
    /// The SQLite file does not exist, and the URL does not ask to create it.
    #[error("the database file {} does not exist; add ?mode=rwc to database.url to have it created", .0.display())]
    FileMissing(PathBuf),
    /// The SQLite file cannot be opened or created.
    #[error("the database file {}: {reason}", file.display())]
    File {
        /// The database file.
        file: PathBuf,
        /// Why not.
        reason: String,
    },
    /// The database has been migrated by a newer version of the program.
    #[error(
        "the database is at schema {found}, newer than {known}, the newest that this version knows; use the version that migrated it"
    )]
    NewerSchema {
        /// The schema that was found.
        found: String,
        /// The newest schema of this program.
        known: String,
    },
    /// The database has not been migrated yet.
    #[error(
        "the database is at schema {found}, this version needs {needed}; run `baryctl db migrate` or start barycenterd"
    )]
    OlderSchema {
        /// The schema that was found; `none` for an empty database.
        found: String,
        /// The schema that is needed.
        needed: String,
    },
    /// There is no such step of the schema.
    #[error("there is no schema step {asked}; this version knows {known}")]
    UnknownStep {
        /// The step that was asked for.
        asked: u16,
        /// The steps that there are.
        known: String,
    },
    /// The database has gone further already, and nothing leads back.
    #[error(
        "the database is at schema {found} already, and a schema never goes back to {asked}; bring a backup from before back instead"
    )]
    BehindSchema {
        /// The schema that was found.
        found: String,
        /// The step that was asked for.
        asked: String,
    },
    /// Any other failure.
    #[error("the database refused: {0}")]
    Database(#[source] DbErr),
}

impl StoreError {
    /// Judges an error of the database that is being looked at from outside the store.
    pub(crate) fn from_database(error: &DbErr) -> Self {
        let message = DbErr::Custom(error.to_string());
        if is_unavailable(error) { Self::Unavailable(message) } else { Self::Database(message) }
    }

    /// Returns whether trying again later may help.
    #[must_use]
    pub const fn is_unavailable(&self) -> bool {
        matches!(self, Self::Unavailable(_))
    }

    /// Returns whether a row with the same unique value exists already.
    #[must_use]
    pub const fn is_conflict(&self) -> bool {
        matches!(self, Self::Conflict(_))
    }
}

impl From<DbErr> for StoreError {
    fn from(error: DbErr) -> Self {
        if let Some(SqlErr::UniqueConstraintViolation(what)) = error.sql_err() {
            return Self::Conflict(what);
        }
        if is_unavailable(&error) { Self::Unavailable(error) } else { Self::Database(error) }
    }
}

/// Tells a database that is away or busy from one that objects to what we ask.
fn is_unavailable(error: &DbErr) -> bool {
    let runtime = match error {
        DbErr::ConnectionAcquire(_) => return true,
        DbErr::Conn(runtime) | DbErr::Exec(runtime) | DbErr::Query(runtime) => runtime,
        _ => return false,
    };
    let RuntimeErr::SqlxError(error) = runtime else { return matches!(error, DbErr::Conn(_)) };
    match error.as_ref() {
        sqlx::Error::Io(_)
        | sqlx::Error::Tls(_)
        | sqlx::Error::PoolTimedOut
        | sqlx::Error::PoolClosed
        | sqlx::Error::WorkerCrashed => true,
        // SQLite: busy and locked (primary codes 5 and 6). PostgreSQL: connection, resource and operator trouble
        // (classes 08, 53, 57) and lost races (class 40).
        sqlx::Error::Database(database) => database.code().is_some_and(|code| match code.parse::<i64>() {
            Ok(number) if code.len() < 5 => matches!(number & 0xff, 5 | 6),
            _ => ["08", "53", "57", "40"].iter().any(|class| code.starts_with(class)),
        }),
        _ => false,
    }
}
