//! Opening the database: file and folder checks for SQLite, settings of the connections, and errors that name the
//! place without naming the password.

use std::fs::OpenOptions;
use std::io::ErrorKind;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use sea_orm::{ConnectOptions, Database};
use sqlx::sqlite::{SqliteJournalMode, SqliteSynchronous};

use crate::store::batches::Batches;
use crate::store::presence::Presence;
use crate::store::sqlite::Sqlite;
use crate::store::{BATCHES, BUSY_TIMEOUT, Store, StoreError};
use crate::{backup, config};

/// How long to wait for a connection before the database counts as unavailable.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(5);

/// A connection to a server that nobody has used for so long is tried before it is used: the server may have gone.
const TRUSTED: Duration = Duration::from_secs(1);

/// What an SQLite connection keeps in memory, in KiB: negative by SQLite's own convention.
const SQLITE_CACHE: &str = "-1024";

/// How many rows an SQLite connection reads ahead: waking up for every few costs more than reading them.
const SQLITE_ROWS: usize = 1000;

impl Store {
    /// Opens the configured database. A missing SQLite file is created with mode 0600 if the URL says `mode=rwc`.
    ///
    /// # Errors
    /// When the folder or file is missing or cannot be opened, or the server cannot be reached.
    pub async fn connect(settings: &config::Database) -> Result<Self, StoreError> {
        let url = settings.url.expose().to_owned();
        let file = settings.url.sqlite_path();
        let mut presence = None;
        if let Some(file) = file {
            require_folder(file)?;
            backup::finish_restore(file).await?;
            if !file.exists() && !url.contains("mode=rwc") {
                return Err(StoreError::FileMissing(file.to_owned()));
            }
            // Who only reads may have no right to write a lock.
            if !url.contains("mode=ro") {
                presence = Some(Arc::new(Presence::share(file, BUSY_TIMEOUT).await?));
            }
            prepare_file(file, &url)?;
        }
        let mut options = ConnectOptions::new(url);
        options
            .max_connections(settings.max_connections)
            .acquire_timeout(ACQUIRE_TIMEOUT)
            .connect_timeout(ACQUIRE_TIMEOUT)
            .sqlx_logging(false)
            .map_sqlx_sqlite_opts(|sqlite| {
                sqlite
                    .journal_mode(SqliteJournalMode::Wal)
                    .synchronous(SqliteSynchronous::Normal)
                    .busy_timeout(BUSY_TIMEOUT)
                    .foreign_keys(true)
                    .row_buffer_size(SQLITE_ROWS)
                    .pragma("cache_size", SQLITE_CACHE)
            })
            .map_sqlx_postgres_opts(|postgres| postgres.application_name("barycenter"));
        if file.is_some() {
            options.test_before_acquire(false);
        } else {
            options.test_before_acquire_if_idle_for(TRUSTED);
        }
        let connection = Database::connect(options).await.map_err(|error| match file {
            Some(file) => StoreError::File { file: file.to_owned(), reason: error.to_string() },
            None => StoreError::Unavailable(error),
        })?;
        let sqlite = file.map(|file| Arc::new(Sqlite::new(file, settings.url.expose())));
        let batches = if file.is_some() { 1 } else { BATCHES };
        Ok(Self {
            connection,
            sqlite,
            writer: Arc::default(),
            batches: Arc::new(Batches::new(batches)),
            observer: None,
            most_connections: settings.max_connections,
            presence,
        })
    }
}

fn require_folder(file: &Path) -> Result<(), StoreError> {
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    if folder.is_dir() {
        return Ok(());
    }
    Err(StoreError::FolderMissing { folder: folder.to_owned(), file: file.to_owned() })
}

/// Creates the file, so that nobody else can read it and errors name the path.
fn prepare_file(file: &Path, url: &str) -> Result<(), StoreError> {
    let refused = |reason: String| StoreError::File { file: file.to_owned(), reason };
    if file.is_dir() {
        return Err(refused("is a folder, not a file".to_owned()));
    }
    match OpenOptions::new().read(true).write(true).create_new(true).mode(0o600).open(file) {
        Ok(_) => Ok(()),
        Err(error) if error.kind() == ErrorKind::AlreadyExists => OpenOptions::new()
            .read(true)
            .write(!url.contains("mode=ro"))
            .open(file)
            .map(drop)
            .map_err(|error| refused(format!("cannot be opened: {error}"))),
        Err(error) => Err(refused(format!("cannot be created: {error}; is the folder writable for this user?"))),
    }
}
