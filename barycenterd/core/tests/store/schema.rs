//! Opening and migrating.

use std::os::unix::fs::PermissionsExt as _;

use barycenter_core::config::Database;
use barycenter_core::store::{Goal, SchemaStatus, Store, StoreError};

use crate::support::{on_both, on_empty};

#[tokio::test]
async fn many_processes_may_migrate_at_once() {
    on_empty(|place| async move {
        // Each with its own connections, as separate processes have.
        let mut tasks = tokio::task::JoinSet::new();
        for _ in 0..8 {
            let settings = place.settings.clone();
            tasks.spawn(async move {
                let store = Store::connect(&settings).await.expect("opens");
                store.migrate().await.expect("migrates").len()
            });
        }
        let steps: usize = tasks.join_all().await.into_iter().sum();
        let status = place.connect().await.schema_status().await.unwrap();
        assert_eq!(status.version(), SchemaStatus::newest());
        assert_eq!(steps, status.applied.len(), "each step is taken once");
        status.require_current().unwrap();
    })
    .await;
}

#[tokio::test]
async fn a_schema_goes_as_far_as_it_is_told_and_never_back() {
    on_empty(|place| async move {
        let store = place.connect().await;
        let names = async |goal| -> Result<Vec<String>, StoreError> {
            Ok(store.migrate_steps(goal).await?.into_iter().map(|taken| taken.step).collect())
        };
        assert_eq!(names(Goal::Step(2)).await.unwrap(), ["0001_initial", "0002_desired_state"]);
        assert_eq!(store.schema_status().await.unwrap().version(), "0002");
        assert!(names(Goal::Step(2)).await.unwrap().is_empty(), "it is there");
        let error = names(Goal::Step(1)).await.unwrap_err();
        assert!(
            matches!(&error, StoreError::BehindSchema { found, asked } if found == "0002" && asked == "0001"),
            "{error}"
        );
        let error = names(Goal::Step(999)).await.unwrap_err();
        assert!(matches!(&error, StoreError::UnknownStep { asked: 999, known } if known.starts_with("0001, 0002, ")));
        let rest = store.schema_status().await.unwrap().pending;
        assert_eq!(names(Goal::Newest).await.unwrap(), rest);
        store.schema_status().await.unwrap().require_current().unwrap();
    })
    .await;
}

#[tokio::test]
async fn an_empty_database_is_older() {
    on_empty(|place| async move {
        let status = place.connect().await.schema_status().await.unwrap();
        assert_eq!(status.version(), "none");
        let error = status.require_current().unwrap_err().to_string();
        assert!(error.contains("baryctl db migrate"), "{error}");
    })
    .await;
}

#[tokio::test]
async fn a_newer_database_is_refused_with_both_versions() {
    on_both(|place, store| async move {
        drop(store);
        let url = place.settings.url.expose();
        let connection = sea_orm::Database::connect(url).await.unwrap();
        let statement = "INSERT INTO seaql_migrations (version, applied_at) VALUES ('9999_future', 1)";
        sea_orm::ConnectionTrait::execute_unprepared(&connection, statement).await.unwrap();
        let store = place.connect().await;
        let error = store.migrate().await.unwrap_err();
        assert!(matches!(&error, StoreError::NewerSchema { found, known } if found == "9999" && *known == SchemaStatus::newest()), "{error}");
        assert!(store.schema_status().await.unwrap().require_current().is_err());
    })
    .await;
}

#[tokio::test]
async fn the_sqlite_file_is_for_its_owner_only() {
    let folder = tempfile::TempDir::new().unwrap();
    let path = folder.path().join("b.db");
    let settings =
        Database { url: format!("sqlite://{}?mode=rwc", path.display()).parse().unwrap(), ..Database::default() };
    let store = Store::connect(&settings).await.unwrap();
    store.migrate().await.unwrap();
    for name in ["b.db", "b.db-wal", "b.db-shm"] {
        let mode = std::fs::metadata(folder.path().join(name)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{name}");
    }
}

#[tokio::test]
async fn what_is_wrong_with_the_place_is_named() {
    let folder = tempfile::TempDir::new().unwrap();
    let open = async |url: String| {
        let settings = Database { url: url.parse().unwrap(), ..Database::default() };
        Store::connect(&settings).await.map(drop).unwrap_err().to_string()
    };
    let base = folder.path().display();
    let missing = open(format!("sqlite://{base}/nowhere/b.db?mode=rwc")).await;
    assert!(missing.contains(&format!("the folder {base}/nowhere of the database file")), "{missing}");
    let absent = open(format!("sqlite://{base}/b.db")).await;
    assert!(absent.contains("does not exist") && absent.contains("mode=rwc"), "{absent}");
    let directory = open(format!("sqlite://{base}?mode=rwc")).await;
    assert!(directory.contains("is a folder"), "{directory}");
    std::fs::write(folder.path().join("junk.db"), "this is no database, whatever its name says".repeat(100)).unwrap();
    let junk = open(format!("sqlite://{base}/junk.db")).await;
    assert!(junk.contains("junk.db") && junk.contains("not a database"), "{junk}");
}

#[tokio::test]
async fn no_error_shows_the_password_of_the_url() {
    let settings =
        Database { url: "postgresql://barycenter:canary-secret@127.0.0.1:1/b".parse().unwrap(), ..Database::default() };
    let error = Store::connect(&settings).await.map(drop).unwrap_err();
    assert!(error.is_unavailable());
    assert!(!format!("{error} {error:?}").contains("canary"), "{error:?}");
}
