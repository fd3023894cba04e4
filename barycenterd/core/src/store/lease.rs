//! Leases: who is doing something that only one may do at a time, in any process, and until when.
//!
//! A lease that is not renewed ends by itself, so that a process that dies blocks nobody for long. Whoever writes
//! under a lease holds it in the same transaction: two can never both believe that they have it.

use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{ExprTrait as _, OnConflict};
use sea_orm::{ActiveValue::Set, Condition, DatabaseExecutor, QuerySelect as _};

use crate::model::Timestamp;
use crate::store::StoreError;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "leases")]
pub(super) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    name: String,
    holder: String,
    expires_at: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(super) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// Access to leases.
pub struct Leases<'a>(pub(super) DatabaseExecutor<'a>);

impl Leases<'_> {
    /// Takes the lease, or renews it, for `seconds` from `now`. Returns whether `holder` has it now.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn take(&self, name: &str, holder: &str, now: Timestamp, seconds: i64) -> Result<bool, StoreError> {
        let expires_at = now.as_unix().saturating_add(seconds);
        let row =
            ActiveModel { name: Set(name.to_owned()), holder: Set(holder.to_owned()), expires_at: Set(expires_at) };
        let free = Condition::any()
            .add(Expr::col((Entity, Column::Holder)).eq(holder))
            .add(Expr::col((Entity, Column::ExpiresAt)).lte(now.as_unix()));
        let mut otherwise = OnConflict::column(Column::Name);
        otherwise.update_columns([Column::Holder, Column::ExpiresAt]).action_cond_where(free);
        let taken = Entity::insert(row).on_conflict(otherwise).exec_without_returning(&self.0).await;
        match taken {
            Ok(rows) => Ok(rows > 0),
            Err(DbErr::RecordNotInserted) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    /// Returns whether `holder` has the lease, in time or late: nobody else has taken it. In a transaction, nobody else
    /// takes it before that ends.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn hold(&self, name: &str, holder: &str) -> Result<bool, StoreError> {
        // SQLite knows no locks of rows: its transactions that write are alone.
        let row = Entity::find_by_id(name).filter(Column::Holder.eq(holder)).lock_shared().one(&self.0).await?;
        Ok(row.is_some())
    }

    /// Gives the lease back, if `holder` has it.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn give_back(&self, name: &str, holder: &str) -> Result<(), StoreError> {
        Entity::delete_many().filter(Column::Name.eq(name)).filter(Column::Holder.eq(holder)).exec(&self.0).await?;
        Ok(())
    }

    /// Returns who has the lease at `now`.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn holder(&self, name: &str, now: Timestamp) -> Result<Option<String>, StoreError> {
        let row = Entity::find_by_id(name).one(&self.0).await?;
        Ok(row.filter(|row| row.expires_at > now.as_unix()).map(|row| row.holder))
    }
}
