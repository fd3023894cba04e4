//! A new database for each case, on both kinds.

use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use barycenter_core::config::{Database, Passwords};
use barycenter_core::model::{Client, ClientAuthenticationMethod, ClientId, GrantType, Timestamp, User, Username};
use barycenter_core::store::Store;
use tempfile::TempDir;

/// The time at which every case begins.
pub(crate) const NOW: Timestamp = Timestamp::from_unix(1_795_431_600);

/// A database of its own, gone with the test run.
pub(crate) struct Place {
    pub(crate) folder: Arc<TempDir>,
    pub(crate) settings: Database,
}

impl Place {
    pub(crate) async fn connect(&self) -> Store {
        Store::connect(&self.settings).await.expect("the database opens")
    }
}

fn settings(url: &str) -> Database {
    Database { url: url.parse().expect("the URL is sound"), ..Database::default() }
}

fn sqlite() -> Place {
    let folder = TempDir::new().expect("a temporary folder");
    let url = format!("sqlite://{}/barycenter.db?mode=rwc", folder.path().display());
    Place { settings: settings(&url), folder: Arc::new(folder) }
}

#[expect(clippy::disallowed_methods, reason = "where the test database is, only the environment knows")]
async fn postgres() -> Place {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let admin = std::env::var("BARYCENTER_TEST_POSTGRES_URL")
        .expect("BARYCENTER_TEST_POSTGRES_URL is set: run the tests by `make test` or `tests/with-postgres.sh cargo test --workspace`");
    let name = format!("store_{}_{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
    let connection = sea_orm::Database::connect(&admin).await.expect("PostgreSQL answers");
    sea_orm::ConnectionTrait::execute_unprepared(&connection, &format!("CREATE DATABASE {name}"))
        .await
        .expect("a new database");
    let (server, _) = admin.rsplit_once('/').expect("the URL names a database");
    Place {
        settings: settings(&format!("{server}/{name}")),
        folder: Arc::new(TempDir::new().expect("a temporary folder")),
    }
}

/// Runs a case on a new, empty database of each kind.
pub(crate) async fn on_empty<F: Future<Output = ()>>(case: impl Fn(Place) -> F) {
    case(sqlite()).await;
    case(postgres().await).await;
}

/// Runs a case on a new, migrated database of each kind.
pub(crate) async fn on_both<F: Future<Output = ()>>(case: impl Fn(Place, Store) -> F) {
    for place in [sqlite(), postgres().await] {
        let store = place.connect().await;
        store.migrate().await.expect("the schema is made");
        // The folder outlives the case, whatever that does with its place.
        let folder = Arc::clone(&place.folder);
        case(place, store).await;
        drop(folder);
    }
}

/// Argon2 as cheap as it gets: these tests are not about its strength.
pub(crate) fn cheap_passwords() -> Passwords {
    Passwords { memory_kib: 64, iterations: 1, ..Passwords::default() }
}

pub(crate) fn user(name: &str) -> User {
    User::new(Username::parse(name).expect("a sound name"), NOW)
}

pub(crate) fn client(id: &str) -> Client {
    Client {
        authentication_method: ClientAuthenticationMethod::None,
        redirect_uris: vec!["https://rp.example/cb".to_owned()],
        grant_types: vec![GrantType::AuthorizationCode],
        ..Client::new(ClientId::new(id), id, NOW)
    }
}
