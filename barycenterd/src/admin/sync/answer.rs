//! What the sync operations take and answer.

use async_graphql::{Enum, ID, InputObject, SimpleObject, Union};
use barycenter_core::reconcile;
use serde_json::Value;

use crate::admin::scalar::{DateTime, Lines};

/// What a users file speaks about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "reconcile::Kind")]
pub(super) enum EntryKind {
    /// People and services that sign in.
    User,
    /// Relying parties.
    Client,
}

/// What happens to what a file no longer names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "reconcile::Prune")]
pub(super) enum Prune {
    /// Nothing: it is counted and mentioned.
    Keep,
    /// It may no longer be used; it can come back.
    Disable,
    /// It is removed for good.
    Delete,
}

/// What happens to a user or a client.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "reconcile::Operation")]
pub(super) enum ChangeOperation {
    /// A new one.
    Create,
    /// One that differs from the file.
    Update,
    /// One that the file no longer names, and that may no longer be used.
    Disable,
    /// One that the file no longer names, and that is removed.
    Delete,
    /// One that the file must not touch.
    Conflict,
    /// One that is as the file wants it.
    Unchanged,
}

/// Why a user or a client cannot be changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "reconcile::ConflictReason")]
pub(super) enum ConflictReason {
    /// Nobody's file owns it.
    Unmanaged,
    /// The person registered the account.
    SelfRegistered,
    /// Another file owns it.
    OtherManager,
    /// An import would make it, and it is there already.
    Exists,
    /// Another account has the e-mail address.
    EmailTaken,
    /// Another account, which the file knows by another key, has the username.
    UsernameTaken,
    /// A new client that authenticates by a secret needs one.
    SecretMissing,
    /// Nobody could administer the platform afterwards.
    LastAdministrator,
    /// What the file wants is not a valid client.
    Invalid,
    /// Somebody changed it after the plan was made.
    ChangedMeanwhile,
}

/// Who moved since the last sync.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "reconcile::Drift")]
pub(super) enum Drift {
    /// The file changed.
    File,
    /// Somebody changed the live state.
    Live,
    /// Both.
    Both,
}

/// `before`/`after` are absent where there is no value; a secret is the object {"secret":true}, never a string.
#[derive(SimpleObject)]
pub(super) struct FieldChange {
    path: String,
    before: Option<Value>,
    after: Option<Value>,
}

/// The account that has what an entry wants.
#[derive(SimpleObject)]
pub(super) struct Holder {
    /// Its folded username.
    key: String,
    external_id: Option<String>,
}

/// What happens to one user or client, and why.
#[derive(SimpleObject)]
pub(super) struct Change {
    kind: EntryKind,
    operation: ChangeOperation,
    /// The username or client id in the file.
    key: String,
    id: Option<ID>,
    fields: Vec<FieldChange>,
    drift: Option<Drift>,
    conflict: Option<ConflictReason>,
    /// Who has the name or the address, if that is the reason.
    holder: Option<Holder>,
    /// What stands in the way, or what it is about, in words.
    message: Option<String>,
    /// The way out.
    hint: Option<String>,
    /// How many sessions end.
    sessions: u64,
    /// Digest of what this change was planned against; give it back to applyEntries.
    basis: String,
    /// Whether the manager owned it before.
    owned: bool,
    /// Whether nothing differs, but what the file declares is to be noted anew.
    stale: bool,
}

impl From<reconcile::Change> for Change {
    fn from(change: reconcile::Change) -> Self {
        let field =
            |field: reconcile::FieldChange| FieldChange { path: field.path, before: field.before, after: field.after };
        Self {
            kind: change.kind.into(),
            operation: change.operation.into(),
            key: change.key,
            id: change.id.map(ID::from),
            fields: change.fields.into_iter().map(field).collect(),
            drift: change.drift.map(Drift::from),
            conflict: change.conflict.map(ConflictReason::from),
            holder: change.holder.map(|holder| Holder { key: holder.key, external_id: holder.external_id }),
            message: change.message,
            hint: change.hint,
            sessions: change.effects.sessions,
            basis: change.basis.to_string(),
            owned: change.owned,
            stale: change.stale,
        }
    }
}

/// How a file is meant, whatever it says.
#[derive(InputObject, Default)]
pub(super) struct IntentInput {
    /// Taken over by name: usernames, client ids.
    #[graphql(default)]
    pub(super) adopt: Vec<String>,
    /// Take over everything that nobody manages; never an account that registered itself.
    #[graphql(default)]
    pub(super) adopt_all: bool,
    /// Set every declared password and secret again.
    #[graphql(default)]
    pub(super) reset_secrets: bool,
    #[graphql(default)]
    pub(super) import: Import,
}

/// Whether, and how, a file is imported instead of synced.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Enum)]
#[graphql(remote = "reconcile::Import")]
pub(super) enum Import {
    /// It is synced: what it names is its manager's from then on.
    #[default]
    No,
    /// What it names is made; what is there already is a conflict.
    Create,
    /// What it names is made or changed; who owns it stays as it is.
    Update,
}

/// Probes of one kind.
#[derive(InputObject)]
pub(super) struct CompareEntriesInput {
    /// The users file's name for itself: who owns what is in it.
    pub(super) manager: String,
    pub(super) kind: EntryKind,
    /// key, external_id, email, digest and secret, with tabs between them; nothing where one is absent. At most 1,000.
    pub(super) probes: Lines,
    pub(super) intent: IntentInput,
}

/// What the probes have found, by their place; what is in neither list would change nothing.
#[derive(SimpleObject)]
pub(super) struct ComparedEntries {
    /// There is none, and nothing stands in the way of a new one.
    pub(super) absent: Vec<usize>,
    /// Something may differ: ask planEntries.
    pub(super) other: Vec<usize>,
    /// How many of them the manager owns.
    pub(super) owned: u64,
    /// How many of those may be used.
    pub(super) owned_enabled: u64,
}

/// Entries of one kind, to compare with what is there.
#[derive(InputObject)]
pub(super) struct PlanEntriesInput {
    /// The users file's name for itself: who owns what is in it.
    pub(super) manager: String,
    pub(super) kind: EntryKind,
    /// Entries as schema/users.schema.json describes them; at most 1,000.
    pub(super) entries: Lines,
    pub(super) intent: IntentInput,
}

/// What a file no longer names.
#[derive(InputObject)]
pub(super) struct PlanPruneInput {
    /// The users file's name for itself: who owns what is in it.
    pub(super) manager: String,
    pub(super) kind: EntryKind,
    /// At most 1,000.
    pub(super) ids: Vec<ID>,
    pub(super) prune: Prune,
}

/// Planned changes, to be carried out.
#[derive(InputObject)]
pub(super) struct ApplyEntriesInput {
    /// The users file's name for itself: who owns what is in it.
    pub(super) manager: String,
    /// Who has the sync lease.
    pub(super) holder: String,
    /// {"kind","basis","entry"} each, then {"kind","basis","prune"} each; at most 1,000.
    pub(super) changes: Lines,
    pub(super) intent: IntentInput,
    pub(super) prune: Prune,
}

/// Everything was done.
#[derive(SimpleObject)]
pub(super) struct EntriesApplied {
    /// What, in the order of the input: `{"operation":"create","id":"…"}`. `unchanged`: another sync got there first with the
    /// same result.
    pub(super) done: Lines,
}

/// What cannot be done, and its place in the input.
#[derive(SimpleObject)]
pub(super) struct RefusedChange {
    pub(super) index: usize,
    pub(super) change: Change,
}

/// Nothing was written; these changes cannot be made.
#[derive(SimpleObject)]
pub(super) struct EntriesRefused {
    pub(super) refused: Vec<RefusedChange>,
}

/// Nothing was written: the lease has ended, and somebody else may be syncing.
#[derive(SimpleObject)]
pub(super) struct SyncLeaseLost {
    pub(super) manager: String,
}

/// What became of the changes.
#[derive(Union)]
pub(super) enum ApplyEntriesPayload {
    EntriesApplied(EntriesApplied),
    EntriesRefused(EntriesRefused),
    SyncLeaseLost(SyncLeaseLost),
}

/// How much a manager owns.
#[derive(SimpleObject)]
pub(super) struct ManagedCount {
    pub(super) total: u64,
    /// Those that may be used.
    pub(super) enabled: u64,
}

/// One that a manager owns.
#[derive(SimpleObject)]
pub(super) struct OwnedEntry {
    pub(super) id: ID,
    /// The folded username, or the client id.
    pub(super) key: String,
    pub(super) external_id: Option<String>,
}

/// Who may sync for a manager.
#[derive(SimpleObject)]
pub(super) struct SyncLease {
    /// Whether the caller has it now.
    pub(super) taken: bool,
    /// Who has it, if the caller has not.
    pub(super) holder: Option<String>,
}

/// How a sync ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "barycenter_core::store::SyncOutcome")]
pub(super) enum SyncOutcome {
    /// Everything is as the file wants it, or was made so.
    Ok,
    /// Some of it was done.
    Partial,
    /// Nothing was changed.
    Failed,
}

/// What became of a sync that the daemon itself has done, because its users file changed.
#[derive(SimpleObject)]
pub(super) struct SyncRun {
    manager: String,
    /// What made it happen, and the file.
    origin: String,
    outcome: SyncOutcome,
    created: u64,
    updated: u64,
    disabled: u64,
    deleted: u64,
    conflicts: u64,
    unchanged: u64,
    /// What went wrong.
    message: Option<String>,
    started_at: DateTime,
    finished_at: DateTime,
}

impl From<barycenter_core::store::SyncRun> for SyncRun {
    fn from(run: barycenter_core::store::SyncRun) -> Self {
        Self {
            manager: run.manager.to_string(),
            origin: run.origin,
            outcome: run.outcome.into(),
            created: run.counts.create,
            updated: run.counts.update,
            disabled: run.counts.disable,
            deleted: run.counts.delete,
            conflicts: run.counts.conflict,
            unchanged: run.counts.unchanged,
            message: run.message,
            started_at: DateTime(run.started_at),
            finished_at: DateTime(run.finished_at),
        }
    }
}
