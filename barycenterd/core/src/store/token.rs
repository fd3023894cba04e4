//! Access tokens and refresh tokens in the database, by digest.

use std::collections::BTreeMap;

use sea_orm::entity::prelude::*;
use sea_orm::sea_query::Expr;
use sea_orm::{DatabaseExecutor, IntoActiveModel as _};

use crate::model::{AccessToken, AuthorizationId, ClientId, RefreshToken, SessionId, Timestamp, UserId};
use crate::secret::Digest;
use crate::store::StoreError;
use crate::store::column::{Place, to_json};

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

mod refresh {
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

/// Access to access tokens and refresh tokens.
pub struct Tokens<'a>(pub(super) DatabaseExecutor<'a>);

impl Tokens<'_> {
    /// Stores a new access token.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn insert_access(&self, token: &AccessToken) -> Result<(), StoreError> {
        let row = access::Model {
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
        };
        access::Entity::insert(row.into_active_model()).exec_without_returning(&self.0).await?;
        Ok(())
    }

    /// Stores a new refresh token.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn insert_refresh(&self, token: &RefreshToken) -> Result<(), StoreError> {
        let row = refresh::Model {
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
        };
        refresh::Entity::insert(row.into_active_model()).exec_without_returning(&self.0).await?;
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
        let place = Place { table: "refresh_tokens", row: &row.digest };
        let token = RefreshToken {
            scopes: place.json("scopes", &row.scopes)?,
            resources: place.json("resources", &row.resources)?,
            claims: row.claims.as_deref().map_or(Ok(BTreeMap::new()), |claims| place.json("claims", claims))?,
            digest: Digest::from_stored(row.digest),
            family: AuthorizationId::new(row.family),
            client_id: ClientId::new(row.client_id),
            user_id: UserId::new(row.user_id),
            session_id: SessionId::new(row.session_id),
            jkt: row.jkt,
            authenticated_at: Timestamp::from_unix(row.authenticated_at),
            issued_at: Timestamp::from_unix(row.issued_at),
            expires_at: Timestamp::from_unix(row.expires_at),
        };
        Ok(Some((token, row.used_at.map(Timestamp::from_unix))))
    }

    /// Uses a refresh token up; returns whether this caller, and no other, did.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn use_refresh(&self, digest: &Digest, now: Timestamp) -> Result<bool, StoreError> {
        let change = refresh::Entity::update_many()
            .col_expr(refresh::Column::UsedAt, Expr::value(now.as_unix()))
            .filter(refresh::Column::Digest.eq(digest.as_str()))
            .filter(refresh::Column::UsedAt.is_null())
            .filter(refresh::Column::ExpiresAt.gt(now.as_unix()));
        Ok(change.exec(&self.0).await?.rows_affected == 1)
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
