//! A point in time in whole seconds, as the OpenID documents count it (NumericDate without fractions).

use std::fmt;

use chrono::DateTime;
use serde::{Deserialize, Serialize};

/// Seconds since 1970-01-01T00:00:00Z.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Timestamp(i64);

impl Timestamp {
    /// Takes seconds since the epoch.
    #[must_use]
    pub const fn from_unix(seconds: i64) -> Self {
        Self(seconds)
    }

    /// Returns seconds since the epoch.
    #[must_use]
    pub const fn as_unix(self) -> i64 {
        self.0
    }

    /// Reads RFC 3339, in whatever zone; fractions of a second are dropped.
    #[must_use]
    pub fn from_rfc_3339(text: &str) -> Option<Self> {
        DateTime::parse_from_rfc3339(text).ok().map(|time| Self(time.timestamp()))
    }

    /// Reads the date of an HTTP header (RFC 9110 section 5.6.7): `Mon, 23 Nov 2026 11:00:00 GMT`.
    #[must_use]
    pub fn from_http_date(text: &str) -> Option<Self> {
        DateTime::parse_from_rfc2822(text).ok().map(|time| Self(time.timestamp()))
    }

    /// Returns the time `seconds` later (or earlier, if negative).
    #[must_use]
    pub const fn plus(self, seconds: i64) -> Self {
        Self(self.0.saturating_add(seconds))
    }

    /// Returns how many seconds have passed since `earlier`; negative if it lies ahead.
    #[must_use]
    pub const fn since(self, earlier: Self) -> i64 {
        self.0.saturating_sub(earlier.0)
    }
}

impl fmt::Display for Timestamp {
    /// Writes RFC 3339 in UTC: `2026-11-23T11:00:00Z`.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match DateTime::from_timestamp(self.0, 0) {
            Some(time) => write!(formatter, "{}", time.format("%Y-%m-%dT%H:%M:%SZ")),
            None => write!(formatter, "@{}", self.0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_written_as_rfc_3339() {
        let time = Timestamp::from_unix(1_795_431_600);
        assert_eq!(time.to_string(), "2026-11-23T11:00:00Z");
        assert_eq!(Timestamp::from_rfc_3339("2026-11-23T11:00:00Z"), Some(time));
        assert_eq!(Timestamp::from_http_date("Mon, 23 Nov 2026 11:00:00 GMT"), Some(time));
        assert_eq!(Timestamp::from_http_date("yesterday"), None);
    }

    #[test]
    fn times_are_read_from_every_zone() {
        let time = Some(Timestamp::from_unix(1_795_431_600));
        assert_eq!(Timestamp::from_rfc_3339("2026-11-23T11:00:00Z"), time);
        assert_eq!(Timestamp::from_rfc_3339("2026-11-23T12:00:00.9+01:00"), time);
        assert_eq!(Timestamp::from_rfc_3339("yesterday"), None);
    }
}
