//! Scopes: what a client may ask about a user (OpenID Connect Core section 5.4, RFC 6749 section 3.3).

use std::collections::BTreeSet;
use std::fmt;

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// One scope that this provider knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// An OpenID Connect request; without it there is no ID Token.
    #[serde(rename = "openid")]
    OpenId,
    /// The profile claims.
    Profile,
    /// `email` and `email_verified`.
    Email,
    /// `address`.
    Address,
    /// `phone_number` and `phone_number_verified`.
    Phone,
    /// The groups that the user is in.
    Groups,
    /// A refresh token that outlives the session.
    OfflineAccess,
}

impl Scope {
    /// Every scope, in the order in which discovery lists them.
    pub const ALL: [Self; 7] =
        [Self::OpenId, Self::Profile, Self::Email, Self::Address, Self::Phone, Self::Groups, Self::OfflineAccess];

    /// Returns the scope's name on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::OpenId => "openid",
            Self::Profile => "profile",
            Self::Email => "email",
            Self::Address => "address",
            Self::Phone => "phone",
            Self::Groups => "groups",
            Self::OfflineAccess => "offline_access",
        }
    }

    /// Returns the scope of that name, if there is one.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|scope| scope.as_str() == name)
    }
}

/// A name that is no scope of ours.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("there is no scope {0:?}; known are openid, profile, email, address, phone, groups and offline_access")]
pub struct UnknownScope(pub String);

/// A set of scopes.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Scopes(BTreeSet<Scope>);

impl Scopes {
    /// Returns all scopes.
    #[must_use]
    pub fn all() -> Self {
        Scope::ALL.into_iter().collect()
    }

    /// Takes a space-separated list and leaves out what is not known: a request's unknown scopes are ignored
    /// (OpenID Connect Core section 3.1.2.1).
    #[must_use]
    pub fn from_request(text: &str) -> Self {
        text.split(' ').filter_map(Scope::from_name).collect()
    }

    /// Takes a list of names that must all be known.
    ///
    /// # Errors
    /// At the first name that is no scope.
    pub fn from_names<'a>(names: impl IntoIterator<Item = &'a str>) -> Result<Self, UnknownScope> {
        names.into_iter().map(|name| Scope::from_name(name).ok_or_else(|| UnknownScope(name.to_owned()))).collect()
    }

    /// Returns whether `scope` is among them.
    #[must_use]
    pub fn contains(&self, scope: Scope) -> bool {
        self.0.contains(&scope)
    }

    /// Returns whether all of `other` are among them.
    #[must_use]
    pub fn covers(&self, other: &Self) -> bool {
        other.0.is_subset(&self.0)
    }

    /// Returns those that are in both.
    #[must_use]
    pub fn intersection(&self, other: &Self) -> Self {
        Self(self.0.intersection(&other.0).copied().collect())
    }

    /// Returns those that are in either.
    #[must_use]
    pub fn union(&self, other: &Self) -> Self {
        Self(self.0.union(&other.0).copied().collect())
    }

    /// Returns the set without `scope`.
    #[must_use]
    pub fn without(&self, scope: Scope) -> Self {
        self.iter().filter(|one| *one != scope).collect()
    }

    /// Iterates in the order of [`Scope::ALL`].
    pub fn iter(&self) -> impl Iterator<Item = Scope> + '_ {
        self.0.iter().copied()
    }

    /// Returns whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl FromIterator<Scope> for Scopes {
    fn from_iter<I: IntoIterator<Item = Scope>>(scopes: I) -> Self {
        Self(scopes.into_iter().collect())
    }
}

impl fmt::Display for Scopes {
    /// Writes them space-separated, as requests and responses carry them.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, scope) in self.iter().enumerate() {
            let gap = if index == 0 { "" } else { " " };
            write!(formatter, "{gap}{}", scope.as_str())?;
        }
        Ok(())
    }
}
