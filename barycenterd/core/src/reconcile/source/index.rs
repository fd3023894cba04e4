//! Which names a users file holds: eight bytes for each, so that a million of them fit into a few megabytes.
//!
//! Names are kept as hashes under a key that is new in every run: nobody can write a file whose names collide. Where
//! two hashes are equal, the file is read again and the names themselves are compared.

use std::hash::{BuildHasher as _, RandomState};

use crate::reconcile::change::Kind;
use crate::reconcile::source::parsed::Names;

/// What must be unique within its kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Name {
    /// A username (folded) or a client id.
    Key(Kind),
    /// A user's e-mail address (folded).
    Email,
    /// A user's stable key.
    ExternalId,
}

impl Name {
    pub(super) const ALL: [Self; 4] = [Self::Key(Kind::User), Self::Key(Kind::Client), Self::Email, Self::ExternalId];

    /// Returns how faults call it.
    pub(super) const fn noun(self) -> &'static str {
        match self {
            Self::Key(Kind::User) => "username",
            Self::Key(Kind::Client) => "client_id",
            Self::Email => "e-mail address",
            Self::ExternalId => "external_id",
        }
    }

    /// Returns the name of this sort, if there is one.
    pub(super) fn of<'n>(self, names: &'n Names<'_>) -> Option<&'n str> {
        match self {
            Self::Key(kind) => (names.kind == kind).then_some(names.key),
            Self::Email => names.email.as_deref(),
            Self::ExternalId => names.external_id,
        }
    }
}

/// The names of one or several files.
#[derive(Debug, Default)]
pub struct Index {
    hasher: RandomState,
    usernames: Vec<u64>,
    client_ids: Vec<u64>,
    emails: Vec<u64>,
    external_ids: Vec<u64>,
}

impl Index {
    fn list(&self, name: Name) -> &Vec<u64> {
        match name {
            Name::Key(Kind::User) => &self.usernames,
            Name::Key(Kind::Client) => &self.client_ids,
            Name::Email => &self.emails,
            Name::ExternalId => &self.external_ids,
        }
    }

    fn list_mut(&mut self, name: Name) -> &mut Vec<u64> {
        match name {
            Name::Key(Kind::User) => &mut self.usernames,
            Name::Key(Kind::Client) => &mut self.client_ids,
            Name::Email => &mut self.emails,
            Name::ExternalId => &mut self.external_ids,
        }
    }

    pub(super) fn hash(&self, text: &str) -> u64 {
        self.hasher.hash_one(text)
    }

    /// Returns an index without names, under the same key.
    pub(super) fn like(&self) -> Self {
        Self { hasher: self.hasher.clone(), ..Self::default() }
    }

    /// Takes the names of another index with the same key.
    pub(super) fn merge(&mut self, other: Self) {
        for name in Name::ALL {
            self.list_mut(name).extend_from_slice(other.list(name));
        }
    }

    /// Notes an entry's names.
    pub(super) fn add(&mut self, names: &Names<'_>) {
        for name in Name::ALL {
            if let Some(text) = name.of(names) {
                let hash = self.hash(text);
                self.list_mut(name).push(hash);
            }
        }
    }

    /// Puts everything in order; returns the hashes that stand twice: few, or the file is wrong.
    pub(super) fn sort(&mut self) -> Vec<(Name, u64)> {
        let mut twice = Vec::new();
        for name in Name::ALL {
            let list = self.list_mut(name);
            list.sort_unstable();
            let pairs = list.windows(2).filter_map(|pair| match pair {
                [one, other] if one == other => Some((name, *one)),
                _ => None,
            });
            twice.extend(pairs);
        }
        twice.sort_unstable();
        twice.dedup();
        twice
    }

    /// Returns how many entries of a kind there are.
    #[must_use]
    pub fn count(&self, kind: Kind) -> u64 {
        self.list(Name::Key(kind)).len() as u64
    }

    /// Returns whether the files name this user or client: by its key, or by its stable key.
    #[must_use]
    pub fn names(&self, kind: Kind, key: &str, external_id: Option<&str>) -> bool {
        let holds = |name: Name, text: &str| self.list(name).binary_search(&self.hash(text)).is_ok();
        holds(Name::Key(kind), key) || external_id.is_some_and(|id| kind == Kind::User && holds(Name::ExternalId, id))
    }
}
