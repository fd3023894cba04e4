//! Where users and clients are compared and changed: the database itself, or the admin API. The same questions, the
//! same answers.

use std::future::Future;

use crate::model::Manager;
use crate::reconcile::change::{Basis, Change, Kind, Operation};
use crate::reconcile::plan::Intent;
use crate::reconcile::plan::prune::Prune;
use crate::reconcile::probe::Probes;
use crate::reconcile::source::Desired;
use crate::secret::random_bytes;

/// What a probe has found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// It is as its file left it, and the file has not changed.
    Same,
    /// There is none, and nothing stands in the way of a new one.
    Absent,
    /// Something may differ: it has to be planned.
    Other,
}

/// What many probes have found.
#[derive(Debug, Clone, Default)]
pub struct Compared {
    /// One for each probe.
    pub standings: Vec<Standing>,
    /// How many of them the manager owns.
    pub owned: u64,
    /// How many of those may be used.
    pub owned_enabled: u64,
}

/// How much a manager owns.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Managed {
    /// All of them.
    pub total: u64,
    /// Those that may be used.
    pub enabled: u64,
}

/// One that a manager owns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Owned {
    /// Its id.
    pub id: String,
    /// The folded username, or the client id.
    pub key: String,
    /// The stable key.
    pub external_id: Option<String>,
}

/// An entry and what its change was planned against.
#[derive(Debug, Clone)]
pub struct PlannedEntry {
    /// What the file wants.
    pub desired: Desired,
    /// What was there when the change was planned.
    pub basis: Basis,
}

/// Something to prune, and what that was planned against.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlannedPrune {
    /// What it is.
    pub kind: Kind,
    /// Its id.
    pub id: String,
    /// How messages call it.
    pub key: String,
    /// What was there when it was planned.
    pub basis: Basis,
}

/// What is written in one transaction.
#[derive(Debug, Clone, Default)]
pub struct Batch {
    /// Creates and updates.
    pub entries: Vec<PlannedEntry>,
    /// What the file no longer names.
    pub prunes: Vec<PlannedPrune>,
}

impl Batch {
    /// Returns how many changes it holds.
    #[must_use]
    pub fn len(&self) -> usize {
        self.entries.len() + self.prunes.len()
    }

    /// Returns whether it holds none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// What was done about one entry or prune.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Done {
    /// What was done; `Unchanged`: another sync got there first, with the same result.
    pub operation: Operation,
    /// The id.
    pub id: String,
}

/// What became of a batch.
#[derive(Debug)]
pub enum Applied {
    /// Everything was done: entries in their order, then prunes in theirs.
    Done(Vec<Done>),
    /// Nothing was written; these, by their place in the batch, cannot be done.
    Refused(Vec<(usize, Change)>),
    /// Nothing was written: the lease has ended, and somebody else may be syncing.
    LeaseLost,
}

/// Who syncs, on behalf of which file.
#[derive(Debug, Clone)]
pub struct Lease {
    /// Whose things are synced.
    pub manager: Manager,
    /// Who does it: unique to this run.
    pub holder: String,
}

impl Lease {
    /// Returns a lease for one run; `who` says to others who that is.
    #[must_use]
    pub fn new(manager: Manager, who: &str) -> Self {
        let nonce = u32::from_be_bytes(random_bytes());
        Self { manager, holder: format!("{who}, run {nonce:08x}") }
    }
}

/// How long a lease lasts that nobody renews, in seconds.
pub const LEASE_SECONDS: i64 = 10;

/// Where things are compared and changed.
pub trait Target {
    /// What can go wrong besides conflicts.
    type Error;

    /// Says which of these (at most [`super::BATCH`]) would change nothing.
    fn compare(
        &self,
        manager: &Manager,
        kind: Kind,
        probes: &Probes,
        intent: &Intent,
    ) -> impl Future<Output = Result<Compared, Self::Error>>;

    /// Says what would happen to these (at most [`super::BATCH`], one kind), one change each, in their order.
    fn plan(
        &self,
        manager: &Manager,
        entries: &[&Desired],
        intent: &Intent,
    ) -> impl Future<Output = Result<Vec<Change>, Self::Error>>;

    /// Says what pruning these would mean, one change each, in their order.
    fn plan_prune(
        &self,
        manager: &Manager,
        kind: Kind,
        ids: &[&str],
        prune: Prune,
    ) -> impl Future<Output = Result<Vec<Change>, Self::Error>>;

    /// Does it, in one transaction: all or nothing.
    fn apply(
        &self,
        lease: &Lease,
        batch: &Batch,
        intent: &Intent,
        prune: Prune,
    ) -> impl Future<Output = Result<Applied, Self::Error>>;

    /// Returns how much the manager owns.
    fn managed(&self, manager: &Manager, kind: Kind) -> impl Future<Output = Result<Managed, Self::Error>>;

    /// Returns what the manager owns, by key, behind `after`: a page of at most [`super::BATCH`].
    fn owned(
        &self,
        manager: &Manager,
        kind: Kind,
        after: Option<&str>,
    ) -> impl Future<Output = Result<Vec<Owned>, Self::Error>>;

    /// Takes or renews the lease; returns who has it if somebody else does.
    fn take_lease(&self, lease: &Lease) -> impl Future<Output = Result<Option<String>, Self::Error>>;

    /// Gives the lease back.
    fn give_back(&self, lease: &Lease) -> impl Future<Output = Result<(), Self::Error>>;
}
