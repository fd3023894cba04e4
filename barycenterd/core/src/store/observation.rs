//! What a store tells of its work to whoever measures it.

use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::store::Store;

/// Something that took time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Observation {
    /// A statement that was carried out.
    Statement(Duration),
    /// A statement that failed.
    StatementFailed(Duration),
    /// The beginning of a transaction: a connection, and on SQLite the turn to write.
    Waited(Duration),
    /// A transaction from its beginning to its end.
    Transaction(Duration),
}

/// Who is told.
pub(super) type Observer = Arc<dyn Fn(Observation) + Send + Sync>;

/// The connections of a store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pool {
    /// How many are open.
    pub open: u32,
    /// How many of these wait for something to do.
    pub idle: u32,
    /// How many there may be.
    pub most: u32,
}

/// A transaction's time, told when it ends, however it does.
pub(super) struct Watch {
    began: Instant,
    observer: Option<Observer>,
}

impl Watch {
    pub(super) fn begin(observer: Option<&Observer>) -> Self {
        Self { began: Instant::now(), observer: observer.cloned() }
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        if let Some(observer) = &self.observer {
            observer(Observation::Transaction(self.began.elapsed()));
        }
    }
}

impl Store {
    /// Tells of its work from now on, as clones of it do.
    #[must_use]
    pub fn observed_by(mut self, observer: Arc<dyn Fn(Observation) + Send + Sync>) -> Self {
        let told = Arc::clone(&observer);
        self.connection.set_metric_callback(move |statement| {
            let took = statement.elapsed;
            told(if statement.failed { Observation::StatementFailed(took) } else { Observation::Statement(took) });
        });
        if let Some(sqlite) = &self.sqlite {
            sqlite.observe(&observer);
        }
        self.observer = Some(observer);
        self
    }

    /// Returns how its connections stand.
    #[must_use]
    pub fn pool(&self) -> Pool {
        let (open, idle) = if self.is_sqlite() {
            let pool = self.connection.get_sqlite_connection_pool();
            (pool.size(), pool.num_idle())
        } else {
            let pool = self.connection.get_postgres_connection_pool();
            (pool.size(), pool.num_idle())
        };
        Pool { open, idle: u32::try_from(idle).unwrap_or(u32::MAX), most: self.most_connections }
    }
}
