//! Every check of the catalogue with something wrong, as `baryctl doctor` prints it. The findings are the checks' own, of
//! a deployment to which the fault was done; only what cannot be done to one here (a network file system, a full volume,
//! PostgreSQL's connections, a certificate) is put before the function that judges it.

use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::thread;

use barycenter_core::config::Config;
use barycenter_core::doctor::{Seat, Subject, examine, judge};
use barycenter_core::keyring::Keyring;
use barycenter_core::model::{
    JobCounts, JobRun, JobRunId, JobState, JobTrigger, Manager, Replica, ScheduledJob, SigningAlgorithm, SigningKey,
    SigningKeyState, Timestamp,
};
use barycenter_core::password::PasswordHasher;
use barycenter_core::reconcile::Counts;
use barycenter_core::store::{ConnectionLimit, Goal, Store, SyncOutcome, SyncRun};
use serde_json::{Value, json};
use tempfile::TempDir;
use url::Url;

use super::*;
use crate::test::{Console, baryctl};

const NOW: Timestamp = Timestamp::from_unix(1_795_431_600);
const HTTP_NOW: &str = "Mon, 23 Nov 2026 11:00:00 GMT";

/// A deployment that is in order: a fault is done to it.
struct Deployment {
    folder: TempDir,
    config: Config,
    store: Store,
}

impl Deployment {
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut config = Config::default();
        config.database.url = format!("sqlite://{}?mode=rwc", folder.path().join("b.db").display()).parse().unwrap();
        config.keys.jwks_path = folder.path().join("jwks.json");
        config.keys.private_key_path = folder.path().join("private_key.pem");
        config.keys.alg = SigningAlgorithm::Es256;
        let store = Store::connect(&config.database).await.unwrap();
        store.migrate().await.unwrap();
        Keyring::open(&config.keys, &store, NOW).await.unwrap();
        Self { folder, config, store }
    }

    /// The check as it is at this time.
    async fn at(&self, id: &'static str, now: Timestamp, mirror_fault: Option<String>) -> Check {
        let hasher = PasswordHasher::new(&self.config.passwords).unwrap();
        let subject = Subject {
            config: &self.config,
            store: Ok(&self.store),
            hasher: Some(&hasher),
            mirror_fault,
            seat: Seat::Direct,
            now,
        };
        found(examine(&subject, &Selection::default()).await, id, self.folder.path())
    }

    async fn check(&self, id: &'static str) -> Check {
        self.at(id, NOW, None).await
    }
}

/// The check of that id, without what differs from run to run.
fn found(checks: Vec<doctor::Check>, id: &str, folder: &Path) -> Check {
    let mut check: Check = checks.into_iter().find(|check| check.id == id).unwrap().into();
    check.message = check.message.replace(&folder.display().to_string(), "DIR");
    check
}

fn judged(id: &'static str, finding: Finding) -> Check {
    doctor::Check { id, finding, took_ms: 0 }.into()
}

/// Returns the check with a fault done to what it looks at.
fn staged(id: &'static str) -> Check {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    match doctor::group_of(id).unwrap() {
        doctor::Group::Target | doctor::Group::Config => of_settings(id, &runtime),
        doctor::Group::Database => runtime.block_on(of_database(id)),
        doctor::Group::Keys => runtime.block_on(of_keys(id)),
        doctor::Group::Issuer => runtime.block_on(of_issuer(id)),
        doctor::Group::Users if id == "users.sample-passwords" => sample_passwords(),
        doctor::Group::Users => runtime.block_on(of_users(id)),
        doctor::Group::Jobs | doctor::Group::Replicas => runtime.block_on(of_daemons(id)),
    }
}

fn none(id: &str) -> ! {
    panic!("the check {id} is in the catalogue, and nothing here goes wrong with it")
}

/// The check as a whole run of the command has it.
fn of_run(id: &str, (exit, console): (Exit, Console)) -> Check {
    let document: Value = serde_json::from_str(&console.stdout()).unwrap();
    let check = document["checks"].as_array().unwrap().iter().find(|check| check["id"] == id).unwrap();
    let text = |name: &str| check[name].as_str().map(str::to_owned);
    let status = Status::ALL.into_iter().find(|status| check["status"] == status.as_str()).unwrap();
    assert_eq!(exit == Exit::No, status == Status::Failed, "{console:?}");
    Check {
        id: id.to_owned(),
        group: text("group").unwrap(),
        status,
        message: text("message").unwrap(),
        fix: text("fix"),
        took_ms: 0,
    }
}

fn of_settings(id: &'static str, runtime: &tokio::runtime::Runtime) -> Check {
    match id {
        "target.reachable" => {
            let arguments = ["--server", "http://127.0.0.1:1", "doctor", "-o", "json"];
            of_run(id, baryctl(&arguments, &[("BARYCTL_TOKEN", "bat_test")]))
        }
        "config.file" => {
            let folder = tempfile::tempdir().unwrap();
            let file = folder.path().join("config.toml");
            fs::write(&file, "[server]\nprot = 8080\n").unwrap();
            let file = file.to_str().unwrap();
            let mut check = of_run(id, baryctl(&["--direct", "--config", file, "doctor", "-o", "json"], &[]));
            check.message = check.message.replace(&folder.path().display().to_string(), "DIR");
            check
        }
        "config.base-url" | "config.values" => runtime.block_on(async {
            let mut deployment = Deployment::new().await;
            deployment.config.server.public_base_url = "http://auth.example.com".parse().unwrap();
            deployment.config.passwords.iterations = 1;
            deployment.check(id).await
        }),
        _ => none(id),
    }
}

async fn of_database(id: &'static str) -> Check {
    let mut deployment = Deployment::new().await;
    let file = deployment.folder.path().join("b.db");
    match id {
        "db.folder" => {
            let url = format!("sqlite://{}/missing/b.db?mode=rwc", deployment.folder.path().display());
            deployment.config.database.url = url.parse().unwrap();
        }
        "db.reachable" => deployment.store.clone().close().await.unwrap(),
        "db.migrated" => {
            let other = deployment.folder.path().join("other.db");
            deployment.config.database.url = format!("sqlite://{}?mode=rwc", other.display()).parse().unwrap();
            deployment.store = Store::connect(&deployment.config.database).await.unwrap();
            deployment.store.migrate_steps(Goal::Step(2)).await.unwrap();
            let mut check = deployment.check(id).await;
            check.message = check.message.replace(&barycenter_core::store::SchemaStatus::newest(), "NEWEST");
            return check;
        }
        "db.integrity" => {
            deployment.store.clone().close().await.unwrap();
            let mut bytes = fs::read(&file).unwrap();
            let last = bytes.len() - 4096;
            bytes[last..last + 64].fill(0xff);
            fs::write(&file, bytes).unwrap();
            deployment.store = Store::connect(&deployment.config.database).await.unwrap();
            let mut check = deployment.check(id).await;
            check.message = check.message.chars().filter(|character| !character.is_ascii_digit()).collect();
            return check;
        }
        "db.pool" => return judged(id, judge::enough_connections(3, 20, ConnectionLimit { most: 50, reserved: 3 })),
        "db.wal" => return judged(id, judge::journal(Some("delete"))),
        "db.location" => return judged(id, judge::on_this_machine(0x6969, Path::new("/data/b.db"))),
        "db.space" => return judged(id, judge::room(10 << 20, 100 << 30, Path::new("/data"))),
        _ => none(id),
    }
    deployment.check(id).await
}

async fn of_keys(id: &'static str) -> Check {
    let mut deployment = Deployment::new().await;
    let key = deployment.config.keys.private_key_path.clone();
    let day = 86_400;
    match id {
        "keys.folder" => deployment.config.keys.private_key_path = deployment.folder.path().join("missing/key.pem"),
        "keys.root" => fs::set_permissions(&key, fs::Permissions::from_mode(0o644)).unwrap(),
        "keys.keyring" => {
            let other = Deployment::new().await;
            fs::copy(&other.config.keys.private_key_path, &key).unwrap();
            let mut check = deployment.check(id).await;
            for root in [&deployment, &other] {
                let kept = root.store.signing_keys().all().await.unwrap().remove(0).root;
                check.message = check.message.replace(&kept, "ROOT");
            }
            return check;
        }
        "keys.active" => deployment.config.keys.alg = SigningAlgorithm::Rs256,
        "keys.pending" | "keys.age" => {
            let active = deployment.store.signing_keys().all().await.unwrap().remove(0);
            if id == "keys.pending" {
                let state = SigningKeyState::Pending;
                let pending = SigningKey { state, activated_at: None, ..active.clone() };
                deployment.store.signing_keys().update(&pending).await.unwrap();
            }
            let mut check = deployment.at(id, NOW.plus(400 * day), None).await;
            check.message = check.message.replace(active.kid.as_str(), "KID");
            return check;
        }
        "keys.mirror" => {
            fs::remove_file(&deployment.config.keys.jwks_path).unwrap();
            fs::create_dir(&deployment.config.keys.jwks_path).unwrap();
            let keyring = Keyring::open(&deployment.config.keys, &deployment.store, NOW).await.unwrap();
            return deployment.at(id, NOW, keyring.mirror_fault()).await;
        }
        "keys.published" => {
            let jwks = json!({ "keys": [{ "kid": "k1" }] });
            return looked_at_from_here(id, |base| json!({ "issuer": base, "jwks_uri": format!("{base}/jwks") }), jwks)
                .await;
        }
        _ => none(id),
    }
    deployment.check(id).await
}

async fn of_issuer(id: &'static str) -> Check {
    match id {
        "issuer.discovery" => {
            looked_at_from_here(id, |_| json!({ "issuer": "https://other.example.com" }), Value::Null).await
        }
        "issuer.clock" => looked_at_from_here(id, |base| json!({ "issuer": base }), Value::Null).await,
        "issuer.certificate" => {
            let url = Url::parse("https://auth.example.com").unwrap();
            judged(
                id,
                issuer::certificate(&url, &Err(issuer::Unseen::untrusted("invalid peer certificate: Expired")), NOW),
            )
        }
        _ => none(id),
    }
}

/// Looks at an issuer that publishes this, a minute and a half later than it believes.
async fn looked_at_from_here(id: &str, discovery: impl Fn(&str) -> Value, jwks: Value) -> Check {
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    let discovery = discovery(&base).to_string();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut lines = BufReader::new(&stream).lines().map_while(Result::ok);
            let Some(request) = lines.next() else { continue };
            // What is not read would break the connection.
            lines.take_while(|line| !line.is_empty()).for_each(drop);
            let body = if request.contains("/jwks") { jwks.to_string() } else { discovery.clone() };
            let head =
                format!("HTTP/1.1 200 OK\r\ndate: {HTTP_NOW}\r\nconnection: close\r\ncontent-length: {}", body.len());
            let _ = write!(stream, "{head}\r\n\r\n{body}");
        }
    });
    let checks = issuer::look(&base, &["k2".to_owned()], None, NOW.plus(90)).await.unwrap();
    let mut check = checks.into_iter().find(|check| check.id == id).unwrap();
    check.message = check.message.replace(&base, "ISSUER");
    check
}

/// As somebody has it who has followed the documentation to the letter.
fn sample_passwords() -> Check {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().display();
    let config = format!(
        "[database]\nurl = \"sqlite://{path}/b.db?mode=rwc\"\n[keys]\njwks_path = \"{path}/jwks.json\"\n\
         private_key_path = \"{path}/private_key.pem\"\nalg = \"ES256\"\n[passwords]\nmemory_kib = 8\niterations = 1\n"
    );
    let users = r#"{ "users": [ { "username": "admin", "password": "CHANGE-ME-IN-PRODUCTION" } ] }"#;
    let file = |name: &str, text: &str| {
        fs::write(folder.path().join(name), text).unwrap();
        folder.path().join(name).to_str().unwrap().to_owned()
    };
    let (config, users) = (file("config.toml", &config), file("users.json", users));
    let run = |arguments: &[&str]| baryctl(&[&["--direct", "--config", &config], arguments].concat(), &[]);
    for arguments in [&["db", "migrate"][..], &["sync", "-f", &users]] {
        let (exit, console) = run(arguments);
        assert_eq!(exit, Exit::Ok, "{console:?}");
    }
    of_run("users.sample-passwords", run(&["doctor", "--only", "users", "-o", "json"]))
}

async fn of_users(id: &'static str) -> Check {
    let deployment = Deployment::new().await;
    let (outcome, conflict) = match id {
        "users-file.applied" => (SyncOutcome::Failed, 0),
        "users-file.conflicts" => (SyncOutcome::Ok, 2),
        _ => none(id),
    };
    let run = SyncRun {
        manager: Manager::default(),
        origin: "watch /secrets/users.json".to_owned(),
        outcome,
        counts: Counts { conflict, ..Counts::default() },
        message: Some("3:5 unknown field".to_owned()),
        started_at: NOW,
        finished_at: NOW,
    };
    deployment.store.sync_runs().record(&run).await.unwrap();
    deployment.check(id).await
}

async fn of_daemons(id: &'static str) -> Check {
    let deployment = Deployment::new().await;
    let replica = |name: &str, version: &str, root: &str| Replica {
        id: name.to_owned(),
        name: name.to_owned(),
        version: version.to_owned(),
        root: root.to_owned(),
        schema: "0001".to_owned(),
        issuer: "https://auth.example.com".to_owned(),
        public_address: None,
        started_at: NOW,
        seen_at: NOW,
    };
    for replica in [replica("one", "1.0.0", "aaaa"), replica("two", "1.1.0", "bbbb")] {
        deployment.store.replicas().note(&replica).await.unwrap();
    }
    let job = ScheduledJob {
        name: "clean-up".to_owned(),
        about: "removes what has expired".to_owned(),
        every_seconds: 600,
        next_at: NOW.plus(-3600),
        succeeded_at: None,
        running: None,
    };
    deployment.store.jobs().enter(&job).await.unwrap();
    let failed = JobRun {
        id: JobRunId::generate(),
        job: job.name.clone(),
        trigger: JobTrigger::Schedule,
        actor: None,
        replica: "one".to_owned(),
        state: JobState::Failed,
        started_at: NOW.plus(-60),
        finished_at: Some(NOW.plus(-60)),
        took_ms: Some(3),
        counts: JobCounts::default(),
        error: Some("the disk is full".to_owned()),
        cancelled_by: None,
    };
    deployment.store.note_job(&failed, &[]).await.unwrap();
    deployment.check(id).await
}

#[test]
fn every_check_of_the_catalogue_says_what_is_wrong_and_how_to_mend_it() {
    let checks: Vec<Check> = doctor::CATALOGUE.iter().map(|known| staged(known.id)).collect();
    for check in &checks {
        assert!(matches!(check.status, Status::Warning | Status::Failed), "nothing is wrong: {check:?}");
        assert!(check.fix.is_some(), "there is no way out: {check:?}");
    }
    let mut console = Console::default();
    print(&checks, &Summary::of(&checks), &mut console.printer()).unwrap();
    insta::assert_snapshot!(console.stdout(), @r#"
    target
      ✗ target.reachable       cannot reach the admin API at http://127.0.0.1:1: connection refused
          fix: is barycenterd running, and is this its admin port?; in a cluster, is the port-forward still running?  kubectl -n barycenter port-forward svc/barycenter-admin 8081:8081
    config
      ✗ config.file            DIR/config.toml:2:1: [server] unknown key `prot`; did you mean `port`?
          fix: mend it: baryctl config explain SECTION.KEY says what a setting takes
      ✗ config.base-url        http://auth.example.com is not https: whoever listens reads codes and passwords, and cookies are not bound to https
          fix: put TLS in front of it, and set server.public_base_url = "https://…"
      ! config.values          passwords.memory_kib: 19456 KiB in 1 passes are less than what is recommended against guessing
          fix: passwords.memory_kib = 19456 and passwords.iterations = 2
    database
      ✗ db.folder              DIR/missing does not exist
          fix: create it, or mount a volume there; see database.url
      ✗ db.reachable           sqlite://DIR/b.db?mode=rwc: the database is not available: Failed to acquire connection from pool: Connection closed
          fix: is the database there, and may it be reached from here? see database.url
      ✗ db.migrated            the database is at schema 0002, this version needs NEWEST; run `baryctl db migrate` or start barycenterd
          fix: baryctl db migrate, or the next start of barycenterd
      ! db.pool                3 replicas × 20 connections = 60, and PostgreSQL takes 47 (max_connections 50 less 3 reserved)
          fix: database.max_connections = 15, or raise PostgreSQL's max_connections
      ! db.wal                 the journal is delete, not wal: readers and the writer wait for each other
          fix: is the file on a file system without shared memory? move it to a local one
      ! db.location            /data/b.db is on NFS: two machines that open it destroy it
          fix: put it on a local volume (ReadWriteOnce), or use PostgreSQL
      ✗ db.space               only 10 MB free of 107 GB at /data: writes will fail
          fix: make room, or a larger volume
      ✗ db.integrity           the file is damaged: *** in database main *** Tree  page : btreeInitPage() returns error code 
          fix: stop the daemon and bring a backup back: baryctl backup restore FILE
    keys
      ✗ keys.folder            DIR/missing does not exist
          fix: create it, or mount a volume there; see keys.private_key_path
      ✗ keys.root              the root key DIR/private_key.pem (keys.private_key_path) is open to everybody (mode 0644); run `chmod 600` on it, or set `defaultMode: 0400` on the mounted Secret (0440 with fsGroup)
          fix: mend the file, or restore it from a backup; it is never made anew
      ✗ keys.keyring           the root key DIR/private_key.pem does not open the keyring in the database: that was made under root key ROOT, this is ROOT; mount the same key file on every replica (or restore the one that belongs to this database)
          fix: mount the root key that belongs to this database
      ✗ keys.active            no key signs with RS256 (keys.alg)
          fix: baryctl keys list; a start of barycenterd makes one
      ! keys.pending           KID has been waiting for 400 d to begin to sign
          fix: does a daemon run? it puts the key to work
      ! keys.age               KID has been signing for 400 d
          fix: baryctl keys rotate
      ✗ keys.mirror            the JWKS mirror DIR/jwks.json (keys.jwks_path) cannot be written: is a directory
          fix: is there room, and is the folder writable? the daemon tries again by itself
      ✗ keys.published         k2 signs and is not in ISSUER/jwks: relying parties refuse its tokens
          fix: does a cache stand in front, or does the issuer lead to another deployment?
    issuer
      ✗ issuer.discovery       ISSUER answers with another issuer: https://other.example.com
          fix: does a proxy lead to another deployment, or is server.public_base_url wrong?
      ✗ issuer.certificate     invalid peer certificate: Expired
          fix: renew it, or name the authority that signed it: --ca-file FILE
      ✗ issuer.clock           90 s behind this machine's
          fix: synchronise both clocks (NTP): relying parties refuse tokens from the future or of the past
    users
      ✗ users-file.applied     /secrets/users.json is not applied; the state before it stays: 3:5 unknown field (2026-11-23T11:00:00Z)
          fix: mend the file; to see what it would do: baryctl diff -f /secrets/users.json
      ! users-file.conflicts   2 conflicts left as they are
          fix: baryctl diff -f /secrets/users.json names them, and the way out
      ! users.sample-passwords admin has a password that everybody can read in the documentation
          fix: give them others in the users file, or with baryctl users sync
    jobs
      ! jobs.failed            1 failed in 24 h: clean-up: the disk is full
          fix: baryctl jobs list --state failed; baryctl jobs logs ID says more
      ✗ jobs.overdue           clean-up should have run long ago
          fix: the daemons' logs say why; baryctl jobs trigger NAME --wait
    replicas
      ! replicas.version       replicas of different versions serve: one has 1.0.0, two has 1.1.0
          fix: during a rolling update this is as it should be; afterwards, look for the one that was left out
      ✗ replicas.root-key      replicas have different root keys: one has aaaa, two has bbbb
          fix: mount the same root key (keys.private_key_path) on every replica, and restart them

    20 failed, 10 warnings, 0 passed, 0 skipped
    "#);
}
