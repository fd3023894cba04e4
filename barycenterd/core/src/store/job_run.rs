//! The history of jobs, and what each run has said: bounded for each job, and in time by the clean-up.

use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{Expr, ExprTrait as _};
use sea_orm::{ActiveValue::Set, DatabaseExecutor, QueryOrder as _, QuerySelect as _};

use crate::model::{JobLogLevel, JobLogLine, JobOutcome, JobRun, JobRunId, JobState, JobTrigger, Timestamp};
use crate::store::StoreError;
use crate::store::column::{Place, to_json};

/// How many runs that ended well are kept of each job, and as many of those that did not.
const KEPT: u64 = 100;

/// How many lines are kept of each run: the last ones.
const LINES: i64 = 1000;

/// The longest line that is kept, in characters.
const LINE_LENGTH: usize = 2000;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "job_runs")]
pub(super) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    id: String,
    job: String,
    trigger: String,
    actor: Option<String>,
    replica: String,
    state: String,
    started_at: i64,
    finished_at: Option<i64>,
    took_ms: Option<i64>,
    counts: String,
    error: Option<String>,
    cancelled_by: Option<String>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(super) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

mod log {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "job_log")]
    pub(in crate::store) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub(super) run_id: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub(super) number: i64,
        pub(super) at: i64,
        pub(super) level: String,
        pub(super) message: String,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub(in crate::store) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

impl TryFrom<Model> for JobRun {
    type Error = StoreError;

    fn try_from(row: Model) -> Result<Self, StoreError> {
        let place = Place { table: "job_runs", row: &row.id };
        Ok(Self {
            trigger: place.name("trigger", &row.trigger, JobTrigger::from_name)?,
            state: place.name("state", &row.state, JobState::from_name)?,
            counts: place.json("counts", &row.counts)?,
            id: JobRunId::new(row.id),
            job: row.job,
            actor: row.actor,
            replica: row.replica,
            started_at: Timestamp::from_unix(row.started_at),
            finished_at: row.finished_at.map(Timestamp::from_unix),
            took_ms: row.took_ms,
            error: row.error,
            cancelled_by: row.cancelled_by,
        })
    }
}

/// Which runs are meant: those that meet every condition that is given.
#[derive(Debug, Clone, Default)]
pub struct JobRunFilter {
    /// Of this job.
    pub job: Option<String>,
    /// In this state.
    pub state: Option<JobState>,
    /// Begun at this time or later.
    pub since: Option<Timestamp>,
    /// Older than this run.
    pub after: Option<JobRunId>,
}

/// Access to the history of jobs.
pub struct JobRuns<'a>(pub(super) DatabaseExecutor<'a>);

impl JobRuns<'_> {
    pub(super) async fn insert(&self, run: &JobRun) -> Result<(), StoreError> {
        let row = ActiveModel {
            id: Set(run.id.to_string()),
            job: Set(run.job.clone()),
            trigger: Set(run.trigger.as_str().to_owned()),
            actor: Set(run.actor.clone()),
            replica: Set(run.replica.clone()),
            state: Set(run.state.as_str().to_owned()),
            started_at: Set(run.started_at.as_unix()),
            finished_at: Set(run.finished_at.map(Timestamp::as_unix)),
            took_ms: Set(run.took_ms),
            counts: Set(to_json(&run.counts)),
            error: Set(run.error.clone()),
            cancelled_by: Set(run.cancelled_by.clone()),
        };
        Entity::insert(row).exec_without_returning(&self.0).await?;
        Ok(())
    }

    /// Notes that the runs of a job which seem to be under way are not: their replicas have gone.
    pub(super) async fn abandon_of(&self, job: &str, now: Timestamp) -> Result<(), StoreError> {
        let change = Entity::update_many()
            .col_expr(Column::State, Expr::value(JobState::Abandoned.as_str()))
            .col_expr(Column::FinishedAt, Expr::value(now.as_unix()))
            .col_expr(Column::Error, Expr::value("its replica went away before it ended"))
            .filter(Column::Job.eq(job))
            .filter(Column::State.eq(JobState::Running.as_str()));
        change.exec(&self.0).await?;
        Ok(())
    }

    pub(super) async fn finish(&self, id: &JobRunId, outcome: &JobOutcome) -> Result<(), StoreError> {
        let change = Entity::update_many()
            .col_expr(Column::State, Expr::value(outcome.state.as_str()))
            .col_expr(Column::FinishedAt, Expr::value(outcome.finished_at.as_unix()))
            .col_expr(Column::TookMs, Expr::value(outcome.took_ms))
            .col_expr(Column::Counts, Expr::value(to_json(&outcome.counts)))
            .col_expr(Column::Error, Expr::value(outcome.error.clone()))
            .filter(Column::Id.eq(id.as_str()))
            .filter(Column::State.eq(JobState::Running.as_str()));
        change.exec(&self.0).await?;
        Ok(())
    }

    /// Notes that somebody asks for the end of a run; returns whether it was under way. Its replica looks every second.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn cancel(&self, id: &JobRunId, actor: &str) -> Result<bool, StoreError> {
        // Who asked first is kept.
        let asker = Expr::col(Column::CancelledBy).if_null(actor);
        let change = Entity::update_many()
            .col_expr(Column::CancelledBy, asker)
            .filter(Column::Id.eq(id.as_str()))
            .filter(Column::State.eq(JobState::Running.as_str()));
        Ok(change.exec(&self.0).await?.rows_affected == 1)
    }

    /// Returns who asks for the end of a run, if anybody does.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn cancelled_by(&self, id: &JobRunId) -> Result<Option<String>, StoreError> {
        let query = Entity::find_by_id(id.as_str()).select_only().column(Column::CancelledBy);
        Ok(query.into_tuple::<Option<String>>().one(&self.0).await?.flatten())
    }

    /// Forgets the oldest runs of a job: a job that is due every minute must not push its failures out.
    pub(super) async fn forget_oldest(&self, job: &str) -> Result<(), StoreError> {
        let ended_well = Column::State.eq(JobState::Ok.as_str());
        for wanted in [ended_well.clone(), ended_well.not()] {
            let of_job = Entity::find().filter(Column::Job.eq(job)).filter(wanted.clone());
            let last_kept = of_job.order_by_desc(Column::Id).offset(KEPT).limit(1).one(&self.0).await?;
            if let Some(old) = last_kept {
                Entity::delete_many()
                    .filter(Column::Job.eq(job))
                    .filter(wanted)
                    .filter(Column::Id.lte(old.id))
                    .exec(&self.0)
                    .await?;
            }
        }
        Ok(())
    }

    /// Returns a run.
    ///
    /// # Errors
    /// When the database does not answer or the row cannot be read.
    pub async fn by_id(&self, id: &JobRunId) -> Result<Option<JobRun>, StoreError> {
        Entity::find_by_id(id.as_str()).one(&self.0).await?.map(JobRun::try_from).transpose()
    }

    /// Returns the newest runs that are meant, the newest first.
    ///
    /// # Errors
    /// When the database does not answer or a row cannot be read.
    pub async fn page(&self, limit: u64, filter: &JobRunFilter) -> Result<Vec<JobRun>, StoreError> {
        let mut query = Entity::find();
        if let Some(job) = &filter.job {
            query = query.filter(Column::Job.eq(job.as_str()));
        }
        if let Some(state) = filter.state {
            query = query.filter(Column::State.eq(state.as_str()));
        }
        if let Some(since) = filter.since {
            query = query.filter(Column::StartedAt.gte(since.as_unix()));
        }
        if let Some(after) = &filter.after {
            query = query.filter(Column::Id.lt(after.as_str()));
        }
        let rows = query.order_by_desc(Column::Id).limit(limit).all(&self.0).await?;
        rows.into_iter().map(JobRun::try_from).collect()
    }

    /// Returns how many runs that began at `since` or later ended badly.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn count_failed(&self, since: Timestamp) -> Result<u64, StoreError> {
        let query = Entity::find()
            .filter(Column::StartedAt.gte(since.as_unix()))
            .filter(Column::State.is_in([JobState::Failed.as_str(), JobState::Abandoned.as_str()]));
        Ok(query.count(&self.0).await?)
    }

    /// Keeps a line of what a run says; of a run that says too much, the first lines go. Numbers are the caller's and
    /// ascend.
    ///
    /// # Errors
    /// When the database does not answer, or there is no such run.
    pub async fn say(&self, id: &JobRunId, line: &JobLogLine) -> Result<(), StoreError> {
        let row = log::ActiveModel {
            run_id: Set(id.to_string()),
            number: Set(line.number),
            at: Set(line.at.as_unix()),
            level: Set(line.level.as_str().to_owned()),
            message: Set(line.message.chars().take(LINE_LENGTH).collect()),
        };
        log::Entity::insert(row).exec_without_returning(&self.0).await?;
        // Not for each line: deleting one costs as much as writing one.
        if line.number > LINES && line.number % 100 == 0 {
            log::Entity::delete_many()
                .filter(log::Column::RunId.eq(id.as_str()))
                .filter(log::Column::Number.lte(line.number - LINES))
                .exec(&self.0)
                .await?;
        }
        Ok(())
    }

    /// Returns the lines of a run behind number `after`, in order.
    ///
    /// # Errors
    /// When the database does not answer or a row cannot be read.
    pub async fn lines(&self, id: &JobRunId, after: i64, limit: u64) -> Result<Vec<JobLogLine>, StoreError> {
        let query = log::Entity::find()
            .filter(log::Column::RunId.eq(id.as_str()))
            .filter(log::Column::Number.gt(after))
            .order_by_asc(log::Column::Number);
        query.limit(limit).all(&self.0).await?.into_iter().map(JobLogLine::try_from).collect()
    }

    /// Returns the number of the last line of a run; 0 if it has said nothing.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn last_line(&self, id: &JobRunId) -> Result<i64, StoreError> {
        let query = log::Entity::find().filter(log::Column::RunId.eq(id.as_str())).order_by_desc(log::Column::Number);
        Ok(query.one(&self.0).await?.map_or(0, |row| row.number))
    }
}

impl TryFrom<log::Model> for JobLogLine {
    type Error = StoreError;

    fn try_from(row: log::Model) -> Result<Self, StoreError> {
        let place = Place { table: "job_log", row: &row.run_id };
        Ok(Self {
            level: place.name("level", &row.level, JobLogLevel::from_name)?,
            number: row.number,
            at: Timestamp::from_unix(row.at),
            message: row.message,
        })
    }
}
