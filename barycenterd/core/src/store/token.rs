//! Access tokens and refresh tokens in the database, by digest.

use std::collections::BTreeMap;

use sea_orm::entity::prelude::*;
use sea_orm::{DatabaseExecutor, IntoActiveModel as _, SelectThree, TopologyStar};

use crate::model::{AccessToken, AuthorizationId, ClientId, RefreshToken, Session, SessionId, Timestamp, User, UserId};
use crate::secret::Digest;
use crate::store::column::{Place, to_json};
use crate::store::{StoreError, session, user};

mod access {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "access_tokens")]
    pub(in crate::store) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub(super) digest: String,
        pub(super) family: String,
        pub(super) client_id: String,
        pub(super) user_id: Option<String>,
        pub(super) session_id: Option<String>,
        pub(super) scopes: String,
        pub(super) resources: String,
        pub(super) jkt: Option<String>,
        pub(super) claims: Option<String>,
        pub(super) issued_at: i64,
        pub(super) expires_at: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub(in crate::store) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub(super) mod refresh {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "refresh_tokens")]
    pub(in crate::store) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub(super) digest: String,
        pub(super) family: String,
        pub(super) client_id: String,
        pub(super) user_id: String,
        pub(super) session_id: String,
        pub(super) scopes: String,
        pub(super) resources: String,
        pub(super) jkt: Option<String>,
        pub(super) claims: Option<String>,
        pub(super) authenticated_at: i64,
        pub(super) issued_at: i64,
        pub(super) expires_at: i64,
        pub(super) used_at: Option<i64>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub(in crate::store) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub(super) fn access_row(token: &AccessToken) -> access::Model {
    access::Model {
        digest: token.digest.as_str().to_owned(),
        family: token.family.to_string(),
        client_id: token.client_id.to_string(),
        user_id: token.user_id.as_ref().map(ToString::to_string),
        session_id: token.session_id.as_ref().map(ToString::to_string),
        scopes: to_json(&token.scopes),
        resources: to_json(&token.resources),
        jkt: token.jkt.clone(),
        claims: (!token.claims.is_empty()).then(|| to_json(&token.claims)),
        issued_at: token.issued_at.as_unix(),
        expires_at: token.expires_at.as_unix(),
    }
}

pub(super) fn refresh_row(token: &RefreshToken) -> refresh::Model {
    refresh::Model {
        digest: token.digest.as_str().to_owned(),
        family: token.family.to_string(),
        client_id: token.client_id.to_string(),
        user_id: token.user_id.to_string(),
        session_id: token.session_id.to_string(),
        scopes: to_json(&token.scopes),
        resources: to_json(&token.resources),
        jkt: token.jkt.clone(),
        claims: (!token.claims.is_empty()).then(|| to_json(&token.claims)),
        authenticated_at: token.authenticated_at.as_unix(),
        issued_at: token.issued_at.as_unix(),
        expires_at: token.expires_at.as_unix(),
        used_at: None,
    }
}

impl Related<user::Entity> for refresh::Entity {
    fn to() -> RelationDef {
        Self::belongs_to(user::Entity).from(refresh::Column::UserId).to(user::Column::Id).into()
    }
}

impl Related<session::Entity> for refresh::Entity {
    fn to() -> RelationDef {
        Self::belongs_to(session::Entity).from(refresh::Column::SessionId).to(session::Column::Id).into()
    }
}

impl refresh::Model {
    /// Returns the token, and when it was used.
    fn read(self) -> Result<(RefreshToken, Option<Timestamp>), StoreError> {
        let place = Place { table: "refresh_tokens", row: &self.digest };
        let token = RefreshToken {
            scopes: place.json("scopes", &self.scopes)?,
            resources: place.json("resources", &self.resources)?,
            claims: self.claims.as_deref().map_or(Ok(BTreeMap::new()), |claims| place.json("claims", claims))?,
            digest: Digest::from_stored(self.digest),
            family: AuthorizationId::new(self.family),
            client_id: ClientId::new(self.client_id),
            user_id: UserId::new(self.user_id),
            session_id: SessionId::new(self.session_id),
            jkt: self.jkt,
            authenticated_at: Timestamp::from_unix(self.authenticated_at),
            issued_at: Timestamp::from_unix(self.issued_at),
            expires_at: Timestamp::from_unix(self.expires_at),
        };
        Ok((token, self.used_at.map(Timestamp::from_unix)))
    }
}

/// A refresh token's row, and those of whoever it speaks of.
pub(super) type WithHolder = (refresh::Model, Option<user::Model>, Option<session::Model>);

/// Returns the query for a refresh token, with whoever it speaks of.
pub(super) fn find_refresh(digest: &str) -> SelectThree<refresh::Entity, user::Entity, session::Entity, TopologyStar> {
    let query = refresh::Entity::find_by_id(digest);
    query.find_also_related(user::Entity).find_also_related(session::Entity)
}

/// A refresh token, and whoever it speaks of.
#[derive(Debug, Clone)]
pub struct FoundRefreshToken {
    /// The token, used, expired or not.
    pub token: RefreshToken,
    /// When it was used.
    pub used_at: Option<Timestamp>,
    /// The user.
    pub user: Option<User>,
    /// The session in which the user agreed, as long as it is kept.
    pub session: Option<Session>,
}

impl TryFrom<WithHolder> for FoundRefreshToken {
    type Error = StoreError;

    fn try_from((row, user, session): WithHolder) -> Result<Self, StoreError> {
        let (token, used_at) = row.read()?;
        let (user, session) = (user.map(User::try_from).transpose()?, session.map(Session::try_from).transpose()?);
        Ok(Self { token, used_at, user, session })
    }
}

/// Access to access tokens and refresh tokens.
pub struct Tokens<'a>(pub(super) DatabaseExecutor<'a>);

impl Tokens<'_> {
    /// Stores a new access token.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn insert_access(&self, token: &AccessToken) -> Result<(), StoreError> {
        let row = access_row(token).into_active_model();
        access::Entity::insert(row).exec_without_returning(&self.0).await?;
        Ok(())
    }

    /// Stores a new refresh token.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn insert_refresh(&self, token: &RefreshToken) -> Result<(), StoreError> {
        let row = refresh_row(token).into_active_model();
        refresh::Entity::insert(row).exec_without_returning(&self.0).await?;
        Ok(())
    }

    /// Returns the access token of this digest, if it has not expired.
    ///
    /// # Errors
    /// When the database does not answer or the row cannot be read.
    pub async fn access(&self, digest: &Digest, now: Timestamp) -> Result<Option<AccessToken>, StoreError> {
        let found = access::Entity::find_by_id(digest.as_str())
            .filter(access::Column::ExpiresAt.gt(now.as_unix()))
            .one(&self.0)
            .await?;
        let Some(row) = found else { return Ok(None) };
        let place = Place { table: "access_tokens", row: &row.digest };
        Ok(Some(AccessToken {
            scopes: place.json("scopes", &row.scopes)?,
            resources: place.json("resources", &row.resources)?,
            claims: row.claims.as_deref().map_or(Ok(BTreeMap::new()), |claims| place.json("claims", claims))?,
            digest: Digest::from_stored(row.digest),
            family: AuthorizationId::new(row.family),
            client_id: ClientId::new(row.client_id),
            user_id: row.user_id.map(UserId::new),
            session_id: row.session_id.map(SessionId::new),
            jkt: row.jkt,
            issued_at: Timestamp::from_unix(row.issued_at),
            expires_at: Timestamp::from_unix(row.expires_at),
        }))
    }

    /// Returns the refresh token of this digest, used, expired or not, and when it was used.
    ///
    /// # Errors
    /// When the database does not answer or the row cannot be read.
    pub async fn refresh(&self, digest: &Digest) -> Result<Option<(RefreshToken, Option<Timestamp>)>, StoreError> {
        let Some(row) = refresh::Entity::find_by_id(digest.as_str()).one(&self.0).await? else { return Ok(None) };
        row.read().map(Some)
    }

    /// Returns the refresh tokens of a family that nobody has used.
    ///
    /// # Errors
    /// When the database does not answer or a row cannot be read.
    pub async fn unused_of_family(&self, family: &AuthorizationId) -> Result<Vec<RefreshToken>, StoreError> {
        let query = refresh::Entity::find().filter(refresh::Column::Family.eq(family.as_str()));
        let rows = query.filter(refresh::Column::UsedAt.is_null()).all(&self.0).await?;
        rows.into_iter().map(|row| Ok(row.read()?.0)).collect()
    }

    /// Returns the refresh token of this digest, used, expired or not, with whoever it speaks of.
    ///
    /// # Errors
    /// When the database does not answer or a row cannot be read.
    pub async fn find_refresh(&self, digest: &Digest) -> Result<Option<FoundRefreshToken>, StoreError> {
        find_refresh(digest.as_str()).one(&self.0).await?.map(FoundRefreshToken::try_from).transpose()
    }

    /// Ends one access token.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn revoke_access(&self, digest: &Digest) -> Result<(), StoreError> {
        access::Entity::delete_by_id(digest.as_str()).exec(&self.0).await?;
        Ok(())
    }

    /// Ends every token that grew from one authorization.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn revoke_family(&self, family: &AuthorizationId) -> Result<(), StoreError> {
        access::Entity::delete_many().filter(access::Column::Family.eq(family.as_str())).exec(&self.0).await?;
        refresh::Entity::delete_many().filter(refresh::Column::Family.eq(family.as_str())).exec(&self.0).await?;
        Ok(())
    }

    /// Ends every token of a user.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn revoke_all_of(&self, user: &UserId) -> Result<(), StoreError> {
        access::Entity::delete_many().filter(access::Column::UserId.eq(user.as_str())).exec(&self.0).await?;
        refresh::Entity::delete_many().filter(refresh::Column::UserId.eq(user.as_str())).exec(&self.0).await?;
        Ok(())
    }

    /// Ends every token of a client.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn revoke_all_of_client(&self, client: &ClientId) -> Result<(), StoreError> {
        access::Entity::delete_many().filter(access::Column::ClientId.eq(client.as_str())).exec(&self.0).await?;
        refresh::Entity::delete_many().filter(refresh::Column::ClientId.eq(client.as_str())).exec(&self.0).await?;
        Ok(())
    }

    /// Ends the tokens of a user's session that ended: all access tokens, and those refresh tokens that were not
    /// granted `offline_access` (OpenID Connect Core section 11 lets those outlive the session).
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn revoke_session(&self, user: &UserId, session: &SessionId) -> Result<(), StoreError> {
        access::Entity::delete_many()
            .filter(access::Column::UserId.eq(user.as_str()))
            .filter(access::Column::SessionId.eq(session.as_str()))
            .exec(&self.0)
            .await?;
        refresh::Entity::delete_many()
            .filter(refresh::Column::UserId.eq(user.as_str()))
            .filter(refresh::Column::SessionId.eq(session.as_str()))
            .filter(refresh::Column::Scopes.not_like("%\"offline_access\"%"))
            .exec(&self.0)
            .await?;
        Ok(())
    }
}
