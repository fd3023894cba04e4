//! What an authorization response holds and how it travels (OAuth 2.0 Multiple Response Type Encoding Practices,
//! OAuth 2.0 Form Post Response Mode).
//!
//! The rule: what holds a token never travels in a query, where logs and `Referer` headers would keep it.

use serde::{Deserialize, Serialize};

use crate::model::ResponseType;

impl ResponseType {
    /// Returns whether the response holds a code.
    #[must_use]
    pub fn has_code(self) -> bool {
        self.includes("code")
    }

    /// Returns whether the response holds an ID Token.
    #[must_use]
    pub fn has_id_token(self) -> bool {
        self.includes("id_token")
    }

    /// Returns whether the response holds an access token.
    #[must_use]
    pub fn has_token(self) -> bool {
        self.includes("token")
    }

    /// Returns the mode of a request that names none: what holds a token travels in the fragment.
    #[must_use]
    pub fn default_mode(self) -> ResponseMode {
        if self == Self::Code { ResponseMode::Query } else { ResponseMode::Fragment }
    }

    /// Returns whether this response may travel in that mode.
    #[must_use]
    pub fn permits(self, mode: ResponseMode) -> bool {
        self == Self::Code || mode != ResponseMode::Query
    }
}

/// How an authorization response travels.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ResponseMode {
    /// In the query of a redirect.
    #[default]
    Query,
    /// In the fragment of a redirect: it never reaches the relying party's server.
    Fragment,
    /// As a form that the browser posts.
    FormPost,
}

impl ResponseMode {
    /// Every mode, in the order in which discovery lists them.
    pub const ALL: [Self; 3] = [Self::Query, Self::Fragment, Self::FormPost];

    /// Returns the value on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Query => "query",
            Self::Fragment => "fragment",
            Self::FormPost => "form_post",
        }
    }

    /// Returns the mode of that name, if there is one.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|mode| mode.as_str() == name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_holds_a_token_does_not_travel_in_a_query() {
        for response_type in ResponseType::ALL {
            let holds_token = response_type.has_token() || response_type.has_id_token();
            assert_eq!(response_type.permits(ResponseMode::Query), !holds_token, "{response_type:?}");
            assert!(response_type.permits(response_type.default_mode()));
            assert!(response_type.permits(ResponseMode::FormPost));
        }
    }
}
