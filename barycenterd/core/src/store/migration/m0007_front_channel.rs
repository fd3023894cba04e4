//! What the authorization endpoint and the pages keep: pushed requests, the single claims that tokens were asked for,
//! and how often somebody has tried to sign in.

use sea_orm::DbErr;
use sea_orm_migration::prelude::{ColumnDef, ForeignKey, ForeignKeyAction, Index, Table, TableCreateStatement};
use sea_orm_migration::{MigrationName, MigrationTrait, SchemaManager};

/// `0007_front_channel`.
pub(super) struct Step;

impl MigrationName for Step {
    fn name(&self) -> &'static str {
        "0007_front_channel"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Step {
    #[expect(elided_lifetimes_in_paths, reason = "the trait's own signature, which the macro must meet")]
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in ["access_tokens", "refresh_tokens"] {
            let mut claims = ColumnDef::new("claims").text().take();
            manager.alter_table(Table::alter().table(table).add_column(&mut claims).take()).await?;
        }
        for table in [pushed_requests(), throttles()] {
            manager.create_table(table).await?;
        }
        for (table, column) in
            [("pushed_requests", "client_id"), ("pushed_requests", "expires_at"), ("throttles", "free_at")]
        {
            let name = format!("ix_{table}_{column}");
            manager.create_index(Index::create().name(name).table(table).col(column).take()).await?;
        }
        Ok(())
    }
}

fn pushed_requests() -> TableCreateStatement {
    let mut client = ForeignKey::create();
    client
        .name("fk_pushed_requests_client_id")
        .from("pushed_requests", "client_id")
        .to("clients", "id")
        .on_delete(ForeignKeyAction::Cascade);
    Table::create()
        .table("pushed_requests")
        .col(ColumnDef::new("digest").text().not_null().primary_key())
        .col(ColumnDef::new("client_id").text().not_null())
        .col(ColumnDef::new("parameters").text().not_null())
        .col(ColumnDef::new("expires_at").big_integer().not_null())
        .col(ColumnDef::new("used_at").big_integer())
        .foreign_key(&mut client)
        .take()
}

fn throttles() -> TableCreateStatement {
    Table::create()
        .table("throttles")
        .col(ColumnDef::new("name").text().not_null().primary_key())
        .col(ColumnDef::new("free_at").big_integer().not_null())
        .take()
}
