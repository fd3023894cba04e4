//! Users as the declarative side sees them: whether they stand as their file left them, many at a time.

use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{ExprTrait as _, Func, LikeExpr};
use sea_orm::{Condition, FromQueryResult, IntoActiveModel as _, QueryOrder as _, QuerySelect as _};

use crate::model::user::{NO_TEXT, PART, digest_of_state};
use crate::model::{Declared, Manager, User, UserId};
use crate::store::user::{Column, Entity, Model, users};
use crate::store::{StoreError, Users, logout, session};

/// How many rows go into one statement: SQLite takes 32,766 values in each.
const ROWS: usize = 1000;

/// Where a user stands.
#[derive(Debug, Clone)]
pub struct Standing {
    /// The user's id.
    pub id: UserId,
    /// The name under which names are compared.
    pub folded: String,
    /// The key under which the manager's file knows the user.
    pub external_id: Option<String>,
    /// Whether the user may sign in.
    pub enabled: bool,
    /// Whose file manages the user.
    pub manager: Option<Manager>,
    /// What that file declared when it was last applied.
    pub declared: Declared,
    /// Whether nobody has changed, since then, what a file can set.
    pub untouched: bool,
}

/// What a standing is made of, in the order in which it is read: by place, which costs half of reading by name.
const PARTS: [Column; 6] =
    [Column::Id, Column::UsernameFolded, Column::ExternalId, Column::Enabled, Column::Manager, Column::Declared];

impl FromQueryResult for Standing {
    fn from_query_result(row: &QueryResult, _: &str) -> Result<Self, DbErr> {
        let text = |place| row.try_get_by_index::<String>(place);
        let optional = |place| row.try_get_by_index::<Option<String>>(place);
        let flag = |place| row.try_get_by_index::<bool>(place);
        // What cannot be read is compared field by field, which then says so.
        let declared: Declared = serde_json::from_str(&text(5)?).unwrap_or_default();
        let (has_password, state) = (flag(PARTS.len())?, text(PARTS.len() + 1)?);
        Ok(Self {
            untouched: declared.is_kept(&digest_of_state(&state), has_password),
            id: UserId::new(text(0)?),
            folded: text(1)?,
            external_id: optional(2)?,
            enabled: flag(3)?,
            manager: optional(4)?.map(Manager::new),
            declared,
        })
    }
}

fn standings() -> Select<Entity> {
    let optional = |column: &str| format!("coalesce({column}, '{NO_TEXT}')");
    let flag = |column: &str| format!("CASE WHEN {column} THEN 't' ELSE 'f' END");
    let flags = ["email_verified", "enabled", "protected"].map(flag).join(" || ");
    let parts = [
        "username".to_owned(),
        optional("external_id"),
        optional("email"),
        flags,
        "\"groups\"".to_owned(),
        "properties".to_owned(),
    ];
    // One text instead of eight values: a row costs what its values cost.
    let state = parts.join(&format!(" || '{PART}' || "));
    let query = Entity::find().select_only().columns(PARTS).expr(Column::PasswordHash.is_not_null());
    query.expr(Expr::cust(state))
}

impl Users<'_> {
    /// Returns where the users stand who have one of these folded names, or whom `manager` knows under one of these
    /// external ids; at most a few thousand at once.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn standings(
        &self,
        names: &[&str],
        manager: &Manager,
        external_ids: &[&str],
    ) -> Result<Vec<Standing>, StoreError> {
        let found = standings().filter(named(names, manager, external_ids)).into_model::<Standing>();
        Ok(found.all(&self.0).await?)
    }

    /// Returns the users who have one of these folded names, or whom `manager` knows under one of these external ids.
    ///
    /// # Errors
    /// When the database does not answer or a row cannot be read.
    pub async fn by_names(
        &self,
        names: &[&str],
        manager: &Manager,
        external_ids: &[&str],
    ) -> Result<Vec<User>, StoreError> {
        users(Entity::find().filter(named(names, manager, external_ids)).all(&self.0).await?)
    }

    /// Returns which of these folded e-mail addresses somebody has.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn taken_emails(&self, emails: &[String]) -> Result<Vec<String>, StoreError> {
        if emails.is_empty() {
            return Ok(Vec::new());
        }
        let query = Entity::find().select_only().column(Column::EmailFolded);
        let found = query.filter(Column::EmailFolded.is_in(emails.iter().cloned())).into_tuple::<String>();
        Ok(found.all(&self.0).await?)
    }

    /// Returns the users with these ids.
    ///
    /// # Errors
    /// When the database does not answer or a row cannot be read.
    pub async fn by_ids(&self, ids: &[&str]) -> Result<Vec<User>, StoreError> {
        users(Entity::find().filter(Column::Id.is_in(ids.iter().copied())).all(&self.0).await?)
    }

    /// Returns up to `limit` users whom a manager owns, by folded name, those after `after`: folded name and standing.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn managed(
        &self,
        manager: &Manager,
        after: Option<&str>,
        limit: u64,
    ) -> Result<Vec<Standing>, StoreError> {
        let mut query =
            standings().filter(Column::Manager.eq(manager.as_str())).order_by_asc(Column::UsernameFolded).limit(limit);
        if let Some(after) = after {
            query = query.filter(Column::UsernameFolded.gt(after));
        }
        Ok(query.into_model::<Standing>().all(&self.0).await?)
    }

    /// Returns how many users a manager owns, and how many of them may sign in.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn count_managed(&self, manager: &Manager) -> Result<(u64, u64), StoreError> {
        let owned = || Entity::find().filter(Column::Manager.eq(manager.as_str()));
        let all = owned().count(&self.0).await?;
        Ok((all, owned().filter(Column::Enabled.eq(true)).count(&self.0).await?))
    }

    /// Returns the administrators who may sign in.
    ///
    /// # Errors
    /// When the database does not answer or a row cannot be read.
    pub async fn administrators(&self) -> Result<Vec<User>, StoreError> {
        // The database narrows it down; the model decides.
        let hinted = |column: Column| Expr::expr(Func::lower(Expr::col(column))).like(LikeExpr::new("%admin%"));
        let named = Condition::any().add(hinted(Column::Properties)).add(hinted(Column::Groups));
        let candidates = Entity::find().filter(Column::Enabled.eq(true)).filter(named).all(&self.0).await?;
        Ok(users(candidates)?.into_iter().filter(User::is_administrator).collect())
    }

    /// Stores new users.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when a name or an e-mail address is taken.
    pub async fn insert_all(&self, new: &[&User]) -> Result<(), StoreError> {
        for rows in new.chunks(ROWS) {
            let rows = rows.iter().map(|user| Model::from(*user).into_active_model());
            Entity::insert_many(rows).exec_without_returning(&self.0).await?;
        }
        Ok(())
    }

    /// Takes names and addresses from users who are about to get others, so that these can change hands.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn release_names(&self, ids: &[&str]) -> Result<(), StoreError> {
        for id in ids {
            // No username looks like this: it holds a control character.
            let nobody = format!("\u{1}{id}");
            Entity::update_many()
                .col_expr(Column::UsernameFolded, Expr::value(nobody))
                .col_expr(Column::EmailFolded, Expr::value(Option::<String>::None))
                .filter(Column::Id.eq(*id))
                .exec(&self.0)
                .await?;
        }
        Ok(())
    }

    /// Removes users, with everything that belongs to them; the clients that want to know are going to be told.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn delete_all(&self, ids: &[&str]) -> Result<(), StoreError> {
        if !ids.is_empty() {
            let ending = Expr::col((session::Entity, session::Column::UserId)).is_in(ids.iter().copied());
            logout::announce(&self.0, ending).await?;
            Entity::delete_many().filter(Column::Id.is_in(ids.iter().copied())).exec(&self.0).await?;
        }
        Ok(())
    }
}

fn named(names: &[&str], manager: &Manager, external_ids: &[&str]) -> Condition {
    let mut condition = Condition::any().add(Column::UsernameFolded.is_in(names.iter().copied()));
    if !external_ids.is_empty() {
        let known = Condition::all()
            .add(Column::Manager.eq(manager.as_str()))
            .add(Column::ExternalId.is_in(external_ids.iter().copied()));
        condition = condition.add(known);
    }
    condition
}
