//! Request parameters as browsers send them: a query or a form, percent-encoded.
//!
//! A parameter that stands twice is known as such, because it must not be believed (RFC 6749 section 3.1); one that
//! is empty counts as absent (same section).

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::de::{Error as _, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use url::form_urlencoded;

/// What may stand more than once in a request (RFC 8707 section 2).
const REPEATABLE: &str = "resource";

/// The parameters of one request.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Parameters {
    values: BTreeMap<String, Vec<String>>,
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
            if value.contains('\u{fffd}') && !pair.to_ascii_uppercase().contains("%EF%BF%BD") {
                parameters.garbled.insert(name.clone().into_owned());
            }
            parameters.add(name, value);
        }
        parameters
    }

    /// Takes names and values.
    pub(crate) fn of<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let mut parameters = Self::default();
        for (name, value) in pairs {
            parameters.add(name, value);
        }
        parameters
    }

    /// Adds a value to those that a parameter has.
    pub(crate) fn add(&mut self, name: impl Into<String>, value: impl Into<String>) {
        self.values.entry(name.into()).or_default().push(value.into());
    }

    /// Returns a parameter's value; `None` if it is absent or empty.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.values.get(name)?.first().map(String::as_str).filter(|value| !value.is_empty())
    }

    /// Returns all values of a parameter that may stand more than once.
    pub(crate) fn all(&self, name: &str) -> impl Iterator<Item = &str> {
        self.values.get(name).into_iter().flatten().map(String::as_str).filter(|value| !value.is_empty())
    }

    /// Returns whether a parameter stands more than once, or is not UTF-8: either way it has no value to rely upon.
    #[must_use]
    pub fn is_ambiguous(&self, name: &str) -> bool {
        let repeated = name != REPEATABLE && self.values.get(name).is_some_and(|values| values.len() > 1);
        repeated || self.garbled.contains(name)
    }

    /// Returns the parameters that have no value to rely upon.
    pub fn ambiguous(&self) -> impl Iterator<Item = &str> {
        self.values.keys().map(String::as_str).filter(move |name| self.is_ambiguous(name))
    }

    /// Returns all names and values, repeated ones once.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.values.iter().filter_map(|(name, values)| Some((name.as_str(), values.first()?.as_str())))
    }

    /// Returns these parameters with those of `other` in place of their namesakes.
    #[must_use]
    pub(crate) fn overlaid(&self, other: &Self) -> Self {
        let mut whole = self.clone();
        for (name, values) in &other.values {
            whole.garbled.remove(name);
            whole.values.insert(name.clone(), values.clone());
        }
        whole
    }

    /// Returns these parameters without one of them.
    #[must_use]
    pub(crate) fn without(mut self, name: &str) -> Self {
        self.values.remove(name);
        self.garbled.remove(name);
        self
    }

    /// Writes them as a form.
    #[must_use]
    pub(crate) fn to_form(&self) -> String {
        let pairs = self.values.iter().flat_map(|(name, values)| values.iter().map(move |value| (name, value)));
        form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish()
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
    fn a_resource_may_stand_more_than_once() {
        let parameters = Parameters::parse("resource=https%3A%2F%2Fa&resource=&resource=https%3A%2F%2Fb");
        assert_eq!(parameters.all("resource").collect::<Vec<_>>(), ["https://a", "https://b"]);
        assert_eq!(parameters.ambiguous().count(), 0);
        assert_eq!(Parameters::parse(&parameters.to_form()), parameters);
    }

    #[test]
    fn what_lies_above_wins() {
        let below = Parameters::parse("a=1&a=2&b=%FF&c=3");
        let whole = below.overlaid(&Parameters::parse("a=4&b=5"));
        assert_eq!(whole.iter().collect::<Vec<_>>(), [("a", "4"), ("b", "5"), ("c", "3")]);
        assert_eq!(whole.ambiguous().count(), 0);
    }

    #[test]
    fn a_form_becomes_a_query_that_says_the_same() {
        assert_eq!(as_query("a=1&b=%20+c"), "a=1&b=%20+c");
        assert_eq!(as_query("a=ü\r\nX: 1#"), "a=%C3%BC%0D%0AX:%201%23");
    }
}
