//! Backups with the real programs: made under load, cut short anywhere, brought back into another installation where
//! old tokens still count; and PostgreSQL's own tools, with the very lines that `baryctl` prints.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::time::Instant;

use barycenter_e2e::{Client, DatabaseKind, Deployment, Finished, Visitor, database, program, relying_party};
use futures_util::{StreamExt as _, stream};
use jsonwebtoken::jwk::JwkSet;
use jsonwebtoken::{DecodingKey, Validation, decode, decode_header};
use serde_json::{Value, json};

/// Points in time at which a run is killed.
const POINTS: u32 = 50;
/// How many of them at a time.
const AT_ONCE: usize = 5;
const PASSWORD: &str = "CHANGE-ME-IN-PRODUCTION";

/// A number that looks random and is the same in every run.
fn scattered(seed: u32) -> u32 {
    let mut state = seed.wrapping_mul(2_654_435_761).wrapping_add(1);
    for _ in 0..3 {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
    }
    state
}

fn text(path: &Path) -> String {
    path.to_str().expect("UTF-8").to_owned()
}

/// Runs a line in a shell of the installation, `baryctl` on its path.
async fn shell(deployment: &Deployment, line: &str) -> Finished {
    let folder = program::find("baryctl");
    let path = format!(
        "{}:{}",
        folder.parent().expect("a folder").display(),
        program::environment("PATH").unwrap_or_default()
    );
    let mut command = deployment.command("sh", &["-c", line]);
    command.env("PATH", path);
    program::run(command, None).await
}

/// Signs in and returns the tokens.
async fn tokens(client: &Client) -> Value {
    let visitor = Visitor::new();
    let returned = visitor.authorize(&client.authorization_request(&[]), "admin", PASSWORD).await;
    client.redeem(&relying_party::code(&returned)).await.json().await.expect("JSON")
}

/// A backup is taken while people sign in and a file is synced; somebody else brings it back; what was issued before
/// still counts there.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn old_tokens_count_in_a_restored_instance() {
    let deployment = Deployment::new(DatabaseKind::Sqlite).await;
    let daemon = deployment.sync_and_start().await;
    let client = Client::register(&deployment, "webshop").await;
    let before = tokens(&client).await;
    let many: Vec<Value> = (0..3000).map(|number| json!({ "username": format!("user{number}") })).collect();
    let many = deployment.write("secrets/many.json", &json!({ "manager": "many", "users": many }).to_string());
    let file = text(&deployment.path("backup.tar"));
    let load = async {
        let mut signed_in = 0;
        for _ in 0..4 {
            assert!(tokens(&client).await["access_token"].is_string());
            signed_in += 1;
        }
        signed_in
    };
    let (create, sync) = (["backup", "create", file.as_str()], ["sync", "-f", many.as_str()]);
    let (made, synced, signed_in) = tokio::join!(deployment.direct(&create), deployment.online(&sync), load);
    made.exited(0).said(&["wrote ", "1 client, 1 key", "sha256 "]);
    synced.exited(0);
    assert_eq!(signed_in, 4);
    deployment.baryctl(&["backup", "verify", &file]).await.exited(0).said(&["ok: digests match"]);
    assert_eq!(daemon.stop().await, 0);

    let other = Deployment::new(DatabaseKind::Sqlite).await;
    other.direct(&["backup", "restore", &file]).await.exited(7).complained(&["--confirm barycenter.db"]);
    assert!(!other.path("data/barycenter.db").exists());
    other.direct(&["backup", "restore", &file, "--confirm", "barycenter.db"]).await.exited(0).said(&["restored "]);
    let _daemon = other.start().await;
    let access_token = before["access_token"].as_str().expect("an access token");
    let answer = client.through(other.issuer()).userinfo(access_token).await;
    assert_eq!(answer.status(), 200);
    let claims: Value = answer.json().await.expect("JSON");
    assert_eq!(claims["preferred_username"], "admin");

    let id_token = before["id_token"].as_str().expect("an ID Token");
    let jwks: JwkSet =
        serde_json::from_str(&fs::read_to_string(other.path("data/jwks.json")).expect("the mirror")).expect("JWKS");
    let header = decode_header(id_token).expect("a JWT");
    let key = jwks.find(header.kid.as_deref().expect("a kid")).expect("the key is published");
    let mut validation = Validation::new(header.alg);
    validation.set_audience(&["webshop"]);
    validation.set_issuer(&[deployment.issuer()]);
    let token =
        decode::<Value>(id_token, &DecodingKey::from_jwk(key).expect("a key"), &validation).expect("it verifies");
    assert_eq!(token.claims["sub"], claims["sub"]);
}

/// kill -9 anywhere in a backup: what has the name of a backup is one.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backup_that_is_killed_is_whole_or_not_there() {
    let deployment = Deployment::new(DatabaseKind::Sqlite).await;
    deployment.sync_users(&deployment.users()).await.exited(0);
    let started = Instant::now();
    deployment.direct(&["backup", "create", &text(&deployment.path("first.tar"))]).await.exited(0);
    // As many at a time as there will be.
    let whole = started.elapsed() * 3;
    let config = text(&deployment.path("app/config.toml"));
    let deployment = &deployment;
    let config = &config;
    let there: Vec<bool> = stream::iter(0..POINTS)
        .map(|seed| async move {
            let file = deployment.path(&format!("backup-{seed}.tar"));
            let arguments = ["--direct", "--config", config, "backup", "create", &text(&file)];
            let mut child = deployment.command(program::find("baryctl"), &arguments).spawn().expect("baryctl starts");
            tokio::time::sleep(whole.mul_f64(f64::from(scattered(seed) % 1000) / 1000.0)).await;
            let _ = child.start_kill();
            let _ = child.wait().await;
            if file.exists() {
                deployment.baryctl(&["backup", "verify", &text(&file)]).await.exited(0);
            }
            file.exists()
        })
        .buffer_unordered(AT_ONCE)
        .collect()
        .await;
    let (early, late) = (there.iter().filter(|there| !**there).count(), there.iter().filter(|there| **there).count());
    assert!(early > 0 && late > 0, "{POINTS} runs of {whole:?}: {early} killed before the end, {late} behind it");
    // The database has taken no harm.
    deployment.direct(&["doctor", "--only", "database", "--strict"]).await.exited(0);
}

/// kill -9 anywhere in a restore: the old state or the new one, as a whole, and the old one is never lost.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_restore_that_is_killed_happens_as_a_whole_or_not_at_all() {
    let source = Deployment::new(DatabaseKind::Sqlite).await;
    source.sync_users(&source.users()).await.exited(0);
    let backup = text(&source.path("backup.tar"));
    source.direct(&["backup", "create", &backup]).await.exited(0);
    let new_key = fs::read(source.path("data/private_key.pem")).expect("a root key");
    let victim = async || {
        let deployment = Deployment::new(DatabaseKind::Sqlite).await;
        let old = deployment.write("secrets/old.json", r#"{ "users": [ { "username": "old" } ] }"#);
        deployment.sync_users(&old).await.exited(0);
        deployment
    };
    let measured = victim().await;
    let started = Instant::now();
    measured.direct(&["backup", "restore", &backup, "--confirm", "barycenter.db"]).await.exited(0);
    let whole = started.elapsed() * 3;
    let (backup, new_key, victim) = (&backup, &new_key, &victim);
    let ends: Vec<bool> = stream::iter(0..POINTS)
        .map(|seed| async move {
            let deployment = victim().await;
            let old_key = fs::read(deployment.path("data/private_key.pem")).expect("a root key");
            let config = text(&deployment.path("app/config.toml"));
            let arguments =
                ["--direct", "--config", &config, "backup", "restore", backup, "--confirm", "barycenter.db"];
            let mut child = deployment.command(program::find("baryctl"), &arguments).spawn().expect("baryctl starts");
            tokio::time::sleep(whole.mul_f64(f64::from(scattered(seed) % 1000) / 1000.0)).await;
            let _ = child.start_kill();
            let _ = child.wait().await;
            // Whoever opens it next finds one of the two, and nothing in between.
            let names = deployment.direct(&["users", "list", "-o", "name"]).await.exited(0).stdout;
            let key = fs::read(deployment.path("data/private_key.pem")).expect("a root key");
            let restored = names == "admin\napp-service\n";
            assert!(restored || names == "old\n", "point {seed}: {names:?}");
            assert!(
                key == if restored { new_key.clone() } else { old_key.clone() },
                "point {seed}: keys and database differ"
            );
            deployment.direct(&["doctor", "--only", "database,keys", "--skip", "keys.mirror"]).await.exited(0);
            if restored {
                let kept =
                    fs::read(deployment.path("data/private_key.pem.before-restore")).expect("the old key is kept");
                assert!(kept == old_key, "point {seed}");
                assert!(deployment.path("data/barycenter.db.before-restore").exists(), "point {seed}");
            }
            assert!(!deployment.path("data/barycenter.db.restore-journal").exists(), "point {seed}");
            // And once more, to the end.
            deployment.direct(&["backup", "restore", backup, "--confirm", "barycenter.db"]).await.exited(0);
            restored
        })
        .buffer_unordered(AT_ONCE)
        .collect()
        .await;
    let (late, early) = (ends.iter().filter(|end| **end).count(), ends.iter().filter(|end| !**end).count());
    assert!(early > 0 && late > 0, "{POINTS} runs of {whole:?}: {early} killed before it happened, {late} behind it");
}

/// Each thing that stands in the way has its exit code, and nothing is half done.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_stands_in_the_way_of_a_backup_is_told() {
    let deployment = Deployment::new(DatabaseKind::Sqlite).await;
    let file = text(&deployment.path("backup.tar"));
    deployment.direct(&["backup", "create", &file]).await.exited(6).complained(&["does not exist yet"]);
    let daemon = deployment.sync_and_start().await;
    let made = deployment.direct(&["backup", "create", &file, "-o", "json"]).await.exited(0).json();
    assert_eq!(fs::metadata(&file).expect("a backup").permissions().mode() & 0o777, 0o600);
    let sum = shell(&deployment, &format!("sha256sum {file}")).await.exited(0);
    assert!(sum.stdout.starts_with(made["sha256"].as_str().expect("a digest")), "{sum}");
    deployment.direct(&["backup", "create", &file]).await.exited(6).complained(&["exists already"]);
    let shown = deployment.baryctl(&["backup", "verify", &file, "-o", "json"]).await.exited(0).json();
    assert_eq!((&shown["counts"]["users"], &shown["keys"]), (&json!(2), &json!(true)));

    // Into a pipe, and from there into a file.
    let config = text(&deployment.path("app/config.toml"));
    let piped = text(&deployment.path("piped.tar"));
    let line = format!("baryctl --direct --config {config} backup create - | cat > {piped}");
    shell(&deployment, &line).await.exited(0).complained(&["wrote -: 2 users"]);
    deployment.baryctl(&["backup", "verify", &piped]).await.exited(0);
    let terminal = format!("script -qec 'baryctl --direct --config {config} backup create -' /dev/null");
    shell(&deployment, &terminal).await.exited(2).said(&["not printed to a terminal"]);

    // The disk is full: a limit on the size of files does the same.
    let full = text(&deployment.path("full.tar"));
    let line = format!("trap '' XFSZ; ulimit -f 64; exec baryctl --direct --config {config} backup create {full}");
    shell(&deployment, &line).await.exited(3);
    assert!(!Path::new(&full).exists());
    let left = |folder: &str| {
        let names = fs::read_dir(deployment.path(folder)).expect("a folder");
        names
            .filter(|entry| entry.as_ref().expect("an entry").file_name().to_string_lossy().contains("unfinished"))
            .count()
    };
    assert_eq!((left(""), left("data")), (0, 0));

    // Under a daemon nothing is restored.
    let restore = ["backup", "restore", &file, "--confirm", "barycenter.db"];
    deployment.direct(&restore).await.exited(7).complained(&["is in use", "stop every barycenterd"]);
    assert_eq!(daemon.stop().await, 0);
    deployment.direct(&["backup", "restore", &file, "--confirm", "other.db"]).await.exited(7);
    deployment.direct(&restore).await.exited(0).said(&["kept ", "barycenter.db.before-restore"]);

    // Damaged, or no backup at all.
    let whole = fs::read(&file).expect("a backup");
    for (what, bytes) in [("cut", &whole[..whole.len() / 2]), ("notes", b"somebody's notes".as_slice())] {
        let damaged = deployment.path(&format!("{what}.tar"));
        fs::write(&damaged, bytes).expect("a file");
        for arguments in [["backup", "verify", &text(&damaged)].as_slice(), &["backup", "restore", &text(&damaged)]] {
            deployment.direct(arguments).await.exited(1).complained(&["is damaged, or is no backup"]);
        }
    }
    deployment.baryctl(&["backup", "verify", "/nowhere.tar"]).await.exited(2);

    // From the future.
    database::execute(
        deployment.database_url(),
        "INSERT INTO seaql_migrations (version, applied_at) VALUES ('9999_from_the_future', 0)",
    )
    .await;
    deployment
        .direct(&["backup", "create", &text(&deployment.path("newer.tar"))])
        .await
        .exited(6)
        .complained(&["9999"]);
}

/// What is printed for PostgreSQL works as it stands: dump, keys, and both back into another database.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_lines_for_postgresql_work_as_they_stand() {
    let mut deployment = Deployment::new(DatabaseKind::Postgresql).await;
    let daemon = deployment.sync_and_start().await;
    let client = Client::register(&deployment, "webshop").await;
    let before = tokens(&client).await;
    let told = deployment.direct(&["backup", "create", "backup.tar"]).await.exited(2);
    let url = url::Url::parse(deployment.database_url()).expect("a URL");
    let password = url.password().expect("a password").to_owned();
    assert!(!format!("{told}").contains(&password), "{told}");
    let line = |start: &str| {
        let found = told.stderr.lines().find_map(|line| Some(&line[line.find(start)?..]));
        found.unwrap_or_else(|| panic!("no {start} in {told}")).to_owned()
    };
    deployment.set_variable("PGPASSWORD", &password);
    let config = text(&deployment.path("app/config.toml"));
    deployment.set_variable("BARYCENTER_CONFIG", &config);
    shell(&deployment, &line("pg_dump")).await.exited(0);
    shell(&deployment, &line("baryctl backup create --keys-only")).await.exited(0).said(&["the root key, no database"]);
    assert_eq!(daemon.stop().await, 0);

    // Somebody loses everything but the two files.
    let (old, name) = (deployment.database_url().to_owned(), url.path().trim_start_matches('/').to_owned());
    let mut server = url.clone();
    server.set_path("postgres");
    database::execute(server.as_str(), &format!("ALTER DATABASE {name} RENAME TO {name}_lost")).await;
    database::execute(server.as_str(), &format!("CREATE DATABASE {name}")).await;
    for file in ["data/private_key.pem", "data/jwks.json"] {
        fs::remove_file(deployment.path(file)).expect("it was there");
    }
    let restore = line("pg_restore");
    let (restore, keys) = restore.split_once(", and ").expect("two commands");
    shell(&deployment, restore).await.exited(0);
    shell(&deployment, &format!("{keys} --confirm private_key.pem")).await.exited(0);
    assert_eq!(deployment.database_url(), old);
    let _daemon = deployment.start().await;
    let access_token = before["access_token"].as_str().expect("an access token");
    assert_eq!(client.userinfo(access_token).await.status(), 200);
    deployment.direct(&["doctor", "--only", "database,keys"]).await.exited(0);
}
