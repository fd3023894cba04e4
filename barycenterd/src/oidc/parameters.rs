//! Request parameters as browsers send them: a query or a form, percent-encoded.
//!
//! A parameter that stands twice is known as such, because it must not be believed (RFC 6749 section 3.1); one that
//! is empty counts as absent (same section).

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::de::{Error as _, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use url::form_urlencoded;

/// The parameters of one request.
#[derive(Debug, Default)]
pub struct Parameters {
    values: BTreeMap<String, String>,
    repeated: BTreeSet<String>,
    garbled: BTreeSet<String>,
}

impl Parameters {
    /// Reads `a=1&b=2`.
    #[must_use]
    pub fn parse(encoded: &str) -> Self {
        let mut parameters = Self::default();
        for pair in encoded.split('&').filter(|pair| !pair.is_empty()) {
            // One pair at a time: what the decoder had to replace in it tells that it was not UTF-8.
            let Some((name, value)) = form_urlencoded::parse(pair.as_bytes()).next() else { continue };
            let garbled = value.contains('\u{fffd}') && !pair.to_ascii_uppercase().contains("%EF%BF%BD");
            let name = name.into_owned();
            if garbled {
                parameters.garbled.insert(name.clone());
            }
            match parameters.values.entry(name) {
                Entry::Occupied(known) => {
                    parameters.repeated.insert(known.key().clone());
                }
                Entry::Vacant(free) => {
                    free.insert(value.into_owned());
                }
            }
        }
        parameters
    }

    /// Returns a parameter's value; `None` if it is absent or empty.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.values.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }

    /// Returns whether a parameter stands more than once, or is not UTF-8: either way it has no value to rely upon.
    #[must_use]
    pub fn is_ambiguous(&self, name: &str) -> bool {
        self.repeated.contains(name) || self.garbled.contains(name)
    }

    /// Returns the parameters that have no value to rely upon.
    pub fn ambiguous(&self) -> impl Iterator<Item = &str> {
        self.repeated.union(&self.garbled).map(String::as_str)
    }

    /// Returns all names and values, repeated ones once.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.values.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }
}

/// The parameters of a form in which each stands once (RFC 6749 section 3.2), but `resource`, which may stand more often
/// (RFC 8707 section 2). One without a value counts as absent.
pub(super) struct Fields {
    values: BTreeMap<String, String>,
    pub(super) resource: Vec<String>,
}

impl Fields {
    /// Returns a parameter's value.
    pub(super) fn take(&mut self, name: &str) -> Option<String> {
        self.values.remove(name)
    }
}

impl<'de> Deserialize<'de> for Fields {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Collect;

        impl<'de> Visitor<'de> for Collect {
            type Value = Fields;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("a form")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Fields, A::Error> {
                let mut fields = Fields { values: BTreeMap::new(), resource: Vec::new() };
                let mut seen = BTreeSet::new();
                while let Some((name, value)) = map.next_entry::<String, String>()? {
                    if name == "resource" {
                        fields.resource.extend(Some(value).filter(|value| !value.is_empty()));
                    } else if !seen.insert(name.clone()) {
                        return Err(A::Error::custom(format!("duplicate field `{name}`")));
                    } else if !value.is_empty() {
                        fields.values.insert(name, value);
                    }
                }
                Ok(fields)
            }
        }

        deserializer.deserialize_map(Collect)
    }
}

/// Returns a form as a query that fits into a `Location` header, whatever bytes it holds.
pub(super) fn as_query(form: &str) -> String {
    let mut query = String::with_capacity(form.len());
    for byte in form.bytes() {
        if byte.is_ascii_graphic() && !b"#\"<>".contains(&byte) {
            query.push(char::from(byte));
        } else {
            query.push_str(&format!("%{byte:02X}"));
        }
    }
    query
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn empty_parameters_are_absent_and_repeated_ones_are_known() {
        let parameters = Parameters::parse("state=&scope=openid+email&nonce=a%26b&nonce=c&x=%FF");
        assert_eq!(parameters.get("state"), None);
        assert_eq!(parameters.get("scope"), Some("openid email"));
        assert_eq!(parameters.get("nonce"), Some("a&b"));
        assert_eq!(parameters.ambiguous().collect::<Vec<_>>(), ["nonce", "x"]);
    }

    #[test]
    fn a_form_becomes_a_query_that_says_the_same() {
        assert_eq!(as_query("a=1&b=%20+c"), "a=1&b=%20+c");
        assert_eq!(as_query("a=ü\r\nX: 1#"), "a=%C3%BC%0D%0AX:%201%23");
    }
}
