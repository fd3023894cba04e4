//! Runs of jobs that somebody wants to end.

use sea_orm::DbErr;
use sea_orm_migration::prelude::{ColumnDef, Table};
use sea_orm_migration::{MigrationName, MigrationTrait, SchemaManager};

/// `0011_job_cancellation`.
pub(super) struct Step;

impl MigrationName for Step {
    fn name(&self) -> &'static str {
        "0011_job_cancellation"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Step {
    #[expect(elided_lifetimes_in_paths, reason = "the trait's own signature, which the macro must meet")]
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut column = ColumnDef::new("cancelled_by").text().take();
        manager.alter_table(Table::alter().table("job_runs").add_column(&mut column).take()).await
    }
}
