//! Sessions in the database.

use std::collections::HashMap;

use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{Expr, ExprTrait as _};
use sea_orm::{DatabaseExecutor, IntoActiveModel as _, QuerySelect as _};

use crate::model::{Session, SessionId, Timestamp, UserId};
use crate::secret::Digest;
use crate::store::column::{Place, to_json};
use crate::store::{StoreError, logout};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "sessions")]
pub(super) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(super) id: String,
    cookie_digest: String,
    user_id: String,
    authenticated_at: i64,
    methods: String,
    expires_at: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(super) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl TryFrom<Model> for Session {
    type Error = StoreError;

    fn try_from(row: Model) -> Result<Self, StoreError> {
        let place = Place { table: "sessions", row: &row.id };
        Ok(Self {
            methods: place.json("methods", &row.methods)?,
            id: SessionId::new(row.id),
            cookie: Digest::from_stored(row.cookie_digest),
            user_id: UserId::new(row.user_id),
            authenticated_at: Timestamp::from_unix(row.authenticated_at),
            expires_at: Timestamp::from_unix(row.expires_at),
        })
    }
}

/// Access to sessions.
pub struct Sessions<'a>(pub(super) DatabaseExecutor<'a>);

impl Sessions<'_> {
    /// Stores a new session.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn insert(&self, session: &Session) -> Result<(), StoreError> {
        let row = Model {
            id: session.id.to_string(),
            cookie_digest: session.cookie.as_str().to_owned(),
            user_id: session.user_id.to_string(),
            authenticated_at: session.authenticated_at.as_unix(),
            methods: to_json(&session.methods),
            expires_at: session.expires_at.as_unix(),
        };
        Entity::insert(row.into_active_model()).exec_without_returning(&self.0).await?;
        Ok(())
    }

    /// Stores that the user of a session has signed in again: another cookie opens it from now on.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn renew(&self, session: &Session) -> Result<(), StoreError> {
        let change = Entity::update_many()
            .col_expr(Column::CookieDigest, Expr::value(session.cookie.as_str()))
            .col_expr(Column::AuthenticatedAt, Expr::value(session.authenticated_at.as_unix()))
            .col_expr(Column::Methods, Expr::value(to_json(&session.methods)))
            .col_expr(Column::ExpiresAt, Expr::value(session.expires_at.as_unix()));
        change.filter(Column::Id.eq(session.id.as_str())).exec(&self.0).await?;
        Ok(())
    }

    /// Returns the session that this cookie opens, if it has not expired.
    ///
    /// # Errors
    /// When the database does not answer or the row cannot be read.
    pub async fn by_cookie(&self, cookie: &Digest, now: Timestamp) -> Result<Option<Session>, StoreError> {
        let found = Entity::find()
            .filter(Column::CookieDigest.eq(cookie.as_str()))
            .filter(Column::ExpiresAt.gt(now.as_unix()))
            .one(&self.0)
            .await?;
        found.map(Session::try_from).transpose()
    }

    /// Returns the session with this id, if it has not expired.
    ///
    /// # Errors
    /// When the database does not answer or the row cannot be read.
    pub async fn by_id(&self, id: &SessionId, now: Timestamp) -> Result<Option<Session>, StoreError> {
        let found = Entity::find_by_id(id.as_str()).filter(Column::ExpiresAt.gt(now.as_unix())).one(&self.0).await?;
        found.map(Session::try_from).transpose()
    }

    /// Ends one session; the clients that want to know are going to be told.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn end(&self, id: &SessionId) -> Result<(), StoreError> {
        logout::announce(&self.0, Expr::col((Entity, Column::Id)).eq(id.as_str())).await?;
        Entity::delete_by_id(id.as_str()).exec(&self.0).await?;
        Ok(())
    }

    /// Ends all sessions of a user; returns how many there were. The clients that want to know are going to be told.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn end_all_of(&self, user: &UserId) -> Result<u64, StoreError> {
        logout::announce(&self.0, Expr::col((Entity, Column::UserId)).eq(user.as_str())).await?;
        Ok(Entity::delete_many().filter(Column::UserId.eq(user.as_str())).exec(&self.0).await?.rows_affected)
    }

    /// Returns how many sessions each of these users has; who has none is left out.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn count_of(&self, users: &[&str], now: Timestamp) -> Result<HashMap<String, u64>, StoreError> {
        let query = Entity::find().select_only().column(Column::UserId).column_as(Column::Id.count(), "sessions");
        let query = query.filter(Column::UserId.is_in(users.iter().copied()));
        let query = query.filter(Column::ExpiresAt.gt(now.as_unix())).group_by(Column::UserId);
        let rows: Vec<(String, i64)> = query.into_tuple().all(&self.0).await?;
        Ok(rows.into_iter().map(|(user, count)| (user, count.unsigned_abs())).collect())
    }
}
