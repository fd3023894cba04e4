//! What the back channel keeps: access tokens that speak for a client alone, or for certain resources, or are bound to
//! a key; device codes; identifiers that may be used once; tokens that permit a registration.

use sea_orm::{ConnectionTrait as _, DbErr};
use sea_orm_migration::prelude::{ColumnDef, ForeignKey, ForeignKeyAction, Index, Table, TableCreateStatement};
use sea_orm_migration::{MigrationName, MigrationTrait, SchemaManager};

/// `0006_back_channel`.
pub(super) struct Step;

impl MigrationName for Step {
    fn name(&self) -> &'static str {
        "0006_back_channel"
    }
}

/// The columns that the first schema's access tokens have.
const KEPT: &str = "digest, family, client_id, user_id, session_id, scopes, issued_at, expires_at";

#[async_trait::async_trait]
impl MigrationTrait for Step {
    #[expect(elided_lifetimes_in_paths, reason = "the trait's own signature, which the macro must meet")]
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // SQLite cannot make a column optional: the table is made again, with everything that is in it.
        manager.create_table(access_tokens("access_tokens_next")).await?;
        let copy = format!("INSERT INTO access_tokens_next ({KEPT}) SELECT {KEPT} FROM access_tokens");
        manager.get_connection().execute_unprepared(&copy).await?;
        manager.drop_table(Table::drop().table("access_tokens").take()).await?;
        manager.rename_table(Table::rename().table("access_tokens_next", "access_tokens").take()).await?;
        for mut column in
            [ColumnDef::new("resources").text().not_null().default("[]").take(), ColumnDef::new("jkt").text().take()]
        {
            manager.alter_table(Table::alter().table("refresh_tokens").add_column(&mut column).take()).await?;
        }
        for table in [device_codes(), used_ids(), registration_tokens()] {
            manager.create_table(table).await?;
        }
        for (table, column) in [
            ("access_tokens", "family"),
            ("access_tokens", "client_id"),
            ("access_tokens", "user_id"),
            ("access_tokens", "expires_at"),
            ("device_codes", "client_id"),
            ("device_codes", "user_id"),
            ("device_codes", "expires_at"),
            ("used_ids", "expires_at"),
            ("registration_tokens", "expires_at"),
        ] {
            let name = format!("ix_{table}_{column}");
            manager.create_index(Index::create().name(name).table(table).col(column).take()).await?;
        }
        Ok(())
    }
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

/// A row goes when the row that it belongs to goes.
fn belonging(
    mut table: TableCreateStatement,
    name: &'static str,
    column: &'static str,
    to: &'static str,
) -> TableCreateStatement {
    let mut key = ForeignKey::create();
    key.name(format!("fk_{name}_{column}")).from(name, column).to(to, "id").on_delete(ForeignKeyAction::Cascade);
    table.foreign_key(&mut key);
    table
}

fn access_tokens(name: &'static str) -> TableCreateStatement {
    let table = table(
        name,
        [
            text("digest").primary_key().take(),
            text("family"),
            text("client_id"),
            optional_text("user_id"),
            optional_text("session_id"),
            text("scopes"),
            text("resources").default("[]").take(),
            optional_text("jkt"),
            number("issued_at"),
            number("expires_at"),
        ],
    );
    let table = belonging(table, name, "client_id", "clients");
    belonging(table, name, "user_id", "users")
}

fn device_codes() -> TableCreateStatement {
    let table = table(
        "device_codes",
        [
            text("id").primary_key().take(),
            text("device_digest").unique_key().take(),
            text("user_digest").unique_key().take(),
            text("client_id"),
            text("scopes"),
            text("resources"),
            text("state"),
            optional_text("user_id"),
            optional_text("session_id"),
            optional_number("authenticated_at"),
            number("interval"),
            optional_number("polled_at"),
            number("created_at"),
            number("expires_at"),
        ],
    );
    let table = belonging(table, "device_codes", "client_id", "clients");
    belonging(table, "device_codes", "user_id", "users")
}

fn used_ids() -> TableCreateStatement {
    table("used_ids", [text("digest").primary_key().take(), number("expires_at")])
}

fn registration_tokens() -> TableCreateStatement {
    table(
        "registration_tokens",
        [
            text("digest").primary_key().take(),
            text("description"),
            optional_number("uses_left"),
            number("created_at"),
            number("expires_at"),
        ],
    )
}
