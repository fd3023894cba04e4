//! Who decides about a user or a client, and what its users file declared when it was last applied.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::model::Manager;

/// Who decides about an account or a client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ownership {
    /// Nobody's file: an operator made it by hand, or a manager let it go.
    Unmanaged,
    /// The person registered it. Who registers a name first must not inherit what a file grants to it.
    SelfRegistered,
    /// A users file manages it.
    Managed {
        /// The file's name for itself.
        manager: Manager,
        /// What the file declared at the last sync.
        declared: Declared,
    },
}

impl Ownership {
    /// Returns the manager, if there is one.
    #[must_use]
    pub const fn manager(&self) -> Option<&Manager> {
        match self {
            Self::Managed { manager, .. } => Some(manager),
            Self::Unmanaged | Self::SelfRegistered => None,
        }
    }

    /// Returns what the manager's file declared at the last sync.
    #[must_use]
    pub fn declared(&self) -> Declared {
        match self {
            Self::Managed { declared, .. } => declared.clone(),
            Self::Unmanaged | Self::SelfRegistered => Declared::default(),
        }
    }
}

/// What a users file declared of one user or client when it was last applied.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Declared {
    /// Fingerprint of the declared password or secret: tells whether the file's changed, without hashing it again.
    #[serde(default, alias = "password_fingerprint", skip_serializing_if = "Option::is_none")]
    pub secret_fingerprint: Option<String>,
    /// How often a file has set the password or secret.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub secret_revision: u32,
    /// The property names that the file set: one that it no longer mentions is removed, others stay.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub property_names: BTreeSet<String>,
    /// Digest of the entry without its secret, 128 bits in base64url: tells whether the file moved.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub entry: Option<String>,
    /// Digest of the state that the sync left behind: tells whether somebody else moved it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<String>,
    /// Whether the file says that there is no password or secret.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub secret_cleared: bool,
    /// Whether it was disabled only because the file no longer named it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub pruned: bool,
}

impl Declared {
    /// Returns whether nobody has changed, since the sync, what the file can set. A password is the user's to change,
    /// but where the file says that there is none, there is none.
    #[must_use]
    pub fn is_kept(&self, state: &str, has_secret: bool) -> bool {
        is_kept(self.state.as_deref(), self.secret_cleared, state, has_secret)
    }
}

/// See [`Declared::is_kept`]: `noted` and `secret_cleared` are of what was declared.
pub(crate) fn is_kept(noted: Option<&str>, secret_cleared: bool, state: &str, has_secret: bool) -> bool {
    noted == Some(state) && !(secret_cleared && has_secret)
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the signature that serde calls")]
const fn is_zero(number: &u32) -> bool {
    *number == 0
}
