//! Users as the declarative side sees them: whether they stand as their file left them, many at a time.

use std::borrow::Cow;

use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{Asterisk, ExprTrait as _, Func, LikeExpr, Order, Query, SelectStatement};
use sea_orm::{Condition, DatabaseBackend, DatabaseExecutor, IntoActiveModel as _, QueryOrder as _, QuerySelect as _};
use serde::de::{Deserialize, Deserializer, SeqAccess, Visitor};

use crate::model::ownership::is_kept;
use crate::model::user::{NO_TEXT, PART, digest_of_state};
use crate::model::{Manager, User, UserId};
use crate::store::column::to_json;
use crate::store::user::{Column, Entity, Model, users};
use crate::store::{StoreError, Users, logout, session};

/// How many rows go into one statement: SQLite takes 32,766 values in each.
const ROWS: usize = 1000;

/// Stands between users: names and addresses hold no controls, and JSON writes them as `\u001d`.
const ROW: char = '\u{1d}';

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

/// Where many users stand, as the database tells it: one text, because each value by itself costs more than what is in
/// it. Between two rows stands [`ROW`].
#[derive(Debug)]
pub struct Standings(String);

impl Standings {
    /// Returns where each of them stands.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] when names hold what no name holds.
    pub fn read(&self) -> Result<Vec<Standing<'_>>, StoreError> {
        let corrupt = |row: &str| StoreError::Corrupt {
            table: "users",
            column: "username",
            row: row.split(PART).next().unwrap_or_default().to_owned(),
            reason: "names hold no controls".to_owned(),
        };
        self.rows().map(|row| Standing::read(row).ok_or_else(|| corrupt(row))).collect()
    }

    fn rows(&self) -> impl Iterator<Item = &str> {
        self.0.split_terminator(ROW)
    }

    /// Returns which of these names, in their order, are not found in the order of the rows.
    fn missing<'n>(&self, names: &[&'n str]) -> Vec<&'n str> {
        let mut found = self.rows().filter_map(|row| row.split(PART).nth(1)).peekable();
        let is_missing = |name: &&&str| {
            while found.next_if(|found| found < *name).is_some() {}
            found.next_if(|found| found == *name).is_none()
        };
        names.iter().filter(is_missing).copied().collect()
    }
}

/// Where a user stands.
#[derive(Debug, Clone, Copy)]
pub struct Standing<'t> {
    /// The user's id.
    pub id: &'t str,
    /// The name under which names are compared.
    pub folded: &'t str,
    /// The key under which the manager's file knows the user.
    pub external_id: Option<&'t str>,
    /// Whether the user may sign in.
    pub enabled: bool,
    /// Whether the manager who asks manages the user.
    pub owned: bool,
    /// Digest of the entry that was last applied.
    pub entry: Option<&'t str>,
    /// Fingerprint of the password that the file declared then.
    pub secret_fingerprint: Option<&'t str>,
    /// Whether the user is disabled only because the file no longer named them.
    pub pruned: bool,
    /// Whether nobody has changed, since then, what a file can set.
    pub untouched: bool,
}

impl<'t> Standing<'t> {
    /// Reads what [`standing`] has written.
    fn read(row: &'t str) -> Option<Self> {
        let mut parts = row.splitn(6, PART);
        let (id, folded, external_id) = (parts.next()?, parts.next()?, parts.next()?);
        let (flags, declared, state) = (parts.next()?.as_bytes(), parts.next()?, parts.next()?);
        let flag = |place: usize| flags.get(place) == Some(&b't');
        // What cannot be read is compared field by field, which then says so.
        let noted: Noted<'_> = serde_json::from_str(declared).unwrap_or_default();
        Some(Self {
            id,
            folded,
            external_id: (external_id != NO_TEXT).then_some(external_id),
            enabled: flag(0),
            owned: flag(2),
            entry: noted.entry,
            secret_fingerprint: noted.secret_fingerprint,
            pruned: noted.pruned,
            untouched: is_kept(noted.state, noted.secret_cleared, &digest_of_state(state), flag(1)),
        })
    }
}

/// What a comparison needs of [`Declared`](crate::model::Declared): read without copying anything.
#[derive(Default, serde::Deserialize)]
struct Noted<'t> {
    #[serde(default, alias = "password_fingerprint")]
    secret_fingerprint: Option<&'t str>,
    #[serde(default)]
    entry: Option<&'t str>,
    #[serde(default)]
    state: Option<&'t str>,
    #[serde(default)]
    secret_cleared: bool,
    #[serde(default)]
    pruned: bool,
    #[serde(default, rename = "property_names")]
    _property_names: Names,
    #[serde(default, rename = "secret_revision")]
    _secret_revision: u32,
}

/// A list of texts that is only looked at.
#[derive(Default)]
struct Names;

impl<'de> Deserialize<'de> for Names {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Look;

        impl<'de> Visitor<'de> for Look {
            type Value = Names;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("a list of texts")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut names: A) -> Result<Names, A::Error> {
                while names.next_element::<Cow<'de, str>>()?.is_some() {}
                Ok(Names)
            }
        }

        deserializer.deserialize_seq(Look)
    }
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

/// Writes where a user stands as one text: id, folded name, external id, whether the user may sign in, has a password and
/// is owned by the manager whom `owner` is to be equal to, what was declared; and the state, as its digest wants it.
fn standing(owner: &str) -> String {
    let optional = |column: &str| format!("coalesce({column}, '{NO_TEXT}')");
    let flag = |condition: &str| format!("CASE WHEN {condition} THEN 't' ELSE 'f' END");
    let flags = |conditions: [&str; 3]| format!("concat({})", conditions.map(flag).join(", "));
    let parts = [
        "id".to_owned(),
        "username_folded".to_owned(),
        optional("external_id"),
        flags(["enabled", "password_hash IS NOT NULL", &format!("manager = {owner}")]),
        "declared".to_owned(),
        "username".to_owned(),
        optional("external_id"),
        optional("email"),
        flags(["email_verified", "enabled", "protected"]),
        "\"groups\"".to_owned(),
        "properties".to_owned(),
    ];
    format!("concat_ws('{PART}', {})", parts.join(", "))
}

impl Users<'_> {
    /// Returns where the users stand who have one of these folded names, or whom `manager` knows under one of these
    /// external ids; at most a few thousand at once. There may be others among them.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn standings(
        &self,
        names: &[&str],
        manager: &Manager,
        external_ids: &[&str],
    ) -> Result<Standings, StoreError> {
        let (Some(first), Some(last), true) =
            (names.first(), names.last(), external_ids.is_empty() && names.is_sorted())
        else {
            return self
                .standings_of(everything().cond_where(named(&self.0, names, manager, external_ids)), manager)
                .await;
        };
        // A file in the order of its names: their rows lie side by side, and are read in one go. What stands between
        // them is read as well, up to a quarter; whom that leaves out, or the database sorts elsewhere, is asked for.
        let mut side_by_side = everything();
        side_by_side
            .and_where(Expr::col(Column::UsernameFolded).between(*first, *last))
            .order_by(Column::UsernameFolded, Order::Asc)
            .limit((names.len() + names.len() / 4) as u64);
        let mut standings = self.standings_of(&mut side_by_side, manager).await?;
        let rest = standings.missing(names);
        if !rest.is_empty() {
            let rest = self.standings_of(everything().cond_where(named(&self.0, &rest, manager, &[])), manager).await?;
            if !standings.0.is_empty() {
                standings.0.push(ROW);
            }
            standings.0.push_str(&rest.0);
        }
        Ok(standings)
    }

    /// Returns where the users stand whom a query finds.
    async fn standings_of(&self, query: &mut SelectStatement, manager: &Manager) -> Result<Standings, StoreError> {
        let all = match self.0.get_database_backend() {
            DatabaseBackend::Sqlite => format!("group_concat({}, '{ROW}')", standing("?")),
            _ => format!("string_agg({}, '{ROW}')", standing("$1")),
        };
        let mut select = Query::select();
        select.expr(Expr::cust_with_values(all, [manager.as_str()])).from_subquery(query.take(), Entity);
        // No user: no text.
        let found =
            self.0.query_one(&select).await?.map(|row| row.try_get_by_index::<Option<String>>(0)).transpose()?;
        Ok(Standings(found.flatten().unwrap_or_default()))
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
        users(Entity::find().filter(named(&self.0, names, manager, external_ids)).all(&self.0).await?)
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
        let found = query
            .filter(one_of(&self.0, Column::EmailFolded, emails.iter().map(String::as_str)))
            .into_tuple::<String>();
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

/// Returns the query for all users, whole.
fn everything() -> SelectStatement {
    Query::select().column(Asterisk).from(Entity).take()
}

fn named(database: &DatabaseExecutor<'_>, names: &[&str], manager: &Manager, external_ids: &[&str]) -> Condition {
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
    use crate::model::Declared;

    #[test]
    fn names_are_missing_that_no_row_has_in_its_place() {
        let standings =
            |names: &[&str]| Standings(names.iter().map(|name| format!("id{PART}{name}{PART}rest{ROW}")).collect());
        let missing = |rows: &[&str], names: &[&'static str]| standings(rows).missing(names);
        assert_eq!(missing(&["a", "aa", "b", "d"], &["a", "b", "c", "d"]), ["c"]);
        assert_eq!(missing(&[], &["a", "b"]), ["a", "b"]);
        assert_eq!(missing(&["a", "b"], &["a", "b"]), [""; 0]);
        // Sorted by other rules: asked for again, and found.
        assert_eq!(missing(&["\u{e9}", "f"], &["f", "\u{e9}"]), ["f"]);
    }

    #[test]
    fn an_array_holds_whatever_stands_in_its_texts() {
        assert_eq!(array([]), "{}");
        assert_eq!(array(["a", "", "{,}\\\"\u{fc}", "NULL"]), r#"{"a","","{,}\\\"ü","NULL"}"#);
    }

    #[test]
    fn what_is_noted_is_what_is_declared() {
        let declared = Declared {
            secret_fingerprint: Some("f".to_owned()),
            secret_revision: 2,
            property_names: ["a\"b".to_owned()].into(),
            entry: Some("e".to_owned()),
            state: Some("s".to_owned()),
            secret_cleared: true,
            pruned: true,
        };
        let text = to_json(&declared);
        let noted: Noted<'_> = serde_json::from_str(&text).unwrap();
        assert_eq!((noted.secret_fingerprint, noted.entry, noted.state), (Some("f"), Some("e"), Some("s")));
        assert!(noted.secret_cleared && noted.pruned);
        assert!(serde_json::from_str::<Noted<'_>>("{}").unwrap().entry.is_none());
        for wrong in [r#"{"property_names":[1]}"#, r#"{"property_names":"a"}"#, r#"{"secret_revision":"1"}"#] {
            assert!(serde_json::from_str::<Noted<'_>>(wrong).is_err(), "{wrong}");
            assert!(serde_json::from_str::<Declared>(wrong).is_err(), "{wrong}");
        }
    }
}
