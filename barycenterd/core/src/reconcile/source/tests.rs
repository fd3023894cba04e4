//! What a users file may hold, and what is said of one that does not do.

mod files;
mod placeholders;

use super::*;

/// Checks a text as if it were a file.
fn check(text: impl Into<Vec<u8>>) -> Result<Checked, UsersFileError> {
    Source::from_text("users.json", text, Values::default()).check()
}

/// Returns everything that is wrong with a source, a line for each fault.
fn faults_of(mut source: Source) -> String {
    match source.check() {
        Err(UsersFileError::Faults { faults, .. }) => {
            faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
        }
        other => panic!("{other:?}"),
    }
}

fn faults(text: impl Into<Vec<u8>>) -> String {
    faults_of(Source::from_text("users.json", text, Values::default()))
}

/// Returns the users of a file.
fn users(mut source: Source) -> Vec<DesiredUser> {
    source.check().unwrap();
    let entries = source.entries(Kind::User).unwrap();
    let user = |entry: Result<Entry, UsersFileError>| match entry.unwrap().desired {
        Desired::User(user) => user,
        Desired::Client(_) => panic!("a user"),
    };
    entries.map(user).collect()
}

fn user(json: &str) -> DesiredUser {
    let text = format!("{{\"users\":[{json}]}}");
    users(Source::from_text("users.json", text, Values::default())).remove(0)
}

#[test]
fn the_guides_file_is_read_as_it_stands() {
    let text = r#"{
      "users": [
        {
          "username": "admin",
          "email": "admin@example.com",
          "password": "CHANGE-ME-IN-PRODUCTION",
          "enabled": true,
          "email_verified": true,
          "properties": {
            "role": "administrator",
            "display_name": "System Administrator"
          }
        },
        {
          "username": "app-service",
          "email": "service@example.com",
          "password": "service-account-password",
          "enabled": true,
          "email_verified": true,
          "properties": {
            "role": "service_account",
            "display_name": "Application Service Account"
          }
        }
      ]
    }"#;
    let checked = check(text).unwrap();
    assert_eq!(checked.manager, Manager::default());
    assert_eq!(checked.kinds, [Kind::User]);
    assert_eq!(checked.samples, ["admin"]);
    assert_eq!(checked.index.count(Kind::User), 2);
    assert!(checked.index.names(Kind::User, "app-service", None) && !checked.index.names(Kind::User, "x", None));
    let users = users(Source::from_text("users.json", text, Values::default()));
    assert_eq!(users[1].email.value().unwrap().as_str(), "service@example.com");
    assert_eq!(users[0].password.value().unwrap().expose(), "CHANGE-ME-IN-PRODUCTION");
    assert_eq!(users[0].properties.value().unwrap().len(), 2);
    assert!(matches!(users[0].groups, Field::Absent));
}

#[test]
fn absent_and_null_are_two_things() {
    let bare = user(r#"{"username":"a"}"#);
    assert!(matches!((&bare.external_id, &bare.email, &bare.password), (Field::Absent, Field::Absent, Field::Absent)));
    assert_eq!([&bare.enabled, &bare.email_verified, &bare.protected], [&Field::Absent; 3]);
    assert!(matches!((&bare.groups, &bare.properties), (Field::Absent, Field::Absent)));
    for secret in ["password", "password_hash"] {
        let text = format!(
            r#"{{"username":"a","external_id":null,"email":null,"{secret}":null,"groups":null,"properties":null,
            "enabled":null,"email_verified":null,"protected":null}}"#
        );
        let cleared = user(&text);
        assert!(matches!((&cleared.external_id, &cleared.email), (Field::Null, Field::Null)));
        assert!(matches!((&cleared.password, &cleared.groups), (Field::Null, Field::Null)));
        assert!(matches!(cleared.properties, Field::Null));
        assert_eq!([&cleared.enabled, &cleared.email_verified, &cleared.protected], [&Field::Null; 3]);
        assert_ne!(cleared.digest(), bare.digest());
    }
}

#[test]
fn every_fault_is_reported_with_its_place() {
    let text = r#"{
  "manager": 7,
  "users": [
    { "username": "admin", "emailVerified": true, "enabled": "yes" },
    { "username": "", "email": "nobody" },
    { "username": "bob", "password": "${BOB}", "properties": { "sub": 1, "a": 1, "a": 2, "": 0 } },
    { "username": "carol", "password": "", "password_hash": "canary", "username": "carl" },
    { "email": "x@example.com" },
    7,
    { "username": "dave", "groups": ["a", "a", ""], "external_id": "", "protected": 1 },
    { "username": "eve", "groups": "a", "properties": [1], "password_hash": 7, "password": null }
  ],
  "user": [],
  "users": [],
  "clients": [
    { "client_id": "a b", "client_secret": "short", "grant_types": ["magic"] },
    { "name": "x", "redirect_uri": [] }
  ]
}"#;
    insta::assert_snapshot!(faults(text), @r#"
    2:14: manager should be a text
    4:28 users[0] "admin": unknown field `emailVerified`; did you mean `email_verified`?
    4:62 users[0] "admin" enabled: should be true, false or null
    5:19 users[1] "": the username is empty
    5:32 users[1] "" email: "nobody" is not an e-mail address
    6:38 users[2] "bob" password: still holds the placeholder ${BOB}; permit it to be filled in (--env BOB or --secrets-dir DIR)
    6:71 users[2] "bob" properties: `sub` is a claim that the protocol itself makes; choose another name
    6:82 users[2] "bob" properties: field `a` stands twice
    6:94 users[2] "bob" properties: a property's name has 1 to 255 bytes and no controls
    7:40 users[3] "carol" password: the password is empty
    7:61 users[3] "carol" password_hash: this is not a password hash in one of the accepted formats: $argon2id$, $argon2i$, $2a$, $2b$ or $2y$ (bcrypt), $scrypt$ or $7$ (scrypt), $pbkdf2-sha256$, $pbkdf2-sha512$, and $pbkdf2$ or $pbkdf2-sha1$
    7:71 users[3] "carol": field `username` stands twice
    8:5 users[4]: has no `username`
    9:5 users[5]: is not an object { … }
    10:37 users[6] "dave" groups: "a" stands twice
    10:37 users[6] "dave" groups: a group's name has 1 to 255 bytes and no controls
    10:68 users[6] "dave" external_id: has 1 to 255 bytes and no controls
    10:85 users[6] "dave" protected: should be true, false or null
    11:36 users[7] "eve" groups: should be a list of texts or null
    11:55 users[7] "eve" properties: is not an object { … }
    11:77 users[7] "eve" password_hash: should be a text, {"file": "…"} or null
    13:3: unknown field `user`; did you mean `users`?
    14:3: field `users` stands twice
    16:20 clients[0] "a b" client_id: has 1 to 128 letters, digits and - . _ ~ only
    16:44 clients[0] "a b" client_secret: needs at least 16 visible ASCII characters: openssl rand -base64 32
    16:68 clients[0] "a b" grant_types: there is no "magic"; known are authorization_code, refresh_token, client_credentials, urn:ietf:params:oauth:grant-type:device_code, urn:ietf:params:oauth:grant-type:token-exchange, implicit
    17:5 clients[1]: has no `client_id`
    17:20 clients[1]: unknown field `redirect_uri`; did you mean `redirect_uris`?
    "#);
}

#[test]
fn broken_json_names_its_position() {
    let cases = [
        "",
        " \n ",
        "[]",
        "7",
        "{}",
        "{\n  \"users\": [ }\n",
        "{\"users\":[{\"username\":\"a\"},]}",
        "{\"users\":[{\"username\":\"a\",}]}",
        "{\"users\":[],}",
        "{\"users\":[]",
        "{\"users\":[{\"username\":\"a\"}",
        "{\"users\":[{\"username\":\"a\"",
        "{\"users\":[{\"username\":\"a}]}",
        "{\"users\":[]} x",
        "{\"users\":[{\"username\":\"a\"} {\"username\":\"b\"}]}",
        "{\"users\" []}",
        "{users:[]}",
        "{\"users\":{}}",
        "{\"users\":null}",
        "{\"users\":[tru]}",
        "{\"manager\":\"\",\"users\":[]}",
        "{\"manager\":[],\"users\":[]}",
        "{\"manager\":\"x\"}",
        "{\"users\":[{\"username\":\"a\" \"email\":null}]}",
        "{\"users\":[[}]",
    ];
    let shown: Vec<_> = cases.iter().map(|text| format!("{text:?} → {}", faults(*text))).collect();
    insta::assert_snapshot!(shown.join("\n"), @r#"
    "" → 1:1: is empty; a users file without users is {"users": []}
    " \n " → 2:2: is empty; a users file without users is {"users": []}
    "[]" → 1:1: is not an object { … }
    "7" → 1:1: is not an object { … }
    "{}" → 1:1: has no `users`: [ … ] and no `clients`: [ … ]
    "{\n  \"users\": [ }\n" → 2:14 users[0]: is not valid JSON: the entry is missing
    "{\"users\":[{\"username\":\"a\"},]}" → 1:28 users[1]: is not valid JSON: the entry is missing
    "{\"users\":[{\"username\":\"a\",}]}" → 1:27 users[0]: is not valid JSON: key must be a string
    "{\"users\":[],}" → 1:13: is not valid JSON: a key is missing behind the comma
    "{\"users\":[]" → 1:12: is not valid JSON: the file ends inside the object
    "{\"users\":[{\"username\":\"a\"}" → 1:27: is not valid JSON: the file ends inside the list
    "{\"users\":[{\"username\":\"a\"" → 1:11 users[0]: is not valid JSON: the file ends inside the entry
    "{\"users\":[{\"username\":\"a}]}" → 1:11 users[0]: is not valid JSON: the file ends inside the entry
    "{\"users\":[]} x" → 1:14: is not valid JSON: something follows the object
    "{\"users\":[{\"username\":\"a\"} {\"username\":\"b\"}]}" → 1:28: is not valid JSON: expected `,` or `]`
    "{\"users\" []}" → 1:10: is not valid JSON: expected `:` behind "users"
    "{users:[]}" → 1:2: is not valid JSON: expected a key or `}`
    "{\"users\":{}}" → 1:10 users: should be a list [ … ]
    "{\"users\":null}" → 1:10 users: should be a list [ … ]
    "{\"users\":[tru]}" → 1:13 users[0]: is not valid JSON: EOF while parsing a value
    "{\"manager\":\"\",\"users\":[]}" → 1:12: manager is empty
    "{\"manager\":[],\"users\":[]}" → 1:12: manager should be a text
    "{\"manager\":\"x\"}" → 1:1: has no `users`: [ … ] and no `clients`: [ … ]
    "{\"users\":[{\"username\":\"a\" \"email\":null}]}" → 1:27 users[0]: is not valid JSON: expected `,` or `}`
    "{\"users\":[[}]" → 1:12 users[0]: is not valid JSON: expected value
    1:14: is not valid JSON: the file ends inside the object
    "#);
}

#[test]
fn text_that_is_no_text_is_refused() {
    let cases: [&[u8]; 9] = [
        b"{\n \"users\":[{\"username\":\"\xff\"}]}",
        b"{\"users\":[{\"username\":\"a\",\n \"properties\":{\"x\":\"\xc3\xbc\xc3\"}}]}",
        b"{\"\xff\":[]}",
        b"{\"users\":[{\"username\":\"a\0b\"}]}",
        b"{\"users\":[\0{\"username\":\"a\"}]}",
        b"{\"users\":[{\"username\":\"\\ud800\"}]}",
        b"{\"users\":[{\"username\":\"a\",\"\\udc00\":1}]}",
        b"{\"users\":[{\"username\":\"a\",\"properties\":{\"x\":\"\\ud800\\u0041\"}}]}",
        b"{\"users\":[{\"username\":\"a\\u0000\"}]}",
    ];
    let shown: Vec<_> = cases.iter().map(|text| faults(*text)).collect();
    insta::assert_snapshot!(shown.join("\n"), @r#"
    2:24 users[0]: is not UTF-8 text
    2:22 users[0]: is not UTF-8 text
    1:5: is not valid JSON: this key is no text
    1:24 users[0]: is not valid JSON: control character (\u0000-\u001F) found while parsing a string
    1:11 users[0]: is not valid JSON: expected value
    1:12: is not valid JSON: expected `,` or `]`
    1:23 users[0] username: unexpected end of hex escape
    1:33 users[0]: is not valid JSON: lone leading surrogate in hex escape
    1:45 users[0] "a" properties: lone leading surrogate in hex escape
    1:23 users[0] "a\0": the username holds characters that usernames cannot have (white space, controls, symbols that look alike; RFC 8265)
    "#);
    let found = user(r#"{"username":"a","properties":{"x":"\u0000\ud83d\ude00"}}"#);
    assert_eq!(found.properties.value().unwrap()["x"], "\0\u{1f600}", "JSON may escape what text cannot hold");
}

#[test]
fn ndjson_is_one_user_a_line() {
    let lines = "\u{feff}{\"manager\":\"hr\"}\n\n{\"username\":\"a\"}\r\n  {\"username\":\"b\",\"email\":null}\n\n";
    let checked = check(lines).unwrap();
    assert_eq!((checked.manager.as_str(), checked.index.count(Kind::User)), ("hr", 2));
    let bare = check("{\"username\":\"a\"}\n{\"username\":\"b\"}").unwrap();
    assert_eq!((bare.manager, bare.index.count(Kind::User)), (Manager::default(), 2));
    let broken = "{\"username\":\"a\"}\n{\"username\":\"b\",}\n\n{\"user\":\"c\"}\n[1]\n{\"manager\":\"x\"}\n{\"username\":\"d\"";
    insta::assert_snapshot!(faults(broken), @r#"
    2:17 users[1]: is not valid JSON: key must be a string
    4:1 users[2]: has no `username`
    4:2 users[2]: unknown field `user`; did you mean `username`?
    5:1 users[3]: is not an object { … }
    6:1 users[4]: has no `username`
    6:2 users[4]: unknown field `manager`; known are external_id, username, email, email_verified, enabled, password, password_hash, groups, protected, properties
    7:1 users[5]: is not valid JSON: the file ends inside the entry
    "#);
}

#[test]
fn names_that_fold_together_addresses_and_stable_keys_stand_once() {
    let text = "{\"users\":[\n{\"username\":\"admin\",\"email\":\"a@example.com\",\"external_id\":\"1\"},\n{\"username\":\"ＡDMIN\"},\n{\"username\":\"bob\",\"email\":\"A@Example.com\",\"external_id\":\"1\"},\n{\"username\":\"Admin\"}]}";
    insta::assert_snapshot!(faults(text), @r#"
    3:1 users[1] "ＡDMIN": duplicate username (first at 2:1)
    4:1 users[2] "bob": duplicate e-mail address a@example.com (first at 2:1)
    4:1 users[2] "bob": duplicate external_id 1 (first at 2:1)
    5:1 users[3] "Admin": duplicate username (first at 2:1)
    "#);
}

#[test]
fn a_hundred_thousand_brackets_are_refused_without_a_crash() {
    let deep = |open: &str, close: &str| format!("{}{}", open.repeat(100_000), close.repeat(100_000));
    let lists = deep("[", "]");
    let objects = deep("{\"a\":", "").trim_end_matches(':').to_owned() + ":1" + &"}".repeat(100_000);
    let texts = [
        lists.clone(),
        "[".repeat(100_000),
        format!("{{\"users\":{lists}}}"),
        format!("{{\"x\":{lists}}}"),
        format!("{{\"users\":[{lists}]}}"),
        format!("{{\"users\":[{objects}]}}"),
        format!("{{\"users\":[{{\"username\":{lists}}}]}}"),
        format!("{{\"users\":[{{\"username\":\"a\",\"groups\":{lists}}}]}}"),
        format!("{{\"users\":[{{\"username\":\"a\",\"password\":{lists}}}]}}"),
        format!("{{\"users\":[{{\"username\":\"a\",\"properties\":{{\"x\":{lists}}}}}]}}"),
        format!("{{\"username\":\"a\",\"properties\":{{\"x\":{objects}}}}}"),
    ];
    for text in texts {
        assert!(matches!(check(text.as_str()), Err(UsersFileError::Faults { .. })), "{}", text.len());
    }
}

#[test]
fn an_entry_that_is_too_long_is_named_and_the_rest_is_checked() {
    let long = "x".repeat(LONGEST_ENTRY);
    let text = format!(
        "{{\"users\":[{{\"username\":\"a\"}},\n{{\"username\":\"b\",\"properties\":{{\"x\":\"{long}\"}}}},\n{{\"username\":\"c\",\"enabld\":true}}]}}"
    );
    insta::assert_snapshot!(faults(text), @r#"
    2:1 users[1]: the entry is longer than 1024 KiB
    3:17 users[2] "c": unknown field `enabld`; did you mean `enabled`?
    "#);
}

#[test]
fn an_entry_of_many_members_is_read_in_no_time() {
    let members = |name: &str| (0..60_000).map(|n| format!("\"{name}{n:06}\":1")).collect::<Vec<_>>().join(",");
    let sound = format!("{{\"username\":\"a\",\"properties\":{{{}}}}}", members("p"));
    assert_eq!(user(&sound).properties.value().unwrap().len(), 60_000);
    let wrong = format!("{{\"users\":[{{\"username\":\"a\",{}}}]}}", members("\\u0070"));
    let Err(UsersFileError::Faults { faults, total, .. }) = check(wrong) else { panic!("faults") };
    assert_eq!((faults.len(), total), (MOST_FAULTS, 60_000));
}

#[test]
fn a_hundred_faults_are_told_and_all_are_counted() {
    let text = format!("{{\"users\":[{}]}}", vec!["\n{\"username\":\"\"}"; 250].join(","));
    let Err(error) = check(text) else { panic!("faults") };
    assert_eq!(error.to_string(), "250 problems in users.json");
    let UsersFileError::Faults { faults, total, .. } = error else { panic!("faults") };
    assert_eq!((faults.len(), total, faults[99].line), (MOST_FAULTS, 250, 101));
}

#[test]
fn password_hashes_are_checked_before_they_are_stored() {
    let hash = "$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHRzb21lc2FsdA$0Wm0fSk0l3w4FLu5gHVwUz3ZHYJSfJOFo1rZ0kZcYj8";
    let found = user(&format!(r#"{{"username":"a","password_hash":"{hash}"}}"#));
    assert!(matches!(found.password.value(), Some(DeclaredPassword::Hash(..))));
    let absurd = hash.replace("m=19456", "m=4194304");
    let shown = faults(format!(r#"{{"users":[{{"username":"a","password_hash":"{absurd}"}}]}}"#));
    assert!(shown.contains("password_hash") && shown.contains("over a limit") && !shown.contains("c29t"), "{shown}");
    let long = "x".repeat(1025);
    let shown = faults(format!(r#"{{"users":[{{"username":"a","password":"{long}"}}]}}"#));
    assert_eq!(shown, "1:38 users[0] \"a\" password: the password is longer than 1024 bytes");
}

#[test]
fn no_fault_shows_a_secret() {
    for wrong in [
        "12345678",
        "\"canary\\u0000\"",
        "[\"canary\"]",
        "{\"canary\":1}",
        "{\"file\":1234}",
        "\"canary\\ud800\"",
        "\"canary${\"",
        "1234.5e999",
        "\"canary\" \"canary\"",
    ] {
        for field in ["password", "password_hash"] {
            let text = format!("{{\"users\":[{{\"username\":\"a\",\"{field}\":{wrong}}}]}}");
            let shown = match check(text) {
                Err(error) => format!("{error} {error:?}"),
                Ok(checked) => format!("{checked:?}"),
            };
            assert!(!shown.contains("canary") && !shown.contains("1234"), "{shown}");
        }
    }
    let fine = user(r#"{"username":"a","password":"canary"}"#);
    assert!(!format!("{fine:?}").contains("canary"));
}
