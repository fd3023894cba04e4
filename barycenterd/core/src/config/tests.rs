//! What the settings promise.

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
    config.toml:20:2: unknown section or key `serve`; did you mean `server`?
    config.toml:2:1: [server] unknown key `public_url`; did you mean `public_base_url`?
    config.toml:5:1: [server] unknown key `url`; it belongs in [database]
    environment BARYCENTER__SERVER__ADMIN_PROT: [server] unknown key `admin_prot`; did you mean `admin_port`?
    config.toml:4:8: [server] host: "http://x" is not a host name or an address; give the host alone, the port has its own setting
    config.toml:3:8: [server] port: should be a whole number from 0 to 65535, not "eighty"
    config.toml:8:7: [database] url: mysql: is not a kind of database that can be used; use sqlite: or postgresql:
    config.toml:11:7: [keys] alg: should be "RS256", "ES256" or "EdDSA", not "HS256"
    config.toml:15:25: [oidc] access_token_lifetime: "soon" is not a span of time; write it like "90s", "10m", "12h" or "30d"
    config.toml:18:17: [federation] trust_anchors: OpenID Federation is not supported yet; leave the list empty: trust_anchors = []
    environment BARYCENTER__PASSWORDS__MEMORY_KIB: [passwords] memory_kib: 1 is out of range; from 8 to 1048576
    config.toml:14:31: [oidc] authorization_code_lifetime: 1h is out of range; from 1s to 10m
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
    assert!(load_with("[server]\nport = 0\nadmin_port = 0\n", &[]).is_ok());
}

#[test]
fn issuers_are_checked() {
    for (url, fine) in [
        ("https://auth.example.com/", true),
        ("https://example.com/auth/", true),
        ("http://[::1]:8080", true),
        ("ftp://example.com", false),
        ("https://example.com/?a", false),
        ("https://u:p@example.com", false),
        ("auth.example.com", false),
    ] {
        let loaded = load_with(&format!("[server]\npublic_base_url = {url:?}\n"), &[]);
        assert_eq!(loaded.is_ok(), fine, "{url}");
    }
    let url = "https://example.com/auth/".parse::<BaseUrl>().unwrap();
    assert_eq!((url.as_str(), url.path()), ("https://example.com/auth", "/auth"));
}

#[test]
fn spans_of_time_show_their_shortest_form() {
    for (text, seconds, shown) in
        [("90", 90, "90s"), ("90s", 90, "90s"), ("10m", 600, "10m"), ("24h", 86_400, "1d"), ("0s", 0, "0s")]
    {
        let span: Seconds = text.parse().unwrap();
        assert_eq!((span.as_seconds(), span.to_string().as_str()), (seconds, shown));
    }
    assert!("5 minutes".parse::<Seconds>().is_err() && "99999999d".parse::<Seconds>().is_err());
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
