//! The `claims` parameter (OpenID Connect Core section 5.5): single claims, where they are wanted, and what they should
//! be.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use thiserror::Error;

/// The longest `claims` parameter, in bytes.
const BYTES: usize = 8192;

/// The most claims that one request may name in one place.
const CLAIMS: usize = 100;

/// What is wrong with a `claims` parameter.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ClaimsRequestError {
    /// Too much.
    #[error("claims may have {BYTES} bytes and {CLAIMS} claims at most")]
    TooLong,
    /// No JSON object.
    #[error("claims is not a JSON object")]
    NotAnObject,
    /// A member that should be an object.
    #[error("claims: {0} is not a JSON object")]
    Member(String),
    /// `essential`, `value` or `values` of the wrong type.
    #[error("claims: {0} of {1} is of the wrong type")]
    Constraint(&'static str, String),
}

/// How one claim is wanted.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct ClaimRequest {
    /// Whether the client cannot go on without it.
    #[serde(default)]
    pub essential: bool,
    /// The values that are good; none: any.
    #[serde(default)]
    pub values: Vec<Value>,
}

impl ClaimRequest {
    /// Returns whether a value is one of those that are good.
    #[must_use]
    pub fn permits(&self, value: &Value) -> bool {
        self.values.is_empty() || self.values.contains(value)
    }
}

/// Which claims a request names, and where they are wanted.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct ClaimsRequest {
    /// From the UserInfo endpoint.
    #[serde(default)]
    pub userinfo: BTreeMap<String, ClaimRequest>,
    /// In the ID Token.
    #[serde(default)]
    pub id_token: BTreeMap<String, ClaimRequest>,
}

impl ClaimsRequest {
    /// Reads the parameter. Members that are not understood are ignored (section 5.5).
    ///
    /// # Errors
    /// When it is not of the form that the specification demands.
    pub fn parse(text: &str) -> Result<Self, ClaimsRequestError> {
        if text.len() > BYTES {
            return Err(ClaimsRequestError::TooLong);
        }
        let members: Map<String, Value> = serde_json::from_str(text).map_err(|_| ClaimsRequestError::NotAnObject)?;
        let place = |name: &str| match members.get(name) {
            None | Some(Value::Null) => Ok(BTreeMap::new()),
            Some(Value::Object(claims)) if claims.len() > CLAIMS => Err(ClaimsRequestError::TooLong),
            Some(Value::Object(claims)) => {
                claims.iter().map(|(name, request)| Ok((name.clone(), read(name, request)?))).collect()
            }
            Some(_) => Err(ClaimsRequestError::Member(name.to_owned())),
        };
        Ok(Self { userinfo: place("userinfo")?, id_token: place("id_token")? })
    }

    /// Returns whether nothing is asked for.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.userinfo.is_empty() && self.id_token.is_empty()
    }

    /// Returns the names of all claims that are asked for, wherever.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.userinfo.keys().chain(self.id_token.keys()).map(String::as_str)
    }

    /// Returns the subjects that the response may be about; none: any.
    #[must_use]
    pub fn subjects(&self) -> Vec<&Value> {
        self.userinfo.get("sub").into_iter().chain(self.id_token.get("sub")).flat_map(|sub| &sub.values).collect()
    }
}

/// Reads how one claim is wanted: `null`, or an object.
fn read(name: &str, request: &Value) -> Result<ClaimRequest, ClaimsRequestError> {
    let members = match request {
        Value::Null => return Ok(ClaimRequest::default()),
        Value::Object(members) => members,
        _ => return Err(ClaimsRequestError::Member(name.to_owned())),
    };
    let wrong = |member| ClaimsRequestError::Constraint(member, name.to_owned());
    let essential = match members.get("essential") {
        None => false,
        Some(Value::Bool(essential)) => *essential,
        Some(_) => return Err(wrong("essential")),
    };
    let mut values: Vec<Value> = members.get("value").into_iter().cloned().collect();
    match members.get("values") {
        None => {}
        Some(Value::Array(several)) => values.extend(several.iter().cloned()),
        Some(_) => return Err(wrong("values")),
    }
    Ok(ClaimRequest { essential, values })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn claims_are_wanted_in_their_place_with_their_values() {
        let text = r#"{"userinfo":{"name":{"essential":true},"picture":null},"id_token":{"acr":{"values":["1","2"]},
            "sub":{"value":"u-1"}},"verified_claims":{"x":1}}"#;
        let claims = ClaimsRequest::parse(text).unwrap();
        assert!(claims.userinfo["name"].essential);
        assert_eq!(claims.userinfo["picture"], ClaimRequest::default());
        assert!(claims.id_token["acr"].permits(&json!("2")) && !claims.id_token["acr"].permits(&json!("3")));
        assert_eq!(claims.subjects(), [&json!("u-1")]);
        assert_eq!(claims.names().collect::<Vec<_>>(), ["name", "picture", "acr", "sub"]);
        let stored: ClaimsRequest = serde_json::from_value(json!(claims)).unwrap();
        assert_eq!(stored, claims);
    }

    #[test]
    fn what_is_no_claims_request_is_refused() {
        let many: Map<String, Value> = (0..101).map(|number| (number.to_string(), Value::Null)).collect();
        for wrong in [
            "",
            "[]",
            "x",
            "null",
            r#"{"userinfo":[]}"#,
            r#"{"id_token":{"name":true}}"#,
            r#"{"id_token":{"name":{"essential":"yes"}}}"#,
            r#"{"id_token":{"name":{"values":"x"}}}"#,
            &json!({ "userinfo": many }).to_string(),
            &"[".repeat(5000),
            &" ".repeat(9000),
        ] {
            assert!(ClaimsRequest::parse(wrong).is_err(), "{wrong}");
        }
        assert!(ClaimsRequest::parse("{}").unwrap().is_empty());
        assert!(ClaimsRequest::parse(r#"{"userinfo":null}"#).unwrap().is_empty());
    }
}
