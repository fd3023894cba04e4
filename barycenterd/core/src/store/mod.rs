//! Persistence on sea-orm: one [`Store`] for SQLite and PostgreSQL. Entities never leave this folder.
//!
//! ```text
//!   Store ──► users() clients() …          one statement, committed by itself
//!     └─────► write() ──► Transaction ──► users() clients() … ──► commit()
//! ```
//!
//! The store takes finished values and decides nothing. On SQLite a writing transaction begins IMMEDIATE and the
//! process's writers queue in order, so that nobody meets "database is locked" half-way; other processes wait for
//! [`BUSY_TIMEOUT`]. A transaction that is dropped is rolled back.

mod authorization;
mod client;
mod column;
mod connect;
mod consent;
mod error;
mod lease;
mod managed;
mod migration;
mod ownership;
mod runtime_setting;
mod schema;
mod session;
mod signing_key;
mod sync_run;
mod token;
mod user;

use std::sync::Arc;
use std::time::Duration;

use sea_orm::{
    ConnectionTrait as _, DatabaseBackend, DatabaseConnection, DatabaseExecutor, DatabaseTransaction,
    SqliteTransactionMode, Statement, TransactionOptions, TransactionTrait as _,
};
use tokio::sync::{Mutex, OwnedMutexGuard, OwnedSemaphorePermit, Semaphore};

pub use authorization::Authorizations;
pub use client::Clients;
pub use consent::Consents;
pub use error::StoreError;
pub use lease::Leases;
pub use managed::Standing;
pub use runtime_setting::{RuntimeName, RuntimeSetting, RuntimeSettings};
pub use schema::SchemaStatus;
pub use session::Sessions;
pub use signing_key::{SigningKeys, StoredSigningKey};
pub use sync_run::{SyncOutcome, SyncRun, SyncRuns};
pub use token::Tokens;
pub use user::Users;

/// How long a writer waits for another process's transaction on SQLite.
pub const BUSY_TIMEOUT: Duration = Duration::from_secs(10);

/// How many transactions that write a lot PostgreSQL carries out at once, while others sign in.
const BATCHES: usize = 2;

/// A database with everything that a deployment keeps.
#[derive(Clone)]
pub struct Store {
    connection: DatabaseConnection,
    /// SQLite has one writer at a time: this process's own take turns here.
    writer: Arc<Mutex<()>>,
    /// Of those who write a lot, so many at a time: on SQLite, one stands in that line.
    batches: Arc<Semaphore>,
}

/// A transaction; nothing in it is visible to others until [`Transaction::commit`].
pub struct Transaction {
    transaction: DatabaseTransaction,
    _turn: Option<OwnedMutexGuard<()>>,
    _place: Option<OwnedSemaphorePermit>,
}

impl Store {
    /// Begins a transaction that writes.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] when the database does not answer or another process keeps it locked.
    pub async fn write(&self) -> Result<Transaction, StoreError> {
        self.begin(None).await
    }

    /// Begins a transaction that writes a lot: whoever writes a little waits for one of these at most.
    ///
    /// # Errors
    /// As [`Store::write`].
    pub async fn write_batch(&self) -> Result<Transaction, StoreError> {
        // The semaphore is never closed.
        self.begin(Arc::clone(&self.batches).acquire_owned().await.ok()).await
    }

    fn is_sqlite(&self) -> bool {
        self.connection.get_database_backend() == DatabaseBackend::Sqlite
    }

    async fn begin(&self, place: Option<OwnedSemaphorePermit>) -> Result<Transaction, StoreError> {
        let sqlite = self.is_sqlite();
        let turn = if sqlite { Some(Arc::clone(&self.writer).lock_owned().await) } else { None };
        let options = TransactionOptions {
            sqlite_transaction_mode: sqlite.then_some(SqliteTransactionMode::Immediate),
            ..TransactionOptions::default()
        };
        let transaction = self.connection.begin_with_options(options).await?;
        Ok(Transaction { transaction, _turn: turn, _place: place })
    }

    /// Returns which database this is: `sqlite` or `postgres`.
    #[must_use]
    pub fn backend(&self) -> &'static str {
        match self.connection.get_database_backend() {
            DatabaseBackend::Sqlite => "sqlite",
            _ => "postgres",
        }
    }

    /// Returns once the database has answered.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] when it does not.
    pub async fn ping(&self) -> Result<(), StoreError> {
        Ok(self.connection.ping().await?)
    }

    /// Closes all connections; on SQLite this also folds the write-ahead log into the database file.
    ///
    /// # Errors
    /// When the database reports a fault while closing.
    pub async fn close(self) -> Result<(), StoreError> {
        Ok(self.connection.close().await?)
    }
}

impl Transaction {
    /// Makes everything in the transaction visible and durable.
    ///
    /// # Errors
    /// When the database refuses; then nothing has happened.
    pub async fn commit(self) -> Result<(), StoreError> {
        Ok(self.transaction.commit().await?)
    }

    /// Waits until no other transaction, in any process, holds the lock of that name; holds it until the end.
    /// On SQLite the transaction itself is that lock.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] when the database does not answer.
    pub async fn lock(&self, name: &str) -> Result<(), StoreError> {
        if self.transaction.get_database_backend() == DatabaseBackend::Postgres {
            let statement = Statement::from_sql_and_values(
                DatabaseBackend::Postgres,
                "SELECT pg_advisory_xact_lock(hashtextextended($1, 0))",
                [name.into()],
            );
            self.transaction.execute_raw(statement).await?;
        }
        Ok(())
    }
}

/// Gives [`Store`] and [`Transaction`] the same nouns.
macro_rules! nouns {
    ($($(#[$doc:meta])* $method:ident -> $noun:ident;)*) => {
        impl Store {
            $($(#[$doc])*
            #[must_use]
            pub fn $method(&self) -> $noun<'_> {
                $noun(DatabaseExecutor::from(&self.connection))
            })*
        }

        impl Transaction {
            $($(#[$doc])*
            #[must_use]
            pub fn $method(&self) -> $noun<'_> {
                $noun(DatabaseExecutor::from(&self.transaction))
            })*
        }
    };
}

nouns! {
    /// Returns access to users.
    users -> Users;
    /// Returns access to clients.
    clients -> Clients;
    /// Returns access to authorizations.
    authorizations -> Authorizations;
    /// Returns access to sessions.
    sessions -> Sessions;
    /// Returns access to consents.
    consents -> Consents;
    /// Returns access to access and refresh tokens.
    tokens -> Tokens;
    /// Returns access to signing keys.
    signing_keys -> SigningKeys;
    /// Returns access to leases.
    leases -> Leases;
    /// Returns access to the history of syncs.
    sync_runs -> SyncRuns;
    /// Returns access to what operators have changed for now.
    runtime_settings -> RuntimeSettings;
}
