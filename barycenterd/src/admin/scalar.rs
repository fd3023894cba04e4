//! Scalars of the admin API.

use async_graphql::{InputValueError, InputValueResult, Scalar, ScalarType, Value};
use barycenter_core::model::Timestamp;

/// A point in time, RFC 3339 in UTC, whole seconds: `2026-11-23T11:00:00Z`.
#[derive(Debug, Clone, Copy)]
pub(super) struct DateTime(pub(super) Timestamp);

/// A point in time, RFC 3339 in UTC, whole seconds: `2026-11-23T11:00:00Z`.
#[Scalar(name = "DateTime")]
impl ScalarType for DateTime {
    /// Times are answers only: nothing in this API asks for one.
    fn parse(value: Value) -> InputValueResult<Self> {
        Err(InputValueError::expected_type(value))
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.to_string())
    }
}

/// An entry of a users file, unread: all entries of a request are checked together, as those of a file are.
#[derive(Debug, Clone)]
pub(super) struct UserEntry(pub(super) Value);

/// One entry of `users` in users.json, as schema/users.schema.json describes it: an absent field is not managed, null clears it.
#[Scalar(name = "UserEntry")]
impl ScalarType for UserEntry {
    fn parse(value: Value) -> InputValueResult<Self> {
        match value {
            Value::Object(_) => Ok(Self(value)),
            // The value itself may hold a password: it is not repeated.
            _ => Err(InputValueError::custom("an entry is an object { … }")),
        }
    }

    fn to_value(&self) -> Value {
        self.0.clone()
    }
}
