//! What the store and the reconciler promise, each case on SQLite and on PostgreSQL.
//!
//! PostgreSQL is where `BARYCENTER_TEST_POSTGRES_URL` says; `tests/with-postgres.sh cargo test` starts one.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "what fails here fails the test")]

mod authorization;
mod back_channel;
mod backup;
mod clean_up;
mod doctor;
mod front_channel;
mod issuance;
mod job;
mod key_life;
mod keyring;
mod lease;
mod managed;
mod migration;
mod reconcile;
mod replica;
mod runtime_setting;
mod schema;
mod support;
mod user;
