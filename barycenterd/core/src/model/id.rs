//! Identifiers: one type each, so that they cannot be mixed up.
//!
//! ```compile_fail
//! use barycenter_core::model::{ClientId, UserId};
//! fn owner(_: &UserId) {}
//! owner(&ClientId::new("grafana"));
//! ```

use std::fmt;

use serde::{Deserialize, Serialize};
use uuid::{NoContext, Uuid};

use crate::model::Timestamp;

macro_rules! identifiers {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            /// Takes an identifier that exists already.
            #[must_use]
            pub fn new(text: impl Into<String>) -> Self {
                Self(text.into())
            }

            /// Returns the identifier as text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str(&self.0)
            }
        }
    )*};
}

identifiers! {
    /// A user, for good: also the `sub` that relying parties see. A UUID (version 7).
    UserId;
    /// A relying party's `client_id`.
    ClientId;
    /// One authorization from request to redemption, and the family of all tokens that grew from it.
    AuthorizationId;
    /// A session's public name, the `sid` claim; never the cookie's value.
    SessionId;
    /// A signing key's `kid`: its RFC 7638 thumbprint.
    KeyId;
    /// One run of a job. A UUID (version 7).
    JobRunId;
    /// Who manages a user: the name that a users file gives itself.
    Manager;
}

/// Returns a UUID (version 7, RFC 9562 section 5.7) of `now`: later ones sort after earlier ones.
fn time_ordered(now: Timestamp) -> String {
    let seconds = u64::try_from(now.as_unix()).unwrap_or_default();
    Uuid::new_v7(uuid::Timestamp::from_unix(NoContext, seconds, 0)).to_string()
}

impl UserId {
    /// Returns a new identifier.
    #[must_use]
    pub fn generate(now: Timestamp) -> Self {
        Self(time_ordered(now))
    }
}

impl AuthorizationId {
    /// Returns a new identifier.
    #[must_use]
    pub fn generate(now: Timestamp) -> Self {
        Self(time_ordered(now))
    }
}

impl SessionId {
    /// Returns a new identifier.
    #[must_use]
    pub fn generate(now: Timestamp) -> Self {
        Self(time_ordered(now))
    }
}

impl JobRunId {
    /// Returns a new identifier: it sorts after all that this process has made before, to the millisecond after those
    /// of others.
    #[must_use]
    pub fn generate() -> Self {
        Self(Uuid::now_v7().to_string())
    }
}

impl ClientId {
    /// Returns a new identifier for a client whose operator gave it none.
    #[must_use]
    pub fn generate(now: Timestamp) -> Self {
        Self(time_ordered(now))
    }
}

impl Default for Manager {
    /// The manager of a users file that does not name one.
    fn default() -> Self {
        Self::new("users.json")
    }
}
