//! Device authorizations in the database. As with codes, each step is one conditional UPDATE that must touch one row.

use sea_orm::entity::prelude::*;
use sea_orm::sea_query::Expr;
use sea_orm::{DatabaseExecutor, IntoActiveModel as _};

use crate::model::device::{Approval, DeviceAuthorization, DeviceState};
use crate::model::{AuthorizationId, ClientId, SessionId, Timestamp, UserId};
use crate::secret::Digest;
use crate::store::StoreError;
use crate::store::column::{Place, to_json};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "device_codes")]
pub(super) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    id: String,
    device_digest: String,
    user_digest: String,
    client_id: String,
    scopes: String,
    resources: String,
    state: String,
    user_id: Option<String>,
    session_id: Option<String>,
    authenticated_at: Option<i64>,
    interval: i64,
    polled_at: Option<i64>,
    created_at: i64,
    expires_at: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(super) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl TryFrom<Model> for DeviceAuthorization {
    type Error = StoreError;

    fn try_from(row: Model) -> Result<Self, StoreError> {
        let place = Place { table: "device_codes", row: &row.id };
        let approval = match (row.user_id, row.session_id, row.authenticated_at) {
            (Some(user), Some(session), Some(time)) => Some(Approval {
                user_id: UserId::new(user),
                session_id: SessionId::new(session),
                authenticated_at: Timestamp::from_unix(time),
            }),
            _ => None,
        };
        Ok(Self {
            scopes: place.json("scopes", &row.scopes)?,
            resources: place.json("resources", &row.resources)?,
            state: place.name("state", &row.state, DeviceState::from_name)?,
            id: AuthorizationId::new(&row.id),
            device_code: Digest::from_stored(row.device_digest),
            user_code: Digest::from_stored(row.user_digest),
            client_id: ClientId::new(row.client_id),
            approval,
            interval: row.interval,
            polled_at: row.polled_at.map(Timestamp::from_unix),
            created_at: Timestamp::from_unix(row.created_at),
            expires_at: Timestamp::from_unix(row.expires_at),
        })
    }
}

/// Access to device authorizations.
pub struct DeviceAuthorizations<'a>(pub(super) DatabaseExecutor<'a>);

impl DeviceAuthorizations<'_> {
    /// Stores a new one, pending.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when the user code is in use: make another.
    pub async fn insert(&self, new: &DeviceAuthorization) -> Result<(), StoreError> {
        let row = Model {
            id: new.id.to_string(),
            device_digest: new.device_code.as_str().to_owned(),
            user_digest: new.user_code.as_str().to_owned(),
            client_id: new.client_id.to_string(),
            scopes: to_json(&new.scopes),
            resources: to_json(&new.resources),
            state: new.state.as_str().to_owned(),
            user_id: None,
            session_id: None,
            authenticated_at: None,
            interval: new.interval,
            polled_at: None,
            created_at: new.created_at.as_unix(),
            expires_at: new.expires_at.as_unix(),
        };
        Entity::insert(row.into_active_model()).exec_without_returning(&self.0).await?;
        Ok(())
    }

    /// Returns the one that a user may still decide about.
    ///
    /// # Errors
    /// When the database does not answer or the row cannot be read.
    pub async fn pending(&self, user_code: &Digest, now: Timestamp) -> Result<Option<DeviceAuthorization>, StoreError> {
        let found = Entity::find()
            .filter(Column::UserDigest.eq(user_code.as_str()))
            .filter(Column::State.eq(DeviceState::Pending.as_str()))
            .filter(Column::ExpiresAt.gt(now.as_unix()))
            .one(&self.0)
            .await?;
        found.map(DeviceAuthorization::try_from).transpose()
    }

    /// Returns the one that a device polls for, whatever its state.
    ///
    /// # Errors
    /// When the database does not answer or the row cannot be read.
    pub async fn by_device_code(&self, code: &Digest) -> Result<Option<DeviceAuthorization>, StoreError> {
        let found = Entity::find().filter(Column::DeviceDigest.eq(code.as_str())).one(&self.0).await?;
        found.map(DeviceAuthorization::try_from).transpose()
    }

    /// Notes what a user has decided; returns whether it was still open.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn decide(
        &self,
        id: &AuthorizationId,
        state: DeviceState,
        approval: &Approval,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let change = Entity::update_many()
            .col_expr(Column::State, Expr::value(state.as_str()))
            .col_expr(Column::UserId, Expr::value(approval.user_id.as_str()))
            .col_expr(Column::SessionId, Expr::value(approval.session_id.as_str()))
            .col_expr(Column::AuthenticatedAt, Expr::value(approval.authenticated_at.as_unix()))
            .filter(Column::Id.eq(id.as_str()))
            .filter(Column::State.eq(DeviceState::Pending.as_str()))
            .filter(Column::ExpiresAt.gt(now.as_unix()));
        Ok(change.exec(&self.0).await?.rows_affected == 1)
    }

    /// Notes that a device has asked, and how long it must wait from now on.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn record_poll(&self, id: &AuthorizationId, interval: i64, now: Timestamp) -> Result<(), StoreError> {
        Entity::update_many()
            .col_expr(Column::PolledAt, Expr::value(now.as_unix()))
            .col_expr(Column::Interval, Expr::value(interval))
            .filter(Column::Id.eq(id.as_str()))
            .exec(&self.0)
            .await?;
        Ok(())
    }

    /// Redeems an approved code; returns whether this caller, and no other, did.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn redeem(&self, id: &AuthorizationId, now: Timestamp) -> Result<bool, StoreError> {
        let change = Entity::update_many()
            .col_expr(Column::State, Expr::value(DeviceState::Redeemed.as_str()))
            .filter(Column::Id.eq(id.as_str()))
            .filter(Column::State.eq(DeviceState::Approved.as_str()))
            .filter(Column::ExpiresAt.gt(now.as_unix()));
        Ok(change.exec(&self.0).await?.rows_affected == 1)
    }
}
