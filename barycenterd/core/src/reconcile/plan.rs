//! What would have to change: a pure function from what a file wants and what is there to one [`Change`].
//!
//! Everything that a decision needs is a parameter; the same inputs give the same change, whoever asks and from
//! where. Secrets appear in a change as `{"secret":true}` and never as a text.

use std::collections::BTreeSet;

use serde::Serialize;
use serde_json::{Value, json};

use crate::model::{Declared, EmailAddress, Manager, Ownership, Properties, Timestamp, User, UserId};
use crate::reconcile::users_file::{DesiredUser, Field};
use crate::secret::Digest;

/// Which unmanaged accounts a sync may take over.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Adoption {
    /// Accounts taken over by name, folded.
    pub names: BTreeSet<String>,
    /// Whether every unmanaged account that the file names is taken over; never one that registered itself.
    pub all: bool,
}

impl Adoption {
    /// Returns whether this account may be taken over.
    fn permits(&self, user: &User) -> bool {
        self.names.contains(user.username.folded()) || (self.all && user.ownership == Ownership::Unmanaged)
    }
}

/// The state that a change was planned against: a digest, or `absent`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Basis(String);

impl Basis {
    /// Takes a basis that a plan has named.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// Returns the basis as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the basis of what is there now.
    fn of(live: Option<&User>) -> Self {
        let Some(user) = live else { return Self("absent".to_owned()) };
        let (manager, declared) = match &user.ownership {
            Ownership::Managed { manager, declared } => (manager.as_str(), json!(declared)),
            Ownership::SelfRegistered => ("", json!("self")),
            Ownership::Unmanaged => ("", Value::Null),
        };
        let state = json!([
            user.id,
            user.username.as_str(),
            user.email.as_ref().map(EmailAddress::as_str),
            user.email_verified,
            user.enabled,
            user.password.as_ref().map(|hash| hash.as_str().to_owned()),
            user.properties,
            manager,
            declared,
        ]);
        Self(Digest::of(&state.to_string()).as_str().to_owned())
    }
}

/// What happens to a user.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Operation {
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
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ConflictReason {
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

/// One field that changes. Absent sides have no value; a secret is `{"secret":true}`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FieldChange {
    /// `email`, `properties.role` …
    pub path: String,
    /// The value that is there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub before: Option<Value>,
    /// The value that the file wants.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after: Option<Value>,
}

/// What happens to one user, and why.
#[derive(Debug, Clone, PartialEq)]
pub struct Change {
    /// What happens.
    pub operation: Operation,
    /// The username in the file.
    pub key: String,
    /// The user's id, if there is one.
    pub id: Option<UserId>,
    /// What differs.
    pub fields: Vec<FieldChange>,
    /// Why it cannot be done.
    pub conflict: Option<ConflictReason>,
    /// The same in words.
    pub message: Option<String>,
    /// The way out.
    pub hint: Option<String>,
    /// What it was planned against.
    pub basis: Basis,
    /// Whether the manager owned the account before.
    pub owned: bool,
}

impl Change {
    /// Returns the conflict that stands in the way of an account.
    #[must_use]
    pub(super) fn conflict(
        desired: &DesiredUser,
        live: Option<&User>,
        reason: ConflictReason,
        message: String,
        hint: String,
    ) -> Self {
        Self {
            operation: Operation::Conflict,
            key: desired.username.as_str().to_owned(),
            id: live.map(|user| user.id.clone()),
            fields: Vec::new(),
            conflict: Some(reason),
            message: Some(message),
            hint: Some(hint),
            basis: Basis::of(live),
            owned: false,
        }
    }

    /// Returns whether the change sets, or clears, the password.
    #[must_use]
    pub fn sets_password(&self) -> bool {
        self.fields.iter().any(|field| field.path == "password")
    }

    /// Returns whether the account may no longer sign in afterwards, though it could before.
    #[must_use]
    pub fn disables(&self) -> bool {
        self.fields.iter().any(|field| field.path == "enabled" && field.after == Some(Value::Bool(false)))
    }
}

/// Everything that one decision is made from.
pub(super) struct Question<'a> {
    pub(super) desired: &'a DesiredUser,
    pub(super) live: Option<&'a User>,
    /// Another account that will still have the wanted e-mail address.
    pub(super) email_holder: Option<&'a User>,
    pub(super) manager: &'a Manager,
    pub(super) adoption: &'a Adoption,
    /// Fingerprint of the declared password under the live user's id.
    pub(super) fingerprint: Option<String>,
}

/// A change, and the account as it will be; a password still has to be put in.
#[derive(Debug)]
pub(super) struct Planned {
    pub(super) change: Change,
    /// What is to be stored; `None` where nothing is.
    pub(super) result: Option<Box<User>>,
}

/// Decides what happens to one user.
pub(super) fn plan(question: &Question<'_>, now: Timestamp) -> Planned {
    if let Some(change) = conflict(question) {
        return Planned { change, result: None };
    }
    let desired = question.desired;
    let before = question.live;
    let mut after = before.cloned().unwrap_or_else(|| User::new(desired.username.clone(), now));
    let mut fields = Vec::new();
    let owned = before.is_some_and(|user| manager_of(user) == Some(question.manager));

    if let Some(user) = before.filter(|user| user.username != desired.username) {
        fields.push(change("username", Some(json!(user.username.as_str())), Some(json!(desired.username.as_str()))));
        after.username = desired.username.clone();
    }
    plan_email(desired, before, &mut after, &mut fields);
    plan_flag(
        "email_verified",
        desired.email_verified,
        before.map(|user| user.email_verified),
        &mut after.email_verified,
        &mut fields,
    );
    plan_flag("enabled", desired.enabled, before.map(|user| user.enabled), &mut after.enabled, &mut fields);
    let mut declared = before.map(declared_of).unwrap_or_default();
    plan_password(question, &mut after, &mut declared, &mut fields);
    plan_properties(desired, &mut after, &mut declared, &mut fields);
    if let Some(user) = before.filter(|_| !owned) {
        fields.push(change("manager", manager_of(user).map(|manager| json!(manager)), Some(json!(question.manager))));
    }

    if let Some(user) = before.filter(|_| owned && fields.is_empty()) {
        // Nothing differs but what the file manages: it now mentions something that was there already.
        let noted = declared_of(user);
        if noted != declared {
            fields.push(change("managed", Some(json!(noted.property_names)), Some(json!(declared.property_names))));
        }
    }
    after.ownership = Ownership::Managed { manager: question.manager.clone(), declared };
    let operation = match before {
        None => Operation::Create,
        Some(_) if fields.is_empty() => Operation::Unchanged,
        Some(_) => Operation::Update,
    };
    after.updated_at = now;
    let differs = operation != Operation::Unchanged;
    let change = Change {
        operation,
        key: desired.username.as_str().to_owned(),
        id: before.map(|user| user.id.clone()),
        fields,
        conflict: None,
        message: None,
        hint: None,
        basis: Basis::of(before),
        owned,
    };
    Planned { change, result: differs.then(|| Box::new(after)) }
}

/// Finds what forbids touching the account.
fn conflict(question: &Question<'_>) -> Option<Change> {
    let (desired, manager) = (question.desired, question.manager);
    let name = &desired.username;
    if let Some(user) = question.live {
        let refuse =
            |reason, message: String, hint: String| Some(Change::conflict(desired, Some(user), reason, message, hint));
        let adopt = format!("--adopt {name} (keeps the account's password), or remove it from the file");
        match &user.ownership {
            Ownership::Managed { manager: other, .. } if other != manager => {
                let message = format!("is managed by \"{other}\", not by \"{manager}\"");
                return refuse(
                    ConflictReason::OtherManager,
                    message,
                    format!("remove {name} from one of the two files"),
                );
            }
            Ownership::Unmanaged if !question.adoption.permits(user) => {
                return refuse(
                    ConflictReason::Unmanaged,
                    "exists already and is not managed by any file".to_owned(),
                    adopt,
                );
            }
            Ownership::SelfRegistered if !question.adoption.permits(user) => {
                let message = format!("registered itself on {}; it is not managed by any file", date(user.created_at));
                return refuse(ConflictReason::SelfRegistered, message, adopt);
            }
            _ => {}
        }
    }
    let (holder, Field::Value(email)) = (question.email_holder?, &desired.email) else { return None };
    let message = format!("the e-mail address {email} is already used by {}", holder.username);
    let hint = format!("change the address of one of the two ({name}, {})", holder.username);
    Some(Change::conflict(desired, question.live, ConflictReason::EmailTaken, message, hint))
}

/// `2026-11-23T11:00:00Z` → `2026-11-23`.
fn date(time: Timestamp) -> String {
    time.to_string().chars().take_while(|character| *character != 'T').collect()
}

fn manager_of(user: &User) -> Option<&Manager> {
    match &user.ownership {
        Ownership::Managed { manager, .. } => Some(manager),
        Ownership::Unmanaged | Ownership::SelfRegistered => None,
    }
}

fn declared_of(user: &User) -> Declared {
    match &user.ownership {
        Ownership::Managed { declared, .. } => declared.clone(),
        Ownership::Unmanaged | Ownership::SelfRegistered => Declared::default(),
    }
}

fn change(path: impl Into<String>, before: Option<Value>, after: Option<Value>) -> FieldChange {
    FieldChange { path: path.into(), before, after }
}

fn plan_email(desired: &DesiredUser, before: Option<&User>, after: &mut User, fields: &mut Vec<FieldChange>) {
    let wanted = match &desired.email {
        Field::Absent => return,
        Field::Null => None,
        Field::Value(email) => Some(email.clone()),
    };
    let current = before.and_then(|user| user.email.clone());
    if wanted != current {
        let text = |email: &Option<EmailAddress>| email.as_ref().map(|email| json!(email.as_str()));
        fields.push(change("email", text(&current), text(&wanted)));
        after.email = wanted;
    }
}

/// A new account shows the flags that the file gives it; an existing one shows those that differ.
fn plan_flag(path: &str, wanted: Option<bool>, before: Option<bool>, after: &mut bool, fields: &mut Vec<FieldChange>) {
    let Some(wanted) = wanted else { return };
    if before != Some(wanted) {
        fields.push(change(path, before.map(Value::Bool), Some(Value::Bool(wanted))));
        *after = wanted;
    }
}

/// The declared password is compared by fingerprint: equal means that the file has not changed, whatever the user did.
fn plan_password(question: &Question<'_>, after: &mut User, declared: &mut Declared, fields: &mut Vec<FieldChange>) {
    let secret = || Some(json!({ "secret": true }));
    let held = question.live.and_then(|user| user.password.as_ref());
    match &question.desired.password {
        Field::Absent => {}
        Field::Null => {
            declared.secret_fingerprint = None;
            if held.is_some() {
                fields.push(change("password", secret(), None));
                after.password = None;
            }
        }
        Field::Value(_) => {
            let adopted = question.live.is_some_and(|user| manager_of(user).is_none());
            if adopted && held.is_some() {
                declared.secret_fingerprint.clone_from(&question.fingerprint);
            } else if question.live.is_none() || declared.secret_fingerprint != question.fingerprint {
                fields.push(change("password", held.and_then(|_| secret()), secret()));
                declared.secret_fingerprint.clone_from(&question.fingerprint);
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
            fields.push(change(format!("properties.{name}"), Some(value), None));
        }
    }
    for (name, value) in wanted.iter().filter(|(_, value)| !value.is_null()) {
        let current = after.properties.get(name).cloned();
        if current.as_ref() != Some(value) {
            fields.push(change(format!("properties.{name}"), current, Some(value.clone())));
            after.properties.insert(name.clone(), value.clone());
        }
    }
    declared.property_names =
        wanted.iter().filter(|(_, value)| !value.is_null()).map(|(name, _)| name.clone()).collect();
}

#[cfg(test)]
mod tests;
