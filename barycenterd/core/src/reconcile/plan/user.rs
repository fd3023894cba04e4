//! What happens to one user that a file names.

use std::collections::BTreeSet;

use serde_json::json;

use crate::model::{Declared, EmailAddress, Groups, Manager, Ownership, Properties, Timestamp, User};
use crate::reconcile::change::{Basis, Change, ConflictReason, FieldChange, Holder, Kind, Operation};
use crate::reconcile::plan::{Import, Intent, Planned, changed, drift, refuse_foreign, secret, settle};
use crate::reconcile::source::{DeclaredPassword, DesiredUser, Field};

/// Everything that one decision is made from.
pub(in crate::reconcile) struct Question<'a> {
    pub(in crate::reconcile) desired: &'a DesiredUser,
    pub(in crate::reconcile) live: Option<&'a User>,
    /// Another account that will still have the wanted e-mail address.
    pub(in crate::reconcile) email_holder: Option<&'a User>,
    /// Another account that will still have the wanted name.
    pub(in crate::reconcile) name_holder: Option<&'a User>,
    pub(in crate::reconcile) manager: &'a Manager,
    pub(in crate::reconcile) intent: &'a Intent,
    /// Fingerprint of the declared password under the live user's id.
    pub(in crate::reconcile) fingerprint: Option<String>,
}

/// Returns what a file that creates a user changes: nothing else needs to be known for that.
#[must_use]
pub(in crate::reconcile) fn creation(desired: &DesiredUser, manager: &Manager, now: Timestamp) -> Change {
    let intent = Intent::default();
    let question = Question {
        desired,
        live: None,
        email_holder: None,
        name_holder: None,
        manager,
        intent: &intent,
        fingerprint: None,
    };
    plan(&question, now).change
}

/// Decides what happens to one user.
pub(in crate::reconcile) fn plan(question: &Question<'_>, now: Timestamp) -> Planned<User> {
    let Question { desired, live, manager, intent, .. } = *question;
    let entry = desired.digest();
    let state = live.map(User::state_digest);
    let basis = Basis::of(live.map(basis_of).as_deref(), &entry);
    let mut change = Change::unchanged(Kind::User, desired.username.as_str(), basis);
    change.id = live.map(|user| user.id.to_string());
    let change = match refuse(question, change) {
        Ok(change) => change,
        Err(refused) => return Planned { change: *refused, result: None },
    };

    let owned = live.is_some_and(|user| user.ownership.manager() == Some(manager));
    let mut after = live.cloned().unwrap_or_else(|| User::new(desired.username.clone(), now));
    let mut declared = live.map(|user| user.ownership.declared()).unwrap_or_default();
    let mut fields = Vec::new();
    plan_names(desired, live, &mut after, &mut fields);
    plan_flags(desired, live, &declared, &mut after, &mut fields);
    plan_password(question, &mut after, &mut declared, &mut fields);
    let groups = |groups: &Groups| (!groups.is_empty()).then(|| json!(groups));
    let before = live.map(|user| &user.groups);
    settle("groups", &desired.groups, &Groups::new(), before, &mut after.groups, groups, &mut fields);
    plan_properties(desired, &mut after, &mut declared, &mut fields);
    let imports = intent.import != Import::No;
    if let Some(user) = live.filter(|_| !owned && !imports) {
        let before = user.ownership.manager().map(|manager| json!(manager));
        fields.push(changed("manager", before, Some(json!(manager))));
    }

    let operation = match live {
        None => Operation::Create,
        Some(_) if fields.is_empty() => Operation::Unchanged,
        Some(_) => Operation::Update,
    };
    let drift = state
        .as_deref()
        .filter(|_| owned && operation == Operation::Update)
        .and_then(|state| drift(&declared, &entry, state));
    if operation != Operation::Unchanged {
        after.updated_at = now;
    }
    declared.entry = Some(entry);
    declared.state = Some(after.state_digest());
    declared.pruned = false;
    let noted = live.map(|user| user.ownership.declared());
    let stale = operation == Operation::Unchanged && !imports && noted.as_ref() != Some(&declared);
    if !imports {
        after.ownership = Ownership::Managed { manager: manager.clone(), declared };
    }
    let change = Change { operation, fields, drift, owned, stale, ..change };
    let differs = stale || operation != Operation::Unchanged;
    Planned { change, result: differs.then(|| Box::new(after)) }
}

/// Everything about a live user that a plan depends on. The password is not: a user may change it, and a sign-in may
/// renew its hash, without getting into the way of a sync.
pub(in crate::reconcile) fn basis_of(user: &User) -> String {
    let (manager, declared) = match &user.ownership {
        Ownership::Managed { manager, declared } => (manager.as_str(), json!(declared)),
        Ownership::SelfRegistered => ("", json!("self")),
        Ownership::Unmanaged => ("", json!(null)),
    };
    json!([user.id, user.state_digest(), manager, declared]).to_string()
}

/// Finds what forbids touching the account.
fn refuse(question: &Question<'_>, change: Change) -> Result<Change, Box<Change>> {
    let Question { desired, live, manager, intent, .. } = *question;
    let name = &desired.username;
    let change = match (live, intent.import) {
        (None, _) | (Some(_), Import::Update) => change,
        (Some(_), Import::Create) => {
            let hint = "leave it as it is: --on-conflict skip, or change it: --on-conflict update";
            return Err(Box::new(change.refused(ConflictReason::Exists, "exists already", hint)));
        }
        (Some(user), Import::No) => {
            let may_adopt = intent.adoption.permits(user.username.folded(), &user.ownership)
                || intent.adoption.permits(name.folded(), &user.ownership);
            refuse_foreign(change, "password", &user.ownership, user.created_at, manager, may_adopt)?
        }
    };
    if let Some(holder) = question.name_holder {
        let known = holder.external_id.as_ref().map(|id| format!(", whose external_id is {id}")).unwrap_or_default();
        let message = format!("the name belongs to another account{known}");
        let hint = format!("rename one of the two, or prune the account that has the name {}", holder.username);
        return Err(Box::new(held_by(holder, change.refused(ConflictReason::UsernameTaken, message, hint))));
    }
    if let (Some(holder), Field::Value(email)) = (question.email_holder, &desired.email) {
        let message = format!("the e-mail address {email} is already used by {}", holder.username);
        let hint = format!("change the address of one of the two ({name}, {})", holder.username);
        return Err(Box::new(held_by(holder, change.refused(ConflictReason::EmailTaken, message, hint))));
    }
    Ok(change)
}

fn held_by(holder: &User, change: Change) -> Change {
    let holder = Holder { key: holder.username.folded().to_owned(), external_id: holder.external_id.clone() };
    Change { holder: Some(holder), ..change }
}

fn plan_names(desired: &DesiredUser, live: Option<&User>, after: &mut User, fields: &mut Vec<FieldChange>) {
    let id = |id: &Option<String>| id.as_ref().map(|id| json!(id));
    let wanted = match &desired.external_id {
        Field::Value(text) => Field::Value(Some(text.clone())),
        Field::Null => Field::Null,
        Field::Absent => Field::Absent,
    };
    let before = live.map(|user| &user.external_id);
    settle("external_id", &wanted, &None, before, &mut after.external_id, id, fields);
    if let Some(user) = live.filter(|user| user.username != desired.username) {
        let (before, wanted) = (json!(user.username.as_str()), json!(desired.username.as_str()));
        fields.push(changed("username", Some(before), Some(wanted)));
        after.username = desired.username.clone();
    }
    let wanted = match &desired.email {
        Field::Value(email) => Field::Value(Some(email.clone())),
        Field::Null => Field::Null,
        Field::Absent => Field::Absent,
    };
    let email = |email: &Option<EmailAddress>| email.as_ref().map(|email| json!(email.as_str()));
    settle("email", &wanted, &None, live.map(|user| &user.email), &mut after.email, email, fields);
}

fn plan_flags(
    desired: &DesiredUser,
    live: Option<&User>,
    declared: &Declared,
    after: &mut User,
    fields: &mut Vec<FieldChange>,
) {
    let flag = |flag: &bool| Some(json!(flag));
    let before = live.map(|user| &user.email_verified);
    settle("email_verified", &desired.email_verified, &false, before, &mut after.email_verified, flag, fields);
    // Who was disabled only because the file did not name them comes back with the file.
    let returning = declared.pruned && matches!(desired.enabled, Field::Absent);
    let enabled = if returning { &Field::Null } else { &desired.enabled };
    settle("enabled", enabled, &true, live.map(|user| &user.enabled), &mut after.enabled, flag, fields);
    let before = live.map(|user| &user.protected);
    settle("protected", &desired.protected, &false, before, &mut after.protected, flag, fields);
}

/// The declared password is compared by fingerprint: equal means that the file has not changed, whatever the user did.
fn plan_password(question: &Question<'_>, after: &mut User, declared: &mut Declared, fields: &mut Vec<FieldChange>) {
    let held = question.live.and_then(|user| user.password.as_ref());
    let before = held.map(|_| secret(declared.secret_revision));
    declared.secret_cleared = matches!(question.desired.password, Field::Null);
    match &question.desired.password {
        Field::Absent => {}
        Field::Null => {
            declared.secret_fingerprint = None;
            if held.is_some() {
                fields.push(changed("password", before, None));
                after.password = None;
            }
        }
        Field::Value(password) => {
            let imports = question.intent.import != Import::No;
            let adopted = !imports && question.live.is_some_and(|user| user.ownership.manager().is_none());
            let same = question.live.is_some() && declared.secret_fingerprint == question.fingerprint;
            declared.secret_fingerprint.clone_from(&question.fingerprint);
            let keeps = (adopted && held.is_some()) || (same && !imports);
            if keeps && !question.intent.reset_secrets {
                return;
            }
            declared.secret_revision = declared.secret_revision.saturating_add(1);
            fields.push(changed(password.field(), before, Some(secret(declared.secret_revision))));
            if let DeclaredPassword::Hash(hash, _) = password {
                after.password = Some(hash.clone());
            }
        }
    }
}

/// Properties are merged by name: what the file managed before and no longer mentions goes, what others set stays.
fn plan_properties(desired: &DesiredUser, after: &mut User, declared: &mut Declared, fields: &mut Vec<FieldChange>) {
    let empty = Properties::new();
    let wanted = match &desired.properties {
        Field::Absent => return,
        Field::Null => &empty,
        Field::Value(properties) => properties,
    };
    let dropped = declared.property_names.iter().filter(|name| !wanted.contains_key(*name)).cloned();
    let cleared = wanted.iter().filter(|(_, value)| value.is_null()).map(|(name, _)| name.clone());
    for name in dropped.chain(cleared).collect::<BTreeSet<_>>() {
        if let Some(value) = after.properties.remove(&name) {
            fields.push(changed(format!("properties.{name}"), Some(value), None));
        }
    }
    for (name, value) in wanted.iter().filter(|(_, value)| !value.is_null()) {
        let current = after.properties.get(name).cloned();
        if current.as_ref() != Some(value) {
            fields.push(changed(format!("properties.{name}"), current, Some(value.clone())));
            after.properties.insert(name.clone(), value.clone());
        }
    }
    declared.property_names =
        wanted.iter().filter(|(_, value)| !value.is_null()).map(|(name, _)| name.clone()).collect();
}
