//! Journeys across both programs, every one on SQLite and on PostgreSQL.
//!
//! A journey proves that the parts are wired together; the rules themselves are tested where they are written.
//! The programs run as processes, on ports of their own, and see only the environment that a test gives them.
#![expect(clippy::expect_used, clippy::indexing_slicing, reason = "a test that cannot go on says why and ends")]

/// Makes two tests of each function: one on SQLite, one on PostgreSQL.
macro_rules! on_both_databases {
    ($($name:ident),+ $(,)?) => {$(
        mod $name {
            use barycenter_e2e::DatabaseKind;

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn on_sqlite() {
                super::$name(DatabaseKind::Sqlite).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn on_postgresql() {
                super::$name(DatabaseKind::Postgresql).await;
            }
        }
    )+};
}

mod admin;
mod back_channel;
mod backup;
mod desired_state;
mod dropped;
mod front_channel;
mod guide;
mod interruption;
mod jobs;
mod key_interruption;
mod keys;
mod login;
mod logout;
mod monitoring;
mod output;
mod protocol;
mod redemption;
mod registration;
mod relying_party;
mod secrets;
mod startup;
mod sync;
mod upkeep;
mod users_file;
