//! Consents in the database.

use sea_orm::entity::prelude::*;
use sea_orm::sea_query::OnConflict;
use sea_orm::{DatabaseExecutor, IntoActiveModel as _};

use crate::model::{ClientId, Consent, Timestamp, UserId};
use crate::store::StoreError;
use crate::store::column::{Place, to_json};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "consents")]
pub(super) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    user_id: String,
    #[sea_orm(primary_key, auto_increment = false)]
    client_id: String,
    scopes: String,
    granted_at: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(super) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// Access to consents.
pub struct Consents<'a>(pub(super) DatabaseExecutor<'a>);

impl Consents<'_> {
    /// Returns what a user has granted to a client.
    ///
    /// # Errors
    /// When the database does not answer or the row cannot be read.
    pub async fn of(&self, user: &UserId, client: &ClientId) -> Result<Option<Consent>, StoreError> {
        let key = (user.to_string(), client.to_string());
        let Some(row) = Entity::find_by_id(key).one(&self.0).await? else { return Ok(None) };
        let place = Place { table: "consents", row: &row.user_id };
        Ok(Some(Consent {
            scopes: place.json("scopes", &row.scopes)?,
            user_id: UserId::new(row.user_id),
            client_id: ClientId::new(row.client_id),
            granted_at: Timestamp::from_unix(row.granted_at),
        }))
    }

    /// Stores what a user has granted to a client, in place of what they had granted before.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn put(&self, consent: &Consent) -> Result<(), StoreError> {
        let row = Model {
            user_id: consent.user_id.to_string(),
            client_id: consent.client_id.to_string(),
            scopes: to_json(&consent.scopes),
            granted_at: consent.granted_at.as_unix(),
        };
        let replace = OnConflict::columns([Column::UserId, Column::ClientId])
            .update_columns([Column::Scopes, Column::GrantedAt])
            .to_owned();
        Entity::insert(row.into_active_model()).on_conflict(replace).exec_without_returning(&self.0).await?;
        Ok(())
    }
}
