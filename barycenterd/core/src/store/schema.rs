//! The database's schema: which steps it has taken, and taking the rest under a lock.

use std::time::Duration;

use sea_orm::{ConnectionTrait, DbErr, Statement};
use sea_orm_migration::{MigratorTrait as _, SchemaManager};
use tokio::time::{Instant, sleep, timeout_at};

use crate::store::migration::Migrator;
use crate::store::{Store, StoreError, Transaction};

/// How long to wait before another try to get the lock.
const RETRY: Duration = Duration::from_millis(200);

/// A step that was taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TakenStep {
    /// Its name.
    pub step: String,
    /// How long it took.
    pub took: Duration,
}

/// How far to migrate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Goal {
    /// To the newest step that this program knows.
    #[default]
    Newest,
    /// To the step with this number, and no further.
    Step(u16),
}

/// Where a database stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SchemaStatus {
    /// The steps that have been taken, oldest first: `0001_initial`.
    pub applied: Vec<String>,
    /// The steps that this program knows and the database has not taken.
    pub pending: Vec<String>,
    /// The steps that the database has taken and this program does not know: a newer version migrated it.
    pub unknown: Vec<String>,
}

impl SchemaStatus {
    /// Returns the number of the newest step taken: `0001`; `none` for an empty database.
    #[must_use]
    pub fn version(&self) -> &str {
        self.applied.last().map_or("none", |step| number(step))
    }

    /// Returns the number of the newest step that this program knows.
    #[must_use]
    pub fn newest() -> String {
        step_names().last().map_or_else(String::new, |step| number(step).to_owned())
    }

    /// Returns the names of all steps that this program knows, oldest first.
    #[must_use]
    pub fn known() -> Vec<String> {
        step_names()
    }

    /// Returns nothing if the database is exactly where this program needs it.
    ///
    /// # Errors
    /// [`StoreError::OlderSchema`] or [`StoreError::NewerSchema`] if it is not.
    pub fn require_current(&self) -> Result<(), StoreError> {
        self.refuse_newer()?;
        if self.pending.is_empty() {
            return Ok(());
        }
        Err(StoreError::OlderSchema { found: self.version().to_owned(), needed: Self::newest() })
    }

    /// Returns the steps that lead from here to a goal, oldest first.
    ///
    /// # Errors
    /// [`StoreError::NewerSchema`] when a newer version has migrated the database, [`StoreError::UnknownStep`] when
    /// there is no such step, and [`StoreError::BehindSchema`] when the database has gone further.
    pub fn steps_to(&self, goal: Goal) -> Result<Vec<String>, StoreError> {
        self.refuse_newer()?;
        let Goal::Step(asked) = goal else { return Ok(self.pending.clone()) };
        let known = step_names();
        let is_asked = |step: &&String| ordinal(step) == Some(asked);
        let Some(step) = known.iter().find(is_asked) else {
            let known: Vec<&str> = known.iter().map(|step| number(step)).collect();
            return Err(StoreError::UnknownStep { asked, known: known.join(", ") });
        };
        if self.applied.iter().any(|taken| ordinal(taken) > Some(asked)) {
            let (found, asked) = (self.version().to_owned(), number(step).to_owned());
            return Err(StoreError::BehindSchema { found, asked });
        }
        Ok(self.pending.iter().filter(|step| ordinal(step) <= Some(asked)).cloned().collect())
    }

    /// Refuses a database that a newer version has migrated.
    fn refuse_newer(&self) -> Result<(), StoreError> {
        if self.unknown.is_empty() {
            return Ok(());
        }
        Err(StoreError::NewerSchema { found: self.version().to_owned(), known: Self::newest() })
    }
}

/// `0001_initial` → `0001`.
fn number(step: &str) -> &str {
    step.split('_').next().unwrap_or(step)
}

/// `0001_initial` → 1.
fn ordinal(step: &str) -> Option<u16> {
    number(step).parse().ok()
}

/// Returns the names of all steps, oldest first.
fn step_names() -> Vec<String> {
    Migrator::migrations().iter().map(|step| step.name().to_owned()).collect()
}

/// Reads which steps have been taken.
async fn status<C: ConnectionTrait>(connection: &C, manager: &SchemaManager<'_>) -> Result<SchemaStatus, StoreError> {
    let mut applied = Vec::new();
    if manager.has_table("seaql_migrations").await? {
        let statement = Statement::from_string(
            connection.get_database_backend(),
            "SELECT version FROM seaql_migrations ORDER BY version",
        );
        for row in connection.query_all_raw(statement).await? {
            applied.push(row.try_get::<String>("", "version")?);
        }
    }
    let known = step_names();
    let pending = known.iter().filter(|step| !applied.contains(step)).cloned().collect();
    let unknown = applied.iter().filter(|step| !known.contains(step)).cloned().collect();
    Ok(SchemaStatus { applied, pending, unknown })
}

impl Store {
    /// Returns where the database stands; changes nothing.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn schema_status(&self) -> Result<SchemaStatus, StoreError> {
        status(&self.connection, &SchemaManager::new(&self.connection)).await
    }

    /// Takes the steps that are missing, all in one transaction and under a lock: any number of processes may call it
    /// at once. Returns the steps that this call took.
    ///
    /// # Errors
    /// [`StoreError::NewerSchema`] when a newer version has migrated the database; then nothing is touched.
    pub async fn migrate(&self) -> Result<Vec<String>, StoreError> {
        Ok(self.migrate_steps(Goal::Newest).await?.into_iter().map(|taken| taken.step).collect())
    }

    /// The same as far as a goal, and says how long each step took.
    ///
    /// # Errors
    /// As [`SchemaStatus::steps_to`]; then nothing is touched.
    pub async fn migrate_steps(&self, goal: Goal) -> Result<Vec<TakenStep>, StoreError> {
        if self.schema_status().await?.steps_to(goal)?.is_empty() {
            return Ok(Vec::new());
        }
        let transaction = self.write().await?;
        transaction.lock("barycenter.migrate").await?;
        let taken = transaction.take_steps(goal).await?;
        transaction.commit().await?;
        Ok(taken)
    }

    /// The same; waits that long for whoever else migrates or keeps the database locked.
    ///
    /// # Errors
    /// As [`Store::migrate_steps`], and [`StoreError::Unavailable`] when the lock cannot be had in time.
    pub async fn migrate_within(&self, goal: Goal, patience: Duration) -> Result<Vec<TakenStep>, StoreError> {
        let deadline = Instant::now() + patience;
        loop {
            // Whoever gives up lets go of the transaction, and with it of its place in the line.
            match timeout_at(deadline, self.migrate_steps(goal)).await {
                Ok(Err(error)) if error.is_unavailable() && Instant::now() + RETRY < deadline => sleep(RETRY).await,
                Ok(outcome) => return outcome,
                Err(_) => {
                    let reason = format!("somebody else migrates it or keeps it locked, for longer than {patience:?}");
                    return Err(StoreError::Unavailable(DbErr::Custom(reason)));
                }
            }
        }
    }
}

impl Transaction {
    /// Looks again, now that nobody else migrates, and takes what is still missing.
    async fn take_steps(&self, goal: Goal) -> Result<Vec<TakenStep>, StoreError> {
        let status = status(&self.transaction, &SchemaManager::new(&self.transaction)).await?;
        let mut taken = Vec::new();
        for step in status.steps_to(goal)? {
            let started = Instant::now();
            Migrator::up(&self.transaction, Some(1)).await?;
            taken.push(TakenStep { step, took: started.elapsed() });
        }
        Ok(taken)
    }
}
