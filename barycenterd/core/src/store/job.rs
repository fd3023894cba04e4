//! The timetable in the database: when each job is due, and which replica has taken the run that is under way.
//!
//! A run is taken, renewed and ended by one conditional UPDATE each, so that of any number of replicas one runs it and
//! a replica that was taken for dead learns of it.

use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{Expr, ExprTrait as _, OnConflict};
use sea_orm::{ActiveValue::Set, Condition, DatabaseExecutor, QueryOrder as _};

use crate::model::{
    JOB_HELD_SECONDS, JobHold, JobLogLine, JobOutcome, JobRun, JobRunId, JobState, JobTrigger, ScheduledJob, Timestamp,
};
use crate::store::{Store, StoreError};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "jobs")]
pub(super) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    name: String,
    about: String,
    every_seconds: i64,
    next_at: i64,
    succeeded_at: Option<i64>,
    run_id: Option<String>,
    replica: Option<String>,
    held_until: Option<i64>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(super) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl From<Model> for ScheduledJob {
    fn from(row: Model) -> Self {
        let running = row.run_id.map(|run| JobHold {
            run: JobRunId::new(run),
            replica: row.replica.unwrap_or_default(),
            until: Timestamp::from_unix(row.held_until.unwrap_or_default()),
        });
        Self {
            name: row.name,
            about: row.about,
            every_seconds: row.every_seconds,
            next_at: Timestamp::from_unix(row.next_at),
            succeeded_at: row.succeeded_at.map(Timestamp::from_unix),
            running,
        }
    }
}

/// Access to jobs.
pub struct Jobs<'a>(pub(super) DatabaseExecutor<'a>);

impl Jobs<'_> {
    /// Returns all jobs by name.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn all(&self) -> Result<Vec<ScheduledJob>, StoreError> {
        let rows = Entity::find().order_by_asc(Column::Name).all(&self.0).await?;
        Ok(rows.into_iter().map(ScheduledJob::from).collect())
    }

    /// Returns one job.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn by_name(&self, name: &str) -> Result<Option<ScheduledJob>, StoreError> {
        Ok(Entity::find_by_id(name).one(&self.0).await?.map(ScheduledJob::from))
    }

    /// Enters a job, or what is new about it: when it is due and what is under way stay as they are.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn enter(&self, job: &ScheduledJob) -> Result<(), StoreError> {
        let row = ActiveModel {
            name: Set(job.name.clone()),
            about: Set(job.about.clone()),
            every_seconds: Set(job.every_seconds),
            next_at: Set(job.next_at.as_unix()),
            succeeded_at: Set(None),
            run_id: Set(None),
            replica: Set(None),
            held_until: Set(None),
        };
        let mut known = OnConflict::column(Column::Name);
        known.update_columns([Column::About, Column::EverySeconds]);
        Entity::insert(row).on_conflict(known).exec_without_returning(&self.0).await?;
        Ok(())
    }

    /// Takes a run; returns whether this caller, and no other, did. `seen` is the job as it was when the caller found
    /// it due.
    async fn take(&self, seen: &ScheduledJob, run: &JobRun) -> Result<bool, StoreError> {
        let now = run.started_at;
        let held = Expr::col(Column::HeldUntil);
        // As `JobHold::is_kept`.
        let furthest = now.plus(JOB_HELD_SECONDS.saturating_mul(2)).as_unix();
        let dead = Condition::any().add(held.clone().lte(now.as_unix())).add(held.gt(furthest));
        let free = Condition::any().add(Column::RunId.is_null()).add(dead);
        let mut change = Entity::update_many()
            .col_expr(Column::RunId, Expr::value(run.id.as_str()))
            .col_expr(Column::Replica, Expr::value(run.replica.as_str()))
            .col_expr(Column::HeldUntil, Expr::value(now.plus(JOB_HELD_SECONDS).as_unix()))
            .filter(Column::Name.eq(seen.name.as_str()))
            .filter(free);
        if run.trigger == JobTrigger::Schedule {
            // The due time is taken with the run: whoever saw the same one comes too late, whatever its clock shows.
            change = change
                .col_expr(Column::NextAt, Expr::value(seen.due_after(now).as_unix()))
                .filter(Column::NextAt.eq(seen.next_at.as_unix()));
            change = match &seen.running {
                Some(hold) => change.filter(Column::RunId.eq(hold.run.as_str())),
                None => change.filter(Column::RunId.is_null()),
            };
        }
        Ok(change.exec(&self.0).await?.rows_affected == 1)
    }

    /// Holds a run for longer; returns whether its replica still has it.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn renew(&self, run: &JobRun, now: Timestamp) -> Result<bool, StoreError> {
        let change = Entity::update_many()
            .col_expr(Column::HeldUntil, Expr::value(now.plus(JOB_HELD_SECONDS).as_unix()))
            .filter(Column::Name.eq(run.job.as_str()))
            .filter(Column::RunId.eq(run.id.as_str()));
        Ok(change.exec(&self.0).await?.rows_affected == 1)
    }

    /// Notes when a run that nobody had taken ended well.
    async fn succeeded(&self, run: &JobRun) -> Result<(), StoreError> {
        let at = run.finished_at.unwrap_or(run.started_at).as_unix();
        let earlier = Condition::any().add(Column::SucceededAt.is_null()).add(Column::SucceededAt.lt(at));
        let change = Entity::update_many()
            .col_expr(Column::SucceededAt, Expr::value(at))
            .filter(Column::Name.eq(run.job.as_str()))
            .filter(earlier);
        change.exec(&self.0).await?;
        Ok(())
    }

    /// Frees the job; returns whether the run still had it.
    async fn free(&self, run: &JobRun, outcome: &JobOutcome) -> Result<bool, StoreError> {
        let nothing = |column| (column, Expr::value(Option::<String>::None));
        let mut change = Entity::update_many()
            .filter(Column::Name.eq(run.job.as_str()))
            .filter(Column::RunId.eq(run.id.as_str()))
            .col_expr(Column::HeldUntil, Expr::value(Option::<i64>::None));
        for (column, value) in [Column::RunId, Column::Replica].map(nothing) {
            change = change.col_expr(column, value);
        }
        if outcome.state == JobState::Ok {
            change = change.col_expr(Column::SucceededAt, Expr::value(outcome.finished_at.as_unix()));
        }
        if let Some(next_at) = outcome.next_at {
            change = change.col_expr(Column::NextAt, Expr::value(next_at.as_unix()));
        }
        Ok(change.exec(&self.0).await?.rows_affected == 1)
    }
}

impl Store {
    /// Takes the run of a job, and notes it in the history; a run whose replica has gone is noted as abandoned.
    /// Returns whether this caller, and no other, has it. `seen` is the job as it was when the caller found it due.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn take_job(&self, seen: &ScheduledJob, run: &JobRun) -> Result<bool, StoreError> {
        let transaction = self.write().await?;
        if !transaction.jobs().take(seen, run).await? {
            return Ok(false);
        }
        transaction.job_runs().abandon_of(&run.job, run.started_at).await?;
        transaction.job_runs().insert(run).await?;
        transaction.commit().await?;
        Ok(true)
    }

    /// Notes a run that was over before anybody knew of it, with what it said: one that nobody had to take.
    ///
    /// # Errors
    /// When the database does not answer; then nothing is noted.
    pub async fn note_job(&self, run: &JobRun, lines: &[JobLogLine]) -> Result<(), StoreError> {
        let transaction = self.write().await?;
        transaction.job_runs().insert(run).await?;
        for line in lines {
            transaction.job_runs().say(&run.id, line).await?;
        }
        if run.state == JobState::Ok {
            transaction.jobs().succeeded(run).await?;
        }
        transaction.job_runs().forget_oldest(&run.job).await?;
        transaction.commit().await?;
        Ok(())
    }

    /// Ends a run: frees the job, notes the outcome, and forgets the oldest runs of the same job. Returns whether the
    /// run was still its replica's; one that was taken for dead stays abandoned.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn finish_job(&self, run: &JobRun, outcome: &JobOutcome) -> Result<bool, StoreError> {
        let transaction = self.write().await?;
        let ours = transaction.jobs().free(run, outcome).await?;
        if ours {
            transaction.job_runs().finish(&run.id, outcome).await?;
            transaction.job_runs().forget_oldest(&run.job).await?;
            transaction.commit().await?;
        }
        Ok(ours)
    }
}
