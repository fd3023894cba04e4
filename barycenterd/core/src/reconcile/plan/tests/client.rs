//! What a plan decides for clients.

use super::*;
use crate::model::{Client, ClientId};
use crate::reconcile::plan::client::{self, Question};

fn decide_client(entry: &str, live: Option<&Client>, fingerprint: &str) -> Planned<Client> {
    let [Desired::Client(desired)] = &parse_entries(Kind::Client, entry).unwrap()[..] else { panic!("one client") };
    let (manager, intent) = (Manager::default(), Intent::default());
    let question = Question {
        desired,
        live,
        manager: &manager,
        intent: &intent,
        fingerprint: Some(fingerprint.to_owned()).filter(|_| desired.secret.value().is_some()),
        sealed: desired.secret.value().map(|_| "sealed".to_owned()),
    };
    client::plan(&question, NOW)
}

const GRAFANA: &str = r#"{"client_id":"grafana","client_secret":"0123456789abcdef","redirect_uris":["https://g.example/cb"],"access_token_lifetime":"5m"}"#;

#[test]
fn a_client_is_created_changed_and_left_alone() {
    let planned = decide_client(GRAFANA, None, "f1");
    insta::assert_snapshot!(lines(&planned.change), @r#"
    redirect_uris: - → ["https://g.example/cb"]
    access_token_lifetime: - → "5m"
    client_secret: - → {"revision":1,"secret":true}
    "#);
    let client = *planned.result.unwrap();
    assert!(client.has_secret(&crate::secret::Secret::new("0123456789abcdef")));
    assert!(decide_client(GRAFANA, Some(&client), "f1").result.is_none());
    let changed = decide_client(&GRAFANA.replace("5m", "10m"), Some(&client), "f1");
    assert_eq!(lines(&changed.change), r#"access_token_lifetime: "5m" → "10m""#);
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

#[test]
fn further_metadata_is_set_changed_and_cleared_by_name() {
    let entry = GRAFANA.replace("\"5m\"}", "\"5m\",\"require_auth_time\":true,\"required_groups\":[\"ops\"]}");
    let planned = decide_client(&entry, None, "f1");
    assert!(lines(&planned.change).contains(r#"required_groups: - → ["ops"]"#), "{}", lines(&planned.change));
    let client = *planned.result.unwrap();
    assert!(client.metadata.require_auth_time && !client.admits(["dev"]) && client.admits(["ops"]));
    assert!(decide_client(&entry, Some(&client), "f1").result.is_none());
    let kept = decide_client(GRAFANA, Some(&client), "f1");
    assert!(kept.change.fields.is_empty(), "what is not mentioned is not managed");
    let cleared = entry.replace("true", "null");
    assert_eq!(lines(&decide_client(&cleared, Some(&client), "f1").change), "require_auth_time: true → -");
}

#[test]
fn the_secret_itself_is_kept_only_for_client_secret_jwt() {
    let by_jwt = GRAFANA
        .replace("0123456789abcdef", "0123456789abcdef0123456789abcdef")
        .replace("\"5m\"}", "\"5m\",\"authentication_method\":\"client_secret_jwt\"}");
    let client = *decide_client(&by_jwt, None, "f1").result.unwrap();
    assert_eq!(client.sealed_secret.as_deref(), Some("sealed"));
    assert!(decide_client(&by_jwt, Some(&client), "f1").result.is_none());
    let basic = by_jwt.replace("client_secret_jwt", "client_secret_basic");
    let client = *decide_client(&basic, Some(&client), "f1").result.unwrap();
    assert_eq!(client.sealed_secret, None);
    let back = *decide_client(&by_jwt, Some(&client), "f1").result.unwrap();
    assert_eq!(back.sealed_secret.as_deref(), Some("sealed"), "although the secret has not changed");
    let without = by_jwt.replace(r#""client_secret":"0123456789abcdef0123456789abcdef","#, "");
    let conflict = decide_client(&without, Some(&Client { sealed_secret: None, ..back }), "f").change.conflict;
    assert_eq!(conflict, Some(ConflictReason::SecretMissing));
}
