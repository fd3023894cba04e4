//! A whole deployment for a test: a database and keys in a folder that is gone when the test is.
//!
//! The clock stands still until a test moves it, and hashing is as cheap as Argon2 permits.

use std::sync::Arc;

use barycenter_core::clock::{Clock, FixedClock};
use barycenter_core::config::Config;
use barycenter_core::model::{SigningAlgorithm, Timestamp};
use tempfile::TempDir;

use crate::app::App;

/// When tests take place: 2026-11-23T11:00:00Z.
pub(crate) const NOW: Timestamp = Timestamp::from_unix(1_795_431_600);

/// Returns a deployment at [`NOW`] with the default settings.
pub(crate) async fn test_app() -> (Arc<App>, TempDir) {
    let (app, folder, _clock) = test_app_with(|_| ()).await;
    (app, folder)
}

/// Returns a deployment whose settings a test has changed, and its clock.
pub(crate) async fn test_app_with(change: impl FnOnce(&mut Config)) -> (Arc<App>, TempDir, Arc<FixedClock>) {
    let folder = tempfile::tempdir().unwrap();
    let mut config = test_config(&folder);
    change(&mut config);
    let clock = Arc::new(FixedClock::at(NOW));
    let app = App::open(config, Arc::clone(&clock) as Arc<dyn Clock>).await.unwrap();
    (Arc::new(app), folder, clock)
}

fn test_config(folder: &TempDir) -> Config {
    let mut config = Config::default();
    config.database.url =
        format!("sqlite://{}?mode=rwc", folder.path().join("barycenter.db").display()).parse().unwrap();
    config.keys.jwks_path = folder.path().join("jwks.json");
    config.keys.private_key_path = folder.path().join("private_key.pem");
    // An RSA key takes a while to make.
    config.keys.alg = SigningAlgorithm::Es256;
    config.passwords.memory_kib = 64;
    config.passwords.iterations = 1;
    config
}
