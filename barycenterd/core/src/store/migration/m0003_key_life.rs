//! The life of signing keys: when each takes its next step, one key of an algorithm in each place, and the keyring as
//! a whole with a revision that grows with every change.

use sea_orm::sea_query::{ConditionalStatement as _, Expr, ExprTrait as _};
use sea_orm::{ConnectionTrait as _, DbErr};
use sea_orm_migration::prelude::{ColumnDef, Index, Table};
use sea_orm_migration::{MigrationName, MigrationTrait, SchemaManager};

/// `0003_key_life`.
pub(super) struct Step;

impl MigrationName for Step {
    fn name(&self) -> &'static str {
        "0003_key_life"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Step {
    #[expect(elided_lifetimes_in_paths, reason = "the trait's own signature, which the macro must meet")]
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // One column a statement: SQLite takes no more.
        let times = ["activates_at", "retiring_at", "verifies_until", "retired_at"];
        let mut columns: Vec<ColumnDef> = times.map(|name| ColumnDef::new(name).big_integer().take()).into();
        columns.push(ColumnDef::new("lifetime").big_integer().not_null().default(0).take());
        for mut column in columns {
            manager.alter_table(Table::alter().table("signing_keys").add_column(&mut column).take()).await?;
        }
        for (name, state) in [("ux_signing_keys_pending", "pending"), ("ux_signing_keys_active", "active")] {
            let mut index = Index::create();
            index.name(name).table("signing_keys").col("algorithm").unique();
            index.and_where(Expr::col("state").eq(Expr::cust(format!("'{state}'"))));
            manager.create_index(index).await?;
        }
        let keyring = Table::create()
            .table("keyring")
            .col(ColumnDef::new("id").big_integer().not_null().primary_key())
            .col(ColumnDef::new("revision").big_integer().not_null())
            .col(ColumnDef::new("derivation").text())
            .take();
        manager.create_table(keyring).await?;
        let connection = manager.get_connection();
        connection.execute_unprepared("INSERT INTO keyring (id, revision) VALUES (1, 1)").await?;
        connection.execute_unprepared("UPDATE signing_keys SET activates_at = activated_at").await?;
        Ok(())
    }
}
