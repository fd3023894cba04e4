//! An entry that has been read, its texts still where they stand if it is plain.

use std::borrow::Cow;

use crate::reconcile::change::Kind;
use crate::reconcile::probe::Probe;
use crate::reconcile::source::quick::PlainUser;
use crate::reconcile::source::user::is_sample_password;
use crate::reconcile::source::{DeclaredPassword, Desired, DesiredUser, Field};

/// An entry that is sound.
pub(in crate::reconcile) enum Parsed<'t> {
    /// A user whose entry is plain.
    Plain(PlainUser<'t>),
    /// Any other.
    Thorough(Desired),
}

/// What an entry is called.
pub(super) struct Names<'t> {
    pub(super) kind: Kind,
    /// The folded username, or the client id.
    pub(super) key: &'t str,
    /// The folded e-mail address.
    pub(super) email: Option<Cow<'t, str>>,
    /// The stable key.
    pub(super) external_id: Option<&'t str>,
}

impl Desired {
    /// Returns what it is called.
    pub(super) fn names(&self) -> Names<'_> {
        let email = match self {
            Self::User(DesiredUser { email: Field::Value(email), .. }) => Some(email.folded().into()),
            Self::User(_) | Self::Client(_) => None,
        };
        Names { kind: self.kind(), key: self.key(), email, external_id: self.external_id() }
    }
}

impl Parsed<'_> {
    /// Returns what it is called.
    pub(super) fn names(&self) -> Names<'_> {
        match self {
            Self::Plain(user) => Names {
                kind: Kind::User,
                key: user.folded(),
                email: user.folded_email(),
                external_id: user.external_id(),
            },
            Self::Thorough(desired) => desired.names(),
        }
    }

    /// Returns the name as the file has it.
    pub(super) fn name(&self) -> &str {
        match self {
            Self::Plain(user) => user.username(),
            Self::Thorough(desired) => desired.name(),
        }
    }

    /// Returns what asks whether it would change anything.
    pub(in crate::reconcile) fn probe(&self) -> Probe<'_> {
        let Names { key, email, external_id, .. } = self.names();
        let (digest, secret) = match self {
            Self::Plain(user) => (user.digest(), user.secret()),
            Self::Thorough(desired) => (desired.digest(), desired.secret()),
        };
        Probe { key, external_id, email, digest: digest.into(), secret }
    }

    /// Returns whether its password is one that guides show.
    pub(super) fn has_sample_password(&self) -> bool {
        let password = match self {
            Self::Plain(user) => user.password(),
            Self::Thorough(Desired::User(DesiredUser {
                password: Field::Value(DeclaredPassword::Plain(password, _)),
                ..
            })) => Some(password),
            Self::Thorough(_) => None,
        };
        password.is_some_and(is_sample_password)
    }

    /// Copies what it says.
    pub(super) fn into_desired(self) -> Desired {
        match self {
            Self::Plain(user) => Desired::User(user.into_desired()),
            Self::Thorough(desired) => desired,
        }
    }
}
