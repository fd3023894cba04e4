//! What is written in groups: whoever gets the turn to write does it for all who are waiting, in one transaction. Alone,
//! nobody waits; among many, they share what a transaction costs.
//!
//! An answer is given once the transaction has been committed. Each request's steps are its own: where the first
//! changes nothing, its others are left out; and where one of a group fails, what the group did is rolled back, and
//! each is tried by itself.

use std::sync::{Arc, Mutex};
use std::time::Instant;

use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{Connection, ToSql, TransactionBehavior, params_from_iter};
use sea_orm::DbErr;
use sea_orm::sea_query::Value;
use tokio::sync::{Mutex as Turns, OwnedMutexGuard, oneshot};
use tokio::task::spawn_blocking;
use tracing::Instrument as _;

use crate::store::StoreError;
use crate::store::issuance::Part;
use crate::store::observation::Observation;
use crate::store::sqlite::{Sqlite, locked};

/// How many requests one transaction carries out at most.
const MOST: usize = 64;

/// Who waits to have something written.
#[derive(Default)]
pub(super) struct Queue(Mutex<Vec<Waiting>>);

/// A request, and where its answer goes.
struct Waiting {
    steps: Vec<Part>,
    answer: oneshot::Sender<Result<bool, StoreError>>,
    since: Instant,
}

impl Queue {
    /// Takes the next group out. Who has gone away meanwhile wants nothing any more.
    fn next(&self) -> Vec<Waiting> {
        let mut waiting = locked(&self.0);
        let count = waiting.len().min(MOST);
        waiting.drain(..count).filter(|waiting| !waiting.answer.is_closed()).collect()
    }
}

impl Sqlite {
    /// Carries out steps that belong together, if the first of them changes a row; returns whether it did. `turns` is
    /// where the process's writers queue.
    pub(in crate::store) async fn write(
        self: &Arc<Self>,
        turns: &Arc<Turns<()>>,
        steps: Vec<Part>,
    ) -> Result<bool, StoreError> {
        let span =
            tracing::info_span!(target: "sea_orm", "sea_orm.execute", otel.kind = "client", db.system = "sqlite");
        self.wait(turns, steps).instrument(span).await
    }

    async fn wait(self: &Arc<Self>, turns: &Arc<Turns<()>>, steps: Vec<Part>) -> Result<bool, StoreError> {
        let (answer, mut answered) = oneshot::channel();
        locked(&self.queue.0).push(Waiting { steps, answer, since: Instant::now() });
        let gone = |reason: String| StoreError::Unavailable(DbErr::Custom(reason));
        loop {
            tokio::select! {
                biased;
                answer = &mut answered => {
                    return answer.unwrap_or_else(|error| Err(gone(error.to_string())));
                }
                turn = Arc::clone(turns).lock_owned() => {
                    let sqlite = Arc::clone(self);
                    let written = spawn_blocking(move || sqlite.write_group(turn));
                    written.await.map_err(|error| gone(error.to_string()))?;
                }
            }
        }
    }

    /// Writes for those who are waiting.
    fn write_group(&self, _turn: OwnedMutexGuard<()>) {
        let group = self.queue.next();
        if group.is_empty() {
            return;
        }
        let began = Instant::now();
        let mut pen = locked(&self.pen);
        let mut carry_out = |group: &[Waiting]| together(self.opened(&mut pen)?, group);
        match carry_out(&group) {
            Ok(done) => {
                // Whoever hears of it reads next.
                drop(pen);
                let took = began.elapsed();
                self.tell(Observation::Transaction(took));
                for (waiting, done) in group.into_iter().zip(done) {
                    self.tell(Observation::Waited(began.duration_since(waiting.since)));
                    // Who has gone away does not hear it.
                    let _ = waiting.answer.send(Ok(done));
                }
            }
            Err(StoreError::Unavailable(reason)) => {
                for waiting in group {
                    let _ = waiting.answer.send(Err(StoreError::Unavailable(reason.clone())));
                }
            }
            Err(_) => {
                for waiting in group {
                    let done = carry_out(std::slice::from_ref(&waiting));
                    let _ = waiting.answer.send(done.map(|done| done == [true]));
                }
            }
        }
    }
}

/// Carries a group out in one transaction; returns who of them has changed anything.
fn together(connection: &mut Connection, group: &[Waiting]) -> Result<Vec<bool>, StoreError> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let done = group.iter().map(|waiting| carry_out(&transaction, &waiting.steps)).collect::<Result<_, _>>()?;
    transaction.commit()?;
    Ok(done)
}

fn carry_out(connection: &Connection, steps: &[Part]) -> Result<bool, StoreError> {
    for step in steps {
        let values = params_from_iter(step.values.iter().map(Bound));
        if connection.prepare_cached(&step.text)?.execute(values)? != 1 {
            return Ok(false);
        }
    }
    Ok(true)
}

/// A value of a statement.
struct Bound<'a>(&'a Value);

impl ToSql for Bound<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self.0 {
            Value::String(Some(text)) => ValueRef::Text(text.as_bytes()),
            Value::BigInt(Some(number)) => ValueRef::Integer(*number),
            Value::String(None) | Value::BigInt(None) => ValueRef::Null,
            other => {
                let unknown = format!("{other:?} is of a kind that no column has");
                return Err(rusqlite::Error::ToSqlConversionFailure(unknown.into()));
            }
        }))
    }
}
