//! What clients are registered with beyond the first schema: metadata as one JSON value, the secret where it is needed
//! itself (encrypted), and who may manage the registration.

use sea_orm::DbErr;
use sea_orm_migration::prelude::{ColumnDef, Table};
use sea_orm_migration::{MigrationName, MigrationTrait, SchemaManager};

/// `0005_client_metadata`.
pub(super) struct Step;

impl MigrationName for Step {
    fn name(&self) -> &'static str {
        "0005_client_metadata"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Step {
    #[expect(elided_lifetimes_in_paths, reason = "the trait's own signature, which the macro must meet")]
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // One column a statement: SQLite takes no more.
        for mut column in [
            ColumnDef::new("metadata").text().not_null().default("{}").take(),
            ColumnDef::new("sealed_secret").text().take(),
            ColumnDef::new("registration_digest").text().take(),
        ] {
            manager.alter_table(Table::alter().table("clients").add_column(&mut column).take()).await?;
        }
        Ok(())
    }
}
