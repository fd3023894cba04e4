//! Backups: whole or not there, verified to the last byte, brought back as a whole; and what stands in the way.

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};

use barycenter_core::backup::{BackupError, Contents, create, restore, verify};
use barycenter_core::config::{Config, Keys};
use barycenter_core::keyring::Keyring;
use barycenter_core::model::SigningAlgorithm;
use barycenter_core::store::Store;
use tempfile::TempDir;

use crate::support::{NOW, on_both, user};

/// An SQLite deployment in a folder of its own.
struct Deployment {
    folder: TempDir,
    config: Config,
}

impl Deployment {
    fn new() -> Self {
        let folder = TempDir::new().unwrap();
        let mut config = Config::default();
        config.database.url =
            format!("sqlite://{}?mode=rwc", folder.path().join("barycenter.db").display()).parse().unwrap();
        config.keys = Keys {
            jwks_path: folder.path().join("jwks.json"),
            private_key_path: folder.path().join("private_key.pem"),
            alg: SigningAlgorithm::Es256,
            ..Keys::default()
        };
        Self { folder, config }
    }

    /// Opens it as a daemon does.
    async fn open(&self) -> Store {
        let store = Store::connect(&self.config.database).await.unwrap();
        store.migrate().await.unwrap();
        Keyring::open(&self.config.keys, &store, NOW).await.unwrap();
        store
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    async fn names(&self) -> Vec<String> {
        let store = Store::connect(&self.config.database).await.unwrap();
        let users = store.users().page(100, None, None).await.unwrap();
        store.close().await.unwrap();
        users.into_iter().map(|user| user.username.to_string()).collect()
    }

    async fn back_up(&self, contents: Contents, name: &str) -> Result<PathBuf, BackupError> {
        let store = Store::connect(&self.config.database).await.unwrap();
        let made = create(&store, &self.config.keys, contents, self.folder.path(), NOW).await;
        store.close().await.unwrap();
        made?.save(&self.path(name))?;
        Ok(self.path(name))
    }
}

fn unfinished(folder: &Path) -> Vec<String> {
    let names = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    names.filter(|name| name.contains("unfinished") || name.contains("restoring") || name.contains("journal")).collect()
}

#[tokio::test]
async fn a_backup_is_made_while_the_database_is_open_and_brought_back() {
    let one = Deployment::new();
    let store = one.open().await;
    store.users().insert(&user("alice")).await.unwrap();
    let made = create(&store, &one.config.keys, Contents::Everything, one.folder.path(), NOW).await.unwrap();
    // What comes afterwards is not in it.
    store.users().insert(&user("bob")).await.unwrap();
    let backup = one.path("backup.tar");
    made.save(&backup).unwrap();
    store.close().await.unwrap();
    assert_eq!(fs::metadata(&backup).unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(unfinished(one.folder.path()), [""; 0]);

    let scratch = TempDir::new().unwrap();
    let verified = verify(&backup, scratch.path()).await.unwrap();
    assert_eq!((verified.manifest.counts.users, verified.manifest.counts.keys), (1, 1));
    assert!(verified.manifest.has_keys());
    drop(verified);
    assert_eq!(fs::read_dir(scratch.path()).unwrap().count(), 0);

    let other = Deployment::new();
    let restored = restore(verify(&backup, other.folder.path()).await.unwrap(), &other.config).await.unwrap();
    assert_eq!(restored.kept, [""; 0].map(PathBuf::from));
    assert_eq!(other.names().await, ["alice"]);
    for (name, mode) in [("barycenter.db", 0o600), ("private_key.pem", 0o600), ("jwks.json", 0o644)] {
        assert_eq!(fs::metadata(other.path(name)).unwrap().permissions().mode() & 0o777, mode, "{name}");
    }
    let read = |deployment: &Deployment, name: &str| fs::read(deployment.path(name)).unwrap();
    assert_eq!(read(&one, "private_key.pem"), read(&other, "private_key.pem"));
    assert_eq!(read(&one, "jwks.json"), read(&other, "jwks.json"));
    // The restored keyring opens.
    other.open().await.close().await.unwrap();
    assert_eq!(unfinished(other.folder.path()), [""; 0]);
}

#[tokio::test]
async fn what_was_there_is_kept_and_can_be_opened() {
    let one = Deployment::new();
    one.open().await.close().await.unwrap();
    let backup = one.back_up(Contents::Everything, "backup.tar").await.unwrap();
    let store = one.open().await;
    store.users().insert(&user("bob")).await.unwrap();
    store.close().await.unwrap();
    for number in ["", "-2"] {
        let restored = restore(verify(&backup, one.folder.path()).await.unwrap(), &one.config).await.unwrap();
        // Keys that are the same are left where they are.
        assert_eq!(restored.kept, [one.path(&format!("barycenter.db.before-restore{number}"))]);
    }
    assert_eq!(one.names().await, [""; 0]);
    let mut old = Deployment::new();
    old.config.database.url =
        format!("sqlite://{}", one.path("barycenter.db.before-restore").display()).parse().unwrap();
    assert_eq!(old.names().await, ["bob"]);
}

#[tokio::test]
async fn nobody_restores_under_a_process_that_has_the_database_open() {
    let one = Deployment::new();
    let store = one.open().await;
    let backup = one.back_up(Contents::Everything, "backup.tar").await.unwrap();
    let error = restore(verify(&backup, one.folder.path()).await.unwrap(), &one.config).await.unwrap_err();
    assert!(matches!(&error, BackupError::InUse { who, .. } if who.contains("barycenterd")), "{error}");
    store.close().await.unwrap();

    // A program that knows nothing of our lock, and does nothing with its connection.
    let other = sea_orm::Database::connect(format!("sqlite://{}", one.path("barycenter.db").display())).await.unwrap();
    sea_orm::ConnectionTrait::execute_unprepared(&other, "SELECT count(*) FROM users").await.unwrap();
    let error = restore(verify(&backup, one.folder.path()).await.unwrap(), &one.config).await.unwrap_err();
    assert!(matches!(&error, BackupError::InUse { who, .. } if who.contains("another program")), "{error}");
    other.close().await.unwrap();
    restore(verify(&backup, one.folder.path()).await.unwrap(), &one.config).await.unwrap();
}

/// A copy that was cut off, or in which one byte is another, is never taken for a backup.
#[tokio::test]
async fn every_damage_is_found() {
    let one = Deployment::new();
    one.open().await.close().await.unwrap();
    let backup = one.back_up(Contents::Everything, "backup.tar").await.unwrap();
    let whole = fs::read(&backup).unwrap();
    let scratch = TempDir::new().unwrap();
    let damaged = one.path("damaged.tar");
    let is_found = async |bytes: &[u8], what: &str| {
        fs::write(&damaged, bytes).unwrap();
        let error = verify(&damaged, scratch.path()).await.err();
        assert!(matches!(error, Some(BackupError::Damaged { .. })), "{what}: {error:?}");
    };
    // The last blocks of a tar are empty: what counts ends with the seal.
    let end = whole.windows(15).rposition(|window| window == b"manifest.sha256").unwrap() + 512 + 64;
    for length in [0, 1, 511, 512, 1000, 2048, end / 3, end / 2, end - 1024, end - 1] {
        is_found(&whole[..length], &format!("cut off at {length}")).await;
    }
    let mut position = 7;
    while position < end {
        let mut bytes = whole.clone();
        bytes[position] ^= 0x20;
        fs::write(&damaged, &bytes).unwrap();
        if let Ok(verified) = verify(&damaged, scratch.path()).await {
            // What stands between the members is nobody's.
            assert_eq!(whole[position], 0, "byte {position} is another and nobody notices");
            drop(verified);
        }
        position += 4099;
    }
    is_found(b"these are somebody's notes, and no backup at all", "notes").await;
    is_found(&[&whole[..end.next_multiple_of(512)], &whole[..]].concat(), "two in one").await;
}

#[tokio::test]
async fn keys_and_database_must_belong_together() {
    let (one, other) = (Deployment::new(), Deployment::new());
    one.open().await.close().await.unwrap();
    other.open().await.close().await.unwrap();
    let database = one.back_up(Contents::Database, "database.tar").await.unwrap();
    let keys = one.back_up(Contents::Keys, "keys.tar").await.unwrap();
    for backup in [&database, &keys] {
        let error = restore(verify(backup, other.folder.path()).await.unwrap(), &other.config).await.unwrap_err();
        assert!(matches!(error, BackupError::OtherRoot(_)), "{error}");
        restore(verify(backup, one.folder.path()).await.unwrap(), &one.config).await.unwrap();
    }
    // A root key that is not its keyring's is no backup worth having.
    fs::copy(other.path("private_key.pem"), one.path("private_key.pem")).unwrap();
    let error = one.back_up(Contents::Everything, "backup.tar").await.unwrap_err();
    assert!(matches!(error, BackupError::OtherRoot(_)), "{error}");
    fs::remove_file(one.path("private_key.pem")).unwrap();
    let error = one.back_up(Contents::Everything, "backup.tar").await.unwrap_err();
    assert!(matches!(error, BackupError::NoRootKey(_)), "{error}");
    assert!(!one.path("backup.tar").exists());
}

#[tokio::test]
async fn a_backup_replaces_nothing_and_follows_no_link() {
    let one = Deployment::new();
    one.open().await.close().await.unwrap();
    fs::write(one.path("there.tar"), "somebody's").unwrap();
    symlink(one.path("elsewhere"), one.path("link.tar")).unwrap();
    for name in ["there.tar", "link.tar"] {
        let error = one.back_up(Contents::Everything, name).await.unwrap_err();
        assert!(matches!(error, BackupError::Exists(_)), "{error}");
    }
    assert_eq!(fs::read_to_string(one.path("there.tar")).unwrap(), "somebody's");
    assert!(!one.path("elsewhere").exists());
    assert_eq!(unfinished(one.folder.path()), [""; 0]);
}

#[tokio::test]
async fn a_database_that_is_broken_is_replaced_and_kept() {
    let one = Deployment::new();
    let store = one.open().await;
    store.users().insert(&user("alice")).await.unwrap();
    store.close().await.unwrap();
    let backup = one.back_up(Contents::Everything, "backup.tar").await.unwrap();
    fs::write(one.path("barycenter.db"), "not a database any more, whatever it was ".repeat(200)).unwrap();
    restore(verify(&backup, one.folder.path()).await.unwrap(), &one.config).await.unwrap();
    assert_eq!(one.names().await, ["alice"]);
    assert!(fs::read_to_string(one.path("barycenter.db.before-restore")).unwrap().starts_with("not a database"));
}

#[tokio::test]
async fn only_the_keys_of_a_postgresql_deployment_are_ours_to_save() {
    on_both(|place, store| async move {
        let mut config = Config { database: place.settings.clone(), ..Config::default() };
        config.keys.jwks_path = place.folder.path().join("jwks.json");
        config.keys.private_key_path = place.folder.path().join("private_key.pem");
        config.keys.alg = SigningAlgorithm::Es256;
        Keyring::open(&config.keys, &store, NOW).await.unwrap();
        let folder = place.folder.path();
        if store.backend() == "postgres" {
            let error = create(&store, &config.keys, Contents::Everything, folder, NOW).await.unwrap_err();
            assert!(matches!(error, BackupError::NotSqlite), "{error}");
        }
        let keys = folder.join("keys.tar");
        create(&store, &config.keys, Contents::Keys, folder, NOW).await.unwrap().save(&keys).unwrap();
        store.close().await.unwrap();
        fs::remove_file(&config.keys.private_key_path).unwrap();
        restore(verify(&keys, folder).await.unwrap(), &config).await.unwrap();
        let store = place.connect().await;
        Keyring::open(&config.keys, &store, NOW).await.unwrap();
        // Keys that the database does not want are refused.
        let other = Deployment::new();
        other.open().await.close().await.unwrap();
        let others = other.back_up(Contents::Keys, "keys.tar").await.unwrap();
        store.close().await.unwrap();
        let error = restore(verify(&others, folder).await.unwrap(), &config).await.unwrap_err();
        assert!(matches!(error, BackupError::OtherRoot(_)), "{error}");
    })
    .await;
}
