//! What would have to change: pure functions from what a file wants and what is there to one [`Change`] each.
//!
//! Everything that a decision needs is a parameter; the same inputs give the same change, whoever asks and from
//! where. [`user`] and [`client`] decide about what a file names, [`prune`] about what it no longer names.

pub(super) mod client;
pub(super) mod prune;
pub(super) mod user;

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::model::{Declared, Manager, Ownership, Timestamp};
use crate::reconcile::change::{Change, ConflictReason, Drift, FieldChange};
use crate::reconcile::source::Field;

/// Which unmanaged accounts and clients a sync may take over.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Adoption {
    /// Taken over by name: folded usernames, client ids.
    pub names: BTreeSet<String>,
    /// Whether everything unmanaged that the file names is taken over; never an account that registered itself.
    pub all: bool,
}

impl Adoption {
    fn permits(&self, key: &str, ownership: &Ownership) -> bool {
        self.names.contains(key) || (self.all && *ownership == Ownership::Unmanaged)
    }
}

/// How a sync is meant, whatever the file says.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Intent {
    /// What may be taken over.
    pub adoption: Adoption,
    /// Whether every declared password and secret is set again, also where the file's has not changed.
    pub reset_secrets: bool,
    /// Whether the file is only a source: accounts are made from it once, and nobody's file owns them afterwards.
    pub import: Import,
}

/// Whether, and how, a file is imported instead of synced.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Import {
    /// It is synced: what it names is its manager's from then on.
    #[default]
    No,
    /// What it names is made; what is there already is a conflict.
    Create,
    /// What it names is made or changed; who owns it stays as it is.
    Update,
}

/// A change, and what is to be stored; `None` where nothing is. A password still has to be put in.
#[derive(Debug)]
pub(super) struct Planned<T> {
    pub(super) change: Change,
    pub(super) result: Option<Box<T>>,
}

/// Refuses what the manager does not own and may not take over.
fn refuse_foreign(
    change: Change,
    noun: &str,
    ownership: &Ownership,
    created_at: Timestamp,
    manager: &Manager,
    may_adopt: bool,
) -> Result<Change, Box<Change>> {
    let refuse =
        |change: Change, reason, message: String, hint: String| Box::new(change.refused(reason, message, hint));
    let key = change.key.clone();
    let adopt = format!("--adopt {key} (keeps its {noun}), or remove it from the file");
    match ownership {
        Ownership::Managed { manager: other, .. } if other != manager => Err(refuse(
            change,
            ConflictReason::OtherManager,
            format!("is managed by \"{other}\", not by \"{manager}\""),
            format!("remove {key} from one of the two files"),
        )),
        Ownership::Unmanaged if !may_adopt => Err(refuse(
            change,
            ConflictReason::Unmanaged,
            "exists already and is not managed by any file".to_owned(),
            adopt,
        )),
        Ownership::SelfRegistered if !may_adopt => Err(refuse(
            change,
            ConflictReason::SelfRegistered,
            format!("registered itself on {}; it is not managed by any file", date(created_at)),
            adopt,
        )),
        _ => Ok(change),
    }
}

/// Says who moved: the file, if its entry is not the one that was applied last; the live state, if it is not the one
/// that the sync left behind.
fn drift(declared: &Declared, entry: &str, state: &str) -> Option<Drift> {
    let moved = |then: &Option<String>, now: &str| then.as_ref().is_some_and(|then| then != now);
    match (moved(&declared.entry, entry), moved(&declared.state, state)) {
        (true, true) => Some(Drift::Both),
        (true, false) => Some(Drift::File),
        (false, true) => Some(Drift::Live),
        (false, false) => None,
    }
}

fn changed(path: impl Into<String>, before: Option<Value>, after: Option<Value>) -> FieldChange {
    FieldChange { path: path.into(), before, after }
}

/// How a secret looks in a change: its revision, if a file has set it before.
fn secret(revision: u32) -> Value {
    if revision == 0 { json!({ "secret": true }) } else { json!({ "secret": true, "revision": revision }) }
}

/// Compares one field: what the file wants (`null` stands for `cleared`) with what is there, `None` for a new thing.
/// Notes a difference, and puts the wanted value into `after`.
fn settle<T: Clone + PartialEq>(
    path: &str,
    wanted: &Field<T>,
    cleared: &T,
    before: Option<&T>,
    after: &mut T,
    show: impl Fn(&T) -> Option<Value>,
    fields: &mut Vec<FieldChange>,
) {
    let wanted = match wanted {
        Field::Absent => return,
        Field::Null => cleared,
        Field::Value(value) => value,
    };
    // A new thing shows everything that the file gives it, but what is nothing anyway.
    let differs = before.map_or_else(|| show(wanted).is_some(), |before| before != wanted);
    if differs {
        fields.push(changed(path, before.and_then(&show), show(wanted)));
    }
    after.clone_from(wanted);
}

/// `2026-11-23T11:00:00Z` → `2026-11-23`.
fn date(time: Timestamp) -> String {
    time.to_string().chars().take_while(|character| *character != 'T').collect()
}

#[cfg(test)]
mod properties;
#[cfg(test)]
mod tests;
