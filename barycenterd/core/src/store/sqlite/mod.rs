//! SQLite by the short way, for what a token request does: it reads on the thread that asks, and writes together with
//! whoever else is waiting to.
//!
//! Elsewhere each statement is handed to a thread of its connection and back, which costs more than most statements
//! do. Nothing is kept here that another process could change: SQLite itself looks, whenever it begins to read, whether
//! somebody has written. Reading waits for nobody who writes.
//!
//! `read.rs`: rows by their keys; `write.rs`: what is written in groups.

mod read;
mod write;

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

use rusqlite::{Connection, ErrorCode, OpenFlags};
use sea_orm::DbErr;
use url::form_urlencoded;

use crate::store::observation::{Observation, Observer};
use crate::store::{BUSY_TIMEOUT, StoreError};

use read::Lookups;
use write::Queue;

/// How many statements a connection keeps prepared: more than there are.
const PREPARED: usize = 32;

/// As on every other connection to the file.
const SETTINGS: &str = "PRAGMA synchronous = NORMAL; PRAGMA foreign_keys = ON; PRAGMA cache_size = -1024";

/// A file, and connections to it that no thread stands between.
pub(super) struct Sqlite {
    file: PathBuf,
    /// How the file system is spoken to, if the URL says so.
    vfs: Option<String>,
    /// What writes. Whoever reads while nobody writes takes it too: it knows all pages that it has written.
    pen: Mutex<Option<Connection>>,
    /// What reads while somebody writes.
    readers: Mutex<Vec<Connection>>,
    closed: AtomicBool,
    lookups: Lookups,
    queue: Queue,
    observer: OnceLock<Observer>,
}

impl Sqlite {
    /// Returns the short way to a file; the first request opens it.
    pub(super) fn new(file: &Path, url: &str) -> Self {
        let parameters = url.split_once('?').map_or("", |(_, parameters)| parameters);
        let vfs = form_urlencoded::parse(parameters.as_bytes()).find(|(name, _)| name == "vfs");
        Self {
            file: file.to_owned(),
            vfs: vfs.map(|(_, vfs)| vfs.into_owned()),
            pen: Mutex::default(),
            readers: Mutex::default(),
            closed: AtomicBool::default(),
            lookups: Lookups::new(),
            queue: Queue::default(),
            observer: OnceLock::new(),
        }
    }

    /// Tells of its work from now on.
    pub(super) fn observe(&self, observer: &Observer) {
        // Whoever came first stays.
        let _ = self.observer.set(observer.clone());
    }

    fn tell(&self, observation: Observation) {
        if let Some(observer) = self.observer.get() {
            observer(observation);
        }
    }

    /// Closes all connections.
    pub(super) fn close(&self) {
        self.closed.store(true, Ordering::Release);
        drop(locked(&self.pen).take());
        locked(&self.readers).clear();
    }

    fn open(&self) -> Result<Connection, StoreError> {
        if self.closed.load(Ordering::Acquire) {
            return Err(StoreError::Unavailable(DbErr::Custom("the database has been closed".to_owned())));
        }
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = match &self.vfs {
            None => Connection::open_with_flags(&self.file, flags)?,
            Some(vfs) => Connection::open_with_flags_and_vfs(&self.file, flags, vfs.as_str())?,
        };
        connection.busy_timeout(BUSY_TIMEOUT)?;
        connection.execute_batch(SETTINGS)?;
        connection.set_prepared_statement_cache_capacity(PREPARED);
        Ok(connection)
    }

    fn opened<'a>(&self, pen: &'a mut Option<Connection>) -> Result<&'a mut Connection, StoreError> {
        match pen {
            Some(connection) => Ok(connection),
            none => Ok(none.insert(self.open()?)),
        }
    }
}

/// A connection that somebody's panic has left is as good as before: what was begun on it has been rolled back.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        let code = error.sqlite_error_code();
        let message = DbErr::Custom(error.to_string());
        match code {
            Some(
                ErrorCode::DatabaseBusy
                | ErrorCode::DatabaseLocked
                | ErrorCode::SystemIoFailure
                | ErrorCode::DiskFull
                | ErrorCode::CannotOpen,
            ) => Self::Unavailable(message),
            _ => Self::Database(message),
        }
    }
}
