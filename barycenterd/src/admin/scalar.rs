//! Scalars of the admin API.

use async_graphql::{InputValueError, InputValueResult, Scalar, ScalarType, Value};
use barycenter_core::model::Timestamp;
use barycenter_core::secret::Secret;

/// A point in time, RFC 3339 in UTC, whole seconds: `2026-11-23T11:00:00Z`.
#[derive(Debug, Clone, Copy)]
pub(super) struct DateTime(pub(super) Timestamp);

/// A point in time, RFC 3339 in UTC, whole seconds: `2026-11-23T11:00:00Z`.
#[Scalar(name = "DateTime")]
impl ScalarType for DateTime {
    fn parse(value: Value) -> InputValueResult<Self> {
        let Value::String(text) = &value else { return Err(InputValueError::expected_type(value)) };
        let time = Timestamp::from_rfc_3339(text);
        time.map(Self).ok_or_else(|| InputValueError::custom("is no time such as 2026-11-23T11:00:00Z"))
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.to_string())
    }
}

/// Many values, one a line, unread: a thousand of them cost one text and not ten thousand values.
#[derive(Clone)]
pub(super) struct Lines(Secret);

impl Lines {
    /// Returns lines to answer with.
    pub(super) const fn new(text: Secret) -> Self {
        Self(text)
    }

    /// Returns the text to keep.
    pub(super) fn into_secret(self) -> Secret {
        self.0
    }

    /// Returns the text; it may hold passwords.
    pub(super) fn text(&self) -> &str {
        self.0.expose()
    }
}

/// Values, one a line, as one text: JSON (NDJSON), where nothing else is said.
#[Scalar(name = "Lines")]
impl ScalarType for Lines {
    fn parse(value: Value) -> InputValueResult<Self> {
        match value {
            Value::String(text) => Ok(Self(Secret::new(text))),
            // The value itself may hold a password: it is not repeated.
            _ => Err(InputValueError::custom("is one text, a value a line")),
        }
    }

    fn to_value(&self) -> Value {
        Value::String(self.text().to_owned())
    }
}
