//! Identifiers that may be used once: the `jti` of client assertions and of DPoP proofs. Kept as digests, until what
//! they belong to has expired by itself.

use sea_orm::entity::prelude::*;
use sea_orm::{DatabaseExecutor, IntoActiveModel as _};

use crate::model::Timestamp;
use crate::secret::Digest;
use crate::store::StoreError;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "used_ids")]
pub(super) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    digest: String,
    expires_at: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(super) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// Access to used identifiers.
pub struct UsedIds<'a>(pub(super) DatabaseExecutor<'a>);

impl UsedIds<'_> {
    /// Uses an identifier; returns whether this caller, and no other, did. `purpose` and `owner` keep what different
    /// clients, or different kinds of JWTs, call the same apart. Not for a transaction: a second use would end it.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn first_use(
        &self,
        purpose: &str,
        owner: &str,
        id: &str,
        expires_at: Timestamp,
    ) -> Result<bool, StoreError> {
        let name = serde_json::json!([purpose, owner, id]).to_string();
        let row = Model { digest: Digest::of(&name).as_str().to_owned(), expires_at: expires_at.as_unix() };
        let inserted = Entity::insert(row.into_active_model()).exec_without_returning(&self.0).await;
        match inserted.map_err(StoreError::from) {
            Ok(_) => Ok(true),
            Err(error) if error.is_conflict() => Ok(false),
            Err(error) => Err(error),
        }
    }
}
