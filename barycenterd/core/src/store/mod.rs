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
mod batches;
mod clean_up;
mod client;
mod column;
mod connect;
mod consent;
mod declared_password;
mod device;
mod error;
mod examination;
mod issuance;
mod job;
mod job_run;
mod lease;
mod logout;
mod lookup;
mod managed;
mod migration;
mod observation;
mod ownership;
pub(crate) mod presence;
mod pushed_request;
mod registration_token;
mod replica;
mod runtime_setting;
mod schema;
mod session;
mod signing_key;
mod sqlite;
mod standing;
mod sync_run;
mod throttle;
mod token;
mod used_id;
mod user;

use std::sync::Arc;
use std::time::{Duration, Instant};

use sea_orm::{
    ConnectionTrait as _, DatabaseBackend, DatabaseConnection, DatabaseExecutor, DatabaseTransaction,
    SqliteTransactionMode, Statement, TransactionOptions, TransactionTrait as _,
};
use tokio::sync::{Mutex, OwnedMutexGuard};

use crate::store::batches::Batches;
use crate::store::sqlite::Sqlite;

pub use authorization::{Authorizations, FoundCode};
pub use clean_up::{EXPIRING, Expiring, Removed};
pub use client::Clients;
pub use consent::Consents;
pub use device::DeviceAuthorizations;
pub use error::StoreError;
pub use examination::{ConnectionLimit, Overview};
pub use issuance::{Issuance, Spent};
pub use job::Jobs;
pub use job_run::{JobRunFilter, JobRuns};
pub use lease::Leases;
pub use logout::{LogoutDelivery, Logouts};
pub use managed::ManagedUser;
pub use observation::{Observation, Pool};
pub use pushed_request::PushedRequests;
pub use registration_token::{RegistrationToken, RegistrationTokens};
pub use replica::Replicas;
pub use runtime_setting::{RuntimeName, RuntimeSetting, RuntimeSettings};
pub use schema::{Goal, SchemaStatus, TakenStep};
pub use session::Sessions;
pub use signing_key::{KeyringRecord, SigningKeys};
pub use standing::{Standing, Standings};
pub use sync_run::{SyncOutcome, SyncRun, SyncRuns};
pub use throttle::Throttles;
pub use token::{FoundRefreshToken, Tokens};
pub use used_id::UsedIds;
pub use user::Users;

use observation::{Observer, Watch};
use presence::Presence;

/// How long a writer waits for another process's transaction on SQLite.
pub const BUSY_TIMEOUT: Duration = Duration::from_secs(10);

/// How many transactions that write a lot PostgreSQL carries out at once, while others sign in.
const BATCHES: u32 = 2;

/// A database with everything that a deployment keeps.
#[derive(Clone)]
pub struct Store {
    connection: DatabaseConnection,
    /// The short way to SQLite, for token requests.
    sqlite: Option<Arc<Sqlite>>,
    /// SQLite has one writer at a time: this process's own take turns here.
    writer: Arc<Mutex<()>>,
    /// Those who write a lot take turns here: on SQLite, one of them stands in that line.
    batches: Arc<Batches>,
    /// Who measures what is done here.
    observer: Option<Observer>,
    most_connections: u32,
    /// Tells other processes that this one has the SQLite file open.
    presence: Option<Arc<Presence>>,
}

/// A transaction; nothing in it is visible to others until [`Transaction::commit`].
pub struct Transaction {
    transaction: DatabaseTransaction,
    _watch: Watch,
    _turn: Option<OwnedMutexGuard<()>>,
    _batch: Option<batches::Turn>,
}

impl Store {
    /// Begins a transaction that writes.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] when the database does not answer or another process keeps it locked.
    pub async fn write(&self) -> Result<Transaction, StoreError> {
        self.batches.note_other();
        self.begin(None).await
    }

    /// Begins a transaction that writes a lot: whoever writes a little waits for one of these at most, and for none
    /// most of the time.
    ///
    /// # Errors
    /// As [`Store::write`].
    pub async fn write_batch(&self) -> Result<Transaction, StoreError> {
        self.begin(Some(self.batches.turn().await)).await
    }

    /// Waits, while others write, for a turn to read a lot; it ends when what is returned is dropped.
    pub(crate) async fn give_way(&self) -> Option<impl Drop> {
        self.batches.give_way().await
    }

    fn is_sqlite(&self) -> bool {
        self.sqlite.is_some()
    }

    async fn begin(&self, batch: Option<batches::Turn>) -> Result<Transaction, StoreError> {
        let began = Instant::now();
        let sqlite = self.is_sqlite();
        let turn = if sqlite { Some(Arc::clone(&self.writer).lock_owned().await) } else { None };
        let options = TransactionOptions {
            sqlite_transaction_mode: sqlite.then_some(SqliteTransactionMode::Immediate),
            ..TransactionOptions::default()
        };
        let transaction = self.connection.begin_with_options(options).await?;
        if let Some(observer) = &self.observer {
            observer(Observation::Waited(began.elapsed()));
        }
        let watch = Watch::begin(self.observer.as_ref());
        Ok(Transaction { transaction, _watch: watch, _turn: turn, _batch: batch })
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
        if let Some(sqlite) = &self.sqlite {
            sqlite.close();
        }
        let closed = self.connection.close().await;
        drop(self.presence);
        Ok(closed?)
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
    /// Returns access to device authorizations.
    device_authorizations -> DeviceAuthorizations;
    /// Returns access to identifiers that may be used once.
    used_ids -> UsedIds;
    /// Returns access to initial access tokens of registration.
    registration_tokens -> RegistrationTokens;
    /// Returns access to throttles.
    throttles -> Throttles;
    /// Returns access to signing keys.
    signing_keys -> SigningKeys;
    /// Returns access to leases.
    leases -> Leases;
    /// Returns access to pushed authorization requests.
    pushed_requests -> PushedRequests;
    /// Returns access to who is told when a session ends.
    logouts -> Logouts;
    /// Returns access to the history of syncs.
    sync_runs -> SyncRuns;
    /// Returns access to jobs and when they are due.
    jobs -> Jobs;
    /// Returns access to the history of jobs.
    job_runs -> JobRuns;
    /// Returns access to the replicas.
    replicas -> Replicas;
    /// Returns access to what operators have changed for now.
    runtime_settings -> RuntimeSettings;
}
