//! What became of the last syncs: a history for operators, bounded for each manager.

use sea_orm::entity::prelude::*;
use sea_orm::{DatabaseExecutor, IntoActiveModel as _, QueryOrder as _, QuerySelect as _};
use uuid::Uuid;

use crate::model::{Manager, Timestamp};
use crate::reconcile::Counts;
use crate::store::StoreError;
use crate::store::column::{Place, to_json};

/// How many runs are kept of each manager.
const KEPT: u64 = 100;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "sync_runs")]
pub(super) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    id: String,
    manager: String,
    origin: String,
    outcome: String,
    summary: String,
    message: Option<String>,
    started_at: i64,
    finished_at: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(super) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SyncOutcome {
    /// Everything is as the file wants it, or was made so.
    Ok,
    /// Some of it was done.
    Partial,
    /// Nothing was changed.
    Failed,
}

impl SyncOutcome {
    /// Every outcome.
    pub const ALL: [Self; 3] = [Self::Ok, Self::Partial, Self::Failed];

    /// Returns the name in the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Partial => "partial",
            Self::Failed => "failed",
        }
    }

    fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|outcome| outcome.as_str() == name)
    }
}

/// One run.
#[derive(Debug, Clone)]
pub struct SyncRun {
    /// Whose things were synced.
    pub manager: Manager,
    /// Who did it: the process, and the file.
    pub origin: String,
    /// How it ended.
    pub outcome: SyncOutcome,
    /// How many of what was done.
    pub counts: Counts,
    /// What went wrong.
    pub message: Option<String>,
    /// When it began.
    pub started_at: Timestamp,
    /// When it ended.
    pub finished_at: Timestamp,
}

/// Access to the history of syncs.
pub struct SyncRuns<'a>(pub(super) DatabaseExecutor<'a>);

impl SyncRuns<'_> {
    /// Notes a run, and forgets the oldest of the same manager.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn record(&self, run: &SyncRun) -> Result<(), StoreError> {
        let row = Model {
            id: Uuid::now_v7().to_string(),
            manager: run.manager.to_string(),
            origin: run.origin.clone(),
            outcome: run.outcome.as_str().to_owned(),
            summary: to_json(&run.counts),
            message: run.message.clone(),
            started_at: run.started_at.as_unix(),
            finished_at: run.finished_at.as_unix(),
        };
        Entity::insert(row.into_active_model()).exec_without_returning(&self.0).await?;
        let of_manager = || Entity::find().filter(Column::Manager.eq(run.manager.as_str()));
        let oldest_kept = of_manager().order_by_desc(Column::Id).offset(KEPT).limit(1).one(&self.0).await?;
        if let Some(old) = oldest_kept {
            Entity::delete_many()
                .filter(Column::Manager.eq(run.manager.as_str()))
                .filter(Column::Id.lte(old.id))
                .exec(&self.0)
                .await?;
        }
        Ok(())
    }

    /// Returns the last run from one origin.
    ///
    /// # Errors
    /// When the database does not answer or the row cannot be read.
    pub async fn last_from(&self, origin: &str) -> Result<Option<SyncRun>, StoreError> {
        let found = Entity::find().filter(Column::Origin.eq(origin)).order_by_desc(Column::Id).one(&self.0).await?;
        found.map(SyncRun::try_from).transpose()
    }

    /// Returns the last runs, newest first.
    ///
    /// # Errors
    /// When the database does not answer or a row cannot be read.
    pub async fn last(&self, limit: u64) -> Result<Vec<SyncRun>, StoreError> {
        let rows = Entity::find().order_by_desc(Column::Id).limit(limit).all(&self.0).await?;
        rows.into_iter().map(SyncRun::try_from).collect()
    }
}

impl TryFrom<Model> for SyncRun {
    type Error = StoreError;

    fn try_from(row: Model) -> Result<Self, StoreError> {
        let place = Place { table: "sync_runs", row: &row.id };
        Ok(Self {
            outcome: place.name("outcome", &row.outcome, SyncOutcome::from_name)?,
            counts: place.json("summary", &row.summary)?,
            manager: Manager::new(row.manager),
            origin: row.origin,
            message: row.message,
            started_at: Timestamp::from_unix(row.started_at),
            finished_at: Timestamp::from_unix(row.finished_at),
        })
    }
}
