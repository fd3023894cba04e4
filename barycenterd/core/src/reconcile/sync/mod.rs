//! Diff and sync from beginning to end, on any [`Target`].
//!
//! ```text
//!   check ──► take the lease ──► compare ──► guards ──► apply, in batches ──► give the lease back
//! ```
//!
//! Everything streams: the file is read once to be checked, once to be compared and once to be applied, and of each
//! change only its place in the file and its basis are kept.

mod application;
mod comparison;
mod lease;
mod moves;
mod reading;

use std::time::Duration;

use crate::reconcile::change::{Change, Kind};
use crate::reconcile::guard::{Guards, Refusal};
use crate::reconcile::plan::Intent;
use crate::reconcile::plan::prune::Prune;
use crate::reconcile::source::{Checked, Entry, Source, UsersFileError};
use crate::reconcile::target::{Done, Lease, Target};

pub use application::Outcome;
pub use comparison::{Plan, compare};

/// How many entries are compared, or changed in one transaction, at a time.
pub const BATCH: usize = 1000;

/// How many bytes of entries go into one batch: a request must not grow with the size of its entries.
const BATCH_BYTES: usize = 4 * 1024 * 1024;

/// How many batches are compared at once: a port-forward breaks under more.
const IN_FLIGHT: usize = 4;

/// How many batches are applied at once: while one is written, the next is on its way, and its passwords are hashed.
const APPLIED_AT_ONCE: usize = 3;

/// How many conflicts and failures are kept to tell about; the others are counted.
const MOST_TOLD: usize = 100;

/// What to do when the file names what it does not own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum OnConflict {
    /// Nothing at all is applied.
    #[default]
    Fail,
    /// The rest is applied; so that nobody can stop a server from starting by registering a name.
    Skip,
}

/// What is asked of a diff or a sync.
#[derive(Debug, Clone, Default)]
pub struct Request {
    /// Which kinds; those that the file does not list are left alone.
    pub kinds: Vec<Kind>,
    /// How the file is meant.
    pub intent: Intent,
    /// What happens to what the file no longer names.
    pub prune: Prune,
}

/// How a sync is to be done.
#[derive(Debug, Clone, Default)]
pub struct Order {
    /// What is asked.
    pub request: Request,
    /// What is permitted.
    pub guards: Guards,
    /// What to do about conflicts.
    pub on_conflict: OnConflict,
    /// How long to wait for another sync to end.
    pub patience: Duration,
}

/// Hears what a diff or a sync finds and does, in the file's order. An error ends it.
pub trait Observer<E> {
    /// A change or a conflict was found; `entry` is where it stands in the files, if it does.
    ///
    /// # Errors
    /// Whatever ends the comparison.
    fn change(&mut self, _change: &Change, _entry: Option<&Entry>) -> Result<(), E> {
        Ok(())
    }

    /// The comparison is done; what follows is carried out unless a guard or a conflict forbids it.
    ///
    /// # Errors
    /// Whatever ends the sync.
    fn planned(&mut self, _plan: &Plan) -> Result<(), E> {
        Ok(())
    }

    /// So many of the plan's steps are done, and so many could not be done.
    ///
    /// # Errors
    /// Whatever ends the sync.
    fn progress(&mut self, _done: u64, _failed: u64) -> Result<(), E> {
        Ok(())
    }

    /// One thing was done, or could not be.
    ///
    /// # Errors
    /// Whatever ends the sync.
    fn item(&mut self, _item: &Item<'_>) -> Result<(), E> {
        Ok(())
    }
}

/// Nobody listens.
impl<E> Observer<E> for () {}

/// What became of one step.
#[derive(Debug)]
pub enum Item<'a> {
    /// It was done.
    Done {
        /// What it is.
        kind: Kind,
        /// How the file calls it.
        key: &'a str,
        /// What was done.
        done: &'a Done,
    },
    /// It could not be done.
    Failed(&'a Change),
}

/// How a sync ended.
#[derive(Debug)]
pub enum Verdict {
    /// There was nothing to do.
    Clean(Plan),
    /// Conflicts stand in the way: nothing was changed.
    Conflicts(Plan),
    /// A guard stood in the way: nothing was changed.
    Refused(Plan, Refusal),
    /// Somebody else is syncing for this manager: nothing was changed.
    Busy(String),
    /// It was carried out, as far as the outcome says.
    Done(Plan, Outcome),
}

/// Makes what is there match the files.
///
/// # Errors
/// When the target fails, or a file cannot be read again; batches that were applied before stay.
pub async fn run<T>(
    target: &T,
    source: &mut Source,
    checked: &Checked,
    order: &Order,
    lease: &Lease,
    observer: &mut impl Observer<T::Error>,
) -> Result<Verdict, T::Error>
where
    T: Target,
    T::Error: From<UsersFileError>,
{
    if let Some(holder) = lease::take(target, lease, order.patience).await? {
        return Ok(Verdict::Busy(holder));
    }
    let work = async {
        let mut plan = compare(target, source, checked, &order.request, observer).await?;
        observer.planned(&plan)?;
        if plan.counts.conflict > 0 && order.on_conflict == OnConflict::Fail {
            return Ok(Verdict::Conflicts(plan));
        }
        if let Err(refusal) = plan.guard(&order.guards, checked, order.request.prune) {
            return Ok(Verdict::Refused(plan, refusal));
        }
        if plan.steps() == 0 && plan.counts.conflict == 0 {
            return Ok(Verdict::Clean(plan));
        }
        let outcome = application::apply(target, source, &mut plan, &order.request, lease, observer).await?;
        Ok(if plan.counts.is_clean() { Verdict::Clean(plan) } else { Verdict::Done(plan, outcome) })
    };
    let verdict = lease::holding(target, lease, work).await;
    // It ends by itself otherwise: that it could not be given back is no failure of the sync.
    let _ = target.give_back(lease).await;
    verdict
}
