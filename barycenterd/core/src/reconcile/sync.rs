//! Diff and sync from beginning to end, on any [`Target`]: the database itself, or the admin API.

use std::future::Future;

use crate::model::Manager;
use crate::reconcile::plan::{Adoption, Change, Operation};
use crate::reconcile::reconciler::{Applied, PlannedUser};
use crate::reconcile::users_file::{DesiredUser, UsersFile};

/// How many users are planned, or changed in one transaction, at a time.
pub const BATCH: usize = 1000;

/// Where users are compared and changed.
pub trait Target {
    /// What can go wrong besides conflicts.
    type Error;

    /// Says what would happen to these users (at most [`BATCH`]), one change each, in their order.
    fn plan(
        &self,
        manager: &Manager,
        users: &[DesiredUser],
        adoption: &Adoption,
    ) -> impl Future<Output = Result<Vec<Change>, Self::Error>>;

    /// Does it, in one transaction: all or nothing.
    fn apply(
        &self,
        manager: &Manager,
        entries: &[PlannedUser],
        adoption: &Adoption,
    ) -> impl Future<Output = Result<Applied, Self::Error>>;

    /// Returns how many users the manager owns.
    fn managed_count(&self, manager: &Manager) -> impl Future<Output = Result<u64, Self::Error>>;
}

/// What to do when the file names accounts that it does not own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OnConflict {
    /// Nothing at all is applied.
    Fail,
    /// The rest is applied; so that nobody can stop a server from starting by registering a name.
    Skip,
}

/// A file compared with what is there.
#[derive(Debug, Clone)]
pub struct Comparison {
    /// Creates, updates and conflicts, in the file's order.
    pub changes: Vec<Change>,
    /// How many users are as the file wants them.
    pub unchanged: usize,
    /// How many users the manager owns that the file does not name.
    pub no_longer_in_file: u64,
}

impl Comparison {
    /// Returns how many changes are of this kind.
    #[must_use]
    pub fn count(&self, operation: Operation) -> usize {
        self.changes.iter().filter(|change| change.operation == operation).count()
    }

    /// Returns whether the file and the store agree.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        self.changes.is_empty()
    }
}

/// What a sync has done.
#[derive(Debug)]
pub enum Outcome {
    /// There was nothing to do.
    Clean(Comparison),
    /// Conflicts stand in the way: nothing was written.
    Refused(Comparison),
    /// Done; the comparison holds what was done, and the conflicts that were skipped.
    Done(Comparison),
    /// A later batch was refused because somebody changed its users meanwhile; `done` is what earlier batches did.
    Interrupted {
        /// What was applied.
        done: Vec<Change>,
        /// What stands in the way now.
        refused: Vec<Change>,
    },
}

/// Compares a file with what is there.
///
/// # Errors
/// When the target fails.
pub async fn compare<T: Target>(target: &T, file: &UsersFile, adoption: &Adoption) -> Result<Comparison, T::Error> {
    let mut changes = Vec::new();
    let (mut unchanged, mut owned) = (0, 0_u64);
    for batch in file.users.chunks(BATCH) {
        for change in target.plan(&file.manager, batch, adoption).await? {
            owned += u64::from(change.owned);
            if change.operation == Operation::Unchanged {
                unchanged += 1;
            } else {
                changes.push(change);
            }
        }
    }
    let managed = target.managed_count(&file.manager).await?;
    Ok(Comparison { changes, unchanged, no_longer_in_file: managed.saturating_sub(owned) })
}

/// Makes what is there match a file. Up to [`BATCH`] changes are one transaction; more go in several, and a rerun
/// converges.
///
/// # Errors
/// When the target fails; batches that were applied before stay.
pub async fn sync<T: Target>(
    target: &T,
    file: &UsersFile,
    adoption: &Adoption,
    on_conflict: OnConflict,
) -> Result<Outcome, T::Error> {
    let mut waiting = Vec::new();
    let mut comparison = Comparison { changes: Vec::new(), unchanged: 0, no_longer_in_file: 0 };
    let mut owned = 0_u64;
    for batch in file.users.chunks(BATCH) {
        for (user, change) in batch.iter().zip(target.plan(&file.manager, batch, adoption).await?) {
            owned += u64::from(change.owned);
            match change.operation {
                Operation::Conflict => comparison.changes.push(change),
                Operation::Unchanged => comparison.unchanged += 1,
                Operation::Create | Operation::Update => {
                    waiting.push(PlannedUser { user: user.clone(), basis: change.basis.clone() });
                    comparison.changes.push(change);
                }
            }
        }
    }
    comparison.no_longer_in_file = target.managed_count(&file.manager).await?.saturating_sub(owned);
    let conflicts = comparison.count(Operation::Conflict);
    if conflicts > 0 && on_conflict == OnConflict::Fail {
        return Ok(Outcome::Refused(comparison));
    }
    if comparison.is_clean() {
        return Ok(Outcome::Clean(comparison));
    }
    let mut done = Vec::new();
    for batch in waiting.chunks(BATCH) {
        match target.apply(&file.manager, batch, adoption).await? {
            Applied::Done(changes) => done.extend(changes),
            Applied::Refused(refused) => return Ok(Outcome::Interrupted { done, refused }),
        }
    }
    // Where another sync got there first with the same result, there was nothing left to do.
    comparison.unchanged += done.iter().filter(|change| change.operation == Operation::Unchanged).count();
    comparison.changes.retain(|change| change.operation == Operation::Conflict);
    comparison.changes.extend(done.into_iter().filter(|change| change.operation != Operation::Unchanged));
    Ok(if comparison.is_clean() { Outcome::Clean(comparison) } else { Outcome::Done(comparison) })
}
