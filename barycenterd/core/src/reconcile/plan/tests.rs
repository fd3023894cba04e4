//! What a plan decides about a user, case by case.

mod client;

use super::user::{Question, plan};
use super::*;
use crate::model::User;
use crate::password::PasswordHash;
use crate::reconcile::change::{Basis, Kind, Operation};
use crate::reconcile::plan::prune::Prune;
use crate::reconcile::source::{Desired, DesiredUser, parse_entries};

const NOW: Timestamp = Timestamp::from_unix(1_795_431_600);
const ADMIN: &str = r#"{"username":"admin","email":"admin@example.com","email_verified":true,"password":"p","properties":{"role":"a","dept":"ops"}}"#;

/// A question about one entry: everything else as it is when nothing is said.
#[derive(Default)]
struct Case<'a> {
    live: Option<&'a User>,
    email_holder: Option<&'a User>,
    name_holder: Option<&'a User>,
    intent: Intent,
    fingerprint: Option<&'a str>,
}

impl Case<'_> {
    fn decide(&self, json: &str) -> Planned<User> {
        let desired = desired(json);
        let manager = Manager::default();
        let question = Question {
            desired: &desired,
            live: self.live,
            email_holder: self.email_holder,
            name_holder: self.name_holder,
            manager: &manager,
            intent: &self.intent,
            fingerprint: self.fingerprint.map(str::to_owned),
        };
        plan(&question, NOW)
    }
}

fn desired(json: &str) -> DesiredUser {
    match parse_entries(Kind::User, &json.replace('\n', " ")).unwrap().remove(0) {
        Desired::User(user) => user,
        Desired::Client(_) => panic!("a user"),
    }
}

fn decide(json: &str, live: &User, fingerprint: Option<&str>) -> Planned<User> {
    Case { live: Some(live), fingerprint, ..Case::default() }.decide(json)
}

/// Returns what a sync of the entry leaves behind.
fn synced(json: &str) -> User {
    *Case::default().decide(json).result.unwrap()
}

/// Returns the same, with a password and its fingerprint.
fn with_password(json: &str, fingerprint: &str) -> User {
    let mut user = synced(json);
    user.password = Some(PasswordHash::from_stored("$argon2id$…".to_owned()));
    declared(&mut user).secret_fingerprint = Some(fingerprint.to_owned());
    user
}

fn declared(user: &mut User) -> &mut Declared {
    match &mut user.ownership {
        Ownership::Managed { declared, .. } => declared,
        _ => panic!("managed"),
    }
}

fn adopting(names: &[&str], all: bool) -> Intent {
    let names = names.iter().map(|name| (*name).to_owned()).collect();
    Intent { adoption: Adoption { names, all }, ..Intent::default() }
}

fn lines(change: &Change) -> String {
    let show = |value: &Option<Value>| value.as_ref().map_or("-".to_owned(), ToString::to_string);
    let line = |field: &FieldChange| format!("{}: {} → {}", field.path, show(&field.before), show(&field.after));
    change.fields.iter().map(line).collect::<Vec<_>>().join("\n")
}

#[test]
fn a_new_user_is_created_with_what_the_file_mentions() {
    let planned = Case::default().decide(ADMIN);
    assert_eq!((planned.change.operation, planned.change.owned), (Operation::Create, false));
    insta::assert_snapshot!(lines(&planned.change), @r#"
    email: - → "admin@example.com"
    email_verified: - → true
    password: - → {"revision":1,"secret":true}
    properties.dept: - → "ops"
    properties.role: - → "a"
    "#);
    let user = planned.result.unwrap();
    assert!(user.enabled && !user.protected);
    let bare =
        Case::default().decide(r#"{"username":"a","email":null,"groups":null,"password":null,"properties":null}"#);
    assert_eq!(
        (bare.change.operation, lines(&bare.change).as_str()),
        (Operation::Create, ""),
        "nothing is shown as nothing"
    );
}

#[test]
fn after_apply_the_plan_is_empty() {
    let planned = decide(ADMIN, &with_password(ADMIN, "f1"), Some("f1"));
    assert_eq!((planned.change.operation, planned.change.stale), (Operation::Unchanged, false));
    assert!(planned.result.is_none());
}

#[test]
fn what_is_absent_is_not_compared_and_null_clears() {
    let full = r#"{"username":"a","external_id":"1","email":"a@example.com","email_verified":true,"enabled":false,
        "protected":true,"password":"p","groups":["g"],"properties":{"x":1}}"#;
    let user = with_password(full, "f");
    let planned = decide(r#"{"username":"a"}"#, &user, None);
    assert_eq!((planned.change.operation, planned.change.stale), (Operation::Unchanged, true), "the file has moved");
    let planned = decide(
        r#"{"username":"a","external_id":null,"email":null,"email_verified":null,"enabled":null,"protected":null,
        "password":null,"groups":null,"properties":null}"#,
        &user,
        None,
    );
    insta::assert_snapshot!(lines(&planned.change), @r#"
    external_id: "1" → -
    email: "a@example.com" → -
    email_verified: true → false
    enabled: false → true
    protected: true → false
    password: {"revision":1,"secret":true} → -
    groups: ["g"] → -
    properties.x: 1 → -
    "#);
    assert!(planned.change.sets_secret() && planned.result.unwrap().password.is_none());
}

#[test]
fn groups_are_replaced_as_a_whole() {
    let user = synced(r#"{"username":"a","groups":["x","y"]}"#);
    assert_eq!(decide(r#"{"username":"a","groups":["y","x"]}"#, &user, None).change.operation, Operation::Unchanged);
    let planned = decide(r#"{"username":"a","groups":["y","z"]}"#, &user, None);
    assert_eq!(lines(&planned.change), r#"groups: ["x","y"] → ["y","z"]"#);
    assert_eq!(lines(&decide(r#"{"username":"a","groups":[]}"#, &user, None).change), r#"groups: ["x","y"] → -"#);
}

#[test]
fn a_property_that_the_file_no_longer_mentions_goes_and_others_stay() {
    let mut user = with_password(ADMIN, "f1");
    user.properties.insert("theme".to_owned(), json!("dark"));
    user.properties.insert("old".to_owned(), json!(1));
    let entry = r#"{"username":"admin","email":"root@example.com","email_verified":false,"properties":{"role":"b","old":null}}"#;
    let planned = decide(entry, &user, None);
    insta::assert_snapshot!(lines(&planned.change), @r#"
    email: "admin@example.com" → "root@example.com"
    email_verified: true → false
    properties.dept: "ops" → -
    properties.old: 1 → -
    properties.role: "a" → "b"
    "#);
    assert_eq!(planned.change.drift, Some(Drift::Both));
    let after = planned.result.unwrap();
    assert_eq!(json!(after.properties), json!({ "role": "b", "theme": "dark" }));
    assert_eq!(decide(entry, &after, None).change.operation, Operation::Unchanged);
}

#[test]
fn what_the_file_declares_anew_without_a_difference_is_only_noted() {
    let mut user = synced(r#"{"username":"admin","properties":{}}"#);
    user.properties.insert("role".to_owned(), json!("a"));
    let entry = r#"{"username":"admin","properties":{"role":"a"}}"#;
    let planned = decide(entry, &user, None);
    assert_eq!((planned.change.operation, planned.change.stale), (Operation::Unchanged, true));
    let mut after = planned.result.unwrap();
    assert!(declared(&mut after).property_names.contains("role"));
    assert_eq!(after.updated_at, user.updated_at);
    assert!(!decide(entry, &after, None).change.stale);
}

#[test]
fn a_stable_key_makes_another_name_a_rename() {
    let user = synced(r#"{"username":"ada","external_id":"hr-1"}"#);
    let planned = decide(r#"{"username":"Lovelace","external_id":"hr-1"}"#, &user, None);
    assert_eq!(planned.change.operation, Operation::Update);
    assert_eq!(lines(&planned.change), r#"username: "ada" → "Lovelace""#);
    let after = planned.result.unwrap();
    assert_eq!((after.id, after.username.folded()), (user.id, "lovelace"));
}

#[test]
fn another_spelling_of_the_name_is_a_change() {
    let planned = decide(r#"{"username":"ADMIN"}"#, &synced(r#"{"username":"admin"}"#), None);
    assert_eq!(lines(&planned.change), r#"username: "admin" → "ADMIN""#);
}

#[test]
fn a_name_or_an_address_that_another_account_has_is_a_conflict() {
    let holder = synced(r#"{"username":"ada","external_id":"hr-1","email":"a@example.com"}"#);
    let case = Case { name_holder: Some(&holder), ..Case::default() };
    let change = case.decide(r#"{"username":"ada","external_id":"hr-2"}"#).change;
    assert_eq!(change.conflict, Some(ConflictReason::UsernameTaken));
    assert_eq!(change.message.unwrap(), "the name belongs to another account, whose external_id is hr-1");
    let case = Case { email_holder: Some(&holder), ..Case::default() };
    let planned = case.decide(r#"{"username":"bob","email":"A@example.com"}"#);
    assert_eq!(planned.change.conflict, Some(ConflictReason::EmailTaken));
    assert_eq!(planned.change.message.unwrap(), "the e-mail address A@example.com is already used by ada");
    assert!(planned.result.is_none() && planned.change.fields.is_empty());
}

#[test]
fn a_password_is_set_only_when_the_file_changes_it() {
    let mut user = with_password(ADMIN, "f1");
    user.password = Some(PasswordHash::from_stored("changed by hand".to_owned()));
    assert_eq!(decide(ADMIN, &user, Some("f1")).change.operation, Operation::Unchanged);
    user.password = None;
    assert_eq!(decide(ADMIN, &user, Some("f1")).change.operation, Operation::Unchanged, "taken away by hand");
    let user = with_password(ADMIN, "f1");
    let planned = decide(ADMIN, &user, Some("f2"));
    assert_eq!(lines(&planned.change), r#"password: {"revision":1,"secret":true} → {"revision":2,"secret":true}"#);
    assert!(planned.change.sets_secret());
    let reset = Case {
        live: Some(&user),
        fingerprint: Some("f1"),
        intent: Intent { reset_secrets: true, ..Intent::default() },
        ..Case::default()
    };
    assert_eq!(
        lines(&reset.decide(ADMIN).change),
        lines(&planned.change),
        "set again, though the file has not changed"
    );
}

#[test]
fn a_password_that_the_file_no_longer_mentions_stays_and_its_note_too() {
    let user = with_password(ADMIN, "f1");
    let mut after = decide(r#"{"username":"admin"}"#, &user, None).result.unwrap();
    assert_eq!((after.password.is_some(), declared(&mut after).secret_fingerprint.as_deref()), (true, Some("f1")));
    assert!(!decide(ADMIN, &after, Some("f1")).change.sets_secret());
}

#[test]
fn where_the_file_says_that_there_is_no_password_there_is_none() {
    let entry = r#"{"username":"a","password":null}"#;
    let mut user = synced(entry);
    let state = user.state_digest();
    assert!(declared(&mut user).is_kept(&state, false) && !declared(&mut user).is_kept(&state, true));
    user.password = Some(PasswordHash::from_stored("by hand".to_owned()));
    let planned = decide(entry, &user, None);
    assert_eq!(lines(&planned.change), r#"password: {"secret":true} → -"#);
    assert!(planned.result.unwrap().password.is_none());
}

#[test]
fn a_hash_is_stored_as_it_is() {
    let hash = "$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHRzb21lc2FsdA$0Wm0fSk0l3w4FLu5gHVwUz3ZHYJSfJOFo1rZ0kZcYj8";
    let entry = format!(r#"{{"username":"admin","password_hash":"{hash}"}}"#);
    let planned = Case::default().decide(&entry);
    assert_eq!(lines(&planned.change), r#"password_hash: - → {"revision":1,"secret":true}"#);
    assert_eq!(planned.result.unwrap().password.unwrap().as_str(), hash);
    let user = with_password(r#"{"username":"admin","password":"p"}"#, "f1");
    let planned = decide(&entry, &user, Some("f2"));
    assert_eq!(lines(&planned.change), r#"password_hash: {"revision":1,"secret":true} → {"revision":2,"secret":true}"#);
    let same = decide(&entry, &user, Some("f1"));
    assert_eq!((same.change.operation, same.change.stale), (Operation::Unchanged, true));
}

#[test]
fn an_account_of_nobody_is_a_conflict_until_it_is_adopted() {
    let mut user = synced(r#"{"username":"admin"}"#);
    user.ownership = Ownership::Unmanaged;
    user.password = Some(PasswordHash::from_stored("theirs".to_owned()));
    let planned = decide(ADMIN, &user, Some("f"));
    assert_eq!(planned.change.conflict, Some(ConflictReason::Unmanaged));
    assert_eq!(planned.change.hint.unwrap(), "--adopt admin (keeps its password), or remove it from the file");
    assert!(planned.result.is_none());
    for intent in [adopting(&[], true), adopting(&["admin"], false)] {
        let case = Case { live: Some(&user), fingerprint: Some("f"), intent, ..Case::default() };
        let planned = case.decide(ADMIN);
        assert_eq!((planned.change.operation, planned.change.owned), (Operation::Update, false));
        assert!(!planned.change.sets_secret(), "adoption keeps the password");
        assert!(lines(&planned.change).ends_with(r#"manager: - → "users.json""#));
        let after = planned.result.unwrap();
        assert_eq!(decide(ADMIN, &after, Some("f")).change.operation, Operation::Unchanged);
    }
    user.password = None;
    let case = Case { live: Some(&user), fingerprint: Some("f"), intent: adopting(&[], true), ..Case::default() };
    assert!(case.decide(ADMIN).change.sets_secret(), "there is none to keep");
}

#[test]
fn an_account_that_registered_itself_is_adopted_by_name_only() {
    let mut user = synced(r#"{"username":"admin"}"#);
    user.ownership = Ownership::SelfRegistered;
    let with = |intent| Case { live: Some(&user), intent, ..Case::default() }.decide(ADMIN).change;
    let refused = with(adopting(&["other"], true));
    assert_eq!(refused.conflict, Some(ConflictReason::SelfRegistered));
    assert!(refused.message.unwrap().starts_with("registered itself on 2026-11-23"));
    assert_eq!(with(adopting(&["admin"], false)).operation, Operation::Update);
}

#[test]
fn another_managers_account_is_never_adopted() {
    let mut user = synced(r#"{"username":"admin"}"#);
    user.ownership = Ownership::Managed { manager: Manager::new("hr"), declared: Declared::default() };
    let case = Case { live: Some(&user), intent: adopting(&["admin"], true), ..Case::default() };
    let planned = case.decide(ADMIN);
    assert_eq!(planned.change.conflict, Some(ConflictReason::OtherManager));
    assert_eq!(planned.change.message.unwrap(), "is managed by \"hr\", not by \"users.json\"");
    assert!(planned.result.is_none());
}

#[test]
fn a_change_says_who_moved() {
    let (entry, other) = (r#"{"username":"a","email":"a@example.com"}"#, r#"{"username":"a","email":"b@example.com"}"#);
    let user = synced(entry);
    let mut moved = user.clone();
    moved.email_verified = true;
    moved.email = None;
    assert_eq!(decide(other, &user, None).change.drift, Some(Drift::File));
    assert_eq!(decide(entry, &moved, None).change.drift, Some(Drift::Live));
    assert_eq!(decide(other, &moved, None).change.drift, Some(Drift::Both));
    assert_eq!(Case::default().decide(entry).change.drift, None);
}

#[test]
fn the_basis_tells_states_and_entries_apart_but_not_passwords() {
    let user = with_password(ADMIN, "f1");
    let basis = |user: &User, entry: &str| decide(entry, user, Some("f1")).change.basis;
    let first = basis(&user, ADMIN);
    assert_eq!(Basis::parse(&first.to_string()), Some(first));
    let mut by_hand = user.clone();
    by_hand.password = None;
    assert_eq!(basis(&by_hand, ADMIN), first);
    by_hand.protected = true;
    assert_ne!(basis(&by_hand, ADMIN), first);
    assert_ne!(basis(&user, r#"{"username":"admin"}"#), first);
    assert_ne!(Case::default().decide(ADMIN).change.basis, first);
    let mut adopted = user.clone();
    adopted.ownership = Ownership::Unmanaged;
    assert_ne!(basis(&adopted, ADMIN), first);
}

#[test]
fn who_was_pruned_comes_back_with_the_file() {
    let user = synced(r#"{"username":"a"}"#);
    let mut pruned = prune::user(&user, Prune::Disable, 2, NOW).result.unwrap();
    assert!(!pruned.enabled && declared(&mut pruned).pruned);
    let planned = decide(r#"{"username":"a"}"#, &pruned, None);
    assert_eq!(lines(&planned.change), "enabled: false → true");
    assert!(!declared(&mut planned.result.unwrap()).pruned);
    let stays = decide(r#"{"username":"a","enabled":false}"#, &pruned, None);
    assert_eq!(
        (stays.change.operation, stays.change.stale),
        (Operation::Unchanged, true),
        "unless the file disables it"
    );
    let mut by_hand = user;
    by_hand.enabled = false;
    assert_eq!(decide(r#"{"username":"a"}"#, &by_hand, None).change.operation, Operation::Unchanged);
}

#[test]
fn pruning_spares_the_protected_and_the_disabled() {
    let mut user = synced(r#"{"username":"a"}"#);
    let decide = |user: &User, prune| prune::user(user, prune, 3, NOW).change;
    let disable = decide(&user, Prune::Disable);
    assert_eq!((disable.operation, disable.effects.sessions, disable.owned), (Operation::Disable, 3, true));
    assert_eq!(disable.message.as_deref(), Some("managed by users.json, created 2026-11-23 · never signed in"));
    assert!(disable.disables());
    assert_eq!(decide(&user, Prune::Delete).operation, Operation::Delete);
    assert_eq!(decide(&user, Prune::Keep).operation, Operation::Unchanged);
    user.enabled = false;
    assert_eq!(decide(&user, Prune::Disable).operation, Operation::Unchanged);
    assert_eq!(decide(&user, Prune::Delete).operation, Operation::Delete);
    user.protected = true;
    for prune in [Prune::Keep, Prune::Disable, Prune::Delete] {
        assert_eq!(decide(&user, prune).operation, Operation::Unchanged);
    }
}

#[test]
fn no_change_shows_a_password() {
    let planned = Case::default().decide(r#"{"username":"a","password":"canary"}"#);
    assert!(!format!("{:?}", planned.change).contains("canary"));
}
