//! What a users file may hold, and what is said of one that does not do.

use super::*;

fn source(text: impl Into<Vec<u8>>) -> Source {
    Source::from_text("users.json", text, Values::default())
}

fn faults(text: impl Into<Vec<u8>>) -> String {
    match source(text).check().unwrap_err() {
        UsersFileError::Faults { faults, .. } => faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"),
        other => other.to_string(),
    }
}

fn users(source: &mut Source) -> Vec<DesiredUser> {
    let entries = source.entries(Kind::User).unwrap();
    entries
        .map(|entry| match entry.unwrap().desired {
            Desired::User(user) => user,
            Desired::Client(_) => panic!("a client"),
        })
        .collect()
}

fn user(entry: &str) -> DesiredUser {
    let [Desired::User(user)] = &parse_entries(Kind::User, entry).unwrap()[..] else { panic!("one user") };
    user.clone()
}

#[test]
fn the_guides_file_is_read_as_it_stands() {
    let mut source = source(
        r#"{ "users": [ { "username": "admin", "email": "admin@example.com", "password": "CHANGE-ME-IN-PRODUCTION",
             "enabled": true, "email_verified": true,
             "properties": { "role": "administrator", "display_name": "System Administrator" } } ] }"#,
    );
    let checked = source.check().unwrap();
    assert_eq!((checked.manager, checked.samples), (Manager::default(), vec!["admin".to_owned()]));
    let [user] = &users(&mut source)[..] else { panic!("one user") };
    assert_eq!(user.username.as_str(), "admin");
    assert!(matches!(&user.properties, Field::Value(properties) if properties.len() == 2));
}

#[test]
fn absent_and_null_are_two_things() {
    let user = user(r#"{"username":"a","email":null}"#);
    assert_eq!(user.email, Field::Null);
    assert!(matches!(user.password, Field::Absent));
    assert_eq!(user.enabled, Field::Absent);
}

#[test]
fn an_entry_goes_over_the_wire_as_it_is() {
    for entry in [
        r#"{"external_id":"hr-1","username":"Zo\u00eb","email":null,"groups":["b","a"],"protected":true,"password":"p w","properties":{"b":[1,{"x":null}],"a":"\u2028"}}"#,
        r#"{"username":"a","enabled":null,"email_verified":false,"password":null,"properties":null,"groups":null}"#,
    ] {
        let first = user(entry);
        let again = user(first.to_entry().expose());
        assert_eq!(first.digest(), again.digest());
        assert_eq!(first.to_entry().expose(), again.to_entry().expose());
    }
    assert_ne!(user(r#"{"username":"a","email":null}"#).digest(), user(r#"{"username":"a"}"#).digest());
    let with = |password: &str| user(&format!("{{\"username\":\"a\",\"password\":\"{password}\"}}")).digest();
    assert_eq!(with("one"), with("another"), "a digest must not tell a password");
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
    7,
    { "username": "eve", "password": "x", "password_hash": "$2b$12$canary", "groups": ["a", "a", ""] },
    { "username": "dan", "password": { "file": "x", "mode": 1 }, "external_id": "" }
  ],
  "user": [],
  "clients": [
    { "client_id": "a b", "scopes": ["opnid"], "authentication_method": "basic" },
    { "name": "x", "client_secret": "short", "redirect_uris": "https://x", "access_token_lifetime": "soon" }
  ]
}"#;
    insta::assert_snapshot!(faults(text), @r#"
    3:28 users[0] "admin": unknown field `emailVerified`; did you mean `email_verified`?
    4:19 users[1] "": the username is empty
    4:32 users[1] "" email: "nobody" is not an e-mail address
    4:53 users[1] "" enabled: should be true, false or null
    5:40 users[2] "Admin" password: the password is empty
    6:38 users[3] "bob" password: still holds the placeholder ${BOB}; permit it to be filled in (--env BOB or --secrets-dir DIR)
    6:71 users[3] "bob" properties: `sub` is a claim that the protocol itself makes; choose another name
    6:82 users[3] "bob" properties: field `a` stands twice
    7:5 users[4]: has no `username`
    8:5 users[5]: is not an object { … }
    9:60 users[6] "eve" password_hash: `password` and `password_hash` cannot stand together; keep one
    9:60 users[6] "eve" password_hash: the password hash is not well formed: bcrypt has 22 characters of salt and 31 of digest, in its own base64
    9:87 users[6] "eve" groups: "a" stands twice
    9:87 users[6] "eve" groups: a group's name has 1 to 255 bytes and no controls
    10:38 users[7] "dan" password: should be a text, {"file": "…"} or null
    10:81 users[7] "dan" external_id: has 1 to 255 bytes and no controls
    12:3: unknown field `user`; did you mean `users`?
    14:20 clients[0] "a b" client_id: has 1 to 128 letters, digits and - . _ ~ only
    14:37 clients[0] "a b" scopes: there is no "opnid"; known are openid, profile, email, groups, offline_access
    14:73 clients[0] "a b" authentication_method: "basic" is no method; known are client_secret_basic, client_secret_post, none
    15:5 clients[1]: has no `client_id`
    15:37 clients[1] client_secret: needs at least 16 visible ASCII characters: openssl rand -base64 32
    15:63 clients[1] redirect_uris: should be a list of texts or null
    15:101 clients[1] access_token_lifetime: should be a span of time such as "90s", "10m", "12h" or "30d"
    "#);
}

#[test]
fn names_that_must_be_unique_are() {
    let text = r#"{"users":[
{"username":"admin","email":"a@example.com","external_id":"1"},
{"username":"ADMIN"},
{"username":"bob","email":"A@example.com","external_id":"1"}],
"clients":[{"client_id":"x"},
{"client_id":"x"}]}"#;
    insta::assert_snapshot!(faults(text), @r#"
    3:1 users[1] "ADMIN": duplicate username (first at 2:1)
    4:1 users[2] "bob": duplicate e-mail address a@example.com (first at 2:1)
    4:1 users[2] "bob": duplicate external_id 1 (first at 2:1)
    6:1 clients[1] "x": duplicate client_id (first at 5:12)
    "#);
}

#[test]
fn broken_json_names_its_position() {
    for (text, expected) in [
        ("{\n  \"users\": [ }\n", "2:14"),
        ("", "1:1: is empty"),
        ("[]", "1:1: is not an object"),
        ("{}", "has no `users`"),
        (r#"{"users":[{"username":"a"}"#, "ends inside the list"),
        (r#"{"users":[{"username":"a""#, "1:11 users[0]: is not valid JSON: the file ends inside"),
        (r#"{"users":[{"username":"a"},]}"#, "is missing"),
        (r#"{"users":[]} x"#, "something follows"),
        (r#"{"users":[],}"#, "a key is missing"),
        (r#"{"users":[] "clients":[]}"#, "expected `,`"),
        (r#"{"users":[],"users":[]}"#, "stands twice"),
        (r#"{"users":{}}"#, "should be a list"),
        (r#"{"manager":7,"users":[]}"#, "manager should be a text"),
        (r#"{"manager":" ","users":[]}"#, "manager is empty"),
        (r#"{"users":[{"username":"\ud800"}]}"#, "1:23 users[0]"),
        (r#"{"users":[{"username":"a","properties":{"\ud800":1}}]}"#, "1:"),
        (r#"{"users":[{"username":"a\u0000"}]}"#, "1:23"),
        (r#"{"users":[{"username" "a"}]}"#, "1:23"),
    ] {
        let shown = faults(text);
        assert!(shown.contains(expected), "{text}: {shown}");
    }
}

#[test]
fn no_fault_shows_a_password() {
    let text = r#"{"users":[{"username":"a","password":12345678},{"username":"b","password":"canary\u0000"},{"username":"c","password":["canary"]},{"username":"d","password_hash":"canary"}]}"#;
    let shown = faults(text);
    assert!(!shown.contains("canary") && !shown.contains("1234"), "{shown}");
}

#[test]
fn a_hundred_thousand_brackets_are_refused_without_a_crash() {
    let (open, close) = ("[".repeat(100_000), "]".repeat(100_000));
    for text in [
        open.clone(),
        format!("{{\"users\":{open}{close}}}"),
        format!("{{\"users\":[{open}{close}]}}"),
        format!("{{\"users\":[{{\"username\":\"a\",\"properties\":{{\"x\":{open}{close}}}}}]}}"),
        format!("{{\"users\":[{}", "{\"a\":".repeat(100_000)),
    ] {
        assert!(source(text).check().is_err());
    }
}

#[test]
fn text_that_is_not_utf_8_names_its_position() {
    assert_eq!(faults(*b"{\"users\":[\n {\"username\":\"\xff\"}]}"), "2:15 users[0]: is not UTF-8 text");
}

#[test]
fn lines_are_users() {
    let mut source = source("\u{feff}{\"username\":\"a\"}\n\n{\"username\":\"b\"}\r\n{\"username\":\"c\"}");
    assert_eq!(source.check().unwrap().index.count(Kind::User), 3);
    assert_eq!(users(&mut source).len(), 3);
    let text = "{\"manager\":\"hr\"}\n{\"username\":\"a\"}\n{\"username\":7}\n";
    assert_eq!(faults(text), "3:13 users[1] username: should be a text");
    let mut source = self::source("{\"manager\":\"hr\"}\n{\"username\":\"a\"}\n");
    assert_eq!(source.check().unwrap().manager, Manager::new("hr"));
}

#[test]
fn an_entry_that_is_too_long_is_named_and_the_rest_is_checked() {
    let long = "x".repeat(LONGEST_ENTRY);
    let text = format!("{{\"users\":[\n{{\"username\":\"{long}\"}},\n{{\"username\":\"\"}}]}}");
    let shown = faults(text);
    assert!(shown.contains("2:1 users[0]: the entry is longer than 1024 KiB"), "{shown}");
    assert!(shown.contains("3:13 users[1]"), "{shown}");
}

#[test]
fn more_faults_than_anybody_reads_are_counted() {
    let entries = vec!["{}"; 250].join(",");
    let error = source(format!("{{\"users\":[{entries}]}}")).check().unwrap_err();
    let UsersFileError::Faults { faults, total, .. } = error else { panic!("faults") };
    assert_eq!((faults.len(), total), (MOST_FAULTS, 250));
}

#[test]
fn several_files_are_one() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path
    };
    write("a.json", r#"{"users":[{"username":"admin"}],"clients":[]}"#);
    write("b.ndjson", "{\"username\":\"bob\"}\n");
    write(".hidden.json", "broken");
    write("readme.txt", "broken");
    let open = |paths: &[std::path::PathBuf]| Source::open(paths, &Values::default(), &mut std::io::empty()).unwrap();
    let mut source = open(&[folder.path().to_owned()]);
    let checked = source.check().unwrap();
    assert_eq!((checked.index.count(Kind::User), checked.kinds.as_slice()), (2, Kind::ALL.as_slice()));
    assert_eq!(users(&mut source).len(), 2);

    let other = write("other.json", "{\"users\":[\n{\"username\":\"BOB\"}]}");
    let error = open(&[folder.path().join("b.ndjson"), other]).check().unwrap_err();
    let UsersFileError::Faults { file, faults, .. } = error else { panic!("faults") };
    assert!(file.ends_with("other.json"));
    assert!(faults[0].to_string().starts_with("2:1 users[0] \"BOB\": duplicate username (first in "), "{}", faults[0]);
    let stranger = write("stranger.json", r#"{"manager":"hr","users":[]}"#);
    assert!(open(&[folder.path().join("a.json"), stranger]).check().unwrap_err().to_string().contains("\"hr\""));
}

#[test]
fn a_file_that_grows_is_read_as_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("users.ndjson");
    std::fs::write(&path, "{\"username\":\"a\"}\n").unwrap();
    let mut source = Source::open(std::slice::from_ref(&path), &Values::default(), &mut std::io::empty()).unwrap();
    source.check().unwrap();
    std::fs::write(&path, "{\"username\":\"a\"}\n{\"username\":\"b\"}\n").unwrap();
    assert_eq!(users(&mut source).len(), 1);
    std::fs::write(&path, "{\"username\":7  }\n").unwrap();
    let found: Vec<_> = source.entries(Kind::User).unwrap().collect();
    assert!(matches!(&found[..], [Err(UsersFileError::Changed { .. })]), "{found:?}");
}
