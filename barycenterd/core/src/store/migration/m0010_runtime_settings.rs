//! What operators change while daemons run.

use sea_orm::DbErr;
use sea_orm_migration::prelude::{ColumnDef, Table};
use sea_orm_migration::{MigrationName, MigrationTrait, SchemaManager};

/// `0010_runtime_settings`.
pub(super) struct Step;

impl MigrationName for Step {
    fn name(&self) -> &'static str {
        "0010_runtime_settings"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Step {
    #[expect(elided_lifetimes_in_paths, reason = "the trait's own signature, which the macro must meet")]
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut table = Table::create();
        table.table("runtime_settings");
        table.col(ColumnDef::new("name").text().not_null().primary_key());
        table.col(ColumnDef::new("value").text().not_null());
        table.col(ColumnDef::new("expires_at").big_integer().not_null());
        manager.create_table(table).await
    }
}
