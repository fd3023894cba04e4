//! Files of other systems, and what becomes of them.

use barycenter_core::reconcile::{Desired, Kind};
use serde_json::json;

use super::*;

fn import(name: &str, text: &str, mapping: &[(&str, &str)]) -> Result<(Vec<Value>, Imported), CtlError> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    std::fs::write(&path, text).unwrap();
    let mapping: Vec<(String, String)> =
        mapping.iter().map(|(column, field)| ((*column).to_owned(), (*field).to_owned())).collect();
    let mut imported = open(&path, None, &mapping, &Values::default(), &mut std::io::empty())?;
    let entries = imported.source.entries(Kind::User)?;
    let shown = entries.map(|entry| match entry.unwrap().desired {
        Desired::User(user) => serde_json::from_str(user.to_entry().expose()).unwrap(),
        Desired::Client(_) => panic!("a client"),
    });
    Ok((shown.collect(), imported))
}

#[test]
fn columns_become_fields() {
    let text = "\u{feff}Username,mail,Enabled,groups,dept,password_hash\r\nalice,a@x.example,yes,ops; dev,\"R&D, one\",\r\nbob,,0,,,$2b$12$LQv3c1yqBWVHxkd0LHAkCOYz6TtxMQJqhN8/LewKyNiAYMyzJ/I1i\r\n";
    let (entries, _) = import("legacy.csv", text, &[("mail", "email"), ("dept", "properties.dept")]).unwrap();
    assert_eq!(
        entries,
        [
            json!({ "username": "alice", "email": "a@x.example", "enabled": true, "groups": ["dev", "ops"], "properties": { "dept": "R&D, one" } }),
            json!({ "username": "bob", "enabled": false, "password_hash": "$2b$12$LQv3c1yqBWVHxkd0LHAkCOYz6TtxMQJqhN8/LewKyNiAYMyzJ/I1i" }),
        ]
    );
}

#[test]
fn what_is_wrong_with_a_csv_file_is_said_with_its_line() {
    let refused = |text: &str, mapping: &[(&str, &str)]| match import("legacy.csv", text, mapping) {
        Ok(_) => panic!("taken"),
        Err(error) => format!("{} {} {}", error.message, error.details.join(" "), error.hints.join(" ")),
    };
    for (text, mapping, expected) in [
        ("username,mail\na,b\n", &[][..], "--map 'mail=properties.mail'"),
        ("mail\na\n", &[("mail", "email")], "no column fills username"),
        ("username,Email,mail\na,b,c\n", &[("mail", "email")], "two columns fill email"),
        ("username\na\n", &[("uid", "username")], "there is no column \"uid\""),
        ("username,enabled\na,maybe\nb,yes,x\n", &[], "2:1  enabled: should be true or false"),
        ("username,enabled\na,maybe\nb,yes,x\n", &[], "3:1  has 3 cells"),
        ("username,email\na,a@x.example\nb,nobody\n", &[], "3:1  users[1] \"b\" email"),
        ("username,password_hash\na,canary\n", &[], "password_hash"),
    ] {
        let said = refused(text, mapping);
        assert!(said.contains(expected) && !said.contains("canary"), "{text}: {said}");
    }
}

/// As `kc.sh export` writes it; both credentials are for `correct horse`.
const REALM: &str = r#"{ "id": "acme", "realm": "acme", "roles": { "realm": [ { "name": "x" } ] }, "users": [
  { "id": "0b1c", "username": "alice", "email": "alice@example.com", "emailVerified": true, "enabled": true, "firstName": "Alice", "lastName": "Liddell", "createdTimestamp": 1700000000000,
    "attributes": { "department": ["R&D"], "phones": ["1", "2"], "groups": ["x"] }, "groups": ["/ops/dev"], "realmRoles": ["default-roles-acme"],
    "credentials": [
      { "id": "c1", "type": "password", "userLabel": "My password", "createdDate": 1700000000000,
        "secretData": "{\"value\":\"4bEdXR0wbHYZIDMl6YEtKHfzmzrUzODQLJFmKqBJ2mA=\",\"salt\":\"MDEyMzQ1Njc4OWFiY2RlZg==\",\"additionalParameters\":{}}",
        "credentialData": "{\"hashIterations\":27500,\"algorithm\":\"pbkdf2-sha256\",\"additionalParameters\":{}}" },
      { "id": "c2", "type": "otp", "secretData": "{\"value\":\"x\"}", "credentialData": "{\"subType\":\"totp\"}" } ] },
  { "id": "0b1d", "username": "old", "enabled": false, "credentials": [
      { "type": "password", "hashedSaltedValue": "4bEdXR0wbHYZIDMl6YEtKHfzmzrUzODQLJFmKqBJ2mA=", "salt": "MDEyMzQ1Njc4OWFiY2RlZg==", "hashIterations": 20000, "algorithm": "pbkdf2-sha256" } ] },
  { "id": "0b1e", "username": "service-account-app", "enabled": true, "serviceAccountClientId": "app" }
] }"#;

#[test]
fn a_realm_brings_its_users_and_their_passwords() {
    let (entries, imported) = import("realm.json", REALM, &[]).unwrap();
    let [alice, old] = &entries[..] else { panic!("two users: {entries:?}") };
    assert_eq!(
        alice["properties"],
        json!({ "name": "Alice Liddell", "given_name": "Alice", "family_name": "Liddell", "department": "R&D",
                "phones": ["1", "2"], "keycloak_groups": "x" })
    );
    assert_eq!((&alice["groups"], &alice["external_id"]), (&json!(["ops/dev"]), &json!("0b1c")));
    assert!(alice["password_hash"].as_str().unwrap().starts_with("$pbkdf2-sha256$i=27500"), "{alice}");
    assert!(old["password_hash"].as_str().unwrap().starts_with("$pbkdf2-sha256$i=20000"), "{old}");
    assert_eq!(old["enabled"], false);
    let left_out: Vec<u64> = imported.left_out.iter().map(|(_, number)| *number).collect();
    assert_eq!(left_out, [1, 1, 1], "{:?}", imported.left_out);
}

#[test]
fn a_credential_that_cannot_be_read_names_its_user_and_not_itself() {
    let text = REALM.replace("pbkdf2-sha256", "canary-hash");
    let error = import("realm.json", &text, &[]).map(|_| ()).unwrap_err();
    let said = format!("{} {}", error.message, error.details.join(" "));
    assert!(said.contains("users[0] \"alice\" password"), "{said}");
    let error = import("realm.json", "{\"realm\":\"x\"}", &[]).map(|_| ()).unwrap_err();
    assert!(error.message.contains("holds no users"), "{error:?}");
}

#[test]
fn formats_are_told_apart() {
    for (name, text, expected) in [
        ("a.csv", "{", ImportFormat::Csv),
        ("a.jsonl", "", ImportFormat::Ndjson),
        ("a.json", "{\"users\":[]}", ImportFormat::Json),
        ("a.json", REALM, ImportFormat::Keycloak),
        ("-", "username\n", ImportFormat::Csv),
    ] {
        assert_eq!(detect(Path::new(name), text.as_bytes()), expected, "{name}");
    }
}
