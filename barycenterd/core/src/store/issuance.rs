//! Writing what a token request gives: the grant is used up and its tokens are stored in one step, if what was read
//! of it still holds. Whoever asks has looked and signed before, so nobody waits for a signature.
//!
//! On PostgreSQL the step is one statement: one round trip, whatever it holds. On SQLite it goes into one transaction
//! with the steps of whoever else is waiting to write.

use std::fmt::Write as _;

use sea_orm::sea_query::Value;
use sea_orm::{
    ActiveModelTrait, ConnectionTrait as _, DatabaseBackend, EntityTrait, IdenStatic as _, IntoActiveModel as _,
    Iterable as _, Statement,
};

use crate::model::{AccessToken, AuthorizationState, RefreshToken, SessionId, Timestamp, User};
use crate::secret::Digest;
use crate::store::column::to_json;
use crate::store::observation::Watch;
use crate::store::{Store, StoreError, token};

/// What is used up.
#[derive(Debug, Clone, Copy)]
pub enum Spent<'a> {
    /// An authorization code.
    Code(&'a Digest),
    /// A refresh token.
    RefreshToken(&'a Digest),
}

/// What a grant gives, and what it is used up for.
#[derive(Debug, Clone, Copy)]
pub struct Issuance<'a> {
    /// The grant: it must not have been used, and not have expired.
    pub spent: Spent<'a>,
    /// Whose it is: the user must be enabled still.
    pub user: &'a User,
    /// Whether the user must be in the same groups still: the client is not for everybody.
    pub by_group: bool,
    /// The session that must not have ended meanwhile, if it matters.
    pub session: Option<&'a SessionId>,
    /// The access token.
    pub access_token: &'a AccessToken,
    /// The refresh token, if there is one.
    pub refresh_token: Option<&'a RefreshToken>,
    /// The time.
    pub now: Timestamp,
}

/// A statement, or part of one: `$1` is the first of its values on both databases.
pub(super) struct Part {
    pub(super) text: String,
    pub(super) values: Vec<Value>,
}

impl Default for Part {
    /// Returns an empty one, with room for what is to come.
    fn default() -> Self {
        Self { text: String::with_capacity(1024), values: Vec::with_capacity(32) }
    }
}

impl Part {
    fn push(&mut self, text: &str) -> &mut Self {
        self.text.push_str(text);
        self
    }

    fn bind(&mut self, value: impl Into<Value>) -> &mut Self {
        self.values.push(value.into());
        // A text takes whatever is written to it.
        let _ = write!(self.text, "${}", self.values.len());
        self
    }

    /// Appends the insertion of a row, whose values stand between these two texts.
    fn insert<A: ActiveModelTrait>(&mut self, mut row: A, before: &str, behind: &str) -> &mut Self {
        let columns = || <A::Entity as EntityTrait>::Column::iter();
        self.push("INSERT INTO ").push(A::Entity::default().as_str()).push(" (");
        for (place, column) in columns().enumerate() {
            self.push(if place > 0 { ", " } else { "" }).push(column.as_str());
        }
        self.push(before);
        for (place, column) in columns().enumerate() {
            if place > 0 {
                self.push(", ");
            }
            if let Some(value) = row.take(column).into_value() {
                self.bind(value);
            }
        }
        self.push(behind)
    }

    fn statement(self, backend: DatabaseBackend) -> Statement {
        Statement::from_sql_and_values(backend, self.text, self.values)
    }
}

impl Issuance<'_> {
    /// Appends the step that uses the grant up, under the given conditions.
    fn spend(&self, part: &mut Part, conditions: &[&str]) {
        let now = self.now.as_unix();
        match self.spent {
            Spent::Code(code) => {
                part.push("UPDATE authorizations SET state = ").bind(AuthorizationState::Redeemed.as_str());
                part.push(" WHERE code_digest = ").bind(code.as_str());
                part.push(" AND state = ").bind(AuthorizationState::CodeIssued.as_str());
                part.push(" AND code_expires_at > ").bind(now);
            }
            Spent::RefreshToken(token) => {
                part.push("UPDATE refresh_tokens SET used_at = ").bind(now);
                part.push(" WHERE digest = ").bind(token.as_str());
                part.push(" AND used_at IS NULL AND expires_at > ").bind(now);
            }
        }
        for condition in conditions {
            part.push(" AND EXISTS (SELECT 1 FROM ").push(condition).push(")");
        }
    }

    /// Appends what must be found in `users`.
    fn holder(&self, part: &mut Part) {
        part.push("users WHERE id = ").bind(self.user.id.as_str());
        part.push(" AND enabled");
        if self.by_group {
            part.push(" AND \"groups\" = ").bind(to_json(&self.user.groups));
        }
    }

    /// Appends what must be found in `sessions`.
    fn session(&self, part: &mut Part, session: &SessionId) {
        part.push("sessions WHERE id = ").bind(session.as_str()).push(" AND expires_at > ").bind(self.now.as_unix());
    }

    /// Returns the whole step as one statement, for PostgreSQL; its answer is how many grants were used up.
    fn whole(&self) -> Part {
        let mut part = Part::default();
        // With the user locked, no token is born while everything of theirs ends.
        part.push("WITH holder AS (SELECT 1 FROM ");
        self.holder(&mut part);
        part.push(" FOR NO KEY UPDATE)");
        let mut conditions = vec!["holder"];
        if let Some(session) = self.session {
            part.push(", present AS (SELECT 1 FROM ");
            self.session(&mut part, session);
            part.push(" FOR KEY SHARE)");
            conditions.push("present");
        }
        part.push(", spent AS (");
        self.spend(&mut part, &conditions);
        part.push(" RETURNING 1), access_token AS (");
        part.insert(token::access_row(self.access_token).into_active_model(), ") SELECT ", " FROM spent)");
        if let Some(refresh_token) = self.refresh_token {
            part.push(", refresh_token AS (");
            part.insert(token::refresh_row(refresh_token).into_active_model(), ") SELECT ", " FROM spent)");
        }
        part.push(" SELECT count(*) FROM spent");
        part
    }

    /// Returns the whole step as statements that follow each other inside a transaction, which is the lock: the first
    /// changes a row, if the grant can be used up.
    fn in_turn(&self) -> Vec<Part> {
        let mut spend = Part::default();
        self.spend(&mut spend, &[]);
        spend.push(" AND EXISTS (SELECT 1 FROM ");
        self.holder(&mut spend);
        spend.push(")");
        if let Some(session) = self.session {
            spend.push(" AND EXISTS (SELECT 1 FROM ");
            self.session(&mut spend, session);
            spend.push(")");
        }
        let (mut access_token, mut refresh_token) = (Part::default(), Part::default());
        access_token.insert(token::access_row(self.access_token).into_active_model(), ") VALUES (", ")");
        let mut steps = vec![spend, access_token];
        if let Some(token) = self.refresh_token {
            refresh_token.insert(token::refresh_row(token).into_active_model(), ") VALUES (", ")");
            steps.push(refresh_token);
        }
        steps
    }
}

impl Store {
    /// Uses a grant up and stores what it gives; returns whether this caller, and no other, did. If not, nothing has
    /// happened: the grant was used up or has expired, or its user or session is not what it was.
    ///
    /// # Errors
    /// When the database does not answer; then nothing has happened.
    pub async fn issue(&self, issuance: &Issuance<'_>) -> Result<bool, StoreError> {
        self.batches.note_other();
        if let Some(sqlite) = &self.sqlite {
            return sqlite.write(&self.writer, issuance.in_turn()).await;
        }
        let _watch = Watch::begin(self.observer.as_ref());
        let statement = issuance.whole().statement(self.connection.get_database_backend());
        let answer = self.connection.query_one_raw(statement).await?;
        Ok(answer.map(|row| row.try_get_by_index::<i64>(0)).transpose()? == Some(1))
    }
}
