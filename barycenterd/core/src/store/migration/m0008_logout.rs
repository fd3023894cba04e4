//! Who is told when a session ends: the clients that took part in it, and the messages that are still to be delivered.

use sea_orm::DbErr;
use sea_orm_migration::prelude::{
    ColumnDef, ForeignKey, ForeignKeyAction, ForeignKeyCreateStatement, Index, Table, TableCreateStatement,
};
use sea_orm_migration::{MigrationName, MigrationTrait, SchemaManager};

/// `0008_logout`.
pub(super) struct Step;

impl MigrationName for Step {
    fn name(&self) -> &'static str {
        "0008_logout"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Step {
    #[expect(elided_lifetimes_in_paths, reason = "the trait's own signature, which the macro must meet")]
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in [participants(), logout_deliveries()] {
            manager.create_table(table).await?;
        }
        for (table, column) in
            [("participants", "client_id"), ("logout_deliveries", "client_id"), ("logout_deliveries", "due_at")]
        {
            let name = format!("ix_{table}_{column}");
            manager.create_index(Index::create().name(name).table(table).col(column).take()).await?;
        }
        Ok(())
    }
}

fn belongs(table: &'static str, column: &'static str, to: &'static str) -> ForeignKeyCreateStatement {
    let mut key = ForeignKey::create();
    key.name(format!("fk_{table}_{column}")).from(table, column).to(to, "id").on_delete(ForeignKeyAction::Cascade);
    key
}

fn participants() -> TableCreateStatement {
    Table::create()
        .table("participants")
        .col(ColumnDef::new("session_id").text().not_null())
        .col(ColumnDef::new("client_id").text().not_null())
        .primary_key(Index::create().col("session_id").col("client_id"))
        .foreign_key(&mut belongs("participants", "session_id", "sessions"))
        .foreign_key(&mut belongs("participants", "client_id", "clients"))
        .take()
}

/// The session is gone when its message is delivered, and the user may be.
fn logout_deliveries() -> TableCreateStatement {
    Table::create()
        .table("logout_deliveries")
        .col(ColumnDef::new("session_id").text().not_null())
        .col(ColumnDef::new("client_id").text().not_null())
        .col(ColumnDef::new("user_id").text().not_null())
        .col(ColumnDef::new("attempts").big_integer().not_null())
        .col(ColumnDef::new("due_at").big_integer().not_null())
        .primary_key(Index::create().col("session_id").col("client_id"))
        .foreign_key(&mut belongs("logout_deliveries", "client_id", "clients"))
        .take()
}
