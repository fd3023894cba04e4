//! Comparing and changing through the admin API: the online side of [`reconcile::Target`].
//!
//! Every operation here may be sent twice: what was done already is found unchanged. So each is tried again when the
//! connection breaks, as a port-forward's does.

use barycenter_core::model::Manager;
use barycenter_core::reconcile::{
    Applied, Basis, Batch, Change, Compared, ConflictReason, Desired, Drift, Effects, FieldChange, Holder, Import,
    Intent, Kind, Lease, Managed, Operation, Owned, Probes, Prune, Standing, Target, wire,
};
use graphql_client::GraphQLQuery;
use serde_json::Value;

use crate::admin_api::AdminApi;
use crate::admin_api::connection::Patience;
use crate::admin_api::operations::operations;
use crate::error::{CtlError, Exit};

/// A JSON value.
type Json = Value;
/// JSON values, one a line.
type Lines = String;

operations! {
    "src/graphql/compare.graphql": CompareEntries;
    "src/graphql/sync.graphql": CountManaged, ListOwned, PlanEntries, PlanPrune, TakeSyncLease, GiveBackSyncLease,
        ApplyEntries;
}

/// Each operation has types of its own, alike but not the same.
macro_rules! kinds {
    ($($operation:ident),*) => {$(
        impl From<Kind> for $operation::EntryKind {
            fn from(kind: Kind) -> Self {
                match kind {
                    Kind::User => Self::User,
                    Kind::Client => Self::Client,
                }
            }
        }
    )*};
}

kinds!(count_managed, list_owned, compare_entries, plan_entries, plan_prune);

macro_rules! intents {
    ($($operation:ident),*) => {$(
        impl From<&Intent> for $operation::IntentInput {
            fn from(intent: &Intent) -> Self {
                Self {
                    adopt: intent.adoption.names.iter().cloned().collect(),
                    adopt_all: intent.adoption.all,
                    reset_secrets: intent.reset_secrets,
                    import: match intent.import {
                        Import::No => $operation::Import::No,
                        Import::Create => $operation::Import::Create,
                        Import::Update => $operation::Import::Update,
                    },
                }
            }
        }
    )*};
}

intents!(compare_entries, plan_entries, apply_entries);

macro_rules! prunes {
    ($($operation:ident),*) => {$(
        impl From<Prune> for $operation::Prune {
            fn from(prune: Prune) -> Self {
                match prune {
                    Prune::Keep => Self::Keep,
                    Prune::Disable => Self::Disable,
                    Prune::Delete => Self::Delete,
                }
            }
        }
    )*};
}

prunes!(plan_prune, apply_entries);

macro_rules! changes {
    ($($operation:ident),*) => {$(
        impl TryFrom<$operation::ChangeOperation> for Operation {
            type Error = String;

            /// Fails at an operation that this program does not know: what it would do cannot be shown.
            fn try_from(operation: $operation::ChangeOperation) -> Result<Self, String> {
                use $operation::ChangeOperation as Theirs;

                Ok(match operation {
                    Theirs::Create => Self::Create,
                    Theirs::Update => Self::Update,
                    Theirs::Disable => Self::Disable,
                    Theirs::Delete => Self::Delete,
                    Theirs::Conflict => Self::Conflict,
                    Theirs::Unchanged => Self::Unchanged,
                    Theirs::Other(name) => return Err(name),
                })
            }
        }

        impl TryFrom<$operation::ChangeFields> for Change {
            type Error = String;

            fn try_from(change: $operation::ChangeFields) -> Result<Self, String> {
                use $operation::{ConflictReason as Reason, Drift as Moved, EntryKind};

                let field = |field: $operation::ChangeFieldsFields| FieldChange {
                    path: field.path,
                    before: field.before,
                    after: field.after,
                };
                Ok(Self {
                    kind: match change.kind {
                        EntryKind::User => Kind::User,
                        EntryKind::Client => Kind::Client,
                        EntryKind::Other(name) => return Err(name),
                    },
                    operation: Operation::try_from(change.operation)?,
                    key: change.key,
                    id: change.id,
                    fields: change.fields.into_iter().map(field).collect(),
                    drift: change.drift.and_then(|drift| match drift {
                        Moved::File => Some(Drift::File),
                        Moved::Live => Some(Drift::Live),
                        Moved::Both => Some(Drift::Both),
                        Moved::Other(_) => None,
                    }),
                    conflict: change.conflict.and_then(|reason| match reason {
                        Reason::Unmanaged => Some(ConflictReason::Unmanaged),
                        Reason::SelfRegistered => Some(ConflictReason::SelfRegistered),
                        Reason::OtherManager => Some(ConflictReason::OtherManager),
                        Reason::Exists => Some(ConflictReason::Exists),
                        Reason::EmailTaken => Some(ConflictReason::EmailTaken),
                        Reason::UsernameTaken => Some(ConflictReason::UsernameTaken),
                        Reason::SecretMissing => Some(ConflictReason::SecretMissing),
                        Reason::LastAdministrator => Some(ConflictReason::LastAdministrator),
                        Reason::Invalid => Some(ConflictReason::Invalid),
                        Reason::ChangedMeanwhile => Some(ConflictReason::ChangedMeanwhile),
                        Reason::Other(_) => None,
                    }),
                    holder: change.holder.map(|holder| Holder { key: holder.key, external_id: holder.external_id }),
                    message: change.message,
                    hint: change.hint,
                    effects: Effects { sessions: u64::try_from(change.sessions).unwrap_or_default() },
                    basis: Basis::parse(&change.basis).ok_or("a basis that is none")?,
                    owned: change.owned,
                    stale: change.stale,
                })
            }
        }
    )*};
}

changes!(plan_entries, plan_prune, apply_entries);

impl Target for AdminApi {
    type Error = CtlError;

    async fn compare(
        &self,
        manager: &Manager,
        kind: Kind,
        probes: &Probes,
        intent: &Intent,
    ) -> Result<Compared, CtlError> {
        let input = compare_entries::CompareEntriesInput {
            manager: manager.to_string(),
            kind: kind.into(),
            probes: probes.lines().to_owned(),
            intent: intent.into(),
        };
        let variables = compare_entries::Variables { input };
        let found = self.insist(CompareEntries, variables, Patience::default()).await?.compare_entries;
        let mut standings = vec![Standing::Same; probes.len()];
        for (places, standing) in [(found.absent, Standing::Absent), (found.other, Standing::Other)] {
            for place in places {
                let place = usize::try_from(place).ok().and_then(|place| standings.get_mut(place));
                *place.ok_or_else(|| foreign("about an entry that was not sent"))? = standing;
            }
        }
        let count = |number: i64| u64::try_from(number).unwrap_or_default();
        Ok(Compared { standings, owned: count(found.owned), owned_enabled: count(found.owned_enabled) })
    }

    async fn plan(&self, manager: &Manager, entries: &[&Desired], intent: &Intent) -> Result<Vec<Change>, CtlError> {
        let Some(first) = entries.first() else { return Ok(Vec::new()) };
        let input = plan_entries::PlanEntriesInput {
            manager: manager.to_string(),
            kind: first.kind().into(),
            entries: wire::entries_to_lines(entries).expose().to_owned(),
            intent: intent.into(),
        };
        let variables = plan_entries::Variables { input };
        let found = self.insist(PlanEntries, variables, Patience::default()).await?.plan_entries;
        complete(found.into_iter().map(Change::try_from), entries.len())
    }

    async fn plan_prune(
        &self,
        manager: &Manager,
        kind: Kind,
        ids: &[&str],
        prune: Prune,
    ) -> Result<Vec<Change>, CtlError> {
        let input = plan_prune::PlanPruneInput {
            manager: manager.to_string(),
            kind: kind.into(),
            ids: ids.iter().map(|id| (*id).to_owned()).collect(),
            prune: prune.into(),
        };
        let variables = plan_prune::Variables { input };
        let found = self.insist(PlanPrune, variables, Patience::default()).await?.plan_prune;
        complete(found.into_iter().map(Change::try_from), ids.len())
    }

    async fn apply(&self, lease: &Lease, batch: &Batch, intent: &Intent, prune: Prune) -> Result<Applied, CtlError> {
        use apply_entries::ApplyEntriesApplyEntries as Payload;

        let changes = wire::batch_to_lines(batch)
            .map_err(|error| CtlError::new(Exit::Bug, format!("an entry is no JSON: {error}")))?;
        let input = apply_entries::ApplyEntriesInput {
            manager: lease.manager.to_string(),
            holder: lease.holder.clone(),
            changes: changes.expose().to_owned(),
            intent: intent.into(),
            prune: prune.into(),
        };
        let passwords = batch.entries.iter().filter(|entry| entry.desired.has_plain_password()).count();
        let patience = Patience { passwords: u32::try_from(passwords).unwrap_or(u32::MAX) };
        let variables = apply_entries::Variables { input };
        match self.insist(ApplyEntries, variables, patience).await?.apply_entries {
            Payload::EntriesApplied(applied) => {
                let done = wire::done_from_lines(&applied.done).map_err(|reason| foreign(&reason))?;
                complete(done.into_iter().map(Ok), batch.len()).map(Applied::Done)
            }
            Payload::EntriesRefused(refused) => {
                let refused = refused.refused.into_iter().map(|refused| {
                    let index = usize::try_from(refused.index).map_err(|_| "a place that is none".to_owned())?;
                    Ok::<_, String>((index, Change::try_from(refused.change)?))
                });
                refused.collect::<Result<_, _>>().map(Applied::Refused).map_err(|name| foreign(&name))
            }
            Payload::SyncLeaseLost(_) => Ok(Applied::LeaseLost),
        }
    }

    async fn managed(&self, manager: &Manager, kind: Kind) -> Result<Managed, CtlError> {
        let variables = count_managed::Variables { manager: manager.to_string(), kind: kind.into() };
        let found = self.insist(CountManaged, variables, Patience::default()).await?.managed_count;
        let count = |number: i64| u64::try_from(number).unwrap_or_default();
        Ok(Managed { total: count(found.total), enabled: count(found.enabled) })
    }

    async fn owned(&self, manager: &Manager, kind: Kind, after: Option<&str>) -> Result<Vec<Owned>, CtlError> {
        let after = after.map(str::to_owned);
        let variables = list_owned::Variables { manager: manager.to_string(), kind: kind.into(), after };
        let found = self.insist(ListOwned, variables, Patience::default()).await?.owned_entries;
        let owned =
            |one: list_owned::ListOwnedOwnedEntries| Owned { id: one.id, key: one.key, external_id: one.external_id };
        Ok(found.into_iter().map(owned).collect())
    }

    async fn take_lease(&self, lease: &Lease) -> Result<Option<String>, CtlError> {
        let (manager, holder) = (lease.manager.to_string(), lease.holder.clone());
        let variables = take_sync_lease::Variables { manager, holder };
        let lease = self.insist(TakeSyncLease, variables, Patience::default()).await?.take_sync_lease;
        Ok(if lease.taken { None } else { Some(lease.holder.unwrap_or_else(|| "another sync".to_owned())) })
    }

    async fn give_back(&self, lease: &Lease) -> Result<(), CtlError> {
        let (manager, holder) = (lease.manager.to_string(), lease.holder.clone());
        let variables = give_back_sync_lease::Variables { manager, holder };
        self.execute(GiveBackSyncLease, variables).await.map(|_| ())
    }
}

/// Refuses an answer that is not about every one of `count` things, or that this program does not understand.
fn complete<T>(answers: impl Iterator<Item = Result<T, String>>, count: usize) -> Result<Vec<T>, CtlError> {
    let answers: Vec<T> = answers.collect::<Result<_, String>>().map_err(|name| foreign(&name))?;
    if answers.len() == count {
        return Ok(answers);
    }
    Err(CtlError::new(Exit::Failed, format!("the server answers about {} of {count} entries", answers.len())))
}

fn foreign(what: &str) -> CtlError {
    CtlError::new(Exit::Conflict, format!("the server answers something that this version does not know: {what}"))
        .hint("use the baryctl of the server's version")
}
