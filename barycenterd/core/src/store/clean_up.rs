//! What expires, and removing it: the one list of tables that would grow without bound.
//!
//! Whoever adds a table with rows that end adds a line to [`EXPIRING`]; a test finds tables that are missing here. Rows
//! are found by reading, which nobody waits for, and removed in short transactions that look again.

use sea_orm::{ConnectionTrait as _, Statement};

use crate::model::Timestamp;
use crate::store::{Store, StoreError};

/// How many rows one transaction removes.
const BATCH: usize = 500;

/// How long after its end a row is kept, in seconds: the clocks of replicas differ, and a code that comes a second
/// time should be known for a while.
const MARGIN: i64 = 300;

const MINUTE: i64 = 60;
const DAY: i64 = 86_400;

/// A table whose rows end.
#[derive(Debug, Clone, Copy)]
pub struct Expiring {
    /// The table.
    pub table: &'static str,
    /// The column with the time, in seconds since the epoch, from which `seconds` are counted.
    pub column: &'static str,
    /// How long after that a row is kept, in seconds.
    pub seconds: i64,
    /// What must hold as well for a row to be removed, in SQL that both databases know; `:cutoff` is the time before
    /// which `column` must lie. Empty: nothing.
    pub condition: &'static str,
}

/// All tables whose rows end.
pub const EXPIRING: &[Expiring] = &[
    // A code may outlive its authorization request by its own lifetime.
    expiring("authorizations", "expires_at", MARGIN, "coalesce(code_expires_at, 0) <= :cutoff"),
    expiring("sessions", "expires_at", MARGIN, ""),
    expiring("access_tokens", "expires_at", MARGIN, ""),
    // A used one is how a leak is noticed (RFC 9700 section 4.14.2): it stays as long as its family lives, but no
    // longer than a year after its own end.
    expiring(
        "refresh_tokens",
        "expires_at",
        MARGIN,
        "refresh_tokens.expires_at <= :cutoff - 31536000 OR NOT EXISTS (SELECT 1 FROM refresh_tokens AS living \
         WHERE living.family = refresh_tokens.family AND living.expires_at > :cutoff)",
    ),
    expiring("device_codes", "expires_at", MARGIN, ""),
    expiring("pushed_requests", "expires_at", MARGIN, ""),
    expiring("registration_tokens", "expires_at", MARGIN, ""),
    expiring("used_ids", "expires_at", MARGIN, ""),
    expiring("throttles", "free_at", MARGIN, ""),
    expiring("leases", "expires_at", MARGIN, ""),
    expiring("runtime_settings", "expires_at", MARGIN, ""),
    // The last one from each file tells how that file stands.
    expiring(
        "sync_runs",
        "started_at",
        90 * DAY,
        "EXISTS (SELECT 1 FROM sync_runs AS later WHERE later.manager = sync_runs.manager \
         AND later.origin = sync_runs.origin AND later.id > sync_runs.id)",
    ),
    // With what it has said.
    expiring("job_runs", "started_at", 30 * DAY, ""),
    // A job that no version knows any more.
    expiring("jobs", "next_at", 30 * DAY, "run_id IS NULL"),
    expiring("replicas", "seen_at", 10 * MINUTE, ""),
];

const fn expiring(table: &'static str, column: &'static str, seconds: i64, condition: &'static str) -> Expiring {
    Expiring { table, column, seconds, condition }
}

/// What one step of a clean-up has done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Removed {
    /// How many rows it has removed.
    pub rows: u64,
    /// Where to go on; none if nothing is left.
    pub next: Option<i64>,
}

impl Expiring {
    /// Returns the condition for a row to be over at `now`.
    fn over(&self, now: Timestamp) -> String {
        let Self { table, column, seconds, condition } = self;
        let cutoff = now.plus(-seconds).as_unix();
        let more =
            if condition.is_empty() { "1 = 1".to_owned() } else { condition.replace(":cutoff", &cutoff.to_string()) };
        format!("{table}.{column} <= {cutoff} AND ({more})")
    }
}

impl Store {
    /// Removes some hundred rows that are over at `now`, the oldest first, in one transaction. `from` is where the step
    /// before has ended; none at the beginning.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn remove_expired(
        &self,
        what: &Expiring,
        now: Timestamp,
        from: Option<i64>,
    ) -> Result<Removed, StoreError> {
        let Expiring { table, column, .. } = what;
        let over = what.over(now);
        // What names a row for a moment, whatever its key is.
        let (row, quoted) = if self.is_sqlite() { ("CAST(rowid AS TEXT)", "") } else { ("ctid::text", "'") };
        let behind = from.map(|from| format!("AND {table}.{column} >= {from} ")).unwrap_or_default();
        let found = self.connection.query_all_raw(Statement::from_string(
            self.connection.get_database_backend(),
            format!("SELECT {row} AS place, {table}.{column} AS ended FROM {table} WHERE {over} {behind}ORDER BY {table}.{column} LIMIT {BATCH}"),
        ));
        let found = found.await?;
        let (mut places, mut last) = (Vec::with_capacity(found.len()), None);
        for row in &found {
            places.push(format!("{quoted}{}{quoted}", row.try_get::<String>("", "place")?));
            last = Some(row.try_get::<i64>("", "ended")?);
        }
        if places.is_empty() {
            return Ok(Removed { rows: 0, next: None });
        }
        let among = if self.is_sqlite() {
            format!("rowid IN ({})", places.join(", "))
        } else {
            format!("ctid = ANY(ARRAY[{}]::tid[])", places.join(", "))
        };
        let transaction = self.write_batch().await?;
        let delete = format!("DELETE FROM {table} WHERE {among} AND {over}");
        let rows = transaction.transaction.execute_unprepared(&delete).await?.rows_affected();
        transaction.commit().await?;
        // Nothing removed of what was found: somebody else is at it.
        let more = places.len() == BATCH && rows > 0;
        Ok(Removed { rows, next: last.filter(|_| more) })
    }
}
