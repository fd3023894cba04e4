//! Rows that are found by their keys. The texts of the queries are sea-orm's, made once; models are read from a row in
//! the order in which the query names their columns.

use std::time::Instant;

use rusqlite::types::ValueRef;
use rusqlite::{Connection, Row};
use sea_orm::sea_query::{ColumnType, Value};
use sea_orm::{
    ActiveModelTrait as _, ColumnTrait as _, DatabaseBackend, EntityTrait, Iterable as _, QueryTrait, TryIntoModel,
};

use crate::store::observation::Observation;
use crate::store::sqlite::{Sqlite, locked};
use crate::store::{StoreError, authorization, client, session, token, user};

/// The queries.
pub(super) struct Lookups {
    client: String,
    code: String,
    refresh_token: String,
}

impl Lookups {
    pub(super) fn new() -> Self {
        fn text(query: &impl QueryTrait) -> String {
            query.build(DatabaseBackend::Sqlite).sql
        }
        Self {
            client: text(&client::find("")),
            code: text(&authorization::find_code("")),
            refresh_token: text(&token::find_refresh("")),
        }
    }
}

impl Sqlite {
    /// Returns the client with this id.
    pub(in crate::store) fn client(&self, id: &str) -> Result<Option<client::Model>, StoreError> {
        self.find(&self.lookups.client, id, |row| row.required::<client::Entity>())
    }

    /// Returns the authorization with this code, and whoever it speaks of.
    pub(in crate::store) fn code(&self, digest: &str) -> Result<Option<authorization::WithCode>, StoreError> {
        self.find(&self.lookups.code, digest, |row| {
            Ok((
                row.required::<authorization::Entity>()?,
                row.model::<user::Entity>()?,
                row.model::<session::Entity>()?,
            ))
        })
    }

    /// Returns the refresh token with this digest, and whoever it speaks of.
    pub(in crate::store) fn refresh_token(&self, digest: &str) -> Result<Option<token::WithHolder>, StoreError> {
        self.find(&self.lookups.refresh_token, digest, |row| {
            Ok((
                row.required::<token::refresh::Entity>()?,
                row.model::<user::Entity>()?,
                row.model::<session::Entity>()?,
            ))
        })
    }

    fn find<T>(
        &self,
        query: &str,
        key: &str,
        read: impl FnOnce(&mut Columns<'_>) -> Result<T, StoreError>,
    ) -> Result<Option<T>, StoreError> {
        // Traces know statements as sea-orm calls them.
        let span =
            tracing::info_span!(target: "sea_orm", "sea_orm.query_one", otel.kind = "client", db.system = "sqlite");
        let _entered = span.enter();
        let began = Instant::now();
        let found = self.reading(|connection| {
            let mut statement = connection.prepare_cached(query)?;
            let mut rows = statement.query([key])?;
            rows.next()?.map(|row| read(&mut Columns { row, place: 0 })).transpose()
        });
        let took = began.elapsed();
        self.tell(if found.is_ok() { Observation::Statement(took) } else { Observation::StatementFailed(took) });
        found
    }

    /// Has a connection that nobody writes with do something; one that fails is not used again.
    fn reading<T>(&self, work: impl FnOnce(&Connection) -> Result<T, StoreError>) -> Result<T, StoreError> {
        if let Ok(mut pen) = self.pen.try_lock() {
            return work(self.opened(&mut pen)?);
        }
        let idle = locked(&self.readers).pop();
        let reader = idle.map_or_else(|| self.open(), Ok)?;
        let done = work(&reader)?;
        locked(&self.readers).push(reader);
        Ok(done)
    }
}

/// What has not been read yet of a row.
struct Columns<'a> {
    row: &'a Row<'a>,
    place: usize,
}

impl Columns<'_> {
    /// Reads the next model; there is none where a join has found none.
    fn model<E>(&mut self) -> Result<Option<E::Model>, StoreError>
    where
        E: EntityTrait,
        E::ActiveModel: TryIntoModel<E::Model>,
    {
        let mut model = <E::ActiveModel as sea_orm::ActiveModelTrait>::default();
        // The key comes first, and is never null.
        let is_there = self.row.get_ref(self.place)? != ValueRef::Null;
        for column in E::Column::iter() {
            if is_there {
                model.try_set(column, value(self.row.get_ref(self.place)?, column.def().get_column_type())?)?;
            }
            self.place += 1;
        }
        Ok(if is_there { Some(model.try_into_model()?) } else { None })
    }

    /// Reads the model that every row has.
    fn required<E>(&mut self) -> Result<E::Model, StoreError>
    where
        E: EntityTrait,
        E::ActiveModel: TryIntoModel<E::Model>,
    {
        self.model::<E>()?.ok_or_else(|| rusqlite::Error::QueryReturnedNoRows.into())
    }
}

/// Returns a column's value as sea-orm knows it: SQLite keeps flags as numbers, and a null is one of the column's type.
fn value(found: ValueRef<'_>, column: &ColumnType) -> Result<Value, StoreError> {
    Ok(match (found, column) {
        (ValueRef::Null, ColumnType::Boolean) => Value::Bool(None),
        (ValueRef::Null, ColumnType::BigInteger) => Value::BigInt(None),
        (ValueRef::Null, _) => Value::String(None),
        (ValueRef::Integer(number), ColumnType::Boolean) => (number != 0).into(),
        (ValueRef::Integer(number), _) => number.into(),
        (other, _) => other.as_str().map_err(rusqlite::Error::from)?.into(),
    })
}
