//! A session: one browser in which a user has signed in.

use serde::{Deserialize, Serialize};

use crate::model::{SessionId, Timestamp, UserId};
use crate::secret::Digest;

/// How a user proved who they are (RFC 8176), the `amr` claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum AuthenticationMethod {
    /// A password.
    #[serde(rename = "pwd")]
    Password,
}

impl AuthenticationMethod {
    /// Returns the value in `amr`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Password => "pwd",
        }
    }
}

/// A session as the store holds it; the cookie's value is kept as a digest only.
#[derive(Debug, Clone)]
pub struct Session {
    /// The public name, the `sid` claim.
    pub id: SessionId,
    /// Digest of the cookie's value.
    pub cookie: Digest,
    /// Who signed in.
    pub user_id: UserId,
    /// When they proved who they are, the `auth_time` claim.
    pub authenticated_at: Timestamp,
    /// How they proved it.
    pub methods: Vec<AuthenticationMethod>,
    /// From then on the session is no more.
    pub expires_at: Timestamp,
}

impl Session {
    /// Returns the authentication context class, the `acr` claim: `1` for a password. OpenID Connect Core section 2
    /// reserves `0` for less than that.
    #[must_use]
    pub fn context_class(&self) -> &'static str {
        "1"
    }
}
