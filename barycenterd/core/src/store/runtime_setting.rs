//! Settings that an operator has changed while daemons run, until a time: every replica follows them.

use sea_orm::entity::prelude::*;
use sea_orm::sea_query::OnConflict;
use sea_orm::{DatabaseExecutor, IntoActiveModel as _};

use crate::model::Timestamp;
use crate::store::StoreError;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "runtime_settings")]
pub(super) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    name: String,
    value: String,
    expires_at: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(super) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// What can be changed so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RuntimeName {
    /// Which lines of the log are written, in the words of `RUST_LOG`.
    LogFilter,
}

impl RuntimeName {
    const fn as_str(self) -> &'static str {
        match self {
            Self::LogFilter => "log_filter",
        }
    }
}

/// A setting that holds for now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuntimeSetting {
    /// What it is set to.
    pub value: String,
    /// From then on the configuration holds again.
    pub expires_at: Timestamp,
}

/// Access to what operators have changed.
pub struct RuntimeSettings<'a>(pub(super) DatabaseExecutor<'a>);

impl RuntimeSettings<'_> {
    /// Returns what holds at `now` in place of the configuration.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn get(&self, name: RuntimeName, now: Timestamp) -> Result<Option<RuntimeSetting>, StoreError> {
        let row = Entity::find_by_id(name.as_str()).one(&self.0).await?;
        let setting = row.map(|Model { value, expires_at, .. }| RuntimeSetting {
            value,
            expires_at: Timestamp::from_unix(expires_at),
        });
        Ok(setting.filter(|setting| setting.expires_at > now))
    }

    /// Sets it, in place of what was set before.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn set(&self, name: RuntimeName, setting: &RuntimeSetting) -> Result<(), StoreError> {
        let row = Model {
            name: name.as_str().to_owned(),
            value: setting.value.clone(),
            expires_at: setting.expires_at.as_unix(),
        };
        let mut otherwise = OnConflict::column(Column::Name);
        otherwise.update_columns([Column::Value, Column::ExpiresAt]);
        Entity::insert(row.into_active_model()).on_conflict(otherwise).exec_without_returning(&self.0).await?;
        Ok(())
    }

    /// Lets the configuration hold again; returns whether something else did.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn reset(&self, name: RuntimeName) -> Result<bool, StoreError> {
        Ok(Entity::delete_by_id(name.as_str()).exec(&self.0).await?.rows_affected > 0)
    }
}
