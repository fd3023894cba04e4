//! What a plan decides, case by case.

use super::*;
use crate::model::{Client, ClientId, User};
use crate::password::PasswordHash;
use crate::reconcile::change::{Kind, Operation};
use crate::reconcile::plan::client::Question as ClientQuestion;
use crate::reconcile::plan::prune::Prune;
use crate::reconcile::plan::user::{Question, plan};
use crate::reconcile::source::{Desired, DesiredUser, parse_entries};

const NOW: Timestamp = Timestamp::from_unix(1_795_431_600);

fn desired(entry: &str) -> DesiredUser {
    let [Desired::User(user)] = &parse_entries(Kind::User, entry).unwrap()[..] else { panic!("one user") };
    user.clone()
}

fn decide(entry: &str, live: Option<&User>, intent: &Intent, fingerprint: Option<&str>) -> Planned<User> {
    let (desired, manager) = (desired(entry), Manager::default());
    let question = Question {
        desired: &desired,
        live,
        email_holder: None,
        name_holder: None,
        manager: &manager,
        intent,
        fingerprint: fingerprint.map(str::to_owned),
    };
    plan(&question, NOW)
}

fn by_default(entry: &str, live: &User) -> Planned<User> {
    decide(entry, Some(live), &Intent::default(), Some("f1"))
}

fn created(entry: &str) -> User {
    let mut user = *decide(entry, None, &Intent::default(), None).result.unwrap();
    if desired(entry).password.value().is_some() {
        user.password = Some(PasswordHash::from_stored("$argon2id$…".to_owned()));
        set_fingerprint(&mut user, "f1");
    }
    user
}

fn set_fingerprint(user: &mut User, fingerprint: &str) {
    if let Ownership::Managed { declared, .. } = &mut user.ownership {
        declared.secret_fingerprint = Some(fingerprint.to_owned());
    }
}

fn lines(fields: &[FieldChange]) -> Vec<String> {
    let show = |value: &Option<Value>| value.as_ref().map_or("-".to_owned(), ToString::to_string);
    fields.iter().map(|field| format!("{}: {} → {}", field.path, show(&field.before), show(&field.after))).collect()
}

const ADMIN: &str = r#"{"external_id":"hr-1","username":"admin","email":"admin@example.com","email_verified":true,"password":"p","groups":["ops"],"properties":{"role":"a","dept":"ops"}}"#;

#[test]
fn a_new_user_is_created_with_what_the_file_mentions() {
    let planned = decide(ADMIN, None, &Intent::default(), None);
    assert_eq!(planned.change.operation, Operation::Create);
    insta::assert_snapshot!(lines(&planned.change.fields).join("\n"), @r#"
    external_id: - → "hr-1"
    email: - → "admin@example.com"
    email_verified: - → true
    password: - → {"revision":1,"secret":true}
    groups: - → ["ops"]
    properties.dept: - → "ops"
    properties.role: - → "a"
    "#);
    assert!(planned.result.unwrap().enabled);
}

#[test]
fn after_apply_the_plan_is_empty() {
    let planned = by_default(ADMIN, &created(ADMIN));
    assert_eq!((planned.change.operation, planned.change.stale), (Operation::Unchanged, false));
    assert!(planned.result.is_none());
}

#[test]
fn a_property_that_the_file_no_longer_mentions_goes_and_others_stay() {
    let mut user = created(ADMIN);
    user.properties.insert("theme".to_owned(), json!("dark"));
    let entry = r#"{"username":"admin","email":"root@example.com","email_verified":false,"properties":{"role":"b"}}"#;
    let planned = by_default(entry, &user);
    insta::assert_snapshot!(lines(&planned.change.fields).join("\n"), @r#"
    email: "admin@example.com" → "root@example.com"
    email_verified: true → false
    properties.dept: "ops" → -
    properties.role: "a" → "b"
    "#);
    assert_eq!(planned.change.drift, Some(Drift::Both));
    let after = planned.result.unwrap();
    assert_eq!(json!(after.properties), json!({ "role": "b", "theme": "dark" }));
}

#[test]
fn a_password_is_set_only_when_the_file_changes_it() {
    let mut user = created(ADMIN);
    user.password = Some(PasswordHash::from_stored("changed by hand".to_owned()));
    assert_eq!(by_default(ADMIN, &user).change.operation, Operation::Unchanged);
    let planned = decide(ADMIN, Some(&user), &Intent::default(), Some("f2"));
    let expected = r#"password: {"revision":1,"secret":true} → {"revision":2,"secret":true}"#;
    assert_eq!(lines(&planned.change.fields), [expected]);
    assert!(planned.change.sets_secret());
    let reset = Intent { reset_secrets: true, ..Intent::default() };
    assert!(decide(ADMIN, Some(&user), &reset, Some("f1")).change.sets_secret());
}

#[test]
fn a_hash_is_taken_as_it_is() {
    let hash = "$2b$12$LQv3c1yqBWVHxkd0LHAkCOYz6TtxMQJqhN8/LewKyNiAYMyzJ/I1i";
    let entry = format!("{{\"username\":\"a\",\"password_hash\":\"{hash}\"}}");
    let planned = decide(&entry, None, &Intent::default(), None);
    assert_eq!(planned.result.unwrap().password.unwrap().as_str(), hash);
    assert_eq!(planned.change.fields[0].path, "password_hash");
}

#[test]
fn an_account_of_nobody_is_a_conflict_until_it_is_adopted() {
    let mut user = created(r#"{"username":"admin"}"#);
    user.ownership = Ownership::Unmanaged;
    user.password = Some(PasswordHash::from_stored("theirs".to_owned()));
    let planned = by_default(ADMIN, &user);
    assert_eq!(planned.change.conflict, Some(ConflictReason::Unmanaged));
    assert!(planned.result.is_none());
    for adoption in
        [Adoption { all: true, ..Adoption::default() }, Adoption { names: ["admin".to_owned()].into(), all: false }]
    {
        let planned = decide(ADMIN, Some(&user), &Intent { adoption, ..Intent::default() }, Some("f"));
        assert_eq!(planned.change.operation, Operation::Update);
        assert!(!planned.change.sets_secret(), "adoption keeps the password");
        assert!(lines(&planned.change.fields).contains(&r#"manager: - → "users.json""#.to_owned()));
    }
}

#[test]
fn an_account_that_registered_itself_is_adopted_by_name_only() {
    let mut user = created(r#"{"username":"admin"}"#);
    user.ownership = Ownership::SelfRegistered;
    let adopting = |adoption| Intent { adoption, ..Intent::default() };
    let all = adopting(Adoption { all: true, ..Adoption::default() });
    assert_eq!(decide(ADMIN, Some(&user), &all, None).change.conflict, Some(ConflictReason::SelfRegistered));
    let named = adopting(Adoption { names: ["admin".to_owned()].into(), all: false });
    assert_eq!(decide(ADMIN, Some(&user), &named, None).change.operation, Operation::Update);
    user.ownership = Ownership::Managed { manager: Manager::new("hr"), declared: Declared::default() };
    assert_eq!(decide(ADMIN, Some(&user), &named, None).change.conflict, Some(ConflictReason::OtherManager));
}

#[test]
fn what_is_absent_is_not_compared_and_null_clears() {
    let user = created(ADMIN);
    let planned = by_default(r#"{"username":"admin"}"#, &user);
    assert_eq!((planned.change.operation, planned.change.stale), (Operation::Unchanged, true));
    let after = *planned.result.unwrap();
    assert!(by_default(r#"{"username":"admin"}"#, &after).result.is_none(), "what is noted is noted once");
    let entry = r#"{"external_id":null,"username":"admin","email":null,"email_verified":null,"enabled":null,"protected":null,"groups":null,"password":null,"properties":null}"#;
    insta::assert_snapshot!(lines(&by_default(entry, &user).change.fields).join("\n"), @r#"
    external_id: "hr-1" → -
    email: "admin@example.com" → -
    email_verified: true → false
    password: {"revision":1,"secret":true} → -
    groups: ["ops"] → -
    properties.dept: "ops" → -
    properties.role: "a" → -
    "#);
}

#[test]
fn another_name_under_the_same_key_is_a_rename() {
    let user = created(ADMIN);
    let planned = by_default(&ADMIN.replace("\"username\":\"admin\"", "\"username\":\"root\""), &user);
    assert_eq!(lines(&planned.change.fields), [r#"username: "admin" → "root""#]);
    assert_eq!(planned.result.unwrap().id, user.id);
}

#[test]
fn who_moved_is_told() {
    let user = created(ADMIN);
    let drift = |entry: &str, user: &User| by_default(entry, user).change.drift;
    assert_eq!(drift(&ADMIN.replace("ops\"]", "dev\"]"), &user), Some(Drift::File));
    let mut moved = user.clone();
    moved.email = None;
    assert_eq!(drift(ADMIN, &moved), Some(Drift::Live));
    assert_eq!(drift(&ADMIN.replace("ops\"]", "dev\"]"), &moved), Some(Drift::Both));
}

#[test]
fn who_was_pruned_comes_back_with_the_file() {
    let user = created(ADMIN);
    let pruned = prune::user(&user, Prune::Disable, 2, NOW);
    assert_eq!((pruned.change.operation, pruned.change.effects.sessions), (Operation::Disable, 2));
    let pruned = *pruned.result.unwrap();
    assert!(!pruned.enabled);
    assert!(prune::user(&pruned, Prune::Disable, 0, NOW).result.is_none());
    assert_eq!(lines(&by_default(ADMIN, &pruned).change.fields), ["enabled: false → true"]);
    let disabled = ADMIN.replace("{\"external", "{\"enabled\":false,\"external");
    assert_eq!(by_default(&disabled, &pruned).change.operation, Operation::Unchanged, "the file itself decides");
    let protected = User { protected: true, ..user };
    for what in [Prune::Keep, Prune::Disable, Prune::Delete] {
        assert!(prune::user(&protected, what, 0, NOW).result.is_none());
    }
}

#[test]
fn no_change_shows_a_password() {
    let planned = decide(r#"{"username":"a","password":"canary"}"#, None, &Intent::default(), None);
    assert!(!format!("{:?}", planned.change).contains("canary"));
}

fn decide_client(entry: &str, live: Option<&Client>, fingerprint: &str) -> Planned<Client> {
    let [Desired::Client(desired)] = &parse_entries(Kind::Client, entry).unwrap()[..] else { panic!("one client") };
    let (manager, intent) = (Manager::default(), Intent::default());
    let question = ClientQuestion {
        desired,
        live,
        manager: &manager,
        intent: &intent,
        fingerprint: Some(fingerprint.to_owned()).filter(|_| desired.secret.value().is_some()),
    };
    client::plan(&question, NOW)
}

const GRAFANA: &str = r#"{"client_id":"grafana","client_secret":"0123456789abcdef","redirect_uris":["https://g.example/cb"],"access_token_lifetime":"5m"}"#;

#[test]
fn a_client_is_created_changed_and_left_alone() {
    let planned = decide_client(GRAFANA, None, "f1");
    insta::assert_snapshot!(lines(&planned.change.fields).join("\n"), @r#"
    redirect_uris: - → ["https://g.example/cb"]
    access_token_lifetime: - → "5m"
    client_secret: - → {"revision":1,"secret":true}
    "#);
    let client = *planned.result.unwrap();
    assert!(client.has_secret(&crate::secret::Secret::new("0123456789abcdef")));
    assert!(decide_client(GRAFANA, Some(&client), "f1").result.is_none());
    let changed = decide_client(&GRAFANA.replace("5m", "10m"), Some(&client), "f1");
    assert_eq!(lines(&changed.change.fields), [r#"access_token_lifetime: "5m" → "10m""#]);
    assert_eq!(changed.change.drift, Some(Drift::File));
    assert!(decide_client(GRAFANA, Some(&client), "f2").change.fields.is_empty(), "the secret is the same");
    let rotated = decide_client(&GRAFANA.replace("abcdef", "fedcba"), Some(&client), "f2");
    assert!(rotated.change.sets_secret());
}

#[test]
fn a_client_that_cannot_work_is_a_conflict() {
    let conflict = |entry: &str| decide_client(entry, None, "f").change.conflict;
    let without = r#"{"client_id":"a","redirect_uris":["https://a.example/cb"]}"#;
    assert_eq!(conflict(without), Some(ConflictReason::SecretMissing));
    assert_eq!(conflict(r#"{"client_id":"a","authentication_method":"none"}"#), Some(ConflictReason::Invalid));
    let script = r#"{"client_id":"a","authentication_method":"none","redirect_uris":["javascript:x"]}"#;
    assert_eq!(conflict(script), Some(ConflictReason::Invalid));
    let long = GRAFANA.replace("5m", "2d");
    assert_eq!(conflict(&long), Some(ConflictReason::Invalid));
    let mut live = Client::new(ClientId::new("grafana"), "G", NOW);
    live.redirect_uris.push("https://g.example/cb".to_owned());
    assert_eq!(decide_client(GRAFANA, Some(&live), "f").change.conflict, Some(ConflictReason::Unmanaged));
}

mod properties;
