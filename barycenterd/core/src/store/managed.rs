//! Users as the declarative side finds and changes them: many at a time.

use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{ExprTrait as _, Func, LikeExpr};
use sea_orm::{Condition, DatabaseBackend, DatabaseExecutor, IntoActiveModel as _, QueryOrder as _, QuerySelect as _};

use crate::model::{Manager, User, UserId};
use crate::store::column::to_json;
use crate::store::user::{Column, Entity, Model, users};
use crate::store::{StoreError, Users, logout, session};

/// How many rows go into one statement: SQLite takes 32,766 values in each.
const ROWS: usize = 1000;

/// One whom a manager owns.
#[derive(Debug, Clone)]
pub struct ManagedUser {
    /// The user's id.
    pub id: UserId,
    /// The name under which names are compared.
    pub folded: String,
    /// The key under which the manager's file knows the user.
    pub external_id: Option<String>,
}

/// Returns the condition that a column holds one of many texts. They are one value, however many they are: the
/// statement stays the same, and is prepared once.
pub(super) fn one_of<'t>(
    database: &DatabaseExecutor<'_>,
    column: Column,
    texts: impl IntoIterator<Item = &'t str>,
) -> Expr {
    let name = column.as_str();
    match database.get_database_backend() {
        DatabaseBackend::Sqlite => {
            let list = to_json(&texts.into_iter().collect::<Vec<_>>());
            Expr::cust_with_values(format!("\"{name}\" IN (SELECT value FROM json_each(?))"), [list])
        }
        _ => Expr::cust_with_values(format!("\"{name}\" = ANY(CAST($1 AS text[]))"), [array(texts)]),
    }
}

/// Writes texts as PostgreSQL writes an array of them.
fn array<'t>(texts: impl IntoIterator<Item = &'t str>) -> String {
    let mut array = String::from("{");
    for text in texts {
        array.push_str(if array.len() == 1 { "\"" } else { ",\"" });
        for character in text.chars() {
            if matches!(character, '"' | '\\') {
                array.push('\\');
            }
            array.push(character);
        }
        array.push('"');
    }
    array.push('}');
    array
}

impl Users<'_> {
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
        users(Entity::find().filter(named(&self.0, names, manager, external_ids)).all(&self.0).await?)
    }

    /// Returns which of these folded e-mail addresses somebody has.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn taken_emails(&self, emails: &[&str]) -> Result<Vec<String>, StoreError> {
        if emails.is_empty() {
            return Ok(Vec::new());
        }
        let query = Entity::find().select_only().column(Column::EmailFolded);
        let found = query.filter(one_of(&self.0, Column::EmailFolded, emails.iter().copied())).into_tuple::<String>();
        Ok(found.all(&self.0).await?)
    }

    /// Returns the users with these ids.
    ///
    /// # Errors
    /// When the database does not answer or a row cannot be read.
    pub async fn by_ids(&self, ids: &[&str]) -> Result<Vec<User>, StoreError> {
        users(Entity::find().filter(one_of(&self.0, Column::Id, ids.iter().copied())).all(&self.0).await?)
    }

    /// Returns up to `limit` users whom a manager owns, by folded name, those after `after`.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn managed(
        &self,
        manager: &Manager,
        after: Option<&str>,
        limit: u64,
    ) -> Result<Vec<ManagedUser>, StoreError> {
        let columns = [Column::Id, Column::UsernameFolded, Column::ExternalId];
        let mut query = Entity::find()
            .select_only()
            .columns(columns)
            .filter(Column::Manager.eq(manager.as_str()))
            .order_by_asc(Column::UsernameFolded)
            .limit(limit);
        if let Some(after) = after {
            query = query.filter(Column::UsernameFolded.gt(after));
        }
        let rows = query.into_tuple::<(String, String, Option<String>)>().all(&self.0).await?;
        let named = |(id, folded, external_id)| ManagedUser { id: UserId::new(id), folded, external_id };
        Ok(rows.into_iter().map(named).collect())
    }

    /// Returns how many users a manager owns, and how many of them may sign in.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn count_managed(&self, manager: &Manager) -> Result<(u64, u64), StoreError> {
        let counts = ["count(*)", "count(CASE WHEN enabled THEN 1 END)"].map(Expr::cust);
        let query = Entity::find().select_only().exprs(counts).filter(Column::Manager.eq(manager.as_str()));
        let (all, enabled) = query.into_tuple::<(i64, i64)>().one(&self.0).await?.unwrap_or_default();
        Ok((all.unsigned_abs(), enabled.unsigned_abs()))
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
            Entity::delete_many().filter(one_of(&self.0, Column::Id, ids.iter().copied())).exec(&self.0).await?;
        }
        Ok(())
    }
}

/// Returns the condition that a user has one of these folded names, or that `manager` knows them under one of these
/// external ids.
pub(super) fn named(
    database: &DatabaseExecutor<'_>,
    names: &[&str],
    manager: &Manager,
    external_ids: &[&str],
) -> Condition {
    let mut condition = Condition::any().add(one_of(database, Column::UsernameFolded, names.iter().copied()));
    if !external_ids.is_empty() {
        let known = Condition::all().add(Column::Manager.eq(manager.as_str())).add(one_of(
            database,
            Column::ExternalId,
            external_ids.iter().copied(),
        ));
        condition = condition.add(known);
    }
    condition
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_array_holds_whatever_stands_in_its_texts() {
        assert_eq!(array([]), "{}");
        assert_eq!(array(["a", "", "{,}\\\"\u{fc}", "NULL"]), r#"{"a","","{,}\\\"ü","NULL"}"#);
    }
}
