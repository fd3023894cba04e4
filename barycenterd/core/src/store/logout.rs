//! Who is told when a session ends (OpenID Connect Back-Channel Logout): the clients that took part in it, and the
//! messages that are still to be delivered.
//!
//! The rule: whatever ends a session, its messages are written in the same transaction, by the same functions that
//! remove the session. A message is claimed by one conditional UPDATE that also says when it is tried again, so that no
//! two replicas deliver it at once and none is lost when one dies.

use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{Expr, ExprTrait as _, OnConflict, Query};
use sea_orm::{DatabaseExecutor, IntoActiveModel as _, QueryOrder as _, QuerySelect as _};

use crate::model::{ClientId, SessionId, Timestamp, UserId};
use crate::store::{StoreError, session};

pub(super) mod participant {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "participants")]
    pub(in crate::store) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub(super) session_id: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub(super) client_id: String,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub(in crate::store) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

mod delivery {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "logout_deliveries")]
    pub(in crate::store) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub(super) session_id: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub(super) client_id: String,
        pub(super) user_id: String,
        pub(super) attempts: i64,
        pub(super) due_at: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub(in crate::store) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// A message that a session has ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogoutDelivery {
    /// The session that has ended.
    pub session_id: SessionId,
    /// Who is to be told.
    pub client_id: ClientId,
    /// Whose session it was.
    pub user_id: UserId,
    /// How often it has been tried before.
    pub attempts: i64,
    /// When it was due.
    due_at: i64,
}

/// Writes the messages for the sessions that a condition on `sessions` describes.
pub(super) async fn announce(executor: &DatabaseExecutor<'_>, ending: Expr) -> Result<(), StoreError> {
    use delivery::Column as Delivery;
    use participant::Column as Participant;
    let mut sessions = Query::select();
    sessions
        .column((participant::Entity, Participant::SessionId))
        .column((participant::Entity, Participant::ClientId))
        .column((session::Entity, session::Column::UserId))
        .expr(Expr::val(0_i64))
        .expr(Expr::val(0_i64))
        .from(participant::Entity)
        .inner_join(
            session::Entity,
            Expr::col((session::Entity, session::Column::Id)).equals((participant::Entity, Participant::SessionId)),
        )
        .and_where(ending);
    let mut insert = Query::insert();
    insert
        .into_table(delivery::Entity)
        .columns([Delivery::SessionId, Delivery::ClientId, Delivery::UserId, Delivery::Attempts, Delivery::DueAt])
        .select_from(sessions)
        .map_err(|error| StoreError::from(DbErr::Custom(error.to_string())))?
        // Two that end the same session at once.
        .on_conflict(OnConflict::columns([Delivery::SessionId, Delivery::ClientId]).do_nothing().to_owned());
    executor.execute(&insert).await?;
    Ok(())
}

/// Access to who is told when a session ends.
pub struct Logouts<'a>(pub(super) DatabaseExecutor<'a>);

impl Logouts<'_> {
    /// Notes that a client takes part in a session and wants to know when it ends.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn take_part(&self, session: &SessionId, client: &ClientId) -> Result<(), StoreError> {
        let row = participant::Model { session_id: session.to_string(), client_id: client.to_string() };
        let key = [participant::Column::SessionId, participant::Column::ClientId];
        let known = OnConflict::columns(key).do_nothing_on(key).to_owned();
        let insert = participant::Entity::insert(row.into_active_model()).on_conflict(known);
        match insert.exec_without_returning(&self.0).await {
            Ok(_) | Err(DbErr::RecordNotInserted) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    /// Returns the clients that take part in a session and want to know when it ends.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn participants(&self, session: &SessionId) -> Result<Vec<ClientId>, StoreError> {
        let rows = participant::Entity::find()
            .filter(participant::Column::SessionId.eq(session.as_str()))
            .order_by_asc(participant::Column::ClientId)
            .all(&self.0)
            .await?;
        Ok(rows.into_iter().map(|row| ClientId::new(row.client_id)).collect())
    }

    /// Returns up to `limit` messages that are due, oldest first.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn due(&self, now: Timestamp, limit: u64) -> Result<Vec<LogoutDelivery>, StoreError> {
        let rows = delivery::Entity::find()
            .filter(delivery::Column::DueAt.lte(now.as_unix()))
            .order_by_asc(delivery::Column::DueAt)
            .limit(limit)
            .all(&self.0)
            .await?;
        let read = |row: delivery::Model| LogoutDelivery {
            session_id: SessionId::new(row.session_id),
            client_id: ClientId::new(row.client_id),
            user_id: UserId::new(row.user_id),
            attempts: row.attempts,
            due_at: row.due_at,
        };
        Ok(rows.into_iter().map(read).collect())
    }

    /// Claims a message for one attempt, and puts the next one off until `again`; returns whether this caller, and no
    /// other, has it.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn claim(&self, message: &LogoutDelivery, again: Timestamp) -> Result<bool, StoreError> {
        let change = delivery::Entity::update_many()
            .col_expr(delivery::Column::Attempts, Expr::value(message.attempts.saturating_add(1)))
            .col_expr(delivery::Column::DueAt, Expr::value(again.as_unix()))
            .filter(delivery::Column::SessionId.eq(message.session_id.as_str()))
            .filter(delivery::Column::ClientId.eq(message.client_id.as_str()))
            .filter(delivery::Column::Attempts.eq(message.attempts))
            .filter(delivery::Column::DueAt.eq(message.due_at));
        Ok(change.exec(&self.0).await?.rows_affected == 1)
    }

    /// Removes a message: it was delivered, or is given up.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn remove(&self, message: &LogoutDelivery) -> Result<(), StoreError> {
        let key = (message.session_id.to_string(), message.client_id.to_string());
        delivery::Entity::delete_by_id(key).exec(&self.0).await?;
        Ok(())
    }
}
