//! What the settings promise.

use std::fs;
use std::path::Path;

use insta::assert_snapshot;
use tempfile::TempDir;

use super::*;
use crate::model::SigningAlgorithm;

/// The configuration of the Kubernetes guide.
const GUIDE: &str = r#"[server]
host = "0.0.0.0"
port = 8080
admin_port = 8081
# IMPORTANT: Set this to your actual domain in production
public_base_url = "https://auth.example.com"
allow_public_registration = false

[database]
# SQLite for simplicity (use PostgreSQL in production)
url = "sqlite:///data/barycenter.db?mode=rwc"

[keys]
jwks_path = "/data/jwks.json"
private_key_path = "/data/private_key.pem"
alg = "RS256"

[federation]
trust_anchors = []
"#;

fn load_with(text: &str, environment: &[(&str, &str)]) -> Result<Loaded, String> {
    let folder = TempDir::new().unwrap();
    fs::write(folder.path().join("config.toml"), text).unwrap();
    let environment = environment.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    let shown = format!("{}/", folder.path().display());
    load(&Sources::new(None, environment, folder.path().to_owned()))
        .map_err(|error| error.to_string().replace(&shown, ""))
}

fn faults(text: &str, environment: &[(&str, &str)]) -> String {
    load_with(text, environment).map(drop).unwrap_err()
}

#[test]
fn the_guides_configuration_is_read_as_it_stands() {
    let config = load_with(GUIDE, &[]).unwrap().config;
    assert_eq!(config.public_address(), ("0.0.0.0", 8080));
    assert_eq!(config.admin_address(), ("0.0.0.0", 8081));
    assert_eq!(config.server.public_base_url.as_str(), "https://auth.example.com");
    assert!(config.secure_cookies());
    assert_eq!(config.database.url.sqlite_path(), Some(Path::new("/data/barycenter.db")));
    assert_eq!(config.keys.alg, SigningAlgorithm::Rs256);
    assert_eq!(config.admin_token_path(), Path::new("/data/admin.token"));
}

#[test]
fn without_a_file_everything_lies_under_data() {
    let folder = TempDir::new().unwrap();
    let loaded = load(&Sources::new(None, Vec::new(), folder.path().to_owned())).unwrap();
    assert!(loaded.database_is_default);
    assert_eq!(loaded.config.database.url.sqlite_path(), Some(Path::new("./data/barycenter.db")));
    assert_eq!(loaded.config.server.public_base_url.as_str(), "http://localhost:8080");
    assert!(!loaded.config.secure_cookies());
}

#[test]
fn a_named_file_that_is_missing_is_an_error() {
    let folder = TempDir::new().unwrap();
    let named = folder.path().join("nowhere.toml");
    let environment = vec![("BARYCENTER_CONFIG".to_owned(), named.display().to_string())];
    for sources in [
        Sources::new(Some(named.clone()), Vec::new(), folder.path().to_owned()),
        Sources::new(None, environment, folder.path().to_owned()),
    ] {
        let error = load(&sources).map(drop).unwrap_err().to_string();
        assert!(error.contains("nowhere.toml: cannot be read"), "{error}");
    }
    let directory = Sources::new(Some(folder.path().to_owned()), Vec::new(), PathBuf::new());
    assert!(load(&directory).map(drop).unwrap_err().to_string().contains("is a folder"));
}

#[test]
fn every_fault_is_reported_at_once_with_its_place() {
    let text = r#"[server]
public_url = "https://auth.example.com"
port = "eighty"
host = "http://x"
url = "x"

[database]
url = "mysql://root:canary@db/x"

[keys]
alg = "HS256"

[oidc]
authorization_code_lifetime = "1h"
access_token_lifetime = "soon"

[federation]
trust_anchors = ["https://anchor.example"]

[serve]
"#;
    assert_snapshot!(faults(text, &[("BARYCENTER__SERVER__ADMIN_PROT", "1"), ("BARYCENTER__PASSWORDS__MEMORY_KIB", "1")]), @r#"
    config.toml:2:1: [server] unknown key `public_url`; did you mean `public_base_url`?
    config.toml:3:8: [server] port: should be a whole number from 0 to 65535, not "eighty"
    config.toml:4:8: [server] host: "http://x" is not a host name or an address; give the host alone, the port has its own setting
    config.toml:5:1: [server] unknown key `url`; it belongs in [database]
    config.toml:8:7: [database] url: mysql: is not a kind of database that can be used; use sqlite: or postgresql:
    config.toml:11:7: [keys] alg: should be "RS256", "ES256" or "EdDSA", not "HS256"
    config.toml:14:31: [oidc] authorization_code_lifetime: 1h is out of range; from 1s to 10m
    config.toml:15:25: [oidc] access_token_lifetime: "soon" is not a span of time; write it like "90s", "10m", "12h" or "30d"
    config.toml:18:17: [federation] trust_anchors: OpenID Federation is not supported yet; leave the list empty: trust_anchors = []
    config.toml:20:2: unknown section or key `serve`; did you mean `server`?
    environment BARYCENTER__PASSWORDS__MEMORY_KIB: [passwords] memory_kib: 1 is out of range; from 8 to 1048576
    environment BARYCENTER__SERVER__ADMIN_PROT: [server] unknown key `admin_prot`; did you mean `BARYCENTER__SERVER__ADMIN_PORT`?
    "#);
}

#[test]
fn a_syntax_error_names_its_position() {
    assert_snapshot!(faults("[server]\nport = \n", &[]), @"config.toml:2:8: string values must be quoted, expected literal string");
}

#[test]
fn the_environment_wins_and_an_empty_variable_is_none() {
    let loaded = load_with(
        GUIDE,
        &[
            ("BARYCENTER__SERVER__PORT", "9000"),
            ("BARYCENTER__SERVER__ADMIN_PORT", ""),
            ("BARYCENTER__SERVER__HOST", "[::1]"),
            ("BARYCENTER__SERVER__ALLOW_PUBLIC_REGISTRATION", "true"),
            ("BARYCENTER__OIDC__PROPERTY_CLAIMS", "role, department"),
            ("BARYCENTER__OIDC__SESSION_LIFETIME", "8h"),
            ("BARYCENTER__FEDERATION__TRUST_ANCHORS", "[]"),
            // What Kubernetes sets for Services called barycenter-admin and barycenter-public.
            ("BARYCENTER_ADMIN_PORT", "tcp://10.0.0.1:8081"),
            ("BARYCENTER_PUBLIC_SERVICE_HOST", "10.0.0.2"),
        ],
    )
    .unwrap();
    let config = &loaded.config;
    assert_eq!(config.public_address(), ("::1", 9000));
    assert_eq!(config.admin_address(), ("::1", 8081));
    assert!(config.server.allow_public_registration);
    assert_eq!(config.oidc.property_claims, ["role", "department"]);
    assert_eq!(config.oidc.session_lifetime.to_string(), "8h");
    let port = loaded.rows().into_iter().find(|row| row.key == "port").unwrap();
    assert_eq!(port.origin, Origin::Environment("BARYCENTER__SERVER__PORT".to_owned()));
}

#[test]
fn lists_may_be_json() {
    let loaded = load_with("", &[("BARYCENTER__OIDC__PROPERTY_CLAIMS", r#"["a,b", "c"]"#)]).unwrap();
    assert_eq!(loaded.config.oidc.property_claims, ["a,b", "c"]);
}

#[test]
fn secrets_come_from_files() {
    let folder = TempDir::new().unwrap();
    let (password, token) = (folder.path().join("password"), folder.path().join("token"));
    fs::write(&password, "p@ss word\n").unwrap();
    fs::write(&token, "0123456789abcdef").unwrap();
    let text = format!(
        "[database]\nurl = \"postgresql://barycenter@db/b\"\npassword_file = {password:?}\n[admin]\ntoken_file = {token:?}\n"
    );
    let config = load_with(&text, &[]).unwrap().config;
    assert_eq!(config.database.url.expose(), "postgresql://barycenter:p%40ss%20word@db/b");
    assert_eq!(config.admin.token.unwrap().expose(), "0123456789abcdef");
    assert_eq!(config.admin.token_file, Some(token));
}

#[test]
fn what_is_wrong_with_a_secret_file_is_said() {
    let folder = TempDir::new().unwrap();
    let empty = folder.path().join("empty");
    fs::write(&empty, "\n").unwrap();
    let text = format!(
        "[database]\npassword_file = \"/nowhere/secret\"\n[admin]\ntoken_file = {empty:?}\ntoken = \"canary-canary-canary\"\n"
    );
    let shown = faults(&text, &[]);
    assert!(shown.contains("/nowhere/secret cannot be read") && shown.contains("`token` is given as well"), "{shown}");
    let shown = faults(&format!("[admin]\ntoken_file = {empty:?}\n"), &[]);
    assert!(shown.contains("is empty"), "{shown}");
    assert!(faults("[admin]\ntoken = \"short\"\n", &[]).contains("at least 16 characters"));
}

#[test]
fn nothing_shows_a_secret() {
    let text = "[database]\nurl = \"postgresql://u:canary-1@db/b\"\n[admin]\ntoken = \"canary-2-canary-2\"\n";
    let loaded = load_with(text, &[]).unwrap();
    let shown = format!("{loaded:?} {:?}", loaded.rows());
    assert!(!shown.contains("canary"), "{shown}");
    assert!(shown.contains("postgresql://u:***@db/b"), "{shown}");
    for text in ["[admin]\ntoken = 12345678\n", "[database]\nurl = \"postgresql://u:12345678@[::/b\"\n"] {
        let shown = faults(text, &[]);
        assert!(!shown.contains("12345678"), "{shown}");
    }
}

#[test]
fn listeners_must_not_meet() {
    assert!(faults("[server]\nport = 8080\nadmin_port = 8080\n", &[]).contains("choose another"));
    assert!(faults("[server]\nport = 65535\n", &[]).contains("server.admin_port"));
    for apart in [
        "port = 0\nadmin_port = 0\n",
        "host = \"10.0.0.1\"\nport = 8080\nadmin_host = \"127.0.0.1\"\nadmin_port = 8080\n",
    ] {
        assert!(load_with(&format!("[server]\n{apart}"), &[]).is_ok(), "{apart}");
    }
    assert!(
        faults("[server]\nport = 8080\nadmin_host = \"127.0.0.1\"\nadmin_port = 8080\n", &[])
            .contains("choose another")
    );
}

#[test]
fn the_schema_describes_every_setting() {
    let schema = json_schema();
    for row in load_with("", &[]).unwrap().rows() {
        let key = &schema["properties"][row.section]["properties"][row.key];
        assert!(key["description"].as_str().is_some_and(|text| !text.is_empty()), "{row:?}");
    }
    assert_eq!(schema["properties"]["server"]["properties"]["port"]["default"], 8080);
}

#[test]
fn a_number_too_large_for_the_setting_is_not_taken_for_unset() {
    for text in [
        "[server]\nadmin_port = 99999999999999999999\n",
        "[server]\nadmin_port = nan\n",
        "[server]\nadmin_port = inf\n",
        "[admin]\ntoken = nan\n",
        "[oidc]\nsession_lifetime = 99999999999999999999\n",
    ] {
        assert!(faults(text, &[]).contains("should be "), "{text}");
    }
    assert_eq!(load_with("[server]\nport = 0x1F90\n", &[]).unwrap().config.server.port, 8080);
}

#[test]
fn one_mistake_is_one_fault() {
    // The password belongs to the server that the URL would have named.
    assert_snapshot!(
        faults("[database]\nurl = \"mysql://db/x\"\npassword = \"canary\"\n", &[]),
        @"config.toml:2:7: [database] url: mysql: is not a kind of database that can be used; use sqlite: or postgresql:"
    );
    // 8080 is only the default that the broken port leaves.
    assert_snapshot!(
        faults("[server]\nport = \"x\"\nadmin_port = 8080\n", &[]),
        @r#"config.toml:2:8: [server] port: should be a whole number from 0 to 65535, not "x""#
    );
    assert_snapshot!(
        faults("[server\n", &[("BARYCENTER__DATABASE__PASSWORD", "canary")]),
        @"config.toml:1:8: unclosed table, expected `]`"
    );
    assert_snapshot!(
        faults("[passwords]\nparallelism = 4000000000\n", &[]),
        @"config.toml:2:15: [passwords] parallelism: 4000000000 is out of range; from 1 to 64"
    );
}

#[test]
fn variables_that_name_no_setting_are_explained() {
    let environment = [
        ("BARYCENTER__ADMN__TOKEN", "canary"),
        ("BARYCENTER__DATABASE__URL__FILE", "canary"),
        ("BARYCENTER__SERVER_PORT", "1"),
        ("BARYCENTER__SERVER__URL", "canary"),
        ("BARYCENTER__server__port", "1"),
        ("BARYCENTER__XYZ", "1"),
        // Empty: not set.
        ("BARYCENTER__NOTHING__AT_ALL", ""),
    ];
    assert_snapshot!(faults("", &environment), @r"
    environment BARYCENTER__ADMN__TOKEN: names no setting; did you mean `BARYCENTER__ADMIN__TOKEN`?
    environment BARYCENTER__DATABASE__URL__FILE: [database] unknown key `url__file`; did you mean `BARYCENTER__DATABASE__URL_FILE`?
    environment BARYCENTER__SERVER_PORT: names no setting; did you mean `BARYCENTER__SERVER__PORT`?
    environment BARYCENTER__SERVER__URL: [server] unknown key `url`; did you mean `BARYCENTER__DATABASE__URL`?
    environment BARYCENTER__XYZ: names no setting; the form is BARYCENTER__SECTION__KEY, and sections are admin, database, federation, keys, log, oidc, outbound, passwords, server, telemetry, users
    environment BARYCENTER__server__port: is written in upper case: BARYCENTER__SERVER__PORT
    ");
}

#[test]
fn lists_may_have_commas_to_spare_but_no_broken_json() {
    let claims = |text| load_with("", &[("BARYCENTER__OIDC__PROPERTY_CLAIMS", text)]);
    assert_eq!(claims("role,, department,").unwrap().config.oidc.property_claims, ["role", "department"]);
    assert_eq!(claims("role").unwrap().config.oidc.property_claims, ["role"]);
    for broken in [r#"["a", "b"#, "[1, 2]"] {
        assert!(claims(broken).map(drop).unwrap_err().contains("should be a list of texts"));
    }
}

#[test]
fn no_property_takes_the_place_of_a_protocol_claim() {
    let shown = faults("[oidc]\nproperty_claims = [\"role\", \"sub\"]\n", &[]);
    assert!(shown.contains("config.toml:2:19: [oidc] property_claims: \"sub\" is a claim of the protocol"), "{shown}");
}

#[test]
fn an_empty_text_is_not_a_value() {
    for setting in ["keys]\nprivate_key_path", "admin]\ntoken_file", "database]\npassword", "database]\nurl"] {
        assert!(faults(&format!("[{setting} = \"\"\n"), &[]).contains("is empty"), "{setting}");
    }
}

#[test]
fn files_that_are_no_configuration_are_explained() {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("config.toml");
    fs::write(&file, b"\xff\xfe[server]").unwrap();
    let sources = Sources::new(None, Vec::new(), folder.path().to_owned());
    assert_eq!(load(&sources).map(drop).unwrap_err().0, [format!("{}: is not UTF-8 text", file.display())]);
    // Some editors begin a file with a byte order mark.
    fs::write(&file, "\u{feff}[server]\nport = 9000\n").unwrap();
    assert_eq!(load(&sources).unwrap().config.server.port, 9000);
}

#[test]
fn the_url_may_come_from_a_file_and_has_its_origin() {
    let folder = TempDir::new().unwrap();
    let (url, password) = (folder.path().join("url"), folder.path().join("password"));
    fs::write(&url, "postgres://barycenter:old@db/b\n").unwrap();
    fs::write(&password, "canary%41").unwrap();
    let text = format!("[database]\nurl_file = {url:?}\n");
    let variable = "BARYCENTER__DATABASE__PASSWORD_FILE";
    let loaded = load_with(&text, &[(variable, password.to_str().unwrap())]).unwrap();
    assert_eq!(loaded.config.database.url.expose(), "postgres://barycenter:canary%2541@db/b");
    assert!(!loaded.database_is_default);
    let row = |key| loaded.rows().into_iter().find(|row| (row.section, row.key) == ("database", key)).unwrap();
    assert!(matches!(row("url").origin, Origin::File(_, 2)));
    assert_eq!(row("url").value, "postgres://barycenter:***@db/b");
    assert_eq!(row("password").origin, Origin::Environment(variable.to_owned()));
    assert_eq!(row("password").value, "(set)");
    assert_eq!(row("max_connections").origin, Origin::Default);
}

#[test]
fn rows_show_what_is_in_effect() {
    let loaded = load_with("[server]\nhost = \"10.0.0.1\"\nport = 9000\n", &[]).unwrap();
    let value = |key| loaded.rows().into_iter().find(|row| row.key == key).unwrap().value;
    assert_eq!((value("admin_host").as_str(), value("admin_port").as_str()), ("10.0.0.1", "9001"));
}

#[test]
fn a_token_is_one_line_of_visible_ascii() {
    for token in ["sixteen letters and more", "ä234567890123456", "0123456789\\n0123456789"] {
        let shown = faults(&format!("[admin]\ntoken = \"{token}\"\n"), &[]);
        assert!(shown.contains("one line of ASCII") && !shown.contains("0123456789"), "{shown}");
    }
}
