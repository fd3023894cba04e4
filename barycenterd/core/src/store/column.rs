//! How values lie in columns: JSON as text, closed sets by name; what cannot be read back is a [`StoreError::Corrupt`].

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::store::StoreError;

/// Names a place in the database for errors.
#[derive(Clone, Copy)]
pub(super) struct Place<'a> {
    pub(super) table: &'static str,
    pub(super) row: &'a str,
}

impl Place<'_> {
    /// Returns the error for a value in `column` that cannot be read.
    pub(super) fn corrupt(self, column: &'static str, reason: impl ToString) -> StoreError {
        StoreError::Corrupt { table: self.table, column, row: self.row.to_owned(), reason: reason.to_string() }
    }

    /// Reads a JSON column.
    pub(super) fn json<T: DeserializeOwned>(self, column: &'static str, text: &str) -> Result<T, StoreError> {
        serde_json::from_str(text).map_err(|error| self.corrupt(column, error))
    }

    /// Reads a column that holds one of a closed set of names.
    pub(super) fn name<T>(
        self,
        column: &'static str,
        text: &str,
        from_name: fn(&str) -> Option<T>,
    ) -> Result<T, StoreError> {
        from_name(text).ok_or_else(|| self.corrupt(column, format!("{text:?} is not one of the known values")))
    }
}

/// Writes a JSON column.
pub(super) fn to_json<T: Serialize>(value: &T) -> String {
    // Our own types hold nothing that JSON cannot express (no maps with other keys than text).
    serde_json::to_string(value).unwrap_or_default()
}
