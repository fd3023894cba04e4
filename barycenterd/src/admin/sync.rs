//! The sync operations: `planUsers`, `applyUsers` and `managedUserCount`, the admin API's side of `baryctl diff` and
//! `users sync`.
//!
//! The resolvers check entries with the reader that checks users files, and call the functions that
//! `baryctl --direct` calls: what a file means does not depend on the way it takes.

use std::sync::Arc;

use async_graphql::{Context, Enum, ErrorExtensions as _, ID, InputObject, Object, Result, SimpleObject, Union};
use barycenter_core::model::{Manager, Username};
use barycenter_core::reconcile;
use barycenter_core::reconcile::users_file;
use barycenter_core::reconcile::{Adoption, Applied, BATCH, Basis, PlannedUser, Target as _, UsersFile};
use barycenter_core::secret::Secret;
use serde_json::{Value, json};

use crate::admin::error::{bad_input, failed, reconciling_failed};
use crate::admin::scalar::UserEntry;
use crate::app::App;

/// What happens to a user.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "reconcile::Operation")]
pub(super) enum ChangeOperation {
    /// A new account.
    Create,
    /// An account that differs from the file.
    Update,
    /// An account that is as the file wants it.
    Unchanged,
    /// An account that the file must not touch.
    Conflict,
}

/// Why a user cannot be changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "reconcile::ConflictReason")]
pub(super) enum ConflictReason {
    /// Nobody's file owns the account.
    Unmanaged,
    /// The person registered the account.
    SelfRegistered,
    /// Another file owns the account.
    OtherManager,
    /// Another account has the e-mail address.
    EmailTaken,
    /// Somebody changed the account after the plan was made.
    ChangedMeanwhile,
}

/// `before`/`after` are absent where there is no value; a secret is the object {"secret":true}, never a string.
#[derive(SimpleObject)]
pub(super) struct FieldChange {
    path: String,
    before: Option<Value>,
    after: Option<Value>,
}

/// What happens to one user, and why.
#[derive(SimpleObject)]
pub(super) struct UserChange {
    operation: ChangeOperation,
    /// The username in the file.
    key: String,
    id: Option<ID>,
    fields: Vec<FieldChange>,
    conflict: Option<ConflictReason>,
    /// What stands in the way, in words.
    message: Option<String>,
    /// The way out.
    hint: Option<String>,
    /// Digest of the live state that this change was planned against; give it back to applyUsers.
    basis: String,
    /// Whether this user was already owned by the manager.
    owned: bool,
}

impl From<reconcile::Change> for UserChange {
    fn from(change: reconcile::Change) -> Self {
        let field =
            |field: reconcile::FieldChange| FieldChange { path: field.path, before: field.before, after: field.after };
        Self {
            operation: change.operation.into(),
            key: change.key,
            id: change.id.map(|id| id.as_str().into()),
            fields: change.fields.into_iter().map(field).collect(),
            conflict: change.conflict.map(ConflictReason::from),
            message: change.message,
            hint: change.hint,
            basis: change.basis.as_str().to_owned(),
            owned: change.owned,
        }
    }
}

/// Entries to compare with what is there.
#[derive(InputObject)]
pub(super) struct PlanUsersInput {
    /// The users file's name for itself: who owns the accounts.
    manager: String,
    users: Vec<UserEntry>,
    /// Accounts to take over by name.
    #[graphql(default)]
    adopt: Vec<String>,
    /// Take over every account that nobody manages; never one that registered itself.
    #[graphql(default)]
    adopt_all: bool,
}

/// An entry and the state that its change was planned against.
#[derive(InputObject)]
pub(super) struct PlannedUserInput {
    user: UserEntry,
    basis: String,
}

/// Entries to apply.
#[derive(InputObject)]
pub(super) struct ApplyUsersInput {
    /// The users file's name for itself: who owns the accounts.
    manager: String,
    users: Vec<PlannedUserInput>,
    /// Accounts to take over by name.
    #[graphql(default)]
    adopt: Vec<String>,
    /// Take over every account that nobody manages; never one that registered itself.
    #[graphql(default)]
    adopt_all: bool,
}

/// What was done, in the order of the input. UNCHANGED: another sync got there first with the same result.
#[derive(SimpleObject)]
pub(super) struct UsersApplied {
    changes: Vec<UserChange>,
}

/// Nothing was written; the changes that cannot be made.
#[derive(SimpleObject)]
pub(super) struct UsersRefused {
    conflicts: Vec<UserChange>,
}

/// What became of the entries.
#[derive(Union)]
pub(super) enum ApplyUsersPayload {
    Applied(UsersApplied),
    Refused(UsersRefused),
}

/// Queries about what a sync would do.
#[derive(Default)]
pub(super) struct SyncQuery;

#[Object]
impl SyncQuery {
    /// How many users a manager owns: what is left after matching a file is no longer in the file.
    async fn managed_user_count(&self, context: &Context<'_>, manager: String) -> Result<u64> {
        let app = context.data::<Arc<App>>()?;
        app.store.users().count_of(&Manager::new(manager)).await.map_err(|error| failed(context, &error))
    }

    /// What `applyUsers` would do with these entries (at most 1,000). Passwords are compared by fingerprint and never returned.
    async fn plan_users(&self, context: &Context<'_>, input: PlanUsersInput) -> Result<Vec<UserChange>> {
        let app = context.data::<Arc<App>>()?;
        let file = read(&input.manager, input.users)?;
        let adoption = adoption(&input.adopt, input.adopt_all)?;
        let changes = app.reconciler.plan(&file.manager, &file.users, &adoption).await;
        let changes = changes.map_err(|error| reconciling_failed(context, &error))?;
        Ok(changes.into_iter().map(UserChange::from).collect())
    }
}

/// What a sync does.
#[derive(Default)]
pub(super) struct SyncMutation;

#[Object]
impl SyncMutation {
    /// Applies entries (at most 1,000) in one transaction: all or nothing.
    async fn apply_users(&self, context: &Context<'_>, input: ApplyUsersInput) -> Result<ApplyUsersPayload> {
        let app = context.data::<Arc<App>>()?;
        let (entries, bases): (Vec<_>, Vec<_>) =
            input.users.into_iter().map(|planned| (planned.user, planned.basis)).unzip();
        let file = read(&input.manager, entries)?;
        let adoption = adoption(&input.adopt, input.adopt_all)?;
        let planned = file.users.into_iter().zip(bases);
        let planned: Vec<_> = planned.map(|(user, basis)| PlannedUser { user, basis: Basis::new(basis) }).collect();
        let applied = app.reconciler.apply(&file.manager, &planned, &adoption).await;
        match applied.map_err(|error| reconciling_failed(context, &error))? {
            Applied::Done(changes) => {
                tracing::info!(manager = %file.manager, users = changes.len(), "applied entries of a users file");
                Ok(ApplyUsersPayload::Applied(UsersApplied {
                    changes: changes.into_iter().map(UserChange::from).collect(),
                }))
            }
            Applied::Refused(conflicts) => Ok(ApplyUsersPayload::Refused(UsersRefused {
                conflicts: conflicts.into_iter().map(UserChange::from).collect(),
            })),
        }
    }
}

/// Reads entries as if they stood in one users file, so that they are checked exactly as there.
fn read(manager: &str, entries: Vec<UserEntry>) -> Result<UsersFile> {
    if entries.len() > BATCH {
        return Err(bad_input(format!("{} entries are too many; send {BATCH} at once at most", entries.len())));
    }
    let entries: Vec<Value> = entries.into_iter().filter_map(|entry| entry.0.into_json().ok()).collect();
    let text = Secret::new(json!({ "manager": manager, "users": entries }).to_string());
    users_file::parse(text.expose()).map_err(|faults| {
        // Lines and columns of a text that nobody has seen would only mislead.
        let place = |fault: &users_file::Fault| {
            if fault.place.is_empty() { String::new() } else { format!("{}: ", fault.place) }
        };
        let faults: Vec<String> = faults.iter().map(|fault| format!("{}{}", place(fault), fault.message)).collect();
        let message = faults.join("; ");
        bad_input(message).extend_with(|_, extensions| extensions.set("faults", faults.clone()))
    })
}

/// Reads which accounts may be taken over.
fn adoption(names: &[String], all: bool) -> Result<Adoption> {
    let folded = |name: &String| match Username::parse(name) {
        Ok(username) => Ok(username.folded().to_owned()),
        Err(error) => Err(bad_input(format!("adopt {name:?}: {error}"))),
    };
    Ok(Adoption { names: names.iter().map(folded).collect::<Result<_>>()?, all })
}
