//! Signing keys from outside: rotations that no relying party notices, retirements that say what they break, keys that
//! are brought along, and another root key.

use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use barycenter_e2e::relying_party::code;
use barycenter_e2e::{Client, DatabaseKind, Deployment, Finished, Verifier, Visitor};
use serde_json::{Value, json};

on_both_databases!(
    a_rotation_is_noticed_by_nobody,
    of_two_operators_the_second_is_told,
    a_key_in_use_is_not_retired_but_at_once,
    a_key_comes_along_from_another_provider,
    another_root_key_changes_nothing_that_others_see,
    a_mirror_that_cannot_be_written_stops_nobody,
);

const PASSWORD: &str = "CHANGE-ME-IN-PRODUCTION";
/// The longest that anything here may take.
const PATIENCE: Duration = Duration::from_secs(60);

/// An installation whose relying parties keep the JWKS for two seconds and whose ID Tokens live for ten.
async fn installation(database: DatabaseKind) -> Deployment {
    let mut deployment = Deployment::new(database).await;
    for (name, value) in [
        ("KEYS__JWKS_MAX_AGE", "2"),
        ("KEYS__CLOCK_SKEW", "2"),
        ("OIDC__ID_TOKEN_LIFETIME", "10"),
        ("OIDC__ACCESS_TOKEN_LIFETIME", "10"),
    ] {
        deployment.set(name, value);
    }
    deployment
}

async fn keys(deployment: &Deployment) -> Vec<Value> {
    let list = deployment.direct(&["keys", "list", "-o", "json"]).await.exited(0).json();
    list["items"].as_array().expect("keys").clone()
}

fn text(value: &Value) -> &str {
    value.as_str().expect("a text")
}

async fn in_state(deployment: &Deployment, state: &str) -> Vec<String> {
    let keys = keys(deployment).await;
    keys.iter().filter(|key| key["state"] == state).map(|key| text(&key["kid"]).to_owned()).collect()
}

/// A person who has signed in, and the client that asks for an ID Token over and over.
struct Party {
    client: Client,
    visitor: Visitor,
    verifier: Verifier,
}

impl Party {
    async fn new(deployment: &Deployment) -> Self {
        let client = Client::register(deployment, "webshop").await;
        let visitor = Visitor::new();
        visitor.authorize(&client.authorization_request(&[]), "admin", PASSWORD).await;
        let verifier = Verifier::start(deployment, &client).await;
        Self { client, visitor, verifier }
    }

    /// Gets an ID Token.
    async fn token(&self) -> String {
        let returned = self.visitor.authorize(&self.client.authorization_request(&[]), "admin", PASSWORD).await;
        let answer = self.client.redeem(&code(&returned)).await;
        let tokens: Value = answer.json().await.expect("JSON");
        tokens["id_token"].as_str().expect("an ID Token").to_owned()
    }

    /// Gets an ID Token and verifies it; returns its key.
    async fn sign_in(&mut self) -> String {
        let token = self.token().await;
        let verdict = self.verifier.verify(&token).await;
        assert_eq!(verdict.refusal, None, "key {}", verdict.kid);
        verdict.kid
    }
}

async fn a_rotation_is_noticed_by_nobody(database: DatabaseKind) {
    let deployment = installation(database).await;
    let _daemon = deployment.sync_and_start().await;
    let mut party = Party::new(&deployment).await;
    for is_online in [true, false] {
        let before = party.sign_in().await;
        let rotate = ["keys", "rotate", "--yes", "-o", "name"];
        let (began, mut last) = (Instant::now(), String::new());
        let rotated = if is_online { deployment.online(&rotate).await } else { deployment.direct(&rotate).await };
        let next = rotated.exited(0).stdout.trim().to_owned();
        loop {
            let token = party.token().await;
            let verdict = party.verifier.verify(&token).await;
            assert_eq!(verdict.refusal, None, "after {:?}", began.elapsed());
            let former = std::mem::replace(&mut last, token);
            if verdict.kid == next {
                // The last token of the key before verifies as long as it lives.
                assert_eq!(party.verifier.verify(&former).await.refusal, None);
                break;
            }
            assert_eq!(verdict.kid, before);
            assert!(began.elapsed() < PATIENCE, "the new key does not sign");
        }
        assert!(began.elapsed() >= Duration::from_secs(8), "it signed after {:?}", began.elapsed());
        assert_eq!(in_state(&deployment, "active").await, [next]);
        assert!(in_state(&deployment, "retiring").await.contains(&before));
    }
    let began = Instant::now();
    while !in_state(&deployment, "retiring").await.is_empty() {
        party.sign_in().await;
        assert!(began.elapsed() < PATIENCE, "the keys before do not go");
    }
    assert_eq!(in_state(&deployment, "retired").await.len(), 2);
    let page = Visitor::new().get(&format!("{}/.well-known/jwks.json", deployment.issuer())).await;
    let began = Instant::now();
    while std::fs::read_to_string(deployment.path("data/jwks.json")).expect("the mirror") != page.body {
        assert!(began.elapsed() < PATIENCE, "the mirror shows something else");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    assert_eq!(page.headers["cache-control"], "public, max-age=2");
}

async fn of_two_operators_the_second_is_told(database: DatabaseKind) {
    let deployment = installation(database).await;
    let _daemon = deployment.sync_and_start().await;
    let rotate = ["keys", "rotate", "--activate-in", "1h", "--yes", "-o", "json"];
    let (one, other) = tokio::join!(deployment.online(&rotate), deployment.direct(&rotate));
    let mut codes = [one.code, other.code];
    codes.sort_unstable();
    assert_eq!(codes, [0, 6], "{one}\n{other}");
    let pending = in_state(&deployment, "pending").await;
    assert_eq!(pending.len(), 1);
    let told = if one.code == 6 { one } else { other };
    told.complained(&[&pending[0], "published already"]);
    let soon = deployment.online(&["keys", "rotate", "--alg", "EdDSA", "--activate-in", "2s", "--yes"]).await.exited(2);
    soon.complained(&["published for 9s"]);
    deployment.online(&["keys", "rotate", "--alg", "EdDSA"]).await.exited(7).complained(&["--yes"]);
    deployment
        .online(&["keys", "rotate", "--alg", "eddsa", "--dry-run"])
        .await
        .exited(0)
        .said(&["nothing was changed"]);
    deployment.online(&["keys", "retire", &pending[0], "--yes"]).await.exited(0).said(&["no unexpired token"]);
    assert!(in_state(&deployment, "pending").await.is_empty());
}

async fn a_key_in_use_is_not_retired_but_at_once(database: DatabaseKind) {
    let deployment = installation(database).await;
    let _daemon = deployment.sync_and_start().await;
    let mut party = Party::new(&deployment).await;
    let kid = party.sign_in().await;
    for online in [true, false] {
        let baryctl = async |arguments: &[&str]| -> Finished {
            if online { deployment.online(arguments).await } else { deployment.direct(arguments).await }
        };
        let refused = baryctl(&["keys", "retire", &kid, "--yes"]).await.exited(7);
        refused.complained(&["tokens that it signed live until", "of the token endpoint on record", "keys rotate"]);
        baryctl(&["keys", "retire", "nothing"]).await.exited(5).complained(&["keys list"]);
        baryctl(&["keys", "retire", &kid, "--now", "--yes"]).await.exited(7).complained(&["--confirm", &kid]);
        baryctl(&["keys", "retire", &kid, "--now", "--dry-run"]).await.exited(0).said(&[
            "relying parties refuse the ID Tokens",
            "signs in its place at once",
            "nothing was changed",
        ]);
    }
    assert_eq!(party.sign_in().await, kid, "nothing has happened");
    let token = party.token().await;
    let retired = ["keys", "retire", &kid, "--now", "--confirm", &kid, "-o", "json"];
    let retired = deployment.online(&retired).await.exited(0).json();
    let successor = text(&retired["successor"]["kid"]).to_owned();
    assert!(retired["broken"]["answers"].as_u64().is_some_and(|answers| answers > 0), "{retired}");
    deployment.direct(&["keys", "retire", &kid, "--yes"]).await.exited(0).said(&["retired already"]);
    assert_eq!(in_state(&deployment, "active").await, [successor.as_str()]);
    // As soon as the kept JWKS has expired, the stolen key's tokens are refused and the successor's are not.
    let began = Instant::now();
    while party.verifier.verify(&token).await.refusal.is_none() {
        assert!(began.elapsed() < Duration::from_secs(8), "the token of a retired key verifies");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    assert_eq!(party.sign_in().await, successor);
}

async fn a_key_comes_along_from_another_provider(database: DatabaseKind) {
    let deployment = installation(database).await;
    let daemon = deployment.sync_and_start().await;
    let key = deployment.path("data/other.pem");
    let openssl = |arguments: &[&str]| {
        let made = Command::new("openssl").args(arguments).output().expect("openssl runs");
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    };
    openssl(&["genpkey", "-algorithm", "ed25519", "-out", path(&key)]);
    let import = ["keys", "import", "-f", path(&key), "--kid", "2026-05a"];
    deployment
        .online(&[&import[..], &["--dry-run"]].concat())
        .await
        .exited(0)
        .said(&["2026-05a", "nothing was changed"]);
    deployment.online(&import).await.exited(0).said(&["imported EdDSA key 2026-05a"]);
    deployment.direct(&import).await.exited(6).complained(&["2026-05a"]);
    let pem = deployment.online(&["keys", "get", "2026-05a", "--pem"]).await.exited(0).stdout;
    assert!(pem.starts_with("-----BEGIN PUBLIC KEY-----\n"), "{pem}");
    deployment.online(&["keys", "get", "2026-05a", "nothing"]).await.exited(5);
    let public = deployment.path("data/public.pem");
    openssl(&["pkey", "-in", path(&key), "-pubout", "-out", path(&public)]);
    assert_eq!(pem, std::fs::read_to_string(&public).expect("the public key"));
    let exported = deployment.direct(&["keys", "export"]).await.exited(0).json();
    assert_eq!(exported["keys"].as_array().map(Vec::len), Some(2));
    assert!(!exported.to_string().contains("\"d\""), "a private half");

    let encrypted = deployment.path("data/encrypted.pem");
    openssl(&[
        "genpkey",
        "-algorithm",
        "EC",
        "-pkeyopt",
        "ec_paramgen_curve:P-256",
        "-aes256",
        "-pass",
        "pass:canary-3f",
        "-out",
        path(&encrypted),
    ]);
    deployment.direct(&["keys", "import", "-f", path(&encrypted)]).await.exited(2).complained(&["--passphrase-file"]);
    let passphrase = deployment.write("data/passphrase", "canary-3f\n");
    let import = ["keys", "import", "-f", path(&encrypted), "--passphrase-file", &passphrase, "--active"];
    deployment.online(&import).await.exited(7).complained(&["--yes"]);
    deployment.online(&[&import[..], &["--yes"]].concat()).await.exited(0).said(&["signs from now on"]);
    for file in ["data/public.pem", "data/private_key.pem", "data/passphrase"] {
        let finished = deployment.online(&["keys", "import", "-f", path(&deployment.path(file))]).await;
        assert!(matches!(finished.code, 2 | 6), "{finished}");
        assert!(!format!("{finished}").contains("canary"), "{finished}");
    }
    assert!(!daemon.log().contains("canary"), "a passphrase is in the log");
}

fn path(path: &Path) -> &str {
    path.to_str().expect("UTF-8")
}

async fn another_root_key_changes_nothing_that_others_see(database: DatabaseKind) {
    let mut deployment = installation(database).await;
    let daemon = deployment.sync_and_start().await;
    let mut party = Party::new(&deployment).await;
    let kid = party.sign_in().await;
    let new = deployment.path("data/new_root.pem");
    let made = Command::new("openssl").args(["genpkey", "-algorithm", "ed25519", "-out", path(&new)]).output();
    assert!(made.expect("openssl runs").status.success());
    let rewrap = ["keys", "rewrap", "--new-root", path(&new)];
    deployment.online(&rewrap).await.exited(2).complained(&["acts on the database itself"]);
    deployment.direct(&rewrap).await.exited(7).complained(&["--yes"]);
    deployment.direct(&[&rewrap[..], &["--dry-run"]].concat()).await.exited(0).said(&["nothing was changed"]);
    deployment.direct(&[&rewrap[..], &["--yes"]].concat()).await.exited(0).said(&[
        "mount",
        "data/private_key.pem",
        "restart each",
        "the next sync sets none",
    ]);
    // A daemon that runs goes on; one that starts with the old file says what to do.
    assert_eq!(party.sign_in().await, kid);
    deployment.online(&["keys", "rotate", "--yes"]).await.exited(6).complained(&["mount the new root key"]);
    assert_eq!(daemon.stop().await, 0);
    let finished = deployment.barycenterd(&[]).await;
    assert_ne!(finished.code, 0);
    finished.complained(&["does not open the keyring", "mount the same key file"]);

    deployment.set("KEYS__PRIVATE_KEY_PATH", path(&new));
    deployment.direct(&["diff", "-f", &deployment.users()]).await.exited(0);
    let synced = deployment.direct(&["sync", "-o", "json", "-f", &deployment.users()]).await.exited(0).json();
    assert_eq!((&synced["summary"]["updated"], &synced["summary"]["unchanged"]), (&json!(0), &json!(2)), "{synced}");
    let _daemon = deployment.start().await;
    assert_eq!(party.sign_in().await, kid, "even the session is the same");
}

async fn a_mirror_that_cannot_be_written_stops_nobody(database: DatabaseKind) {
    let mut deployment = installation(database).await;
    let full = FullDisk::new(&deployment);
    deployment.set("KEYS__JWKS_PATH", path(&full.path.join("jwks.json")));
    let daemon = deployment.sync_and_start().await;
    let mut party = Party::new(&deployment).await;
    full.fill();
    let mirror = std::fs::read_to_string(full.path.join("jwks.json")).unwrap_or_default();
    let next = deployment.online(&["keys", "rotate", "--yes", "-o", "name"]).await.exited(0).stdout;
    let began = Instant::now();
    while party.sign_in().await != next.trim() {
        assert!(began.elapsed() < PATIENCE, "the new key does not sign");
    }
    let log = daemon.log();
    let cannot = "(keys.jwks_path) cannot be written";
    assert_eq!(log.matches(cannot).count(), 1, "told once:\n{log}");
    let doctor = deployment.online(&["doctor", "--only", "keys"]).await.exited(1);
    assert!(doctor.stdout.contains("✗ keys.mirror") && doctor.stdout.contains(cannot), "{doctor}");
    let failed = ["jobs", "list", "--name", "jwks-mirror", "--state", "failed"];
    deployment.direct(&failed).await.exited(0).said(&[cannot]);
    deployment.online(&["jobs", "trigger", "jwks-mirror", "--wait"]).await.exited(3).complained(&[cannot]);
    deployment.online(&["doctor", "--only", "jobs"]).await.exited(0).said(&["2 failed in 24 h", cannot]);
    let now = std::fs::read_to_string(full.path.join("jwks.json")).unwrap_or_default();
    assert_eq!(now, mirror, "whole, as it was");
    full.empty();
    let began = Instant::now();
    while !std::fs::read_to_string(full.path.join("jwks.json")).unwrap_or_default().contains(next.trim()) {
        assert!(began.elapsed() < PATIENCE, "the mirror stays old:\n{}", daemon.log());
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    deployment.online(&["jobs", "trigger", "jwks-mirror", "--wait"]).await.exited(0);
    deployment.online(&["doctor", "--only", "keys"]).await.exited(0);
    assert_eq!(daemon.stop().await, 0);
}

/// A small file system of its own, where the test may mount one; else a folder that comes and goes.
struct FullDisk {
    path: std::path::PathBuf,
    is_mounted: bool,
}

impl FullDisk {
    fn new(deployment: &Deployment) -> Self {
        let path = deployment.path("mirror");
        std::fs::create_dir(&path).expect("a folder");
        let mount = Command::new("mount").args(["-t", "tmpfs", "-o", "size=64k", "tmpfs"]).arg(&path).output();
        Self { is_mounted: mount.is_ok_and(|output| output.status.success()), path }
    }

    fn fill(&self) {
        if self.is_mounted {
            // Writing fails once the disk is full.
            let _ = std::fs::write(self.path.join("ballast"), vec![0; 128 * 1024]);
        } else {
            std::fs::rename(&self.path, self.path.with_extension("away")).expect("the folder goes");
        }
    }

    fn empty(&self) {
        if self.is_mounted {
            std::fs::remove_file(self.path.join("ballast")).expect("the ballast goes");
        } else {
            std::fs::rename(self.path.with_extension("away"), &self.path).expect("the folder comes back");
        }
    }
}

impl Drop for FullDisk {
    fn drop(&mut self) {
        if self.is_mounted {
            let _ = Command::new("umount").arg("-l").arg(&self.path).output();
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_replica_that_was_stopped_looks_before_it_signs() {
    let deployment = installation(DatabaseKind::Postgresql).await;
    deployment.sync_users(&deployment.users()).await.exited(0);
    let (sleeper, other) = (deployment.start().await, deployment.start_replica().await);
    let mut party = Party::new(&deployment).await;
    let old = party.sign_in().await;
    let signal = |signal: &str| {
        let sent = Command::new("kill").args([signal, &sleeper.id().to_string()]).status();
        assert!(sent.expect("kill runs").success());
    };
    signal("-STOP");
    let next = deployment.direct(&["keys", "rotate", "--yes", "-o", "name"]).await.exited(0).stdout;
    let began = Instant::now();
    while in_state(&deployment, "active").await != [next.trim()] {
        assert!(began.elapsed() < PATIENCE, "the other replica does not rotate:\n{}", other.log());
    }
    // The verifier's JWKS has expired; the first request after the pause already signs with the new key.
    signal("-CONT");
    let kid = party.sign_in().await;
    assert_eq!(kid, next.trim(), "not {old}");
}
