//! What happens to one client that a file names.

use serde_json::{Value, json};

use crate::config::Seconds;
use crate::model::{
    Client, ClientAuthenticationMethod, ClientMetadata, Declared, GrantType, Manager, Ownership, Scopes, Timestamp,
};
use crate::reconcile::change::{Basis, Change, ConflictReason, FieldChange, Kind, Operation};
use crate::reconcile::plan::{Intent, Planned, changed, drift, refuse_foreign, secret, settle};
use crate::reconcile::source::{DesiredClient, Field};

/// Everything that one decision is made from.
pub(in crate::reconcile) struct Question<'a> {
    pub(in crate::reconcile) desired: &'a DesiredClient,
    pub(in crate::reconcile) live: Option<&'a Client>,
    pub(in crate::reconcile) manager: &'a Manager,
    pub(in crate::reconcile) intent: &'a Intent,
    /// Fingerprint of the declared secret under the client's id.
    pub(in crate::reconcile) fingerprint: Option<String>,
    /// The declared secret, encrypted for the client: stored only where the secret itself is needed.
    pub(in crate::reconcile) sealed: Option<String>,
}

/// Returns what a file that creates a client changes: nothing else needs to be known for that.
#[must_use]
pub(in crate::reconcile) fn creation(desired: &DesiredClient, manager: &Manager, now: Timestamp) -> Change {
    let intent = Intent::default();
    plan(&Question { desired, live: None, manager, intent: &intent, fingerprint: None, sealed: None }, now).change
}

/// Decides what happens to one client.
pub(in crate::reconcile) fn plan(question: &Question<'_>, now: Timestamp) -> Planned<Client> {
    let Question { desired, live, manager, intent, .. } = *question;
    let entry = desired.digest();
    let basis = Basis::of(live.map(basis_of).as_deref(), &entry);
    let mut change = Change::unchanged(Kind::Client, desired.id.as_str(), basis);
    change.id = live.map(|client| client.id.to_string());
    let owned = live.is_some_and(|client| client.ownership.manager() == Some(manager));
    if let Some(client) = live {
        let may_adopt = intent.adoption.permits(desired.id.as_str(), &client.ownership);
        change = match refuse_foreign(change, "secret", &client.ownership, client.created_at, manager, may_adopt) {
            Ok(change) => change,
            Err(refused) => return Planned { change: *refused, result: None },
        };
    }

    let mut after = live.cloned().unwrap_or_else(|| Client::new(desired.id.clone(), desired.id.to_string(), now));
    let mut declared = live.map(|client| client.ownership.declared()).unwrap_or_default();
    let mut fields = Vec::new();
    plan_metadata(desired, live, &declared, &mut after, &mut fields);
    plan_lifetimes(desired, live, &mut after, &mut fields);
    plan_further(desired, live, &mut after, &mut fields);
    plan_secret(question, &mut after, &mut declared, &mut fields);
    keep_sealed(question, &mut after);
    if let Some(client) = live.filter(|_| !owned) {
        let before = client.ownership.manager().map(|manager| json!(manager));
        fields.push(changed("manager", before, Some(json!(manager))));
    }
    if let Err(refused) = check(&after, &change, &fields) {
        return Planned { change: *refused, result: None };
    }

    let operation = match live {
        None => Operation::Create,
        Some(_) if fields.is_empty() => Operation::Unchanged,
        Some(_) => Operation::Update,
    };
    let state = live.map(Client::state_digest);
    let moved = state.as_deref().filter(|_| owned && operation == Operation::Update);
    let drift = moved.and_then(|state| drift(&declared, &entry, state));
    declared.entry = Some(entry);
    declared.state = Some(after.state_digest());
    declared.pruned = false;
    let noted = live.map(|client| client.ownership.declared());
    let stale = operation == Operation::Unchanged && noted.as_ref() != Some(&declared);
    after.ownership = Ownership::Managed { manager: manager.clone(), declared };
    let change = Change { operation, fields, drift, owned, stale, ..change };
    let differs = stale || operation != Operation::Unchanged;
    Planned { change, result: differs.then(|| Box::new(after)) }
}

/// Everything about a live client that a plan depends on.
pub(in crate::reconcile) fn basis_of(client: &Client) -> String {
    let (manager, declared) = match &client.ownership {
        Ownership::Managed { manager, declared } => (manager.as_str(), json!(declared)),
        Ownership::SelfRegistered => ("", json!("self")),
        Ownership::Unmanaged => ("", json!(null)),
    };
    json!([client.id, client.state_digest(), manager, declared]).to_string()
}

/// Refuses a client that could not be registered, or that could not prove who it is.
fn check(after: &Client, change: &Change, fields: &[FieldChange]) -> Result<(), Box<Change>> {
    let refuse = |reason, message: String, hint: &str| Err(Box::new(change.clone().refused(reason, message, hint)));
    let faults: Vec<String> = after.faults().iter().map(ToString::to_string).collect();
    if !faults.is_empty() {
        return refuse(ConflictReason::Invalid, faults.join("; "), "correct the entry in the file");
    }
    let gets_secret = fields.iter().any(|field| field.path == "client_secret" && field.after.is_some());
    if after.authentication_method.has_secret() && after.secret.is_none() && !gets_secret {
        return refuse(
            ConflictReason::SecretMissing,
            "authenticates by a secret and has none".to_owned(),
            "add client_secret, best by reference: {\"file\": \"…\"} or \"${NAME}\"; or authentication_method none",
        );
    }
    if after.authentication_method == ClientAuthenticationMethod::ClientSecretJwt
        && after.sealed_secret.is_none()
        && !gets_secret
    {
        return refuse(
            ConflictReason::SecretMissing,
            "authenticates by client_secret_jwt, and its secret itself is not known here".to_owned(),
            "declare client_secret, at least 32 characters",
        );
    }
    Ok(())
}

fn plan_metadata(
    desired: &DesiredClient,
    live: Option<&Client>,
    declared: &Declared,
    after: &mut Client,
    fields: &mut Vec<FieldChange>,
) {
    fn texts(texts: &Vec<String>) -> Option<Value> {
        (!texts.is_empty()).then(|| json!(texts))
    }
    let flag = |flag: &bool| Some(json!(flag));

    let id = desired.id.to_string();
    settle(
        "name",
        &desired.name,
        &id,
        live.map(|client| &client.name),
        &mut after.name,
        |name| Some(json!(name)),
        fields,
    );
    // Who was disabled only because the file did not name it comes back with the file.
    let returning = declared.pruned && matches!(desired.enabled, Field::Absent);
    let enabled = if returning { &Field::Null } else { &desired.enabled };
    settle("enabled", enabled, &true, live.map(|client| &client.enabled), &mut after.enabled, flag, fields);
    settle(
        "authentication_method",
        &desired.authentication_method,
        &ClientAuthenticationMethod::ClientSecretBasic,
        live.map(|client| &client.authentication_method),
        &mut after.authentication_method,
        |method| Some(json!(method.as_str())),
        fields,
    );
    let none = Vec::new();
    let before = live.map(|client| &client.redirect_uris);
    settle("redirect_uris", &desired.redirect_uris, &none, before, &mut after.redirect_uris, texts, fields);
    let before = live.map(|client| &client.post_logout_redirect_uris);
    let wanted = &desired.post_logout_redirect_uris;
    settle("post_logout_redirect_uris", wanted, &none, before, &mut after.post_logout_redirect_uris, texts, fields);
    settle(
        "grant_types",
        &desired.grant_types,
        &GrantType::DEFAULT.to_vec(),
        live.map(|client| &client.grant_types),
        &mut after.grant_types,
        |grants| Some(json!(grants)),
        fields,
    );
    let before = live.map(|client| &client.scopes);
    let scopes = |scopes: &Scopes| Some(json!(scopes));
    settle("scopes", &desired.scopes, &Scopes::all(), before, &mut after.scopes, scopes, fields);
    let before = live.map(|client| &client.first_party);
    settle("first_party", &desired.first_party, &false, before, &mut after.first_party, flag, fields);
}

fn plan_lifetimes(desired: &DesiredClient, live: Option<&Client>, after: &mut Client, fields: &mut Vec<FieldChange>) {
    let before = live.map(|client| client.lifetimes);
    for (path, wanted, before, after) in [
        (
            "access_token_lifetime",
            &desired.access_token_lifetime,
            before.map(|before| before.access_token),
            &mut after.lifetimes.access_token,
        ),
        (
            "id_token_lifetime",
            &desired.id_token_lifetime,
            before.map(|before| before.id_token),
            &mut after.lifetimes.id_token,
        ),
        (
            "refresh_token_lifetime",
            &desired.refresh_token_lifetime,
            before.map(|before| before.refresh_token),
            &mut after.lifetimes.refresh_token,
        ),
    ] {
        let wanted = match wanted {
            Field::Value(span) => Field::Value(Some(*span)),
            Field::Null => Field::Null,
            Field::Absent => Field::Absent,
        };
        let show = |span: &Option<Seconds>| span.map(|span| json!(span.to_string()));
        settle(path, &wanted, &None, before.as_ref(), after, show, fields);
    }
}

/// Further metadata, one field after the other, as it is written: `null` brings its default back.
fn plan_further(desired: &DesiredClient, live: Option<&Client>, after: &mut Client, fields: &mut Vec<FieldChange>) {
    let before = live.map(|client| client.metadata.to_map());
    let mut map = after.metadata.to_map();
    for (name, wanted) in &desired.further {
        let mut value = map.get(*name).cloned();
        let live = before.as_ref().map(|before| before.get(*name).cloned());
        settle(name, wanted, &None, live.as_ref(), &mut value, Clone::clone, fields);
        match value {
            Some(value) => map.insert((*name).to_owned(), value),
            None => map.remove(*name),
        };
    }
    // Each value has been read by itself before.
    after.metadata = ClientMetadata::from_map(&map).unwrap_or_default();
}

/// The secret itself is kept, encrypted, as long as the client authenticates by it, and no longer.
fn keep_sealed(question: &Question<'_>, after: &mut Client) {
    let needed = after.authentication_method == ClientAuthenticationMethod::ClientSecretJwt;
    let declared = question.desired.secret.value().map(|found| found.value.digest());
    let held = after.secret.as_ref();
    let is_declared = declared.as_ref().zip(held).is_some_and(|(declared, held)| declared.matches(held));
    let live = question.live;
    let was_same = live.and_then(|client| client.secret.as_ref()).zip(held).is_some_and(|(old, new)| old.matches(new));
    let kept = live.and_then(|client| client.sealed_secret.clone()).filter(|_| was_same);
    after.sealed_secret = match (needed, kept) {
        (false, _) => None,
        (true, Some(kept)) => Some(kept),
        (true, None) => question.sealed.clone().filter(|_| is_declared),
    };
}

/// The declared secret is compared by fingerprint: equal means that the file has not changed, and a secret that was
/// rotated by hand stays.
fn plan_secret(question: &Question<'_>, after: &mut Client, declared: &mut Declared, fields: &mut Vec<FieldChange>) {
    let held = question.live.and_then(|client| client.secret.as_ref());
    let before = held.map(|_| secret(declared.secret_revision));
    match &question.desired.secret {
        Field::Absent => {}
        Field::Null => {
            declared.secret_fingerprint = None;
            if held.is_some() {
                fields.push(changed("client_secret", before, None));
                after.secret = None;
            }
        }
        Field::Value(found) => {
            let same = question.live.is_some() && declared.secret_fingerprint == question.fingerprint;
            declared.secret_fingerprint.clone_from(&question.fingerprint);
            if same && !question.intent.reset_secrets {
                return;
            }
            // A client that is taken over keeps its secret if that is the declared one.
            let digest = found.value.digest();
            if held.is_some_and(|held| held.matches(&digest)) && !question.intent.reset_secrets {
                return;
            }
            declared.secret_revision = declared.secret_revision.saturating_add(1);
            fields.push(changed("client_secret", before, Some(secret(declared.secret_revision))));
            after.secret = Some(digest);
        }
    }
}
