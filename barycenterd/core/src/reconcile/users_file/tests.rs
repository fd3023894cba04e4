//! What a users file may hold, and what is said of one that does not do.

use super::*;

fn faults(text: &str) -> String {
    parse(text).unwrap_err().iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

#[test]
fn the_guides_file_is_read_as_it_stands() {
    let file = parse(
        r#"{ "users": [ { "username": "admin", "email": "admin@example.com", "password": "CHANGE-ME-IN-PRODUCTION",
             "enabled": true, "email_verified": true,
             "properties": { "role": "administrator", "display_name": "System Administrator" } } ] }"#,
    )
    .unwrap();
    assert_eq!(file.manager, Manager::default());
    let [user] = &file.users[..] else { panic!("one user") };
    assert_eq!(user.username.as_str(), "admin");
    assert!(user.has_sample_password());
    assert!(matches!(&user.properties, Field::Value(properties) if properties.len() == 2));
}

#[test]
fn absent_and_null_are_two_things() {
    let user = parse_entry(r#"{"username":"a","email":null}"#).unwrap();
    assert_eq!(user.email, Field::Null);
    assert!(matches!(user.password, Field::Absent));
    assert_eq!(user.enabled, None);
}

#[test]
fn every_fault_is_reported_with_its_place() {
    let text = r#"{
  "users": [
    { "username": "admin", "emailVerified": true },
    { "username": "", "email": "nobody", "enabled": "yes" },
    { "username": "Admin", "password": "" },
    { "username": "bob", "password": "${BOB}", "properties": { "sub": 1, "a": 1, "a": 2 } },
    { "email": "x@example.com" },
    7
  ],
  "user": []
}"#;
    insta::assert_snapshot!(faults(text), @r#"
    3:28 users[0] "admin": unknown field `emailVerified`; did you mean `email_verified`?
    4:19 users[1] "": the username is empty
    4:32 users[1] "" email: "nobody" is not an e-mail address
    4:53 users[1] "" enabled: should be true or false
    5:40 users[2] "Admin" password: the password is empty
    6:38 users[3] "bob" password: still holds the placeholder ${BOB}; fill it in before the file is read
    6:71 users[3] "bob" properties: `sub` is a claim that the protocol itself makes; choose another name
    6:82 users[3] "bob" properties: field `a` stands twice
    7:5 users[4]: has no `username`
    8:5 users[5]: is not an object { … }
    10:3: unknown field `user`; did you mean `users`?
    "#);
}

#[test]
fn names_that_fold_together_and_shared_addresses_are_refused() {
    let text = r#"{"users":[
{"username":"admin","email":"a@example.com"},
{"username":"ADMIN"},
{"username":"bob","email":"A@example.com"}]}"#;
    insta::assert_snapshot!(faults(text), @r#"
    3:1 users[1] "ADMIN": duplicate username (first at 2:1)
    4:1 users[2] "bob": duplicate e-mail address a@example.com (first at 2:1)
    "#);
}

#[test]
fn broken_json_names_its_position() {
    insta::assert_snapshot!(faults("{\n  \"users\": [ }\n"), @"2:14: is not valid JSON: expected value");
    insta::assert_snapshot!(faults(""), @"1:1: is not valid JSON: EOF while parsing a value");
    insta::assert_snapshot!(faults("[]"), @"1:1: is not an object { … }");
    insta::assert_snapshot!(faults("{}"), @"1:1: has no `users`: [ … ]");
    insta::assert_snapshot!(faults(r#"{"users":[{"username":"\ud800"}]}"#), @"1:23 users[0] username: unexpected end of hex escape");
}

#[test]
fn no_fault_shows_a_password() {
    let text = r#"{"users":[{"username":"a","password":12345678},{"username":"b","password":"canary\u0000"},{"username":"c","password":["canary"]}]}"#;
    let shown = faults(text);
    assert!(!shown.contains("canary") && !shown.contains("1234"), "{shown}");
}

#[test]
fn a_million_brackets_are_refused_without_a_crash() {
    let deep = "[".repeat(1_000_000);
    assert!(parse(&deep).is_err());
    let nested = format!(
        "{{\"users\":[{{\"username\":\"a\",\"properties\":{{\"x\":{}{}}}}}]}}",
        "[".repeat(100_000),
        "]".repeat(100_000)
    );
    assert!(parse(&nested).is_err());
}

#[test]
fn text_that_is_not_utf_8_names_its_position() {
    let UsersFileError::Faults { faults, .. } = parse_bytes("f", b"{\n \"\xff\"").unwrap_err() else {
        panic!("faults")
    };
    assert_eq!((faults[0].line, faults[0].column), (2, 3));
}

#[test]
fn what_several_files_share_is_refused() {
    let first = parse(r#"{"users":[{"username":"admin","email":"a@example.com"}]}"#).unwrap();
    let text = r#"{"users":[{"username":"Admin"},
{"username":"bob","email":"A@example.com"},{"username":"carol"}]}"#;
    let second = parse(text).unwrap();
    let faults = refuse_shared(&first.users, &second.users, text).unwrap_err();
    let shown = faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n");
    insta::assert_snapshot!(shown, @r#"
    1:11 users[0] "Admin": the username stands in another of the files as well
    2:1 users[1] "bob": the e-mail address stands in another of the files as well
    "#);
}
