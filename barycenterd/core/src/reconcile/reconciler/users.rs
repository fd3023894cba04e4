//! Users: which live account an entry means, and writing what was planned.

use std::cell::LazyCell;
use std::collections::{HashMap, HashSet};

use crate::model::{Manager, Timestamp, User, UserId};
use crate::reconcile::change::{Change, ConflictReason, Kind, Operation};
use crate::reconcile::plan::prune::{self, Prune};
use crate::reconcile::plan::user::{Question, plan as decide};
use crate::reconcile::plan::{Import, Intent, Planned};
use crate::reconcile::probe::{Probe, Probes};
use crate::reconcile::reconciler::Reconciler;
use crate::reconcile::source::{DesiredUser, Field};
use crate::reconcile::target::{Batch, Compared, PlannedPrune, Standing};
use crate::store::{Sessions, Standing as Row, StoreError, Transaction, Users};

/// What a probe meets.
enum Found<'a> {
    /// The account that the entry means.
    Row(&'a Row<'a>),
    /// An account that has the name, and that the file knows under another stable key.
    Somebody,
    /// No account.
    Nobody,
}

/// Says which entries would change nothing.
pub(super) async fn compare(
    reconciler: &Reconciler,
    users: &Users<'_>,
    manager: &Manager,
    probes: &Probes,
    intent: &Intent,
) -> Result<Compared, StoreError> {
    let probes: Vec<Probe<'_>> = probes.iter().collect();
    let names: Vec<&str> = probes.iter().map(|probe| probe.key).collect();
    let external_ids: Vec<&str> = probes.iter().filter_map(|probe| probe.external_id).collect();
    let standings = users.standings(&names, manager, &external_ids).await?;
    let rows = standings.read()?;
    let by_name: LazyCell<HashMap<&str, _>, _> = LazyCell::new(|| rows.iter().map(|row| (row.folded, row)).collect());
    let by_external_id: HashMap<&str, _> =
        rows.iter().filter(|row| row.owned).filter_map(|row| Some((row.external_id?, row))).collect();
    let claimed: HashSet<&str> = external_ids.iter().copied().filter(|id| by_external_id.contains_key(id)).collect();
    // Most often the rows are the probes' own, in their order.
    let mut next = rows.iter().peekable();
    let find = |probe: &Probe<'_>| {
        let wanted = probe.external_id;
        let in_order = next.next_if(|row| row.folded == probe.key);
        if let Some(row) = wanted.and_then(|id| by_external_id.get(id)) {
            return Found::Row(row);
        }
        let Some(row) = in_order.or_else(|| by_name.get(probe.key).copied()) else { return Found::Nobody };
        let known = row.external_id.filter(|_| row.owned);
        let is_other = known.is_some_and(|known| wanted.is_some() || claimed.contains(known));
        if is_other { Found::Somebody } else { Found::Row(row) }
    };
    let found: Vec<(&Probe<'_>, Found<'_>)> = probes.iter().zip(probes.iter().map(find)).collect();
    let absent = found.iter().filter(|(_, found)| matches!(found, Found::Nobody));
    let taken = users.taken_emails(&absent.filter_map(|(probe, _)| probe.email.as_deref()).collect::<Vec<_>>()).await?;
    let taken: HashSet<&str> = taken.iter().map(String::as_str).collect();

    let mut compared = Compared::default();
    for (probe, found) in found {
        let row = match found {
            Found::Row(row) => row,
            Found::Somebody => {
                compared.standings.push(Standing::Other);
                continue;
            }
            Found::Nobody => {
                let free = probe.email.as_deref().is_none_or(|email| !taken.contains(email));
                compared.standings.push(if free { Standing::Absent } else { Standing::Other });
                continue;
            }
        };
        let same_secret = || match probe.secret {
            None => true,
            Some(_) if intent.reset_secrets => false,
            Some(secret) => row.secret_fingerprint == Some(reconciler.fingerprint(row.id, secret).as_str()),
        };
        let is_owned = row.owned && intent.import == Import::No;
        compared.owned += u64::from(is_owned);
        compared.owned_enabled += u64::from(is_owned && row.enabled);
        let same = is_owned && row.untouched && !row.pruned && row.entry == Some(&*probe.digest) && same_secret();
        compared.standings.push(if same { Standing::Same } else { Standing::Other });
    }
    Ok(compared)
}

/// Plans a batch against what is there.
pub(super) async fn plan(
    reconciler: &Reconciler,
    users: &Users<'_>,
    manager: &Manager,
    batch: &[&DesiredUser],
    intent: &Intent,
) -> Result<Vec<Planned<User>>, StoreError> {
    let now = reconciler.clock.now();
    let mut live = Live::load(users, manager, batch).await?;
    loop {
        let planned = plan_against(reconciler, &live, manager, batch, intent, now);
        // Whoever cannot be changed gives nothing up.
        let stuck = planned.iter().filter(|planned| planned.change.operation == Operation::Conflict);
        let stuck: Vec<_> = stuck.filter_map(|planned| planned.change.id.as_deref()).collect();
        let known = live.leaving.len();
        live.leaving.retain(|id, _| !stuck.contains(&id.as_str()));
        if live.leaving.len() == known {
            return Ok(planned);
        }
    }
}

fn plan_against(
    reconciler: &Reconciler,
    live: &Live,
    manager: &Manager,
    batch: &[&DesiredUser],
    intent: &Intent,
    now: Timestamp,
) -> Vec<Planned<User>> {
    let planned = batch.iter().zip(&live.matched).map(|(desired, found)| {
        let current = found.as_ref().and_then(|id| live.by_id.get(id));
        let fingerprint = match (&desired.password, current) {
            (Field::Value(password), Some(user)) => Some(reconciler.fingerprint(user.id.as_str(), password.expose())),
            _ => None,
        };
        let question = Question {
            desired,
            live: current,
            email_holder: live.other_holder_of_email(desired, current),
            name_holder: live.other_holder_of_name(desired, current),
            manager,
            intent,
            fingerprint,
        };
        decide(&question, now)
    });
    planned.collect()
}

/// Plans what pruning these users means. Those that another manager owns by now, or that are gone, are left out of
/// what is written: nothing is to be done about them any more.
pub(super) async fn plan_prune(
    users: &Users<'_>,
    sessions: &Sessions<'_>,
    manager: &Manager,
    ids: &[&str],
    prune: Prune,
    now: Timestamp,
) -> Result<Vec<Planned<User>>, StoreError> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let found = users.by_ids(ids).await?;
    let found: HashMap<&str, &User> = found.iter().map(|user| (user.id.as_str(), user)).collect();
    let sessions = sessions.count_of(ids, now).await?;
    let planned = ids.iter().map(|id| match found.get(id).filter(|user| user.ownership.manager() == Some(manager)) {
        Some(user) => prune::user(user, prune, sessions.get(*id).copied().unwrap_or_default(), now),
        None => prune::gone(Kind::User, id),
    });
    Ok(planned.collect())
}

/// The accounts that a batch touches or meets.
struct Live {
    by_id: HashMap<UserId, User>,
    by_name: HashMap<String, UserId>,
    by_email: HashMap<String, UserId>,
    /// Which account each entry of the batch means.
    matched: Vec<Option<UserId>>,
    /// What the accounts that the batch means are called afterwards, and which address they want, if they say.
    leaving: HashMap<UserId, (String, Option<Option<String>>)>,
}

impl Live {
    async fn load(users: &Users<'_>, manager: &Manager, batch: &[&DesiredUser]) -> Result<Self, StoreError> {
        let names: Vec<&str> = batch.iter().map(|desired| desired.username.folded()).collect();
        let external_ids: Vec<&str> =
            batch.iter().filter_map(|desired| desired.external_id.value().map(String::as_str)).collect();
        let emails: Vec<String> = batch.iter().filter_map(|desired| wanted_email(desired).flatten()).collect();
        let mut found = users.by_names(&names, manager, &external_ids).await?;
        if !emails.is_empty() {
            found.extend(users.by_folded_emails(&emails).await?);
        }
        let by_id: HashMap<UserId, User> = found.into_iter().map(|user| (user.id.clone(), user)).collect();
        let mut live = Self {
            by_name: by_id.values().map(|user| (user.username.folded().to_owned(), user.id.clone())).collect(),
            by_email: by_id
                .values()
                .filter_map(|user| Some((user.email.as_ref()?.folded(), user.id.clone())))
                .collect(),
            by_id,
            matched: Vec::new(),
            leaving: HashMap::new(),
        };
        let owned = live.by_id.values().filter(|user| user.ownership.manager() == Some(manager));
        let by_external_id: HashMap<String, UserId> =
            owned.filter_map(|user| Some((user.external_id.clone()?, user.id.clone()))).collect();
        // Whom one entry means by its stable key, no other entry means by the name.
        let claimed: HashSet<UserId> = external_ids.iter().filter_map(|id| by_external_id.get(*id)).cloned().collect();
        let find = |desired: &&DesiredUser| live.find(desired, manager, &by_external_id, &claimed);
        live.matched = batch.iter().map(find).collect();
        let leaving = batch.iter().zip(&live.matched).filter_map(|(desired, found)| {
            Some((found.clone()?, (desired.username.folded().to_owned(), wanted_email(desired))))
        });
        live.leaving = leaving.collect();
        Ok(live)
    }

    /// Finds the account that an entry means: by its stable key, else by its name, unless that name belongs to an
    /// account that the same file knows by another stable key.
    fn find(
        &self,
        desired: &DesiredUser,
        manager: &Manager,
        by_external_id: &HashMap<String, UserId>,
        claimed: &HashSet<UserId>,
    ) -> Option<UserId> {
        let wanted = desired.external_id.value();
        if let Some(id) = wanted.and_then(|id| by_external_id.get(id)) {
            return Some(id.clone());
        }
        let id = self.by_name.get(desired.username.folded())?;
        let user = self.by_id.get(id)?;
        let is_other = user.ownership.manager() == Some(manager)
            && wanted.is_some_and(|wanted| user.external_id.as_ref().is_some_and(|known| known != wanted));
        (!is_other && !claimed.contains(id)).then(|| id.clone())
    }

    /// Another account that has the wanted name and does not give it up in this batch.
    fn other_holder_of_name(&self, desired: &DesiredUser, current: Option<&User>) -> Option<&User> {
        let name = desired.username.folded();
        let holder = self.by_id.get(self.by_name.get(name)?)?;
        let is_other = current.is_none_or(|current| current.id != holder.id);
        let gives_it_up = self.leaving.get(&holder.id).is_some_and(|(next, _)| next != name);
        (is_other && !gives_it_up).then_some(holder)
    }

    /// Another account that has the wanted address and does not give it up in this batch.
    fn other_holder_of_email(&self, desired: &DesiredUser, current: Option<&User>) -> Option<&User> {
        let email = wanted_email(desired).flatten()?;
        let holder = self.by_id.get(self.by_email.get(&email)?)?;
        let is_other = current.is_none_or(|current| current.id != holder.id);
        let next = self.leaving.get(&holder.id).and_then(|(_, wanted)| wanted.as_ref());
        let gives_it_up = next.is_some_and(|wanted| wanted.as_ref() != Some(&email));
        (is_other && !gives_it_up).then_some(holder)
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

/// Writes settled plans. Names and addresses that move between users are let go first; whoever may no longer sign in,
/// or has another password now, loses sessions, codes and tokens.
pub(super) async fn write(transaction: &Transaction, settled: &[Planned<User>]) -> Result<(), StoreError> {
    let users = transaction.users();
    let of = |wanted: fn(Operation) -> bool| {
        let results = settled.iter().filter_map(|planned| Some((&planned.change, planned.result.as_deref()?)));
        results.filter(move |(change, _)| wanted(change.operation))
    };
    let updates = || of(|operation| matches!(operation, Operation::Update | Operation::Unchanged));
    let leaving: Vec<&str> = updates().filter(|(change, _)| moves(change)).map(|(_, user)| user.id.as_str()).collect();
    // One that moves alone meets nobody.
    if leaving.len() > 1 || (!leaving.is_empty() && of(|operation| operation == Operation::Create).next().is_some()) {
        users.release_names(&leaving).await?;
    }
    for (change, user) in updates() {
        users.update(user).await?;
        if change.disables() || change.sets_secret() {
            end_access(transaction, &user.id).await?;
        }
    }
    let new: Vec<&User> = of(|operation| operation == Operation::Create).map(|(_, user)| user).collect();
    users.insert_all(&new).await?;
    for (_, user) in of(|operation| operation == Operation::Disable) {
        users.update(user).await?;
        end_access(transaction, &user.id).await?;
    }
    let gone: Vec<&str> = of(|operation| operation == Operation::Delete).map(|(_, user)| user.id.as_str()).collect();
    users.delete_all(&gone).await
}

/// Returns whether the user gets another name or address.
fn moves(change: &Change) -> bool {
    change.fields.iter().any(|field| matches!(field.path.as_str(), "username" | "email"))
}

/// Ends everything that lets a user, or a client in their name, in.
async fn end_access(transaction: &Transaction, user: &UserId) -> Result<(), StoreError> {
    transaction.sessions().end_all_of(user).await?;
    transaction.authorizations().revoke_codes_of(user).await?;
    transaction.tokens().revoke_all_of(user).await
}

/// Returns the refusals of the prunes of administrators, for when nobody would be left to administer the platform.
pub(super) fn pruned_administrators(settled: &[Planned<User>], batch: &Batch) -> Vec<(usize, Change)> {
    let prunes = settled.iter().filter(|planned| planned.change.operation.is_prune());
    let administrators = prunes.filter(|planned| planned.result.as_deref().is_some_and(User::is_administrator));
    let refuse = |planned: &Planned<User>| {
        let is_it = |one: &PlannedPrune| one.kind == Kind::User && Some(&one.id) == planned.change.id.as_ref();
        let index = batch.entries.len() + batch.prunes.iter().position(is_it)?;
        let message = "is the last administrator who may sign in";
        let hint = "keep one: name the user in the file, or make another one an administrator first";
        Some((index, planned.change.clone().refused(ConflictReason::LastAdministrator, message, hint)))
    };
    administrators.filter_map(refuse).collect()
}
