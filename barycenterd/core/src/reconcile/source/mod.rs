//! Users files: what they may hold, every fault with its place, and their entries one at a time.
//!
//! ```text
//!   Source::open ──► check(): every fault, the names, the numbers ──► entries(): again, as often as needed
//! ```
//!
//! A file is read from one end to the other each time, never kept: a million users cost eight bytes a name. What
//! comes through a pipe is kept in an unnamed temporary file. A field that is absent is not managed; `null` clears it.

mod checkers;
mod client;
mod client_metadata;
mod entries;
mod index;
mod open;
mod parsed;
mod quick;
mod reader;
mod scan;
mod schema;
mod user;
mod values;
mod walk;

use serde_json::value::RawValue;
use thiserror::Error;

use crate::model::Manager;
use crate::reconcile::change::Kind;
use crate::reconcile::source::quick::PlainUser;
use crate::secret::Secret;

pub(in crate::reconcile) use entries::EntryText;
pub(in crate::reconcile) use parsed::Parsed;
#[cfg(any(test, fuzzing))]
pub(in crate::reconcile) use quick::agrees;

pub use client::DesiredClient;
pub use entries::Entry;
pub use index::Index;
pub use open::Source;
pub use reader::{Fault, Field};
pub use scan::Position;
pub use schema::json_schema;
pub use user::{DeclaredPassword, DesiredUser};
pub use values::{Environment, Found, Values};
pub use walk::LONGEST_ENTRY;

/// How many faults are told; the others are counted.
pub const MOST_FAULTS: usize = 100;

/// What a file wants of one user or client.
#[derive(Debug, Clone)]
pub enum Desired {
    /// A user.
    User(DesiredUser),
    /// A client.
    Client(DesiredClient),
}

impl Desired {
    /// Returns what it is.
    #[must_use]
    pub const fn kind(&self) -> Kind {
        match self {
            Self::User(_) => Kind::User,
            Self::Client(_) => Kind::Client,
        }
    }

    /// Returns the key under which it is compared: the folded username, the client id.
    #[must_use]
    pub fn key(&self) -> &str {
        match self {
            Self::User(user) => user.username.folded(),
            Self::Client(client) => client.id.as_str(),
        }
    }

    /// Returns the stable key, if it has one.
    #[must_use]
    pub fn external_id(&self) -> Option<&str> {
        match self {
            Self::User(user) => user.external_id.value().map(String::as_str),
            Self::Client(_) => None,
        }
    }

    /// Returns the name as the file has it.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::User(user) => user.username.as_str(),
            Self::Client(client) => client.id.as_str(),
        }
    }

    /// Returns the entry as JSON on one line, its secret with it.
    #[must_use]
    pub fn to_entry(&self) -> Secret {
        match self {
            Self::User(user) => user.to_entry(),
            Self::Client(client) => client.to_entry(),
        }
    }

    /// Returns the digest of the entry without its secret: whether the file moved.
    #[must_use]
    pub fn digest(&self) -> String {
        match self {
            Self::User(user) => user.digest(),
            Self::Client(client) => client.digest(),
        }
    }

    /// Returns the declared password or secret.
    #[must_use]
    pub fn secret(&self) -> Option<&str> {
        match self {
            Self::User(user) => user.password.value().map(DeclaredPassword::expose),
            Self::Client(client) => client.secret.value().map(|found| found.value.expose()),
        }
    }

    /// Returns where the declared password or secret came from, if it did not stand in the file.
    #[must_use]
    pub fn secret_source(&self) -> Option<&str> {
        match self {
            Self::User(user) => user.password.value().and_then(DeclaredPassword::source),
            Self::Client(client) => client.secret.value().and_then(|found| found.source.as_deref()),
        }
    }

    /// Returns whether applying it costs a password hash.
    #[must_use]
    pub const fn has_plain_password(&self) -> bool {
        matches!(self, Self::User(DesiredUser { password: Field::Value(DeclaredPassword::Plain(..)), .. }))
    }
}

/// Files that have been checked.
#[derive(Debug)]
pub struct Checked {
    /// Who owns what is in them.
    pub manager: Manager,
    /// Which lists there are: a kind that no file lists is left alone altogether.
    pub kinds: Vec<Kind>,
    /// The names.
    pub index: Index,
    /// The first few users whose password is one that guides show.
    pub samples: Vec<String>,
}

/// Why users files cannot be used.
#[derive(Debug, Error)]
pub enum UsersFileError {
    /// One cannot be read at all.
    #[error("{file}: {reason}")]
    Unreadable {
        /// The file.
        file: String,
        /// Why not.
        reason: String,
    },
    /// Its contents are wrong.
    #[error("{total} problem{} in {file}", if *total == 1 { "" } else { "s" })]
    Faults {
        /// The file.
        file: String,
        /// What is wrong, in the order of the file; at most [`MOST_FAULTS`].
        faults: Vec<Fault>,
        /// How many faults there are.
        total: usize,
    },
    /// It is not what it was when it was checked.
    #[error("{file} has changed while it was being read; run the same command again")]
    Changed {
        /// The file.
        file: String,
    },
}

/// Reads entries of one kind by themselves, one a line, as the admin API receives them.
///
/// # Errors
/// Everything that is wrong with them.
pub fn parse_entries(kind: Kind, lines: &str) -> Result<Vec<Desired>, Vec<Fault>> {
    let values = Values::filled();
    let mut found = Vec::new();
    let mut faults = Vec::new();
    for (index, line) in lines.lines().enumerate() {
        match parse(kind, line, Position { line: index + 1, column: 1 }, Some(index), &values) {
            Ok(parsed) => found.push(parsed.into_desired()),
            Err(wrong) => faults.extend(wrong),
        }
    }
    let mut index = Index::default();
    found.iter().for_each(|desired| index.add(&desired.names()));
    for (name, _) in index.sort() {
        faults.push(Fault::new(Position::START, kind.list(), format!("one {} stands twice", name.noun())));
    }
    if faults.is_empty() { Ok(found) } else { Err(faults) }
}

/// Reads one entry that stands by itself.
///
/// # Errors
/// Everything that is wrong with it.
pub(super) fn parse_entry(kind: Kind, text: &str) -> Result<Desired, Vec<Fault>> {
    parse(kind, text, Position::START, Some(0), &Values::filled()).map(Parsed::into_desired)
}

/// Reads the text of one entry.
fn parse<'t>(
    kind: Kind,
    text: &'t str,
    position: Position,
    index: Option<usize>,
    values: &Values,
) -> Result<Parsed<'t>, Vec<Fault>> {
    match if kind == Kind::User { PlainUser::read(text) } else { None } {
        Some(user) => Ok(Parsed::Plain(user)),
        None => read_thoroughly(kind, text, position, index, values).map(Parsed::Thorough),
    }
}

/// Reads the text of one entry, whatever it holds.
fn read_thoroughly(
    kind: Kind,
    text: &str,
    position: Position,
    index: Option<usize>,
    values: &Values,
) -> Result<Desired, Vec<Fault>> {
    let mut reader = reader::Reader::new(text, position, index.map(|index| (kind.list(), index)), values);
    let document: Option<&RawValue> = reader.document();
    let desired = document.and_then(|document| match kind {
        Kind::User => user::read(&mut reader, document).map(Desired::User),
        Kind::Client => client::read(&mut reader, document).map(Desired::Client),
    });
    desired.ok_or(reader.faults)
}

#[cfg(test)]
mod tests;
