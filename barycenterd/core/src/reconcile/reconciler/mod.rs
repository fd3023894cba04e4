//! Plans against the database and applies to it: the I/O around [`plan`](super::plan), with no decision of its own.
//!
//! Passwords are hashed before the transaction begins, so that nobody waits for Argon2 with the database locked, and
//! never more at once than there are processors, so that a sign-in waits for one hash at most. Inside the transaction
//! the plan is made again; whatever is no longer as it was planned is refused, and then nothing is written.

mod clients;
mod users;

use std::collections::HashMap;
use std::sync::Arc;

use aws_lc_rs::hmac;
use thiserror::Error;

use crate::clock::Clock;
use crate::keyring::{Keyring, KeyringError, Purpose, Sealer};
use crate::model::Manager;
use crate::password::{self, HashingError, PasswordHash, PasswordHasher};
use crate::reconcile::change::{Basis, Change, ConflictReason, Kind, Operation};
use crate::reconcile::plan::prune::Prune;
use crate::reconcile::plan::{Intent, Planned};
use crate::reconcile::probe::Probes;
use crate::reconcile::source::{DeclaredPassword, Desired, DesiredClient, DesiredUser, Field, UsersFileError};
use crate::reconcile::target::{
    Applied, Batch, Compared, Done, LEASE_SECONDS, Lease, Managed, Owned, PlannedPrune, Target,
};
use crate::secret::Secret;
use crate::store::{Store, StoreError, Transaction};

/// What goes wrong besides conflicts.
#[derive(Debug, Error)]
pub enum ReconcileError {
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A password could not be hashed.
    #[error(transparent)]
    Hashing(#[from] HashingError),
    /// A users file could not be read again.
    #[error(transparent)]
    File(#[from] UsersFileError),
}

/// The reconciler of one deployment.
pub struct Reconciler {
    store: Store,
    hasher: PasswordHasher,
    fingerprints: hmac::Key,
    client_secrets: Sealer,
    clock: Arc<dyn Clock>,
}

/// What a batch comes to: what is written for users and for clients, and what each of its parts is.
#[derive(Default)]
struct Settled {
    users: Vec<Planned<crate::model::User>>,
    clients: Vec<Planned<crate::model::Client>>,
    done: Vec<Done>,
    refused: Vec<(usize, Change)>,
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
        let client_secrets = keyring.sealer(Purpose::ClientSecrets)?;
        Ok(Self { store, hasher, fingerprints: hmac::Key::new(hmac::HMAC_SHA256, &*key), client_secrets, clock })
    }

    /// Returns the fingerprint of a declared password or secret: bound to its owner, so that equal passwords of two
    /// users look different, and to the root key, so that it cannot be guessed from the database alone.
    fn fingerprint(&self, id: &str, secret: &str) -> String {
        crate::reconcile::samples::fingerprint(&self.fingerprints, id, secret)
    }

    /// Plans and compares with `transaction`, or outside of any.
    async fn plan_users(
        &self,
        transaction: Option<&Transaction>,
        manager: &Manager,
        batch: &[&DesiredUser],
        intent: &Intent,
    ) -> Result<Vec<Planned<crate::model::User>>, StoreError> {
        if batch.is_empty() {
            return Ok(Vec::new());
        }
        let access = transaction.map_or_else(|| self.store.users(), Transaction::users);
        users::plan(self, &access, manager, batch, intent).await
    }

    async fn plan_clients(
        &self,
        transaction: Option<&Transaction>,
        manager: &Manager,
        batch: &[&DesiredClient],
        intent: &Intent,
    ) -> Result<Vec<Planned<crate::model::Client>>, StoreError> {
        if batch.is_empty() {
            return Ok(Vec::new());
        }
        let access = transaction.map_or_else(|| self.store.clients(), Transaction::clients);
        clients::plan(self, &access, manager, batch, intent).await
    }

    /// Hashes the plain passwords that a batch sets, by their place in it.
    async fn hash_passwords(
        &self,
        manager: &Manager,
        batch: &Batch,
        intent: &Intent,
    ) -> Result<HashMap<usize, PasswordHash>, ReconcileError> {
        let plain: Vec<(usize, &DesiredUser, &Secret)> = batch
            .entries
            .iter()
            .enumerate()
            .filter_map(|(index, entry)| match &entry.desired {
                Desired::User(user @ DesiredUser { password: Field::Value(DeclaredPassword::Plain(text, _)), .. }) => {
                    Some((index, user, text))
                }
                _ => None,
            })
            .collect();
        if plain.is_empty() {
            return Ok(HashMap::new());
        }
        let users: Vec<&DesiredUser> = plain.iter().map(|(_, user, _)| *user).collect();
        let planned = self.plan_users(None, manager, &users, intent).await?;
        let wanted = plain.iter().zip(&planned).filter(|(_, planned)| planned.change.sets_secret());
        let (places, texts): (Vec<usize>, Vec<&Secret>) = wanted.map(|((index, _, text), _)| (*index, *text)).unzip();
        let prepared: Result<Vec<Secret>, _> = texts.into_iter().map(password::prepare).collect();
        let prepared = prepared.map_err(|error| HashingError::Argon2(error.to_string()))?;
        Ok(places.into_iter().zip(self.hasher.hash_all(&prepared).await?).collect())
    }

    /// Plans a batch again inside its transaction, and refuses what is no longer as it was planned.
    async fn settle(
        &self,
        transaction: &Transaction,
        lease: &Lease,
        batch: &Batch,
        intent: &Intent,
        hashes: &HashMap<usize, PasswordHash>,
    ) -> Result<Settled, StoreError> {
        let users: Vec<&DesiredUser> = batch.entries.iter().filter_map(|entry| as_user(&entry.desired)).collect();
        let clients: Vec<&DesiredClient> = batch.entries.iter().filter_map(|entry| as_client(&entry.desired)).collect();
        let mut users = self.plan_users(Some(transaction), &lease.manager, &users, intent).await?.into_iter();
        let mut clients = self.plan_clients(Some(transaction), &lease.manager, &clients, intent).await?.into_iter();
        let mut settled = Settled::default();
        for (index, entry) in batch.entries.iter().enumerate() {
            match &entry.desired {
                Desired::User(desired) => {
                    let Some(mut planned) = users.next() else { continue };
                    let hashed = settle_password(self, &mut planned, desired, hashes.get(&index));
                    if let Some(done) = accept(&mut settled.refused, index, &planned, entry.basis, hashed) {
                        let id = planned.result.as_ref().map(|user| user.id.to_string());
                        settled
                            .done
                            .push(Done { id: id.or_else(|| planned.change.id.clone()).unwrap_or_default(), ..done });
                        settled.users.push(planned);
                    }
                }
                Desired::Client(desired) => {
                    let Some(planned) = clients.next() else { continue };
                    if let Some(done) = accept(&mut settled.refused, index, &planned, entry.basis, true) {
                        settled.done.push(Done { id: desired.id.to_string(), ..done });
                        settled.clients.push(planned);
                    }
                }
            }
        }
        Ok(settled)
    }

    /// Plans the prunes of a batch inside its transaction.
    async fn settle_prunes(
        &self,
        transaction: &Transaction,
        lease: &Lease,
        batch: &Batch,
        prune: Prune,
        settled: &mut Settled,
    ) -> Result<(), StoreError> {
        let ids = |kind: Kind| -> Vec<&str> {
            batch.prunes.iter().filter(|one| one.kind == kind).map(|one| one.id.as_str()).collect()
        };
        let now = self.clock.now();
        let users = users::plan_prune(
            &transaction.users(),
            &transaction.sessions(),
            &lease.manager,
            &ids(Kind::User),
            prune,
            now,
        )
        .await?;
        let clients = clients::plan_prune(&transaction.clients(), &lease.manager, &ids(Kind::Client), prune).await?;
        let (mut users, mut clients) = (users.into_iter(), clients.into_iter());
        for (index, one) in batch.prunes.iter().enumerate() {
            let index = batch.entries.len() + index;
            let PlannedPrune { kind, id, basis, .. } = one;
            let accepted = match kind {
                Kind::User => {
                    let Some(planned) = users.next() else { continue };
                    let done = accept(&mut settled.refused, index, &planned, *basis, true);
                    settled.users.extend(done.is_some().then_some(planned));
                    done
                }
                Kind::Client => {
                    let Some(planned) = clients.next() else { continue };
                    let done = accept(&mut settled.refused, index, &planned, *basis, true);
                    settled.clients.extend(done.is_some().then_some(planned));
                    done
                }
            };
            settled.done.extend(accepted.map(|done| Done { id: id.clone(), ..done }));
        }
        Ok(())
    }

    fn lease_name(manager: &Manager) -> String {
        format!("sync {manager}")
    }
}

const fn as_user(desired: &Desired) -> Option<&DesiredUser> {
    match desired {
        Desired::User(user) => Some(user),
        Desired::Client(_) => None,
    }
}

const fn as_client(desired: &Desired) -> Option<&DesiredClient> {
    match desired {
        Desired::Client(client) => Some(client),
        Desired::User(_) => None,
    }
}

/// Puts a new password and its fingerprint in; returns whether there is nothing missing. Only now is a new user's id
/// settled: the fingerprint is bound to it.
fn settle_password(
    reconciler: &Reconciler,
    planned: &mut Planned<crate::model::User>,
    desired: &DesiredUser,
    hash: Option<&PasswordHash>,
) -> bool {
    let (Field::Value(declared), Some(user), true) =
        (&desired.password, &mut planned.result, planned.change.sets_secret())
    else {
        return true;
    };
    let fingerprint = reconciler.fingerprint(user.id.as_str(), declared.expose());
    if let crate::model::Ownership::Managed { declared, .. } = &mut user.ownership {
        declared.secret_fingerprint = Some(fingerprint);
    }
    if matches!(declared, DeclaredPassword::Hash(..)) {
        return true;
    }
    user.password = hash.cloned();
    hash.is_some()
}

/// Decides whether one planned change may be written: returns what is done, or notes why it is refused.
fn accept<T>(
    refused: &mut Vec<(usize, Change)>,
    index: usize,
    planned: &Planned<T>,
    basis: Basis,
    complete: bool,
) -> Option<Done> {
    let change = &planned.change;
    if change.operation == Operation::Conflict {
        refused.push((index, change.clone()));
        return None;
    }
    if planned.result.is_some() && (change.basis != basis || !complete) {
        let message = "was changed by somebody else after the plan was made";
        let hint = "run the same command again";
        refused.push((index, change.clone().refused(ConflictReason::ChangedMeanwhile, message, hint)));
        return None;
    }
    Some(Done { operation: change.operation, id: change.id.clone().unwrap_or_default() })
}

impl Target for Reconciler {
    type Error = ReconcileError;

    async fn compare(
        &self,
        manager: &Manager,
        kind: Kind,
        probes: &Probes,
        intent: &Intent,
    ) -> Result<Compared, ReconcileError> {
        let _turn = self.store.give_way().await;
        Ok(match kind {
            Kind::User => users::compare(self, &self.store.users(), manager, probes, intent).await?,
            Kind::Client => clients::compare(self, &self.store.clients(), manager, probes, intent).await?,
        })
    }

    async fn plan(
        &self,
        manager: &Manager,
        entries: &[&Desired],
        intent: &Intent,
    ) -> Result<Vec<Change>, ReconcileError> {
        let _turn = self.store.give_way().await;
        let users: Vec<&DesiredUser> = entries.iter().filter_map(|desired| as_user(desired)).collect();
        let clients: Vec<&DesiredClient> = entries.iter().filter_map(|desired| as_client(desired)).collect();
        let mut users = self.plan_users(None, manager, &users, intent).await?.into_iter();
        let mut clients = self.plan_clients(None, manager, &clients, intent).await?.into_iter();
        let changes = entries.iter().filter_map(|desired| match desired {
            Desired::User(_) => users.next().map(|planned| planned.change),
            Desired::Client(_) => clients.next().map(|planned| planned.change),
        });
        Ok(changes.collect())
    }

    async fn plan_prune(
        &self,
        manager: &Manager,
        kind: Kind,
        ids: &[&str],
        prune: Prune,
    ) -> Result<Vec<Change>, ReconcileError> {
        let now = self.clock.now();
        Ok(match kind {
            Kind::User => {
                let (users, sessions) = (self.store.users(), self.store.sessions());
                let planned = users::plan_prune(&users, &sessions, manager, ids, prune, now).await?;
                planned.into_iter().map(|planned| planned.change).collect()
            }
            Kind::Client => {
                let planned = clients::plan_prune(&self.store.clients(), manager, ids, prune).await?;
                planned.into_iter().map(|planned| planned.change).collect()
            }
        })
    }

    async fn apply(
        &self,
        lease: &Lease,
        batch: &Batch,
        intent: &Intent,
        prune: Prune,
    ) -> Result<Applied, ReconcileError> {
        let hashes = self.hash_passwords(&lease.manager, batch, intent).await?;
        let transaction = self.store.write_batch().await?;
        let name = Self::lease_name(&lease.manager);
        if !transaction.leases().hold(&name, &lease.holder).await? {
            return Ok(Applied::LeaseLost);
        }
        let mut settled = self.settle(&transaction, lease, batch, intent, &hashes).await?;
        self.settle_prunes(&transaction, lease, batch, prune, &mut settled).await?;
        if !settled.refused.is_empty() {
            return Ok(Applied::Refused(settled.refused));
        }
        users::write(&transaction, &settled.users).await?;
        clients::write(&transaction, &settled.clients).await?;
        let administrators = users::pruned_administrators(&settled.users, batch);
        if !administrators.is_empty() && transaction.users().administrators().await?.is_empty() {
            return Ok(Applied::Refused(administrators));
        }
        transaction.commit().await?;
        Ok(Applied::Done(settled.done))
    }

    async fn managed(&self, manager: &Manager, kind: Kind) -> Result<Managed, ReconcileError> {
        let (total, enabled) = match kind {
            Kind::User => self.store.users().count_managed(manager).await?,
            Kind::Client => self.store.clients().count_managed(manager).await?,
        };
        Ok(Managed { total, enabled })
    }

    async fn owned(&self, manager: &Manager, kind: Kind, after: Option<&str>) -> Result<Vec<Owned>, ReconcileError> {
        const PAGE: u64 = super::BATCH as u64;
        Ok(match kind {
            Kind::User => {
                let rows = self.store.users().managed(manager, after, PAGE).await?;
                let owned = rows.into_iter().map(|row| Owned {
                    id: row.id.to_string(),
                    key: row.folded,
                    external_id: row.external_id,
                });
                owned.collect()
            }
            Kind::Client => {
                let rows = self.store.clients().managed_page(manager, after, PAGE).await?;
                let owned = rows.into_iter().map(|client| Owned {
                    id: client.id.to_string(),
                    key: client.id.to_string(),
                    external_id: None,
                });
                owned.collect()
            }
        })
    }

    async fn take_lease(&self, lease: &Lease) -> Result<Option<String>, ReconcileError> {
        let (name, now) = (Self::lease_name(&lease.manager), self.clock.now());
        if self.store.leases().take(&name, &lease.holder, now, LEASE_SECONDS).await? {
            return Ok(None);
        }
        let holder = self.store.leases().holder(&name, now).await?;
        // It ended between the two questions: the next attempt gets it.
        Ok(Some(holder.unwrap_or_else(|| "another sync".to_owned())))
    }

    async fn give_back(&self, lease: &Lease) -> Result<(), ReconcileError> {
        Ok(self.store.leases().give_back(&Self::lease_name(&lease.manager), &lease.holder).await?)
    }
}
