//! Authorizations in the database. The steps between states are conditional UPDATEs that must touch one row, so that
//! each is taken once, on however many replicas it is tried.

use sea_orm::entity::prelude::*;
use sea_orm::sea_query::Expr;
use sea_orm::{DatabaseExecutor, IntoActiveModel as _, SelectThree, TopologyStar};

use crate::model::authorization::CodeGrant;
use crate::model::{
    Authorization, AuthorizationId, AuthorizationState, ClientId, Session, SessionId, Timestamp, User, UserId,
};
use crate::secret::Digest;
use crate::store::column::{Place, to_json};
use crate::store::{StoreError, session, user};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "authorizations")]
pub(super) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    id: String,
    handle_digest: String,
    browser_digest: String,
    client_id: String,
    request: String,
    state: String,
    signed_in_by: Option<String>,
    consented_by: Option<String>,
    code_digest: Option<String>,
    code_expires_at: Option<i64>,
    user_id: Option<String>,
    session_id: Option<String>,
    authenticated_at: Option<i64>,
    created_at: i64,
    expires_at: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(super) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Model {
    fn authorization(&self) -> Result<Authorization, StoreError> {
        let place = Place { table: "authorizations", row: &self.id };
        Ok(Authorization {
            id: AuthorizationId::new(&self.id),
            handle: Digest::from_stored(self.handle_digest.clone()),
            browser: Digest::from_stored(self.browser_digest.clone()),
            request: place.json("request", &self.request)?,
            state: place.name("state", &self.state, AuthorizationState::from_name)?,
            signed_in_by: self.signed_in_by.as_ref().map(SessionId::new),
            consented_by: self.consented_by.as_ref().map(UserId::new),
            created_at: Timestamp::from_unix(self.created_at),
            expires_at: Timestamp::from_unix(self.expires_at),
        })
    }

    fn grant(&self) -> Result<CodeGrant, StoreError> {
        let missing =
            || Place { table: "authorizations", row: &self.id }.corrupt("code_digest", "a code without its grant");
        Ok(CodeGrant {
            code: Digest::from_stored(self.code_digest.clone().ok_or_else(missing)?),
            expires_at: Timestamp::from_unix(self.code_expires_at.ok_or_else(missing)?),
            user_id: UserId::new(self.user_id.as_ref().ok_or_else(missing)?),
            session_id: SessionId::new(self.session_id.as_ref().ok_or_else(missing)?),
            authenticated_at: Timestamp::from_unix(self.authenticated_at.ok_or_else(missing)?),
        })
    }
}

impl Related<user::Entity> for Entity {
    fn to() -> RelationDef {
        Self::belongs_to(user::Entity).from(Column::UserId).to(user::Column::Id).into()
    }
}

impl Related<session::Entity> for Entity {
    fn to() -> RelationDef {
        Self::belongs_to(session::Entity).from(Column::SessionId).to(session::Column::Id).into()
    }
}

/// An authorization's row, and those that go with its code.
pub(super) type WithCode = (Model, Option<user::Model>, Option<session::Model>);

/// Returns the query for a code, with whoever it speaks of.
pub(super) fn find_code(code: &str) -> SelectThree<Entity, user::Entity, session::Entity, TopologyStar> {
    let query = Entity::find().filter(Column::CodeDigest.eq(code));
    query.find_also_related(user::Entity).find_also_related(session::Entity)
}

/// A code, what it stands for, and whoever it speaks of.
#[derive(Debug, Clone)]
pub struct FoundCode {
    /// The authorization that it was issued for.
    pub authorization: Authorization,
    /// What it stands for.
    pub grant: CodeGrant,
    /// Who agreed.
    pub user: Option<User>,
    /// The session in which they agreed, as long as it is kept.
    pub session: Option<Session>,
}

impl TryFrom<WithCode> for FoundCode {
    type Error = StoreError;

    fn try_from((row, user, session): WithCode) -> Result<Self, StoreError> {
        Ok(Self {
            authorization: row.authorization()?,
            grant: row.grant()?,
            user: user.map(User::try_from).transpose()?,
            session: session.map(Session::try_from).transpose()?,
        })
    }
}

/// Access to authorizations.
pub struct Authorizations<'a>(pub(super) DatabaseExecutor<'a>);

impl Authorizations<'_> {
    /// Stores a new authorization.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn insert(&self, authorization: &Authorization) -> Result<(), StoreError> {
        let row = Model {
            id: authorization.id.to_string(),
            handle_digest: authorization.handle.as_str().to_owned(),
            browser_digest: authorization.browser.as_str().to_owned(),
            client_id: authorization.request.client_id.to_string(),
            request: to_json(&authorization.request),
            state: authorization.state.as_str().to_owned(),
            signed_in_by: authorization.signed_in_by.as_ref().map(ToString::to_string),
            consented_by: authorization.consented_by.as_ref().map(ToString::to_string),
            code_digest: None,
            code_expires_at: None,
            user_id: None,
            session_id: None,
            authenticated_at: None,
            created_at: authorization.created_at.as_unix(),
            expires_at: authorization.expires_at.as_unix(),
        };
        Entity::insert(row.into_active_model()).exec_without_returning(&self.0).await?;
        Ok(())
    }

    /// Returns the pending authorization behind a page's handle, if it has not expired.
    ///
    /// # Errors
    /// When the database does not answer or the row cannot be read.
    pub async fn pending(&self, handle: &Digest, now: Timestamp) -> Result<Option<Authorization>, StoreError> {
        let found = Entity::find()
            .filter(Column::HandleDigest.eq(handle.as_str()))
            .filter(Column::State.eq(AuthorizationState::Pending.as_str()))
            .filter(Column::ExpiresAt.gt(now.as_unix()))
            .one(&self.0)
            .await?;
        found.map(|row| row.authorization()).transpose()
    }

    /// Notes that the End-User has signed in for this very request.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn record_sign_in(&self, id: &AuthorizationId, session: &SessionId) -> Result<(), StoreError> {
        let change = Entity::update_many().col_expr(Column::SignedInBy, Expr::value(session.as_str()));
        change.filter(Column::Id.eq(id.as_str())).exec(&self.0).await?;
        Ok(())
    }

    /// Notes who has consented to this very request.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn record_consent(&self, id: &AuthorizationId, user: &UserId) -> Result<(), StoreError> {
        let change = Entity::update_many().col_expr(Column::ConsentedBy, Expr::value(user.as_str()));
        change.filter(Column::Id.eq(id.as_str())).exec(&self.0).await?;
        Ok(())
    }

    /// Takes the step Pending → CodeIssued; returns whether this caller took it.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn issue_code(&self, id: &AuthorizationId, grant: &CodeGrant) -> Result<bool, StoreError> {
        let change = Entity::update_many()
            .col_expr(Column::State, Expr::value(AuthorizationState::CodeIssued.as_str()))
            .col_expr(Column::CodeDigest, Expr::value(grant.code.as_str()))
            .col_expr(Column::CodeExpiresAt, Expr::value(grant.expires_at.as_unix()))
            .col_expr(Column::UserId, Expr::value(grant.user_id.as_str()))
            .col_expr(Column::SessionId, Expr::value(grant.session_id.as_str()))
            .col_expr(Column::AuthenticatedAt, Expr::value(grant.authenticated_at.as_unix()))
            .filter(Column::Id.eq(id.as_str()))
            .filter(Column::State.eq(AuthorizationState::Pending.as_str()));
        Ok(change.exec(&self.0).await?.rows_affected == 1)
    }

    /// Takes the step Pending → Redeemed, where there is no code to redeem; returns whether this caller took it.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn finish(&self, id: &AuthorizationId) -> Result<bool, StoreError> {
        let change = Entity::update_many()
            .col_expr(Column::State, Expr::value(AuthorizationState::Redeemed.as_str()))
            .filter(Column::Id.eq(id.as_str()))
            .filter(Column::State.eq(AuthorizationState::Pending.as_str()));
        Ok(change.exec(&self.0).await?.rows_affected == 1)
    }

    /// Takes the step Pending → Denied; returns whether this caller took it.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn deny(&self, id: &AuthorizationId) -> Result<bool, StoreError> {
        let change = Entity::update_many()
            .col_expr(Column::State, Expr::value(AuthorizationState::Denied.as_str()))
            .filter(Column::Id.eq(id.as_str()))
            .filter(Column::State.eq(AuthorizationState::Pending.as_str()));
        Ok(change.exec(&self.0).await?.rows_affected == 1)
    }

    /// Looks a code up, with whoever it speaks of: what must be shown for it? Expired and redeemed ones are found as
    /// well. It is redeemed by [`Store::issue`](crate::store::Store::issue).
    ///
    /// # Errors
    /// When the database does not answer or a row cannot be read.
    pub async fn by_code(&self, code: &Digest) -> Result<Option<FoundCode>, StoreError> {
        find_code(code.as_str()).one(&self.0).await?.map(FoundCode::try_from).transpose()
    }

    /// Ends everything of a user that has not become tokens yet: pending requests stay, issued codes die.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn revoke_codes_of(&self, user: &UserId) -> Result<u64, StoreError> {
        let change = Entity::update_many()
            .col_expr(Column::State, Expr::value(AuthorizationState::Denied.as_str()))
            .filter(Column::UserId.eq(user.as_str()))
            .filter(Column::State.eq(AuthorizationState::CodeIssued.as_str()));
        Ok(change.exec(&self.0).await?.rows_affected)
    }

    /// Ends every code that a client has been given and has not redeemed.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn revoke_codes_of_client(&self, client: &ClientId) -> Result<u64, StoreError> {
        let change = Entity::update_many()
            .col_expr(Column::State, Expr::value(AuthorizationState::Denied.as_str()))
            .filter(Column::ClientId.eq(client.as_str()))
            .filter(Column::State.eq(AuthorizationState::CodeIssued.as_str()));
        Ok(change.exec(&self.0).await?.rows_affected)
    }
}
