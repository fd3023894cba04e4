//! Plans against the database and applies to it: the I/O around [`plan`](super::plan), with no decision of its own.
//!
//! Passwords are hashed before the transaction begins, so that nobody waits for Argon2 with the database locked.
//! Inside, the plan is made again; whatever is no longer as it was planned is refused, and then nothing is written.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use futures_util::future::try_join_all;
use thiserror::Error;

use crate::clock::Clock;
use crate::keyring::{Keyring, KeyringError, Purpose};
use crate::model::{Declared, EmailAddress, Manager, Ownership, User, UserId};
use crate::password::{self, HashingError, PasswordHash, PasswordHasher};
use crate::reconcile::plan::{Adoption, Basis, Change, ConflictReason, Operation, Planned, Question, plan};
use crate::reconcile::sync::Target;
use crate::reconcile::users_file::{DesiredUser, Field};
use crate::secret::Secret;
use crate::store::{Store, StoreError, Transaction, Users};

/// What goes wrong besides conflicts.
#[derive(Debug, Error)]
pub enum ReconcileError {
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A password could not be hashed.
    #[error(transparent)]
    Hashing(#[from] HashingError),
}

/// One entry with the state that its change was planned against.
#[derive(Debug, Clone)]
pub struct PlannedUser {
    /// What the file wants.
    pub user: DesiredUser,
    /// What was there when the change was planned.
    pub basis: Basis,
}

/// What became of a batch.
#[derive(Debug)]
pub enum Applied {
    /// Everything was done, in the order of the batch. `Unchanged`: another sync got there first, with the same result.
    Done(Vec<Change>),
    /// Nothing was written; these changes cannot be made.
    Refused(Vec<Change>),
}

/// The reconciler of one deployment.
pub struct Reconciler {
    store: Store,
    hasher: PasswordHasher,
    fingerprints: hmac::Key,
    clock: Arc<dyn Clock>,
}

impl Reconciler {
    /// Returns the reconciler of a deployment.
    ///
    /// # Errors
    /// When the cryptographic library fails.
    pub fn new(
        store: Store,
        hasher: PasswordHasher,
        keyring: &Keyring,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, KeyringError> {
        let key = keyring.derive(Purpose::PasswordFingerprint)?;
        Ok(Self { store, hasher, fingerprints: hmac::Key::new(hmac::HMAC_SHA256, &*key), clock })
    }

    /// Returns a declared password's fingerprint: bound to the user, so that equal passwords of two users look
    /// different, and to the root key, so that it cannot be guessed from the database alone.
    fn fingerprint(&self, id: &UserId, password: &Secret) -> String {
        let mut context = hmac::Context::with_key(&self.fingerprints);
        context.update(id.as_str().as_bytes());
        context.update(&[0]);
        context.update(password.expose().as_bytes());
        URL_SAFE_NO_PAD.encode(context.sign())
    }

    /// Plans a batch against what is there.
    async fn plan_batch(
        &self,
        users: &Users<'_>,
        manager: &Manager,
        batch: &[&DesiredUser],
        adoption: &Adoption,
    ) -> Result<Vec<Planned>, StoreError> {
        let now = self.clock.now();
        let live = Live::load(users, batch).await?;
        Ok(batch
            .iter()
            .map(|desired| {
                let current = live.by_name.get(desired.username.folded());
                let fingerprint = match (&desired.password, current) {
                    (Field::Value(password), Some(user)) => Some(self.fingerprint(&user.id, password)),
                    _ => None,
                };
                let email_holder = live.other_holder_of(desired);
                plan(&Question { desired, live: current, email_holder, manager, adoption, fingerprint }, now)
            })
            .collect())
    }

    /// Hashes the passwords that a plan sets, as many at once as the hasher allows.
    async fn hash_passwords(
        &self,
        planned: &[Planned],
        batch: &[&DesiredUser],
    ) -> Result<HashMap<String, PasswordHash>, HashingError> {
        let wanted = planned.iter().zip(batch).filter(|(planned, _)| planned.change.sets_password());
        let hashes = wanted.filter_map(|(_, desired)| match &desired.password {
            Field::Value(password) => Some((desired.username.folded().to_owned(), password)),
            Field::Absent | Field::Null => None,
        });
        let hashing = hashes.map(|(name, text)| async move {
            let prepared = password::prepare(text).map_err(|error| HashingError::Argon2(error.to_string()))?;
            Ok::<_, HashingError>((name, self.hasher.hash(&prepared).await?))
        });
        Ok(try_join_all(hashing).await?.into_iter().collect())
    }

    /// Turns plans into rows, refusing what is no longer as it was planned.
    fn settle(
        &self,
        planned: Vec<Planned>,
        entries: &[PlannedUser],
        hashes: &HashMap<String, PasswordHash>,
    ) -> Result<Vec<Planned>, Vec<Change>> {
        let mut refused = Vec::new();
        let mut settled = Vec::with_capacity(planned.len());
        for (mut planned, entry) in planned.into_iter().zip(entries) {
            let desired = &entry.user;
            match planned.change.operation {
                Operation::Conflict => refused.push(planned.change),
                Operation::Unchanged => settled.push(planned),
                Operation::Create | Operation::Update => {
                    let hash = hashes.get(desired.username.folded());
                    let wants_hash = planned.change.sets_password() && matches!(desired.password, Field::Value(_));
                    if planned.change.basis != entry.basis || (wants_hash && hash.is_none()) {
                        refused.push(changed_meanwhile(desired, planned.change.id));
                        continue;
                    }
                    if let (true, Some(user)) = (wants_hash, &mut planned.result) {
                        user.password = hash.cloned();
                        self.note_fingerprint(user, desired);
                    }
                    settled.push(planned);
                }
            }
        }
        if refused.is_empty() { Ok(settled) } else { Err(refused) }
    }

    /// Only now is a new user's id settled: the fingerprint is bound to it.
    fn note_fingerprint(&self, user: &mut User, desired: &DesiredUser) {
        let Field::Value(password) = &desired.password else { return };
        let fingerprint = self.fingerprint(&user.id, password);
        if let Ownership::Managed { declared: Declared { secret_fingerprint, .. }, .. } = &mut user.ownership {
            *secret_fingerprint = Some(fingerprint);
        }
    }
}

impl Target for Reconciler {
    type Error = ReconcileError;

    async fn plan(
        &self,
        manager: &Manager,
        users: &[DesiredUser],
        adoption: &Adoption,
    ) -> Result<Vec<Change>, ReconcileError> {
        let batch: Vec<&DesiredUser> = users.iter().collect();
        let planned = self.plan_batch(&self.store.users(), manager, &batch, adoption).await?;
        Ok(planned.into_iter().map(|planned| planned.change).collect())
    }

    async fn apply(
        &self,
        manager: &Manager,
        entries: &[PlannedUser],
        adoption: &Adoption,
    ) -> Result<Applied, ReconcileError> {
        let batch: Vec<&DesiredUser> = entries.iter().map(|entry| &entry.user).collect();
        let outside = self.plan_batch(&self.store.users(), manager, &batch, adoption).await?;
        let hashes = self.hash_passwords(&outside, &batch).await?;

        let transaction = self.store.write().await?;
        transaction.lock(&format!("barycenter.users.{manager}")).await?;
        let planned = self.plan_batch(&transaction.users(), manager, &batch, adoption).await?;
        let settled = match self.settle(planned, entries, &hashes) {
            Ok(settled) => settled,
            Err(refused) => return Ok(Applied::Refused(refused)),
        };
        write(&transaction, &settled).await?;
        transaction.commit().await?;
        Ok(Applied::Done(settled.into_iter().map(|planned| planned.change).collect()))
    }

    async fn managed_count(&self, manager: &Manager) -> Result<u64, ReconcileError> {
        Ok(self.store.users().count_of(manager).await?)
    }
}

fn changed_meanwhile(desired: &DesiredUser, id: Option<UserId>) -> Change {
    let message = "was changed by somebody else after the plan was made".to_owned();
    let mut change = Change::conflict(
        desired,
        None,
        ConflictReason::ChangedMeanwhile,
        message,
        "run the same command again".to_owned(),
    );
    change.id = id;
    change
}

/// The accounts that a batch touches or meets.
struct Live {
    by_name: HashMap<String, User>,
    by_email: HashMap<String, User>,
    /// The addresses that users of the batch give up or keep: folded name → wanted address.
    wanted: HashMap<String, Option<String>>,
}

impl Live {
    async fn load(users: &Users<'_>, batch: &[&DesiredUser]) -> Result<Self, StoreError> {
        let names: Vec<&str> = batch.iter().map(|desired| desired.username.folded()).collect();
        let emails: Vec<String> = batch.iter().filter_map(|desired| wanted_email(desired).flatten()).collect();
        let by_name = users.by_folded_names(&names).await?;
        let by_email = if emails.is_empty() { Vec::new() } else { users.by_folded_emails(&emails).await? };
        Ok(Self {
            by_name: by_name.into_iter().map(|user| (user.username.folded().to_owned(), user)).collect(),
            by_email: by_email.into_iter().filter_map(|user| Some((user.email.as_ref()?.folded(), user))).collect(),
            wanted: batch
                .iter()
                .filter_map(|desired| Some((desired.username.folded().to_owned(), wanted_email(desired)?)))
                .collect(),
        })
    }

    /// Another account that has the wanted address and does not give it up in this batch.
    fn other_holder_of(&self, desired: &DesiredUser) -> Option<&User> {
        let email = wanted_email(desired).flatten()?;
        let holder =
            self.by_email.get(&email).filter(|holder| holder.username.folded() != desired.username.folded())?;
        let gives_it_up =
            self.wanted.get(holder.username.folded()).is_some_and(|wanted| wanted.as_ref() != Some(&email));
        (!gives_it_up).then_some(holder)
    }
}

/// The address that an entry wants: `None` if it does not say, `Some(None)` for none.
fn wanted_email(desired: &DesiredUser) -> Option<Option<String>> {
    match &desired.email {
        Field::Absent => None,
        Field::Null => Some(None),
        Field::Value(email) => Some(Some(email.folded())),
    }
}

/// Writes settled plans. Addresses that move between users are let go first; whoever may no longer sign in, or has
/// another password now, loses sessions, codes and tokens.
async fn write(transaction: &Transaction, settled: &[Planned]) -> Result<(), StoreError> {
    let users = transaction.users();
    let results = || settled.iter().filter_map(|planned| Some((&planned.change, planned.result.as_deref()?)));
    let moving: HashSet<String> = results()
        .filter(|(change, _)| change.fields.iter().any(|field| field.path == "email"))
        .filter_map(|(_, user)| user.email.as_ref().map(EmailAddress::folded))
        .collect();
    for (change, user) in results().filter(|(change, _)| change.operation == Operation::Update) {
        let old =
            change.fields.iter().find(|field| field.path == "email").and_then(|field| field.before.as_ref()?.as_str());
        if old.is_some_and(|old| moving.contains(&old.to_lowercase())) {
            users.update(&User { email: None, ..user.clone() }).await?;
        }
    }
    for (change, user) in results() {
        if change.operation == Operation::Create {
            users.insert(user).await?;
            continue;
        }
        users.update(user).await?;
        if change.disables() || change.sets_password() {
            end_access(transaction, &user.id).await?;
        }
    }
    Ok(())
}

/// Ends everything that lets a user, or a client in their name, in.
async fn end_access(transaction: &Transaction, user: &UserId) -> Result<(), StoreError> {
    transaction.sessions().end_all_of(user).await?;
    transaction.authorizations().revoke_codes_of(user).await?;
    transaction.tokens().revoke_all_of(user).await
}
