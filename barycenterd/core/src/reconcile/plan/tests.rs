//! What a plan decides, case by case.

use super::*;
use crate::password::PasswordHash;
use crate::reconcile::users_file::parse_entry;

const NOW: Timestamp = Timestamp::from_unix(1_795_431_600);

fn decide(json: &str, live: Option<&User>, adoption: &Adoption, fingerprint: Option<&str>) -> Planned {
    let desired = parse_entry(json).unwrap();
    let manager = Manager::default();
    let question = Question {
        desired: &desired,
        live,
        email_holder: None,
        manager: &manager,
        adoption,
        fingerprint: fingerprint.map(str::to_owned),
    };
    plan(&question, NOW)
}

fn created(json: &str) -> User {
    *decide(json, None, &Adoption::default(), None).result.unwrap()
}

fn owned(mut user: User, fingerprint: &str) -> User {
    user.password = Some(PasswordHash::from_stored("$argon2id$…".to_owned()));
    if let Ownership::Managed { declared, .. } = &mut user.ownership {
        declared.secret_fingerprint = Some(fingerprint.to_owned());
    }
    user
}

fn lines(planned: &Planned) -> Vec<String> {
    let show = |value: &Option<Value>| value.as_ref().map_or("-".to_owned(), ToString::to_string);
    planned
        .change
        .fields
        .iter()
        .map(|field| format!("{}: {} → {}", field.path, show(&field.before), show(&field.after)))
        .collect()
}

const ADMIN: &str = r#"{"username":"admin","email":"admin@example.com","email_verified":true,"password":"p","properties":{"role":"a","dept":"ops"}}"#;

#[test]
fn a_new_user_is_created_with_what_the_file_mentions() {
    let planned = decide(ADMIN, None, &Adoption::default(), None);
    assert_eq!(planned.change.operation, Operation::Create);
    insta::assert_snapshot!(lines(&planned).join("\n"), @r#"
    email: - → "admin@example.com"
    email_verified: - → true
    password: - → {"secret":true}
    properties.dept: - → "ops"
    properties.role: - → "a"
    "#);
    assert!(planned.result.unwrap().enabled);
}

#[test]
fn after_apply_the_plan_is_empty() {
    let user = owned(created(ADMIN), "f1");
    let planned = decide(ADMIN, Some(&user), &Adoption::default(), Some("f1"));
    assert_eq!(planned.change.operation, Operation::Unchanged);
    assert!(planned.result.is_none());
}

#[test]
fn a_property_that_the_file_no_longer_mentions_goes_and_others_stay() {
    let mut user = owned(created(ADMIN), "f1");
    user.properties.insert("theme".to_owned(), json!("dark"));
    let entry = r#"{"username":"admin","email":"root@example.com","email_verified":false,"properties":{"role":"b"}}"#;
    let planned = decide(entry, Some(&user), &Adoption::default(), None);
    insta::assert_snapshot!(lines(&planned).join("\n"), @r#"
    email: "admin@example.com" → "root@example.com"
    email_verified: true → false
    properties.dept: "ops" → -
    properties.role: "a" → "b"
    "#);
    let after = planned.result.unwrap();
    assert_eq!(json!(after.properties), json!({ "role": "b", "theme": "dark" }));
}

#[test]
fn a_password_is_set_only_when_the_file_changes_it() {
    let mut user = owned(created(ADMIN), "f1");
    user.password = Some(PasswordHash::from_stored("changed by hand".to_owned()));
    assert_eq!(decide(ADMIN, Some(&user), &Adoption::default(), Some("f1")).change.operation, Operation::Unchanged);
    let planned = decide(ADMIN, Some(&user), &Adoption::default(), Some("f2"));
    assert_eq!(lines(&planned), [r#"password: {"secret":true} → {"secret":true}"#]);
    assert!(planned.change.sets_password());
}

#[test]
fn an_account_of_nobody_is_a_conflict_until_it_is_adopted() {
    let mut user = created(r#"{"username":"admin"}"#);
    user.ownership = Ownership::Unmanaged;
    user.password = Some(PasswordHash::from_stored("theirs".to_owned()));
    let planned = decide(ADMIN, Some(&user), &Adoption::default(), Some("f"));
    assert_eq!(planned.change.conflict, Some(ConflictReason::Unmanaged));
    assert!(planned.result.is_none());
    for adoption in
        [Adoption { all: true, ..Adoption::default() }, Adoption { names: ["admin".to_owned()].into(), all: false }]
    {
        let planned = decide(ADMIN, Some(&user), &adoption, Some("f"));
        assert_eq!(planned.change.operation, Operation::Update);
        assert!(!planned.change.sets_password(), "adoption keeps the password");
        assert!(lines(&planned).contains(&r#"manager: - → "users.json""#.to_owned()));
    }
}

#[test]
fn an_account_that_registered_itself_is_adopted_by_name_only() {
    let mut user = created(r#"{"username":"admin"}"#);
    user.ownership = Ownership::SelfRegistered;
    let all = Adoption { all: true, ..Adoption::default() };
    assert_eq!(decide(ADMIN, Some(&user), &all, None).change.conflict, Some(ConflictReason::SelfRegistered));
    let named = Adoption { names: ["admin".to_owned()].into(), all: false };
    assert_eq!(decide(ADMIN, Some(&user), &named, None).change.operation, Operation::Update);
}

#[test]
fn another_managers_account_is_never_adopted() {
    let mut user = created(r#"{"username":"admin"}"#);
    user.ownership = Ownership::Managed { manager: Manager::new("hr"), declared: Declared::default() };
    let named = Adoption { names: ["admin".to_owned()].into(), all: true };
    assert_eq!(decide(ADMIN, Some(&user), &named, None).change.conflict, Some(ConflictReason::OtherManager));
}

#[test]
fn what_is_absent_is_not_compared_and_null_clears() {
    let user = owned(created(ADMIN), "f1");
    let planned = decide(r#"{"username":"admin"}"#, Some(&user), &Adoption::default(), None);
    assert_eq!(planned.change.operation, Operation::Unchanged);
    let planned = decide(
        r#"{"username":"admin","email":null,"password":null,"properties":null}"#,
        Some(&user),
        &Adoption::default(),
        None,
    );
    insta::assert_snapshot!(lines(&planned).join("\n"), @r#"
    email: "admin@example.com" → -
    password: {"secret":true} → -
    properties.dept: "ops" → -
    properties.role: "a" → -
    "#);
}

#[test]
fn a_property_that_was_there_already_becomes_managed() {
    let mut user = owned(created(r#"{"username":"admin","properties":{}}"#), "f1");
    user.properties.insert("role".to_owned(), json!("a"));
    let entry = r#"{"username":"admin","properties":{"role":"a"}}"#;
    let planned = decide(entry, Some(&user), &Adoption::default(), None);
    assert_eq!(lines(&planned), [r#"managed: [] → ["role"]"#]);
    let after = planned.result.unwrap();
    assert_eq!(decide(entry, Some(&after), &Adoption::default(), None).change.operation, Operation::Unchanged);
}

#[test]
fn no_change_shows_a_password() {
    let planned = decide(r#"{"username":"a","password":"canary"}"#, None, &Adoption::default(), None);
    assert!(!format!("{:?}", planned.change).contains("canary"));
}
