//! Spans of time: whole seconds, or a text with a unit.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use schemars::{JsonSchema, SchemaGenerator};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::config::value::Setting;

/// A span of time: whole seconds, or a text such as `"90s"`, `"10m"`, `"12h"`, `"30d"`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Seconds(u32);

const UNITS: [(char, u32); 4] = [('d', 86_400), ('h', 3600), ('m', 60), ('s', 1)];

impl Seconds {
    /// Takes a number of seconds.
    #[must_use]
    pub const fn new(seconds: u32) -> Self {
        Self(seconds)
    }

    /// Returns the number of seconds.
    #[must_use]
    pub const fn as_seconds(self) -> i64 {
        self.0 as i64
    }

    /// Returns the span for timers.
    #[must_use]
    pub const fn as_duration(self) -> Duration {
        Duration::from_secs(self.0 as u64)
    }
}

impl FromStr for Seconds {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("{text:?} is not a span of time; write it like \"90s\", \"10m\", \"12h\" or \"30d\"");
        let (digits, factor) =
            UNITS.iter().find_map(|(unit, factor)| Some((text.strip_suffix(*unit)?, *factor))).unwrap_or((text, 1));
        if !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(wrong());
        }
        let number: u32 = digits.parse().map_err(|_| wrong())?;
        number.checked_mul(factor).map(Self).ok_or_else(wrong)
    }
}

impl fmt::Display for Seconds {
    /// Writes the shortest exact form.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let exact = UNITS.iter().find(|(_, factor)| self.0 != 0 && self.0.is_multiple_of(*factor));
        let (unit, factor) = exact.unwrap_or(&('s', 1));
        write!(formatter, "{}{unit}", self.0 / factor)
    }
}

impl<'de> Deserialize<'de> for Seconds {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Spelling {
            Number(u32),
            Text(String),
        }
        match Spelling::deserialize(deserializer)? {
            Spelling::Number(seconds) => Ok(Self(seconds)),
            Spelling::Text(text) => text.parse().map_err(D::Error::custom),
        }
    }
}

impl Serialize for Seconds {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl JsonSchema for Seconds {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Seconds".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "anyOf": [{ "type": "integer", "minimum": 0 }, { "type": "string", "pattern": "^[0-9]+[smhd]?$" }]
        })
    }
}

impl Setting for Seconds {
    const WANTED: &'static str = "a span of time: seconds, or a text like \"10m\"";

    fn show(&self) -> String {
        self.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_of_time_show_their_shortest_form() {
        for (text, seconds, shown) in
            [("90", 90, "90s"), ("90s", 90, "90s"), ("10m", 600, "10m"), ("24h", 86_400, "1d"), ("0s", 0, "0s")]
        {
            let span: Seconds = text.parse().unwrap();
            assert_eq!((span.as_seconds(), span.to_string().as_str()), (seconds, shown));
        }
    }

    #[test]
    fn what_is_no_span_of_time_is_refused() {
        for text in ["", "m", "5 minutes", "+5s", "-5s", "1.5h", "10µ", "99999999d", "4294967296"] {
            assert!(text.parse::<Seconds>().is_err(), "{text}");
        }
    }
}
