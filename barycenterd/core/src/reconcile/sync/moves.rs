//! Names and addresses that move between entries which stand far apart in the files.
//!
//! A batch by itself cannot see that the account which has an address gives it up further down. Such conflicts are put
//! aside, the holders' entries are looked up in the files, and all of them are planned, and later written, together.

use std::collections::{BTreeMap, HashSet};

use crate::reconcile::change::{Change, Holder, Kind};
use crate::reconcile::plan::Intent;
use crate::reconcile::probe::Probes;
use crate::reconcile::source::{Checked, Entry, Source, UsersFileError};
use crate::reconcile::sync::{BATCH, BATCH_BYTES};
use crate::reconcile::target::Target;

/// Entries that are planned together, by their place in the files.
#[derive(Default)]
pub(super) struct Moves {
    /// Those that met a holder elsewhere, and what was planned for them alone.
    aside: BTreeMap<u32, (Entry, Change)>,
    /// The entries of the holders.
    holders: BTreeMap<u32, Entry>,
    bytes: usize,
}

impl Moves {
    /// Puts an entry aside, if another entry of the files, outside of its batch, means the account that is in its way.
    /// Gives it back otherwise, or when there are more than fit into one transaction.
    pub(super) fn put_aside(
        &mut self,
        checked: &Checked,
        batch: &Probes,
        ordinal: u32,
        entry: &Entry,
        change: Change,
    ) -> Option<Change> {
        let Some(holder) = &change.holder else { return Some(change) };
        let is_near = batch.iter().any(|other| holder.is_meant_by(other.key, other.external_id));
        if is_near || !checked.index.names(change.kind, &holder.key, holder.external_id.as_deref()) || self.is_full() {
            return Some(change);
        }
        self.bytes += entry.bytes;
        self.aside.insert(ordinal, (entry.clone(), change));
        None
    }

    /// There must be room for as many holders.
    fn is_full(&self) -> bool {
        self.aside.len() >= BATCH / 2 || self.bytes >= BATCH_BYTES / 2
    }

    /// Plans what was put aside together with the holders' entries; returns the new plans with their entries, and the
    /// places of all that must be written in one transaction.
    pub(super) async fn plan<T>(
        mut self,
        target: &T,
        source: &mut Source,
        checked: &Checked,
        kind: Kind,
        intent: &Intent,
    ) -> Result<Together, T::Error>
    where
        T: Target,
        T::Error: From<UsersFileError>,
    {
        if self.aside.is_empty() {
            return Ok(Together::default());
        }
        let missing: Vec<Holder> = self.aside.values().filter_map(|(_, change)| change.holder.clone()).collect();
        let mut found = self.find(source, kind, &missing)?;
        while found.is_some() {
            let entries: BTreeMap<u32, &Entry> = self.entries().collect();
            let desired: Vec<_> = entries.values().map(|entry| &entry.desired).collect();
            let changes = target.plan(&checked.manager, &desired, intent).await?;
            // A holder may wait for a third one.
            let far = |holder: &&Holder| {
                checked.index.names(kind, &holder.key, holder.external_id.as_deref())
                    && !entries.values().any(|entry| means(entry, holder))
            };
            let missing: Vec<Holder> =
                changes.iter().filter_map(|change| change.holder.as_ref()).filter(far).cloned().collect();
            let planned: BTreeMap<u32, Change> = entries.keys().copied().zip(changes).collect();
            for (ordinal, (_, change)) in &mut self.aside {
                if let Some(planned) = planned.get(ordinal) {
                    *change = planned.clone();
                }
            }
            found = self.find(source, kind, &missing)?.filter(|found| *found > 0);
        }
        let ordinals = self.entries().map(|(ordinal, _)| ordinal).collect();
        Ok(Together {
            ordinals,
            changes: self.aside.into_iter().map(|(at, (entry, change))| (at, entry, change)).collect(),
        })
    }

    fn entries(&self) -> impl Iterator<Item = (u32, &Entry)> {
        let aside = self.aside.iter().map(|(ordinal, (entry, _))| (*ordinal, entry));
        aside.chain(self.holders.iter().map(|(ordinal, entry)| (*ordinal, entry)))
    }

    /// Reads the files again for the entries that mean these; returns how many more there are, if all fit in.
    fn find(&mut self, source: &mut Source, kind: Kind, holders: &[Holder]) -> Result<Option<usize>, UsersFileError> {
        if holders.is_empty() {
            return Ok(Some(0));
        }
        let known = self.holders.len();
        let keys: HashSet<&str> = holders.iter().map(|holder| holder.key.as_str()).collect();
        let ids: HashSet<&str> = holders.iter().filter_map(|holder| holder.external_id.as_deref()).collect();
        for (ordinal, entry) in (0_u32..).zip(source.entries(kind)?) {
            let entry = entry?;
            let is_new = !self.aside.contains_key(&ordinal) && !self.holders.contains_key(&ordinal);
            let desired = &entry.desired;
            let is_wanted = keys.contains(desired.key()) || desired.external_id().is_some_and(|id| ids.contains(id));
            if is_new && is_wanted {
                self.bytes += entry.bytes;
                if self.aside.len() + self.holders.len() >= BATCH || self.bytes > BATCH_BYTES {
                    return Ok(None);
                }
                self.holders.insert(ordinal, entry);
            }
        }
        Ok(Some(self.holders.len() - known))
    }
}

/// What has to be written in one transaction.
#[derive(Default)]
pub(super) struct Together {
    /// The places of all of it, in no order.
    pub(super) ordinals: Vec<u32>,
    /// What was put aside, and what is to be done about it, in the files' order.
    pub(super) changes: Vec<(u32, Entry, Change)>,
}

fn means(entry: &Entry, holder: &Holder) -> bool {
    holder.is_meant_by(entry.desired.key(), entry.desired.external_id())
}
