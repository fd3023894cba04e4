//! Comparing files with what is there: probes first, then plans of what may differ; and the plan that comes of it.

use aws_lc_rs::digest::{Context, SHA256};
use futures_util::StreamExt as _;

use crate::model::{Manager, Timestamp};
use crate::reconcile::change::{Basis, Change, Counts, Kind, Operation};
use crate::reconcile::guard::{Guards, Refusal};
use crate::reconcile::plan::prune::Prune;
use crate::reconcile::plan::{Import, Intent, client, user};
use crate::reconcile::probe::Probes;
use crate::reconcile::source::{Checked, Desired, Entry, Source, UsersFileError};
use crate::reconcile::sync::moves::{Moves, Together};
use crate::reconcile::sync::reading::{EntryBatch, Reading, entry_batches};
use crate::reconcile::sync::{BATCH, IN_FLIGHT, MOST_TOLD, Observer, Request};
use crate::reconcile::target::{Compared, Managed, PlannedPrune, Standing, Target};

/// One change of a plan: which entry, and what it was planned against.
#[derive(Debug, Clone, Copy)]
pub(super) struct Step {
    pub(super) ordinal: u32,
    pub(super) basis: Basis,
}

/// What a file comes to, compared with what is there.
#[derive(Debug, Default)]
pub struct Plan {
    /// Twelve hexadecimal digits: the same again only if the same would be done to the same state.
    pub id: String,
    /// How many of what.
    pub counts: Counts,
    /// How much the manager owns, for each kind.
    pub managed: [Managed; 2],
    /// The first conflicts.
    pub conflicts: Vec<Change>,
    /// How many passwords have to be hashed.
    pub passwords: u64,
    /// How many steps only note what the file declares, and change nothing.
    pub(super) stale: u64,
    pub(super) steps: [Vec<Step>; 2],
    /// The places of users among which names or addresses move: they are written in one transaction.
    pub(super) together: Vec<u32>,
    pub(super) prunes: Vec<PlannedPrune>,
}

impl Plan {
    /// Returns the keys of what is pruned.
    pub fn pruned(&self) -> impl Iterator<Item = &PlannedPrune> {
        self.prunes.iter()
    }

    /// Returns how much of a kind the manager owns.
    fn of(&self, kind: Kind) -> Managed {
        self.managed.get(kind as usize).copied().unwrap_or_default()
    }

    /// Returns how many things are written, silent notes included.
    #[must_use]
    pub fn steps(&self) -> u64 {
        (self.steps.iter().map(Vec::len).sum::<usize>() + self.prunes.len()) as u64
    }

    /// Refuses a plan that nobody can have meant.
    ///
    /// # Errors
    /// The first guard that it meets.
    pub fn guard(&self, guards: &Guards, checked: &Checked, prune: Prune) -> Result<(), Refusal> {
        let manager = || checked.manager.clone();
        for kind in Kind::ALL {
            let count = self.prunes.iter().filter(|one| one.kind == kind).count() as u64;
            let managed = self.of(kind).total;
            if count > 0 && checked.index.count(kind) == 0 && !guards.allow_empty {
                return Err(Refusal::Empty { kind, managed, manager: manager() });
            }
            if count > guards.max_prune.of(managed) {
                let verb = if prune == Prune::Delete { "delete" } else { "disable" };
                return Err(Refusal::TooMany {
                    verb,
                    kind,
                    count,
                    managed,
                    manager: manager(),
                    limit: guards.max_prune,
                });
            }
        }
        match &guards.expect {
            Some(expected) if *expected != self.id => {
                Err(Refusal::OtherPlan { expected: expected.clone(), found: self.id.clone() })
            }
            _ => Ok(()),
        }
    }
}

/// One batch that has been compared.
struct Answer {
    probes: Probes,
    /// Those that are more than noted, in their order, each with its place in the files.
    changed: Vec<(u32, Entry, Change)>,
    unchanged: u64,
    owned: u64,
    owned_enabled: u64,
}

/// Compares files with what is there; changes nothing.
///
/// # Errors
/// When the target fails, a file cannot be read again, or the observer has enough.
pub async fn compare<T>(
    target: &T,
    source: &mut Source,
    checked: &Checked,
    request: &Request,
    observer: &mut impl Observer<T::Error>,
) -> Result<Plan, T::Error>
where
    T: Target,
    T::Error: From<UsersFileError>,
{
    let mut plan = Plan::default();
    let mut digest = Context::new(&SHA256);
    digest.update(format!("{} {request:?}", checked.manager).as_bytes());
    for kind in wanted(checked, request) {
        let owned = compare_entries(target, source, checked, request, kind, &mut plan, &mut digest, observer).await?;
        if request.intent.import != Import::No {
            continue;
        }
        let managed = target.managed(&checked.manager, kind).await?;
        if let Some(slot) = plan.managed.get_mut(kind as usize) {
            *slot = managed;
        }
        let left = managed.total.saturating_sub(owned.total);
        if left > 0 && request.prune != Prune::Keep {
            compare_left(target, checked, request, kind, &mut plan, &mut digest, observer).await?;
        } else {
            plan.counts.no_longer_in_file += managed.enabled.saturating_sub(owned.enabled);
        }
    }
    let digest = digest.finish();
    plan.id = digest.as_ref().iter().take(6).map(|byte| format!("{byte:02x}")).collect();
    Ok(plan)
}

/// The kinds that are asked for and that the files list.
fn wanted(checked: &Checked, request: &Request) -> impl Iterator<Item = Kind> {
    Kind::ALL.into_iter().filter(|kind| checked.kinds.contains(kind) && request.kinds.contains(kind))
}

#[expect(clippy::too_many_arguments, reason = "one step of a comparison, which has all of these in hand")]
async fn compare_entries<T>(
    target: &T,
    source: &mut Source,
    checked: &Checked,
    request: &Request,
    kind: Kind,
    plan: &mut Plan,
    digest: &mut Context,
    observer: &mut impl Observer<T::Error>,
) -> Result<Managed, T::Error>
where
    T: Target,
    T::Error: From<UsersFileError>,
{
    let mut owned = Managed::default();
    let mut moves = Moves::default();
    let ask = |batch: Result<EntryBatch, UsersFileError>| async move {
        compare_batch(target, &checked.manager, kind, batch?, &request.intent).await
    };
    let mut reading = Reading::begin(source, move |source, batches| entry_batches(source, kind, batches));
    let mut answers = reading.pieces().map(ask).buffered(IN_FLIGHT);
    while let Some(answer) = answers.next().await {
        let Answer { probes, changed, unchanged, owned: these, owned_enabled } = answer?;
        owned.total += these;
        owned.enabled += owned_enabled;
        plan.counts.unchanged += unchanged;
        for (ordinal, entry, change) in changed {
            if let Some(change) = moves.put_aside(checked, &probes, ordinal, &entry, change) {
                record(plan, digest, ordinal, &entry, change, observer)?;
            }
        }
    }
    drop(answers);
    reading.end(source).await;
    let Together { ordinals, changes } = moves.plan(target, source, checked, kind, &request.intent).await?;
    plan.together.extend(ordinals);
    for (ordinal, entry, change) in changes {
        record(plan, digest, ordinal, &entry, change, observer)?;
    }
    plan.together.sort_unstable();
    plan.steps.iter_mut().for_each(|steps| steps.sort_unstable_by_key(|step| step.ordinal));
    Ok(owned)
}

/// Notes what happens to one entry.
fn record<E>(
    plan: &mut Plan,
    digest: &mut Context,
    ordinal: u32,
    entry: &Entry,
    change: Change,
    observer: &mut impl Observer<E>,
) -> Result<(), E> {
    plan.counts.record(change.operation);
    if change.operation.is_change() || change.stale {
        let steps = plan.steps.get_mut(change.kind as usize);
        steps.into_iter().for_each(|steps| steps.push(Step { ordinal, basis: change.basis }));
    }
    if change.operation == Operation::Unchanged {
        plan.stale += u64::from(change.stale);
        return Ok(());
    }
    plan.passwords += u64::from(change.sets_secret() && entry.desired.has_plain_password());
    note(plan, digest, &change);
    observer.change(&with_source(change, &entry.desired), Some(entry))
}

/// Asks about one batch: first which entries may differ, then what about them.
async fn compare_batch<T>(
    target: &T,
    manager: &Manager,
    kind: Kind,
    EntryBatch { first, texts, probes }: EntryBatch,
    intent: &Intent,
) -> Result<Answer, T::Error>
where
    T: Target,
    T::Error: From<UsersFileError>,
{
    let Compared { standings, owned, owned_enabled } = target.compare(manager, kind, &probes, intent).await?;
    let others = (first..).zip(texts).zip(&standings).filter(|(_, standing)| **standing != Standing::Same);
    let others = others.map(|((ordinal, text), standing)| Ok((ordinal, text.read()?, *standing)));
    let others: Vec<(u32, Entry, Standing)> = others.collect::<Result<_, UsersFileError>>()?;
    let unknown: Vec<&Desired> = others
        .iter()
        .filter(|(_, _, standing)| *standing == Standing::Other)
        .map(|(_, entry, _)| &entry.desired)
        .collect();
    let planned = if unknown.is_empty() { Vec::new() } else { target.plan(manager, &unknown, intent).await? };
    let mut planned = planned.into_iter();
    let changed: Vec<_> = others
        .into_iter()
        .filter_map(|(ordinal, entry, standing)| {
            let change =
                if standing == Standing::Absent { Some(creation(&entry.desired, manager)) } else { planned.next() };
            change.map(|change| (ordinal, entry, change))
        })
        .collect();
    let unchanged = (probes.len() - changed.len()) as u64;
    Ok(Answer { probes, changed, unchanged, owned, owned_enabled })
}

/// Plans what needs no look at what is there.
fn creation(desired: &Desired, manager: &Manager) -> Change {
    // The time of creation is part of no plan.
    let now = Timestamp::from_unix(0);
    match desired {
        Desired::User(desired) => user::creation(desired, manager, now),
        Desired::Client(desired) => client::creation(desired, manager, now),
    }
}

/// Notes a change in the plan and in its id.
fn note(plan: &mut Plan, digest: &mut Context, change: &Change) {
    digest.update(&[change.kind as u8, change.operation as u8]);
    digest.update(change.key.as_bytes());
    digest.update(change.basis.as_bytes());
    if change.operation == Operation::Conflict && plan.conflicts.len() < MOST_TOLD {
        plan.conflicts.push(change.clone());
    }
}

/// Says where a secret comes from, where it does not stand in the file.
fn with_source(mut change: Change, desired: &Desired) -> Change {
    let Some(source) = desired.secret_source() else { return change };
    for field in &mut change.fields {
        if let Some(serde_json::Value::Object(after)) = &mut field.after
            && after.contains_key("secret")
        {
            after.insert("source".to_owned(), source.into());
        }
    }
    change
}

/// Plans what happens to what the manager owns and the files no longer name.
async fn compare_left<T: Target>(
    target: &T,
    checked: &Checked,
    request: &Request,
    kind: Kind,
    plan: &mut Plan,
    digest: &mut Context,
    observer: &mut impl Observer<T::Error>,
) -> Result<(), T::Error> {
    let mut after = None;
    loop {
        let page = target.owned(&checked.manager, kind, after.as_deref()).await?;
        let is_last = page.len() < BATCH;
        after = page.last().map(|owned| owned.key.clone());
        let left = page.iter().filter(|owned| !checked.index.names(kind, &owned.key, owned.external_id.as_deref()));
        let ids: Vec<&str> = left.map(|owned| owned.id.as_str()).collect();
        if !ids.is_empty() {
            let changes = target.plan_prune(&checked.manager, kind, &ids, request.prune).await?;
            for (id, change) in ids.into_iter().zip(changes) {
                if change.operation == Operation::Unchanged {
                    continue;
                }
                plan.counts.record(change.operation);
                if change.operation.is_prune() {
                    let (key, basis) = (change.key.clone(), change.basis);
                    plan.prunes.push(PlannedPrune { kind, id: id.to_owned(), key, basis });
                }
                note(plan, digest, &change);
                observer.change(&change, None)?;
            }
        }
        if is_last {
            return Ok(());
        }
    }
}
