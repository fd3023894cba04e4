//! Where users stand as the declarative side sees them: whether they are as their file left them, many at a time.

use std::borrow::Cow;

use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{Asterisk, ExprTrait as _, Order, Query, SelectStatement};
use sea_orm::{DatabaseBackend, QueryResult};
use serde::de::{Deserialize, Deserializer, SeqAccess, Visitor};

use crate::model::Manager;
use crate::model::ownership::is_kept;
use crate::model::user::{NO_TEXT, digest_of_state};
use crate::separated::split;
use crate::store::managed::named;
use crate::store::user::{Column, Entity};
use crate::store::{StoreError, Users};

/// Stands between users: names and addresses hold no controls, and JSON writes them as `\u001d`.
const ROW: char = '\u{1d}';

/// The columns that are read of each user as they are.
const TEXTS: [&str; 8] =
    ["id", "username_folded", "external_id", "declared", "username", "email", "groups", "properties"];

/// What is read of each user as one character: the sum of these, added to [`NO_FLAG`].
mod flag {
    pub(super) const ENABLED: u8 = 1;
    pub(super) const HAS_PASSWORD: u8 = 2;
    pub(super) const OWNED: u8 = 4;
    pub(super) const EMAIL_VERIFIED: u8 = 8;
    pub(super) const PROTECTED: u8 = 16;
}

/// `@`, behind which come `A` to `_`.
const NO_FLAG: u8 = b'@';

/// Where many users stand, as the database tells it: one text for each column, because each value by itself costs more
/// than what is in it.
#[derive(Debug, Default)]
pub struct Standings {
    /// Those of [`TEXTS`]; between two users stands [`ROW`].
    texts: [String; TEXTS.len()],
    /// One character for each user.
    flags: String,
}

impl Standings {
    /// Takes what a query has found.
    fn of(row: Option<QueryResult>) -> Result<Self, DbErr> {
        let mut standings = Self::default();
        let Some(row) = row else { return Ok(standings) };
        for (place, text) in standings.texts.iter_mut().chain([&mut standings.flags]).enumerate() {
            // No user: no text.
            *text = row.try_get_by_index::<Option<String>>(place)?.unwrap_or_default();
        }
        Ok(standings)
    }

    /// Returns where each of them stands.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] when names hold what no name holds.
    pub fn read(&self) -> Result<Vec<Standing<'_>>, StoreError> {
        let mut texts = self.texts.each_ref().map(|text| split(text, ROW));
        let read = |flags| {
            let mut found = [""; TEXTS.len()];
            for (found, texts) in found.iter_mut().zip(&mut texts) {
                *found = texts.next()?;
            }
            Some(Standing::read(found, flags))
        };
        let standings: Option<Vec<_>> = self.flags.bytes().map(read).collect();
        let is_whole = self.flags.is_empty() || texts.iter_mut().all(|texts| texts.next().is_none());
        standings.filter(|_| is_whole).ok_or_else(|| StoreError::Corrupt {
            table: "users",
            column: "username",
            row: split(self.folded(), ROW).next().unwrap_or_default().to_owned() + " or one behind it",
            reason: "names hold no controls".to_owned(),
        })
    }

    fn folded(&self) -> &str {
        let [_, folded, ..] = &self.texts;
        folded
    }

    /// Returns which of these names, in their order, are not found in the order of the rows.
    fn missing<'n>(&self, names: &[&'n str]) -> Vec<&'n str> {
        let mut found = split(self.folded(), ROW).peekable();
        let is_missing = |name: &&&str| {
            while found.next_if(|found| found < *name).is_some() {}
            found.next_if(|found| found == *name).is_none()
        };
        names.iter().filter(is_missing).copied().collect()
    }

    /// Adds others behind these.
    fn append(&mut self, others: &Self) {
        let follow = !self.flags.is_empty() && !others.flags.is_empty();
        for (text, other) in self.texts.iter_mut().zip(&others.texts) {
            text.extend(follow.then_some(ROW));
            text.push_str(other);
        }
        self.flags.push_str(&others.flags);
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
    /// Reads one user's [`TEXTS`] and flags.
    fn read(texts: [&'t str; TEXTS.len()], flags: u8) -> Self {
        let [id, folded, external_id, declared, username, email, groups, properties] = texts;
        let is = |flag: u8| flags & flag != 0;
        let flags = [flag::EMAIL_VERIFIED, flag::ENABLED, flag::PROTECTED].map(is);
        // What cannot be read is compared field by field, which then says so.
        let noted: Noted<'_> = serde_json::from_str(declared).unwrap_or_default();
        let state = digest_of_state(username, external_id, email, flags, groups, properties);
        Self {
            id,
            folded,
            external_id: (external_id != NO_TEXT).then_some(external_id),
            enabled: is(flag::ENABLED),
            owned: is(flag::OWNED),
            entry: noted.entry,
            secret_fingerprint: noted.secret_fingerprint,
            pruned: noted.pruned,
            untouched: is_kept(noted.state, noted.secret_cleared, &state, is(flag::HAS_PASSWORD)),
        }
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
            standings.append(&rest);
        }
        Ok(standings)
    }

    /// Returns where the users stand whom a query finds.
    async fn standings_of(&self, query: &mut SelectStatement, manager: &Manager) -> Result<Standings, StoreError> {
        let (aggregate, character, owner) = match self.0.get_database_backend() {
            DatabaseBackend::Sqlite => ("group_concat", "char", "?"),
            _ => ("string_agg", "chr", "$1"),
        };
        let mut select = Query::select();
        for column in TEXTS {
            select.expr(Expr::cust(format!("{aggregate}(coalesce(\"{column}\", '{NO_TEXT}'), '{ROW}')")));
        }
        let owned = format!("manager = {owner}");
        let flags = [
            (flag::ENABLED, "enabled"),
            (flag::HAS_PASSWORD, "password_hash IS NOT NULL"),
            (flag::OWNED, &owned),
            (flag::EMAIL_VERIFIED, "email_verified"),
            (flag::PROTECTED, "protected"),
        ];
        let sum: String = flags.map(|(flag, is_set)| format!(" + CASE WHEN {is_set} THEN {flag} ELSE 0 END")).concat();
        let flags = format!("{aggregate}({character}({NO_FLAG}{sum}), '')");
        select.expr(Expr::cust_with_values(flags, [manager.as_str()])).from_subquery(query.take(), Entity);
        Ok(Standings::of(self.0.query_one(&select).await?)?)
    }
}

/// Returns the query for all users, whole.
fn everything() -> SelectStatement {
    Query::select().column(Asterisk).from(Entity).take()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Declared;
    use crate::store::column::to_json;

    fn standings(names: &[&str]) -> Standings {
        let names = names.join(ROW.encode_utf8(&mut [0; 4]));
        Standings { flags: "@".repeat(split(&names, ROW).count()), texts: std::array::from_fn(|_| names.clone()) }
    }

    #[test]
    fn users_are_told_apart() {
        let names = |standings: &Standings| -> Vec<String> {
            standings.read().unwrap().iter().map(|one| one.folded.to_owned()).collect()
        };
        assert!(Standings::default().read().unwrap().is_empty());
        let mut all = Standings::default();
        all.append(&standings(&["a"]));
        all.append(&Standings::default());
        all.append(&standings(&["", "c"]));
        assert_eq!(names(&all), ["a", "", "c"]);
    }

    #[test]
    fn a_name_that_holds_a_separator_is_told() {
        let mut wrong = standings(&["a", "b"]);
        wrong.texts[1] = format!("a{ROW}c{ROW}b");
        let error = wrong.read().unwrap_err();
        assert!(matches!(&error, StoreError::Corrupt { row, .. } if row == "a or one behind it"), "{error}");
        wrong.texts[1] = "a".to_owned();
        assert!(wrong.read().is_err());
    }

    #[test]
    fn names_are_missing_that_no_row_has_in_its_place() {
        let missing = |rows: &[&str], names: &[&'static str]| standings(rows).missing(names);
        assert_eq!(missing(&["a", "aa", "b", "d"], &["a", "b", "c", "d"]), ["c"]);
        assert_eq!(missing(&[], &["a", "b"]), ["a", "b"]);
        assert_eq!(missing(&["a", "b"], &["a", "b"]), [""; 0]);
        // Sorted by other rules: asked for again, and found.
        assert_eq!(missing(&["\u{e9}", "f"], &["f", "\u{e9}"]), ["f"]);
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
