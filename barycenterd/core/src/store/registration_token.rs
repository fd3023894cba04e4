//! Initial access tokens of dynamic registration (RFC 7591 section 3), by digest: each permits so many registrations.

use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{Expr, ExprTrait as _};
use sea_orm::{Condition, DatabaseExecutor, IntoActiveModel as _};

use crate::model::Timestamp;
use crate::secret::Digest;
use crate::store::StoreError;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "registration_tokens")]
pub(super) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    digest: String,
    description: String,
    uses_left: Option<i64>,
    created_at: i64,
    expires_at: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(super) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// A token that permits registrations.
#[derive(Debug, Clone)]
pub struct RegistrationToken {
    /// Digest of the token.
    pub digest: Digest,
    /// What it was made for, in the operator's words.
    pub description: String,
    /// How many registrations it permits; none: any number.
    pub uses: Option<u32>,
    /// When it was made.
    pub created_at: Timestamp,
    /// From then on it is invalid.
    pub expires_at: Timestamp,
}

/// Access to initial access tokens.
pub struct RegistrationTokens<'a>(pub(super) DatabaseExecutor<'a>);

impl RegistrationTokens<'_> {
    /// Stores a new token.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn insert(&self, token: &RegistrationToken) -> Result<(), StoreError> {
        let row = Model {
            digest: token.digest.as_str().to_owned(),
            description: token.description.clone(),
            uses_left: token.uses.map(i64::from),
            created_at: token.created_at.as_unix(),
            expires_at: token.expires_at.as_unix(),
        };
        Entity::insert(row.into_active_model()).exec_without_returning(&self.0).await?;
        Ok(())
    }

    /// Returns whether a token permits a registration; uses nothing up.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn permits(&self, digest: &Digest, now: Timestamp) -> Result<bool, StoreError> {
        let found =
            Entity::find_by_id(digest.as_str()).filter(Column::ExpiresAt.gt(now.as_unix())).one(&self.0).await?;
        Ok(found.is_some_and(|token| token.uses_left.is_none_or(|left| left > 0)))
    }

    /// Uses a token once; returns whether it permitted that.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn use_once(&self, digest: &Digest, now: Timestamp) -> Result<bool, StoreError> {
        let any = Condition::any().add(Column::UsesLeft.is_null()).add(Column::UsesLeft.gt(0));
        let change = Entity::update_many()
            .col_expr(Column::UsesLeft, Expr::col(Column::UsesLeft).sub(1))
            .filter(Column::Digest.eq(digest.as_str()))
            .filter(Column::ExpiresAt.gt(now.as_unix()))
            .filter(any);
        Ok(change.exec(&self.0).await?.rows_affected == 1)
    }
}
