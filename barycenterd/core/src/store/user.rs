//! Users in the database.

use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{LikeExpr, LockType};
use sea_orm::{ActiveValue::Set, Condition, DatabaseExecutor, IntoActiveModel as _, QueryOrder as _, QuerySelect as _};

use crate::model::{EmailAddress, Timestamp, User, UserId, Username};
use crate::password::PasswordHash;
use crate::store::StoreError;
use crate::store::column::{Place, to_json};
use crate::store::managed::one_of;
use crate::store::ownership::Columns;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "users")]
pub(super) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(super) id: String,
    pub(super) username: String,
    pub(super) username_folded: String,
    pub(super) external_id: Option<String>,
    pub(super) email: Option<String>,
    pub(super) email_folded: Option<String>,
    pub(super) email_verified: bool,
    pub(super) enabled: bool,
    pub(super) protected: bool,
    pub(super) password_hash: Option<String>,
    pub(super) groups: String,
    pub(super) properties: String,
    pub(super) origin: String,
    pub(super) manager: Option<String>,
    pub(super) declared: String,
    pub(super) created_at: i64,
    pub(super) updated_at: i64,
    pub(super) last_login_at: Option<i64>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(super) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl From<&User> for Model {
    fn from(user: &User) -> Self {
        let Columns { origin, manager, declared } = Columns::from(&user.ownership);
        Self {
            id: user.id.to_string(),
            username: user.username.as_str().to_owned(),
            username_folded: user.username.folded().to_owned(),
            external_id: user.external_id.clone(),
            email: user.email.as_ref().map(ToString::to_string),
            email_folded: user.email.as_ref().map(EmailAddress::folded),
            email_verified: user.email_verified,
            enabled: user.enabled,
            protected: user.protected,
            password_hash: user.password.as_ref().map(|hash| hash.as_str().to_owned()),
            groups: to_json(&user.groups),
            properties: to_json(&user.properties),
            origin,
            manager,
            declared,
            created_at: user.created_at.as_unix(),
            updated_at: user.updated_at.as_unix(),
            last_login_at: user.last_login_at.map(Timestamp::as_unix),
        }
    }
}

impl TryFrom<Model> for User {
    type Error = StoreError;

    fn try_from(row: Model) -> Result<Self, StoreError> {
        let place = Place { table: "users", row: &row.id };
        let columns = Columns { origin: row.origin, manager: row.manager, declared: row.declared };
        let ownership = columns.read(place)?;
        let email = row.email.as_deref().map(EmailAddress::parse).transpose();
        Ok(Self {
            email: email.map_err(|error| place.corrupt("email", error))?,
            groups: place.json("groups", &row.groups)?,
            properties: place.json("properties", &row.properties)?,
            ownership,
            id: UserId::new(row.id),
            username: Username::from_stored(row.username, row.username_folded),
            external_id: row.external_id,
            email_verified: row.email_verified,
            enabled: row.enabled,
            protected: row.protected,
            password: row.password_hash.map(PasswordHash::from_stored),
            created_at: Timestamp::from_unix(row.created_at),
            updated_at: Timestamp::from_unix(row.updated_at),
            last_login_at: row.last_login_at.map(Timestamp::from_unix),
        })
    }
}

/// Reads rows back into users.
pub(super) fn users(rows: Vec<Model>) -> Result<Vec<User>, StoreError> {
    rows.into_iter().map(User::try_from).collect()
}

/// Takes the meaning of a pattern from a text that is searched for.
fn escape_like(text: &str) -> String {
    text.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_")
}

/// Access to users.
pub struct Users<'a>(pub(super) DatabaseExecutor<'a>);

impl Users<'_> {
    /// Stores a new user.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when the name or the e-mail address is taken.
    pub async fn insert(&self, user: &User) -> Result<(), StoreError> {
        Entity::insert(Model::from(user).into_active_model()).exec_without_returning(&self.0).await?;
        Ok(())
    }

    /// Replaces everything about a user but the id and the last sign-in.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when the e-mail address is taken.
    pub async fn update(&self, user: &User) -> Result<(), StoreError> {
        let mut row = Model::from(user).into_active_model().reset_all();
        row.id = sea_orm::ActiveValue::Unchanged(user.id.to_string());
        row.last_login_at = sea_orm::ActiveValue::NotSet;
        Entity::update(row).exec(&self.0).await?;
        Ok(())
    }

    /// Notes a successful sign-in.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn record_login(&self, id: &UserId, now: Timestamp) -> Result<(), StoreError> {
        let row =
            ActiveModel { id: Set(id.to_string()), last_login_at: Set(Some(now.as_unix())), ..Default::default() };
        Entity::update(row).exec_without_returning(&self.0).await?;
        Ok(())
    }

    /// Returns the user with this id.
    ///
    /// # Errors
    /// When the database does not answer or the row cannot be read.
    pub async fn by_id(&self, id: &UserId) -> Result<Option<User>, StoreError> {
        Entity::find_by_id(id.as_str()).one(&self.0).await?.map(User::try_from).transpose()
    }

    /// Returns the user with this id, whom nobody else changes before this transaction ends. Whoever lets a user in
    /// reads them so: a password or an account that is taken away meanwhile takes effect.
    ///
    /// # Errors
    /// When the database does not answer or the row cannot be read.
    pub async fn by_id_locked(&self, id: &UserId) -> Result<Option<User>, StoreError> {
        // SQLite has no such clause: there the writing transaction is the lock.
        Entity::find_by_id(id.as_str()).lock(LockType::NoKeyUpdate).one(&self.0).await?.map(User::try_from).transpose()
    }

    /// Returns the user of that name, however it is spelt.
    ///
    /// # Errors
    /// When the database does not answer or the row cannot be read.
    pub async fn by_username(&self, username: &Username) -> Result<Option<User>, StoreError> {
        let found = Entity::find().filter(Column::UsernameFolded.eq(username.folded())).one(&self.0).await?;
        found.map(User::try_from).transpose()
    }

    /// Returns the users who have one of these folded e-mail addresses; at most a few thousand at once.
    ///
    /// # Errors
    /// When the database does not answer or a row cannot be read.
    pub async fn by_folded_emails(&self, emails: &[String]) -> Result<Vec<User>, StoreError> {
        let emails = emails.iter().map(String::as_str);
        users(Entity::find().filter(one_of(&self.0, Column::EmailFolded, emails)).all(&self.0).await?)
    }

    /// Returns up to `limit` users by folded name, those after `after`, whose name or e-mail address contains
    /// `search`.
    ///
    /// # Errors
    /// When the database does not answer or a row cannot be read.
    pub async fn page(&self, limit: u64, after: Option<&str>, search: Option<&str>) -> Result<Vec<User>, StoreError> {
        let mut query = Entity::find().order_by_asc(Column::UsernameFolded).limit(limit);
        if let Some(after) = after {
            query = query.filter(Column::UsernameFolded.gt(after));
        }
        if let Some(search) = search {
            let pattern = LikeExpr::new(format!("%{}%", escape_like(&search.to_lowercase()))).escape('\\');
            let matches = Condition::any()
                .add(Column::UsernameFolded.like(pattern.clone()))
                .add(Column::EmailFolded.like(pattern));
            query = query.filter(matches);
        }
        users(query.all(&self.0).await?)
    }

    /// Replaces the hash of a password that stays the same; returns whether `old` was still there. Nothing about the
    /// user changes by that, so neither does `updated_at`.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn replace_password(
        &self,
        id: &UserId,
        old: &PasswordHash,
        new: &PasswordHash,
    ) -> Result<bool, StoreError> {
        let change = Entity::update_many()
            .col_expr(Column::PasswordHash, Expr::value(new.as_str()))
            .filter(Column::Id.eq(id.as_str()))
            .filter(Column::PasswordHash.eq(old.as_str()));
        Ok(change.exec(&self.0).await?.rows_affected == 1)
    }
}
