//! What operators ask about the database itself: which it is, how full it is, and whether it is in order.

use sea_orm::{ConnectionTrait as _, DbErr, QueryResult, Statement};

use crate::model::Timestamp;
use crate::store::{Store, StoreError};

/// How much a deployment holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Overview {
    /// Users.
    pub users: u64,
    /// Those who may sign in.
    pub enabled_users: u64,
    /// Relying parties.
    pub clients: u64,
    /// Sessions that have not ended.
    pub sessions: u64,
    /// Daemons that serve the deployment.
    pub replicas: u64,
    /// Runs of jobs that ended badly within the last day.
    pub failed_jobs: u64,
}

/// How many connections a database server takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ConnectionLimit {
    /// In all.
    pub most: u64,
    /// Those that only superusers get.
    pub reserved: u64,
}

impl Store {
    async fn one(&self, sql: &str) -> Result<QueryResult, StoreError> {
        let statement = Statement::from_string(self.connection.get_database_backend(), sql);
        let row = self.connection.query_one_raw(statement).await?;
        Ok(row.ok_or_else(|| DbErr::RecordNotFound(sql.to_owned()))?)
    }

    async fn number(&self, sql: &str) -> Result<u64, StoreError> {
        let number: i64 = self.one(sql).await?.try_get_by_index(0)?;
        Ok(u64::try_from(number).unwrap_or_default())
    }

    async fn text(&self, sql: &str) -> Result<String, StoreError> {
        Ok(self.one(sql).await?.try_get_by_index(0)?)
    }

    /// Returns the version of the database's own program: `3.50.2`, `16.4`.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn database_version(&self) -> Result<String, StoreError> {
        if self.is_sqlite() {
            return self.text("SELECT sqlite_version()").await;
        }
        let text = self.text("SELECT current_setting('server_version')").await?;
        // `15.14 (Debian 15.14-0+deb12u1)`
        Ok(text.split(' ').next().unwrap_or_default().to_owned())
    }

    /// Returns how much the deployment holds.
    ///
    /// # Errors
    /// When the database does not answer or its schema is not this program's.
    pub async fn overview(&self, now: Timestamp) -> Result<Overview, StoreError> {
        let users = self.one("SELECT count(*), count(CASE WHEN enabled THEN 1 END) FROM users").await?;
        let count = |index| users.try_get_by_index::<i64>(index).map(|count| u64::try_from(count).unwrap_or_default());
        Ok(Overview {
            users: count(0)?,
            enabled_users: count(1)?,
            clients: self.number("SELECT count(*) FROM clients").await?,
            sessions: self
                .number(&format!("SELECT count(*) FROM sessions WHERE expires_at > {}", now.as_unix()))
                .await?,
            replicas: self.replicas().all().await?.iter().filter(|replica| replica.is_present(now)).count() as u64,
            failed_jobs: self.job_runs().count_failed(now.plus(-86_400)).await?,
        })
    }

    /// Returns how many connections the server takes; `None` for SQLite, which has no server.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn connection_limit(&self) -> Result<Option<ConnectionLimit>, StoreError> {
        if self.is_sqlite() {
            return Ok(None);
        }
        let setting = |name: &str| format!("SELECT current_setting('{name}')::bigint");
        Ok(Some(ConnectionLimit {
            most: self.number(&setting("max_connections")).await?,
            reserved: self.number(&setting("superuser_reserved_connections")).await?,
        }))
    }

    /// Returns how SQLite keeps its journal: `wal`, `delete` …; `None` for PostgreSQL.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn journal_mode(&self) -> Result<Option<String>, StoreError> {
        if self.is_sqlite() { self.text("PRAGMA journal_mode").await.map(Some) } else { Ok(None) }
    }

    /// Has SQLite look through the whole file; returns the first faults. `None` for PostgreSQL, whose pages have
    /// checksums of their own.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn quick_check(&self) -> Result<Option<Vec<String>>, StoreError> {
        if !self.is_sqlite() {
            return Ok(None);
        }
        let statement = Statement::from_string(self.connection.get_database_backend(), "PRAGMA quick_check(5)");
        let rows = self.connection.query_all_raw(statement).await?;
        let lines = rows.iter().map(|row| row.try_get_by_index::<String>(0)).collect::<Result<Vec<_>, _>>()?;
        Ok(Some(lines.into_iter().filter(|line| line != "ok").collect()))
    }

    /// Writes a copy of an SQLite database, as it is at one moment, to a file that is empty or not there. Others read
    /// and write meanwhile.
    ///
    /// # Errors
    /// When the database does not answer, or the file cannot be written.
    pub(crate) async fn copy_to(&self, file: &str) -> Result<(), StoreError> {
        let statement =
            Statement::from_sql_and_values(self.connection.get_database_backend(), "VACUUM INTO ?", [file.into()]);
        self.connection.execute_raw(statement).await?;
        Ok(())
    }
}
