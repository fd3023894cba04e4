//! Pushed authorization requests in the database (RFC 9126), by the digest of their handle.

use sea_orm::entity::prelude::*;
use sea_orm::sea_query::Expr;
use sea_orm::{DatabaseExecutor, IntoActiveModel as _};

use crate::model::{ClientId, Timestamp};
use crate::secret::Digest;
use crate::store::StoreError;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "pushed_requests")]
pub(super) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    digest: String,
    client_id: String,
    parameters: String,
    expires_at: i64,
    used_at: Option<i64>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(super) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// Access to pushed requests.
pub struct PushedRequests<'a>(pub(super) DatabaseExecutor<'a>);

impl PushedRequests<'_> {
    /// Stores the parameters of a request, as a form.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn insert(
        &self,
        handle: &Digest,
        client: &ClientId,
        parameters: String,
        expires_at: Timestamp,
    ) -> Result<(), StoreError> {
        let row = Model {
            digest: handle.as_str().to_owned(),
            client_id: client.to_string(),
            parameters,
            expires_at: expires_at.as_unix(),
            used_at: None,
        };
        Entity::insert(row.into_active_model()).exec_without_returning(&self.0).await?;
        Ok(())
    }

    /// Uses a request up: of all callers, on all replicas, one gets its parameters, if they are this client's and have
    /// not expired.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn take(&self, handle: &Digest, client: &ClientId, now: Timestamp) -> Result<Option<String>, StoreError> {
        let change = Entity::update_many()
            .col_expr(Column::UsedAt, Expr::value(now.as_unix()))
            .filter(Column::Digest.eq(handle.as_str()))
            .filter(Column::ClientId.eq(client.as_str()))
            .filter(Column::UsedAt.is_null())
            .filter(Column::ExpiresAt.gt(now.as_unix()));
        Ok(change.exec_with_returning(&self.0).await?.into_iter().next().map(|row| row.parameters))
    }
}
