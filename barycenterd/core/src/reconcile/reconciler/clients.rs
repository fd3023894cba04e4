//! Clients: comparing many of them, and writing what was planned.

use std::collections::HashMap;

use crate::model::{Client, Manager};
use crate::reconcile::change::{Kind, Operation};
use crate::reconcile::plan::client::{Question, plan as decide};
use crate::reconcile::plan::prune::{self, Prune};
use crate::reconcile::plan::{Intent, Planned};
use crate::reconcile::probe::Probes;
use crate::reconcile::reconciler::Reconciler;
use crate::reconcile::source::{DesiredClient, Field};
use crate::reconcile::target::{Compared, Standing};
use crate::store::{Clients, StoreError, Transaction};

/// Says which entries would change nothing.
pub(super) async fn compare(
    reconciler: &Reconciler,
    clients: &Clients<'_>,
    manager: &Manager,
    probes: &Probes,
    intent: &Intent,
) -> Result<Compared, StoreError> {
    let ids: Vec<&str> = probes.iter().map(|probe| probe.key).collect();
    let found = by_id(clients, &ids).await?;
    let mut compared = Compared::default();
    for probe in probes.iter() {
        // A new client is checked as a whole: whether it has a secret, whether its addresses are sound.
        let Some(client) = found.get(probe.key) else {
            compared.standings.push(Standing::Other);
            continue;
        };
        let declared = client.ownership.declared();
        let same_secret = match probe.secret {
            None => true,
            Some(_) if intent.reset_secrets => false,
            Some(secret) => declared.secret_fingerprint == Some(reconciler.fingerprint(client.id.as_str(), secret)),
        };
        let is_owned = client.ownership.manager() == Some(manager);
        compared.owned += u64::from(is_owned);
        compared.owned_enabled += u64::from(is_owned && client.enabled);
        let same = is_owned
            && !declared.pruned
            && declared.state == Some(client.state_digest())
            && declared.entry.as_deref() == Some(&*probe.digest)
            && same_secret;
        compared.standings.push(if same { Standing::Same } else { Standing::Other });
    }
    Ok(compared)
}

async fn by_id(clients: &Clients<'_>, ids: &[&str]) -> Result<HashMap<String, Client>, StoreError> {
    let found = clients.by_ids(ids).await?;
    Ok(found.into_iter().map(|client| (client.id.to_string(), client)).collect())
}

/// Plans a batch against what is there.
pub(super) async fn plan(
    reconciler: &Reconciler,
    clients: &Clients<'_>,
    manager: &Manager,
    batch: &[&DesiredClient],
    intent: &Intent,
) -> Result<Vec<Planned<Client>>, StoreError> {
    let now = reconciler.clock.now();
    let ids: Vec<&str> = batch.iter().map(|desired| desired.id.as_str()).collect();
    let live = by_id(clients, &ids).await?;
    let planned = batch.iter().map(|desired| {
        let current = live.get(desired.id.as_str());
        let fingerprint = fingerprint(reconciler, desired);
        let sealed = desired.secret.value().and_then(|found| {
            // A library that fails to encrypt leaves the client without: it cannot authenticate, and says so.
            reconciler.client_secrets.seal(desired.id.as_str(), &found.value).ok()
        });
        decide(&Question { desired, live: current, manager, intent, fingerprint, sealed }, now)
    });
    Ok(planned.collect())
}

fn fingerprint(reconciler: &Reconciler, desired: &DesiredClient) -> Option<String> {
    match &desired.secret {
        Field::Value(found) => Some(reconciler.fingerprint(desired.id.as_str(), found.value.expose())),
        Field::Absent | Field::Null => None,
    }
}

/// Plans what pruning these clients means.
pub(super) async fn plan_prune(
    clients: &Clients<'_>,
    manager: &Manager,
    ids: &[&str],
    prune: Prune,
) -> Result<Vec<Planned<Client>>, StoreError> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let found = by_id(clients, ids).await?;
    let planned =
        ids.iter().map(|id| match found.get(*id).filter(|client| client.ownership.manager() == Some(manager)) {
            Some(client) => prune::client(client, prune),
            None => prune::gone(Kind::Client, id),
        });
    Ok(planned.collect())
}

/// Writes settled plans. A client that may no longer be used, or has another secret now, loses codes and tokens.
pub(super) async fn write(transaction: &Transaction, settled: &[Planned<Client>]) -> Result<(), StoreError> {
    let clients = transaction.clients();
    for Planned { change, result } in settled {
        let Some(client) = result.as_deref() else { continue };
        match change.operation {
            Operation::Create => clients.insert(client).await?,
            Operation::Delete => {
                clients.delete(&client.id).await?;
            }
            Operation::Update | Operation::Disable | Operation::Unchanged => {
                clients.update(client).await?;
                if change.disables() || change.sets_secret() {
                    transaction.authorizations().revoke_codes_of_client(&client.id).await?;
                    transaction.tokens().revoke_all_of_client(&client.id).await?;
                }
            }
            Operation::Conflict => {}
        }
    }
    Ok(())
}
