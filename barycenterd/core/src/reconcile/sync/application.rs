//! Carrying out a plan, batch by batch.

use std::collections::HashSet;

use futures_util::StreamExt as _;

use crate::reconcile::change::{Change, Counts, Kind, Operation};
use crate::reconcile::source::{Entry, Source, UsersFileError};
use crate::reconcile::sync::comparison::{Plan, Step};
use crate::reconcile::sync::reading::{Pieces, Reading};
use crate::reconcile::sync::{APPLIED_AT_ONCE, BATCH, BATCH_BYTES, Item, MOST_TOLD, Observer, Request};
use crate::reconcile::target::{Applied, Batch, Done, Lease, PlannedEntry, Target};

/// What a sync has done.
#[derive(Debug, Default)]
pub struct Outcome {
    /// How many of what was done; conflicts that were skipped among them.
    pub counts: Counts,
    /// What could not be done: the first of it.
    pub failures: Vec<Change>,
    /// How much could not be done.
    pub failed: u64,
    /// How much was not tried because something failed before: prunes, or everything.
    pub left: u64,
    /// Whether somebody else took the lease: nothing more could be written.
    pub lease_lost: bool,
}

/// Carries out a plan. Up to [`BATCH`] changes are one transaction: all or nothing; more go in several, creates and
/// updates before prunes, and a rerun converges.
///
/// # Errors
/// When the target fails; batches that were applied before stay.
pub(super) async fn apply<T>(
    target: &T,
    source: &mut Source,
    plan: &mut Plan,
    request: &Request,
    lease: &Lease,
    observer: &mut impl Observer<T::Error>,
) -> Result<Outcome, T::Error>
where
    T: Target,
    T::Error: From<UsersFileError>,
{
    // Steps that only note something are counted when they are taken.
    let unchanged = plan.counts.unchanged - plan.stale;
    let kept = Counts { unchanged, conflict: plan.counts.conflict, ..Counts::default() };
    let mut outcome =
        Outcome { counts: Counts { no_longer_in_file: plan.counts.no_longer_in_file, ..kept }, ..Outcome::default() };
    let all_or_nothing = plan.steps() <= BATCH as u64;
    let mut run = Run { target, request, lease, observer, outcome: &mut outcome, done: 0, all_or_nothing };
    let (steps, together) = (std::mem::take(&mut plan.steps), std::mem::take(&mut plan.together));
    let mut reading = Reading::begin(source, move |source, batches| match read(source, steps, &together, batches) {
        Ok(rest) => rest,
        Err(error) => {
            // Nobody listens to a sync that has ended.
            let _ = batches.blocking_send(Err(error));
            Batch::default()
        }
    });
    let attempt = |batch: Result<Batch, UsersFileError>| async move {
        let batch = batch?;
        let applied = target.apply(lease, &batch, &request.intent, request.prune).await?;
        Ok::<_, T::Error>((batch, applied))
    };
    let mut attempts = reading.pieces().map(attempt).buffered(APPLIED_AT_ONCE);
    while let Some(attempt) = attempts.next().await {
        let (batch, applied) = attempt?;
        run.settle(batch, applied).await?;
    }
    drop(attempts);
    // What is left of the entries, and then what the file no longer names.
    let mut batch = reading.end(source).await;
    for prunes in plan.prunes.chunks(BATCH) {
        let (together, rest) = prunes.split_at(prunes.len().min(BATCH - batch.len()));
        batch.prunes.extend_from_slice(together);
        if batch.len() == BATCH {
            run.apply(std::mem::take(&mut batch)).await?;
        }
        batch.prunes.extend_from_slice(rest);
    }
    run.apply(batch).await?;
    Ok(outcome)
}

/// Reads the entries of all steps; hands full batches over and returns the rest.
fn read(
    source: &mut Source,
    steps: [Vec<Step>; 2],
    together: &[u32],
    batches: &Pieces<Batch>,
) -> Result<Batch, UsersFileError> {
    let mut batch = Batch::default();
    let mut bytes = 0;
    let [users, clients] = steps;
    let (together, users): (Vec<Step>, Vec<Step>) =
        users.into_iter().partition(|step| together.binary_search(&step.ordinal).is_ok());
    for (kind, steps) in [(Kind::User, together), (Kind::User, users), (Kind::Client, clients)] {
        if steps.is_empty() {
            continue;
        }
        let mut steps = steps.into_iter().peekable();
        for (ordinal, text) in (0_u32..).zip(source.texts(kind)?) {
            let text = text?;
            let Some(step) = steps.next_if(|step| step.ordinal == ordinal) else {
                if steps.peek().is_none() {
                    break;
                }
                continue;
            };
            let Entry { desired, bytes: length, .. } = text.read()?;
            batch.entries.push(PlannedEntry { desired, basis: step.basis });
            bytes += length;
            if batch.len() == BATCH || bytes > BATCH_BYTES {
                bytes = 0;
                if batches.blocking_send(Ok(std::mem::take(&mut batch))).is_err() {
                    return Ok(Batch::default());
                }
            }
        }
    }
    Ok(batch)
}

/// A sync that is being carried out.
struct Run<'a, T, P> {
    target: &'a T,
    request: &'a Request,
    lease: &'a Lease,
    observer: &'a mut P,
    outcome: &'a mut Outcome,
    done: u64,
    /// Whether one refusal refuses everything.
    all_or_nothing: bool,
}

impl<T: Target, P: Observer<T::Error>> Run<'_, T, P> {
    /// Applies one batch.
    async fn apply(&mut self, mut batch: Batch) -> Result<(), T::Error> {
        self.leave_prunes(&mut batch);
        if batch.is_empty() || self.outcome.lease_lost {
            self.outcome.left += batch.len() as u64;
            return Ok(());
        }
        let Request { intent, prune, .. } = self.request;
        let applied = self.target.apply(self.lease, &batch, intent, *prune).await?;
        self.settle(batch, applied).await
    }

    /// Notes what became of a batch; what is refused is left out, and the rest is tried again.
    async fn settle(&mut self, mut batch: Batch, mut applied: Applied) -> Result<(), T::Error> {
        loop {
            match applied {
                Applied::Done(done) => return self.record(&batch, &done),
                Applied::LeaseLost => {
                    self.outcome.lease_lost = true;
                    self.outcome.left += batch.len() as u64;
                    return Ok(());
                }
                Applied::Refused(refused) => {
                    self.leave_refused(&mut batch, &refused)?;
                    if self.all_or_nothing || refused.is_empty() {
                        self.outcome.left += batch.len() as u64;
                        return Ok(());
                    }
                }
            }
            self.leave_prunes(&mut batch);
            if batch.is_empty() {
                return Ok(());
            }
            let Request { intent, prune, .. } = self.request;
            applied = self.target.apply(self.lease, &batch, intent, *prune).await?;
        }
    }

    /// Leaves out what the file no longer names, until everything that it names is there.
    fn leave_prunes(&mut self, batch: &mut Batch) {
        if self.outcome.failed > 0 {
            self.outcome.left += batch.prunes.len() as u64;
            batch.prunes.clear();
        }
    }

    /// Leaves out what was refused.
    fn leave_refused(&mut self, batch: &mut Batch, refused: &[(usize, Change)]) -> Result<(), T::Error> {
        for (_, change) in refused {
            self.outcome.failed += 1;
            if self.outcome.failures.len() < MOST_TOLD {
                self.outcome.failures.push(change.clone());
            }
            self.observer.item(&Item::Failed(change))?;
        }
        let refused: HashSet<usize> = refused.iter().map(|(index, _)| *index).collect();
        let first_prune = batch.entries.len();
        let mut index = 0..;
        batch.entries.retain(|_| !index.next().is_some_and(|index| refused.contains(&index)));
        let mut index = first_prune..;
        batch.prunes.retain(|_| !index.next().is_some_and(|index| refused.contains(&index)));
        Ok(())
    }

    fn record(&mut self, batch: &Batch, done: &[Done]) -> Result<(), T::Error> {
        let entries = batch.entries.iter().map(|entry| (entry.desired.kind(), entry.desired.name()));
        let prunes = batch.prunes.iter().map(|prune| (prune.kind, prune.key.as_str()));
        for ((kind, key), done) in entries.chain(prunes).zip(done) {
            self.outcome.counts.record(done.operation);
            if done.operation != Operation::Unchanged {
                self.observer.item(&Item::Done { kind, key, done })?;
            }
        }
        self.done += batch.len() as u64;
        self.observer.progress(self.done, self.outcome.failed)
    }
}
