//! Placeholders and references from the file's text to its users; what was filled in is never told.

use std::fs;
use std::sync::Arc;

use super::*;

/// Secrets and other values from an environment, a folder and files next to the users file.
struct Place {
    folder: tempfile::TempDir,
    values: Values,
}

impl Place {
    fn new(patterns: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let secrets = folder.path().join("secrets");
        fs::create_dir(&secrets).unwrap();
        fs::write(secrets.join("bob-password"), "canary from a folder\n").unwrap();
        fs::write(secrets.join("EMPTY_FILE"), "\n").unwrap();
        fs::write(folder.path().join("carol"), "canary from a file").unwrap();
        let environment: Environment = Arc::new(|name| match name {
            "PW_ADMIN" => Some("canary \"quoted\"\n{$x} ${PW_OTHER}".to_owned()),
            "PW_PLAIN" => Some("canary ${PW_OTHER} \\ \"".to_owned()),
            "PW_CONTROL" => Some("canary\u{7}".to_owned()),
            "PW_EMPTY" => Some(String::new()),
            "DOMAIN" => Some("example.com".to_owned()),
            "SHOWN" => Some("canary".to_owned()),
            _ => None,
        });
        let patterns = patterns.iter().map(|text| (*text).to_owned()).collect();
        Self { values: Values::default().with_environment(patterns, environment).with_folder(secrets), folder }
    }

    fn source(&self, users: &str) -> Source {
        let path = self.folder.path().join("users.json");
        fs::write(&path, format!("{{\"users\":[{users}]}}")).unwrap();
        Source::open(&[path], &self.values, &mut std::io::empty()).unwrap()
    }
}

#[test]
fn placeholders_are_filled_in_inside_texts_once() {
    let place = Place::new(&["PW_*", "DOMAIN"]);
    let found = users(place.source(
        r#"{"username":"admin","email":"admin@${DOMAIN}","password":"${PW_PLAIN}","groups":["at ${DOMAIN}"],
            "external_id":"${DOMAIN}","properties":{"a":["${DOMAIN}",{"b":"${PW_ADMIN}"}],"${DOMAIN}":1,"c":"$${DOMAIN} $5"}},
           {"username":"bob","password":"<${bob-password}>"},
           {"username":"carol","password":{"file":"carol"}},
           {"username":"dave","password":"$${PW_ADMIN}"}"#,
    ));
    let [admin, bob, carol, dave] = &found[..] else { panic!("four") };
    assert_eq!(admin.email.value().unwrap().as_str(), "admin@example.com");
    assert_eq!(admin.external_id.value().unwrap(), "example.com");
    assert!(admin.groups.value().unwrap().contains("at example.com"));
    let properties = admin.properties.value().unwrap();
    assert_eq!(
        properties["a"][1]["b"], "canary \"quoted\"\n{$x} ${PW_OTHER}",
        "no quote breaks the file, nothing is filled in twice"
    );
    assert_eq!((&properties["c"], properties.contains_key("${DOMAIN}")), (&"${DOMAIN} $5".into(), true));
    let declared = |user: &DesiredUser| {
        let password = user.password.value().unwrap();
        (
            password.expose().to_owned(),
            password.source().map(|source| source.replace(place.folder.path().to_str().unwrap(), "…")),
        )
    };
    assert_eq!(declared(admin), ("canary ${PW_OTHER} \\ \"".to_owned(), Some("env:PW_PLAIN".to_owned())));
    assert_eq!(declared(bob), ("<canary from a folder>".to_owned(), Some("file:…/secrets/bob-password".to_owned())));
    assert_eq!(declared(carol), ("canary from a file".to_owned(), Some("file:carol".to_owned())));
    assert_eq!(declared(dave), ("${PW_ADMIN}".to_owned(), None));
}

#[test]
fn what_was_filled_in_goes_over_the_wire_as_it_is() {
    let place = Place::new(&["PW_*"]);
    for user in
        users(place.source(r#"{"username":"a","password":"${PW_PLAIN}"},{"username":"b","password":"$${PW_PLAIN}"}"#))
    {
        let read = parse_entries(Kind::User, user.to_entry().expose()).unwrap().remove(0);
        assert_eq!(read.secret(), user.password.value().map(DeclaredPassword::expose));
    }
    assert!(parse_entries(Kind::User, r#"{"username":"a","password":{"file":"/etc/passwd"}}"#).is_err());
}

#[test]
fn a_value_that_is_missing_names_the_variable_and_the_user() {
    let place = Place::new(&["PW_*"]);
    let shown = faults_of(place.source(
        r#"{"username":"admin","password":"${PW_NONE}"},
{"username":"bob","password":"${HOME}","email":"${PW_EMPTY}"},
{"username":"carol","properties":{"x":["${EMPTY_FILE}"]},"password":"${PW_"},
{"username":"dave","password":{"file":"nowhere"}}"#,
    ));
    let shown = shown.replace(place.folder.path().to_str().unwrap(), "…");
    insta::assert_snapshot!(shown, @r#"
    1:42 users[0] "admin" password: ${PW_NONE} is not set; export it, or use --secrets-dir
    2:30 users[1] "bob" password: ${HOME} may not be read; permit it: --env HOME
    2:48 users[1] "bob" email: ${PW_EMPTY} is empty; an empty value is never filled in
    3:39 users[2] "carol" properties: ${EMPTY_FILE}: …/secrets/EMPTY_FILE is empty
    3:69 users[2] "carol" password: holds `${` without a NAME and `}` behind it; write `$${` for a literal `${`
    4:31 users[3] "dave" password: …/nowhere cannot be read: No such file or directory (os error 2)
    "#);
    let without = faults(r#"{"users":[{"username":"admin","password":"x${PW_ADMIN}"}]}"#);
    insta::assert_snapshot!(without, @r#"1:42 users[0] "admin" password: still holds the placeholder ${PW_ADMIN}; permit it to be filled in (--env PW_ADMIN or --secrets-dir DIR)"#);
}

#[test]
fn no_fault_shows_what_was_filled_in() {
    let place = Place::new(&["*"]);
    let wrong = r#"{"username":"a","email":"${SHOWN}"},
        {"username":"${SHOWN} x"},
        {"username":"b","groups":["${SHOWN}","${SHOWN}","${PW_CONTROL}"]},
        {"username":"c","external_id":"${PW_CONTROL}"},
        {"username":"d","password":"${PW_CONTROL}"},
        {"username":"e","password_hash":"${SHOWN}"},
        {"username":"f","password_hash":{"file":"carol"}},
        {"username":"g","password":"${PW_ADMIN}"}"#;
    let shown = faults_of(place.source(wrong));
    assert!(!shown.to_lowercase().contains("canary"), "{}", shown);
    for user in ["users[0]", "users[1]", "users[2]", "users[3]", "users[4]", "users[5]", "users[6]", "users[7]"] {
        assert!(shown.contains(user), "{user} in {shown}");
    }
}
