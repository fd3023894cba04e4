//! The first schema: users, clients, the protocol's objects, the keyring.

use sea_orm::DbErr;
use sea_orm_migration::prelude::{
    ColumnDef, ForeignKey, ForeignKeyAction, Index, IndexCreateStatement, Table, TableCreateStatement,
};
use sea_orm_migration::{MigrationName, MigrationTrait, SchemaManager};

/// `0001_initial`.
pub(super) struct Step;

impl MigrationName for Step {
    fn name(&self) -> &'static str {
        "0001_initial"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Step {
    #[expect(elided_lifetimes_in_paths, reason = "the trait's own signature, which the macro must meet")]
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in [
            users(),
            clients(),
            sessions(),
            authorizations(),
            consents(),
            access_tokens(),
            refresh_tokens(),
            signing_keys(),
        ] {
            manager.create_table(table).await?;
        }
        for index in indexes() {
            manager.create_index(index).await?;
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

fn flag(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).boolean().not_null().take()
}

fn time(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).big_integer().not_null().take()
}

fn optional_time(name: &'static str) -> ColumnDef {
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

fn users() -> TableCreateStatement {
    table(
        "users",
        [
            text("id").primary_key().take(),
            text("username"),
            text("username_folded").unique_key().take(),
            optional_text("email"),
            optional_text("email_folded").unique_key().take(),
            flag("email_verified"),
            flag("enabled"),
            optional_text("password_hash"),
            text("properties"),
            text("origin"),
            optional_text("manager"),
            text("declared"),
            time("created_at"),
            time("updated_at"),
            optional_time("last_login_at"),
        ],
    )
}

fn clients() -> TableCreateStatement {
    table(
        "clients",
        [
            text("id").primary_key().take(),
            text("name"),
            text("authentication_method"),
            optional_text("secret_digest"),
            text("redirect_uris"),
            text("post_logout_redirect_uris"),
            text("grant_types"),
            text("scopes"),
            flag("first_party"),
            time("created_at"),
        ],
    )
}

fn sessions() -> TableCreateStatement {
    let table = table(
        "sessions",
        [
            text("id").primary_key().take(),
            text("cookie_digest").unique_key().take(),
            text("user_id"),
            time("authenticated_at"),
            text("methods"),
            time("expires_at"),
        ],
    );
    belonging(table, "sessions", "user_id", "users")
}

fn authorizations() -> TableCreateStatement {
    let table = table(
        "authorizations",
        [
            text("id").primary_key().take(),
            text("handle_digest").unique_key().take(),
            text("browser_digest"),
            text("client_id"),
            text("request"),
            text("state"),
            optional_text("signed_in_by"),
            optional_text("consented_by"),
            optional_text("code_digest").unique_key().take(),
            optional_time("code_expires_at"),
            optional_text("user_id"),
            optional_text("session_id"),
            optional_time("authenticated_at"),
            time("created_at"),
            time("expires_at"),
        ],
    );
    let table = belonging(table, "authorizations", "client_id", "clients");
    belonging(table, "authorizations", "user_id", "users")
}

fn consents() -> TableCreateStatement {
    let mut table = table("consents", [text("user_id"), text("client_id"), text("scopes"), time("granted_at")]);
    table.primary_key(Index::create().col("user_id").col("client_id"));
    let table = belonging(table, "consents", "user_id", "users");
    belonging(table, "consents", "client_id", "clients")
}

fn access_tokens() -> TableCreateStatement {
    let table = table(
        "access_tokens",
        [
            text("digest").primary_key().take(),
            text("family"),
            text("client_id"),
            text("user_id"),
            text("session_id"),
            text("scopes"),
            time("issued_at"),
            time("expires_at"),
        ],
    );
    let table = belonging(table, "access_tokens", "client_id", "clients");
    belonging(table, "access_tokens", "user_id", "users")
}

fn refresh_tokens() -> TableCreateStatement {
    let table = table(
        "refresh_tokens",
        [
            text("digest").primary_key().take(),
            text("family"),
            text("client_id"),
            text("user_id"),
            text("session_id"),
            text("scopes"),
            time("authenticated_at"),
            time("issued_at"),
            time("expires_at"),
            optional_time("used_at"),
        ],
    );
    let table = belonging(table, "refresh_tokens", "client_id", "clients");
    belonging(table, "refresh_tokens", "user_id", "users")
}

fn signing_keys() -> TableCreateStatement {
    table(
        "signing_keys",
        [
            text("kid").primary_key().take(),
            text("algorithm"),
            text("state"),
            text("jwk"),
            text("wrapped"),
            text("root"),
            time("created_at"),
            optional_time("activated_at"),
        ],
    )
}

fn indexes() -> Vec<IndexCreateStatement> {
    let on = |table: &'static str, column: &'static str| {
        Index::create().name(format!("ix_{table}_{column}")).table(table).col(column).take()
    };
    vec![
        on("users", "manager"),
        on("sessions", "user_id"),
        on("sessions", "expires_at"),
        on("authorizations", "client_id"),
        on("authorizations", "user_id"),
        on("authorizations", "expires_at"),
        on("consents", "client_id"),
        on("access_tokens", "family"),
        on("access_tokens", "client_id"),
        on("access_tokens", "user_id"),
        on("access_tokens", "expires_at"),
        on("refresh_tokens", "family"),
        on("refresh_tokens", "client_id"),
        on("refresh_tokens", "user_id"),
        on("refresh_tokens", "expires_at"),
    ]
}
