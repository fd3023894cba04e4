//! What the daemon does by itself: the timetable, the history of runs and what they said; and who runs it, the
//! replicas.

use sea_orm::DbErr;
use sea_orm_migration::prelude::{
    ColumnDef, ForeignKey, ForeignKeyAction, Index, IndexCreateStatement, Table, TableCreateStatement,
};
use sea_orm_migration::{MigrationName, MigrationTrait, SchemaManager};

/// `0004_jobs`.
pub(super) struct Step;

impl MigrationName for Step {
    fn name(&self) -> &'static str {
        "0004_jobs"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Step {
    #[expect(elided_lifetimes_in_paths, reason = "the trait's own signature, which the macro must meet")]
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in [jobs(), job_runs(), job_log(), replicas()] {
            manager.create_table(table).await?;
        }
        for index in [on("job_runs", "job"), on("job_runs", "started_at")] {
            manager.create_index(index).await?;
        }
        Ok(())
    }
}

fn on(table: &'static str, column: &'static str) -> IndexCreateStatement {
    Index::create().name(format!("ix_{table}_{column}")).table(table).col(column).take()
}

fn text(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).text().not_null().take()
}

fn optional_text(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).text().take()
}

fn number(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).big_integer().not_null().take()
}

fn optional_number(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).big_integer().take()
}

fn table<const N: usize>(name: &'static str, columns: [ColumnDef; N]) -> TableCreateStatement {
    let mut table = Table::create();
    table.table(name);
    for column in columns {
        table.col(column);
    }
    table.take()
}

fn jobs() -> TableCreateStatement {
    table(
        "jobs",
        [
            text("name").primary_key().take(),
            text("about"),
            number("every_seconds"),
            number("next_at"),
            optional_number("succeeded_at"),
            optional_text("run_id"),
            optional_text("replica"),
            optional_number("held_until"),
        ],
    )
}

fn job_runs() -> TableCreateStatement {
    table(
        "job_runs",
        [
            text("id").primary_key().take(),
            text("job"),
            text("trigger"),
            optional_text("actor"),
            text("replica"),
            text("state"),
            number("started_at"),
            optional_number("finished_at"),
            optional_number("took_ms"),
            text("counts"),
            optional_text("error"),
        ],
    )
}

fn job_log() -> TableCreateStatement {
    let mut table = table("job_log", [text("run_id"), number("number"), number("at"), text("level"), text("message")]);
    table.primary_key(Index::create().col("run_id").col("number"));
    let mut key = ForeignKey::create();
    key.name("fk_job_log_run_id").from("job_log", "run_id").to("job_runs", "id").on_delete(ForeignKeyAction::Cascade);
    table.foreign_key(&mut key);
    table
}

fn replicas() -> TableCreateStatement {
    table(
        "replicas",
        [
            text("id").primary_key().take(),
            text("name"),
            text("version"),
            text("root"),
            text("schema"),
            text("issuer"),
            optional_text("public_address"),
            number("started_at"),
            number("seen_at"),
        ],
    )
}
