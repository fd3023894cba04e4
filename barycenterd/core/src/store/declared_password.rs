//! Users whose password a file declares, with the fingerprint of what it declared.

use sea_orm::entity::prelude::*;
use sea_orm::{QueryOrder as _, QuerySelect as _};

use crate::model::{Declared, UserId};
use crate::password::PasswordHash;
use crate::store::user::{Column, Entity};
use crate::store::{StoreError, Users};

/// A user's id, name, the fingerprint of the declared password, and the hash of the present one.
type Row = (UserId, String, String, PasswordHash);

impl Users<'_> {
    /// Returns up to `limit` users, by id, of those after `after` whose password a file declares. Who has none is
    /// there with an empty fingerprint.
    ///
    /// # Errors
    /// When the database does not answer.
    pub(crate) async fn with_declared_password(
        &self,
        limit: u64,
        after: Option<&UserId>,
    ) -> Result<Vec<Row>, StoreError> {
        let mut query = Entity::find()
            .select_only()
            .columns([Column::Id, Column::Username, Column::Declared, Column::PasswordHash])
            .filter(Column::Manager.is_not_null())
            .filter(Column::PasswordHash.is_not_null())
            .order_by_asc(Column::Id)
            .limit(limit);
        if let Some(after) = after {
            query = query.filter(Column::Id.gt(after.as_str()));
        }
        let rows: Vec<(String, String, String, String)> = query.into_tuple().all(&self.0).await?;
        let read = |(id, name, declared, hash): (String, String, String, String)| {
            let declared: Declared = serde_json::from_str(&declared).unwrap_or_default();
            let fingerprint = declared.secret_fingerprint.unwrap_or_default();
            (UserId::new(id), name, fingerprint, PasswordHash::from_stored(hash))
        };
        Ok(rows.into_iter().map(read).collect())
    }
}
