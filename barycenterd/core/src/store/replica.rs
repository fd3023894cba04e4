//! The replicas in the database: each says every few seconds that it is there, and is forgotten when it no longer
//! does.

use sea_orm::entity::prelude::*;
use sea_orm::sea_query::OnConflict;
use sea_orm::{DatabaseExecutor, IntoActiveModel as _, QueryOrder as _};

use crate::model::{Replica, Timestamp};
use crate::store::StoreError;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "replicas")]
pub(super) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    id: String,
    name: String,
    version: String,
    root: String,
    schema: String,
    issuer: String,
    public_address: Option<String>,
    started_at: i64,
    seen_at: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(super) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl From<Model> for Replica {
    fn from(row: Model) -> Self {
        Self {
            id: row.id,
            name: row.name,
            version: row.version,
            root: row.root,
            schema: row.schema,
            issuer: row.issuer,
            public_address: row.public_address,
            started_at: Timestamp::from_unix(row.started_at),
            seen_at: Timestamp::from_unix(row.seen_at),
        }
    }
}

/// Access to replicas.
pub struct Replicas<'a>(pub(super) DatabaseExecutor<'a>);

impl Replicas<'_> {
    /// Notes that a replica is there.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn note(&self, replica: &Replica) -> Result<(), StoreError> {
        let row = Model {
            id: replica.id.clone(),
            name: replica.name.clone(),
            version: replica.version.clone(),
            root: replica.root.clone(),
            schema: replica.schema.clone(),
            issuer: replica.issuer.clone(),
            public_address: replica.public_address.clone(),
            started_at: replica.started_at.as_unix(),
            seen_at: replica.seen_at.as_unix(),
        };
        let mut known = OnConflict::column(Column::Id);
        known.update_columns([Column::SeenAt, Column::PublicAddress]);
        Entity::insert(row.into_active_model()).on_conflict(known).exec_without_returning(&self.0).await?;
        Ok(())
    }

    /// Forgets a replica that has stopped.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn forget(&self, id: &str) -> Result<(), StoreError> {
        Entity::delete_by_id(id).exec(&self.0).await?;
        Ok(())
    }

    /// Returns all replicas that are not forgotten yet, in the order in which they started.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn all(&self) -> Result<Vec<Replica>, StoreError> {
        let rows = Entity::find().order_by_asc(Column::StartedAt).order_by_asc(Column::Id).all(&self.0).await?;
        Ok(rows.into_iter().map(Replica::from).collect())
    }
}
