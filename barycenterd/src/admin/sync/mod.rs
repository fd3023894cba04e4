//! The sync operations: the admin API's side of `baryctl diff` and `sync`.
//!
//! The resolvers check entries with the reader that checks users files, and call the functions that
//! `baryctl --direct` calls: what a file means does not depend on the way it takes.

mod answer;

use std::sync::Arc;

use async_graphql::{Context, ErrorExtensions as _, ID, Object, Result};
use barycenter_core::model::{Manager, Username};
use barycenter_core::reconcile::source::parse_entries;
use barycenter_core::reconcile::{
    Adoption, Applied, BATCH, Desired, Fault, Intent, Kind, Lease, Probes, Standing, Target as _, wire,
};

use crate::admin::error::{bad_input, failed, reconciling_failed};
use crate::admin::limits::{page_cost, page_size};
use crate::admin::scalar::Lines;
use crate::admin::sync::answer::{
    ApplyEntriesInput, ApplyEntriesPayload, Change, CompareEntriesInput, ComparedEntries, EntriesApplied,
    EntriesRefused, EntryKind, IntentInput, ManagedCount, OwnedEntry, PlanEntriesInput, PlanPruneInput, RefusedChange,
    SyncLease, SyncLeaseLost, SyncRun,
};
use crate::app::App;

/// Queries about what a sync would do.
#[derive(Default)]
pub(super) struct SyncQuery;

#[Object]
impl SyncQuery {
    /// How much a manager owns: what is left after matching a file is no longer in the file.
    async fn managed_count(&self, context: &Context<'_>, manager: String, kind: EntryKind) -> Result<ManagedCount> {
        let app = context.data::<Arc<App>>()?;
        let managed = app.reconciler.managed(&Manager::new(manager), kind.into()).await;
        let managed = managed.map_err(|error| reconciling_failed(context, &error))?;
        Ok(ManagedCount { total: managed.total, enabled: managed.enabled })
    }

    /// What a manager owns, in the order of the keys, behind `after`: at most 1,000.
    #[graphql(complexity = "BATCH + child_complexity")]
    async fn owned_entries(
        &self,
        context: &Context<'_>,
        manager: String,
        kind: EntryKind,
        after: Option<String>,
    ) -> Result<Vec<OwnedEntry>> {
        let app = context.data::<Arc<App>>()?;
        let owned = app.reconciler.owned(&Manager::new(manager), kind.into(), after.as_deref()).await;
        let owned = owned.map_err(|error| reconciling_failed(context, &error))?;
        let entry = owned.into_iter().map(|one| OwnedEntry {
            id: ID::from(one.id),
            key: one.key,
            external_id: one.external_id,
        });
        Ok(entry.collect())
    }

    /// The last syncs that the daemon itself has done, newest first. Those that changed nothing are not among them.
    #[graphql(complexity = "page_cost(first, child_complexity)")]
    async fn sync_runs(&self, context: &Context<'_>, #[graphql(default = 20)] first: i32) -> Result<Vec<SyncRun>> {
        let app = context.data::<Arc<App>>()?;
        let runs = app.store.sync_runs().last(page_size(first)).await.map_err(|error| failed(context, &error))?;
        Ok(runs.into_iter().map(SyncRun::from).collect())
    }

    /// Which entries would change nothing, by digest. Passwords are compared by fingerprint and never returned.
    async fn compare_entries(&self, context: &Context<'_>, input: CompareEntriesInput) -> Result<ComparedEntries> {
        let app = context.data::<Arc<App>>()?;
        let probes = Probes::from_lines(input.probes.into_secret()).map_err(bad_input)?;
        refuse_too_many(probes.len())?;
        let intent = intent(&input.intent)?;
        let compared = app.reconciler.compare(&Manager::new(input.manager), input.kind.into(), &probes, &intent).await;
        let compared = compared.map_err(|error| reconciling_failed(context, &error))?;
        let places = |wanted: Standing| {
            let found = compared.standings.iter().enumerate().filter(|(_, standing)| **standing == wanted);
            found.map(|(index, _)| index).collect()
        };
        Ok(ComparedEntries {
            absent: places(Standing::Absent),
            other: places(Standing::Other),
            owned: compared.owned,
            owned_enabled: compared.owned_enabled,
        })
    }

    /// What `applyEntries` would do with these entries, one change each.
    async fn plan_entries(&self, context: &Context<'_>, input: PlanEntriesInput) -> Result<Vec<Change>> {
        let app = context.data::<Arc<App>>()?;
        let entries = read(input.kind.into(), input.entries.text())?;
        let entries: Vec<&Desired> = entries.iter().collect();
        let changes = app.reconciler.plan(&Manager::new(input.manager), &entries, &intent(&input.intent)?).await;
        let changes = changes.map_err(|error| reconciling_failed(context, &error))?;
        Ok(changes.into_iter().map(Change::from).collect())
    }

    /// What `applyEntries` would do about what a file no longer names, one change each.
    async fn plan_prune(&self, context: &Context<'_>, input: PlanPruneInput) -> Result<Vec<Change>> {
        let app = context.data::<Arc<App>>()?;
        refuse_too_many(input.ids.len())?;
        let ids: Vec<&str> = input.ids.iter().map(|id| id.as_str()).collect();
        let (manager, prune) = (Manager::new(input.manager), input.prune.into());
        let changes = app.reconciler.plan_prune(&manager, input.kind.into(), &ids, prune).await;
        let changes = changes.map_err(|error| reconciling_failed(context, &error))?;
        Ok(changes.into_iter().map(Change::from).collect())
    }
}

/// What a sync does.
#[derive(Default)]
pub(super) struct SyncMutation;

#[Object]
impl SyncMutation {
    /// Takes, or renews, the lease that permits one sync at a time for each manager. It ends by itself after ten seconds.
    async fn take_sync_lease(&self, context: &Context<'_>, manager: String, holder: String) -> Result<SyncLease> {
        let app = context.data::<Arc<App>>()?;
        let taken = app.reconciler.take_lease(&lease(manager, holder)?).await;
        let holder = taken.map_err(|error| reconciling_failed(context, &error))?;
        Ok(SyncLease { taken: holder.is_none(), holder })
    }

    /// Gives the lease back.
    async fn give_back_sync_lease(&self, context: &Context<'_>, manager: String, holder: String) -> Result<bool> {
        let app = context.data::<Arc<App>>()?;
        let given = app.reconciler.give_back(&lease(manager, holder)?).await;
        given.map_err(|error| reconciling_failed(context, &error))?;
        Ok(true)
    }

    /// Carries out planned changes in one transaction: all or nothing. May be sent again: what is done already is UNCHANGED.
    async fn apply_entries(&self, context: &Context<'_>, input: ApplyEntriesInput) -> Result<ApplyEntriesPayload> {
        let app = context.data::<Arc<App>>()?;
        let batch = wire::batch_from_lines(input.changes.text()).map_err(|faults| wrong(&faults))?;
        refuse_too_many(batch.len())?;
        let lease = lease(input.manager, input.holder)?;
        let applied = app.reconciler.apply(&lease, &batch, &intent(&input.intent)?, input.prune.into()).await;
        Ok(match applied.map_err(|error| reconciling_failed(context, &error))? {
            Applied::Done(done) => {
                tracing::info!(manager = %lease.manager, changes = done.len(), "applied changes of a users file");
                ApplyEntriesPayload::EntriesApplied(EntriesApplied { done: Lines::new(wire::done_to_lines(&done)) })
            }
            Applied::Refused(refused) => {
                let refused = refused.into_iter().map(|(index, change)| RefusedChange { index, change: change.into() });
                ApplyEntriesPayload::EntriesRefused(EntriesRefused { refused: refused.collect() })
            }
            Applied::LeaseLost => {
                ApplyEntriesPayload::SyncLeaseLost(SyncLeaseLost { manager: lease.manager.to_string() })
            }
        })
    }
}

fn refuse_too_many(count: usize) -> Result<()> {
    if count > BATCH {
        return Err(bad_input(format!("{count} are too many; send {BATCH} at once at most")));
    }
    Ok(())
}

/// Reads entries exactly as a users file's are read.
fn read(kind: Kind, lines: &str) -> Result<Vec<Desired>> {
    let entries = parse_entries(kind, lines).map_err(|faults| {
        // Lines and columns of a text that nobody has seen would only mislead.
        wrong(&faults.iter().map(|Fault { place, message, .. }| format!("{place}: {message}")).collect::<Vec<_>>())
    })?;
    refuse_too_many(entries.len())?;
    Ok(entries)
}

fn wrong(faults: &[String]) -> async_graphql::Error {
    bad_input(faults.join("; ")).extend_with(|_, extensions| extensions.set("faults", faults.to_vec()))
}

fn lease(manager: String, holder: String) -> Result<Lease> {
    if !(1..=256).contains(&holder.len()) {
        return Err(bad_input("the holder of a lease has 1 to 256 bytes"));
    }
    Ok(Lease { manager: Manager::new(manager), holder })
}

/// Reads how a file is meant. A client id is no username: what folds is folded, the rest stays as it is.
fn intent(input: &IntentInput) -> Result<Intent> {
    let folded = |name: &String| match Username::parse(name) {
        Ok(username) => Ok([username.folded().to_owned(), name.clone()]),
        Err(error) => Err(bad_input(format!("adopt {name:?}: {error}"))),
    };
    let names = input.adopt.iter().map(folded).collect::<Result<Vec<_>>>()?.into_iter().flatten().collect();
    Ok(Intent {
        adoption: Adoption { names, all: input.adopt_all },
        reset_secrets: input.reset_secrets,
        import: input.import.into(),
    })
}
