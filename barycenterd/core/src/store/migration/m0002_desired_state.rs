//! What the declarative side needs: groups, stable keys and protection of users; clients that files own; who is
//! syncing; and what became of the last syncs.

use sea_orm::DbErr;
use sea_orm_migration::prelude::{ColumnDef, Index, Table, TableAlterStatement};
use sea_orm_migration::{MigrationName, MigrationTrait, SchemaManager};

/// `0002_desired_state`.
pub(super) struct Step;

impl MigrationName for Step {
    fn name(&self) -> &'static str {
        "0002_desired_state"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Step {
    #[expect(elided_lifetimes_in_paths, reason = "the trait's own signature, which the macro must meet")]
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // One column a statement: SQLite takes no more.
        for (table, columns) in [("users", users()), ("clients", clients())] {
            for mut column in columns {
                manager.alter_table(add(table, &mut column)).await?;
            }
        }
        for table in [leases(), sync_runs()] {
            manager.create_table(table).await?;
        }
        for (name, table, columns) in [
            ("ux_users_manager_external_id", "users", ["manager", "external_id"].as_slice()),
            ("ix_clients_manager", "clients", &["manager"]),
            ("ix_sync_runs_started_at", "sync_runs", &["started_at"]),
        ] {
            let mut index = Index::create();
            index.name(name).table(table);
            for column in columns {
                index.col(*column);
            }
            if name.starts_with("ux_") {
                index.unique();
            }
            manager.create_index(index).await?;
        }
        Ok(())
    }
}

fn add(table: &'static str, column: &mut ColumnDef) -> TableAlterStatement {
    Table::alter().table(table).add_column(column).take()
}

fn text(name: &'static str, default: &'static str) -> ColumnDef {
    ColumnDef::new(name).text().not_null().default(default).take()
}

fn optional_text(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).text().take()
}

fn flag(name: &'static str, default: bool) -> ColumnDef {
    ColumnDef::new(name).boolean().not_null().default(default).take()
}

fn optional_number(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).big_integer().take()
}

fn users() -> Vec<ColumnDef> {
    vec![optional_text("external_id"), text("groups", "[]"), flag("protected", false)]
}

fn clients() -> Vec<ColumnDef> {
    vec![
        flag("enabled", true),
        text("origin", "unmanaged"),
        optional_text("manager"),
        text("declared", "{}"),
        optional_number("access_token_seconds"),
        optional_number("id_token_seconds"),
        optional_number("refresh_token_seconds"),
    ]
}

fn leases() -> sea_orm_migration::prelude::TableCreateStatement {
    Table::create()
        .table("leases")
        .col(ColumnDef::new("name").text().not_null().primary_key())
        .col(ColumnDef::new("holder").text().not_null())
        .col(ColumnDef::new("expires_at").big_integer().not_null())
        .take()
}

fn sync_runs() -> sea_orm_migration::prelude::TableCreateStatement {
    Table::create()
        .table("sync_runs")
        .col(ColumnDef::new("id").text().not_null().primary_key())
        .col(ColumnDef::new("manager").text().not_null())
        .col(ColumnDef::new("origin").text().not_null())
        .col(ColumnDef::new("outcome").text().not_null())
        .col(ColumnDef::new("summary").text().not_null())
        .col(optional_text("message"))
        .col(ColumnDef::new("started_at").big_integer().not_null())
        .col(ColumnDef::new("finished_at").big_integer().not_null())
        .take()
}
