//! Throttles in the database: how soon something may be tried again, the same for all replicas. What is limited, and
//! how much, is [`crate::model::throttle`]'s business.

use std::collections::HashMap;

use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{CaseStatement, Expr, ExprTrait as _, OnConflict};
use sea_orm::{ActiveValue::Set, DatabaseExecutor};

use crate::model::Timestamp;
use crate::store::StoreError;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "throttles")]
pub(super) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    name: String,
    free_at: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(super) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// Access to throttles.
pub struct Throttles<'a>(pub(super) DatabaseExecutor<'a>);

impl Throttles<'_> {
    /// Returns when each of these is free of all that was charged to it; what nothing was charged to is left out.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn free_at(&self, names: &[&str]) -> Result<HashMap<String, Timestamp>, StoreError> {
        let found = Entity::find().filter(Column::Name.is_in(names.iter().copied())).all(&self.0).await?;
        Ok(found.into_iter().map(|row| (row.name, Timestamp::from_unix(row.free_at))).collect())
    }

    /// Charges `seconds` to a throttle, in one statement: no two charges become one.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn charge(&self, name: &str, now: Timestamp, seconds: i64) -> Result<(), StoreError> {
        let now = now.as_unix();
        let fresh = now.saturating_add(seconds);
        let stored = || Expr::col((Entity, Column::FreeAt));
        let later = CaseStatement::new().case(stored().gt(now), stored().add(seconds)).finally(fresh);
        let row = ActiveModel { name: Set(name.to_owned()), free_at: Set(fresh) };
        let otherwise = OnConflict::column(Column::Name).value(Column::FreeAt, later).to_owned();
        Entity::insert(row).on_conflict(otherwise).exec_without_returning(&self.0).await?;
        Ok(())
    }

    /// Frees a throttle.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn forget(&self, name: &str) -> Result<(), StoreError> {
        Entity::delete_by_id(name).exec(&self.0).await?;
        Ok(())
    }
}
